"""BM25 with everything fixed, so that a score made with it means the same everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tldr_bench.words import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.5
B = 0.75
SIGNATURE = ("search:bm25", "idf:lucene", f"k1:{K1}", f"b:{B}", "words:lower-cased \\w+")
"""What the signature of a score says of the search behind it."""


class Bm25:
    """An inverted index over documents.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the idf of Lucene,
    ln(1 + (N - df + 0.5) / (df + 0.5)), which is never negative: a document scores more than 0 if,
    and only if, it shares a word with the query (Kamphuis et al., "Which BM25 do you mean?", 2020).
    """

    def __init__(self, documents: Sequence[str]) -> None:
        import numpy as np

        self.size = len(documents)
        numbers: dict[str, int] = {}
        at: list[NDArray[np.int32]] = []
        terms: list[NDArray[np.int32]] = []
        counts: list[NDArray[np.float32]] = []
        lengths = np.zeros(self.size)
        for number, document in enumerate(documents):
            found = Counter(words(document))
            lengths[number] = found.total()
            ids = [numbers.setdefault(word, len(numbers)) for word in found]
            terms.append(np.array(ids, np.int32))
            counts.append(np.array(list(found.values()), np.float32))
            at.append(np.full(len(ids), number, np.int32))
        self._numbers = numbers
        self._index(at, terms, counts, lengths)

    def _index(
        self,
        at: list[NDArray[np.int32]],
        terms: list[NDArray[np.int32]],
        counts: list[NDArray[np.float32]],
        lengths: NDArray[np.float64],
    ) -> None:
        """Postings sorted by term: documents, and what each occurrence adds to a score."""
        import numpy as np

        if not self._numbers:
            return
        term, document, count = np.concatenate(terms), np.concatenate(at), np.concatenate(counts)
        order = np.argsort(term, kind="stable")
        self._documents = document[order]
        frequency = np.bincount(term, minlength=len(self._numbers))
        self._starts = np.concatenate([[0], np.cumsum(frequency)])
        idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        norm = K1 * (1 - B + B * lengths / lengths.mean())
        self._weights = (idf[term] * count / (count + norm[document]))[order]

    def scores(self, query: str) -> NDArray[np.float64]:
        """A score per document; a word that the query repeats counts as often."""
        import numpy as np

        totals = np.zeros(self.size)
        for word, times in sorted(Counter(words(query)).items()):
            term = self._numbers.get(word)
            if term is not None:
                part = slice(self._starts[term], self._starts[term + 1])
                totals[self._documents[part]] += times * self._weights[part]
        return totals
