"""Predictions that are somebody else's text: a reference, another system's output, the whole source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from tldr_bench.kinds import Pair
from tldr_bench.words import words

FEWEST = 5
SIMILAR = 0.95
"""Texts with this similarity (2 * longest common subsequence / both lengths) are the same text."""
NEAR = 0.85
"""The same with punctuation and spaces, before these are taken away."""
CLOSER = 0.1
"""A copied reference is closer to the reference than to any sentence of the paper by this much."""
LOOKS = 60
"""Rows of another system that are looked at before all of them are."""
SHORTEST = 5
"""Words that a text must have before equality with another means anything."""
REFERENCES = 0.02
"""From this share on, copies of references are no accident."""
OWN_WORDS = 0.5
"""From this share on, two systems with the same texts, nowhere in the papers, are one."""
WHOLE = 0.9
"""A prediction with this much of the source's length, all of it from there, is the source."""
MANY = 0.05

Texts = Sequence[str]
Summaries = Sequence[Pair[str, tuple[str, ...]]]


def same_text(text: str) -> str:
    """A text as far as it counts here: its words in lower case.

    >>> same_text("  We  propose X. ")
    'we propose x'
    """
    return " ".join(words(text))


def copied_references(pairs: Summaries, titles: Sequence[str]) -> list[int]:
    """The rows that repeat a reference (nearly) word by word, which the paper itself does not say."""
    rows = [row for row, pair in enumerate(pairs) if _is_copy(pair, titles[row])]
    return rows if len(rows) >= max(FEWEST, REFERENCES * len(pairs)) else []


def _is_copy(pair: Pair[str, tuple[str, ...]], title: str) -> bool:
    said = same_text(pair.prediction) if _is_near(pair.prediction, pair.target, NEAR) else ""
    if said.count(" ") < SHORTEST - 1:
        return False
    best = max(_similarity(said, same_text(text)) for text in pair.target)
    own = max(_similarity(said, same_text(text)) for text in (*pair.source, title))
    return best >= SIMILAR and own <= best - CLOSER


def _is_near(text: str, others: Sequence[str], cutoff: float) -> bool:
    """A quick look, before the words are compared."""
    text = text.lower()
    for other in others:
        # No similarity is greater than that of a text with a part of itself.
        shorter, both = min(len(text), len(other)), len(text) + len(other)
        if 2 * shorter >= cutoff * both and _similarity(text, other.lower(), cutoff):
            return True
    return False


def _similarity(one: str, other: str, cutoff: float = 0.0) -> float:
    """2 * longest common subsequence / both lengths, or 0 below the cutoff."""
    return _indel()(one, other, score_cutoff=cutoff)


@cache
def _indel() -> Callable[..., float]:
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity


def copied_source(pairs: Summaries) -> list[int]:
    """The rows whose prediction is the whole source (of three sentences or more)."""
    rows = [row for row, pair in enumerate(pairs) if _is_whole(pair)]
    return rows if len(rows) >= max(FEWEST, MANY * len(pairs)) else []


def _is_whole(pair: Pair[str, tuple[str, ...]]) -> bool:
    source = " ".join(pair.source)
    sentences = max(len(pair.source), len(re.findall(r"[.!?]\s", source)))
    long_enough = len(pair.prediction) >= WHOLE * len(source)
    return sentences >= 3 and long_enough and same_text(pair.prediction)[:200] in same_text(source)


def same_system(
    pairs: Summaries, titles: Sequence[str], others: Mapping[str, Texts]
) -> dict[str, list[int]]:
    """Other system -> the rows in which it says the same (white space aside), for those that are the same system.

    Two systems that quote the paper may well quote the same sentences, so quotations count only when
    all rows are equal.
    """
    own = [_line(pair.prediction) for pair in pairs]
    found = {}
    for system, texts in others.items():
        if not _may_be_same(own, texts):
            continue
        equal = [row for row, text in enumerate(texts) if own[row] and own[row] == _line(text)]
        if len(equal) == len(own) >= FEWEST or _is_same(equal, pairs, titles):
            found[system] = equal
    return found


def likely_copies(systems: Mapping[str, Sequence[object]]) -> dict[str, set[str]]:
    """System -> the systems whose predictions may be its own, by a look at some rows of each.

    Rows are looked up rather than compared, so that time grows with the systems, not with their pairs.
    """
    shared: dict[tuple[int, object], list[str]] = {}
    for system, said in systems.items():
        for row in _looks(len(said)):
            shared.setdefault((row, _as_line(said[row])), []).append(system)
    found: dict[str, set[str]] = {}
    for system, said in systems.items():
        rows = _looks(len(said))
        equal = Counter(name for row in rows for name in shared[row, _as_line(said[row])])
        enough = OWN_WORDS / 2 * len(rows)
        found[system] = {name for name, count in equal.items() if count >= enough} - {system}
    return found


def _looks(rows: int) -> range:
    return range(0, rows, max(1, rows // LOOKS))


def _as_line(said: object) -> object:
    return _line(said) if isinstance(said, str) else said


def _line(text: str) -> str:
    return " ".join(text.split())


def _may_be_same(own: Sequence[str], texts: Texts) -> bool:
    """A quick look at some of the rows: among a thousand systems it is nearly always enough."""
    rows = _looks(len(own))
    return sum(own[row] == _line(texts[row]) for row in rows) >= OWN_WORDS / 2 * len(rows)


def _is_same(equal: Sequence[int], pairs: Summaries, titles: Sequence[str]) -> bool:
    """Whether the equal rows are many even without quotations from the paper."""
    fewest = max(FEWEST, OWN_WORDS * len(pairs))
    if len(equal) < fewest:
        return False
    said = [row for row in equal if not _is_quoted(pairs[row], titles[row])]
    return len(said) >= fewest and len({pairs[row].prediction for row in said}) >= FEWEST


def _is_quoted(pair: Pair[str, tuple[str, ...]], title: str) -> bool:
    said = same_text(pair.prediction)
    return said in {same_text(text) for text in (*pair.source, title)}
