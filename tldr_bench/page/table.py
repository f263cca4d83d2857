"""The main table: every system with its rank, what the data leaves open of it, and all its scores.

What the table says about certainty (ranges, bars, tints) is read from the board's decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from tldr_bench.leaderboard import Board, Row
from tldr_bench.page import words
from tldr_bench.page.badges import Badge, badges
from tldr_bench.page.columns import Column, Group, column_scores, columns_of, groups_of
from tldr_bench.page.intervals import Whisker, axis_around, half, whisker
from tldr_bench.page.scales import Axis
from tldr_bench.page.script_json import script_json
from tldr_bench.page.tie_bars import PARTS, Piece, places, tie_bars
from tldr_bench.page.units import written
from tldr_bench.result import Score

LATE = 200
"""Rows beyond this wait for "show all": a browser lays out thousands of rows slowly."""


@dataclass(frozen=True)
class Cell:
    """One system's score as it is shown."""

    value: str
    half: str
    """`±1.28`, or nothing where there is no interval."""
    title: str
    look: str
    best: bool


@dataclass(frozen=True)
class Line:
    """One system."""

    number: int
    system: str
    name: str
    recipe: str
    type: str
    open: bool
    badges: tuple[Badge, ...]
    rank: str
    range: str
    bars: tuple[Piece, ...]
    value: str
    half: str
    whisker: Whisker | None
    cells: tuple[Cell, ...]
    haystack: str
    """What the search box looks through, in lower case."""
    late: bool


@dataclass(frozen=True)
class Table:
    """All of it."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    lines: tuple[Line, ...]
    axis: tuple[str, str]
    primary: str
    types: tuple[tuple[str, str], ...]
    lanes: int
    any_open: bool
    plain: str
    """The scores that are shown as they are, not times 100."""
    unranked: bool
    """Whether there are baselines or people among the systems, which have no rank."""
    script: Markup
    """What the script needs to sort by any column: JSON that is safe inside <script>."""


def main_table(board: Board) -> Table:
    """The main table of a board."""
    return _Maker(board).table()


class _Maker:
    def __init__(self, board: Board) -> None:
        self.board = board
        self.rows = board.record.rows
        self.scores = column_scores(board)

    def table(self) -> Table:
        groups = groups_of(self.board, self.scores)
        known = {line.type for line in self.lines}
        return Table(
            columns=columns_of(self.board, self.scores, groups),
            groups=groups,
            lines=self.lines,
            axis=_ends(self.axes[self.primary]) if self.rows else ("", ""),
            primary=words.long_name(self.primary),
            types=tuple(item for item in words.TYPES.items() if item[0] in known),
            lanes=max((piece.lane for line in self.lines for piece in line.bars), default=-1) + 1,
            any_open=any(line.open for line in self.lines),
            plain=words.plain_names(self.board, self.scores),
            unranked=not all(self.board.ranked),
            script=self._script(),
        )

    @property
    def primary(self) -> str:
        return self.board.task.spec.primary

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """Score -> the axis that its intervals are drawn on, in the figures that are shown."""
        return {name: axis_around(self._found(name), self._by(name)) for name in self.scores}

    def _found(self, score: str) -> list[Score]:
        """One score of all systems that have it."""
        return [row.scores[score] for row in self.rows if score in row.scores]

    def _by(self, score: str) -> float:
        return self.board.factor(score)

    @cached_property
    def bars(self) -> dict[str, list[list[Piece]]]:
        """Score -> the pieces of the tie bars in every row."""
        return {score: tie_bars(self.board, score) for score in self.scores}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._line(number, row) for number, row in enumerate(self.rows))

    def _line(self, number: int, row: Row) -> Line:
        spec = self.board.scored[number].submission.spec
        score, by = row.scores.get(self.primary), self._by(self.primary)
        recipe = words.recipe(spec)
        kind = words.TYPES.get(spec.type or "", "")
        return Line(
            number=number,
            system=row.system,
            name=row.name,
            recipe=recipe,
            type=spec.type or "",
            open=bool(spec.open_weights),
            badges=tuple(badges(self.board, number)),
            rank=_or_dash(row.rank),
            range=_range(row.rank_low, row.rank_high),
            bars=tuple(self.bars[self.primary][number]) if self.primary in self.bars else (),
            value=written(score.value, by) if score else "–",
            half=half(score, by),
            whisker=whisker(self.axes[self.primary], score, by) if score else None,
            cells=tuple(self._cell(number, row, name) for name in self.scores),
            haystack=f"{row.name} {row.system} {recipe} {kind}".lower(),
            late=number >= LATE,
        )

    def _cell(self, number: int, row: Row, name: str) -> Cell:
        score = row.scores.get(name)
        if score is None:
            reason = row.not_computed.get(name.partition(".")[0], "not computed")
            return Cell("–", "", reason, "none", best=False)
        standing = self.board.decisions(name).ranking.standings[number]
        ranked = self.board.direction(name) != "none" and len(self.rows) > 1
        tied = ranked and standing.with_best
        best = ranked and standing.rank == 1
        title = "the best" if best else "not told apart from the best" if tied else ""
        by = self._by(name)
        look = "tied" if tied else ""
        return Cell(written(score.value, by), half(score, by), title, look, best)

    def _script(self) -> Markup:
        """Per score: ranks with ranges, bars, intervals, in the order of the rows."""
        return script_json(
            {
                "task": self.board.task.id,
                "sort": self.scores.index(self.primary) if self.primary in self.scores else 0,
                "scores": [self._for_script(name) for name in self.scores],
            }
        )

    def _for_script(self, name: str) -> dict[str, object]:
        standings = self.board.decisions(name).ranking.standings
        axis = self.axes[name]
        drawn = [
            whisker(axis, row.scores[name], self._by(name)) if name in row.scores else None
            for row in self.rows
        ]
        return {
            "name": name,
            "label": words.long_name(name),
            "up": self.board.direction(name) != "lower",
            "axis": _ends(axis),
            "places": places(self.board, name),
            "ranks": [[item.rank, item.best, item.worst] if item.rank else 0 for item in standings],
            "bars": [
                [[piece.lane, PARTS.index(piece.part)] for piece in row] for row in self.bars[name]
            ],
            "marks": [[item.left, item.width, item.point] if item else 0 for item in drawn],
        }


def _ends(axis: Axis) -> tuple[str, str]:
    return axis.text(axis.low), axis.text(axis.high)


def _or_dash(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _range(low: int | None, high: int | None) -> str:
    return "" if low == high else f"{low}–{high}"
