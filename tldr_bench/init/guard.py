"""Which submission is a change about? For CI, where the list of changed files comes from a stranger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tldr_bench.errors import Report, SubmissionError, shown
from tldr_bench.submission import belongs, stray, task_of
from tldr_bench.task import name_problem

MAX_FILES = 500


def guarded(paths: Sequence[str]) -> str:
    """The one system whose files, and nothing else, these paths are.

    Raises SubmissionError with every path that does not belong to a submission.
    """
    report = Report()
    systems = {found for path in paths[:MAX_FILES] if (found := _system(path, report))}
    if len(paths) > MAX_FILES:
        report.add("changes", f"expected at most {MAX_FILES} files, got {len(paths)}")
    if len(systems) > 1:
        names = ", ".join(sorted(systems)[:10])
        report.add("changes", f"expected one submission in a pull request, got {names}")
    if not paths:
        report.add("changes", "nothing was changed")
    report.raise_as(SubmissionError)
    return systems.pop()


def tasks_of(paths: Sequence[str]) -> list[str]:
    """The tasks that the prediction files among these paths are named after; there may be none such."""
    names = (task_of(Path(path)) for path in paths)
    return sorted({name for name in names if name and not name_problem(name)})


def _system(path: str, report: Report) -> str | None:
    parts = path.split("/")
    if len(parts) < 3 or parts[0] != "submissions":
        message = "a submission may change files in submissions/<system>/ only"
        report.add(shown(path, 200), message)
        return None
    if problem := name_problem(parts[1]):
        report.add(shown(path, 200), problem)
        return None
    if not belongs("/".join(parts[2:])):
        report.add(shown(path, 200), stray(path))
        return None
    return parts[1]
