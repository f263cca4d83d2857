"""Clipped n-gram overlap: how many n-grams two texts share, counted as often as both have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from tldr_bench.metrics.text import Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_BITS = 21
"""What a code point takes. Two, and the number of a pair below 2**20, make a key of 62 bits."""


def ngrams(tokens: Tokens, n: int) -> Iterable[Hashable]:
    """The n-grams of a text from left to right, as tuples of tokens."""
    return zip(*(tokens[start:] for start in range(n)), strict=False)


def shared(left: Iterable[Hashable], right: Iterable[Hashable]) -> int:
    """The size of the intersection of two multisets.

    >>> shared("aabc", "aaad")
    2
    """
    return (Counter(left) & Counter(right)).total()


def ngram_hits(left: Sequence[Tokens], right: Sequence[Tokens], n: int) -> Integers:
    """Clipped hits of each `left[k]` with `right[k]`, for n = 1 or 2 and fewer than 2**20 pairs."""
    import numpy as np

    if not all(isinstance(tokens, str) for tokens in (*left, *right)):
        pairs = zip(left, right, strict=True)
        return np.array([shared(ngrams(a, n), ngrams(b, n)) for a, b in pairs], np.int64)
    # The lowest bit says which side an n-gram is from, so that sorting puts the copies on the left
    # side right before those on the right side.
    keys = np.concatenate([_keys(left, n) << 1, _keys(right, n) << 1 | 1])
    keys.sort()
    last = np.flatnonzero(keys[1:] ^ keys[:-1] == 1)
    pair = keys[last] >> (n * _BITS + 1)
    return np.bincount(pair, _copies(keys, last), len(left)).astype(np.int64)


def _keys(texts: Sequence[Tokens], n: int) -> Integers:
    """The n-grams of all texts as integers: number of the text, then the tokens."""
    import numpy as np

    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = "".join(texts)  # type: ignore[arg-type]  # the caller saw that they are strings
    tokens = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    text = np.repeat(np.arange(len(texts)), lengths)
    keys = text << _BITS | tokens
    if n == 2:
        keys = (keys[:-1] << _BITS | tokens[1:])[text[:-1] == text[1:]]
    return keys


def _copies(keys: Integers, last: Integers) -> Integers:
    """The lower of the counts on both sides, for n-grams whose last copy on the left is `keys[last]`."""
    import numpy as np

    copies = np.ones(len(last), np.int64)
    twice_left = keys[last] == keys[np.maximum(last - 1, 0)]
    twice_right = keys[last + 1] == keys[np.minimum(last + 2, len(keys) - 1)]
    several = np.flatnonzero(twice_left & twice_right)
    middle = last[several] + 1
    on_left = middle - np.searchsorted(keys, keys[middle - 1], "left")
    on_right = np.searchsorted(keys, keys[middle], "right") - middle
    copies[several] = np.minimum(on_left, on_right)
    return copies
