"""What intervals and tests promise, tried on made-up boards whose truth is known.

TLDR_BENCH_EXAMPLES=2000 makes as many boards of each kind; by default they are few enough for every
run. Seeds are fixed, and each tolerance is three standard errors of the number of boards.
"""

from __future__ import annotations

import math
import os

import numpy as np
import pytest

from tldr_bench.stats import Interval, Samples, bootstrap, decide, detectable, draw, interval
from tldr_bench.stats.resample import Resamples, resampled_means

BOARDS = int(os.environ.get("TLDR_BENCH_EXAMPLES", "200"))
MEAN_OF_BETA = 2 / 5


def tolerance(share: float, boards: int) -> float:
    return 3 * math.sqrt(share * (1 - share) / boards)


def board(rng: np.random.Generator, systems: int, examples: int, shape: str) -> np.ndarray:
    """Columns (systems, examples) of truly equal systems that share the papers' difficulty."""
    difficulty = rng.beta(2, 3, examples)
    if shape == "rouge-like":
        return np.clip(difficulty + rng.normal(0, 0.15, (systems, examples)), 0, 1)
    return (rng.random((systems, examples)) < difficulty).astype(float)  # right or wrong


def samples_of(columns: np.ndarray, resamples: Resamples) -> Samples:
    return bootstrap([{"f": row} for row in columns], lambda means: means, resamples)["f"]


@pytest.mark.parametrize(("shape", "examples"), [("rouge-like", 60), ("right-or-wrong", 150)])
def test_false_separations_stay_below_five_percent(shape: str, examples: int) -> None:
    """Of boards of eight equal systems, at most 5 % show any significant pair."""
    rng, resamples = np.random.default_rng(20), draw(examples, "null")
    wrong = 0
    for _ in range(BOARDS):
        columns = board(rng, 8, examples, shape)
        tested = decide([float(row.mean()) for row in columns], samples_of(columns, resamples))
        wrong += bool(tested.significant.any())
    assert wrong / BOARDS <= 0.05 + tolerance(0.05, BOARDS)


def test_a_single_pair_errs_at_its_level() -> None:
    """Of two equal systems, one test in twenty says p <= 5 %: neither bold nor timid."""
    boards, rng, resamples = max(BOARDS, 1000), np.random.default_rng(21), draw(100, "level")
    columns = np.concatenate([board(rng, 2, 100, "rouge-like") for _ in range(boards)])
    wrong = 0
    for start in range(0, len(columns), 2):
        two = columns[start : start + 2]
        tested = decide([float(row.mean()) for row in two], samples_of(two, resamples))
        wrong += bool(tested.p[0] <= 0.05)
    assert wrong / boards == pytest.approx(0.05, abs=0.01 + tolerance(0.05, boards))


@pytest.mark.parametrize(("examples", "most_units"), [(618, 10_000), (100, 10_000), (6_180, 1_000)])
def test_intervals_hold_the_truth_95_times_in_100(examples: int, most_units: int) -> None:
    """The interval holds the true score of 95 % +- 2 of 2,000 made-up systems, by cells too."""
    rng = np.random.default_rng(22)
    resamples = draw(examples, "coverage", most_units=most_units)
    held = 0
    for _ in range(20):
        values = resampled_means(rng.beta(2, 3, (100, examples)), resamples)
        samples = Samples(values, examples, resamples.units)
        for system in range(100):
            bounds = interval(samples, system)
            assert isinstance(bounds, Interval)
            held += bounds.low <= MEAN_OF_BETA <= bounds.high
    assert held / 2000 == pytest.approx(0.95, abs=0.02)


def test_a_detectable_difference_is_detected() -> None:
    """A true difference of the size that `detectable` names is found on 80 % of boards."""
    rng, resamples = np.random.default_rng(23), draw(120, "power")
    difference, found = detectable(0.3, 120), 0
    for _ in range(BOARDS):
        base = rng.random(120)
        columns = np.stack([base, base + difference + rng.normal(0, 0.3, 120)])
        tested = decide([float(row.mean()) for row in columns], samples_of(columns, resamples))
        found += bool(tested.p[0] <= 0.05)
    assert found / BOARDS == pytest.approx(0.8, abs=0.02 + tolerance(0.8, BOARDS))
