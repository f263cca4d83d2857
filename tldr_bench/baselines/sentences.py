"""Baselines that choose sentences: as a summary, or as labels."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tldr_bench.baselines.base import Maker, Predictor
from tldr_bench.errors import TaskError
from tldr_bench.kinds import KindName, Pair
from tldr_bench.task import Example, Task
from tldr_bench.words import words

Choice = Callable[[Example], Sequence[int]]
"""The positions of the chosen sentences."""


def extractive(choose: Choice) -> dict[KindName, Maker]:
    """The chosen sentences as a summary, or as labels; `choose` reads the sentences."""
    return {"summary": _as_summary(choose), "labels": _as_labels(choose, reads=True)}


def positional(choose: Callable[[Example, int], Sequence[int]]) -> dict[KindName, Maker]:
    """As `extractive`, for a choice that only needs to know how many sentences there are."""
    return {
        "summary": _as_summary(lambda example: choose(example, len(example.source))),
        "labels": _as_labels(lambda example: choose(example, len(example.target)), reads=False),
    }


def _as_summary(choose: Choice) -> Maker:
    def make(task: Task) -> Predictor:
        def predict(example: Example) -> str:
            positions = choose(_split(task, example, len(example.labels)))
            return " ".join(example.source[position].strip() for position in positions)

        return predict

    return make


def _as_labels(choose: Choice, *, reads: bool) -> Maker:
    def make(task: Task) -> Predictor:
        def predict(example: Example) -> list[int]:
            sentences = len(example.target)
            chosen = choose(_split(task, example, sentences) if reads else example)
            return [int(position in chosen) for position in range(sentences)]

        return predict

    return make


def _split(task: Task, example: Example, sentences: int) -> Example:
    if len(example.source) == 1 and sentences > 1:
        raise TaskError(
            f"{task.id}: its sources are not split into sentences, which this baseline needs"
        )
    return example


def lead(count: int) -> Callable[[Example, int], Sequence[int]]:
    """The first `count` sentences."""
    return lambda _example, sentences: range(min(count, sentences))


def any_one(example: Example, sentences: int) -> Sequence[int]:
    """One sentence, the same for the same id on every machine."""
    digest = hashlib.sha256(f"random baseline {example.id}".encode()).digest()
    return [int.from_bytes(digest[:8], "big") % max(sentences, 1)]


def marked(example: Example, _sentences: int = 0) -> Sequence[int]:
    """The sentences that the data marks; of a summary task, the first of them."""
    labels: Any = example.labels or example.target
    positions = [position for position, label in enumerate(labels) if label == 1]
    if not positions and not example.labels:
        raise TaskError("its data has no labels, so there is no oracle sentence")
    return positions[:1] if example.labels else positions


def closest(example: Example) -> Sequence[int]:
    """The sentence with the highest ROUGE-1 against any reference (rouge155), the first of equals."""
    from tldr_bench.metrics.rouge155 import Rouge155

    references: Any = example.references or example.target
    if not references or not isinstance(references[0], str):
        raise TaskError("its data has no TLDRs that a sentence could be closest to")
    pairs = [Pair(str(at), text, references) for at, text in enumerate(example.source)]
    scores = Rouge155().measure(pairs)["rouge1"].tolist()
    return [scores.index(max(scores))]


_CUE = re.compile(
    r"\b(we|here|this (?:paper|study|work|article))\b.*\b(present|propose|introduce|show|find|report"
    r"|describe|prove|demonstrate|argue|develop)",
    re.IGNORECASE,
)


def cued(example: Example) -> Sequence[int]:
    """The first sentence that announces a contribution, else the most central one."""
    cued = (position for position, text in enumerate(example.source) if _CUE.search(text))
    position = next(cued, None)
    return central(example) if position is None else [position]


def central(example: Example) -> Sequence[int]:
    """The sentence most similar to the others and to the title: degree centrality on tf-idf cosines.

    Erkan and Radev, "LexRank", JAIR 2004, section 3.1, with sentences as the documents of idf.
    """
    vectors = tf_idf([*example.source, example.title])
    sentences = vectors[: len(example.source)]
    degrees = [sum(dot(vector, other) for other in vectors) for vector in sentences]
    return [degrees.index(max(degrees))] if degrees else []


def tf_idf(texts: Sequence[str]) -> list[dict[str, float]]:
    """Unit vectors of word counts times ln(1 + N / df)."""
    counts = [Counter(words(text)) for text in texts]
    spread = Counter(word for count in counts for word in count)
    vectors = []
    for count in counts:
        vector = {word: n * math.log(1 + len(texts) / spread[word]) for word, n in count.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in vector.values())) or 1.0
        vectors.append({word: weight / length for word, weight in vector.items()})
    return vectors


def dot(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    return math.fsum(weight * right.get(word, 0.0) for word, weight in left.items())
