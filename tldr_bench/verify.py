"""verify: every figure of a board computed again from the stored predictions, and compared to the digit.

Nothing is taken from the store of measurements: a stored result must follow from the predictions, the
task's data and this code alone. A figure by another signature is not wrong but old: a metric's version
moved, and both figures are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tldr_bench.errors import (
    DataError,
    MissingData,
    Problem,
    SubmissionError,
    TldrBenchError,
    path_name,
    shown,
    unknown,
)
from tldr_bench.leaderboard import factor_of
from tldr_bench.receipts import Receipt, receipt_of
from tldr_bench.result import Result, read_result
from tldr_bench.scoring import score
from tldr_bench.submission import Submission
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

Scorer = Callable[[Task, Submission], Result]


@dataclass(frozen=True)
class Moved:
    """A score whose signature is another one now."""

    system: str
    task: str
    score: str
    old: float | None
    new: float | None
    signature: str
    """The one that holds now."""
    factor: float = 100.0
    """What tables multiply both figures with."""


@dataclass
class Verification:
    """What came of a check."""

    checked: int = 0
    """Results computed again."""
    figures: int = 0
    """Figures (values and bounds of intervals) that were compared."""
    problems: list[Problem] = field(default_factory=list)
    """Every figure, digest or file that is not what it should be."""
    moved: list[Moved] = field(default_factory=list)
    """Old and new figures of metrics whose signature changed."""
    unverified: list[str] = field(default_factory=list)
    """What could not be computed here, and why: neither right nor wrong."""
    receipts: list[Receipt] = field(default_factory=list)
    renewed: list[Result] = field(default_factory=list)
    """The new results where nothing but a signature moved."""


def verify(
    workspace: Workspace,
    systems: Sequence[str] | None = None,
    task_ids: Sequence[str] | None = None,
    scorer: Scorer = lambda task, submission: score(task, submission).result,
) -> Verification:
    """Compute every result (or those of the named systems and tasks) again, and compare all digits."""
    check = Verification()
    submissions = list(_submissions(workspace, systems, check))
    wanted = {
        task_id
        for submission in submissions
        for task_id in (*submission.files, *_stored(submission))
        if not task_ids or task_id in task_ids
    }
    for task_id in sorted(wanted):
        having = [item for item in submissions if task_id in item.files]
        _check_orphans(workspace, task_id, submissions, check)
        task = _task(workspace, task_id, having, check)
        for submission in having if task else ():
            assert task is not None  # noqa: S101 - for the type checker
            _check_one(workspace, task, submission, scorer, check)
    if not check.checked and not check.problems and not check.unverified:
        check.problems.append(Problem("submissions", None, "nothing to verify"))
    return check


def _submissions(
    workspace: Workspace, systems: Sequence[str] | None, check: Verification
) -> Iterator[Submission]:
    for system in systems or workspace.systems():
        try:
            yield workspace.submission(system)
        except SubmissionError as error:
            check.problems.extend(error.problems)


def _stored(submission: Submission) -> list[str]:
    """The tasks of which the submission's folder holds results."""
    folder = submission.folder / "results"
    return sorted(path.stem for path in folder.glob("*.json")) if folder.is_dir() else []


def _check_orphans(
    workspace: Workspace, task_id: str, submissions: Sequence[Submission], check: Verification
) -> None:
    """A result without predictions cannot be computed again by anybody."""
    for submission in submissions:
        path = workspace.result_path(submission.system, task_id)
        if task_id not in submission.files and path.exists():
            message = "is a result without predictions: it cannot be verified; remove it"
            check.problems.append(Problem(path_name(path), None, message))


def _task(
    workspace: Workspace, task_id: str, having: Sequence[Submission], check: Verification
) -> Task | None:
    known = workspace.task_folders()
    if task_id not in known:
        for submission in having:
            message = f"is named after no task: {unknown('task', task_id, known)}"
            check.problems.append(Problem(path_name(submission.files[task_id]), None, message))
        return None
    try:
        task = workspace.task(task_id)
        # Built now, so that a mistake in task.yaml is this task's problem only.
        _ = task.metrics
    except MissingData as error:
        check.unverified.append(str(error))
    except TldrBenchError as error:
        check.problems.extend(error.problems or [Problem(task_id, None, str(error))])
    else:
        return task
    return None


# One result --------------------------------------------------------------------------------------


def _check_one(
    workspace: Workspace, task: Task, submission: Submission, scorer: Scorer, check: Verification
) -> None:
    path = workspace.result_path(submission.system, task.id)
    try:
        new = scorer(task, submission)
        receipt = receipt_of(task, submission, new)
    except SubmissionError as error:
        check.problems.extend(error.problems)
        return
    check.checked += 1
    check.receipts.append(receipt)
    old = _read(path, check)
    if old is not None:
        before = len(check.problems), len(check.moved)
        _compare(path_name(path), task, old, new, check)
        if len(check.problems) == before[0]:
            _check_bytes(path, old, check)
            if len(check.moved) > before[1]:
                check.renewed.append(new)


def _read(path: Path, check: Verification) -> Result | None:
    if not path.exists():
        message = f"there is no such result: run 'tldr-bench score {path.parent.parent.name}'"
        check.problems.append(Problem(path_name(path), None, message))
        return None
    try:
        return read_result(path)
    except DataError as error:
        check.problems.extend(error.problems)
        return None


def _check_bytes(path: Path, old: Result, check: Verification) -> None:
    """A figure may be written in many ways; only one of them is what `score` writes."""
    if path.read_bytes() != old.to_json().encode():
        message = "holds the right figures, but is not written as 'tldr-bench score' writes it"
        check.problems.append(Problem(path_name(path), None, message))


def _compare(where: str, task: Task, old: Result, new: Result, check: Verification) -> None:
    for name in ("system", "task", "task_version", "predictions", "examples"):
        stored, computed = getattr(old, name), getattr(new, name)
        if stored != computed:
            message = f"stored {stored}, computed {computed}{_HINTS.get(name, '')}"
            check.problems.append(Problem(where, None, message, name))
    for metric in sorted({*old.signatures, *new.signatures}):
        if metric not in new.signatures:
            reason = new.not_computed.get(metric, "the task does not ask for it any more")
            check.unverified.append(f"{where}: {metric}: {reason}")
        elif metric not in old.signatures and metric in old.not_computed:
            reason = old.not_computed[metric]
            check.unverified.append(f"{where}: {metric}: stored without it ({reason})")
        elif old.signatures.get(metric) != new.signatures[metric]:
            check.moved += _moved(task, metric, old, new)
        else:
            _compare_scores(where, metric, old, new, check)
            _compare_note(where, metric, old, new, check)
    _check_strays(where, old, check)


_HINTS: Mapping[str, str] = {
    "task_version": " (the task's examples, or which of them belong together, changed since)",
    "predictions": " (the predictions changed since they were scored)",
}


def _compare_scores(where: str, metric: str, old: Result, new: Result, check: Verification) -> None:
    for name in sorted(_of(metric, old) | _of(metric, new)):
        before, after = old.scores.get(name), new.scores.get(name)
        for part in ("value", "low", "high"):
            stored, computed = getattr(before, part, None), getattr(after, part, None)
            check.figures += stored is not None or computed is not None
            if stored != computed:
                message = f"stored {_shown(stored)}, computed {_shown(computed)}"
                check.problems.append(Problem(where, None, message, f"{name}.{part}"))


def _compare_note(where: str, metric: str, old: Result, new: Result, check: Verification) -> None:
    """What readers are told of a metric's scores is computed as the scores are."""
    before, after = old.notes.get(metric), new.notes.get(metric)
    if before != after:
        message = f"stored {_text(before)}, computed {_text(after)}"
        check.problems.append(Problem(where, None, message, f"notes.{metric}"))


def _text(note: str | None) -> str:
    return "nothing" if note is None else shown(note)


def _check_strays(where: str, old: Result, check: Verification) -> None:
    """A score without a signature says nothing of how it was computed, so nothing can repeat it."""
    for name in old.notes:
        if name not in old.signatures:
            message = "is a note about a metric that was not computed"
            check.problems.append(Problem(where, None, message, f"notes.{name}"))
    for name in old.scores:
        if name.partition(".")[0] not in old.signatures:
            message = "is a score without a signature"
            check.problems.append(Problem(where, None, message, name))


def _moved(task: Task, metric: str, old: Result, new: Result) -> Iterator[Moved]:
    for name in sorted(_of(metric, old) | _of(metric, new)):
        before, after = old.scores.get(name), new.scores.get(name)
        yield Moved(
            new.system,
            new.task,
            name,
            before.value if before else None,
            after.value if after else None,
            new.signatures[metric],
            factor_of(task, name),
        )


def _of(metric: str, result: Result) -> set[str]:
    return {name for name in result.scores if name.partition(".")[0] == metric}


def _shown(value: float | None) -> str:
    return "nothing" if value is None else repr(value)
