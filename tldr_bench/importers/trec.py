"""TREC runs, as retrieval systems write them: six columns, sorted by score as trec_eval sorts them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tldr_bench.align import align_file
from tldr_bench.errors import Problem, SubmissionError, path_name
from tldr_bench.files import read_bounded, write_atomic
from tldr_bench.importers.foreign import Foreign, Output
from tldr_bench.json_text import Unreadable
from tldr_bench.task import Task


def read(path: Path, task: Task) -> Foreign:
    """The ranking of every query, by the rules that hold for a run in a submission."""
    try:
        content = read_bounded(path)
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(path), None, str(error))]) from None
    ending = ".run.gz" if content.startswith(b"\x1f\x8b") else ".run"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{task.id}{ending}"
        write_atomic(copy, content)
        try:
            pairs = align_file(task, copy).pairs
        except SubmissionError as error:
            where = path_name(copy)
            raise SubmissionError(
                [
                    Problem(
                        path_name(path) if problem.where == where else problem.where,
                        problem.line,
                        problem.message,
                        problem.field,
                    )
                    for problem in error.problems
                ]
            ) from None
    outputs = [
        Output(f"query {pair.id}", list(pair.prediction), {"query": pair.id}) for pair in pairs
    ]
    return Foreign(outputs, "TREC run")
