"""The board's figures for papers: who beats whom, and score against length, as SVG or PDF."""

from __future__ import annotations

from collections.abc import Mapping

from tldr_bench.errors import UsageError
from tldr_bench.exporters.formats import Files, Options
from tldr_bench.leaderboard import Board
from tldr_bench.page.papers import paper_figures

INSTALL = "pip install 'tldr-bench[figures]'"


def svg(board: Board, _options: Options) -> Files:
    """The figures as they stand on the site, on white and with their style inside."""
    return dict(_figures(board))


def pdf(board: Board, _options: Options) -> Files:
    """The same as PDF with embedded fonts. Raises UsageError where vl-convert is not installed.

    The fonts are the machine's, and where a name needs several of them (Latin beside Arabic), the
    library writes them in any order: the same picture, but not always the same bytes.
    """
    try:
        import vl_convert
    except ImportError:
        message = f"figures-pdf needs vl-convert-python, which is not installed: {INSTALL}"
        raise UsageError(message) from None
    return {
        name.removesuffix(".svg") + ".pdf": bytes(vl_convert.svg_to_pdf(text))
        for name, text in _figures(board).items()
    }


def _figures(board: Board) -> Mapping[str, str]:
    if not (found := paper_figures(board)):
        raise UsageError(f"{board.task.id}: a figure needs two systems with the primary score")
    return found
