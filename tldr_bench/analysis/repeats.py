"""Texts that repeat: duplicated blocks, template answers, cut and missing texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tldr_bench.words import words

FEWEST = 5
"""A handful: below it, nothing is called a pattern."""
SAME = 0.05
"""From this share on, one text for many papers is a template."""
COMMON = 0.1
"""A run of words is part of a template when this share of the predictions has it."""
TEMPLATE = 0.2
"""The share of a prediction's four-word runs that are such parts, at the median of a template system."""
RUN = 4
SHARE = 0.03
"""From this share on, cut or empty texts are a pattern."""


@dataclass(frozen=True)
class Block:
    """Rows that say again what earlier rows said, in the same order."""

    first: int
    """The first row of the copy."""
    length: int
    original: int
    """The first row of what was copied."""


def duplicated_block(texts: Sequence[str]) -> Block | None:
    """The longest run of rows that repeats an earlier run of different texts."""
    last: dict[str, int] = {}
    best: Block | None = None
    offset, length = 0, 0
    for row, text in enumerate(texts):
        before = last.get(text)
        last[text] = row
        if before is None or not text.strip() or row - before == 1:
            length = 0
        elif row - before == offset:
            length += 1
        else:
            offset, length = row - before, 1
        if length >= FEWEST and (best is None or length > best.length):
            best = Block(row - length + 1, length, row - length + 1 - offset)
    varied = best is not None and len(set(texts[best.first : best.first + best.length])) >= FEWEST
    return best if varied else None


def constant(texts: Sequence[str]) -> tuple[str, int] | None:
    """The text that stands for many papers, and for how many."""
    counts = Counter(text for text in texts if text.strip())
    text, count = counts.most_common(1)[0] if counts else ("", 0)
    return (text, count) if count >= max(FEWEST, SAME * len(texts)) else None


def template(texts: Sequence[str]) -> str | None:
    """The most common run of four words of a system that fills a form, else None."""
    runs = [
        set(zip(*(each[start:] for start in range(RUN)), strict=False))
        for each in map(words, texts)
    ]
    spread = Counter(run for own in runs for run in own)
    limit = max(FEWEST, COMMON * len(texts))
    shares = sorted(sum(spread[run] >= limit for run in own) / len(own) for own in runs if own)
    if len(shares) < FEWEST or shares[len(shares) // 2] < TEMPLATE:
        return None
    best = min(spread, key=lambda run: (-spread[run], run))
    return " ".join(best)


def empty(texts: Sequence[str]) -> list[int]:
    """The rows without a text, if they are many."""
    rows = [row for row, text in enumerate(texts) if not text.strip()]
    return rows if len(rows) >= max(FEWEST, SHARE * len(texts)) else []


_DANGLING = frozenset(
    (
        *("a", "an", "the", "of", "to", "in", "on", "for", "with", "and", "or", "by", "from", "at"),
        *("as", "that", "which", "is", "are", "was", "were", "be", "we", "our", "its", "their"),
        *("this", "these", "into", "than", "can", "has", "have"),
    )
)
_ENDED = re.compile(r"""[.!?…。！？)\]"'”’]\s*$""")


def cut(texts: Sequence[str]) -> tuple[str, list[int]] | None:
    """The rows whose text breaks off, if they are many, and how one sees it.

    Either they end in words after which English goes on, or they are exactly as long as the longest.
    """
    fewest = max(FEWEST, SHARE * len(texts))
    dangling = [row for row, text in enumerate(texts) if _last_word(text) in _DANGLING]
    if len(dangling) >= fewest:
        return "end in the middle of a sentence", dangling
    longest = max(map(len, texts), default=0)
    full = [
        row for row, text in enumerate(texts) if len(text) == longest and not _ENDED.search(text)
    ]
    if len(full) >= fewest and len({texts[row] for row in full}) >= FEWEST:
        return f"break off after exactly {longest} characters, the length of the longest", full
    return None


def _last_word(text: str) -> str:
    return next(iter(reversed(text[-40:].lower().split())), "")


def alphabetical(texts: Sequence[str]) -> bool:
    """Whether the texts ascend from the first row to the last."""
    enough = len(set(texts)) >= 2 * FEWEST
    return enough and all(one <= other for one, other in pairwise(texts))
