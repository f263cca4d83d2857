"""ROUGE of the sentences that a labels system chose, read as a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import KindName, Labels, Pair
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.references import ReferenceRule
from tldr_bench.metrics.rouge155 import Rouge155

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns


@dataclass(frozen=True)
class Selection(Metric[Labels, Labels]):
    """The chosen sentences in the paper's order, joined by spaces, against the paper's TLDRs.

    Needs what label F1 does without: the sentences, one per label, and somebody's TLDRs.
    """

    references: ReferenceRule = field(default="best-rouge1", metadata={"short": "refs"})

    name: ClassVar[str] = "selection"
    kind: ClassVar[KindName] = "labels"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "ROUGE of the selection (official script)"
    score_names: ClassVar[tuple[str, ...]] = Rouge155.score_names

    @property
    def _rouge(self) -> Rouge155:
        return Rouge155(references=self.references)

    def identity(self) -> Sequence[str]:
        """Which ROUGE it is made with."""
        return ("stem:yes", f"rouge155:{Rouge155.version}")

    def measure(self, pairs: Sequence[Pair[Labels, Labels]]) -> Columns:
        """ROUGE per paper. Raises NotComputed when sentences or TLDRs are not known of all papers."""
        split = [pair for pair in pairs if len(pair.source) == len(pair.target)]
        if len(split) < len(pairs):
            known = f"in {len(split)} of {len(pairs)} papers only"
            raise NotComputed(f"the source is split into as many sentences as labels {known}")
        judged = sum(bool(pair.references) for pair in pairs)
        if judged < len(pairs):
            raise NotComputed(f"{judged} of {len(pairs)} papers have a TLDR to compare with")
        return self._rouge.measure([_as_summary(pair) for pair in pairs])


def _as_summary(pair: Pair[Labels, Labels]) -> Pair[Any, Any]:
    chosen = [
        sentence.replace("\n", " ").strip()
        for sentence, label in zip(pair.source, pair.prediction, strict=True)
        if label
    ]
    return Pair(pair.id, " ".join(chosen), pair.references, pair.source)
