"""The board as a table: CSV, Markdown, LaTeX."""

from __future__ import annotations

from tldr_bench.board_tables import as_csv, as_latex, as_markdown
from tldr_bench.exporters.formats import Files, Options
from tldr_bench.leaderboard import Board


def csv(board: Board, _options: Options) -> Files:
    """Fractions, unrounded, with the bounds of every interval."""
    return {f"{board.task.id}.csv": as_csv(board)}


def markdown(board: Board, _options: Options) -> Files:
    """A GitHub-flavoured table in points."""
    return {f"{board.task.id}.md": as_markdown(board)}


def latex(board: Board, _options: Options) -> Files:
    """A booktabs table in points; bold is what is not told apart from the best."""
    return {f"{board.task.id}.tex": as_latex(board)}
