"""What an output shares with a reference and with its source, word by word.

Words and stems are those of ROUGE-1.5.5, so that what is marked is what was counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise, product

from markupsafe import Markup, escape

from tldr_bench.metrics import porter155

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class Words:
    """A text with its words: where they stand, and their stems."""

    text: str
    spans: tuple[tuple[int, int], ...]
    stems: tuple[str, ...]
    counts: Counter[str]
    """How often each stem occurs."""


@dataclass(frozen=True)
class Marked:
    """An output with its marks."""

    html: Markup
    reference: int
    """Which reference the marks are about: the one with the best ROUGE-1."""
    strange: tuple[str, ...]
    """Names and numbers that the source does not have."""


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    word = word.lower()
    return porter155.stem(word) if len(word) > 3 else word


def read(text: str) -> Words:
    """The words of a text, as ROUGE-1.5.5 sees them."""
    # Lists, because a site has hundreds of thousands of words and generators are slower.
    spans = [match.span() for match in _WORD.finditer(text)]
    stems = tuple([_stem(text[start:end]) for start, end in spans])
    return Words(text, tuple(spans), stems, Counter(stems))


def best_reference(output: Words, references: Sequence[Words]) -> int:
    """The reference with the highest F of single words; the first of equal ones."""

    def f(reference: Words) -> float:
        shared = output.counts.keys() & reference.counts.keys()
        hits = sum([min(output.counts[stem], reference.counts[stem]) for stem in shared])
        return 2 * hits / max(1, len(output.stems) + len(reference.stems))

    return max(range(len(references)), key=lambda place: f(references[place]))


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Every stem of some texts."""
    return frozenset(map(_stem, {word for text in texts for word in _WORD.findall(text)}))


def mark(output: Words, references: Sequence[Words], known: Set[str]) -> Marked:
    """The output as HTML: `u` in the reference, `b` in a pair of words of it, `l` on the longest
    common subsequence with it, `n` not `known` from the source, `x` a name or number that is not in the source.
    """
    chosen = best_reference(output, references) if references else 0
    reference = references[chosen].stems if references else ()
    strange = _strange(output, known)
    looks = _looks(output.stems, reference, known, strange)
    names = dict.fromkeys(_text(output, place) for place in strange)
    return Marked(_html(output, looks), chosen, tuple(names))


def _text(words: Words, place: int) -> str:
    start, end = words.spans[place]
    return words.text[start:end]


def _strange(output: Words, known: Set[str]) -> list[int]:
    """Where names and numbers stand that the source lacks; a sentence's first word is no name.

    By stems, as everything that is marked; `describe` counts by whole words, and can differ.
    """
    unknown = [place for place, stem in enumerate(output.stems) if stem not in known]
    return [place for place in unknown if _is_name_or_number(output, place)]


def _is_name_or_number(output: Words, place: int) -> bool:
    word = _text(output, place)
    if any(letter.isdigit() for letter in word) or word[1:].lower() != word[1:]:
        return True
    between = output.text[output.spans[place - 1][1] : output.spans[place][0]] if place else "."
    return word[0].isupper() and not set(between) & set(".!?:")


_LOOKS = {has: " ".join(compress("ublnx", has)) for has in product((False, True), repeat=5)}
"""Which of the five marks a word has -> its class."""


def _looks(
    stems: Sequence[str], reference: Sequence[str], known: Set[str], strange: Sequence[int]
) -> list[str]:
    single, path, odd = set(reference), common_path(stems, reference), set(strange)
    paired = _paired(stems, set(pairwise(reference)))
    return [
        _LOOKS[stem in single, place in paired, place in path, stem not in known, place in odd]
        for place, stem in enumerate(stems)
    ]


def _paired(stems: Sequence[str], pairs: Set[tuple[str, str]]) -> set[int]:
    """The places of the words that stand in one of these pairs of neighbours."""
    firsts = [place for place, pair in enumerate(pairwise(stems)) if pair in pairs]
    return {place + step for place in firsts for step in (0, 1)}


def common_path(stems: Sequence[str], reference: Sequence[str]) -> set[int]:
    """The places of the output's words on a longest common subsequence with the reference."""
    from rapidfuzz.distance import LCSseq

    blocks = LCSseq.opcodes(stems, reference).as_matching_blocks() if stems and reference else []
    return {block.a + step for block in blocks for step in range(block.size)}


def _html(output: Words, looks: Sequence[str]) -> Markup:
    """One element per run of neighbouring words with the same look."""
    # Most texts hold nothing to escape: their pieces are taken as they are.
    text = escape(output.text)
    whole: Callable[[str], str] = str if str(text) == output.text else escape
    parts: list[str] = []
    at = place = 0
    while place < len(looks):
        last = place
        while last + 1 < len(looks) and looks[last + 1] == looks[place]:
            last += 1
        if looks[place]:
            start, end = output.spans[place][0], output.spans[last][1]
            run, before = whole(output.text[start:end]), whole(output.text[at:start])
            parts.append(f'{before}<i class="{looks[place]}">{run}</i>')
            at = end
        place = last + 1
    return Markup("".join([*parts, whole(output.text[at:])]))  # noqa: S704 - every piece is escaped
