"""Dumps of a search: `query sentence: …`, then documents between lines of `<<----…>>`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import Row
from tldr_bench.errors import UsageError
from tldr_bench.kinds import KindName
from tldr_bench.make_task.draft import WHOLE, Account, Draft
from tldr_bench.make_task.text_file import Ids, one_line, origin, read_text, wrong
from tldr_bench.words import letters

QUERY = re.compile(r"^query sentence:\s*(.*)$", re.IGNORECASE)
FENCE = re.compile(r"^<<-{3,}>>\s*$")
TITLE = re.compile(r"^title:\s*(.+)$", re.IGNORECASE)
ABSTRACT = re.compile(r"^abstract\W*$", re.IGNORECASE)
INTRODUCTION = re.compile(r"^(\d+\W*)?introduction\W*$", re.IGNORECASE)
HEAD_LINES = 4
"""Lines at the top of a document that its title may take."""


@dataclass(frozen=True)
class Document:
    """A document of a dump."""

    title: str
    """From its head where the head spells the file's name, otherwise from that name."""
    body: str
    """The text below the title."""
    abstract: str
    """Between the lines "Abstract" and "Introduction"; empty where one of them is missing."""


@dataclass(frozen=True)
class Dump:
    """All that a file holds."""

    queries: tuple[str, ...]
    documents: tuple[Document, ...]
    closed: bool
    """Whether the last document ends with a line of its own."""


def read_query_dump(path: Path, kind: KindName = "ranking") -> Draft:
    """A ranking task (title -> its paper among all), or a summary task (abstract -> title).

    Raises DataError when the file has no documents of this form.
    """
    if kind == "labels":
        raise UsageError("a query dump has no sentence labels: --kind ranking or --kind summary")
    dump = dump_of(read_text(path))
    if not dump.documents:
        raise wrong(
            path,
            "has no documents: looked for lines 'title: …' between lines '<<-----…>>', below a line "
            "'query sentence: …'",
        )
    account = Account({"documents": len(dump.documents), "queries": len(dump.queries)})
    for query in dump.queries:
        account.leave_out(query, "a query without judgements says nothing of a system")
    if not dump.closed:
        account.notes.append("the last document has no closing line: the file may have been cut")
    if kind == "summary":
        account.notes.append(WHOLE)
    rows = _known_items if kind == "ranking" else _titles
    said = (
        "Known-item search: given a paper's title, find the paper, of which the title lines are left out."
        if kind == "ranking"
        else "From a paper's abstract to its title."
    )
    return Draft(
        kind, list(rows(dump, account)), account, origin(path, "a saved query dump,"), said
    )


def dump_of(text: str) -> Dump:
    """Queries and documents of a dump."""
    queries: list[str] = []
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        query = QUERY.match(line)
        if query:
            queries.append(one_line(query[1]))
        elif FENCE.match(line):
            blocks.append([])
        else:
            blocks[-1].append(line)
    found = (_document([line for line in block if line.strip()]) for block in blocks)
    closed = not any(line.strip() for line in blocks[-1])
    return Dump(tuple(queries), tuple(filter(None, found)), closed)


def _document(lines: list[str]) -> Document | None:
    start = next((at for at, line in enumerate(lines) if TITLE.match(line)), None)
    if start is None:
        return None
    named = TITLE.match(lines[start])
    title, body = _titled(named[1] if named else "", lines[start + 1 :])
    return Document(title, one_line(" ".join(body)), _abstract(body))


def _titled(file_name: str, lines: list[str]) -> tuple[str, list[str]]:
    """The title and the lines below it: the head's lines that together spell the file's name."""
    name = re.sub(r"\.(pdf|txt|html?)$", "", file_name.strip(), flags=re.IGNORECASE)
    slug = letters(re.sub(r"^\d+-", "", name))
    for taken in range(1, min(HEAD_LINES, len(lines)) + 1):
        if slug and letters(" ".join(lines[:taken])) == slug:
            return one_line(" ".join(lines[:taken])), lines[taken:]
    return one_line(re.sub(r"^\d+-|[-_]", " ", name)), lines


def _abstract(lines: list[str]) -> str:
    start = next((at for at, line in enumerate(lines) if ABSTRACT.match(line.strip())), None)
    if start is None:
        return ""
    rest = lines[start + 1 :]
    end = next((at for at, line in enumerate(rest) if INTRODUCTION.match(line.strip())), None)
    return "" if end is None else one_line(" ".join(rest[:end]))


def _known_items(dump: Dump, account: Account) -> Iterator[Row]:
    ids = Ids()
    for document in dump.documents:
        if document.body:
            yield {
                "id": ids.make(document.title),
                "query": document.title,
                "document": document.body,
            }
        else:
            account.leave_out(document.title, "no text below its title")


def _titles(dump: Dump, account: Account) -> Iterator[Row]:
    ids = Ids()
    for document in dump.documents:
        if document.abstract:
            account.count("abstracts")
            row = {"source": document.abstract, "targets": [document.title]}
            yield {"id": ids.make(document.title), **row}
        else:
            account.leave_out(
                document.title, "no lines 'Abstract' and 'Introduction' around a text"
            )
