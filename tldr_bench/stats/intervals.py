"""Percentile intervals: between which values 95 % of the resamples lie.

The bounds are order statistics, the 250th from below and from above of 10,000: the (R + 1) * alpha
rule of Davison and Hinkley 1997, Bootstrap Methods and Their Application, section 5.3.1. A bound is
thus a value that occurred, and turning a score around turns its interval around exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tldr_bench.stats.exact import Floats
from tldr_bench.stats.resample import Samples

SIDE = 40
"""One in 40 lies beyond each bound: 2.5 %."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, in the units of the score."""

    low: float
    """The lower bound."""
    high: float
    """The upper bound; above `low`."""


@dataclass(frozen=True)
class NoInterval:
    """There is no interval to give; "±0" would claim certainty."""

    reason: str
    """Why, for people to read."""


def interval(samples: Samples, system: int = 0) -> Interval | NoInterval:
    """The 95 % percentile interval of one system's score, or why there is none."""
    values = samples.values[system]
    if np.isnan(values).all():
        return NoInterval("no score")
    if not np.isfinite(values).all():
        return NoInterval("the score is undefined for some resamples")
    low, high = outer(values[None, :].copy())
    return between(float(low[0]), float(high[0]), samples.examples)


def between(low: float, high: float, examples: int) -> Interval | NoInterval:
    """The interval with these bounds, unless they say nothing."""
    if examples == 1:
        return NoInterval("one example: nothing to resample")
    if not low < high:
        return NoInterval("nothing varies between resamples")
    return Interval(low, high)


def tail_size(resamples: int) -> int:
    """How many resamples lie at or beyond each bound of a 95 % interval: 250 of 10,000."""
    return (resamples + 1) // SIDE


def outer(rows: Floats) -> tuple[Floats, Floats]:
    """Both bounds of each row of resamples (r, resamples): (r,) and (r,).

    Leaves each row with its `tail_size` smallest values in front and as many largest at the end.
    """
    tail = tail_size(rows.shape[1])
    rows.partition(tail - 1, axis=1)
    rest = rows[:, tail:]
    rest.partition(rest.shape[1] - tail, axis=1)
    return rows[:, tail - 1].copy(), rows[:, -tail].copy()
