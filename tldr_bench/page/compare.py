"""The page of a pair of systems: the comparison of `analysis`, laid out and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from tldr_bench.analysis.compare import BandDifference, Comparison, Comparisons, Difference, Moved
from tldr_bench.leaderboard import Board
from tldr_bench.page import words
from tldr_bench.page.links import pair_name
from tldr_bench.page.svg import Figure, drawing, element
from tldr_bench.page.units import signed, written
from tldr_bench.page.wins import per_example

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALL_PAIRS = 16
"""Up to so many systems every pair has a page; beyond, those that a reader looks for."""
LEADERS, NEIGHBOURS = 2, 4
WIDTH, TALL, MARGIN = 560, 230, 20
BINS = 32


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
    primary = board.task.spec.primary
    return 100 * (per_example(board, one, primary) - per_example(board, other, primary))


def _view(
    board: Board,
    name: str,
    found: Comparison,
    files: Mapping[str, str],
    gaps: NDArray[np.float64],
) -> PairView:
    scored = [item for item in found.scores if item.difference is not None]
    ranked = [item for item in scored if item.direction != "none"]
    return PairView(
        name=name,
        a=found.a.system,
        b=found.b.system,
        a_name=found.a.name,
        b_name=found.b.name,
        lead=_lead(found),
        scores=tuple(_score_line(board, found, item) for item in scored),
        bands=tuple(map(_band_line, found.bands)),
        papers=tuple(_paper(item, files) for item in found.moved),
        figures=(_differences(board, found, ranked), _histogram(found, gaps)),
    )


def _lead(found: Comparison) -> str:
    item = found.of(found.score)
    score, noun = words.long_name(found.score), words.counted(found.examples, "paper")
    size = f"{written(abs(item.difference or 0.0))} points of {score}"
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
        interval=_interval(item, by),
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


def _interval(item: Difference | BandDifference, by: float = 100.0) -> str:
    if item.low is None or item.high is None:
        return "–"
    return f"{signed(item.low, by)} to {signed(item.high, by)}"


def _band_line(item: BandDifference) -> BandLine:
    return BandLine(
        by=item.by[:1].upper() + item.by[1:],
        band=item.band,
        examples=f"{item.examples:,}",
        a=written(item.a),
        b=written(item.b),
        difference=signed(item.difference),
        interval=_interval(item),
    )


def _paper(item: Moved, files: Mapping[str, str]) -> Paper:
    title = " ".join(item.title.split()) or item.id
    return Paper(files[item.id], title, written(item.a), written(item.b), signed(item.difference))


# Figures -----------------------------------------------------------------------------------------


def _differences(board: Board, found: Comparison, scored: list[Difference]) -> Figure:
    """A whisker per score; the scale is common, so that lengths can be compared."""
    row, left, right, top = 30, 118, 176, 8
    ends = [abs(end) for item in scored for end in (item.low, item.high, item.difference) if end]
    reach = max(ends, default=1.0)
    middle, half = left + (WIDTH - left - right) / 2, (WIDTH - left - right) / 2
    height = top + row * len(scored) + 8
    parts = [element("line", class_="ax0", x1=middle, x2=middle, y1=2, y2=height - 4)]
    for place, item in enumerate(scored):
        parts += _whisker(
            item, top + place * row + row / 2, middle, half / reach, left, WIDTH - right
        )
    description = (
        f"Differences of {found.a.name} and {found.b.name} with 95 % intervals, per score."
    )
    return Figure(
        key="scores",
        title="Difference per score",
        description=description,
        caption=f"Right of the line: {found.a.name} higher. Hollow dots are not told apart.",
        drawing=drawing("scores", "Difference per score", description, WIDTH, height, *parts),
        header=("Score", "Difference", "95 % interval"),
        rows=tuple(
            (
                f"{words.long_name(item.score)}, {words.metric_title(board, item.score.partition('.')[0])}",
                signed(item.difference or 0.0),
                _interval(item),
            )
            for item in scored
        ),
    )


def _whisker(
    item: Difference, y: float, middle: float, scale: float, left: float, right: float
) -> list[Markup]:
    value = item.difference or 0.0
    parts = [element("text", words.long_name(item.score), x=left - 12, y=y + 4, text_anchor="end")]
    if item.low is not None and item.high is not None:
        x1, x2 = middle + item.low * scale, middle + item.high * scale
        parts.append(element("line", class_="wide", x1=x1, x2=x2, y1=y, y2=y))
    look = "dt" if item.significant else "hollow"
    parts.append(element("circle", class_=look, cx=middle + value * scale, cy=y, r=4.5))
    text = signed(value) if item.low is None else f"{signed(value)} ({_interval(item)})"
    quiet = None if item.significant else "m"
    return [*parts, element("text", text, class_=quiet, x=right + 12, y=y + 4)]


def _histogram(found: Comparison, gaps: NDArray[np.float64]) -> Figure:
    """How many papers differ by how much; blue where the first system is higher, amber where lower."""
    reach = float(np.ceil(max(1.0, float(np.abs(gaps).max(initial=0.0))) / 10) * 10)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts: list[int] = np.histogram(gaps[gaps != 0], edges)[0].tolist()
    score = words.long_name(found.score)
    less = f"{found.a.name} less {found.b.name}"
    description = f"How many papers have which difference of {score}, {less}."
    title = f"Difference per paper, {score}"
    parts = [*_columns(counts), *_ticks(reach)]
    bins = zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    return Figure(
        key="papers",
        title=title,
        description=description,
        caption=_counts(found, found.of(found.score)),
        drawing=drawing("papers", title, description, WIDTH, TALL + 34, *parts),
        header=("Difference, from", "to", "Papers"),
        rows=tuple(
            (f"{low:+.1f}", f"{high:+.1f}", str(count)) for low, high, count in bins if count
        ),
    )


def _columns(counts: list[int]) -> list[Markup]:
    width, tallest = (WIDTH - 2 * MARGIN) / BINS, max([*counts, 1])
    parts = []
    for place, count in enumerate(counts):
        size = count / tallest * (TALL - 24)
        look = "won" if place >= BINS // 2 else "lost"
        x = MARGIN + place * width + 1
        parts.append(element("rect", class_=look, x=x, y=TALL - size, width=width - 2, height=size))
    return parts


def _ticks(reach: float) -> list[Markup]:
    parts = []
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x = WIDTH / 2 + share * (WIDTH / 2 - MARGIN)
        text = f"{share * reach:+.0f}".replace("-", "−") if share else "0"
        parts.append(element("text", text, class_="m", x=x, y=TALL + 18, text_anchor="middle"))
    return parts


def _counts(found: Comparison, item: Difference) -> str:
    if item.wins is None:
        return ""
    return (
        f"{found.a.name} is better on {item.wins:,} papers, {found.b.name} on {item.losses:,}; "
        f"equal on {item.ties:,} (not drawn)."
    )
