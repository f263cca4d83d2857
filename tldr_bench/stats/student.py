"""Student's t distribution for whole degrees of freedom: tail areas and quantiles.

Only + - * / and square roots are used, which IEEE 754 defines to the last bit. Logarithms,
exponentials and gamma functions differ between C libraries and SIMD widths, and so would the
p-values.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tldr_bench.stats.exact import Floats

ENOUGH = 2.0**-52
"""The continued fraction stops where a step changes it by no more than this."""
FARTHEST = 1e150
"""Its square is still finite; the area beyond is 0 but for the fewest degrees of freedom."""
TINY = 1e-300
"""Stands for a zero denominator in Lentz's method."""
MOST_STEPS = 1_000
"""A loop needs an end; 51 steps were the most for 1 to 10**6 degrees of freedom."""


def t_tail(t: Floats, degrees: int) -> Floats:
    """P(|T| >= |t|), elementwise: (m,) to (m,), with full relative precision far out in the tail.

    The area is the incomplete beta function I_x(degrees / 2, 1 / 2) at x = degrees / (degrees +
    t**2) (Abramowitz and Stegun 26.7.1), written as a front factor times a continued fraction (DLMF
    8.17.22), which converges fast for small x; I_x(a, b) = 1 - I_(1-x)(b, a) serves the others.
    Raises ValueError for degrees below 1.
    """
    if degrees < 1:
        raise ValueError(f"{degrees} degrees of freedom")
    a, b = degrees / 2, 0.5
    square = np.minimum(np.abs(t), FARTHEST) ** 2
    x, rest = degrees / (degrees + square), square / (degrees + square)
    front = _power(np.sqrt(x), degrees) * np.sqrt(rest) * _inverse_beta(degrees)
    area = np.empty_like(x)
    far = x < (a + 1) / (a + b + 2)
    area[far] = front[far] * _fraction(x[far], a, b) / a
    area[~far] = 1 - front[~far] * _fraction(rest[~far], b, a) / b
    return area


@lru_cache(maxsize=256)
def t_quantile(probability: float, degrees: int) -> float:
    """The t with P(T <= t) = `probability`, for a probability in [1/2, 1); found by bisection."""
    if not 0.5 <= probability < 1:
        raise ValueError(f"a probability of {probability}; it lies in [0.5, 1)")
    wanted = 2 * (1 - probability)
    low, high = 0.0, 1.0
    while _area(high, degrees) > wanted:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _area(middle, degrees) > wanted else (low, middle)
    return high


def _area(t: float, degrees: int) -> float:
    return float(t_tail(np.array([t]), degrees)[0])


def _power(base: Floats, exponent: int) -> Floats:
    """base ** exponent for a whole exponent, by squaring."""
    result = np.ones_like(base)
    while exponent:
        if exponent & 1:
            result = result * base
        base, exponent = base * base, exponent >> 1
    return result


@lru_cache(maxsize=256)
def _inverse_beta(degrees: int) -> float:
    """1 / B(degrees / 2, 1 / 2): 1 / pi and 1 / 2 for 1 and 2 degrees, then two at a time."""
    value = 1 / math.pi if degrees % 2 else 0.5
    for lower in range(2 - degrees % 2, degrees, 2):
        value *= (lower + 1) / lower
    return value


def _fraction(x: Floats, a: float, b: float) -> Floats:
    """The continued fraction of I_x(a, b), by Lentz's method (Thompson and Barnett 1986).

    An element that has converged is left alone, so that it does not depend on its neighbours.
    """
    c, d = np.ones_like(x), 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value, settled, m = d, np.zeros(x.shape, dtype=bool), 0
    while not settled.all() and m < MOST_STEPS:
        m += 1
        for ratio in _coefficients(m, a, b):
            d = 1 / _nonzero(1 + ratio * x * d)
            c = _nonzero(1 + ratio * x / c)
            value = np.where(settled, value, value * (c * d))
        settled |= np.abs(c * d - 1) <= ENOUGH
    return value


def _coefficients(m: int, a: float, b: float) -> tuple[float, float]:
    """Numerators 2m and 2m + 1 of the continued fraction, each over x (DLMF 8.17.23)."""
    even = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
    odd = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
    return even, odd


def _nonzero(values: Floats) -> NDArray[np.float64]:
    return np.where(values == 0, TINY, values)
