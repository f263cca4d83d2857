"""Predictions that are somebody else's text: a reference, another system's output, the whole source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tldr_bench.kinds import Pair

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
    return " ".join(re.findall(r"\w+", text.lower()))


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
    return any(_similarity(text, other.lower(), cutoff) for other in others)


def _similarity(one: str, other: str, cutoff: float = 0.0) -> float:
    """2 * longest common subsequence / both lengths, or 0 below the cutoff."""
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(one, other, score_cutoff=cutoff)


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


def _line(text: str) -> str:
    return " ".join(text.split())


def _may_be_same(own: Sequence[str], texts: Texts) -> bool:
    """A quick look at some of the rows: among a thousand systems it is nearly always enough."""
    rows = range(0, len(own), max(1, len(own) // LOOKS))
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
