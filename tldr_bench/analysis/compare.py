"""compare(board, a, b): two systems on the same papers, from the decisions of their board.

The difference, its interval, its p-value and the verdict are read from the board's decisions, so a
comparison never says anything else than the board does. What is added here describes: who is ahead
on how many papers, by length of the source and number of references, and the papers that moved most.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from tldr_bench.align import align
from tldr_bench.analysis.bands import Band, bands, shown_output, shown_target
from tldr_bench.analysis.comparison import BandDifference as BandDifference
from tldr_bench.analysis.comparison import Comparison as Comparison
from tldr_bench.analysis.comparison import Difference as Difference
from tldr_bench.analysis.comparison import Moved as Moved
from tldr_bench.analysis.comparison import Side as Side
from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board
from tldr_bench.result import Scored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Direction
    from tldr_bench.stats import Interval, NoInterval, Resamples, Samples

    Floats = NDArray[np.float64]

MOVED = 10
"""How many papers are shown with both outputs."""


def compare(board: Board, a: str, b: str, score: str | None = None) -> Comparison:
    """Two systems of a board, as `a` minus `b`; bands and papers by `score` (default: the primary).

    Raises UsageError for a system or score that the board does not have, or when the two results
    are of different task versions or metric signatures.
    """
    return Comparisons(board).of(a, b, score)


class Comparisons:
    """Comparisons of many pairs of one board: outputs, bands and resamples are made once."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._texts: dict[int, tuple[str, ...]] = {}
        self._band_samples = lru_cache(maxsize=512)(self._resampled_band)

    def of(self, a: str, b: str, score: str | None = None) -> Comparison:
        """See `compare`."""
        board, shown = self.board, score or self.board.task.spec.primary
        one, other = self._number(a), self._number(b)
        if one == other:
            raise UsageError(f"{a} is compared with itself; name two systems")
        if shown not in board.score_names:
            raise UsageError(unknown("score", shown, board.score_names))
        self._refuse_unequal(board.scored[one], board.scored[other])
        both = self._both(one, other, shown)
        return Comparison(
            task=board.task.id,
            task_version=board.task.version,
            name=board.task.spec.name,
            examples=len(board.task.examples),
            systems=len(board.scored),
            a=_side(board.scored[one]),
            b=_side(board.scored[other]),
            score=shown,
            scores=[self._difference(one, other, name) for name in board.score_names],
            bands=[self._band(one, other, shown, at) for at in range(len(self._bands))]
            if both
            else [],
            moved=self._moved(one, other, *both) if both else [],
            signatures={name: metric.signature for name, metric in board.task.metrics.items()},
        )

    def _number(self, system: str) -> int:
        names = [item.submission.system for item in self.board.scored]
        if system in names:
            return names.index(system)
        failed = next((item for item in self.board.failed if item.system == system), None)
        if failed is not None:
            first = failed.problems[0] if failed.problems else "it cannot be read"
            raise UsageError(f"{system} was not scored on {self.board.task.id}: {first}")
        raise UsageError(f"{self.board.task.id}: {unknown('system', system, names)}")

    def _refuse_unequal(self, one: Scored, other: Scored) -> None:
        """Figures of different examples or conventions cannot be compared."""
        a, b = one.result, other.result
        parts = [("task", a.task, b.task), ("task version", a.task_version, b.task_version)]
        for name in sorted(a.signatures.keys() & b.signatures.keys()):
            parts.append((f"signature of {name}", a.signatures[name], b.signatures[name]))
        unequal = [f"{what} {left} beside {right}" for what, left, right in parts if left != right]
        if unequal:
            raise UsageError(f"{a.system} and {b.system} are not comparable: {'; '.join(unequal)}")

    # Scores ----------------------------------------------------------------------------------

    def _difference(self, one: int, other: int, score: str) -> Difference:
        a, b = self.board.value(one, score), self.board.value(other, score)
        direction = self.board.direction(score)
        times = self.board.factor(score)
        if a is None or b is None:
            return _missing(score, direction, times, a, b, self._reason(one, other, score))
        pair = self.board.decisions(score).pairs.of(one, other)
        low, high, note = _bounds(pair.interval)
        ahead = one if (pair.difference > 0) == (direction == "higher") else other
        counts = self._counts(one, other, score, direction)
        named = pair.significant and direction != "none"
        return Difference(
            score=score,
            direction=direction,
            shown_times=times,
            a=a,
            b=b,
            difference=pair.difference,
            low=low,
            high=high,
            p=pair.p,
            p_holm=pair.p_holm,
            significant=pair.significant,
            better=self.board.scored[ahead].submission.system if named else None,
            wins=counts[0],
            ties=counts[1],
            losses=counts[2],
            note=note,
        )

    def _reason(self, one: int, other: int, score: str) -> str:
        metric = score.partition(".")[0]
        results = (self.board.scored[number].result for number in (one, other))
        reasons = (
            f"{result.system}: {result.not_computed.get(metric, 'not computed')}"
            for result in results
            if score not in result.scores
        )
        return "; ".join(reasons)

    def _counts(
        self, one: int, other: int, score: str, direction: Direction
    ) -> tuple[int, int, int] | tuple[None, None, None]:
        if direction == "none":
            return None, None, None
        gaps = self._values(one, score) - self._values(other, score)
        gaps = -gaps if direction == "lower" else gaps
        return int((gaps > 0).sum()), int((gaps == 0).sum()), int((gaps < 0).sum())

    def _values(self, system: int, score: str) -> Floats:
        """A system's score on every paper."""
        metric, _, name = score.partition(".")
        return self.board.scored[system].measurements[metric].per_example()[name]

    # Bands -----------------------------------------------------------------------------------

    @cached_property
    def _bands(self) -> Sequence[Band]:
        return bands(self.board.task)

    def _band(self, one: int, other: int, score: str, at: int) -> BandDifference:
        from tldr_bench.stats import Samples, interval

        left, right = (self._band_samples(number, score, at) for number in (one, other))
        gap = Samples(left.values - right.values, left.examples, left.units)
        low, high, _ = _bounds(interval(gap))
        a, b = (self._band_value(number, score, at) for number in (one, other))
        band = self._bands[at]
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

    def _band_value(self, system: int, score: str, at: int) -> float:
        metric, _, name = score.partition(".")
        measurement = self.board.scored[system].measurements[metric]
        places = list(self._bands[at].places)
        part = {key: column[places] for key, column in measurement.columns.items()}
        return measurement.metric.aggregate(part)[name]

    def _resampled_band(self, system: int, score: str, at: int) -> Samples:
        from tldr_bench.stats import bootstrap

        metric, _, name = score.partition(".")
        measurement = self.board.scored[system].measurements[metric]
        places = list(self._bands[at].places)
        part = {key: column[places] for key, column in measurement.columns.items()}
        resamples = _resamples(len(places), self.board.task.version)
        return bootstrap([part], measurement.metric.combine, resamples)[name]

    # Papers ----------------------------------------------------------------------------------

    def _both(self, one: int, other: int, score: str) -> tuple[Floats, Floats] | None:
        metric = score.partition(".")[0]
        if any(metric not in self.board.scored[number].measurements for number in (one, other)):
            return None
        return self._values(one, score), self._values(other, score)

    def _moved(self, one: int, other: int, a: Floats, b: Floats) -> list[Moved]:
        order = sorted(range(len(a)), key=lambda place: (-abs(a[place] - b[place]), place))
        return [
            self._paper(one, other, place, float(a[place]), float(b[place]))
            for place in order[:MOVED]
            if a[place] != b[place]
        ]

    def _paper(self, one: int, other: int, place: int, a: float, b: float) -> Moved:
        example = self.board.task.examples[place]
        return Moved(
            id=example.id,
            title=example.title,
            a=a,
            b=b,
            difference=a - b,
            output_a=self._outputs(one)[place],
            output_b=self._outputs(other)[place],
            targets=shown_target(self.board.task, example),
        )

    def _outputs(self, system: int) -> tuple[str, ...]:
        """What a system said of every paper, as text for people."""
        if system not in self._texts:
            task = self.board.task
            pairs = align(task, self.board.scored[system].submission).pairs
            self._texts[system] = tuple(shown_output(task, pair) for pair in pairs)
        return self._texts[system]


def _missing(
    score: str, direction: Direction, times: float, a: float | None, b: float | None, note: str
) -> Difference:
    return Difference(
        score=score,
        direction=direction,
        shown_times=times,
        a=a,
        b=b,
        difference=None,
        low=None,
        high=None,
        p=None,
        p_holm=None,
        significant=False,
        better=None,
        wins=None,
        ties=None,
        losses=None,
        note=note,
    )


def _bounds(found: Interval | NoInterval) -> tuple[float | None, float | None, str | None]:
    from tldr_bench.stats import Interval

    if isinstance(found, Interval):
        return found.low, found.high, None
    return None, None, found.reason


def _side(scored: Scored) -> Side:
    spec = scored.submission.spec
    return Side(system=scored.submission.system, name=spec.name, type=spec.type)


@lru_cache(maxsize=16)
def _resamples(examples: int, seed: str) -> Resamples:
    from tldr_bench.stats import draw

    return draw(examples, seed)
