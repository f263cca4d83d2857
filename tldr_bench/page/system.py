"""The page of a system: what it is, what it scored, and how it stands against every other one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tldr_bench.leaderboard import Board
from tldr_bench.page import words
from tldr_bench.page.badges import Badge, badges
from tldr_bench.page.intervals import bounds, signed_bounds
from tldr_bench.page.links import pair_name
from tldr_bench.page.system_card import Item, card_items
from tldr_bench.page.units import signed, written
from tldr_bench.page.wins import Wins, per_example
from tldr_bench.result import Score
from tldr_bench.stats import Interval, NoInterval
from tldr_bench.task import Example

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAPERS = 5
"""How many papers are shown at either end."""


@dataclass(frozen=True)
class Figures:
    """One score of the system."""

    label: str
    title: str
    value: str
    interval: str
    rank: str


@dataclass(frozen=True)
class Against:
    """The system against another one, on the primary score."""

    system: str
    name: str
    difference: str
    interval: str
    wins: str
    verdict: str
    apart: bool
    page: str | None
    """The stem of the page that compares the two, where there is one."""


@dataclass(frozen=True)
class Paper:
    """A paper on which the system stands out."""

    file: str
    title: str
    value: str
    mean: str
    difference: str


@dataclass(frozen=True)
class System:
    """A system as its page shows it."""

    number: int
    id: str
    name: str
    recipe: str
    badges: tuple[Badge, ...]
    card: tuple[Item, ...]
    notes: str
    figures: tuple[Figures, ...]
    plain: str
    """Those of them that are shown as they are, not times 100."""
    missing: tuple[tuple[str, str], ...]
    """Metric and why it was not computed."""
    against: tuple[Against, ...]
    best: tuple[Paper, ...]
    """Where it is furthest above the mean of all systems."""
    worst: tuple[Paper, ...]
    signatures: tuple[tuple[str, str], ...]
    predictions: str


def systems(
    board: Board, wins: Wins, compared: Collection[str], files: Mapping[str, str]
) -> Iterator[System]:
    """The pages of all systems, best first; `files` are the stems of the papers' pages."""
    columns = primary_columns(board)
    mean = np.mean(list(columns.values()), axis=0) if columns else np.zeros(0)
    for number in range(len(board.scored)):
        papers = _papers(board, columns.get(number), mean, files)
        yield _system(board, number, tuple(against(board, number, wins, compared)), papers)


def primary_columns(board: Board) -> dict[int, NDArray[np.float64]]:
    """System -> its primary score for every paper, for the systems that have it."""
    primary = board.task.spec.primary
    return {
        number: per_example(board, number, primary)
        for number in range(len(board.scored))
        if board.value(number, primary) is not None
    }


def _papers(
    board: Board,
    column: NDArray[np.float64] | None,
    mean: NDArray[np.float64],
    files: Mapping[str, str],
) -> tuple[tuple[Paper, ...], tuple[Paper, ...]]:
    """The papers on which the system is furthest above the mean of all, and furthest below."""
    if column is None:
        return (), ()
    primary = board.task.spec.primary
    sign, by = -1 if board.direction(primary) == "lower" else 1, board.factor(primary)
    ahead = sign * (column - mean)
    order = np.argsort(-ahead, kind="stable").tolist()
    above = [place for place in order[:PAPERS] if ahead[place] > 0]
    below = [place for place in order[: -PAPERS - 1 : -1] if ahead[place] < 0]

    def papers(places: list[int]) -> tuple[Paper, ...]:
        found = ((board.task.examples[at], float(column[at]), float(mean[at])) for at in places)
        return tuple(_paper(example, files, by, *values) for example, *values in found)

    return papers(above), papers(below)


def _paper(
    example: Example, files: Mapping[str, str], by: float, value: float, mean: float
) -> Paper:
    return Paper(
        file=files[example.id],
        title=words.paper_title(example.title, example.id),
        value=written(value, by),
        mean=written(mean, by),
        difference=signed(value - mean, by),
    )


def _system(
    board: Board,
    number: int,
    others: tuple[Against, ...],
    papers: tuple[tuple[Paper, ...], tuple[Paper, ...]],
) -> System:
    item = board.scored[number]
    spec = item.submission.spec
    return System(
        number=number,
        id=item.submission.system,
        name=spec.name,
        recipe=words.recipe(spec),
        badges=tuple(badges(board, number)),
        card=tuple(card_items(spec.model_dump(mode="json"))),
        notes=spec.notes or "",
        figures=tuple(_figures(board, number)),
        plain=words.plain_names(board, [name for name, _ in _scores(board, number)]),
        missing=tuple(item.result.not_computed.items()),
        against=others,
        best=papers[0],
        worst=papers[1],
        signatures=tuple(item.result.signatures.items()),
        predictions=item.result.predictions,
    )


def _figures(board: Board, number: int) -> Iterator[Figures]:
    for name, score in _scores(board, number):
        standing = board.decisions(name).ranking.standings[number]
        ranked = board.direction(name) != "none"
        yield Figures(
            label=words.long_name(name),
            title=words.metric_title(board, name.partition(".")[0]),
            value=written(score.value, board.factor(name)),
            interval=bounds(score, board.factor(name)),
            rank=_rank(standing.rank, standing.best, standing.worst) if ranked else "–",
        )


def _scores(board: Board, number: int) -> Iterator[tuple[str, Score]]:
    scores = board.scored[number].result.scores
    return ((name, scores[name]) for name in board.score_names if name in scores)


def _rank(rank: int | None, low: int | None, high: int | None) -> str:
    if rank is None:
        return "–"
    return f"{rank}" if low == high else f"{rank} ({low}–{high})"


def against(board: Board, number: int, wins: Wins, compared: Collection[str]) -> Iterator[Against]:
    """The system against every other with the primary score, best first."""
    name = board.scored[number].submission.system
    primary = board.task.spec.primary
    by, pairs = board.factor(primary), board.decisions(primary).pairs
    for other in map(int, pairs.systems if number in pairs.systems else ()):
        if other == number:
            continue
        found = pairs.of(number, other)
        submission = board.scored[other].submission
        better = (found.difference > 0) == (board.direction(primary) != "lower")
        yield Against(
            system=submission.system,
            name=submission.spec.name,
            difference=signed(found.difference, by),
            interval=_interval(found.interval, by),
            wins=f"{100 * wins.share(number, other):.0f} %",
            page=stem if (stem := pair_name(name, submission.system)) in compared else None,
            verdict=("better" if better else "worse") if found.significant else "not told apart",
            apart=found.significant,
        )


def _interval(found: Interval | NoInterval, by: float) -> str:
    return signed_bounds(found.low, found.high, by) if isinstance(found, Interval) else "–"
