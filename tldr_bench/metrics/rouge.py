"""ROUGE as Google's rouge-score 0.1.2 computes it, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tldr_bench.errors import MetricError, unknown
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics import porter_nltk
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.lcs import lcs_lengths
from tldr_bench.metrics.ngrams import ngrams, shared
from tldr_bench.metrics.overlap import overlap, union_hits
from tldr_bench.metrics.references import ReferenceRule, combined
from tldr_bench.metrics.text import Reader, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns

TYPES = (*(f"rouge{n}" for n in range(1, 10)), "rougeL", "rougeLsum")
"""The variants that rouge-score knows."""


class PRF(NamedTuple):
    """Precision, recall and F of one candidate against one reference, each from 0 to 1."""

    precision: float
    recall: float
    f: float


@dataclass(frozen=True)
class Rouge(Metric[str, References]):
    """F of ROUGE-1, ROUGE-2, ROUGE-L and summary-level ROUGE-L, identical to rouge-score 0.1.2.

    For rougeLsum sentences end at line breaks. A text without tokens scores 0.
    """

    name: ClassVar[str] = "rouge"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "ROUGE (rouge-score)"
    score_names: ClassVar[tuple[str, ...]] = ("rouge1", "rouge2", "rougeL", "rougeLsum")
    by_row: ClassVar[bool] = True

    references: ReferenceRule = field(default="best-rouge1", metadata={"short": "refs"})
    """How several references make one score."""
    stemmer: bool = field(default=True, metadata={"short": "stem"})
    """Whether words of four characters or more are stemmed."""

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """F per example, a column per score. Raises NotComputed for an example without a reference."""
        import numpy as np

        counts = overlap(pairs, _READERS[self.stemmer])
        candidate, reference = counts.candidate_tokens, counts.reference_tokens
        values = np.array(
            [
                _f(counts.unigrams, candidate, reference),
                _f(counts.bigrams, candidate - 1, reference - 1),
                _f(counts.lcs, candidate, reference),
                _f(counts.union_lcs, candidate, reference),
            ]
        )
        scores = combined(values, counts.references, self.references)
        return dict(zip(self.score_names, scores, strict=True))


def score_pair(
    candidate: str, reference: str, types: Sequence[str] = TYPES, *, stemmer: bool = True
) -> dict[str, PRF]:
    """Precision, recall and F by variant, for one candidate and one reference.

    Raises MetricError for a variant that rouge-score does not know.
    """
    lexicon = _READERS[stemmer].lexicon()
    texts = lexicon.read([candidate, reference])
    return {name: _prf(name, *texts) for name in types}


# Sentences end at line breaks. Letters are lowered by Unicode's rules: the Kelvin sign is a k.
_READERS = {True: Reader(str.lower, porter_nltk.stem), False: Reader(str.lower, None)}


def _prf(name: str, candidate: Text, reference: Text) -> PRF:
    if name not in TYPES:
        raise MetricError(unknown("kind of ROUGE", name, TYPES))
    totals = len(candidate.tokens), len(reference.tokens)
    if name == "rougeL":
        return _divided(int(lcs_lengths([candidate.tokens], [reference.tokens])[0]), *totals)
    if name == "rougeLsum":
        return _divided(union_hits(candidate, reference), *totals)
    n = int(name.removeprefix("rouge"))
    hits = shared(ngrams(candidate.tokens, n), ngrams(reference.tokens, n))
    return _divided(hits, *(total - n + 1 for total in totals))


def _divided(hits: int, candidate: int, reference: int) -> PRF:
    precision, recall = hits / max(candidate, 1), hits / max(reference, 1)
    total = precision + recall
    return PRF(precision, recall, 2 * precision * recall / total if total else 0.0)


def _f(
    hits: NDArray[np.int64], candidate: NDArray[np.int64], reference: NDArray[np.int64]
) -> NDArray[np.float64]:
    """F = 2PR / (P + R), with the operations in rouge-score's order; 0 without hits."""
    import numpy as np

    precision, recall = hits / np.maximum(candidate, 1), hits / np.maximum(reference, 1)
    total = precision + recall
    return np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
