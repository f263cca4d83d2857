"""Two systems on some of the papers: by length of the source, by number of references.

It describes: no test is made of a part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from tldr_bench.analysis.bands import Band, bands
from tldr_bench.analysis.comparison import BandDifference, bounds
from tldr_bench.leaderboard import Board
from tldr_bench.result import Measurement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns
    from tldr_bench.stats import Resamples

    Floats = NDArray[np.float64]

AT_ONCE = 16
"""Systems that are resampled together: 1.3 MB for each band."""


class BandDifferences:
    """Differences on every band of one board's task: its resamples are made once for all pairs.

    `asked` are the systems that will be asked about, as their places on the board.
    """

    def __init__(self, board: Board, asked: Sequence[int]) -> None:
        self.board = board
        self._asked = asked
        self._samples = lru_cache(maxsize=64)(self._resampled)
        self._value = lru_cache(maxsize=4096)(self._aggregated)

    @cached_property
    def bands(self) -> Sequence[Band]:
        """The bands of the task."""
        return bands(self.board.task)

    @cached_property
    def _groups(self) -> Sequence[tuple[int, ...] | None]:
        """For each band, the groups that its examples form."""
        return [self.board.task.groups_at(band.places) for band in self.bands]

    def all(self, one: int, other: int, score: str) -> list[BandDifference]:
        """Two systems on every band on which both have the score, in the order of the bands."""
        return [
            self.of(one, other, score, at)
            for at in range(len(self.bands))
            if not any(math.isnan(self._value(number, score, at)) for number in (one, other))
        ]

    def of(self, one: int, other: int, score: str, at: int) -> BandDifference:
        """Two systems on one band: the difference of the first less the second."""
        from tldr_bench.stats import Samples, interval

        left, right = (self._row(number, score, at) for number in (one, other))
        resamples = self._resamples(at)
        gap = Samples((left - right)[None, :], resamples.examples, resamples.units)
        low, high, _ = bounds(interval(gap))
        a, b = (self._value(number, score, at) for number in (one, other))
        band = self.bands[at]
        return BandDifference(
            by=band.by,
            band=band.name,
            examples=len(band.places),
            a=a,
            b=b,
            difference=a - b,
            low=low,
            high=high,
        )

    def _aggregated(self, system: int, score: str, at: int) -> float:
        metric, _, name = score.partition(".")
        measurement = self.board.scored[system].measurements[metric]
        return measurement.metric.aggregate(self._part(measurement, at))[name]

    def _part(self, measurement: Measurement, at: int) -> Columns:
        """The columns of a band's papers."""
        places = list(self.bands[at].places)
        return {key: column[places] for key, column in measurement.columns.items()}

    def _row(self, system: int, score: str, at: int) -> Floats:
        """A system's score on every resample of a band (resamples,)."""
        batch, row = divmod(self._asked.index(system), AT_ONCE)
        values: Floats = self._samples(batch, score, at)[row]
        return values

    def _resampled(self, batch: int, score: str, at: int) -> Floats:
        """The same of `AT_ONCE` systems (systems, resamples): the weights are unpacked once for all."""
        from tldr_bench.stats import bootstrap

        metric, _, name = score.partition(".")
        systems = self._asked[batch * AT_ONCE : (batch + 1) * AT_ONCE]
        measured = [self.board.scored[number].measurements.get(metric) for number in systems]
        parts = [None if item is None else self._part(item, at) for item in measured]
        resamples = self._resamples(at)
        how = self.board.task.metrics[metric]
        values: Floats = bootstrap(parts, how.combine, resamples, of_sums=how.of_sums)[name].values
        return values

    def _resamples(self, at: int) -> Resamples:
        """A band's resamples; what is left of a group is drawn whole."""
        return _drawn(len(self.bands[at].places), self.board.task.version, self._groups[at])


@lru_cache(maxsize=16)
def _drawn(examples: int, seed: str, groups: tuple[int, ...] | None) -> Resamples:
    from tldr_bench.stats import draw

    return draw(examples, seed, groups)
