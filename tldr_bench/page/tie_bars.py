"""Tie bars: the lines beside the main table that join systems which are not told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tldr_bench.leaderboard import Board

MOST_LANES = 6
"""More tie bars than this side by side are no help; the ranges say the same."""
PARTS = ("top", "mid", "end", "skip")
"""What a piece can be, in the order in which the table's script numbers them."""


@dataclass(frozen=True)
class Piece:
    """A tie bar's piece in one row."""

    lane: int
    part: str
    """`top`, `mid` or `end`; `skip` beside a row that the bar passes by."""


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


def places(board: Board, score: str) -> list[int]:
    """1 + the systems with a better score, ranked or not, in the order of the board; 0 without one."""
    values = [board.value(number, score) for number in range(len(board.scored))]
    sign = -1 if board.direction(score) == "lower" else 1
    known = sorted((sign * value for value in values if value is not None), reverse=True)
    first = {value: place for place, value in reversed(list(enumerate(known, 1)))}
    return [0 if value is None else first[sign * value] for value in values]


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
