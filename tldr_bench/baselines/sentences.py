"""Baselines that choose sentences: as a summary, or as labels."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tldr_bench.baselines.base import Maker, Predictor, refuse
from tldr_bench.errors import TaskError
from tldr_bench.kinds import KindName, Pair
from tldr_bench.task import Example, Task
from tldr_bench.words import words

Choice = Callable[[Example], Sequence[int]]
"""The positions of the chosen sentences."""


Check = Callable[[Task], None]
"""Raises TaskError for a task whose data lack what the choice needs besides sentences."""


def no_check(_task: Task) -> None:
    """Sentences are enough."""


def extractive(choose: Choice, check: Check = no_check) -> dict[KindName, Maker]:
    """The chosen sentences as a summary, or as labels; `choose` reads the sentences."""
    return {
        "summary": _as_summary(choose, check),
        "labels": _as_labels(choose, check, reads=True),
    }


def positional(
    choose: Callable[[Example, int], Sequence[int]], check: Check = no_check
) -> dict[KindName, Maker]:
    """As `extractive`, for a choice that only needs to know how many sentences there are."""
    return {
        "summary": _as_summary(lambda example: choose(example, len(example.source)), check),
        "labels": _as_labels(
            lambda example: choose(example, len(example.target)), check, reads=False
        ),
    }


def _as_summary(choose: Choice, check: Check) -> Maker:
    def make(task: Task) -> Predictor:
        check(task)
        _refuse_unsplit(task)

        def predict(example: Example) -> str:
            return " ".join(example.source[position].strip() for position in choose(example))

        return predict

    return make


def _as_labels(choose: Choice, check: Check, *, reads: bool) -> Maker:
    def make(task: Task) -> Predictor:
        check(task)
        if reads:
            _refuse_unsplit(task)

        def predict(example: Example) -> list[int]:
            chosen = choose(example)
            return [int(position in chosen) for position in range(len(example.target))]

        return predict

    return make


SPLIT = "'tldr-bench make-task columns FILE --out DIR --sentences blingfire'"
"""What makes a task with sentences of a table, or of another task's rows."""


def _refuse_unsplit(task: Task) -> None:
    """Raise TaskError where a whole text would pass for a sentence.

    Labels tell how many sentences a source has. Without them a source of one part may be one
    sentence; where all are, nobody has split them.
    """
    whole = [example for example in task.examples if len(example.source) == 1]
    known = [example for example in whole if _labels(task, example)]
    if len(whole) == len(task.examples) and not known:
        raise TaskError(
            f"{task.id}: its sources are one text each, and this baseline chooses among "
            f"sentences: split them with {SPLIT}"
        )
    joined = [example for example in known if len(_labels(task, example)) > 1]
    refuse(
        task,
        joined,
        "one text with labels for several sentences",
        f"and this baseline reads the sentences: {SPLIT} splits texts with as many sentences as labels",
    )


def _labels(task: Task, example: Example) -> Sequence[Any]:
    labels: Any = example.target if task.kind == "labels" else example.labels
    return tuple(labels)


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
    return positions[:1] if example.labels else positions


def need_labels(task: Task) -> None:
    """Raise TaskError for a summary task of which papers have no labels."""
    lacking = [example for example in task.examples if not _labels(task, example)]
    if len(lacking) == len(task.examples):
        raise TaskError(f"{task.id}: its data has no labels, so there is no oracle sentence")
    refuse(task, lacking, "no labels", "so there is no oracle sentence")


def closest(example: Example) -> Sequence[int]:
    """The sentence with the highest ROUGE-1 against any reference (rouge155), the first of equals."""
    from tldr_bench.metrics.rouge155 import Rouge155

    references: Any = example.references or example.target
    pairs = [Pair(str(at), text, references) for at, text in enumerate(example.source)]
    scores = Rouge155().measure(pairs)["rouge1"].tolist()
    return [scores.index(max(scores))]


def need_tldrs(task: Task) -> None:
    """Raise TaskError for a labels task of which papers have no TLDRs."""
    if task.kind != "labels":
        return
    lacking = [example for example in task.examples if not example.references]
    if len(lacking) == len(task.examples):
        raise TaskError(f"{task.id}: its data has no TLDRs that a sentence could be closest to")
    refuse(task, lacking, "no TLDR", "so no sentence is closest to one")


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
