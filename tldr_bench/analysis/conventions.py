"""explain(board, system): one system's ROUGE under every convention in use, side by side.

The same predictions score 27 to 44 ROUGE-1 on SciTLDR-A, depending on what is left unsaid in most
papers: which program, with or without stemming, and what is done with several references.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args

from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.references import ReferenceRule
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.records import Field, Record
from tldr_bench.scoring import resamples_of
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

SCORES = ("rouge1", "rouge2", "rougeL")
"""What both profiles have, and papers report."""


@dataclass(frozen=True)
class Convention:
    """A program, with or without stemming, and a rule for several references."""

    metric: Rouge | Rouge155

    @property
    def name(self) -> str:
        """`rouge155, stemmed, best-rouge1`."""
        stemmed = "stemmed" if self.metric.stemmer else "unstemmed"
        return f"{self.metric.name}, {stemmed}, {self.metric.references}"


RULES: tuple[ReferenceRule, ...] = get_args(ReferenceRule)

_PROFILES: tuple[type[Rouge | Rouge155], ...] = (Rouge155, Rouge)

CONVENTIONS: tuple[Convention, ...] = tuple(
    Convention(profile(references=rule, stemmer=stemmer))
    for profile, stemmer, rule in product(_PROFILES, (True, False), RULES)
)
"""Both profiles × stemming × four reference rules."""


class Figures(Record):
    """A system's scores under one convention, as fractions."""

    convention: str
    signature: str
    used: bool
    """Whether the task's own board has this convention."""
    scores: dict[str, float]


class Spread(Record):
    """How far one score moves between the conventions."""

    score: str
    low: float
    low_convention: str
    high: float
    high_convention: str


class Neighbour(Record):
    """The next system on the board, and whether the order of the two depends on the convention."""

    system: str
    side: Literal["above", "below"]
    score: str
    survives: bool
    """Whether the order is this one under every convention."""
    reversed_by: list[str]
    level_under: list[str]
    """Conventions under which the two have the same score."""
    told_apart_by: list[str]
    """Conventions under which the pair, tested alone, differs at 5 %."""


class Explanation(Record):
    """What `explain SYSTEM --format json` prints."""

    format: Literal["tldr-bench/explanation/1"] = Field(
        default="tldr-bench/explanation/1", alias="schema"
    )
    task: str
    task_version: str
    system: str
    name: str
    examples: int
    figures: list[Figures]
    spread: list[Spread]
    neighbours: list[Neighbour]


class Everywhere:
    """Every system of a board under every convention; measured when asked for."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._measured: dict[tuple[int, int], Columns] = {}

    def columns(self, system: int, convention: int) -> Columns:
        """Column per score, of one number per example."""
        key = (system, convention)
        if key not in self._measured:
            metric: Metric[Any, Any] = CONVENTIONS[convention].metric
            self._measured[key] = metric.measure(self.board.aligned(system).pairs)
        return self._measured[key]

    def scores(self, system: int, convention: int) -> dict[str, float]:
        """The scores over all examples, as fractions."""
        metric: Metric[Any, Any] = CONVENTIONS[convention].metric
        return metric.aggregate(self.columns(system, convention))


def explain(board: Board, system: str) -> Explanation:
    """A system under every convention. Raises UsageError for what has no ROUGE or is not there."""
    refuse_other_kinds(board.task)
    number = system_number(board, system)
    everywhere = Everywhere(board)
    figures = [_figures(everywhere, number, at) for at in range(len(CONVENTIONS))]
    beside = ((number - 1, "above"), (number + 1, "below"))
    return Explanation(
        task=board.task.id,
        task_version=board.task.version,
        system=system,
        name=board.scored[number].submission.spec.name,
        examples=len(board.task.examples),
        figures=figures,
        spread=[_spread(figures, score) for score in SCORES],
        neighbours=[
            _neighbour(everywhere, number, other, side)  # type: ignore[arg-type]
            for other, side in beside
            if 0 <= other < len(board.scored)
        ],
    )


def refuse_other_kinds(task: Task) -> None:
    """Raise UsageError unless the task's outputs are texts, which ROUGE is about."""
    if task.kind != "summary":
        raise UsageError(
            f"{task.id} is a {task.kind} task; explain is about summaries and their ROUGE conventions"
        )


def system_number(board: Board, system: str) -> int:
    """The place of a scored system on its board. Raises UsageError, naming the nearest one."""
    names = [item.submission.system for item in board.scored]
    if system not in names:
        raise UsageError(f"{board.task.id}: {unknown('system', system, names)}")
    return names.index(system)


def _figures(everywhere: Everywhere, system: int, at: int) -> Figures:
    convention = CONVENTIONS[at]
    signatures = {metric.signature for metric in everywhere.board.task.metrics.values()}
    scores = everywhere.scores(system, at)
    return Figures(
        convention=convention.name,
        signature=convention.metric.signature,
        used=convention.metric.signature in signatures,
        scores={score: scores[score] for score in SCORES},
    )


def _spread(figures: Sequence[Figures], score: str) -> Spread:
    low = min(figures, key=lambda item: item.scores[score])
    high = max(figures, key=lambda item: item.scores[score])
    return Spread(
        score=score,
        low=low.scores[score],
        low_convention=low.convention,
        high=high.scores[score],
        high_convention=high.convention,
    )


# Neighbours --------------------------------------------------------------------------------------


def _neighbour(
    everywhere: Everywhere, system: int, other: int, side: Literal["above", "below"]
) -> Neighbour:
    """Compared by the score that the board is ranked by, or ROUGE-1 where that is no ROUGE."""
    from tldr_bench.stats import ALPHA

    ranked_by = everywhere.board.task.spec.primary.partition(".")[2]
    score = ranked_by if ranked_by in SCORES else SCORES[0]
    gaps = _gaps(everywhere, system, other, score)
    wrong = 1 if side == "above" else -1
    return Neighbour(
        system=everywhere.board.scored[other].submission.system,
        side=side,
        score=score,
        survives=all(gap * wrong < 0 for gap, _ in gaps),
        reversed_by=_named(gap * wrong > 0 for gap, _ in gaps),
        level_under=_named(gap == 0 for gap, _ in gaps),
        told_apart_by=_named(p <= ALPHA for _, p in gaps),
    )


def _named(flags: Iterable[bool]) -> list[str]:
    return [convention.name for convention, flag in zip(CONVENTIONS, flags, strict=True) if flag]


def _gaps(everywhere: Everywhere, system: int, other: int, score: str) -> list[tuple[float, float]]:
    """By convention: the difference of the two, and the p-value of this pair alone."""
    from tldr_bench.stats import bootstrap, decide

    task, places = everywhere.board.task, range(len(CONVENTIONS))
    both = [
        {str(at): everywhere.columns(number, at)[score] for at in places}
        for number in (system, other)
    ]
    samples = bootstrap(both, lambda means: means, resamples_of(task))
    found = []
    for at in places:
        values = [everywhere.scores(number, at)[score] for number in (system, other)]
        pair = decide(values, samples[str(at)]).of(0, 1)
        found.append((pair.difference, pair.p))
    return found
