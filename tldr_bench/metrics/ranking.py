"""How early a ranking finds what is relevant: MRR, nDCG, recall, average precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tldr_bench.kinds import KindName, Pair, Relevance
from tldr_bench.kinds import Ranking as DocumentIds
from tldr_bench.metrics.base import Metric

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

CUTOFF = 10


@dataclass(frozen=True)
class Ranking(Metric[DocumentIds, Relevance]):
    """The usual figures of known-item and ad-hoc search, equal to trec_eval's.

    A ranking is taken as it stands (a TREC run is sorted by score, then by document id, both
    descending, when it is read). A query without an answer counts 0 and stays in the denominator.
    """

    name: ClassVar[str] = "ranking"
    kind: ClassVar[KindName] = "ranking"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Ranking"
    score_names: ClassVar[tuple[str, ...]] = (
        "mrr@10",
        "ndcg@10",
        "recall@1",
        "recall@5",
        "recall@10",
        "map",
    )
    by_row: ClassVar[bool] = True

    def measure(self, pairs: Sequence[Pair[DocumentIds, Relevance]]) -> Columns:
        """One column per score, one row per query."""
        import numpy as np

        rows = [_scores(pair.prediction, pair.target) for pair in pairs]
        table = np.array(rows, float).reshape(len(pairs), len(self.score_names))
        return dict(zip(self.score_names, table.T, strict=True))


def _scores(ranking: DocumentIds, relevance: Relevance) -> tuple[float, ...]:
    ranks = [rank for rank, document in enumerate(ranking, 1) if relevance.get(document, 0) > 0]
    relevant = sum(gain > 0 for gain in relevance.values())
    return (
        reciprocal_rank(ranks),
        ndcg(ranking, relevance),
        *(sum(rank <= cutoff for rank in ranks) / max(relevant, 1) for cutoff in (1, 5, 10)),
        average_precision(ranks, relevant),
    )


def reciprocal_rank(ranks: Sequence[int]) -> float:
    """1 / rank of the first relevant document within the first ten, else 0."""
    return 1 / ranks[0] if ranks and ranks[0] <= CUTOFF else 0.0


def ndcg(ranking: DocumentIds, relevance: Mapping[str, int]) -> float:
    """Discounted gain of the first ten over that of the best order (Järvelin and Kekäläinen, 2002).

    Linear gain over log2(rank + 1), as trec_eval's `ndcg_cut`.
    """
    best = _gain(sorted(relevance.values(), reverse=True))
    return (
        _gain([relevance.get(document, 0) for document in ranking[:CUTOFF]]) / best if best else 0.0
    )


def _gain(gains: Sequence[int]) -> float:
    return sum(
        gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:CUTOFF], 1) if gain > 0
    )


def average_precision(ranks: Sequence[int], relevant: int) -> float:
    """Mean over the relevant documents of the precision at their rank; 0 for those not found."""
    return sum(found / rank for found, rank in enumerate(ranks, 1)) / relevant if relevant else 0.0
