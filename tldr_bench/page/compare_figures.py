"""The figures of a pair of systems: their difference on every score, and on every paper."""

from __future__ import annotations

from collections.abc import Sequence
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


def difference_per_score(board: Board, found: Comparison, scored: Sequence[Difference]) -> Figure:
    """A whisker per score; the scale is common, so that lengths can be compared."""
    row, left, right, top = 30, 146, 176, 8
    labels = _labels(scored)
    ends = [abs(end) for item in scored for end in (item.low, item.high, item.difference) if end]
    reach = max(ends, default=1.0)
    middle, half = left + (WIDTH - left - right) / 2, (WIDTH - left - right) / 2
    height = top + row * len(scored) + 8
    parts = [element("line", class_="ax0", x1=middle, x2=middle, y1=2, y2=height - 4)]
    for place, item in enumerate(scored):
        parts += _whisker(
            item,
            labels[place],
            top + place * row + row / 2,
            middle,
            half / reach,
            left,
            WIDTH - right,
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
                signed_bounds(item.low, item.high),
            )
            for item in scored
        ),
    )


def _labels(scored: Sequence[Difference]) -> list[str]:
    """The scores' names; with the metric's key where two metrics have a score of one name."""
    names = [words.long_name(item.score) for item in scored]
    keys = [item.score.partition(".")[0] for item in scored]
    return [
        cut(f"{name} ({key})" if names.count(name) > 1 else name)
        for name, key in zip(names, keys, strict=True)
    ]


def _whisker(
    item: Difference, label: str, y: float, middle: float, scale: float, left: float, right: float
) -> list[Markup]:
    value = item.difference or 0.0
    parts = [element("text", label, x=left - 12, y=y + 4, text_anchor="end")]
    if item.low is not None and item.high is not None:
        x1, x2 = middle + item.low * scale, middle + item.high * scale
        parts.append(element("line", class_="wide", x1=x1, x2=x2, y1=y, y2=y))
    look = "dt" if item.significant else "hollow"
    parts.append(element("circle", class_=look, cx=middle + value * scale, cy=y, r=4.5))
    bounds = "" if item.low is None else f" ({signed_bounds(item.low, item.high)})"
    quiet = None if item.significant else "m"
    return [*parts, element("text", signed(value) + bounds, class_=quiet, x=right + 12, y=y + 4)]


def difference_per_paper(board: Board, found: Comparison, gaps: NDArray[np.float64]) -> Figure:
    """How many examples differ by how much; blue where the first system is higher, amber where lower."""
    reach = float(np.ceil(max(1.0, float(np.abs(gaps).max(initial=0.0))) / 10) * 10)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts: list[int] = np.histogram(gaps[gaps != 0], edges)[0].tolist()
    score = words.long_name(found.score)
    less = f"{found.a.name} less {found.b.name}"
    noun = words.NOUNS[board.task.kind]
    description = f"How many {words.plural(noun)} have which difference of {score}, {less}."
    title = f"Difference per {noun}, {score}"
    parts = [*_columns(counts), *_ticks(reach)]
    bins = zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    return Figure(
        key="papers",
        title=title,
        description=description,
        caption=_counts(found, found.of(found.score), words.plural(noun)),
        drawing=drawing("papers", title, description, WIDTH, TALL + 34, *parts),
        header=("Difference, from", "to", words.plural(noun).capitalize()),
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


def _counts(found: Comparison, item: Difference, units: str) -> str:
    if item.wins is None:
        return ""
    return (
        f"{found.a.name} is better on {item.wins:,} {units}, {found.b.name} on {item.losses:,}; "
        f"equal on {item.ties:,} (not drawn)."
    )
