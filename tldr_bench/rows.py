"""Rows to examples: what each column of a task's data must hold, and every row where it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from tldr_bench.data import Row
from tldr_bench.errors import Report, shown, unknown
from tldr_bench.kinds import KindName, Labels, References, Relevance
from tldr_bench.records import Record


class Fields(Record):
    """The `fields:` part of task.yaml: which column holds what."""

    id: str = "id"
    source: str = "source"
    targets: str = "targets"
    """A text or a list of texts; an empty one among several is no reference."""
    labels: str = "labels"
    title: str = "title"
    query: str = "query"
    document: str = "document"
    document_id: str = "document_id"
    relevant: str = "relevant"


@dataclass(frozen=True, slots=True)
class Example:
    """One paper (or query) of a task, whatever its kind."""

    id: str
    source: tuple[str, ...]
    """The sentences of the paper; one string where they are not given; the query of a ranking."""
    target: References | Labels | Relevance
    """By kind: reference summaries, labels of the sentences, or relevant documents."""
    title: str = ""
    labels: Labels = ()
    """The oracle's labels, where the data has them, whatever the kind."""
    references: References = ()
    """The summaries that people wrote, where the target is something else (labels)."""
    group: str = ""
    """What it has in common with other examples, which succeed and fail together; "" if it stands alone."""


class RowReader:
    """Turns rows into examples and notes every problem."""

    def __init__(
        self, where: str, kind: KindName, fields: Fields, group: str | None = None
    ) -> None:
        """`group` is the column whose equal values make examples belong together, if there is one."""
        self.where = where
        self.kind = kind
        self.fields = fields
        self.group = group
        self.report = Report()
        self.documents: dict[str, str] = {}
        self._lines: dict[str, int] = {}

    def example(self, line: int, row: Row) -> Example | None:
        names = self.fields
        if self._is_document(row):
            self._add_document(line, row, self._document_id(row))
            return None
        example_id = self._id(line, row)
        if example_id is None:
            return None
        title = row.get(names.title)
        return Example(
            example_id,
            self._texts(line, row, names.query if self.kind == "ranking" else names.source),
            self._target(line, row, example_id),
            title if isinstance(title, str) else "",
            self._optional_labels(line, row),
            self._references(line, row),
            str(row[self.group]) if self.group else "",
        )

    def _is_document(self, row: Row) -> bool:
        """Whether a row of a ranking task only adds a document that can be found."""
        names = self.fields
        return (
            self.kind == "ranking"
            and row.get(names.query) is None
            and row.get(names.document) is not None
        )

    def _document_id(self, row: Row) -> str:
        """Under its own name or the row's; a number will do, and 0 is one."""
        given = (row.get(name) for name in (self.fields.document_id, self.fields.id))
        return next((str(value) for value in given if value is not None and value != ""), "")

    def _add_document(self, line: int, row: Row, document_id: str) -> None:
        texts = self._texts(line, row, self.fields.document)
        text = texts[0] if texts else ""
        if not document_id:
            self.report.add(self.where, "a document without an id", line)
        elif self.documents.setdefault(document_id, text) != text:
            message = f"document {shown(document_id)} has another text on an earlier line"
            self.report.add(self.where, message, line)

    def check_relevant(self, examples: Iterable[Example]) -> None:
        """Report every relevant document that is not in the pool."""
        for example in examples if self.kind == "ranking" else ():
            for document_id in example.target:
                if document_id not in self.documents:
                    message = (
                        f"document {shown(document_id)} is relevant to {shown(example.id)}, but no "
                        "row holds it"
                    )
                    self.report.add(self.where, message, self._lines[example.id])

    def _id(self, line: int, row: Row) -> str | None:
        name = self.fields.id
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value:
            self._bad(line, name, "expected a non-empty string", row)
            return None
        if value in self._lines:
            self.report.add(
                self.where, f"id {shown(value)} is on line {self._lines[value]} already", line
            )
            return None
        self._lines[value] = line
        return value

    def _target(self, line: int, row: Row, example_id: str) -> References | Labels | Relevance:
        names = self.fields
        if self.kind == "labels":
            return self._labels(line, row)
        if self.kind == "summary":
            return self._targets(line, row)
        if row.get(names.relevant) is not None:
            return self._relevance(line, row)
        document_id = row.get(names.document_id)
        document_id = example_id if document_id is None else str(document_id)
        self._add_document(line, row, document_id)
        return {document_id: 1}

    def _relevance(self, line: int, row: Row) -> Relevance:
        """`["d1", "d2"]`, or `{"d1": 2, "d2": 1}` with gains."""
        value = row[self.fields.relevant]
        gains = dict.fromkeys(map(str, value), 1) if isinstance(value, list) else value
        if not isinstance(gains, dict) or not all(type(gain) is int for gain in gains.values()):
            expected = "expected a list of document ids, or a mapping of ids to whole numbers"
            self._bad(line, self.fields.relevant, expected, row)
            return {}
        relevance = {document_id: gain for document_id, gain in gains.items() if gain > 0}
        if not relevance:
            self._bad(line, self.fields.relevant, "expected a relevant document", row)
        return relevance

    def _texts(self, line: int, row: Row, name: str) -> tuple[str, ...]:
        """A string, or a list of strings, of which one at least holds text."""
        value = row.get(name)
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self._bad(line, name, "expected a text or a list of texts", row)
            return ()
        if not any(text.strip() for text in texts):
            self._bad(line, name, "expected some text", row)
        return tuple(texts)

    def _labels(self, line: int, row: Row) -> Labels:
        name = self.fields.labels
        value = row.get(name)
        if not is_labels(value):
            self._bad(line, name, "expected a list of 0 and 1", row)
            return ()
        source = row.get(self.fields.source)
        if isinstance(source, list) and len(source) != len(value):
            self._bad(line, name, f"expected {len(source)} labels, one per sentence", row)
        return tuple(value)

    def _optional_labels(self, line: int, row: Row) -> Labels:
        if self.kind == "labels" or row.get(self.fields.labels) is None:
            return ()
        return self._labels(line, row)

    def _references(self, line: int, row: Row) -> References:
        """The summaries of a labels task's paper, where its data has them."""
        if self.kind != "labels" or row.get(self.fields.targets) is None:
            return ()
        return self._targets(line, row)

    def _targets(self, line: int, row: Row) -> References:
        """The references: what has no text is none, as in `make-task`."""
        return tuple(filter(str.strip, self._texts(line, row, self.fields.targets)))

    def _bad(self, line: int, name: str, expected: str, row: Row) -> None:
        if name in row:
            self.report.add(self.where, f"{expected}, got {shown(row[name])}", line, name)
        else:
            message = f"{expected}; this row has no such column. {unknown('column', name, row)}"
            self.report.add(self.where, message, line, name)


def is_labels(value: object) -> TypeGuard[list[int]]:
    """Whether this is a list of the integers 0 and 1 (and not of booleans or floats)."""
    return isinstance(value, list) and all(type(item) is int and item in (0, 1) for item in value)
