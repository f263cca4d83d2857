"""Axes: round numbers that enclose the data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` in steps of `step`, all of them round."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Where a value lies on the axis: 0 at its low end, 1 at its high one."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def thousandths(self, value: float) -> int:
        """The same in whole thousandths."""
        return round(1000 * self.share(value))

    @property
    def ticks(self) -> tuple[float, ...]:
        """Every step, both ends included."""
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + place * self.step for place in range(count + 1))

    def text(self, value: float) -> str:
        """A tick as it is written."""
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        return f"{value + 0.0:.{decimals}f}"


def enclosing(values: Iterable[float], steps: int = 4) -> Axis:
    """An axis around the values with about so many steps, of 1, 2 or 5 times a power of ten.

    >>> enclosing([22.4, 37.9])
    Axis(low=20.0, high=40.0, step=5.0)
    """
    known = list(values) or [0.0, 1.0]
    low, high = min(known), max(known)
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / steps))
    step = next(size * power for size in (1, 2, 5, 10) if size * power * steps >= span * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, max(last, first + 1) * step, step)
