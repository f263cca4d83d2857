"""Correlations: every figure against scipy, a published example, or a count by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tldr_bench.analysis.correlations import (
    accuracy,
    kendall,
    midranks,
    partial,
    pearson,
    spearman,
    williams,
)

PAIRS = [(pearson, stats.pearsonr), (spearman, stats.spearmanr), (kendall, stats.kendalltau)]


def columns(seed: int, n: int = 60) -> tuple[Any, Any]:
    """Two related columns with many ties, as judgements have."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = np.round(x + rng.normal(size=n))
    return np.round(x, 1), y


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("seed", range(5))
def test_figures_are_scipys(ours: Any, theirs: Any, seed: int) -> None:
    """Pearson, Spearman and Kendall's tau-b of tied columns equal scipy's."""
    x, y = columns(seed)
    assert ours(x, y, np.ones((1, len(x))))[0] == pytest.approx(theirs(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_weights_are_repeated_rows(ours: Any, theirs: Any) -> None:
    """A weighted figure equals scipy's on the sample with its rows written out again and again."""
    x, y = columns(7)
    weights = np.random.default_rng(1).integers(0, 4, size=(6, len(x))).astype(float)
    for row, found in zip(weights, ours(x, y, weights), strict=True):
        again = np.repeat(np.arange(len(x)), row.astype(int))
        assert found == pytest.approx(theirs(x[again], y[again]).statistic, abs=1e-12)


def test_ranks_of_ties_are_shared() -> None:
    """Equal values share the mean of their ranks, as scipy's rankdata has it."""
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0])
    assert midranks(values, np.ones((1, 5)))[0].tolist() == stats.rankdata(values).tolist()


@pytest.mark.parametrize("kind", [pearson, spearman, kendall])
def test_constant_columns_have_no_correlation(kind: Any) -> None:
    """With a constant column every coefficient is undefined: NaN, and no warning."""
    x = np.array([0.1] * 5)
    y = np.arange(5.0)
    assert math.isnan(kind(x, y, np.ones((1, 5)))[0])
    assert math.isnan(kind(y, x, np.ones((1, 5)))[0])


def test_partial_correlation_is_that_of_residuals() -> None:
    """Holding z constant equals correlating the residuals of two regressions on z."""
    x, y = columns(3)
    z = x + y + np.random.default_rng(2).normal(size=len(x))
    once = np.ones((1, len(x)))
    found = partial(pearson(x, y, once), pearson(x, z, once), pearson(y, z, once))[0]
    rests = [column - np.polyval(np.polyfit(z, column, 1), z) for column in (x, y)]
    assert found == pytest.approx(stats.pearsonr(*rests).statistic, abs=1e-9)


def brute(metric: Any, human: Any, groups: Any, epsilon: float) -> float:
    """Pairwise accuracy at one epsilon, counted pair by pair."""
    right = total = 0
    for a in range(len(metric)):
        for b in range(a):
            if groups[a] == groups[b]:
                gap = metric[a] - metric[b]
                said = 0 if abs(gap) <= epsilon else (1 if gap > 0 else -1)
                right += said == np.sign(human[a] - human[b])
                total += 1
    return right / total


@pytest.mark.parametrize("seed", range(4))
def test_tie_calibration_finds_the_best_epsilon(seed: int) -> None:
    """No epsilon gives a better pairwise accuracy than the calibrated one, counted by brute force."""
    x, y = columns(seed, 24)
    groups = [row % 4 for row in range(24)]
    found = accuracy(x, y, groups)
    assert found is not None
    gaps = {abs(x[a] - x[b]) for a in range(24) for b in range(a)}
    best = max(brute(x, y, groups, gap) for gap in {0.0, *gaps})
    assert found.value == pytest.approx(best)
    assert brute(x, y, groups, found.epsilon) == pytest.approx(found.value)
    assert found.pairs == 4 * 15


def test_pairwise_accuracy_by_hand() -> None:
    """Three TLDRs of one paper: one pair right, one tie found by epsilon, one wrong."""
    metric, human = np.array([0.30, 0.32, 0.10]), np.array([2.0, 2.0, 2.0])
    found = accuracy(metric, human, [0, 0, 0])
    assert found is not None
    assert (found.value, found.ties) == (1.0, 1.0)
    assert found.epsilon == pytest.approx(0.22)
    human = np.array([2.0, 2.0, 1.0])
    found = accuracy(metric, human, [0, 0, 0])
    assert found is not None
    assert found.value == 1.0
    assert found.epsilon == pytest.approx(0.02)


def test_without_pairs_there_is_no_accuracy() -> None:
    """One TLDR for each paper leaves nothing to compare."""
    assert accuracy(np.arange(3.0), np.arange(3.0), [0, 1, 2]) is None


def test_williams_as_published() -> None:
    """Steiger's own example: r12 = .63, r13 = .53, r23 = .72, n = 103 gives t(100) = 1.77 or so."""
    p = williams(0.63, 0.53, 0.72, 103)
    r12, r13, r23, n = 0.63, 0.53, 0.72, 103
    determinant = 1 - r12**2 - r13**2 - r23**2 + 2 * r12 * r13 * r23
    below = 2 * (n - 1) / (n - 3) * determinant + ((r12 + r13) / 2) ** 2 * (1 - r23) ** 3
    t = (r12 - r13) * math.sqrt((n - 1) * (1 + r23) / below)
    assert p == pytest.approx(2 * stats.t.sf(t, n - 3), rel=1e-9)


def test_williams_keeps_its_level() -> None:
    """Of two equally good metrics, about one pair in twenty differs at 5 %."""
    rng, found = np.random.default_rng(3), []
    for _ in range(600):
        human = rng.normal(size=50)
        a, b = (0.5 * human + rng.normal(size=50) for _ in range(2))
        r = np.corrcoef([human, a, b])
        p = williams(r[0, 1], r[0, 2], r[1, 2], 50)
        assert p is not None
        found.append(p <= 0.05)
    assert 0.02 <= np.mean(found) <= 0.08


def test_williams_needs_four_rows_and_defined_figures() -> None:
    """Where the test is undefined it says nothing."""
    assert williams(0.5, 0.4, 0.3, 3) is None
    assert williams(math.nan, 0.4, 0.3, 30) is None
