"""Sentences of a text that came without them: three libraries, and what they agree on.

blingfire (a finite-state machine), pysbd (rules, with a published test set) and syntok (made for
scientific and biomedical text) split differently and fail differently. None of them finds the split
that a data set was made with for more than a few papers in a hundred, so a split counts only where it
gives as many sentences as there are labels; and where the marked sentence lies is believed only
where two of the three say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal

from tldr_bench.errors import UsageError
from tldr_bench.labels_oracle import rouge1_f

Splitter = Literal["blingfire", "pysbd", "syntok"]
SPLITTERS: tuple[Splitter, ...] = ("blingfire", "pysbd", "syntok")
AGREE = 2
"""Of the three splitters: a two-thirds consensus."""
NEAR = 0.15
"""How far, as a part of the text, a sentence may lie from where its label stands among the labels."""


def split(text: str, name: Splitter) -> list[str]:
    """The sentences of a text, without the blanks around them."""
    return [sentence for sentence in map(_trimmed, _splitter(name)(text)) if sentence]


def _trimmed(sentence: str) -> str:
    return " ".join(sentence.split())


@cache
def _splitter(name: Splitter) -> Callable[[str], Sequence[str]]:
    try:
        return _MAKERS[name]()
    except ImportError:
        message = f"splitting sentences needs {name}: pip install 'tldr-bench[sentences]'"
        raise UsageError(message) from None


def _blingfire() -> Callable[[str], Sequence[str]]:
    import blingfire

    # It gives one sentence a line, so the text's own line ends must not count as ends.
    return lambda text: blingfire.text_to_sentences(" ".join(text.split())).split("\n")


def _pysbd() -> Callable[[str], Sequence[str]]:
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False)
    return lambda text: list(map(str, segmenter.segment(text)))


def _syntok() -> Callable[[str], Sequence[str]]:
    from syntok import segmenter

    def sentences(text: str) -> list[str]:
        return [
            "".join(token.spacing + token.value for token in sentence)
            for paragraph in segmenter.process(text)
            for sentence in paragraph
        ]

    return sentences


_MAKERS: Mapping[Splitter, Callable[[], Callable[[str], Sequence[str]]]] = {
    "blingfire": _blingfire,
    "pysbd": _pysbd,
    "syntok": _syntok,
}


def fitting(
    splits: Mapping[Splitter, list[str]], labels: Sequence[int], reference: str | None
) -> list[str] | None:
    """The first split with as many sentences as labels, in the order of the splitters' names.

    The same number can come about by chance. Where one label is set and the TLDR is known, the
    marked sentence must therefore be the closest to it, too.
    """
    for sentences in splits.values():
        if len(sentences) == len(labels) and _plausible(sentences, labels, reference):
            return sentences
    return None


def _plausible(sentences: list[str], labels: Sequence[int], reference: str | None) -> bool:
    if reference is None or sum(labels) != 1:
        return True
    scores = [rouge1_f(sentence, reference) for sentence in sentences]
    return scores[labels.index(1)] == max(scores)


def all_splits(text: str) -> dict[Splitter, list[str]]:
    """The sentences by every splitter."""
    return {name: split(text, name) for name in SPLITTERS}


def marked_sentence(
    splits: Mapping[Splitter, list[str]], labels: Sequence[int], reference: str
) -> str | None:
    """The text that the label marks, where two of three splitters give the same; else None.

    SciTLDR's labels mark the sentence with the highest ROUGE-1 (see `labels_oracle`). Each splitter
    has such a sentence. It counts where it lies about as far into the text as the label lies among
    the labels, and it is believed where the splitters agree on its words.
    """
    if sum(labels) != 1:
        return None
    place = labels.index(1) / len(labels)
    votes = Counter(
        found
        for sentences in splits.values()
        if (found := _closest(sentences, reference, place)) is not None
    )
    sentence, times = votes.most_common(1)[0] if votes else ("", 0)
    return sentence if times >= AGREE else None


def _closest(sentences: list[str], reference: str, place: float) -> str | None:
    scores = [rouge1_f(sentence, reference) for sentence in sentences]
    if not scores or not max(scores):
        return None
    best = scores.index(max(scores))
    return sentences[best] if abs(best / len(sentences) - place) <= NEAR else None
