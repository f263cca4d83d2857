"""ROUGE as the official script prints it: Perl ROUGE-1.5.5 behind files2rouge and pyrouge.

The published figures of SciTLDR come from `ROUGE-1.5.5 -c 95 -r 1000 -n 2 -a -m`. The script prints
five decimals, and so does this: the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics import porter155
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.overlap import Overlap, overlap
from tldr_bench.metrics.references import ReferenceRule, combined
from tldr_bench.metrics.rouge import PRF
from tldr_bench.metrics.text import Reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rouge155(Metric[str, References]):
    """F of ROUGE-1, ROUGE-2 and ROUGE-L, identical to the official script to its five decimals.

    ROUGE-L is the summary-level one, with clipped hits. An empty candidate, at which the script
    crashes, scores 0.
    """

    name: ClassVar[str] = "rouge155"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "ROUGE (official script)"
    score_names: ClassVar[tuple[str, ...]] = ("rouge1", "rouge2", "rougeL")
    by_row: ClassVar[bool] = True

    references: ReferenceRule = field(default="best-rouge1", metadata={"short": "refs"})
    """How several references make one score."""
    stemmer: bool = field(default=True, metadata={"short": "stem"})
    """Whether words of four characters or more are stemmed (the script's `-m`)."""

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """F per example, a column per score. Raises NotComputed for an example without a reference."""
        counts = overlap(pairs, _READERS[self.stemmer])
        values = combined(_figures(counts)[:, 2], counts.references, self.references)
        return dict(zip(self.score_names, values, strict=True))


def score_pair(candidate: str, reference: str, *, stemmer: bool = True) -> dict[str, PRF]:
    """Precision, recall and F of `rouge1`, `rouge2` and `rougeL`, for one candidate and one reference."""
    counts = overlap([Pair("pair", candidate, (reference,))], _READERS[stemmer])
    figures = _figures(counts)[:, :, 0].tolist()
    return {name: PRF(*row) for name, row in zip(Rouge155.score_names, figures, strict=True)}


def one_sentence_per_line(text: str) -> str:
    """The sentences that reach the script: every " ." ends one, and a `<` cuts off the rest of one.

    files2rouge breaks the line after each " ."; it reads one text per line, so that line breaks can
    be no more than spaces. pyrouge wraps each line into HTML without escaping it, and the script
    reads as far as the next tag.
    """
    lines = text.replace("\n", " ").replace(" .", " .\n")
    return re.sub("<.*", "", lines) if "<" in lines else lines


_READERS = {
    True: Reader(one_sentence_per_line, porter155.stem),
    False: Reader(one_sentence_per_line, None),
}


def _figures(counts: Overlap) -> Floats:
    """Rounded figures, shape (scores, 3, pairs): precision, recall, F."""
    import numpy as np

    candidate, reference = counts.candidate_tokens, counts.reference_tokens
    hits = np.array([counts.unigrams, counts.bigrams, counts.union_lcs])
    precision = five_decimals(hits / np.maximum([candidate, candidate - 1, candidate], 1))
    recall = five_decimals(hits / np.maximum([reference, reference - 1, reference], 1))
    # F is made from the rounded figures, because the script keeps them as text.
    weighted = 0.5 * precision + 0.5 * recall
    f = np.divide(precision * recall, weighted, out=np.zeros_like(weighted), where=weighted > 0)
    return np.stack([precision, recall, five_decimals(f)], axis=1)


def five_decimals(values: Floats) -> Floats:
    """What printing with `%.5f` and reading again gives, for values from 0 to 1.

    Scaling and rounding is exact except where a value lies next to the middle of two decimals:
    there it is printed.
    """
    import numpy as np

    scaled = values * 1e5
    rounded = np.rint(scaled) / 1e5
    middle = np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6
    rounded[middle] = [float(f"{value:.5f}") for value in values[middle].tolist()]
    return rounded
