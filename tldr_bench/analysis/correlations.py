"""Agreement of two columns: Pearson, Spearman, Kendall's tau-b, pairwise accuracy; for many resamples at once.

Every function takes the two columns (n,) and weights (r, n): how often each row occurs in each of r
resamples. A resample is treated as what it is, a sample with repeated rows: ranks and ties are those
of the resample. One row of ones gives the figure itself. Undefined figures (a constant column) are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldr_bench.stats.exact import Floats
from tldr_bench.stats.student import t_tail

Agreement = Callable[[Floats, Floats, Floats], Floats]


def pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """The product-moment correlation; `x` and `y` are (n,) or, one row per resample, (r, n)."""
    total: Floats = weights.sum(axis=1)
    dx = x - ((weights * x).sum(axis=1) / total)[:, None]
    dy = y - ((weights * y).sum(axis=1) / total)[:, None]
    product = (weights * dx * dy).sum(axis=1)
    squares = (weights * dx * dx).sum(axis=1), (weights * dy * dy).sum(axis=1)
    varied = (squares[0] > _noise(x, total)) & (squares[1] > _noise(y, total))
    return _ratio(product, np.sqrt(squares[0] * squares[1]), varied)


def _noise(values: Floats, total: Floats) -> Floats:
    """Sums of squares below this are rounding: the column is constant."""
    least: Floats = total * (1e-12 * float(np.abs(values).max(initial=0.0))) ** 2
    return least


def _ratio(part: Floats, whole: Floats, where: NDArray[np.bool_]) -> Floats:
    """A correlation: from -1 to 1, whatever rounding says; NaN where it is undefined."""
    found: Floats = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=where)
    return np.clip(found, -1.0, 1.0)


def spearman(x: Floats, y: Floats, weights: Floats) -> Floats:
    """The correlation of the ranks; equal values share the mean of their ranks."""
    return pearson(midranks(x, weights), midranks(y, weights), weights)


def midranks(values: Floats, weights: Floats) -> Floats:
    """(r, n): the rank of each row's value in each resample: those below, and half of its equals."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    equal = np.add.reduceat(weights[:, order], starts, axis=1)
    below = np.cumsum(equal, axis=1) - equal
    group = np.empty(len(values), dtype=np.int64)
    group[order] = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(values)]))
    ranks: Floats = (below + (equal + 1) / 2)[:, group]
    return ranks


def kendall(x: Floats, y: Floats, weights: Floats) -> Floats:
    """tau-b: (concordant - discordant) / sqrt(pairs not tied in x * pairs not tied in y)."""
    sx, sy = _signs(x), _signs(y)
    both = _pair_sum(sx * sy, weights)
    x_untied, y_untied = _pair_sum(np.abs(sx), weights), _pair_sum(np.abs(sy), weights)
    return _ratio(both, np.sqrt(x_untied) * np.sqrt(y_untied), (x_untied > 0) & (y_untied > 0))


def _signs(values: Floats) -> Floats:
    signs: Floats = np.sign(values[:, None] - values[None, :])
    return signs


def _pair_sum(matrix: Floats, weights: Floats) -> Floats:
    """The sum over all pairs of rows of a resample. Whole numbers: exact in any order."""
    total: Floats = ((weights @ matrix) * weights).sum(axis=1)
    return total


def partial(xy: Floats, xz: Floats, yz: Floats) -> Floats:
    """The correlation of x and y with z held constant, from the three correlations."""
    rest = (1 - xz**2) * (1 - yz**2)
    return _ratio(xy - xz * yz, np.sqrt(np.maximum(rest, 0)), rest > 1e-12)


# Pairwise accuracy -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Accuracy:
    """How often a metric says of two TLDRs what people say: better, worse or equal."""

    value: float
    epsilon: float
    """Two metric scores count as equal up to this difference: the one that gives the best value."""
    pairs: int
    ties: float
    """The share of pairs that people call equal: what "always equal" would get."""


def accuracy(metric: Floats, human: Floats, groups: Sequence[int]) -> Accuracy | None:
    """Pairwise accuracy with tie calibration over the pairs within each group, or None without pairs.

    Deutsch, Foster and Freitag 2023, "Ties Matter": acc_eq, with the epsilon that maximises it; of
    equally good ones the smallest.
    """
    first, second = _pairs_within(groups)
    if not len(first):
        return None
    gap, truth = metric[first] - metric[second], np.sign(human[first] - human[second])
    order = np.argsort(np.abs(gap), kind="stable")
    far = np.abs(gap)[order]
    tied = (truth[order] == 0).astype(np.int64)
    agreed = ((truth != 0) & (np.sign(gap) == truth))[order].astype(np.int64)
    # With the k nearest pairs called equal: their true ties, and the agreement among the others.
    right = np.r_[0, np.cumsum(tied)] + np.r_[agreed.sum(), agreed.sum() - np.cumsum(agreed)]
    exact = int(np.count_nonzero(far == 0))
    allowed = [exact, *(k for k in range(exact + 1, len(far) + 1) if _is_cut(far, k))]
    best = max(allowed, key=lambda k: (right[k], -k))
    epsilon = float(far[best - 1]) if best > exact else 0.0
    return Accuracy(right[best] / len(far), epsilon, len(far), float(tied.mean()))


def _is_cut(far: Floats, k: int) -> bool:
    """Whether an epsilon can part the k nearest pairs from the others."""
    return k == len(far) or bool(far[k] > far[k - 1])


def _pairs_within(groups: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = np.asarray(groups)
    first, second = np.triu_indices(len(rows), 1)
    same = rows[first] == rows[second]
    return first[same], second[same]


# Two metrics -------------------------------------------------------------------------------------


def williams(human_a: float, human_b: float, a_b: float, n: int) -> float | None:
    """The two-sided p-value for two metrics that agree equally well with people; None if undefined.

    Williams' t for dependent correlations with one variable in common (Williams 1959; Steiger 1980,
    equation 7), n - 3 degrees of freedom.
    """
    if n < 4 or not all(map(math.isfinite, (human_a, human_b, a_b))):
        return None
    determinant = 1 - human_a**2 - human_b**2 - a_b**2 + 2 * human_a * human_b * a_b
    mean = (human_a + human_b) / 2
    below = 2 * determinant * (n - 1) / (n - 3) + mean**2 * (1 - a_b) ** 3
    if below <= 0:
        return None
    t = (human_a - human_b) * math.sqrt((n - 1) * (1 + a_b) / below)
    return float(t_tail(np.array([t]), n - 3)[0])
