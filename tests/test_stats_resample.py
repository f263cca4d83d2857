"""Resamples and the exact sums over them (`tldr_bench.stats.resample`, `exact`)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from tldr_bench.stats import bootstrap, draw, exact, interval, resample
from tldr_bench.stats.resample import resampled_means

finite = st.floats(min_value=-1e300, max_value=1e300, allow_subnormal=False)


def columns_of(count: int, examples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(2, 3, size=(count, examples))


def pcg64(state: int, increment: int) -> int:
    """The next state of PCG64, from the paper (O'Neill 2014) and not from numpy."""
    return (state * 0x2360ED051FC65DA44385DF649FCCF645 + increment) % 2**128


def pcg64_word(state: int) -> int:
    """XSL-RR: the halves of the state xored, rotated by its top six bits."""
    mixed, turn = (state >> 64) ^ (state % 2**64), state >> 122
    return (mixed >> turn | mixed << (64 - turn)) % 2**64


def test_draws_follow_the_documented_generator() -> None:
    """Every weight is what the documented arithmetic gives, in plain Python integers."""
    seed = int.from_bytes(hashlib.sha256(b"task v1").digest(), "big")
    start = np.random.PCG64(seed).state["state"]
    state, units = start["state"], 7
    expected = np.zeros((40, units), dtype=int)
    for row in expected:
        words = []
        for _ in range(4):
            state = pcg64(state, start["inc"])
            words.append(pcg64_word(state))
        for half in [word % 2**32 for word in words] + [word >> 32 for word in words][:3]:
            row[half * units >> 32] += 1
    assert draw(units, "task v1", count=40).weights.tolist() == expected.tolist()


def test_the_resamples_of_a_seed_never_change() -> None:
    """Published bounds stay reproducible: the digest changes with a bold CHANGELOG line only."""
    digest = hashlib.sha256(draw(618, "scitldr-a 1").weights.tobytes()).hexdigest()
    assert digest == "941becd21f264c922b2b13df0ec50ada315d9f9fec0add639def21081fa28dff"


def test_a_seed_is_all_that_chooses_the_resamples() -> None:
    """Equal seeds give equal weights, another seed gives others."""
    one, same, other = (draw(50, seed).weights for seed in ("a", "a", "b"))
    assert (one == same).all()
    assert (one != other).any()


def test_every_resample_draws_as_many_as_there_are() -> None:
    """Each row of weights sums to the number of examples, for odd and even numbers of them."""
    for examples in (1, 2, 7, 300):
        resamples = draw(examples, "s", count=100)
        assert (resamples.weights.sum(axis=1) == examples).all()
        assert (resamples.count, resamples.units) == (100, examples)


def test_every_example_is_drawn_equally_often() -> None:
    """10,000 resamples pass a chi-squared test of uniformity, and vary as multinomials do."""
    weights = draw(100, "uniform").weights.astype(int)
    assert chisquare(weights.sum(axis=0)).pvalue > 0.001
    assert weights.var() == pytest.approx(1 - 1 / 100, abs=0.01)


@pytest.mark.parametrize("most_units", [10_000, 6])
def test_resampled_means_are_exact(most_units: int) -> None:
    """Each mean is, to the last bit, the rounded quotient that rational arithmetic gives."""
    resamples = draw(20, "exact", count=60, most_units=most_units)
    column = columns_of(1, 20)[0] * 1e-7
    whole, exponent = exact.to_integers(column, resamples.most_examples)
    unit = np.arange(20) if resamples.unit is None else resamples.unit
    for weights, mean in zip(
        resamples.weights, resampled_means([column], resamples)[0], strict=True
    ):
        times = {example: int(weights[unit[example]]) for example in range(20)}
        total = sum(times[example] * int(whole[example]) for example in range(20))
        assert abs(total) < 2**53
        assert mean == float(Fraction(total, sum(times.values()))) * 2.0**exponent


@given(st.lists(finite, min_size=1, max_size=30), st.integers(1, 10**6))
def test_integers_are_whole_bounded_and_close(values: list[float], repeats: int) -> None:
    """Whole numbers, half a step from their values at most, whose largest sum fits 53 bits."""
    column, terms = np.array(values), len(values) * repeats
    whole, exponent = exact.to_integers(column, terms)
    assert all(number == int(number) for number in whole)
    assert max(abs(int(number)) for number in whole) * terms <= 2**53
    step = Fraction(2) ** exponent
    for value, number in zip(values, whole, strict=True):
        assert abs(Fraction(value) - int(number) * step) <= step / 2
    assert (
        step <= Fraction(float(np.abs(column).max()) or 1.0) * terms * 4 / 2**53 or not column.any()
    )


def test_no_order_of_addition_shows() -> None:
    """Shuffling the terms of every sum changes no bit, where a plain float product does change."""
    rng = np.random.default_rng(3)
    weights, column = draw(618, "order", count=200).weights, columns_of(1, 618)[0]
    whole, _ = exact.to_integers(column, 618)
    floats_moved = False
    for _ in range(5):
        turn = rng.permutation(618)
        shuffled = exact.products(whole[None, turn], weights[:, turn])
        assert shuffled.tobytes() == exact.products(whole[None], weights).tobytes()
        plain, turned = weights @ column, weights[:, turn] @ column[turn]
        floats_moved |= bool((plain != turned).any())
    assert floats_moved


def test_folding_adds_in_the_documented_order() -> None:
    """x[i] + x[i + half], the middle one of an odd number waiting: as plain Python adds."""
    values = [1e16, 1.0, -1e16, 3.7, 1e-3, 2.0, 0.1]
    halves = [1e16 + 1e-3, 1.0 + 2.0, -1e16 + 0.1, 3.7]
    by_hand = (halves[0] + halves[2]) + (halves[1] + halves[3])
    folded = exact.fold(np.array([values, values[::-1]]))
    assert folded[0] == by_hand
    assert folded[0] != sum(values)
    assert exact.fold(np.array([[5.0]])).tolist() == [5.0]


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiny blocks of resamples and of columns give the same bits as the usual ones."""
    systems = [{"a": row, "b": row * row} for row in columns_of(5, 33)]

    def digest() -> bytes:
        samples = bootstrap(systems, lambda means: means, draw(33, "s", most_units=30))
        return b"".join(samples[name].values.tobytes() for name in ("a", "b"))

    usual = digest()
    monkeypatch.setattr(exact, "BLOCK", 100)
    monkeypatch.setattr(resample, "COLUMNS_AT_ONCE", 1)
    assert digest() == usual


def test_threads_do_not_show() -> None:
    """The same bits come out of a process with one BLAS thread and of one with two."""
    script = (
        "import hashlib, numpy as np; from tldr_bench.stats import *\n"
        "rows = np.random.default_rng(0).random((40, 618))\n"
        "samples = bootstrap([{'f': row} for row in rows], lambda m: m, draw(618, 's'))['f']\n"
        "pairs = decide([float(value) for value in samples.values[:, 0]], samples)\n"
        "print(hashlib.sha256(samples.values.tobytes() + pairs.p.tobytes()).hexdigest())"
    )
    digests = set()
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, threads)
        command = [sys.executable, "-c", script]
        digests.add(subprocess.check_output(command, env=environment, text=True))
    assert len(digests) == 1


def test_a_system_alone_is_what_it_is_on_a_board() -> None:
    """A result's own interval and the leaderboard's are the same bits."""
    systems = [
        {"f": row * scale} for row, scale in zip(columns_of(3, 40), (1, 1e5, 3), strict=True)
    ]
    resamples = draw(40, "s")
    board = bootstrap(systems, lambda means: means, resamples)["f"]
    for place, system in enumerate(systems):
        alone = bootstrap([system], lambda means: means, resamples)["f"]
        assert alone.values[0].tobytes() == board.values[place].tobytes()
        assert interval(alone) == interval(board, place)


def test_corpus_scores_come_from_resampled_counts() -> None:
    """Micro F1 on a resample is that of the examples drawn, and not the mean of their ratios."""
    rng = np.random.default_rng(5)
    counts = {name: rng.integers(1, 9, 12).astype(float) for name in ("hits", "said", "true")}
    resamples = draw(12, "micro", count=50)
    f1 = bootstrap([counts], lambda m: {"f1": 2 * m["hits"] / (m["said"] + m["true"])}, resamples)
    for weights, score in zip(resamples.weights, f1["f1"].values[0], strict=True):
        hits, said, true = (int(weights @ counts[name]) for name in ("hits", "said", "true"))
        assert score == pytest.approx(2 * hits / (said + true), rel=1e-12)


def test_a_system_without_columns_has_no_samples() -> None:
    """Rows of a system that was not computed are NaN, and the others are in their places."""
    one, two = ({"f": row} for row in columns_of(2, 10))
    values = bootstrap([one, None, two], lambda means: means, draw(10, "s", count=50))["f"].values
    assert np.isnan(values[1]).all()
    assert np.isfinite(values[[0, 2]]).all()
    assert bootstrap([None], lambda means: means, draw(10, "s", count=50)) == {}


def test_cells_hold_every_example_once() -> None:
    """Many examples are dealt at random to cells whose sizes differ by one at most."""
    resamples = draw(1007, "cells", count=50, most_units=100)
    assert resamples.units == 100
    assert len(resamples.unit) == 1007
    assert set(np.bincount(resamples.unit)) == {10, 11}
    first_cell = np.flatnonzero(resamples.unit == 0)
    assert np.ptp(first_cell) > 100


def test_cells_leave_a_constant_alone() -> None:
    """Cells are weighed by their size: on each resample a constant's mean is that constant."""
    resamples = draw(101, "cells", count=100, most_units=30)
    means = resampled_means([np.full(101, 0.3)], resamples)[0]
    assert means.tolist() == pytest.approx([0.3] * 100, rel=1e-12)


@pytest.mark.parametrize("arrangement", ["random", "sorted", "alternating"])
def test_cells_keep_the_standard_error(arrangement: str) -> None:
    """Drawn by cells, means vary as theory says, however the examples are arranged in the file."""
    column = np.sort(columns_of(1, 60_000)[0])
    if arrangement == "random":
        np.random.default_rng(1).shuffle(column)
    elif arrangement == "alternating":
        column[::2] = column[::2][::-1]
    resamples = draw(len(column), "cells", count=4000, most_units=2000)
    expected = column.std() / np.sqrt(len(column))
    assert resampled_means([column], resamples)[0].std() == pytest.approx(expected, rel=0.08)


def test_permuted_examples_move_a_bound_by_noise_only() -> None:
    """Another order of the examples is another draw: the same interval, within noise."""
    column, resamples = columns_of(1, 300)[0], draw(300, "s")
    turned = np.random.default_rng(9).permutation(column)
    one, other = (
        interval(bootstrap([{"f": values}], lambda m: m, resamples)["f"])
        for values in (column, turned)
    )
    error = column.std() / np.sqrt(300)
    assert one != other
    assert one.low == pytest.approx(other.low, abs=0.15 * error)
    assert one.high == pytest.approx(other.high, abs=0.15 * error)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: draw(0, "s"), "no examples"),
        (lambda: draw(5, "s", count=38), "needs 39 at least"),
        (lambda: resampled_means([np.zeros(4)], draw(5, "s")), r"shape \(4,\) for 5 examples"),
        (lambda: resampled_means([np.full(5, np.nan)], draw(5, "s")), "not finite"),
        (lambda: resampled_means([np.array([1, np.inf])], draw(2, "s")), "not finite"),
        (
            lambda: bootstrap([{"a": np.ones(5)}, {"b": np.ones(5)}], dict, draw(5, "s")),
            r"columns \['b'\] beside columns \['a'\]",
        ),
    ],
)
def test_wrong_input_is_named(wrong: object, message: str) -> None:
    """What cannot be resampled raises, and the message says what was wrong."""
    with pytest.raises(ValueError, match=message):
        wrong()
