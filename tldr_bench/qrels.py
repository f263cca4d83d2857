"""Relevance judgements and rankings in TREC's forms, in and out.

A qrels file has lines of `query 0 document gain`, a run `query Q0 document rank score tag`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tldr_bench.errors import DataError, Report, TaskError, path_name, shown
from tldr_bench.files import iter_lines
from tldr_bench.kinds import Pair
from tldr_bench.task import Task

Judgements = dict[str, dict[str, int]]
"""Query -> document -> gain."""


def read_qrels(path: Path) -> Judgements:
    """The judgements of a qrels file. Raises DataError with every line that is not one."""
    report = Report()
    where = path_name(path)
    judgements: Judgements = {}
    for line, text in iter_lines(path, report):
        columns = text.split()
        if len(columns) != 4:
            expected = "expected 4 columns (query 0 document gain)"
            report.add(where, f"{expected}, got {len(columns)}", line)
        elif not columns[3].removeprefix("-").isdecimal() or len(columns[3]) > 9:
            report.add(where, f"expected a whole number, got {shown(columns[3])}", line, "gain")
        elif columns[2] in judgements.setdefault(columns[0], {}):
            message = f"judges {shown(columns[2])} twice for {shown(columns[0])}"
            report.add(where, message, line)
        else:
            judgements[columns[0]][columns[2]] = int(columns[3])
    if not judgements and not report:
        report.add(where, "is empty: expected lines of 'query 0 document gain'")
    report.raise_as(DataError)
    return judgements


def qrels_text(task: Task) -> str:
    """The judgements of a ranking task; documents of equal text are judged alike."""
    _must_rank(task)
    equals: dict[str, list[str]] = {}
    for document, first in task.same.items():
        equals.setdefault(first, []).append(document)
    lines = []
    for example in task.examples:
        gains: Any = example.target
        for document, gain in sorted(gains.items()):
            for name in (document, *equals.get(document, ())):
                lines.append(f"{_column(example.id)} 0 {_column(name)} {gain}\n")
    return "".join(lines)


def run_text(task: Task, pairs: Iterable[Pair[Any, Any]], tag: str) -> str:
    """Rankings as a run. Its scores only say the order; whole numbers stay apart in any precision."""
    _must_rank(task)
    return "".join(
        f"{_column(pair.id)} Q0 {_column(document)} {rank} "
        f"{len(pair.prediction) - rank + 1} {_column(tag)}\n"
        for pair in pairs
        for rank, document in enumerate(pair.prediction, 1)
    )


def _must_rank(task: Task) -> None:
    if task.kind != "ranking":
        raise TaskError(f"{task.id} is a {task.kind} task; TREC's forms are for ranking tasks")


def _column(name: str) -> str:
    """A name in a file of columns separated by white space. Raises TaskError for one with some."""
    if not name or len(name.split()) != 1 or name != name.strip():
        raise TaskError(f"the id {shown(name)} has white space, which TREC's forms cannot hold")
    return name
