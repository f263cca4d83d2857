"""Does a TLDR find its own paper? What a sentence that fits every paper cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import KindName, Pair, References, Summary
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.bm25 import SIGNATURE, Bm25

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

CUTOFF = 10
LIMIT = 50_000
"""Papers; every TLDR is compared with every paper."""


@dataclass(frozen=True)
class Specificity(Metric[Summary, References]):
    """Each TLDR as a query among the sources of all the task's papers: where is its own?

    `mrr@10` is 1 / rank within the first ten, else 0; `recall@1` says how often it is first. Another
    paper that scores as high stands before it, so that a text that fits many papers gains nothing;
    papers with equal texts are one. A TLDR that shares no word with its paper has not found it.
    """

    name: ClassVar[str] = "specificity"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Specificity (finds its own paper)"
    score_names: ClassVar[tuple[str, ...]] = ("mrr@10", "recall@1")

    def identity(self) -> Sequence[str]:
        """The search, the rule for ties."""
        return (*SIGNATURE, "ties:worst")

    def measure(self, pairs: Sequence[Pair[Summary, References]]) -> Columns:
        """The two scores per paper. Raises NotComputed without sources or for too many papers."""
        import numpy as np

        if len(pairs) > LIMIT:
            raise NotComputed(f"{len(pairs)} papers are more than the limit of {LIMIT}")
        index, numbers = _search(tuple(tuple(pair.source) for pair in pairs))
        ranks = np.array(
            [
                _rank(index, pair.prediction, number)
                for pair, number in zip(pairs, numbers, strict=True)
            ]
        )
        return {
            "mrr@10": np.where(ranks <= CUTOFF, 1 / ranks, 0.0),
            "recall@1": (ranks == 1).astype(float),
        }


@lru_cache(maxsize=1)
def _search(sources: tuple[tuple[str, ...], ...]) -> tuple[Bm25, list[int]]:
    """The index of a task's papers, and the number of each: made once for all systems of a board.

    Raises NotComputed where there is nothing to find.
    """
    texts = [" ".join(" ".join(source).split()) for source in sources]
    if not any(texts):
        raise NotComputed("the task has no sources to find")
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return Bm25(list(numbers)), [numbers[text] for text in texts]


def _rank(index: Bm25, query: str, own: int) -> float:
    """1 + the papers that score at least as high; infinite when the own paper has no word of it."""
    import numpy as np

    scores = index.scores(query)
    return float(np.count_nonzero(scores >= scores[own])) if scores[own] > 0 else float("inf")
