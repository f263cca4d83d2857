"""Suspicions as warnings, for `validate` and `score`; light to import, since `validate` has to answer at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tldr_bench.align import Aligned, align
from tldr_bench.analysis.copies import likely_copies
from tldr_bench.analysis.forensics import Suspicion, suspicions
from tldr_bench.analysis.placement import words_of_papers
from tldr_bench.collector import paused
from tldr_bench.errors import Problem, TldrBenchError, path_name
from tldr_bench.submission import Submission, SystemType, load_submission
from tldr_bench.task import Task


def warnings_about(task: Task, path: Path, aligned: Aligned) -> list[Problem]:
    """What looks wrong in one prediction file, by itself; its folder says what it declares to be."""
    found = suspicions(task, aligned, declared=_declared(path))
    return [_warning(path, item) for item in found]


def _declared(path: Path) -> SystemType | None:
    """The type in the submission.yaml beside a prediction file."""
    if not (path.parent / "submission.yaml").is_file():
        return None
    try:
        return load_submission(path.parent).spec.type
    except TldrBenchError:
        return None


def _warning(path: Path, found: Suspicion) -> Problem:
    return Problem(path_name(path), None, f"{found.kind}: {found.message}")


def warnings_among(
    task: Task, submissions: Sequence[Submission], looked_at: Sequence[str]
) -> Iterator[Problem]:
    """What looks wrong in some of the submissions to a task, each beside all the others."""
    aligned: dict[str, Aligned] = {}
    for item in submissions:
        with contextlib.suppress(TldrBenchError):  # it is reported where it is scored
            aligned[item.system] = align(task, item)
    alike = likely_copies(
        {name: [pair.prediction for pair in each.pairs] for name, each in aligned.items()}
    )
    papers = words_of_papers(task) if task.kind == "summary" else None
    for item in submissions:
        if item.system in looked_at and item.system in aligned:
            others = {name: aligned[name] for name in aligned if name in alike[item.system]}
            with paused():
                found = suspicions(task, aligned[item.system], others, item.spec.type, papers)
            yield from (_warning(item.files[task.id], each) for each in found)
