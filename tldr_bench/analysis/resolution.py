"""What difference a task can show, and which systems it cannot tell from one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tldr_bench.errors import TldrBenchError
from tldr_bench.execute import default_store, plan
from tldr_bench.leaderboard import Board, rank
from tldr_bench.records import Record
from tldr_bench.result import Scored
from tldr_bench.scoring import score
from tldr_bench.submission import Submission
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace


class Resolution(Record):
    """What a board can tell apart by its primary score. Fractions."""

    task: str
    score: str
    examples: int
    systems: int
    one_pair: float | None
    """The true difference that a comparison of two systems finds with 80 % probability..."""
    whole_board: float | None
    """...and one among all pairs of the board, after Holm's correction."""
    shown_times: float
    """What tables multiply the score with."""


def primary_board(workspace: Workspace, task: Task) -> Board:
    """The board of a task by its primary score alone; submissions that fail are not on it.

    A doctor does not start an hour of work: metrics that the board is not ranked by are left out.
    """
    metric = task.spec.primary.partition(".")[0]
    spec = task.spec.model_copy(update={"metrics": {metric: task.spec.metrics[metric]}})
    alone = dataclasses.replace(task, spec=spec)
    units = plan(workspace, task_ids=[task.id]).units
    return rank(alone, list(_scored(alone, (unit.submission for unit in units))))


def _scored(task: Task, submissions: Iterable[Submission]) -> Iterable[Scored]:
    store = default_store()
    for submission in submissions:
        try:
            yield score(task, submission, store)
        except TldrBenchError:
            continue  # its own `validate` says why


def resolution_of(workspace: Workspace, task_id: str) -> Resolution | None:
    """What the task's board can resolve; None with fewer than two systems that have the score."""
    from tldr_bench.stats import resolution

    try:
        board = primary_board(workspace, workspace.task(task_id))
    except TldrBenchError:
        return None
    primary = board.task.spec.primary
    if len(board.scored) < 2:
        return None
    pairs = board.decisions(primary).pairs
    if not len(pairs.p):
        return None
    return Resolution(
        task=task_id,
        score=primary,
        examples=len(board.task.examples),
        systems=len(pairs.systems),
        one_pair=resolution(pairs),
        whole_board=resolution(pairs, corrected=True),
        shown_times=board.factor(primary),
    )


def not_told_apart(board: Board, system: str) -> list[str] | None:
    """The systems that the board does not tell from this one; None where it has no primary score."""
    names = [item.submission.system for item in board.scored]
    if system not in names:
        return None
    pairs, own = board.decisions(board.task.spec.primary).pairs, names.index(system)
    if own not in pairs.systems:
        return None
    others = (number for number in pairs.systems.tolist() if number != own)
    return [names[number] for number in others if not pairs.of(own, number).significant]
