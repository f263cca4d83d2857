"""A board without some of its papers: the same measurements, fewer rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tldr_bench.errors import DataError
from tldr_bench.leaderboard import Board, rank
from tldr_bench.questions import Answer, Reading
from tldr_bench.result import Scored
from tldr_bench.scoring import score_answers
from tldr_bench.store import Store
from tldr_bench.tally import Tally
from tldr_bench.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns


def without(board: Board, ids: Collection[str]) -> Board:
    """The board of the remaining papers: scores, intervals, tests and ranks are made anew.

    What a metric needs the whole task for (a pool to search, say) stays as it was measured.
    Raises DataError when no paper remains.
    """
    import numpy as np

    kept = np.array([example.id not in ids for example in board.task.examples])
    if not kept.any():
        raise DataError(f"{board.task.id}: no paper remains")
    examples = tuple(example for example in board.task.examples if example.id not in ids)
    task = replace(board.task, examples=examples)
    rebuilt = rank(task, _scored(task, board.scored, kept))
    return replace(rebuilt, failed=board.failed, rank_baselines=board.rank_baselines)


def _scored(task: Task, scored: Sequence[Scored], kept: NDArray[np.bool_]) -> list[Scored]:
    answers = [(item.submission, _answer(item, kept)) for item in scored]
    return score_answers(task, answers, Store(), Tally())


def _answer(scored: Scored, kept: NDArray[np.bool_]) -> Answer:
    columns: dict[str, Columns] = {}
    not_computed = dict(scored.result.not_computed)
    for name, item in scored.measurements.items():
        if item.metric.is_whole(item.columns):
            not_computed[name] = "one figure for all examples, which says nothing of a part of them"
        else:
            columns[name] = {column: values[kept] for column, values in item.columns.items()}
    return Answer(Reading(scored.result.predictions), columns, not_computed)
