"""How large a true difference must be for a task to show it.

A test at 5 % finds a true difference with probability 80 % when it is about (t for 97.5 % + t for
80 %) of its standard errors: 2.8 for many examples (Cohen 1988, Statistical Power Analysis, section
2.4; with quantiles of Student's t instead of the normal distribution, for small tasks).
"""

from __future__ import annotations

import math

import numpy as np

from tldr_bench.stats.pairs import ALPHA, Pairs
from tldr_bench.stats.student import t_quantile

POWER = 0.8
"""With this probability the difference is to be found."""


def detectable(deviation: float, examples: int, *, tests: int = 1) -> float:
    """The smallest true difference that a two-sided 5 % test finds with 80 % probability.

    `deviation` is the standard deviation of the two systems' differences over examples, in the
    units of the score, as is the result. With `tests` pairs, what Holm's first and strictest step
    (5 % / tests) finds. Raises ValueError below 2 examples, which have no deviation.
    """
    if examples < 2:
        raise ValueError("one example cannot show a difference")
    degrees = examples - 1
    quantiles = t_quantile(1 - ALPHA / (2 * tests), degrees) + t_quantile(POWER, degrees)
    return quantiles * deviation / math.sqrt(examples)


def resolution(pairs: Pairs, *, corrected: bool = False) -> float | None:
    """What a task can resolve: the median of `detectable` over the pairs that vary, or None.

    For a pair by itself, or `corrected` for there being as many pairs as there are.
    """
    varying = pairs.standard_error[pairs.standard_error > 0]
    if not len(varying):
        return None
    deviation = float(np.median(varying)) * math.sqrt(pairs.units)
    return detectable(deviation, pairs.units, tests=len(pairs.p) if corrected else 1)
