"""What candidates and references have in common: the counts that both ROUGE profiles divide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tldr_bench.errors import NotComputed, shown
from tldr_bench.kinds import Pair, References
from tldr_bench.metrics.lcs import lcs_lengths, union_lcs
from tldr_bench.metrics.ngrams import ngram_hits, shared
from tldr_bench.metrics.text import Reader, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

BATCH = 100_000
"""Characters that are compared at a time: enough for NumPy, and little enough for the CPU's cache."""


class Overlap(NamedTuple):
    """Counts over all (candidate, reference) pairs, the references of an example side by side."""

    references: Counts
    """How many references each example has: the one array with a number per example."""
    candidate_tokens: Counts
    reference_tokens: Counts
    unigrams: Counts
    """Clipped unigram hits."""
    bigrams: Counts
    lcs: Counts
    """Length of the LCS of the two texts, sentence ends ignored."""
    union_lcs: Counts
    """Clipped hits of the summary-level LCS."""


def overlap(pairs: Sequence[Pair[str, References]], reader: Reader) -> Overlap:
    """Compare every prediction with each of its references.

    Raises NotComputed where an example has no reference.
    """
    import numpy as np

    missing = [shown(pair.id) for pair in pairs if not pair.target]
    if missing:
        raise NotComputed(f"{len(missing)} examples without a reference: {', '.join(missing[:5])}")
    parts = [_compared(batch, reader) for batch in _batches(pairs)]
    return Overlap(*map(np.concatenate, zip(*parts, strict=True)))


def union_hits(candidate: Text, reference: Text) -> int:
    """Summary-level LCS hits: a token counts only as often as both texts have it."""
    return shared(union_lcs(reference.sentences, candidate.sentences), candidate.tokens)


def _batches(pairs: Sequence[Pair[str, References]]) -> Iterator[Sequence[Pair[str, References]]]:
    """The pairs in batches of about `BATCH` characters; no pairs are one empty batch."""
    start = characters = 0
    for end, pair in enumerate(pairs):
        if characters > BATCH:
            yield pairs[start:end]
            start, characters = end, 0
        characters += (len(pair.prediction) + 1) * len(pair.target) + sum(map(len, pair.target))
    yield pairs[start:]


def _compared(batch: Sequence[Pair[str, References]], reader: Reader) -> Overlap:
    import numpy as np

    lexicon = reader.lexicon()
    predictions = list(dict.fromkeys(pair.prediction for pair in batch))
    candidates = dict(zip(predictions, lexicon.read(predictions), strict=True))
    references = [lexicon.references(pair.target) for pair in batch]
    left = [candidates[pair.prediction] for pair in batch for _ in pair.target]
    right = [text for texts in references for text in texts]
    left_tokens, right_tokens = [text.tokens for text in left], [text.tokens for text in right]
    lcs = lcs_lengths(left_tokens, right_tokens)
    return Overlap(
        references=np.array(list(map(len, references)), np.int64),
        candidate_tokens=np.fromiter(map(len, left_tokens), np.int64, len(left)),
        reference_tokens=np.fromiter(map(len, right_tokens), np.int64, len(right)),
        unigrams=ngram_hits(left_tokens, right_tokens, 1),
        bigrams=ngram_hits(left_tokens, right_tokens, 2),
        lcs=lcs,
        union_lcs=_union(left, right, lcs),
    )


def _union(left: Sequence[Text], right: Sequence[Text], lcs: Counts) -> Counts:
    """The summary-level hits: the LCS itself, except where a text has several sentences."""
    hits = lcs.copy()
    for place, (candidate, reference) in enumerate(zip(left, right, strict=True)):
        if len(candidate.sentences) > 1 or len(reference.sentences) > 1:
            hits[place] = union_hits(candidate, reference)
    return hits
