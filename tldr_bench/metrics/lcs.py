"""Longest common subsequences, bit-parallel: their lengths, and the union that summaries are scored by.

Lengths come from rapidfuzz. The union needs *which* tokens were matched, with the tie-breaking of
ROUGE-1.5.5 (and of rouge-score, which follows it), for every reference sentence against every
candidate sentence. Python's long integers do that for all reference sentences at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import compress
from typing import TYPE_CHECKING

from tldr_bench.metrics.text import Token, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What bounds the memory of a union, whatever the length of the texts:
BLOCK = 512
"""Rows of a table held at a time."""
REMEMBERED = 4096
"""Tokens whose places in the reference are held as bits."""

_MIRRORED_BYTE = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def lcs_lengths(left: Sequence[Tokens], right: Sequence[Tokens]) -> NDArray[np.int64]:
    """The length of the longest common subsequence of each `left[k]` with `right[k]`."""
    import numpy as np
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cpdist

    return cpdist(left, right, scorer=LCSseq.similarity, dtype=np.int64)


def union_lcs(reference: Sequence[Tokens], candidate: Sequence[Tokens]) -> list[Token]:
    """The reference tokens that lie on the LCS of their sentence with any candidate sentence.

    C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004, section 3.2. Of
    several longest subsequences, the one that the reference tools read out of their table is taken.
    Time is O(m·n / 64) in m steps of Python, for m candidate and n reference tokens.
    """
    table = _Table(reference)
    matched = 0
    for sentence in candidate:
        matched |= table.matched(sentence)
    return table.tokens_at(matched)


class _Table:
    """The LCS tables of all reference sentences side by side, a row per candidate token.

    t[j][i] is the LCS of the first j candidate tokens with the first i tokens of a sentence. A row
    is one integer, whose bit for token i is 0 where the table rises, t[j][i] = t[j][i-1] + 1, and 1
    where it does not (H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004). In front of
    every sentence stands a *wall*, a bit that is always 0: what is carried out of a sentence ends
    there. Reading a table back goes from the last token to the first, but a sum carries from low
    bits to high ones: so the way back is walked in a mirror.
    """

    def __init__(self, sentences: Sequence[Tokens]) -> None:
        self._layout: list[Token | None] = []
        places: defaultdict[Token, list[int]] = defaultdict(list)
        for sentence in sentences:
            self._layout.append(None)
            for token in sentence:
                places[token].append(len(self._layout))
                self._layout.append(token)
        # Whole bytes, to be mirrored byte by byte. What is added is wall.
        self._bytes = (len(self._layout) + 7) // 8
        self._inside = _bits((at for each in places.values() for at in each), self._bytes)
        self._lasts = _mirror(self._inside & ~(self._inside >> 1), self._bytes)
        self._matches = lru_cache(REMEMBERED)(partial(_matches, dict(places), self._bytes))

    def matched(self, sentence: Tokens) -> int:
        """The tokens on the LCS with one candidate sentence, as mirrored bits."""
        blocks = [sentence[start : start + BLOCK] for start in range(0, len(sentence), BLOCK)]
        tops = [self._inside]
        for block in blocks[:-1]:
            tops.append(self._rows(block, tops[-1])[-1])
        matched, pointers = 0, self._lasts
        for block, top in zip(reversed(blocks), reversed(tops), strict=True):
            found, pointers = self._back(block, self._rows(block, top), pointers)
            matched |= found
        return matched

    def _rows(self, block: Tokens, row: int) -> list[int]:
        rows = []
        for token in block:
            common = row & self._matches(token)[0]
            row = ((row + common) | (row - common)) & self._inside
            rows.append(row)
        return rows

    def _back(self, block: Tokens, rows: list[int], pointers: int) -> tuple[int, int]:
        """Walk up from the pointers, one in each sentence: the matches met, and where they end.

        At (j, i): on a match, note it and go to (j-1, i-1). Else go to (j-1, i) if t[j-1][i] is
        greater than t[j][i-1], which is to say that the row rises at i. Else to (j, i-1).
        """
        matched = 0
        for token, row in zip(reversed(block), reversed(rows), strict=True):
            matches = self._matches(token)[1]
            passed = _mirror(row, self._bytes) & ~matches
            # The sum carries each pointer over the bits that it passes, to the first that stops it.
            pointers = (passed + pointers) & ~passed
            hits = pointers & matches
            matched |= hits
            pointers += hits
        return matched, pointers

    def tokens_at(self, mirrored: int) -> list[Token]:
        """The tokens at these mirrored bits, from the first to the last."""
        flags = map(int, f"{mirrored:0{8 * self._bytes}b}")
        return [token for token in compress(self._layout, flags) if token is not None]


def _matches(places: Mapping[Token, list[int]], size: int, token: Token) -> tuple[int, int]:
    """Where a token stands in the reference, as bits and as mirrored bits."""
    bits = _bits(places.get(token, ()), size)
    return bits, _mirror(bits, size)


def _bits(places: Iterable[int], size: int) -> int:
    """An integer of `size` bytes with these bits set."""
    buffer = bytearray(size)
    for place in places:
        buffer[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(buffer, "little")


def _mirror(bits: int, size: int) -> int:
    """An integer of `size` bytes with the order of its bits reversed."""
    return int.from_bytes(bits.to_bytes(size, "little").translate(_MIRRORED_BYTE), "big")
