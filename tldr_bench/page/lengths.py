"""Score against length: does a system score higher only because it says more?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tldr_bench.board_tables import with_interval
from tldr_bench.kinds import Pair
from tldr_bench.leaderboard import Board
from tldr_bench.page.intervals import axis_around
from tldr_bench.page.scales import Axis, enclosing
from tldr_bench.page.svg import Figure, drawing, element
from tldr_bench.page.units import written
from tldr_bench.page.wins import cut, name_of
from tldr_bench.page.words import long_name
from tldr_bench.result import Score

WIDTH, HEIGHT = 560, 470
LEFT, RIGHT, TOP, BOTTOM = 46, 18, 10, 44
NAMED = 40
"""Names beyond this many would lie on each other."""
LETTER = 6.2
"""Width of a letter, on average."""


def mean_length(task_kind: str, pairs: Sequence[Pair[Any, Any]]) -> float:
    """Words of a prediction, or chosen sentences, on average."""
    if task_kind == "labels":
        return math.fsum(sum(pair.prediction) for pair in pairs) / len(pairs)
    return math.fsum(len(pair.prediction.split()) for pair in pairs) / len(pairs)


@dataclass(frozen=True)
class Spot:
    """A system in the plane."""

    name: str
    length: float
    value: str
    interval: str
    """The score with half its interval."""
    x: float
    y: float
    top: float
    bottom: float


def score_against_length(board: Board, lengths: Sequence[float]) -> Figure | None:
    """The figure, from the mean length of every system's predictions."""
    primary = board.task.spec.primary
    known = [n for n in range(len(board.scored)) if board.value(n, primary) is not None]
    if len(known) < 2 or not lengths:
        return None
    name = long_name(primary)
    across = enclosing([lengths[number] for number in known])
    up = axis_around((_score(board, number) for number in known), board.factor(primary))
    spots = [_spot(board, number, lengths[number], across, up) for number in known]
    unit = "chosen sentences" if board.task.kind == "labels" else "words"
    description = (
        f"Each dot is a system: across, the mean number of {unit} of what it says; upwards, its "
        f"{name} with the 95 % interval."
    )
    parts = [*_grid(across, up, unit, name), *_dots(spots), *_labels(spots)]
    title = f"{name} against length"
    return Figure(
        key="length",
        title="Score against length",
        description=description,
        caption=_caption(board.task.kind),
        drawing=drawing("length", title, description, WIDTH, HEIGHT, *parts),
        header=("System", f"Mean {unit}", name),
        rows=tuple((spot.name, f"{spot.length:.1f}", spot.interval) for spot in spots),
    )


def _caption(kind: str) -> str:
    counted = "" if kind == "labels" else " Words are counted between blanks."
    return (
        "Each dot is a system with its 95 % interval. Saying more can raise a score by itself: "
        f"compare systems of about the same length.{counted}"
    )


def _score(board: Board, number: int) -> Score:
    return board.scored[number].result.scores[board.task.spec.primary]


def _spot(board: Board, number: int, length: float, across: Axis, up: Axis) -> Spot:
    score, by = _score(board, number), board.factor(board.task.spec.primary)

    def height(value: float) -> float:
        return TOP + (1 - up.share(by * value)) * (HEIGHT - TOP - BOTTOM)

    low = score.value if score.low is None else score.low
    high = score.value if score.high is None else score.high
    x = LEFT + across.share(length) * (WIDTH - LEFT - RIGHT)
    return Spot(
        name=name_of(board, number),
        length=length,
        value=written(score.value, by),
        interval=with_interval(score, by),
        x=x,
        y=height(score.value),
        top=height(high),
        bottom=height(low),
    )


def _grid(across: Axis, up: Axis, unit: str, score: str) -> list[Markup]:
    found = []
    for tick in up.ticks:
        y = TOP + (1 - up.share(tick)) * (HEIGHT - TOP - BOTTOM)
        found.append(element("line", class_="gr", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y))
        found.append(
            element("text", up.text(tick), class_="m", x=LEFT - 7, y=y + 4, text_anchor="end")
        )
    for tick in across.ticks:
        x = LEFT + across.share(tick) * (WIDTH - LEFT - RIGHT)
        found.append(
            element("text", across.text(tick), class_="m", x=x, y=HEIGHT - BOTTOM + 18, text_anchor="middle")
        )  # fmt: skip
    middle = (LEFT + WIDTH - RIGHT) / 2
    found.append(
        element("text", f"mean {unit}", class_="m", x=middle, y=HEIGHT - 6, text_anchor="middle")
    )
    turned = f"translate(12,{HEIGHT / 2 - 20:.0f}) rotate(-90)"
    found.append(element("text", score, class_="m", transform=turned, text_anchor="middle"))
    return found


def _dots(spots: Sequence[Spot]) -> list[Markup]:
    found = []
    for spot in spots:
        found.append(
            element("line", class_="wl", x1=spot.x, x2=spot.x, y1=spot.top, y2=spot.bottom)
        )
        dot = element(
            "circle", element("title", f"{spot.name}: {spot.value}"), class_="dt",
            cx=spot.x, cy=spot.y, r=4.5,
        )  # fmt: skip
        found.append(dot)
    return found


Box = tuple[float, float, float, float]


def _labels(spots: Sequence[Spot]) -> list[Markup]:
    """A name beside each dot where it hides least; the nearest place wins."""
    taken: list[Box] = [(spot.x - 6, spot.top, spot.x + 6, spot.bottom) for spot in spots]
    found = []
    for spot in spots[:NAMED]:
        name = cut(spot.name)
        places = [
            (_cost(box, taken) + abs(rise) / 40 + (side < 0) * 0.2, side, rise, box)
            for rise in (0, -11, 11, -22, 22, -34, 34, -46, 46)
            for side in (1, -1)
            if (box := _box(spot, len(name) * LETTER, side, rise))[0] > LEFT and box[2] < WIDTH
        ]
        if places:
            _, side, rise, box = min(places)
            taken.append(box)
            found.extend(_label(spot, name, side, rise))
    return found


def _box(spot: Spot, width: float, side: int, rise: float) -> Box:
    left = spot.x + 9 if side > 0 else spot.x - 9 - width
    return left, spot.y + rise - 7, left + width, spot.y + rise + 6


def _cost(box: Box, taken: Sequence[Box]) -> float:
    return 3.0 * sum(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )


def _label(spot: Spot, name: str, side: int, rise: float) -> list[Markup]:
    found = []
    if abs(rise) > 12:
        found.append(
            element("line", class_="ld", x1=spot.x, y1=spot.y, x2=spot.x + 8 * side, y2=spot.y + rise)
        )  # fmt: skip
    anchor = "start" if side > 0 else "end"
    found.append(
        element("text", name, class_="h", x=spot.x + 9 * side, y=spot.y + rise + 4, text_anchor=anchor)
    )  # fmt: skip
    return found
