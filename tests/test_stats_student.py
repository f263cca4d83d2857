"""Student's t without a mathematics library (`tldr_bench.stats.student`)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tldr_bench.stats.student import t_quantile, t_tail


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 30, 617, 618, 9_999])
def test_tails_agree_with_scipy(degrees: int) -> None:
    """From the middle to areas below 1e-250, tails agree with scipy's to eleven figures."""
    t = np.concatenate([np.linspace(0, 12, 400), np.geomspace(0.01, 36, 200)])
    expected = 2 * scipy_stats.t.sf(t, degrees)
    assert t_tail(t, degrees) == pytest.approx(expected, rel=1e-11, abs=1e-290)


def test_tails_by_hand() -> None:
    """One degree of freedom is the Cauchy distribution, two have a closed form."""
    t = np.array([0.0, 1e-6, 0.5, 1.0, -1.0, 40.0, 1e6])
    cauchy = [1 - 2 * math.atan(abs(value)) / math.pi for value in t]
    assert t_tail(t, 1) == pytest.approx(cauchy, rel=1e-9)
    two = [1 - abs(value) / math.sqrt(2 + value * value) for value in t]
    assert t_tail(t, 2) == pytest.approx(two, abs=1e-15)


def test_an_infinite_t_has_no_tail() -> None:
    """Beyond all bounds nothing is left, and there is no warning on the way."""
    assert t_tail(np.array([1e100, 1e200, np.inf]), 617).tolist() == [0.0] * 3


def test_a_tail_does_not_depend_on_its_neighbours() -> None:
    """Each p-value has the same bits alone as among others: a board's size must not show."""
    t = np.geomspace(0.01, 30, 50)
    together = t_tail(t, 617)
    alone = [float(t_tail(t[place : place + 1], 617)[0]) for place in range(len(t))]
    assert together.tolist() == alone


@pytest.mark.parametrize("degrees", [1, 2, 5, 617, 9_999])
@pytest.mark.parametrize("probability", [0.5, 0.8, 0.975, 1 - 1e-7])
def test_quantiles_agree_with_scipy(probability: float, degrees: int) -> None:
    """Quantiles are scipy's, from the median to the tails that Holm asks for."""
    expected = scipy_stats.t.ppf(probability, degrees)
    assert t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_wrong_input_is_named() -> None:
    """No degrees of freedom, and probabilities outside [0.5, 1), are refused."""
    with pytest.raises(ValueError, match="0 degrees of freedom"):
        t_tail(np.array([1.0]), 0)
    for probability in (0.4, 1.0):
        with pytest.raises(ValueError, match="it lies in"):
            t_quantile(probability, 5)
