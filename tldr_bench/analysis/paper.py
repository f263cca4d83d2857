"""explain_paper(task, pair): the words, bigrams and subsequence that gave one paper its ROUGE."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from tldr_bench.analysis.conventions import RULES, SCORES
from tldr_bench.errors import UsageError
from tldr_bench.kinds import Pair
from tldr_bench.metrics import porter155, porter_nltk, rouge, rouge155
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.lcs import union_lcs
from tldr_bench.metrics.rouge import PRF, Rouge
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.metrics.text import Token
from tldr_bench.records import Field, Record
from tldr_bench.task import Task


class Matched(Record):
    """One score against one reference, and what the two texts share."""

    score: str
    precision: float
    recall: float
    f: float
    shared: list[str]
    """Words, bigrams or the subsequence, as the prediction (for rougeL: the reference) writes them."""


class AgainstReference(Record):
    """A prediction beside one reference."""

    reference: str
    best: bool
    """Whether it is the one with the highest ROUGE-1, whose figures count under best-rouge1."""
    scores: list[Matched]


class ByProfile(Record):
    """A prediction beside all references, as one program sees them."""

    profile: str
    stemmed: bool
    prediction_words: list[str]
    """What the program keeps of the prediction."""
    references: list[AgainstReference]
    rules: dict[str, dict[str, float]]
    """Reference rule -> score -> value, as a fraction."""


class PaperExplanation(Record):
    """What `explain SYSTEM --id PAPER --format json` prints."""

    format: Literal["tldr-bench/paper/1"] = Field(default="tldr-bench/paper/1", alias="schema")
    task: str
    system: str
    id: str
    title: str
    prediction: str
    profiles: list[ByProfile]


@dataclass(frozen=True)
class _Profile:
    """One program: how it reads, scores and combines."""

    name: str
    lines: Callable[[str], str]
    """A text with one sentence on each line, in the letters that the program sees."""
    stem: Callable[[str], str]
    score: Callable[[str, str, bool], dict[str, PRF]]
    metric: type[Rouge | Rouge155]
    by_sentence: bool
    """Whether its rougeL is the union over sentences."""

    def read(self, text: str, stemmer: bool) -> _Text:
        """The words of a text and what they are compared by."""
        lines = [_WORD.findall(line.lower()) for line in self.lines(text).split("\n")]
        stems = [[self._stemmed(word, stemmer) for word in line] for line in lines if line]
        return _Text([word for line in lines for word in line], stems)

    def _stemmed(self, word: str, stemmer: bool) -> str:
        return self.stem(word) if stemmer and len(word) > 3 else word


_WORD = re.compile("[a-z0-9]+")


@dataclass(frozen=True)
class _Text:
    words: list[str]
    """As written, in lower case."""
    sentences: list[list[str]]
    """The stems of the words, sentence by sentence; none is empty."""

    @property
    def stems(self) -> list[str]:
        """The stems of all words."""
        return [stem for sentence in self.sentences for stem in sentence]


_PROFILES = (
    _Profile(
        "rouge155",
        lambda text: rouge155.one_sentence_per_line(text).encode("ascii", "replace").decode(),
        porter155.stem,
        lambda one, other, stem: rouge155.score_pair(one, other, stemmer=stem),
        Rouge155,
        by_sentence=True,
    ),
    _Profile(
        "rouge",
        str.lower,
        porter_nltk.stem,
        lambda one, other, stem: rouge.score_pair(one, other, SCORES, stemmer=stem),
        Rouge,
        by_sentence=False,
    ),
)


def explain_paper(
    task: Task, system: str, pair: Pair[Any, Any], *, stemmer: bool = True
) -> PaperExplanation:
    """What one prediction shares with each of its references, as both programs see it.

    Raises UsageError where there is no reference to compare with.
    """
    if not pair.target:
        raise UsageError(f"{pair.id} has no reference to compare the prediction with")
    return PaperExplanation(
        task=task.id,
        system=system,
        id=pair.id,
        title=task.by_id[pair.id].title,
        prediction=pair.prediction,
        profiles=[_by_profile(profile, pair, stemmer) for profile in _PROFILES],
    )


def _by_profile(profile: _Profile, pair: Pair[Any, Any], stemmer: bool) -> ByProfile:
    rules: dict[str, dict[str, float]] = {}
    for rule in RULES:
        metric: Metric[Any, Any] = profile.metric(references=rule, stemmer=stemmer)
        rules[rule] = {
            name: float(column[0])
            for name, column in metric.measure([pair]).items()
            if name in SCORES
        }
    firsts = [profile.score(pair.prediction, text, stemmer)["rouge1"].f for text in pair.target]
    best = firsts.index(max(firsts))
    return ByProfile(
        profile=profile.name,
        stemmed=stemmer,
        prediction_words=profile.read(pair.prediction, stemmer).words,
        references=[
            _against(profile, pair.prediction, text, stemmer, best=place == best)
            for place, text in enumerate(pair.target)
        ],
        rules=rules,
    )


def _against(
    profile: _Profile, prediction: str, reference: str, stemmer: bool, *, best: bool
) -> AgainstReference:
    said, right = profile.read(prediction, stemmer), profile.read(reference, stemmer)
    figures = profile.score(prediction, reference, stemmer)
    shared = {
        "rouge1": _shared(said.stems, right.stems, said.words),
        "rouge2": _shared(
            list(pairwise(said.stems)),
            list(pairwise(right.stems)),
            [" ".join(two) for two in pairwise(said.words)],
        ),
        "rougeL": _subsequence(profile, said, right),
    }
    scores = [
        Matched(
            score=name,
            precision=figures[name].precision,
            recall=figures[name].recall,
            f=figures[name].f,
            shared=shared[name],
        )
        for name in SCORES
    ]
    return AgainstReference(reference=reference, best=best, scores=scores)


def _shared(one: Iterable[Hashable], other: Iterable[Hashable], texts: Sequence[str]) -> list[str]:
    """The texts of what both have, each as often as both have it."""
    left = Counter(other)
    found = []
    for gram, text in zip(one, texts, strict=True):
        if left[gram]:
            left[gram] -= 1
            found.append(text)
    return found


def _subsequence(profile: _Profile, said: _Text, right: _Text) -> list[str]:
    """The reference's words on the longest common subsequence, or on the union of those by sentence."""
    if profile.by_sentence:
        common = _clipped(union_lcs(right.sentences, said.sentences), said.stems)
    elif said.stems and right.stems:
        common = union_lcs([right.stems], [said.stems])
    else:
        common = []
    return _located(common, right)


def _clipped(union: Sequence[Token], candidate: Sequence[str]) -> list[Token]:
    """A stem counts only as often as the candidate has it."""
    left: Counter[Token] = Counter(candidate)
    kept = []
    for stem in union:
        if left[stem]:
            left[stem] -= 1
            kept.append(stem)
    return kept


def _located(stems: Sequence[Token], reference: _Text) -> list[str]:
    """The words that stand for these stems in the reference, in which they occur in this order."""
    places = iter(zip(reference.stems, reference.words, strict=True))
    return [next(word for own, word in places if own == stem) for stem in stems]
