"""Anybody's table as a task: columns named or guessed, every row checked, nothing dropped in silence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from tldr_bench.data import NumberedRow, Row
from tldr_bench.errors import DataError, Report, UsageError, shown
from tldr_bench.kinds import KindName
from tldr_bench.make_task.draft import WHOLE, Account, Draft
from tldr_bench.make_task.guess import Columns, decide
from tldr_bench.make_task.sentences import (
    SPLITTERS,
    Splitter,
    all_splits,
    fitting,
    marked_sentence,
    split,
)
from tldr_bench.make_task.tables import Table
from tldr_bench.rows import is_labels

PYTHON_LIST = re.compile(r"\[\s*'.*'\s*\]\s*$", re.DOTALL)
"""A list as Python prints it, which spreadsheets of data sets hold by mistake."""

JOINED = "sources as one text with a label per sentence"
WITH_LABELS = (
    "sources: one text each; --sentences blingfire splits those in which as many sentences are found "
    "as there are labels"
)

PROBLEMS = 1000
"""How many problems are gathered before reading stops."""


@dataclass(frozen=True)
class Wishes:
    """What the user asked for beside the columns."""

    kind: KindName | None = None
    skip_bad: bool = False
    """Leave rows with problems out, and say so, instead of refusing the file."""
    sentences: Splitter | None = None
    """Split sources that are one text with this library."""
    oracle_text: bool = False
    """Make the marked sentence the target."""


def read_columns(table: Table, asked: Columns, wishes: Wishes) -> tuple[Draft, dict[str, str]]:
    """A draft of the table's task, and the columns that were guessed, by role."""
    kind, columns, guessed = decide(
        table.where, table.columns, asked, wishes.kind, oracle_text=wishes.oracle_text
    )
    rows = table.rows
    if wishes.oracle_text and "target" in guessed:
        first = next(rows)
        rows = chain([first], rows)
        if isinstance(first[1].get(columns.source or ""), list):
            # Sentences and labels say which text is marked: nothing would be read of this column.
            columns = replace(columns, target=None)
            del guessed["target"]
    if kind == "ranking" and wishes.sentences:
        raise UsageError("--sentences: a ranking task has no sentences")
    account = Account()
    if columns.id is None:
        account.notes.append("ids: the rows' numbers, from 1 (no column of ids)")
    reader = _Reader(table.where, kind, columns, wishes, account)
    draft = Draft(
        kind,
        reader.rows(rows),
        account,
        table.origin,
        _description(kind, columns, wishes),
        references=columns.target is not None,
    )
    return draft, guessed


def _description(kind: KindName, columns: Columns, wishes: Wishes) -> str:
    if wishes.oracle_text:
        return f"From '{columns.source}' to the text of the sentence that '{columns.labels}' marks."
    if kind == "ranking":
        return f"For every '{columns.query}', find its '{columns.document}' among all."
    if kind == "labels":
        return f"Which sentences of '{columns.source}' does '{columns.labels}' mark?"
    return f"From '{columns.source}' to '{columns.target}'."


@dataclass
class _Reader:
    where: str
    kind: KindName
    columns: Columns
    wishes: Wishes
    account: Account
    report: Report = field(default_factory=lambda: Report(PROBLEMS))
    has_sentences: bool = False
    """Whether a source taken is a list of sentences."""
    seen: dict[int, int] = field(default_factory=dict)
    """Hash of an id -> its line: a few bytes a row, however long the ids."""

    def rows(self, numbered: Iterator[NumberedRow]) -> Iterator[Row]:
        """Rows of the task; raises DataError at the end with every problem."""
        for line, row in numbered:
            before = len(self.report.problems)
            made = self._row(line, row)
            problems = self.report.problems[before:]
            if problems and self.wishes.skip_bad:
                self.account.leave_out(f"line {line}", problems[0].message.split(", got ")[0])
                del self.report.problems[before:]
            elif made and not self.report:
                self.account.count("rows taken")
                self.has_sentences |= any(isinstance(one.get("source"), list) for one in made)
                yield from made
            if self.report.omitted:
                break
        self.report.raise_as(DataError)
        if self.account.found.get("rows taken") and not self.has_sentences:
            self._note_whole()

    def _note_whole(self) -> None:
        """Say that no source is a list of sentences, unless labels tell that each is a sentence."""
        if self.wishes.sentences or self.kind == "ranking":
            return
        if JOINED in self.account.found:
            self.account.notes.append(WITH_LABELS)
        elif not self.columns.labels:
            self.account.notes.append(WHOLE)

    def _row(self, line: int, row: Row) -> list[Row]:
        example_id = self._id(line, row)
        title = row.get(self.columns.title or "")
        head: Row = {"id": example_id}
        if isinstance(title, str) and title.strip():
            head["title"] = title
        if self.kind == "ranking":
            return self._ranking(line, row, head)
        body = self._paper(line, row)
        if self.wishes.oracle_text and len(self.report.problems) == 0:
            return self._with_oracle_text(line, head, body)
        return [head | body]

    def _id(self, line: int, row: Row) -> str:
        value = line_id = row.get(self.columns.id) if self.columns.id else line
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self._bad(line, self.columns.id, "expected an id", line_id)
            return ""
        key = int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big")
        first = self.seen.setdefault(key, line)
        if first != line:
            message = f"id {shown(value)} is on line {first} already"
            self.report.add(self.where, message, line, self.columns.id)
        return value

    def _paper(self, line: int, row: Row) -> Row:
        body: Row = {"source": self._texts(line, row, self.columns.source)}
        if self.columns.target:
            body["targets"] = self._targets(line, row)
        if self.columns.labels:
            body["labels"] = self._labels(line, row)
        source = body["source"]
        if len(source) == 1 and "labels" in body and len(body["labels"]) > 1:
            body["source"] = self._fitted(body)
        elif len(source) == 1 and self.wishes.sentences:
            body["source"] = split(source[0], self.wishes.sentences)
        if len(body["source"]) == 1:
            body["source"] = body["source"][0]
        return body

    def _fitted(self, body: Row) -> list[str]:
        """The source of joined text in sentences, if a splitter finds as many as there are labels."""
        if not self.wishes.sentences:
            self.account.count(JOINED)
            return list(body["source"])
        splits = all_splits(body["source"][0])
        found = fitting(splits, body["labels"], next(iter(body.get("targets", ())), None))
        word = "as many sentences as labels" if found else "another number of sentences than labels"
        self.account.count(f"sources split into {word}")
        return found or list(body["source"])

    def _with_oracle_text(self, line: int, head: Row, body: Row) -> list[Row]:
        """The summary row whose target is the marked sentence, if it is known which text that is."""
        labels, source = body.get("labels", []), body["source"]
        reference = next(iter(body.get("targets", ())), "")
        if isinstance(source, list):
            marked = " ".join(text for text, label in zip(source, labels, strict=False) if label)
        else:
            marked = marked_sentence(all_splits(source), labels, reference) or ""
        if not marked.strip():
            why = f"fewer than two of {', '.join(SPLITTERS)} agree on the marked sentence"
            if isinstance(source, str) and not reference:
                why = "of one text only --target COLUMN tells which sentence is marked"
            self.account.leave_out(f"line {line}", why)
            return []
        return [head | {"source": source, "targets": [marked]}]

    def _ranking(self, line: int, row: Row, head: Row) -> list[Row]:
        """A query with its document; with several, a row for each of them besides."""
        documents = self._texts(line, row, self.columns.document)
        query = {"query": " ".join(self._texts(line, row, self.columns.query))}
        if len(documents) == 1:
            return [head | query | {"document": documents[0]}]
        names = [f"{head['id']}.{number}" for number in range(1, len(documents) + 1)]
        answers = [
            {"document_id": name, "document": text}
            for name, text in zip(names, documents, strict=True)
        ]
        self.account.count("rows with several documents")
        return [head | query | {"relevant": names}, *answers]

    def _texts(self, line: int, row: Row, column: str | None) -> list[str]:
        value = row.get(column or "")
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self._bad(line, column, "expected a text or a list of texts", value)
            return []
        if not any(text.strip() for text in texts):
            self._bad(line, column, "expected some text", value)
        if isinstance(value, str) and PYTHON_LIST.match(value):
            self._bad(line, column, "expected a text, or a list as JSON writes it", value)
        return texts

    def _targets(self, line: int, row: Row) -> list[str]:
        texts = self._texts(line, row, self.columns.target)
        kept = [text for text in texts if text.strip()]
        if kept and len(kept) < len(texts):
            self.account.count("empty targets dropped beside others", len(texts) - len(kept))
        return kept

    def _labels(self, line: int, row: Row) -> list[int]:
        column = self.columns.labels or ""
        labels = _plain_labels(row.get(column))
        if not is_labels(labels):
            self._bad(line, column, "expected a list of 0 and 1", row.get(column))
            return []
        source = row.get(self.columns.source or "")
        if isinstance(source, list) and len(source) != len(labels):
            self._bad(line, column, f"expected {len(source)} labels, one per sentence", len(labels))
        if not any(labels):
            self.account.count("rows without a positive label (nothing chosen is right there)")
        return labels

    def _bad(self, line: int, column: str | None, expected: str, value: Any) -> None:
        self.report.add(self.where, f"{expected}, got {shown(value)}", line, column)


def _plain_labels(value: Any) -> Any:
    """Labels as data sets write them: booleans, floats that are whole, `0 1 0` in a table's cell."""
    if isinstance(value, str):
        cells = value.replace(",", " ").split()
        plain = cells and all(cell in {"0", "1"} for cell in cells)  # an empty cell says nothing
        return [int(cell) for cell in cells] if plain else value
    if not isinstance(value, list):
        return value
    whole = all(isinstance(item, int | float) and float(item).is_integer() for item in value)
    return [int(item) for item in value] if whole else value
