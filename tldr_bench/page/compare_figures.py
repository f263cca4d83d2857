"""The figures of a pair of systems: their difference on every score, and on every paper."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from tldr_bench.analysis.compare import Comparison, Difference
from tldr_bench.leaderboard import Board
from tldr_bench.page import words
from tldr_bench.page.intervals import signed_bounds
from tldr_bench.page.svg import Figure, drawing, element
from tldr_bench.page.units import signed
from tldr_bench.page.wins import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, TALL, MARGIN = 560, 230, 20
BINS = 32
ROW, LEFT, RIGHT, TOP = 30, 146, 176, 8
"""Of the whiskers: the height of one, the room for the names, for the figures, and above."""
HALF = (WIDTH - LEFT - RIGHT) / 2
MIDDLE = LEFT + HALF


def difference_per_score(board: Board, found: Comparison, scored: Sequence[Difference]) -> Figure:
    """A whisker per score; the scale is common, so that lengths can be compared."""
    description = (
        f"Differences of {found.a.name} and {found.b.name} with 95 % intervals, per score."
    )
    height, parts = _whiskers(scored)
    return Figure(
        key="scores",
        title="Difference per score",
        description=description,
        caption=f"Right of the line: {found.a.name} higher. Hollow dots are not told apart.",
        drawing=drawing("scores", "Difference per score", description, WIDTH, height, *parts),
        header=("Score", "Difference", "95 % interval"),
        rows=tuple(_score_row(board, item) for item in scored),
    )


def _score_row(board: Board, item: Difference) -> tuple[str, str, str]:
    metric = words.metric_title(board, item.score.partition(".")[0])
    return (
        f"{words.long_name(item.score)}, {metric}",
        signed(item.difference or 0.0, item.shown_times),
        signed_bounds(item.low, item.high, item.shown_times),
    )


def _whiskers(scored: Sequence[Difference]) -> tuple[float, list[Markup]]:
    """How high the drawing is, and what is in it: a line in the middle, and a row for every score."""
    height = 2 * TOP + ROW * len(scored)
    reach = max(map(_reach, scored), default=0.0) or 1.0
    parts = [element("line", class_="ax0", x1=MIDDLE, x2=MIDDLE, y1=2, y2=height - 4)]
    for place, (item, label) in enumerate(zip(scored, _labels(scored), strict=True)):
        parts += _whisker(item, label, TOP + place * ROW + ROW / 2, HALF / reach)
    return height, parts


def _reach(item: Difference) -> float:
    """How far a whisker goes from the middle, in the figures that are shown."""
    ends = (item.low, item.high, item.difference)
    return item.shown_times * max(abs(end or 0.0) for end in ends)


def _labels(scored: Sequence[Difference]) -> list[str]:
    """The scores' names; with the metric's key where two metrics have a score of one name."""
    names = [words.long_name(item.score) for item in scored]
    keys = [item.score.partition(".")[0] for item in scored]
    return [
        cut(f"{name} ({key})" if names.count(name) > 1 else name)
        for name, key in zip(names, keys, strict=True)
    ]


def _whisker(item: Difference, label: str, y: float, scale: float) -> list[Markup]:
    """One score; `scale` is how many pixels a difference of 1 is wide, as it is shown."""
    by, value = item.shown_times, item.difference or 0.0
    parts = [element("text", label, x=LEFT - 12, y=y + 4, text_anchor="end")]
    if item.low is not None and item.high is not None:
        x1, x2 = MIDDLE + by * item.low * scale, MIDDLE + by * item.high * scale
        parts.append(element("line", class_="wide", x1=x1, x2=x2, y1=y, y2=y))
    look = "dt" if item.significant else "hollow"
    parts.append(element("circle", class_=look, cx=MIDDLE + by * value * scale, cy=y, r=4.5))
    bounds = "" if item.low is None else f" ({signed_bounds(item.low, item.high, by)})"
    quiet = None if item.significant else "m"
    text = signed(value, by) + bounds
    return [*parts, element("text", text, class_=quiet, x=WIDTH - RIGHT + 12, y=y + 4)]


def difference_per_paper(board: Board, found: Comparison, gaps: NDArray[np.float64]) -> Figure:
    """How many examples differ by how much; blue where the first system is higher, amber where lower.

    `gaps` are the differences as they are shown.
    """
    reach = round_reach(float(np.abs(gaps).max(initial=0.0)))
    edges = np.linspace(-reach, reach, BINS + 1)
    counts: list[int] = np.histogram(gaps[gaps != 0], edges)[0].tolist()
    score = words.long_name(found.score)
    less = f"{found.a.name} less {found.b.name}"
    noun = words.NOUNS[board.task.kind]
    description = f"How many {words.plural(noun)} have which difference of {score}, {less}."
    title = f"Difference per {noun}, {score}"
    parts = [*_columns(counts), *_ticks(reach)]
    return Figure(
        key="papers",
        title=title,
        description=description,
        caption=_counts(found, found.of(found.score), words.plural(noun)),
        drawing=drawing("papers", title, description, WIDTH, TALL + 34, *parts),
        header=("Difference, from", "to", words.plural(noun).capitalize()),
        rows=tuple(_bin_rows(edges.tolist(), counts)),
    )


def round_reach(largest: float) -> float:
    """A round number that is no less: of two digits' size up to the next ten, a smaller one likewise.

    >>> round_reach(43.2), round_reach(100), round_reach(7.1), round_reach(0.32), round_reach(0)
    (50.0, 100.0, 8.0, 0.4, 10.0)
    """
    if not largest:
        return 10.0
    power = 10.0 ** math.floor(math.log10(largest))
    return round(math.ceil(largest / power - 1e-9) * power, 9)


def _bin_rows(edges: Sequence[float], counts: Sequence[int]) -> Iterator[tuple[str, str, str]]:
    """The columns that are not empty, as a table; narrow ones need a second decimal."""
    decimals = 1 if edges[-1] >= 10 else 2
    for (low, high), count in zip(pairwise(edges), counts, strict=True):
        if count:
            yield f"{low:+.{decimals}f}", f"{high:+.{decimals}f}", str(count)


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
        text = f"{share * reach:+g}".replace("-", "−") if share else "0"
        parts.append(element("text", text, class_="m", x=x, y=TALL + 18, text_anchor="middle"))
    return parts


def _counts(found: Comparison, item: Difference, units: str) -> str:
    if item.wins is None:
        return ""
    return (
        f"{found.a.name} is better on {item.wins:,} {units}, {found.b.name} on {item.losses:,}; "
        f"equal on {item.ties:,} (not drawn)."
    )
