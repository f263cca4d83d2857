"""compare(board, a, b): two systems on the same papers, from the decisions of their board.

The difference, its interval, its p-value and the verdict are read from the board's decisions, so a
comparison never says anything else than the board does. What is added here describes: who is ahead
on how many papers, by length of the source and number of references, and the papers that moved most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tldr_bench.analysis.band_differences import BandDifferences
from tldr_bench.analysis.bands import shown_output, shown_target
from tldr_bench.analysis.comparison import BandDifference as BandDifference
from tldr_bench.analysis.comparison import Comparison as Comparison
from tldr_bench.analysis.comparison import Difference as Difference
from tldr_bench.analysis.comparison import Moved as Moved
from tldr_bench.analysis.comparison import Side as Side
from tldr_bench.analysis.comparison import bounds
from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board
from tldr_bench.result import Scored, gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns, Direction

    Floats = NDArray[np.float64]

MOVED = 10
"""How many papers are shown with both outputs."""


def compare(board: Board, a: str, b: str, score: str | None = None) -> Comparison:
    """Two systems of a board, as `a` minus `b`; bands and papers by `score` (default: the primary).

    Raises UsageError for a system or score that the board does not have, or when the two results
    are of different task versions or metric signatures.
    """
    return Comparisons(board, [a, b]).of(a, b, score)


class Comparisons:
    """Comparisons of many pairs of one board: outputs, bands and resamples are made once.

    `systems` are those that will be asked about, in any order; all of the board unless told.
    """

    def __init__(self, board: Board, systems: Sequence[str] | None = None) -> None:
        self.board = board
        self._texts: dict[int, tuple[str, ...]] = {}
        self._columns: dict[tuple[int, str], Columns] = {}
        names = [item.submission.system for item in board.scored]
        known = range(len(names))
        asked = [n for n in known if systems is None or names[n] in systems]
        self._bands = BandDifferences(board, asked)

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
            bands=self._bands.all(one, other, shown) if both else [],
            moved=self._moved(one, other, *both) if both else [],
            signatures=board.record.signatures,
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
        reason = self._incomparable(one, other, score)
        if reason is None:
            return self._tested(one, other, score)
        return self._untested(one, other, score, reason)

    def _incomparable(self, one: int, other: int, score: str) -> str | None:
        """Why there is no difference between two systems in a score."""
        if any(self.board.value(number, score) is None for number in (one, other)):
            return self._reason(one, other, score)
        if self._whole(one, score) or self._whole(other, score):
            return "one figure for all, which no test can tell apart"
        return None

    def _tested(self, one: int, other: int, score: str) -> Difference:
        pairs = self.board.decisions(score).pairs
        pair = pairs.of(one, other)
        low, high, note = bounds(pair.interval)
        direction = self.board.direction(score)
        ahead = one if (pair.difference > 0) == (direction == "higher") else other
        named = pair.significant and direction != "none"
        wins, ties, losses = self._counts(one, other, score, direction)
        return Difference(
            score=score,
            direction=direction,
            shown_times=self.board.factor(score),
            a=self.board.value(one, score),
            b=self.board.value(other, score),
            difference=pair.difference,
            low=low,
            high=high,
            p=pair.p,
            p_holm=pair.p_holm,
            pairs=pairs.count,
            significant=pair.significant,
            better=self.board.scored[ahead].submission.system if named else None,
            wins=wins,
            ties=ties,
            losses=losses,
            note=note,
        )

    def _untested(self, one: int, other: int, score: str, note: str) -> Difference:
        return Difference(
            score=score,
            direction=self.board.direction(score),
            shown_times=self.board.factor(score),
            a=self.board.value(one, score),
            b=self.board.value(other, score),
            difference=None,
            low=None,
            high=None,
            p=None,
            p_holm=None,
            pairs=None,
            significant=False,
            better=None,
            wins=None,
            ties=None,
            losses=None,
            note=note,
        )

    def _reason(self, one: int, other: int, score: str) -> str:
        metric = score.partition(".")[0]
        results = (self.board.scored[number].result for number in (one, other))
        undefined = "undefined, there is nothing to make it from"
        reasons = (
            f"{result.system}: {result.not_computed.get(metric, undefined)}"
            for result in results
            if score not in result.scores
        )
        return "; ".join(reasons)

    def _whole(self, system: int, score: str) -> bool:
        """Whether a system's score is one figure for all papers and none for each."""
        measured = self.board.scored[system].measurements[score.partition(".")[0]]
        return measured.metric.is_whole(measured.columns)

    def _counts(
        self, one: int, other: int, score: str, direction: Direction
    ) -> tuple[int, int, int] | tuple[None, None, None]:
        if direction == "none":
            return None, None, None
        ahead = gaps(self._values(one, score), self._values(other, score))
        ahead = -ahead if direction == "lower" else ahead
        return int((ahead > 0).sum()), int((ahead == 0).sum()), int((ahead < 0).sum())

    def _values(self, system: int, score: str) -> Floats:
        """A system's score on every paper."""
        metric, _, name = score.partition(".")
        if (system, metric) not in self._columns:
            measured = self.board.scored[system].measurements[metric]
            self._columns[system, metric] = measured.per_example()
        return self._columns[system, metric][name]

    # Papers ----------------------------------------------------------------------------------

    def _both(self, one: int, other: int, score: str) -> tuple[Floats, Floats] | None:
        if any(self.board.value(number, score) is None for number in (one, other)):
            return None
        if self._whole(one, score) or self._whole(other, score):
            return None
        return self._values(one, score), self._values(other, score)

    def _moved(self, one: int, other: int, a: Floats, b: Floats) -> list[Moved]:
        far = abs(gaps(a, b))
        order: list[int] = (-far).argsort(kind="stable").tolist()
        return [
            self._paper(one, other, place, float(a[place]), float(b[place]))
            for place in order[:MOVED]
            if far[place]
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
            pairs = self.board.aligned(system).pairs
            self._texts[system] = tuple(shown_output(task, pair) for pair in pairs)
        return self._texts[system]


def _side(scored: Scored) -> Side:
    spec = scored.submission.spec
    return Side(system=scored.submission.system, name=spec.name, type=spec.type)
