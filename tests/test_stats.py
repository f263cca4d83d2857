"""Intervals, power, and the whole way from columns to ranks (`tldr_bench.stats`)."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tldr_bench.stats import (
    Interval,
    NoInterval,
    Samples,
    bootstrap,
    decide,
    detectable,
    draw,
    interval,
    rank,
    resolution,
)


def one(values: list[float], examples: int = 10) -> Samples:
    return Samples(np.array([values]), examples, examples)


def test_bounds_are_the_250th_from_either_end() -> None:
    """Of the numbers 1 to 10,000, 250 lie at or below one bound and 250 at or above the other."""
    values = np.random.default_rng(0).permutation(np.arange(1.0, 10_001))
    assert interval(one(values)) == Interval(250, 9751)


def test_an_interval_leaves_the_samples_alone() -> None:
    """Asking twice gives the same interval, and the samples keep their order."""
    samples = one(list(np.random.default_rng(0).random(99)))
    before = samples.values.copy()
    assert interval(samples) == interval(samples)
    assert (samples.values == before).all()


def test_intervals_agree_with_scipy() -> None:
    """scipy's percentile bootstrap of a column gives the same bounds, within Monte Carlo error."""
    column = np.random.default_rng(2).beta(2, 3, 400)
    ours = interval(bootstrap([{"f": column}], lambda m: m, draw(400, "s"))["f"])
    theirs = scipy_stats.bootstrap(
        (column,), np.mean, n_resamples=10_000, method="percentile", rng=1
    ).confidence_interval
    error = column.std() / 20
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.12 * error)


@pytest.mark.parametrize(
    ("column", "reason"),
    [([0.7], "one example: nothing to resample"), ([0.1] * 9, "nothing varies between resamples")],
)
def test_no_interval_of_zero_width(column: list[float], reason: str) -> None:
    """One example, or examples that are all alike, get a reason in place of ±0."""
    samples = bootstrap([{"f": np.array(column)}], lambda m: m, draw(len(column), "s"))["f"]
    assert interval(samples) == NoInterval(reason)


def test_a_constant_column_does_not_vary_by_cells_either() -> None:
    """Rounding does not make a constant vary when whole cells are drawn."""
    samples = bootstrap([{"f": np.full(101, 0.1)}], lambda m: m, draw(101, "s", most_units=50))["f"]
    assert interval(samples) == NoInterval("nothing varies between resamples")


def test_missing_and_undefined_scores_have_no_interval() -> None:
    """A system that was not computed and one that is undefined on a resample say so."""
    assert interval(one([np.nan] * 99)) == NoInterval("no score")
    undefined = one([np.nan, *np.arange(98.0)])
    assert interval(undefined) == NoInterval("the score is undefined for some resamples")


def test_power_by_hand() -> None:
    """With many examples the detectable difference is (1.960 + 0.842) standard errors."""
    assert detectable(1.0, 10_000) == pytest.approx(0.02802, abs=1e-5)
    with pytest.raises(ValueError, match="one example"):
        detectable(1.0, 1)


@pytest.mark.parametrize("examples", [10, 50, 618])
@pytest.mark.parametrize("tests", [1, 66])
def test_power_agrees_with_the_noncentral_t(examples: int, tests: int) -> None:
    """A t-test's exact power at the detectable difference is 80 %, from 10 examples on."""
    degrees = examples - 1
    shift = detectable(1.0, examples, tests=tests) * np.sqrt(examples)
    line = scipy_stats.t.ppf(1 - 0.025 / tests, degrees)
    assert scipy_stats.nct.sf(line, degrees, shift) == pytest.approx(0.8, abs=0.02 + 0.3 / examples)


def test_resolution_is_the_median_pair() -> None:
    """A task resolves what its median pair can show; corrected for all pairs, less."""
    rng = np.random.default_rng(3)
    columns = rng.random(300) + rng.normal(0, 1, (3, 300)) * np.array([[0.1], [0.1], [1.0]])
    samples = bootstrap([{"f": row} for row in columns], lambda m: m, draw(300, "s"))["f"]
    pairs = decide([float(row.mean()) for row in columns], samples)
    deviations = [
        (columns[a] - columns[b]).std(ddof=1) for a, b in zip(*np.triu_indices(3, 1), strict=True)
    ]
    middle = float(np.median(deviations))
    assert resolution(pairs) == pytest.approx(detectable(middle, 300), rel=0.02)
    assert resolution(pairs, corrected=True) == pytest.approx(
        detectable(middle, 300, tests=3), rel=0.02
    )


def test_no_resolution_without_variation() -> None:
    """A board of one system, of copies, or of one example resolves nothing."""
    for columns in (np.ones((1, 9)), np.ones((2, 9)), np.array([[0.2], [0.4]])):
        resamples = draw(columns.shape[1], "s")
        samples = bootstrap([{"f": row} for row in columns], lambda m: m, resamples)["f"]
        assert resolution(decide([float(row.mean()) for row in columns], samples)) is None


def test_from_columns_to_ranks() -> None:
    """Three systems, two of them alike and one far ahead: ranks 1, and 2 to 3 shared by a bar."""
    rng = np.random.default_rng(1)
    difficulty = rng.random(200)
    columns = difficulty + rng.normal(0, 0.1, (3, 200)) + np.array([[0.0], [0.3], [0.0]])
    samples = bootstrap([{"f": row} for row in columns], lambda m: m, draw(200, "task 1"))["f"]
    scores = [float(row.mean()) for row in columns]
    ranking = rank(scores, decide(scores, samples))
    ranges = [(standing.best, standing.worst) for standing in ranking.standings]
    assert ranges == [(2, 3), (1, 1), (2, 3)]
    assert ranking.bars == ((1, 2),)
    assert [standing.with_best for standing in ranking.standings] == [False, True, False]


def test_scipy_is_not_needed() -> None:
    """Importing and using the package at run time brings in numpy and no scipy."""
    script = "import sys, tldr_bench.stats as s; s.draw(5, 's'); sys.exit('scipy' in sys.modules)"
    assert subprocess.call([sys.executable, "-c", script]) == 0
