"""The figures of a board as files of their own, for papers: on white, with the style inside."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from tldr_bench.leaderboard import Board
from tldr_bench.page.examples import Examples
from tldr_bench.page.lengths import score_against_length
from tldr_bench.page.svg import Figure, element
from tldr_bench.page.wins import win_matrix, wins_of

STYLE = (
    "text{font:11px Helvetica,Arial,sans-serif;fill:#16191d}.m{fill:#59626d}"
    ".gr,.ld{stroke:#d5dae0}.wl{stroke:#8ea3c6;stroke-width:2}.dt,.won{fill:#1f55c4}.lost{fill:#b27300}"
    ".even{fill:none;stroke:#c3cad3;stroke-dasharray:2 2}"
)


def paper_figures(board: Board) -> Mapping[str, str]:
    """File name -> SVG: who beats whom, and score against length, where there is anything to show."""
    matrix = win_matrix(board, wins_of(board), frozenset())
    plane = score_against_length(board, Examples(board).lengths)
    return {
        f"{board.task.id}-{figure.key}.svg": standalone(figure)
        for figure in (matrix, plane)
        if figure is not None
    }


def standalone(figure: Figure) -> str:
    """A figure as an SVG file."""
    style = element("style", Markup(STYLE))  # noqa: S704
    text = str(figure.drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    head, _, rest = text.partition(">")
    return f"{head}>{style}{rest}\n"
