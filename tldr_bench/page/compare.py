"""The page of a pair of systems: the comparison of `analysis`, laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from tldr_bench.analysis.compare import BandDifference, Comparison, Comparisons, Difference, Moved
from tldr_bench.leaderboard import Board
from tldr_bench.page import words
from tldr_bench.page.compare_figures import difference_per_paper, difference_per_score
from tldr_bench.page.intervals import signed_bounds
from tldr_bench.page.links import pair_name
from tldr_bench.page.svg import Figure
from tldr_bench.page.units import signed, sized, written
from tldr_bench.page.wins import per_example
from tldr_bench.result import gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALL_PAIRS = 16
"""Up to so many systems every pair has a page; beyond, those that a reader looks for."""
LEADERS, NEIGHBOURS = 2, 4


@dataclass(frozen=True)
class ScoreLine:
    """The two systems on one score."""

    label: str
    metric: str
    a: str
    b: str
    difference: str
    interval: str
    wins: str
    verdict: str
    apart: bool


@dataclass(frozen=True)
class BandLine:
    """The two systems on some of the papers."""

    by: str
    band: str
    examples: str
    a: str
    b: str
    difference: str
    interval: str


@dataclass(frozen=True)
class Paper:
    """A paper on which they differ most."""

    file: str
    title: str
    a: str
    b: str
    difference: str


@dataclass(frozen=True)
class PairView:
    """A pair of systems as its page shows it."""

    name: str
    a: str
    b: str
    a_name: str
    b_name: str
    lead: str
    scores: tuple[ScoreLine, ...]
    bands: tuple[BandLine, ...]
    papers: tuple[Paper, ...]
    figures: tuple[Figure, ...]


def compared(board: Board) -> dict[str, tuple[int, int]]:
    """Which pairs have a page: its stem -> two systems of the board, the better one first.

    All of them on a small board; on a large one every system against the leaders and its neighbours.
    """
    primary = board.task.spec.primary
    known = [n for n in range(len(board.scored)) if board.value(n, primary) is not None]
    pairs = (
        (one, other)
        for one, other in combinations(range(len(known)), 2)
        if len(known) <= ALL_PAIRS or one < LEADERS or other - one <= NEIGHBOURS
    )
    systems = [board.scored[number].submission.system for number in known]
    return {
        pair_name(systems[one], systems[other]): (known[one], known[other]) for one, other in pairs
    }


def pair_views(
    board: Board, pairs: Mapping[str, tuple[int, int]], files: Mapping[str, str]
) -> Iterator[tuple[PairView, Comparison]]:
    """The pages, each with its record; `files` are the stems of the papers' pages."""
    comparisons = Comparisons(board)
    for name, (one, other) in pairs.items():
        systems = [board.scored[number].submission.system for number in (one, other)]
        found = comparisons.of(*systems)
        yield _view(board, name, found, files, _gaps(board, one, other)), found


def _gaps(board: Board, one: int, other: int) -> NDArray[np.float64]:
    """Their differences on every paper, in the figures that are shown."""
    primary = board.task.spec.primary
    found: NDArray[np.float64] = gaps(*(per_example(board, n, primary) for n in (one, other)))
    return board.factor(primary) * found


def _view(
    board: Board,
    name: str,
    found: Comparison,
    files: Mapping[str, str],
    gaps: NDArray[np.float64],
) -> PairView:
    scored = [item for item in found.scores if item.difference is not None]
    ranked = [item for item in scored if item.direction != "none"]
    by = board.factor(found.score)
    return PairView(
        name=name,
        a=found.a.system,
        b=found.b.system,
        a_name=found.a.name,
        b_name=found.b.name,
        lead=_lead(board, found),
        scores=tuple(_score_line(board, found, item) for item in scored),
        bands=tuple(_band_line(item, by) for item in found.bands),
        papers=tuple(_paper(item, files, by) for item in found.moved),
        figures=(
            difference_per_score(board, found, ranked),
            difference_per_paper(board, found, gaps),
        ),
    )


def _lead(board: Board, found: Comparison) -> str:
    item = found.of(found.score)
    score = words.long_name(found.score)
    noun = words.counted(found.examples, words.NOUNS[board.task.kind])
    size = f"{sized(abs(item.difference or 0.0), board.factor(found.score))} of {score}"
    if item.better is None:
        return f"The difference of {size} is not told apart from chance on {noun}."
    better, worse = (found.a, found.b) if item.better == found.a.system else (found.b, found.a)
    return f"{better.name} is better than {worse.name} by {size}, significantly so on {noun}."


def _score_line(board: Board, found: Comparison, item: Difference) -> ScoreLine:
    by = board.factor(item.score)
    return ScoreLine(
        label=words.long_name(item.score),
        metric=words.metric_title(board, item.score.partition(".")[0]),
        a=_figure(item.a, by),
        b=_figure(item.b, by),
        difference=signed(item.difference or 0.0, by),
        interval=signed_bounds(item.low, item.high, by),
        wins="–" if item.wins is None else f"{item.wins} / {item.ties} / {item.losses}",
        verdict=_verdict(found, item),
        apart=item.better is not None,
    )


def _verdict(found: Comparison, item: Difference) -> str:
    if item.direction == "none":
        return "different" if item.significant else "not told apart"
    if item.better is None:
        return "not told apart"
    return f"{(found.a if item.better == found.a.system else found.b).name} is better"


def _figure(value: float | None, by: float) -> str:
    return "–" if value is None else written(value, by)


def _band_line(item: BandDifference, by: float) -> BandLine:
    return BandLine(
        by=item.by[:1].upper() + item.by[1:],
        band=item.band,
        examples=f"{item.examples:,}",
        a=written(item.a, by),
        b=written(item.b, by),
        difference=signed(item.difference, by),
        interval=signed_bounds(item.low, item.high, by),
    )


def _paper(item: Moved, files: Mapping[str, str], by: float) -> Paper:
    return Paper(
        file=files[item.id],
        title=words.paper_title(item.title, item.id),
        a=written(item.a, by),
        b=written(item.b, by),
        difference=signed(item.difference, by),
    )
