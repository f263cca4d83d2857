"""rank(task, scored submissions): who leads, and what the data can tell apart.

Every verdict on the board (rank ranges, tie bars, tints, daggers) is read from the decisions of
`stats`, one set per score, so that no two of them can contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tldr_bench.align import Aligned, align
from tldr_bench.decisions import Decider
from tldr_bench.errors import MetricError, Problem, Report
from tldr_bench.json_text import canonical_json
from tldr_bench.records import Field, Record
from tldr_bench.result import Score, Scored
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Direction
    from tldr_bench.stats import Pairs, Ranking


class Row(Record):
    """One system on the board."""

    rank: int | None
    """1 + the number of ranked systems with a better primary score; equal scores share a rank.

    None without a primary score, and for baselines and people among systems: see `Board.ranked`.
    """
    rank_low: int | None
    """The best rank that the data leaves open: 1 + ranked systems significantly better."""
    rank_high: int | None
    """The worst one: all ranked systems less those significantly worse."""
    system: str
    name: str
    type: str | None
    scores: dict[str, Score]
    not_computed: dict[str, str]


class Failure(Record):
    """A submission that could not be scored on the task: shown, never ranked."""

    system: str
    problems: list[str]


class Leaderboard(Record):
    """What `leaderboard --format json` prints."""

    format: Literal["tldr-bench/leaderboard/1"] = Field(
        default="tldr-bench/leaderboard/1", alias="schema"
    )
    task: str
    task_version: str
    name: str
    primary: str
    examples: int
    signatures: dict[str, str]
    rows: list[Row]
    """Best first; rows without the primary score last."""
    ties: list[list[str]]
    """Maximal runs of neighbouring systems among which no difference is significant."""
    failed: list[Failure]

    def to_json(self) -> str:
        """The record as canonical JSON."""
        plain = self.model_dump(by_alias=True)
        for row, record in zip(plain["rows"], self.rows, strict=True):
            row["scores"] = {
                name: score.model_dump(exclude_none=True) for name, score in record.scores.items()
            }
        return canonical_json(plain)


@dataclass(frozen=True)
class Decisions:
    """Every two systems compared on one score, and the ranking that this allows."""

    pairs: Pairs
    ranking: Ranking


@dataclass(frozen=True)
class Board:
    """A task with its scored submissions, in the order of the leaderboard, and all decisions."""

    task: Task
    scored: tuple[Scored, ...]
    """Best first, in the order of the record's rows."""
    failed: tuple[Failure, ...] = ()
    rank_baselines: bool = False
    """Whether baselines and people are ranked among systems."""
    decider: Decider | None = field(default=None, repr=False, compare=False)
    """Who takes the decisions; without one, they are not kept."""
    _decided: dict[str, Decisions] = field(default_factory=dict, init=False, repr=False)
    _aligned: dict[int, Aligned] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def score_names(self) -> tuple[str, ...]:
        """Every score of the task, in the order of its metrics."""
        return tuple(
            f"{name}.{score}"
            for name, metric in self.task.metrics.items()
            for score in metric.score_names
        )

    @cached_property
    def ranked(self) -> tuple[bool, ...]:
        """Which rows have a rank: all but baselines and people, or all where there is nothing else.

        The decisions about pairs are the same either way, Holm's correction over all rows included.
        """
        systems = tuple(
            item.submission.spec.type not in ("baseline", "human") for item in self.scored
        )
        everything = self.rank_baselines or not any(systems)
        return tuple(everything or system for system in systems)

    def direction(self, score: str) -> Direction:
        """Which values of a score are better."""
        return self.task.metrics[score.partition(".")[0]].direction

    def factor(self, score: str) -> float:
        """What tables multiply a score with: 100, or 1 for counts such as words."""
        return factor_of(self.task, score)

    def value(self, system: int, score: str) -> float | None:
        """A system's score as a fraction, or None where it was not computed."""
        found = self.scored[system].result.scores.get(score)
        return None if found is None else found.value

    def aligned(self, system: int) -> Aligned:
        """What a system said of every example: its file is read when this is first asked for."""
        if system not in self._aligned:
            self._aligned[system] = align(self.task, self.scored[system].submission)
        return self._aligned[system]

    def decisions(self, score: str) -> Decisions:
        """The decisions about one score, with systems numbered as in `scored`."""
        if score not in self._decided:
            self._decide(score.partition(".")[0], [score])
        return self._decided[score]

    def decide_all(self) -> None:
        """Take every decision: each metric is resampled once, however many scores it has."""
        for metric in self.task.metrics:
            names = [name for name in self.score_names if name.partition(".")[0] == metric]
            if open_ones := [name for name in names if name not in self._decided]:
                self._decide(metric, open_ones)

    def _decide(self, metric: str, scores: Sequence[str]) -> None:
        measured = [scored.measurements.get(metric) for scored in self.scored]
        columns = [None if item is None else item.columns for item in measured]
        systems = range(len(self.scored))
        values = {score: [self.value(system, score) for system in systems] for score in scores}
        decider = self.decider or Decider(self.task)
        for score, pairs in decider.decide(metric, columns, values).items():
            self._decided[score] = Decisions(pairs, self._ranking(score, values[score], pairs))

    def _ranking(self, score: str, values: Sequence[float | None], pairs: Pairs) -> Ranking:
        from tldr_bench.stats import rank

        lower = self.direction(score) == "lower"
        ranked = [value if own else None for value, own in zip(values, self.ranked, strict=True)]
        among = pairs if all(self.ranked) else _among(pairs, self.ranked)
        return rank(ranked, among, "lower" if lower else "higher")

    @cached_property
    def record(self) -> Leaderboard:
        """The board as it is printed and published."""
        rankings = [self.decisions(self.task.spec.primary).ranking] if self.scored else []
        systems = [item.submission.system for item in self.scored]
        return Leaderboard(
            task=self.task.id,
            task_version=self.task.version,
            name=self.task.spec.name,
            primary=self.task.spec.primary,
            examples=len(self.task.examples),
            signatures={name: metric.signature for name, metric in self.task.metrics.items()},
            rows=[self._row(number) for number in range(len(self.scored))],
            ties=[
                [systems[number] for number in ranking.order[first : last + 1]]
                for ranking in rankings
                for first, last in ranking.bars
            ],
            failed=list(self.failed),
        )

    def _row(self, number: int) -> Row:
        standing = self.decisions(self.task.spec.primary).ranking.standings[number]
        item = self.scored[number]
        return Row(
            rank=standing.rank,
            rank_low=standing.best,
            rank_high=standing.worst,
            system=item.submission.system,
            name=item.submission.spec.name,
            type=item.submission.spec.type,
            scores=item.result.scores,
            not_computed=item.result.not_computed,
        )


def _among(pairs: Pairs, ranked: Sequence[bool]) -> Pairs:
    """The decisions about pairs of ranked systems, as they were taken among all."""
    import numpy as np

    own = np.array(ranked)
    both = own[pairs.first] & own[pairs.second]
    by_pair = ("first", "second", "difference", "low", "high", "standard_error", "p", "p_holm")
    kept = {name: getattr(pairs, name)[both] for name in (*by_pair, "significant")}
    return replace(pairs, systems=pairs.systems[own[pairs.systems]], **kept)


def rank(
    task: Task,
    scored: Sequence[Scored],
    failed: Mapping[str, Sequence[Problem]] | None = None,
    decider: Decider | None = None,
) -> Board:
    """The board of a task: its scored submissions, best first by the primary score.

    Equal scores are in the order of their systems' names; missing ones come last in any direction.
    Raises MetricError where a system was measured otherwise than the task says: figures of different
    signatures never share a column.
    """
    _must_share_signatures(task, scored)
    metric, _, _ = task.spec.primary.partition(".")
    sign = 1 if task.metrics[metric].direction == "lower" else -1

    def place(item: Scored) -> tuple[bool, float, str]:
        found = item.result.scores.get(task.spec.primary)
        return found is None, sign * (found.value if found else 0.0), item.submission.system

    failures = tuple(
        Failure(system=system, problems=[_portable(problem) for problem in problems])
        for system, problems in sorted((failed or {}).items())
    )
    return Board(task, tuple(sorted(scored, key=place)), failures, decider=decider)


def _must_share_signatures(task: Task, scored: Sequence[Scored]) -> None:
    expected = {name: metric.signature for name, metric in task.metrics.items()}
    report = Report()
    for item in scored:
        for name, signature in item.result.signatures.items():
            if signature != expected.get(name, signature):
                message = f"was measured as {signature}, expected {expected[name]}"
                report.add(f"{item.submission.system}: {task.id}", message, field=name)
    report.raise_as(MetricError)


def _portable(problem: Problem) -> str:
    """A problem in words that are the same on every machine: its path begins at the workspace."""
    _, found, inside = problem.where.rpartition("submissions/")
    return str(replace(problem, where=found + inside))


def factor_of(task: Task, score: str) -> float:
    """What tables multiply a score of this task with: 100, or 1 for counts such as words."""
    metric, _, name = score.partition(".")
    plain: frozenset[str] = getattr(task.metrics[metric], "plain_scores", frozenset())
    return 1.0 if name in plain else 100.0
