"""Sums whose last bit does not depend on the machine.

Floating-point addition is not associative: the order in which a library adds (its SIMD width, its
threads, its version) shows in the last bits of every sum, so two machines print two boards. Two
tricks keep that out.

**Exact products.** A float64 holds every integer up to 2**53. Write each column as integers times
one power of two, coarse enough that no sum that can occur exceeds 2**53. Then every product and
every partial sum is an integer that float64 holds *exactly*; nothing is ever rounded, so every
order of addition, with or without fused multiply-add, on any number of threads, gives the same
bits, at the full speed of the matrix product. The price is one rounding per value, when the
integers are made: at most `largest value * terms * 2**-52`, for 618 terms one part in 10**13 of
the largest value.

**Folding.** Where values are too many or too fine for that, they are added by halves:
x[i] + x[i + half], again and again. Each step is an elementwise addition, which IEEE 754 defines to
the last bit; the order is written here and not chosen by a library.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 2**20
"""Numbers that are unpacked at a time: bounds the memory, and never changes a result."""


def to_integers(column: Floats, terms: int) -> tuple[Floats, int]:
    """`column` (n,) as whole numbers (n,), still float64, and the exponent that scales them back.

    `whole * 2.0**exponent` is `column` rounded. Any sum of `terms` of these whole numbers, repeats
    included, stays below 2**53. Raises ValueError for values that are not finite.
    """
    largest = float(np.abs(column).max(initial=0.0))
    if not math.isfinite(largest):
        raise ValueError("a column holds a value that is not finite")
    exponent = math.frexp(largest)[1] + terms.bit_length() - 53
    return np.rint(np.ldexp(column, -exponent)), exponent


def products(rows: Floats, weights: NDArray[np.uint8]) -> Floats:
    """Every row (k, m) times every row of weights (b, m): (k, b), exact for whole numbers."""
    totals = np.empty((len(rows), len(weights)))
    step = max(1, BLOCK // weights.shape[1])
    for start in range(0, len(weights), step):
        block = weights[start : start + step].astype(np.float64)
        totals[:, start : start + step] = rows @ block.T
    totals += 0.0  # -0.0 becomes 0.0: the sign of a zero does depend on the order
    return totals


def fold(rows: Floats) -> Floats:
    """The sum of each row (r, m): (r,). Uses `rows` as its scratch paper."""
    width = rows.shape[1]
    while width > 1:
        half = (width + 1) // 2
        rows[:, : width - half] += rows[:, half:width]
        width = half
    return rows[:, 0].copy()
