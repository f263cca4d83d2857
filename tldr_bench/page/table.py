"""The main table: every system with its rank, what the data leaves open of it, and all its scores.

What the table says about certainty (ranges, bars, tints) is read from the board's decisions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from tldr_bench.board_tables import shown_scores
from tldr_bench.leaderboard import Board, Row
from tldr_bench.page import words
from tldr_bench.page.scales import Axis, enclosing
from tldr_bench.page.units import written
from tldr_bench.result import Score

COLUMNS_AT_FIRST = 8
"""So many fit beside the names on a laptop; the groups beyond them are a click away."""
MOST_LANES = 6
"""More tie bars than this side by side are no help; the ranges say the same."""
LATE = 200
"""Rows beyond this wait for "show all": a browser lays out thousands of rows slowly."""
ARROWS = {"higher": "↑", "lower": "↓", "none": ""}


@dataclass(frozen=True)
class Column:
    """One score."""

    score: str
    label: str
    title: str
    group: int
    direction: str
    arrow: str
    first: bool
    """Whether it opens its group."""
    sorted: bool


@dataclass(frozen=True)
class Group:
    """The scores of one metric, shown or hidden together."""

    number: int
    key: str
    theme: str
    family: str
    title: str
    columns: int
    on: bool


@dataclass(frozen=True)
class Whisker:
    """A score with its interval on the axis of its column, in thousandths; no width without interval."""

    left: int
    width: int
    point: int


@dataclass(frozen=True)
class Piece:
    """A tie bar's piece in one row."""

    lane: int
    part: str
    """`top`, `mid` or `end`; `skip` beside a row that the bar passes by."""


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
class Badge:
    """A word about a system that a reader should not miss."""

    text: str
    title: str


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
        self.scores = _in_order(board)

    def table(self) -> Table:
        groups = self._groups()
        known = {line.type for line in self.lines}
        return Table(
            columns=self._columns([group.key for group in groups]),
            groups=groups,
            lines=self.lines,
            axis=_ends(self.axes[self.primary]) if self.rows else ("", ""),
            primary=words.long_name(self.primary),
            types=tuple(item for item in words.TYPES.items() if item[0] in known),
            lanes=max((piece.lane for line in self.lines for piece in line.bars), default=-1) + 1,
            any_open=any(line.open for line in self.lines),
            unranked=not all(self.board.ranked),
            script=self._script(),
        )

    @property
    def primary(self) -> str:
        return self.board.task.spec.primary

    def _groups(self) -> tuple[Group, ...]:
        metrics = [score.partition(".")[0] for score in self.scores]
        counts = {metric: metrics.count(metric) for metric in metrics}
        themes = {metric: words.theme_of(self.board, metric) for metric in counts}
        on = _shown_at_first(counts, themes)
        return tuple(
            Group(
                number=number,
                key=metric,
                theme=themes[metric],
                family=words.THEME_NAMES[themes[metric]],
                title=words.metric_title(self.board, metric),
                columns=count,
                on=metric in on,
            )
            for number, (metric, count) in enumerate(counts.items())
        )

    def _columns(self, groups: Sequence[str]) -> tuple[Column, ...]:
        return tuple(self._column(score, groups) for score in self.scores)

    def _column(self, score: str, groups: Sequence[str]) -> Column:
        metric = score.partition(".")[0]
        direction = self.board.direction(score)
        better = {"higher": "; more is better", "lower": "; less is better", "none": ""}[direction]
        return Column(
            score=score,
            label=words.short_name(score),
            title=f"{words.metric_title(self.board, metric)}: {words.long_name(score)}{better}",
            group=groups.index(metric),
            direction=direction,
            arrow=ARROWS[direction],
            first=not any(
                item.startswith(metric + ".") for item in self.scores[: self.scores.index(score)]
            ),
            sorted=score == self.primary,
        )

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """Score -> the axis that its intervals are drawn on, in the figures that are shown."""
        return {
            score: enclosing(_ends_of(self.rows, score, self._by(score))) for score in self.scores
        }

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
                [[piece.lane, _PARTS.index(piece.part)] for piece in row] for row in self.bars[name]
            ],
            "marks": [[item.left, item.width, item.point] if item else 0 for item in drawn],
        }


_PARTS = ("top", "mid", "end", "skip")


def _shown_at_first(counts: Mapping[str, int], themes: Mapping[str, str]) -> set[str]:
    """The groups that fit: the first one, then one of every other family, then the rest."""
    met: set[str] = set()
    order = []
    for metric, theme in themes.items():
        order.append((theme in met, metric))
        met.add(theme)
    found: set[str] = set()
    for _, metric in sorted(order, key=lambda item: item[0]):
        if not found or sum(counts[name] for name in found) + counts[metric] <= COLUMNS_AT_FIRST:
            found.add(metric)
    return found


def _in_order(board: Board) -> list[str]:
    """The scores that any system has, metric by metric, the primary one's metric first."""
    shown = set(shown_scores(board))
    metric = board.task.spec.primary.partition(".")[0]
    names = [name for name in board.score_names if name in shown]
    return sorted(names, key=lambda name: name.partition(".")[0] != metric)


def _ends_of(rows: Sequence[Row], name: str, by: float) -> list[float]:
    found = [row.scores[name] for row in rows if name in row.scores]
    low = [by * (score.value if score.low is None else score.low) for score in found]
    high = [by * (score.value if score.high is None else score.high) for score in found]
    return low + high


def _ends(axis: Axis) -> tuple[str, str]:
    return axis.text(axis.low), axis.text(axis.high)


def _or_dash(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _range(low: int | None, high: int | None) -> str:
    return "" if low == high else f"{low}–{high}"


def half(score: Score | None, by: float) -> str:
    """Half the width of the 95 % interval."""
    if score is None or score.low is None or score.high is None:
        return ""
    return f"±{written((score.high - score.low) / 2, by)}"


def whisker(axis: Axis, score: Score, by: float) -> Whisker:
    """Where a score and its interval lie on an axis."""
    low = score.value if score.low is None else score.low
    high = score.value if score.high is None else score.high
    left = axis.thousandths(by * low)
    return Whisker(left, axis.thousandths(by * high) - left, axis.thousandths(by * score.value))


def places(board: Board, score: str) -> list[int]:
    """1 + the systems with a better score, ranked or not, in the order of the board; 0 without one."""
    values = [board.value(number, score) for number in range(len(board.scored))]
    sign = -1 if board.direction(score) == "lower" else 1
    known = sorted((sign * value for value in values if value is not None), reverse=True)
    first = {value: place for place, value in reversed(list(enumerate(known, 1)))}
    return [0 if value is None else first[sign * value] for value in values]


def tie_bars(board: Board, score: str) -> list[list[Piece]]:
    """The pieces of the tie bars in the row of every system; overlapping bars lie side by side."""
    ranking = board.decisions(score).ranking
    pieces: list[list[Piece]] = [[] for _ in board.scored]
    rows = _by_place(places(board, score))
    free: list[int] = []
    for first, last in ranking.bars:
        lane = next((lane for lane, until in enumerate(free) if until < first), len(free))
        free[lane : lane + 1] = [last]
        _draw(pieces, rows, ranking.order[first : last + 1], lane)
    return pieces if len(free) <= MOST_LANES else [[] for _ in pieces]


def _by_place(found: Sequence[int]) -> list[int]:
    """Systems in the order in which the table shows them."""
    return sorted(range(len(found)), key=lambda number: found[number] or len(found) + 1)


def _draw(
    pieces: list[list[Piece]], rows: Sequence[int], systems: Sequence[int], lane: int
) -> None:
    """A bar past these systems; baselines between them are not ranked, and it only passes them by."""
    inside = set(systems)
    edges = {systems[0]: "top", systems[-1]: "end"}
    for row in rows[rows.index(systems[0]) : rows.index(systems[-1]) + 1]:
        pieces[row].append(Piece(lane, edges.get(row, "mid" if row in inside else "skip")))


def badges(board: Board, number: int) -> list[Badge]:
    """What a reader should know of a system before reading its figures."""
    spec = board.scored[number].submission.spec
    found = []
    if spec.type == "baseline":
        found.append(Badge("baseline", "a simple rule, for comparison"))
    if spec.type == "human":
        found.append(Badge("human", "written by people; each text is scored against the others"))
    if spec.open_weights:
        found.append(Badge("open", "open weights: they can be downloaded"))
    if spec.trained_on == "unknown" and spec.type not in ("baseline", "human"):
        found.append(Badge("data unknown", "training data unknown: it may have seen the test data"))
    if spec.trained_on == "test":
        found.append(Badge("trained on test", "it has seen the test data"))
    return found


def script_json(value: object) -> Markup:
    """JSON that cannot leave the <script> element that it stands in."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704
