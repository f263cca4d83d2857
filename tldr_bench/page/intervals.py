"""95 % intervals as pages show them: in words, and as a whisker on an axis.

`by` is what the figures are multiplied with: 100 for fractions, 1 for counts such as words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tldr_bench.page.scales import Axis, enclosing
from tldr_bench.page.units import signed, written
from tldr_bench.result import Score


@dataclass(frozen=True)
class Whisker:
    """A score with its interval on the axis of its column, in thousandths; no width without interval."""

    left: int
    width: int
    point: int


def half(score: Score | None, by: float) -> str:
    """Half the width of the 95 % interval."""
    if score is None or score.low is None or score.high is None:
        return ""
    return f"±{written((score.high - score.low) / 2, by)}"


def bounds(score: Score, by: float) -> str:
    """The 95 % interval, or a dash."""
    if score.low is None or score.high is None:
        return "–"
    return f"{written(score.low, by)} to {written(score.high, by)}"


def signed_bounds(low: float | None, high: float | None, by: float) -> str:
    """The 95 % interval of a difference, or a dash."""
    if low is None or high is None:
        return "–"
    return f"{signed(low, by)} to {signed(high, by)}"


def axis_around(scores: Iterable[Score], by: float) -> Axis:
    """An axis that the scores fit on, each with its interval."""
    found = list(scores)
    low = [by * (score.value if score.low is None else score.low) for score in found]
    high = [by * (score.value if score.high is None else score.high) for score in found]
    return enclosing(low + high)


def whisker(axis: Axis, score: Score, by: float) -> Whisker:
    """Where a score and its interval lie on an axis."""
    low = score.value if score.low is None else score.low
    high = score.value if score.high is None else score.high
    left = axis.thousandths(by * low)
    return Whisker(left, axis.thousandths(by * high) - left, axis.thousandths(by * score.value))
