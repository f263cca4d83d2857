"""Which sentences were chosen: precision, recall and F1 of 0/1 labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tldr_bench.kinds import KindName, Pair
from tldr_bench.kinds import Labels as LabelSequence
from tldr_bench.metrics.base import Metric, ratio

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns


@dataclass(frozen=True)
class Labels(Metric[LabelSequence, LabelSequence]):
    """Micro precision, recall and F1 over all sentences; macro F1 and exact match over papers.

    Micro figures pool the sentences of all papers; they are made from the summed counts, and so are
    their intervals. Macro F1 is the mean of each paper's F1: it rewards "select everything", which
    is why tasks rank by micro F1. A ratio of nothing to nothing is 0, as in scikit-learn, except
    that a paper without positive labels in which nothing was chosen has F1 1.
    """

    name: ClassVar[str] = "labels"
    kind: ClassVar[KindName] = "labels"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Sentence labels"
    score_names: ClassVar[tuple[str, ...]] = (
        "precision",
        "recall",
        "f1",
        "macro_f1",
        "exact_match",
    )
    by_row: ClassVar[bool] = True

    def measure(self, pairs: Sequence[Pair[LabelSequence, LabelSequence]]) -> Columns:
        """Counts per paper: `hits` (chosen and positive), `chosen`, `positive`; and the paper's figures."""
        import numpy as np

        hits = np.array([sum(map(_both, pair.prediction, pair.target)) for pair in pairs], float)
        chosen = np.array([sum(pair.prediction) for pair in pairs], float)
        positive = np.array([sum(pair.target) for pair in pairs], float)
        nothing = (chosen == 0) & (positive == 0)
        exact = np.array([pair.prediction == pair.target for pair in pairs], float)
        return {
            "hits": hits,
            "chosen": chosen,
            "positive": positive,
            "macro_f1": np.where(nothing, 1.0, ratio(2 * hits, chosen + positive)),
            "exact_match": exact,
        }

    def combine(self, means: Columns) -> Columns:
        """Micro figures are ratios of sums, hence of means: F1 = 2·hits / (chosen + positive)."""
        hits, chosen, positive = means["hits"], means["chosen"], means["positive"]
        return {
            "precision": ratio(hits, chosen),
            "recall": ratio(hits, positive),
            "f1": ratio(2 * hits, chosen + positive),
            "macro_f1": means["macro_f1"],
            "exact_match": means["exact_match"],
        }

    def per_example(self, columns: Columns) -> Columns:
        """Of one paper there is one F1: where nothing is marked and nothing was chosen, it is 1."""
        return {**self.combine(columns), "f1": columns["macro_f1"]}


def _both(chosen: int, positive: int) -> int:
    return chosen & positive
