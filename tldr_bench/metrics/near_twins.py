"""Which texts nearly repeat another one: template answers, found without comparing every two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

ALIKE = 0.8
"""Texts are near twins when they share this part of their word triples (Jaccard)."""

Grams = frozenset[Hashable]


def near_twins(texts: Sequence[tuple[str, ...]]) -> list[bool]:
    """Whether each text, given as words, is the same as another one or nearly so. Empty ones are not."""
    count = Counter(texts)
    distinct = [text for text in count if text]
    alike = _alike([triples(text) for text in distinct])
    found = dict(zip(distinct, alike, strict=True))
    return [bool(text) and (count[text] > 1 or found[text]) for text in texts]


def triples(text: tuple[str, ...]) -> Grams:
    """The distinct runs of three words; of a shorter text, itself."""
    return frozenset(zip(text, text[1:], text[2:], strict=False)) or frozenset([text])


def _alike(sets: list[Grams]) -> list[bool]:
    """Two sets that are alike share one of the rarest grams of each: only such sets are compared.

    A set of n grams can miss n - 0.8 n of them at most, so the rarest n - ceil(0.8 n) + 1 will do
    (prefix filtering: Chaudhuri, Ganti and Kaushik 2006).
    """
    frequency = Counter(gram for grams in sets for gram in grams)
    found = [False] * len(sets)
    holders: dict[Hashable, list[int]] = {}
    for number, grams in enumerate(sets):
        rarest = sorted(grams, key=lambda gram: (frequency[gram], gram))[: len(grams) // 5 + 1]
        for other in {other for gram in rarest for other in holders.get(gram, ())}:
            if not (found[number] and found[other]) and jaccard(grams, sets[other]) >= ALIKE:
                found[number] = found[other] = True
        for gram in rarest:
            holders.setdefault(gram, []).append(number)
    return found


def jaccard(one: Grams, other: Grams) -> float:
    """What two sets share, of what either holds."""
    return len(one & other) / len(one | other)
