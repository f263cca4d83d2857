"""What a summary is like beside its source: length, novelty, copying. It describes and does not rank.

Coverage, density and compression are those of Grusky, Naaman and Artzi 2018, Newsroom, section 4;
novelty is the share of n-grams that the source lacks (See, Liu and Manning 2017, section 7). Words are
runs of letters and digits, case folded, with inner hyphens, apostrophes, points and commas.
"""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics.base import Direction, Metric
from tldr_bench.metrics.fragments import Runs, fragments
from tldr_bench.metrics.near_twins import near_twins

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

WORD = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Describe(Metric[str, References]):
    """Figures about predictions and their sources; references are not looked at.

    An empty prediction has 0 words and counts in `words` alone: the other figures are means over the
    papers for which something was said. The source is what the task gives; a title is no part of it.
    """

    name: ClassVar[str] = "describe"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "What the summaries are like"
    direction: ClassVar[Direction] = "none"
    plain_scores: ClassVar[frozenset[str]] = frozenset({"words", "compression", "density"})
    score_names: ClassVar[tuple[str, ...]] = (
        "words",
        "compression",
        "novelty1",
        "novelty2",
        "coverage",
        "density",
        "copied",
        "near_twin",
        "new_number",
        "new_name",
    )
    """words: how many; compression: words of the source for each; novelty1, novelty2: share of
    distinct words and word pairs that the source lacks; coverage: share of words within fragments
    copied from the source; density: their mean length, each word's own fragment; and the share of
    predictions that are a sentence of the source word for word (copied), that nearly repeat what is
    said of another paper (near_twin), or hold a number or a name that the source lacks."""

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """One column per figure, and `said` and `pairs_said`: whether there are any words, or pairs."""
        import numpy as np

        said = [words(pair.prediction) for pair in pairs]
        twins = near_twins(said)
        rows = [_row(pair, own, twin) for pair, own, twin in zip(pairs, said, twins, strict=True)]
        names = [*self.score_names, "said", "pairs_said"]
        table = np.array(rows, float).reshape(len(pairs), len(names))
        return dict(zip(names, table.T, strict=True))

    def combine(self, means: Columns) -> Columns:
        """Means over the papers for which there is anything to look at; NaN where there are none."""
        found = {name: _mean(means[name], means["said"]) for name in self.score_names}
        found["novelty2"] = _mean(means["novelty2"], means["pairs_said"])
        return {**found, "words": means["words"]}

    def per_example(self, columns: Columns) -> Columns:
        """Of a paper for which nothing was said, all figures are 0, as `words` is."""
        return {name: columns[name] for name in self.score_names}


def _mean(total: Any, count: Any) -> Any:
    import numpy as np

    return np.divide(total, count, out=np.full_like(count, np.nan, dtype=float), where=count != 0)


def words(text: str) -> tuple[str, ...]:
    """The words of a text.

    >>> words("K-means finds 1,024 Bats.")
    ('k-means', 'finds', '1,024', 'bats')
    """
    return tuple(WORD.findall(text.casefold()))


@dataclass(frozen=True, slots=True)
class _Source:
    words: tuple[str, ...]
    known: frozenset[str]
    """The words, and the parts of compounds."""
    numbers: frozenset[str]
    sentences: frozenset[tuple[str, ...]]


def _read(source: tuple[str, ...]) -> _Source:
    """A source made ready."""
    text = "\n".join(source)
    sentences = source if len(source) > 1 else SENTENCE_END.split(text)
    own = _shared(words(text))
    parts = {part for word in set(own) for part in re.split(r"[-'’./,]", word)}
    return _Source(
        own,
        frozenset({*own, *parts}),
        frozenset(_numbers(text)),
        frozenset(filter(None, (_shared(words(sentence)) for sentence in sentences))),
    )


def _shared(found: Iterable[str]) -> tuple[str, ...]:
    """The same words, one object for equal ones of all sources: they are kept by the million."""
    return tuple(map(sys.intern, found))


@dataclass
class _Sources:
    """The sources that were read last: every system is looked at beside them."""

    most: int
    """Words of them that are kept, and one for each source; a word takes some 40 bytes."""
    _kept: OrderedDict[tuple[str, ...], _Source] = field(default_factory=OrderedDict)
    _words: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, source: tuple[str, ...]) -> _Source:
        """This source, made ready."""
        with self._lock:
            if found := self._kept.get(source):
                self._kept.move_to_end(source)
                return found
            self._kept[source] = found = _read(source)
            self._words += 1 + len(found.words)
            while self._words > self.most and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._words -= 1 + len(oldest.words)
            return found


_sources = _Sources(4_000_000)


def _row(pair: Pair[str, References], said: tuple[str, ...], twin: bool) -> tuple[float, ...]:
    source = _sources.get(pair.source)
    total = len(said)
    if not total:
        return (0.0,) * 12
    longest = Runs(said).longest_in(source.words)
    lengths = fragments(longest)
    # What is shared from a word on: a word of it is known, two of it are a known pair.
    new_words = dict(zip(said, (run < 1 for run in longest), strict=True))
    new_pairs = dict(zip(pairwise(said), (run < 2 for run in longest), strict=False))
    return (
        total,
        len(source.words) / total,
        _share(new_words.values()),
        _share(new_pairs.values()),
        sum(lengths) / total,
        sum(length**2 for length in lengths) / total,
        said in source.sentences,
        twin,
        any(number not in source.numbers for number in _numbers(pair.prediction)),
        any(name not in source.known for name in names(pair.prediction)),
        1.0,
        bool(new_pairs),
    )


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found) if found else 0.0


def _numbers(text: str) -> list[str]:
    """Numbers as they are written, less the commas between thousands."""
    return [re.sub(r",(?=\d{3})", "", number) for number in NUMBER.findall(text)]


def names(text: str) -> list[str]:
    """Words that look like names, case folded: a capital after the first letter, or inside a sentence.

    >>> names("We train BERT on Wikipedia. Then we stop.")
    ['bert', 'wikipedia']
    """
    found = []
    for sentence in SENTENCE_END.split(text):
        for position, word in enumerate(WORD.findall(sentence)):
            inner = any(letter.isupper() for letter in word[1:])
            if inner or (position and word[0].isupper()):
                found.append(word.casefold())
    return found
