"""Every two systems compared, by one paired test, with Holm's correction over all pairs.

These decisions are the only ones: rank ranges, tie bars and marks of significance are all read from
them (`ranking`), so that no two of them can contradict each other.

**The test.** With d the difference of two scores and d_b the same difference on resample b, the
d_b - mean(d_b) show how a difference varies where there is none. The p-value is the share of them
at least as far from zero as d: p = (1 + #{|d_b - mean(d_b)| >= |d|}) / (resamples + 1)
(Davison and Hinkley 1997, section 4.4). sacrebleu's paired approximate randomisation gives the same
p-values. Its paired bootstrap centres |d_b| in place of d_b, so that of two clearly different
systems it counts one tail only: its p-values are half of these.

**Far out.** Counting cannot give a p below 1 / 10,001, and Holm asks for 0.05 / 499,500 among 1,000
systems: no pair of a large board could ever be told apart. So where fewer than `FEW` resamples lie
out there, and the count is mostly noise, the p-value is the two-sided tail of Student's t with
units - 1 degrees of freedom at d / standard error. The standard error is the resamples' own, with
the divisor n - 1; for a plain mean this is the paired t-test up to Monte Carlo noise.

**Nothing varies.** If the difference is the same on every resample there is no standard error.
Exchanging the two systems' outputs at random on each of n examples reproduces |d| only when all
are exchanged or none: p = 2 * 2**-n, the exact paired randomisation test. For one example it is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tldr_bench.stats.exact import Floats, fold
from tldr_bench.stats.intervals import Interval, NoInterval, between, outer, tail_size
from tldr_bench.stats.resample import Samples
from tldr_bench.stats.student import t_tail

ALPHA = 0.05
"""The chance, at most, that a board without any true difference shows one."""
EVIDENCE = ("low", "high", "standard_error", "p")
"""The columns of `Pairs` that it takes resamples to find; the rest follows from them and from the scores."""
FEW = 10
"""A count below this is mostly noise (a third of itself and more): Student's t takes over."""
ROWS_AT_ONCE = 8
"""Pairs that are worked on together: 8 * 10,000 numbers stay in a processor's cache."""
NOISE = 1e-9
"""A standard error below this share of the scores is rounding: the difference does not vary."""
LEAST = 1e-300
"""Smaller p-values are given as this one: none is 0."""


@dataclass(frozen=True)
class Pair:
    """What can be said about two systems on one score."""

    difference: float
    """The score of the one minus the score of the other."""
    interval: Interval | NoInterval
    """The 95 % percentile interval of the difference."""
    standard_error: float
    """Of the difference, from the resamples; NaN where the score is undefined for some of them."""
    p: float
    """Two-sided, of this pair alone."""
    p_holm: float
    """The same, corrected for all the pairs of the board."""
    significant: bool
    """p_holm <= 0.05: the verdict that ranks and marks are made from."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of the systems that have a score: arrays of (pairs,), by `first`, then `second`."""

    systems: NDArray[np.int64]
    """The systems that have a score, ascending: these take part."""
    examples: int
    """How many examples each score is made from."""
    units: int
    """How many units each resample drew."""
    first: NDArray[np.int64]
    """One system of each pair..."""
    second: NDArray[np.int64]
    """...and the other, a larger number."""
    difference: Floats
    """The score of `first` minus the score of `second`."""
    low: Floats
    """Lower bound of the difference's 95 % interval; NaN where there is none."""
    high: Floats
    """Upper bound of it."""
    standard_error: Floats
    """Of the difference; 0 where it does not vary, NaN where it is undefined on some resamples."""
    p: Floats
    """Two-sided p-value of each pair alone; 1 where it cannot be tested."""
    p_holm: Floats
    """The same, corrected for all pairs."""
    significant: NDArray[np.bool_]
    """p_holm <= 0.05."""

    @property
    def count(self) -> int:
        """How many pairs there are, and Holm's correction is over."""
        return len(self.p)

    def of(self, one: int, other: int) -> Pair:
        """Two systems, as `one` minus `other`. Raises ValueError if one has no score."""
        place, sign = self._place(min(one, other), max(one, other)), 1 if one < other else -1
        # The zeros are for 0, which a sign turns into -0.
        low, high = sorted(
            (sign * float(self.low[place]) + 0.0, sign * float(self.high[place]) + 0.0)
        )
        return Pair(
            difference=sign * float(self.difference[place]) + 0.0,
            interval=between(low, high, self.examples),
            standard_error=float(self.standard_error[place]),
            p=float(self.p[place]),
            p_holm=float(self.p_holm[place]),
            significant=bool(self.significant[place]),
        )

    def _place(self, lower: int, upper: int) -> int:
        """Where a pair stands: behind the rows of all systems before its first."""
        taking_part = len(self.systems)
        a, b = (int(place) for place in np.searchsorted(self.systems, (lower, upper)))
        if not a < b < taking_part or self.systems[a] != lower or self.systems[b] != upper:
            raise ValueError(f"systems {lower} and {upper} are not two systems with a score")
        return a * (2 * taking_part - a - 1) // 2 + b - a - 1


def decide(scores: Sequence[float | None] | Floats, samples: Samples) -> Pairs:
    """Test every two systems on one score.

    `scores` are the point estimates (systems,), over all examples; None or NaN for a system without
    a score, which takes no part. `samples` are the same scores on resamples. A system whose score
    is undefined for some resamples takes part and is never significantly different from any.
    Raises ValueError where the two do not belong together.
    """
    points = as_points(scores)
    _check(points, samples)
    systems = np.flatnonzero(~np.isnan(points)).astype(np.int64)
    evidence = _gather(points[systems], samples.values[systems], samples.units)
    first, second = _every_two(systems)
    difference = points[first] - points[second]
    evidence.silence(np.maximum(np.abs(points[first]), np.abs(points[second])))
    p = _p_values(difference, evidence, samples)
    found = evidence.low, evidence.high, evidence.error, p
    return _pairs(points, samples.examples, samples.units, *found)


def as_pairs(
    scores: Sequence[float | None] | Floats, examples: int, units: int, kept: Mapping[str, Floats]
) -> Pairs:
    """The decisions again, from the columns `EVIDENCE` of earlier ones over so many units.

    Raises ValueError where the columns are not those of so many systems with a score.
    """
    points = as_points(scores)
    taking_part = int(np.count_nonzero(~np.isnan(points)))
    pairs = taking_part * (taking_part - 1) // 2
    if kept.keys() != {*EVIDENCE} or any(len(column) != pairs for column in kept.values()):
        raise ValueError("not the decisions about these systems")
    return _pairs(points, examples, units, *(kept[name] for name in EVIDENCE))


def _every_two(systems: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = np.triu_indices(len(systems), 1)
    return systems[first], systems[second]


def _pairs(
    points: Floats, examples: int, units: int, low: Floats, high: Floats, error: Floats, p: Floats
) -> Pairs:
    """Everything that follows from the scores and from the evidence about each pair."""
    systems = np.flatnonzero(~np.isnan(points)).astype(np.int64)
    first, second = _every_two(systems)
    p_holm = holm(p)
    return Pairs(
        systems=systems,
        examples=examples,
        units=units,
        first=first,
        second=second,
        difference=points[first] - points[second],
        low=low,
        high=high,
        standard_error=error,
        p=p,
        p_holm=p_holm,
        significant=np.asarray(p_holm <= ALPHA),
    )


def as_points(scores: Sequence[float | None] | Floats) -> Floats:
    """Scores (systems,) with NaN for a missing one. Raises ValueError for an infinite one."""
    points = np.array([np.nan if score is None else score for score in scores], dtype=np.float64)
    if np.isinf(points).any():
        raise ValueError("a score is infinite")
    return points


def _check(points: Floats, samples: Samples) -> None:
    """A score in percent beside resamples in fractions would make every pair significant."""
    if len(points) != len(samples.values):
        raise ValueError(f"{len(points)} scores for the resamples of {len(samples.values)} systems")
    usable = ~np.isnan(points) & np.isfinite(samples.values).all(axis=1)
    low, high = samples.values[usable].min(axis=1), samples.values[usable].max(axis=1)
    slack = (high - low) + NOISE * np.abs(points[usable])
    strange = np.asarray((points[usable] < low - slack) | (points[usable] > high + slack))
    if strange.any():
        raise ValueError(f"{strange.sum()} scores lie far outside their own resamples")


@dataclass(frozen=True, eq=False)
class _Evidence:
    """What the resamples say about each pair; arrays of (pairs,) that are filled block by block."""

    low: Floats
    high: Floats
    error: Floats
    beyond: NDArray[np.int64]
    """Resamples whose difference is at least as far from the mean as the scores are apart."""

    @classmethod
    def empty(cls, pairs: int) -> _Evidence:
        """Room for so many pairs."""
        low, high, error = np.empty((3, pairs))
        return cls(low, high, error, np.empty(pairs, dtype=np.int64))

    def silence(self, sizes: Floats) -> None:
        """What varies by less than the rounding of scores of these sizes does not vary."""
        still = self.error <= NOISE * sizes
        self.error[still], self.low[still], self.high[still] = 0.0, np.nan, np.nan


def _gather(points: Floats, values: Floats, units: int) -> _Evidence:
    """Look at every pair of systems, in the order of `np.triu_indices`.

    Works on deviations from each system's mean, so that a pair is one subtraction, and on one block
    of pairs at a time: all of them would take 40 GB for a thousand systems.
    """
    resamples = values.shape[1]
    values = np.where(np.isfinite(values).all(axis=1, keepdims=True), values, np.nan)
    means = fold(values.copy()) / resamples
    values -= means[:, None]
    evidence = _Evidence.empty(len(points) * (len(points) - 1) // 2)
    for here, one, others in _blocks(len(points)):
        gaps, centre = values[one] - values[others], means[one] - means[others]
        variance = fold(gaps * gaps) / resamples * (units / max(1, units - 1))
        evidence.error[here] = np.sqrt(variance)
        bounds = outer(gaps)
        evidence.low[here], evidence.high[here] = centre + bounds[0], centre + bounds[1]
        evidence.beyond[here] = _beyond(gaps, bounds, np.abs(points[one] - points[others]))
    return evidence


def _blocks(systems: int) -> Iterator[tuple[slice, int, slice]]:
    """Places of pairs, their one system, and their others, a few at a time."""
    place = 0
    for one in range(systems):
        for start in range(one + 1, systems, ROWS_AT_ONCE):
            others = slice(start, min(start + ROWS_AT_ONCE, systems))
            here = slice(place, place + others.stop - others.start)
            yield here, one, others
            place = here.stop


def _beyond(gaps: Floats, bounds: tuple[Floats, Floats], distance: Floats) -> NDArray[np.int64]:
    """How many of each row's gaps (r, resamples) are `distance` (r,) or more from zero.

    `gaps` come from `outer`: where the distance lies outside the bounds, all that is counted stands
    in the first and last `tail_size` places, and the rest need not be looked at.
    """
    tail, far = tail_size(gaps.shape[1]), distance[:, None]
    below = np.count_nonzero(gaps[:, :tail] <= -far, axis=1)
    above = np.count_nonzero(gaps[:, -tail:] >= far, axis=1)
    beyond = np.asarray(below + above, dtype=np.int64)
    inside = (-distance >= bounds[0]) | (distance <= bounds[1])
    beyond[inside] = np.count_nonzero(np.abs(gaps[inside]) >= far[inside], axis=1)
    return beyond


def _p_values(difference: Floats, evidence: _Evidence, samples: Samples) -> Floats:
    """The two-sided p-value of each pair: counted, or from Student's t far out. See the module."""
    error, degrees = evidence.error, samples.units - 1
    p: Floats = (1 + evidence.beyond) / (samples.values.shape[1] + 1)
    rare = (evidence.beyond < FEW) & (error > 0)
    if rare.any():
        p[rare] = t_tail(np.abs(difference[rare]) / error[rare], degrees)
    p[error == 0] = np.ldexp(1.0, -degrees)
    p[(difference == 0) | np.isnan(error)] = 1.0
    return np.maximum(p, LEAST)


def holm(p: Floats) -> Floats:
    """p-values (m,) corrected for being m: (m,), in the same order (Holm 1979).

    The smallest is multiplied by m, the next by m - 1, and so on; none falls below one before it.
    """
    order = np.argsort(p, kind="stable")
    steps = np.arange(len(p), 0, -1)
    corrected = np.empty_like(p)
    corrected[order] = np.maximum.accumulate(np.minimum(1.0, steps * p[order]))
    return corrected
