"""TREC runs, as retrieval systems write them: six columns, sorted by score as trec_eval sorts them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tldr_bench.align import align_file
from tldr_bench.errors import Problem, SubmissionError, first_of, path_name, shown
from tldr_bench.files import read_bounded
from tldr_bench.importers.foreign import Foreign, Output
from tldr_bench.json_text import Unreadable
from tldr_bench.kinds import Pair
from tldr_bench.task import Task
from tldr_bench.writing import write_atomic

LISTED = 20
"""Queries without a line that are named before the rest is only counted."""


def read(path: Path, task: Task) -> Foreign:
    """The ranking of every query, by the rules that hold for a run in a submission.

    A run cannot say that a query finds nothing: one that it leaves out is taken to have found nothing,
    which is written down.
    """
    try:
        content = read_bounded(path)
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(path), None, str(error))]) from None
    outputs = [
        Output(f"query {pair.id}", list(pair.prediction), {"query": pair.id})
        for pair in _pairs(path, content, task)
    ]
    empty = [str(output.fields["query"]) for output in outputs if not output.value]
    return Foreign(outputs, "TREC run", filled=(_filled(empty),) if empty else ())


def _pairs(path: Path, content: bytes, task: Task) -> Sequence[Pair[Any, Any]]:
    """The run aligned with its task, under a name by which its format is known."""
    ending = ".run.gz" if content.startswith(b"\x1f\x8b") else ".run"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{task.id}{ending}"
        write_atomic(copy, content, durable=False)
        try:
            return align_file(task, copy, forgotten=True).pairs
        except SubmissionError as error:
            names = {path_name(copy): path_name(path)}
            raise SubmissionError(
                replace(problem, where=names.get(problem.where, problem.where))
                for problem in error.problems
            ) from None


def _filled(queries: Sequence[str]) -> str:
    listed = first_of([shown(each) for each in queries], LISTED)
    number = "1 query" if len(queries) == 1 else f"{len(queries)} queries"
    return f"{number} without a line in the run: found nothing, and counts 0: {listed}"
