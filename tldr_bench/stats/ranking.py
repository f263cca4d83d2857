"""Ranks, and what the decisions about pairs leave of them.

Everything here follows from `Pairs` and nothing else. A system's rank may be anything between 1 +
the systems significantly better than it and the number of systems - those significantly worse; a
tie bar joins neighbours in the order of scores among whom no pair is significant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tldr_bench.stats.exact import Floats
from tldr_bench.stats.pairs import Pairs, as_points

Direction = Literal["higher", "lower"]
"""Which scores are better."""


@dataclass(frozen=True)
class Standing:
    """Where one system stands on one score; all None for a system without a score."""

    rank: int | None
    """1 + the systems with a better score; equal scores share a rank."""
    best: int | None
    """The best rank that the decisions leave open."""
    worst: int | None
    """The worst one."""
    with_best: bool
    """Whether no system of rank 1 is significantly better."""


@dataclass(frozen=True)
class Ranking:
    """The board of one score."""

    order: tuple[int, ...]
    """Systems, best score first and those without a score last; in the given order where equal."""
    standings: tuple[Standing, ...]
    """One for each system, in the given order."""
    bars: tuple[tuple[int, int], ...]
    """First and last place in `order` (from 0) of each maximal run without a significant pair."""


def rank(
    scores: Sequence[float | None] | Floats, pairs: Pairs, direction: Direction = "higher"
) -> Ranking:
    """Rank systems by their scores, with the decisions that `decide` took on the same scores.

    Raises ValueError where the decisions are about other systems than those that have a score.
    """
    points = as_points(scores) * (1 if direction == "higher" else -1)
    if not np.array_equal(np.flatnonzero(~np.isnan(points)), pairs.systems):
        raise ValueError("these decisions are not about the systems that have a score")
    beats = _beats(points, pairs)
    order = np.argsort(-points, kind="stable")  # NaN goes last
    taking_part = order[: len(pairs.systems)]
    return Ranking(
        order=tuple(order.tolist()),
        standings=tuple(_standing(system, points, beats) for system in range(len(points))),
        bars=_bars(beats[np.ix_(taking_part, taking_part)]),
    )


def _beats(points: Floats, pairs: Pairs) -> NDArray[np.bool_]:
    """(systems, systems): whether the row's is significantly better than the column's."""
    beats = np.zeros((len(points), len(points)), dtype=bool)
    first, second = pairs.first[pairs.significant], pairs.second[pairs.significant]
    ahead = points[first] > points[second]
    beats[np.where(ahead, first, second), np.where(ahead, second, first)] = True
    return beats


def _standing(system: int, points: Floats, beats: NDArray[np.bool_]) -> Standing:
    if np.isnan(points[system]):
        return Standing(None, None, None, with_best=False)
    leaders = points == np.nanmax(points)
    return Standing(
        rank=1 + int(np.count_nonzero(points > points[system])),
        best=1 + int(np.count_nonzero(beats[:, system])),
        worst=int(np.count_nonzero(~np.isnan(points)) - np.count_nonzero(beats[system])),
        with_best=not bool(beats[leaders, system].any()),
    )


def _bars(beats: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Maximal runs of two or more; `beats` is in the order of scores: only earlier ones win.

    A run that ends at a place starts just behind the last earlier system that beats any in the run.
    """
    bars: list[tuple[int, int]] = []
    start = 0
    for place in range(len(beats)):
        winners = np.flatnonzero(beats[:place, place])
        start = max(start, int(winners[-1]) + 1 if len(winners) else 0)
        if bars and bars[-1][0] == start:
            bars[-1] = (start, place)
        elif start < place:
            bars.append((start, place))
    return tuple(bars)
