"""Resamples of a task's examples, and scores recomputed on each of them.

A resample draws as many examples as there are, with replacement. All that it needs to be is the
number of times that each example was drawn: its weights. `draw` makes the weights of a task once;
every system and every score is then looked at through the *same* weights, which is what makes any
two of them paired (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 13).

Examples that belong together (the queries that are about one paper) succeed and fail together. Where
a task has such groups, whole groups are drawn (the cluster bootstrap: Davison and Hinkley 1997,
Bootstrap Methods and Their Application, section 3.8; Field and Welsh 2007, Bootstrapping clustered
data): drawn one by one, their examples would count as so many independent ones, and intervals would
come out too narrow. A mean stays one over examples, each of them as heavy as any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tldr_bench.stats import exact
from tldr_bench.stats.exact import Floats

Columns = Mapping[str, Floats]
"""Column name -> one number per example; for `combine`, one mean (or sum) per resample."""
Combine = Callable[[Columns], Columns]
"""Scores from means of columns, elementwise: arrays of any shape in, arrays of that shape out.

With + - * / and square roots alone the scores have the same bits on every machine.
"""

RESAMPLES = 10_000
"""A 95 % bound then has 250 resamples beyond it: between seeds it moves by 0.7 % of the width."""
FEWEST_RESAMPLES = 39
"""Below this there is no resample beyond a 95 % bound."""
MOST_UNITS = 10_000
"""Above this many examples or groups, cells of them are drawn instead: see `draw`."""
COLUMNS_AT_ONCE = 64
"""Columns in one matrix product: enough to keep it busy, few enough to stay small."""


@dataclass(frozen=True, eq=False)
class Resamples:
    """How often every unit (an example, a group or a cell of them) occurs in every resample."""

    examples: int
    """How many examples the task has."""
    weights: NDArray[np.uint8]
    """(resamples, units); each row sums to the number of units."""
    unit: NDArray[np.int64] | None
    """(examples,): the unit that each belongs to; None where each is its own."""

    @property
    def count(self) -> int:
        """How many resamples there are."""
        return len(self.weights)

    @property
    def units(self) -> int:
        """How many units a resample draws."""
        return int(self.weights.shape[1])

    @cached_property
    def sizes(self) -> Floats:
        """(units,): how many examples each unit holds."""
        return self.sums(np.ones(self.examples))

    @cached_property
    def most_examples(self) -> int:
        """No resample holds more examples than this, repeats included."""
        return self.units * int(self.sizes.max())

    def sums(self, whole: Floats) -> Floats:
        """(examples,) whole numbers to (units,) sums of them; exact, so their order is of no matter."""
        if self.unit is None:
            return whole
        sums = np.bincount(self.unit, weights=whole, minlength=self.units)
        return np.asarray(sums, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Samples:
    """One score of every system, recomputed on every resample."""

    values: Floats
    """(systems, resamples); a row of NaN for a system without columns."""
    examples: int
    """How many examples the score is made from."""
    units: int
    """How many units each resample drew; `examples`, unless those are grouped or very many."""


def draw(
    examples: int,
    seed: str,
    groups: Sequence[int] | None = None,
    *,
    count: int = RESAMPLES,
    most_units: int = MOST_UNITS,
) -> Resamples:
    """`count` resamples of `examples` examples, always the same for the same `seed`.

    `groups` (examples,) numbers the group of each example, from 0 in the order in which they first
    come; whole groups are drawn, as many as there are. Without it, each example stands for itself.

    The random numbers are the raw words of PCG64, which numpy promises never to change (what
    `Generator` makes of them may change: NEP 19). A half word h gives the unit (h * units) >> 32;
    the unevenness, units / 2**32 at most, is far below what 10,000 resamples can show.

    More than `most_units` examples (or groups) are dealt at random into that many cells of equal
    size (to one of them), and whole cells are drawn. A mean over random cells varies just as one
    over examples does, so that the standard error stays unbiased; its own noise, sqrt(1 / (2 *
    most_units)) or 0.7 %, is that of 10,000 resamples. Time beyond stays that of a sort of the
    examples, where drawing them one by one would take 10,000 draws for each.

    An example is what stands in its row: another order of rows is another draw, and moves a bound
    by its Monte Carlo noise. Sort the examples (by id, say) for figures to last.
    Raises ValueError for no examples, groups that are not theirs, or too few resamples to have a 95 % interval.
    """
    if examples < 1:
        raise ValueError("no examples to resample")
    if count < FEWEST_RESAMPLES:
        raise ValueError(f"{count} resamples; a 95 % interval needs {FEWEST_RESAMPLES} at least")
    number = _how_many(examples, groups)
    units = min(number, most_units)
    stream = np.random.PCG64(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    unit = None if groups is None else np.array(groups, dtype=np.int64)
    if number > units:
        cells = _dealt(stream, number, units)
        unit = cells if unit is None else cells[unit]
    return Resamples(examples, _weights(stream, count, units), unit)


def units_of(examples: int, groups: Sequence[int] | None = None) -> int:
    """How many units a resample of so many examples, in these groups, draws."""
    return min(_how_many(examples, groups), MOST_UNITS)


def _how_many(examples: int, groups: Sequence[int] | None) -> int:
    """How many groups there are; without any, each example is one."""
    if groups is None:
        return examples
    number = max(groups) + 1
    if len(groups) != examples or {*groups} != {*range(number)}:
        raise ValueError(f"no groups of {examples} examples, numbered from 0")
    return number


def _dealt(stream: np.random.PCG64, number: int, cells: int) -> NDArray[np.int64]:
    """(number,): the cell of each of so many examples or groups, dealt at random."""
    cell = np.empty(number, dtype=np.int64)
    starts = np.arange(cells + 1, dtype=np.int64) * number // cells
    order = np.argsort(stream.random_raw(number), kind="stable")
    cell[order] = np.repeat(np.arange(cells, dtype=np.int64), np.diff(starts))
    return cell


def _weights(stream: np.random.PCG64, count: int, units: int) -> NDArray[np.uint8]:
    """(count, units). One byte each: the chance of 256 draws of one unit is below 10**-500."""
    weights = np.empty((count, units), dtype=np.uint8)
    step = max(1, exact.BLOCK // units)
    for start in range(0, count, step):
        rows = min(step, count - start)
        places = _drawn(stream, rows, units) + np.arange(rows)[:, None] * units
        counts = np.bincount(places.ravel(), minlength=rows * units)
        weights[start : start + rows] = counts.reshape(rows, units)
    return weights


def _drawn(stream: np.random.PCG64, rows: int, units: int) -> NDArray[np.int64]:
    """(rows, units): the units drawn. Every row starts with a new word, so blocks do not matter."""
    words = (units + 1) // 2
    raw = stream.random_raw(rows * words).reshape(rows, words)
    low, high = raw & np.uint64(2**32 - 1), raw >> np.uint64(32)
    halves = np.concatenate([low, high], axis=1)[:, :units]
    return ((halves * np.uint64(units)) >> np.uint64(32)).astype(np.int64)


def resampled_means(
    columns: Iterable[Floats], resamples: Resamples, *, sums_only: bool = False
) -> Floats:
    """The mean (or the sum) of each of k columns (examples,) over each resample: (k, resamples).

    The sums are exact (see `exact`); each mean is rounded once, so no bit of it depends on the
    machine, on the other columns, or on the size of a block.
    Raises ValueError for a column of another length or with a value that is not finite.
    """
    sums, exponents = [], []
    for column in columns:
        whole, exponent = exact.to_integers(_checked(column, resamples), resamples.most_examples)
        sums.append(resamples.sums(whole))
        exponents.append(exponent)
    totals = exact.products(np.stack([*sums, resamples.sizes]), resamples.weights)
    found = totals[:-1] if sums_only else totals[:-1] / totals[-1]
    scaled: Floats = np.ldexp(found, np.array(exponents, np.intc)[:, None])
    return scaled


def _checked(column: Floats, resamples: Resamples) -> Floats:
    column = np.asarray(column, dtype=np.float64)
    if column.shape != (resamples.examples,):
        raise ValueError(f"a column of shape {column.shape} for {resamples.examples} examples")
    return column


def bootstrap(
    systems: Sequence[Columns | None],
    combine: Combine,
    resamples: Resamples,
    *,
    of_sums: bool = False,
) -> dict[str, Samples]:
    """Every score that `combine` gives, for every system, recomputed on every resample.

    `systems` are columns of (examples,) under the same names; None for a system that could not be
    measured, whose rows are NaN. One system or a thousand, a row comes out the same to the last
    bit. `combine` is given means, or sums where it asks for them. Takes 8 * systems * resamples bytes for each score: let `combine` return what is wanted.
    Raises ValueError for unequal names and for what `resampled_means` refuses.
    """
    tables: dict[str, Floats] = {}
    for places, chunk in _chunks(systems):
        for name, values in combine(_by_name(chunk, resamples, of_sums)).items():
            empty = np.full((len(systems), resamples.count), np.nan)
            tables.setdefault(name, empty)[places] = values
    return {
        name: Samples(values, resamples.examples, resamples.units)
        for name, values in tables.items()
    }


def _chunks(systems: Sequence[Columns | None]) -> Iterable[tuple[list[int], list[Columns]]]:
    """The measured systems, as many at a time as make up one matrix product."""
    measured = [(place, columns) for place, columns in enumerate(systems) if columns is not None]
    step = max(1, COLUMNS_AT_ONCE // max(1, len(measured[0][1]))) if measured else 1
    for start in range(0, len(measured), step):
        places, chunk = zip(*measured[start : start + step], strict=True)
        yield list(places), list(chunk)


def _by_name(chunk: Sequence[Columns], resamples: Resamples, of_sums: bool) -> dict[str, Floats]:
    """Column name -> its resampled means or sums (systems, resamples)."""
    names = list(chunk[0])
    for columns in chunk:
        if set(columns) != set(names):
            raise ValueError(f"columns {sorted(columns)} beside columns {sorted(names)}")
    columns_of = (columns[name] for name in names for columns in chunk)
    found = resampled_means(columns_of, resamples, sums_only=of_sums)
    return dict(zip(names, found.reshape(len(names), len(chunk), -1), strict=True))
