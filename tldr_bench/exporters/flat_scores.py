"""`scores.json` as Codabench reads it, and EvalAI with a line of code: one flat object of numbers."""

from __future__ import annotations

from tldr_bench.exporters.formats import Files, Options, the_system
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board


def scores(board: Board, options: Options) -> Files:
    """One system's scores: `{"rouge155.rouge1": 0.31271, …}`, fractions, unrounded.

    What was not computed is left out: these platforms would show any number there as a score.
    """
    row = board.record.rows[the_system(board, options)]
    return {"scores.json": canonical_json({name: item.value for name, item in row.scores.items()})}
