"""suspect(workspace, system): forensics on one submission, beside all others of its tasks."""

from __future__ import annotations

import contextlib
from typing import Literal

from tldr_bench.align import Aligned, align
from tldr_bench.analysis.forensics import suspicions
from tldr_bench.analysis.resolution import not_told_apart, primary_board
from tldr_bench.errors import SubmissionError, TldrBenchError, UsageError
from tldr_bench.execute import plan
from tldr_bench.records import Field, Record
from tldr_bench.submission import Submission
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace


class Sign(Record):
    """One suspicion, for programs."""

    kind: str
    message: str
    examples: list[str]


class Examined(Record):
    """One submission on one task."""

    task: str
    signs: list[Sign]
    not_checked: str | None
    """Why nothing could be looked at."""
    beside: int
    """Other systems that it was compared with."""
    not_told_apart: list[str] | None
    """Systems that the primary score cannot tell from this one."""


class Examination(Record):
    """What `doctor SYSTEM --format json` prints."""

    format: Literal["tldr-bench/examination/1"] = Field(
        default="tldr-bench/examination/1", alias="schema"
    )
    system: str
    tasks: list[Examined]


def suspect(workspace: Workspace, system: str) -> Examination:
    """What looks wrong in a submission. Raises SubmissionError when it cannot be read at all."""
    submission = workspace.submission(system)
    if not submission.files:
        raise UsageError(f"{system} has no predictions to look at")
    known = workspace.task_folders()
    tasks = [task_id for task_id in submission.files if task_id in known]
    return Examination(
        system=system, tasks=[_on_task(workspace, submission, task_id) for task_id in tasks]
    )


def _on_task(workspace: Workspace, submission: Submission, task_id: str) -> Examined:
    try:
        return _examined(workspace, submission, task_id)
    except SubmissionError as error:
        first = str(error).splitlines()[0]
        return _not_checked(
            task_id, f"it does not fit its task; tldr-bench validate says all of it: {first}"
        )
    except TldrBenchError as error:  # what is wrong with one task does not keep the others back
        return _not_checked(task_id, str(error).splitlines()[0])


def _examined(workspace: Workspace, submission: Submission, task_id: str) -> Examined:
    task = workspace.task(task_id)
    own = align(task, submission)
    others = _others(workspace, task, submission.system)
    found = suspicions(task, own, others, submission.spec.type)
    return Examined(
        task=task_id,
        signs=[
            Sign(kind=item.kind, message=item.message, examples=list(item.rows)) for item in found
        ],
        not_checked=None,
        beside=len(others),
        not_told_apart=not_told_apart(primary_board(workspace, task), submission.system),
    )


def _not_checked(task_id: str, reason: str) -> Examined:
    return Examined(task=task_id, signs=[], not_checked=reason, beside=0, not_told_apart=None)


def _others(workspace: Workspace, task: Task, system: str) -> dict[str, Aligned]:
    """Other systems' predictions for the task; those that do not fit it are not looked at."""
    found = {}
    for unit in plan(workspace, task_ids=[task.id]).units:
        if unit.submission.system != system:
            with contextlib.suppress(TldrBenchError):
                found[unit.submission.system] = align(task, unit.submission)
    return found
