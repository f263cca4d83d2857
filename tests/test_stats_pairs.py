"""Two systems compared, and many (`tldr_bench.stats.pairs`)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import significance
from scipy.stats import ttest_rel

from tldr_bench.stats import (
    Interval,
    NoInterval,
    Pair,
    Pairs,
    Samples,
    bootstrap,
    decide,
    draw,
    holm,
    pairs,
)


def board(columns: np.ndarray, seed: str = "s", count: int = 10_000) -> tuple[list[float], Samples]:
    """Scores and samples of systems from their columns (systems, examples)."""
    resamples = draw(columns.shape[1], seed, count=count)
    samples = bootstrap([{"f": row} for row in columns], lambda means: means, resamples)["f"]
    return [float(row.mean()) for row in columns], samples


def decisions(columns: np.ndarray, seed: str = "s", count: int = 10_000) -> Pairs:
    return decide(*board(columns, seed, count))


def systems_like_real_ones(count: int, examples: int, seed: int, apart: float) -> np.ndarray:
    """Scores in [0, 1] that share the papers' difficulty, a little apart from each other."""
    rng = np.random.default_rng(seed)
    difficulty = rng.beta(2, 3, examples)
    own = rng.normal(0, 0.12, (count, examples)) + apart * np.arange(count)[:, None]
    return np.clip(difficulty + own, 0, 1)


class Mean:
    """A metric in sacrebleu's sense whose score is the mean of a column."""

    def _extract_corpus_statistics(self, hypotheses: list[float], _: object) -> np.ndarray:
        return np.array(hypotheses)[:, None]

    def _compute_score_from_stats(self, total: np.ndarray) -> SimpleNamespace:
        return SimpleNamespace(score=float(total[0]) / self.examples)

    def _aggregate_and_compute(self, stats: np.ndarray) -> SimpleNamespace:
        return self._compute_score_from_stats(np.asarray(stats).sum(0))

    def __init__(self, examples: int) -> None:
        self.examples = examples


def sacrebleu_p(test: str, one: np.ndarray, other: np.ndarray) -> float:
    """The p-value of sacrebleu's own paired test ("bs" or "ar") on two columns."""
    metric = Mean(len(one))
    stats = metric._extract_corpus_statistics(one.tolist(), None)
    baseline = {"mean": (stats, metric._aggregate_and_compute(stats))}
    run = {"bs": significance._paired_bs_test, "ar": significance._paired_ar_test}[test]
    _, results = run(baseline, "other", other.tolist(), None, {"mean": metric}, 10_000, -1, 1)
    return float(results["mean"].p_value)


@pytest.mark.parametrize("apart", [0.0, 0.004, 0.008, 0.010, 0.012])
def test_agrees_with_sacrebleus_paired_randomisation(apart: float) -> None:
    """sacrebleu's --paired-ar gives the same p-value, within Monte Carlo error."""
    one, other = systems_like_real_ones(2, 618, seed=4, apart=apart)
    ours, theirs = decisions(np.stack([one, other])).p[0], sacrebleu_p("ar", one, other)
    assert ours == pytest.approx(
        theirs, abs=4 * np.sqrt(2 * theirs * (1 - theirs) / 10_000) + 0.003
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_is_twice_sacrebleus_paired_bootstrap(seed: int) -> None:
    """sacrebleu's --paired-bs centres |d_b|, not d_b, and so counts one tail: half of ours."""
    one, other = systems_like_real_ones(2, 618, seed, apart=0)
    other = other - other.mean() + one.mean() + 2.2 * (one - other).std() / np.sqrt(618)
    ours, theirs = decisions(np.stack([one, other])).p[0], sacrebleu_p("bs", one, other)
    assert ours == pytest.approx(0.028, abs=0.006)
    assert 2 * theirs == pytest.approx(ours, abs=8 * np.sqrt(2 * theirs / 10_000))


def test_is_sacrebleus_formula_on_the_same_resamples() -> None:
    """Given the same centred d_b, sacrebleu's formula gives the same p-value to the last bit."""
    scores, samples = board(systems_like_real_ones(6, 618, seed=2, apart=0.003))
    tested = decide(scores, samples)
    counted = 0
    for place, (a, b) in enumerate(itertools.combinations(range(6), 2)):
        drawn = samples.values[a] - samples.values[b]
        theirs = significance._compute_p_value(
            np.abs(drawn - drawn.mean()), abs(scores[a] - scores[b])
        )
        if theirs > 0.002:
            counted += 1
            assert tested.p[place] == theirs
    assert counted >= 5


def test_p_values_by_hand() -> None:
    """39 resamples, 10 farther out than the difference and 2 just as far: p = (1 + 12) / 40."""
    gaps = np.array([0.0] + [3.0, -3.0] * 5 + [2.0, -2.0] + [0.5, -0.5] * 13)
    samples = Samples(np.stack([2 + gaps, np.zeros(39)]), examples=100, units=100)
    pair = decide([2.0, 0.0], samples).of(0, 1)
    variance = (10 * 9 + 2 * 4 + 26 / 4) / 39 * 100 / 99
    assert pair == Pair(2.0, Interval(-1.0, 5.0), np.sqrt(variance), 13 / 40, 13 / 40, False)


@given(st.integers(0, 2**32), st.floats(0, 4))
def test_pruned_counts_are_the_full_counts(seed: int, distance: float) -> None:
    """Looking at the outermost resamples only, where that will do, counts what a full look does."""
    rng = np.random.default_rng(seed)
    gaps = np.round(rng.normal(size=(4, 399)), 1)
    on_the_bound = -np.sort(gaps[1])[9]
    distances = np.round(np.array([0, on_the_bound, distance, gaps[3].max()]), 1)
    full = [int((np.abs(row) >= far).sum()) for row, far in zip(gaps, distances, strict=True)]
    bounds = pairs.outer(gaps)
    assert pairs._beyond(gaps, bounds, distances).tolist() == full


@pytest.mark.parametrize("examples", [5, 40, 618])
def test_far_out_it_is_the_paired_t_test(examples: int) -> None:
    """Where next to no resample lies as far out, p is scipy's paired t-test, up to noise."""
    columns = systems_like_real_ones(2, examples, seed=3, apart=0.4 if examples < 50 else 0.04)
    tested = decisions(columns)
    expected = ttest_rel(columns[0], columns[1])
    assert tested.p[0] < 0.02
    assert abs(tested.difference[0] / tested.standard_error[0]) == pytest.approx(
        abs(expected.statistic), rel=0.025
    )
    assert np.log(tested.p[0]) == pytest.approx(np.log(expected.pvalue), rel=0.06)


def test_the_two_ways_meet() -> None:
    """With some ten resamples in the tail, counted p-values and Student's t's are of one size."""
    columns = systems_like_real_ones(2, 618, seed=6, apart=0)
    error = (columns[0] - columns[1]).std() / np.sqrt(618)
    columns[1] += columns[0].mean() - columns[1].mean()
    for multiple in (3.0, 3.1, 3.2):
        moved = np.stack([columns[0], columns[1] + multiple * error])
        counted = (1 + pairs._gather(*_points_and_values(moved)).beyond[0]) / 10_001
        expected = ttest_rel(moved[0], moved[1]).pvalue
        assert counted == pytest.approx(expected, abs=4 * np.sqrt(expected / 10_000) + 1e-4)


def _points_and_values(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    scores, samples = board(columns)
    return np.array(scores), samples.values, samples.units


def test_a_thousand_systems_can_be_told_apart() -> None:
    """A large difference survives Holm over 499,500 pairs, which no counted p-value could."""
    p = decisions(systems_like_real_ones(2, 618, seed=3, apart=0.1)).p[0]
    assert 499_500 / 10_001 > 0.05 > 499_500 * p


def test_no_p_value_is_zero() -> None:
    """However far apart two systems are, p says so with a number, and Holm can work with it."""
    tested = decisions(systems_like_real_ones(1, 9_000, seed=3, apart=0) + np.array([[0.0], [9.0]]))
    assert (tested.p[0], tested.p_holm[0], tested.significant[0]) == (1e-300, 1e-300, True)


def test_identical_systems_are_never_different() -> None:
    """Two copies of one system: difference 0, p = 1, and no interval of ±0."""
    columns = systems_like_real_ones(1, 50, seed=1, apart=0).repeat(2, axis=0)
    pair = decisions(columns).of(0, 1)
    assert (pair.difference, pair.standard_error, pair.p, pair.significant) == (0, 0, 1, False)
    assert pair.interval == NoInterval("nothing varies between resamples")


@pytest.mark.parametrize("examples", [1, 2, 5, 30])
def test_a_constant_difference_is_tested_exactly(examples: int) -> None:
    """Ahead by 0.1 on each of n examples: p = 2 ** (1 - n), as enumerating all exchanges gives."""
    column = np.random.default_rng(1).random(examples)
    tested = decisions(np.stack([column + 0.1, column]))
    assert tested.p[0] == 2.0 ** (1 - examples)
    if examples <= 5:
        exchanges = itertools.product((1, -1), repeat=examples)
        as_far = [abs(sum(signs)) == examples for signs in exchanges]
        assert tested.p[0] == sum(as_far) / len(as_far)


def test_one_example_tells_nothing() -> None:
    """At n = 1 nothing is significant and the reason is given in place of an interval."""
    pair = decisions(np.array([[0.9], [0.1]])).of(0, 1)
    assert (pair.p, pair.significant) == (1, False)
    assert pair.interval == NoInterval("one example: nothing to resample")


def test_holm_by_hand() -> None:
    """The worked example: 4 tests at .01, .04, .03, .005 become .03, .06, .06, .02."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []


@given(st.lists(st.sampled_from([0.001, 0.004, 0.01, 0.012, 0.02, 0.03, 0.05, 0.5]), max_size=8))
def test_holm_is_the_closed_bonferroni_test(values: list[float]) -> None:
    """Each corrected p is the largest Bonferroni p of all sets it belongs to (brute force)."""
    sets = [
        subset
        for size in range(1, len(values) + 1)
        for subset in itertools.combinations(range(len(values)), size)
    ]
    expected = [
        max(min(1.0, len(s) * min(values[i] for i in s)) for s in sets if member in s)
        for member in range(len(values))
    ]
    assert holm(np.array(values, dtype=float)) == pytest.approx(expected)


def test_the_order_of_systems_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned around or in other blocks, every pair has the same bits, with the sign turned."""
    columns = systems_like_real_ones(7, 60, seed=8, apart=0.02)
    usual = decisions(columns)
    monkeypatch.setattr(pairs, "ROWS_AT_ONCE", 2)
    turned = decisions(columns[::-1])
    for a, b in itertools.combinations(range(7), 2):
        assert usual.of(a, b) == turned.of(6 - a, 6 - b)
        there, back = usual.of(a, b), usual.of(b, a)
        assert isinstance(there.interval, Interval)
        mirrored = Interval(-there.interval.high, -there.interval.low)
        assert back == replace(there, difference=-there.difference, interval=mirrored)


def test_missing_scores_take_no_part() -> None:
    """A system without a score is in no pair, and the others are judged as if it were not there."""
    columns = systems_like_real_ones(4, 60, seed=8, apart=0.05)
    resamples = draw(60, "s")
    systems = [{"f": row} for row in columns]
    systems.insert(1, None)
    samples = bootstrap(systems, lambda means: means, resamples)["f"]
    scores = [float(row.mean()) for row in columns]
    for missing in (None, float("nan")):
        tested = decide([scores[0], missing, *scores[1:]], samples)
        assert tested.systems.tolist() == [0, 2, 3, 4]
        alone = decisions(columns)
        assert tested.p_holm.tolist() == alone.p_holm.tolist()
        assert tested.of(2, 4) == alone.of(1, 3)
    for absent in ((0, 1), (1, 2), (0, 5), (2, 2)):
        with pytest.raises(ValueError, match="not two systems with a score"):
            tested.of(*absent)


def test_scores_undefined_on_some_resamples_are_not_tested() -> None:
    """A system whose score is 0 / 0 on one resample differs significantly from none."""
    scores, samples = board(systems_like_real_ones(3, 60, seed=8, apart=0.2))
    values = samples.values.copy()
    values[1, 7] = np.nan
    tested = decide(scores, Samples(values, 60, 60))
    assert tested.p[[0, 2]].tolist() == [1, 1]
    assert tested.significant.tolist() == [False, True, False]
    assert isinstance(tested.of(0, 1).interval, NoInterval)


def test_no_pairs() -> None:
    """A board of one system, or of none that has a score, has no pairs and no error."""
    scores, samples = board(systems_like_real_ones(2, 20, seed=8, apart=0.2))
    assert len(decide([scores[0], None], samples).p) == 0
    assert len(decide([None, None], samples).p) == 0


def test_what_does_not_belong_together_is_refused() -> None:
    """Scores in percent beside resamples in fractions, infinite ones, too few of them raise."""
    scores, samples = board(systems_like_real_ones(2, 618, seed=8, apart=0.1))
    with pytest.raises(ValueError, match="2 scores lie far outside their own resamples"):
        decide([100 * score for score in scores], samples)
    with pytest.raises(ValueError, match="infinite"):
        decide([float("inf"), 0.5], samples)
    with pytest.raises(ValueError, match="1 scores for the resamples of 2 systems"):
        decide(scores[:1], samples)
