"""Who beats whom on how many papers: the matrix of all pairs, as numbers and as a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from tldr_bench.leaderboard import Board
from tldr_bench.page.links import pair_name
from tldr_bench.page.svg import Figure, drawing, element, text_width
from tldr_bench.page.words import NOUNS, long_name, plural
from tldr_bench.result import gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 30
"""More systems than this make the figure too small to read."""
CELL = 31
TILT = 52
"""Degrees by which the names above the columns are turned."""
LONGEST = 22
"""Characters of a name beside the figure."""


@dataclass(frozen=True)
class Wins:
    """For every two systems with the primary score: on which share of papers one beats the other."""

    systems: tuple[int, ...]
    shares: NDArray[np.float64]
    """(systems, systems): the share of papers on which the one of the row is better."""

    def share(self, one: int, other: int) -> float:
        """On which share of papers a system of the board is better than another one."""
        return float(self.shares[self.systems.index(one), self.systems.index(other)])


def wins_of(board: Board) -> Wins:
    """All shares of a board."""
    primary = board.task.spec.primary
    systems = tuple(
        number for number in range(len(board.scored)) if board.value(number, primary) is not None
    )
    sign = -1 if board.direction(primary) == "lower" else 1
    values = [sign * per_example(board, number, primary) for number in systems]
    table = np.array(values).reshape(len(systems), len(board.task.examples))
    shares = np.zeros((len(systems), len(systems)))
    for place, row in enumerate(table):
        shares[place] = np.mean(gaps(row, table) > 0, axis=1)
    return Wins(systems, shares)


def per_example(board: Board, number: int, score: str) -> NDArray[np.float64]:
    """A system's score for every example."""
    metric, _, name = score.partition(".")
    return board.scored[number].measurements[metric].per_example()[name]


def win_matrix(board: Board, wins: Wins, compared: frozenset[str]) -> Figure | None:
    """The figure; `compared` are the stems of the pages that compare two systems."""
    shown = wins.systems[:MOST]
    if len(shown) < 2:
        return None
    primary = long_name(board.task.spec.primary)
    units = plural(NOUNS[board.task.kind])
    description = (
        f"For every two systems, the share of {units} on which the one of the row has the better "
        f"{primary}. Dashed cells are differences that the data does not tell apart."
    )
    frame = _Frame.around([cut(name_of(board, number)) for number in shown])
    picture = drawing(
        "wins", f"Who beats whom on {primary}", description, frame.width, frame.height,
        *_names(frame), *_cells(board, wins, shown, compared, frame),
        role="group" if compared else "img", grows=False,
    )  # fmt: skip
    return Figure(
        key="wins",
        title="Who beats whom",
        description=description,
        caption=_caption(units, primary, len(shown), len(wins.systems)),
        drawing=picture,
        header=("System", *(name_of(board, number) for number in shown)),
        rows=tuple(_row(board, wins, number, shown) for number in shown),
    )


def _caption(units: str, primary: str, shown: int, known: int) -> str:
    text = (
        f"% of {units} on which the row has the better {primary}. Blue: significantly better over all; "
        f"amber: significantly worse; dashed: not told apart (Holm, 5 %)."
    )
    return text if shown == known else f"{text} The best {shown} of {known} systems."


def name_of(board: Board, number: int) -> str:
    """A system's name."""
    return board.scored[number].submission.spec.name


def cut(text: str, most: int = LONGEST) -> str:
    """A name that fits beside a figure."""
    return text if len(text) <= most else text[: most - 1] + "…"


@dataclass(frozen=True)
class _Frame:
    """How much room the names need beside the cells and above them."""

    names: tuple[str, ...]
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def around(cls, names: Sequence[str]) -> _Frame:
        """The frame of a square with these names at both sides."""
        longest, size = max(map(text_width, names)), len(names) * CELL
        across, up = math.cos(math.radians(TILT)), math.sin(math.radians(TILT))
        left, top = longest + 9, longest * up + 18
        ends = (
            (place + 0.5) * CELL + 4 + text_width(name) * across for place, name in enumerate(names)
        )
        width = left + max(size, *ends) + 4
        return cls(tuple(names), left, top, math.ceil(width), math.ceil(top + size + 4))


def _names(frame: _Frame) -> list[Markup]:
    found = []
    for place, name in enumerate(frame.names):
        middle = place * CELL + CELL / 2 + 4
        turned = f"translate({frame.left + middle:.1f},{frame.top - 7:.1f}) rotate(-{TILT})"
        found.append(
            element("text", name, x=frame.left - 7, y=frame.top + middle, text_anchor="end")
        )
        found.append(element("text", name, transform=turned))
    return found


def _cells(
    board: Board, wins: Wins, shown: tuple[int, ...], compared: frozenset[str], frame: _Frame
) -> Iterator[Markup]:
    """A group for every row, so that the cells of two rows differ in what they say only: packed, it is small."""
    for place, row in enumerate(shown):
        cells = [
            _linked(board, wins, (row, column), across, compared)
            for across, column in enumerate(shown)
            if column != row
        ]
        yield element(
            "g", *cells, transform=f"translate({frame.left:.1f},{frame.top + place * CELL:.1f})"
        )


def _linked(
    board: Board, wins: Wins, pair: tuple[int, int], across: int, compared: frozenset[str]
) -> Markup:
    """A cell; where the two have a page of their own, it leads there."""
    row, column = pair
    share, page = wins.share(row, column), _page(board, row, column)
    cell = _cell(across * CELL, share, _look(board, row, column))
    if page not in compared:
        return cell
    label = f"{name_of(board, row)} against {name_of(board, column)}: {100 * share:.0f}"
    return element("a", cell, href=f"compare/{page}.html", aria_label=label)


def _look(board: Board, row: int, column: int) -> str:
    if not board.decisions(board.task.spec.primary).pairs.of(row, column).significant:
        return "even"
    return "won" if row < column else "lost"


def _page(board: Board, row: int, column: int) -> str:
    return pair_name(*(board.scored[item].submission.system for item in (row, column)))


def _cell(left: float, share: float, look: str) -> Markup:
    strength = min(1.0, abs(share - 0.5) * 2)
    box = element(
        "rect", x=left + 1, y=1, width=CELL - 2, height=CELL - 2, rx=3, class_=look,
        fill_opacity=None if look == "even" else f"{0.10 + 0.36 * strength:.2f}",
    )  # fmt: skip
    text = element(
        "text", f"{100 * share:.0f}", x=left + CELL / 2, y=CELL / 2 + 4, text_anchor="middle",
        class_="m" if look == "even" else None,
    )  # fmt: skip
    return box + text


def _row(board: Board, wins: Wins, number: int, shown: tuple[int, ...]) -> tuple[str, ...]:
    figures = (
        "–" if other == number else f"{100 * wins.share(number, other):.0f}" for other in shown
    )
    return (name_of(board, number), *figures)
