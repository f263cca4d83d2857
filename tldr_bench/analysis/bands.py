"""Papers by kind: in bands of source length and number of references, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tldr_bench.errors import counted
from tldr_bench.kinds import KindName, Pair
from tldr_bench.task import Example, Task

ANSWERS: Mapping[KindName, str] = {
    "summary": "references",
    "labels": "marked sentences",
    "ranking": "relevant documents",
}
"""What is counted of an example's target, by kind of task."""
SHOWN_DOCUMENTS = 5


@dataclass(frozen=True)
class Band:
    """Some of a task's examples."""

    by: str
    name: str
    places: tuple[int, ...]
    """Their places in the task, ascending."""


def bands(task: Task) -> tuple[Band, ...]:
    """The examples in thirds by the words of their source, and by the size of their target.

    Examples of equal length stay together; a division into a single band says nothing and is left out.
    """
    lengths = [sum(len(text.split()) for text in example.source) for example in task.examples]
    answers = [_answers(task.kind, example) for example in task.examples]
    by_length = _divided("source length", "words", _thirds(lengths), lengths)
    by_answers = _divided(ANSWERS[task.kind], ANSWERS[task.kind], answers, answers)
    return (*by_length, *by_answers)


def _thirds(lengths: Sequence[int]) -> list[int]:
    ordered = sorted(lengths)
    cuts = [ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3]]
    return [sum(length >= cut for cut in cuts) for length in lengths]


def _answers(kind: KindName, example: Example) -> int:
    target: Any = example.target
    return sum(target) if kind == "labels" else len(target)


def _divided(by: str, unit: str, keys: Sequence[int], values: Sequence[int]) -> list[Band]:
    """One band for each key, in ascending order, named after the values in it."""
    if len(set(keys)) < 2:
        return []
    found = []
    for key in sorted(set(keys)):
        places = tuple(place for place, own in enumerate(keys) if own == key)
        inside = [values[place] for place in places]
        found.append(Band(by, _name(min(inside), max(inside), unit), places))
    return found


def _name(low: int, high: int, unit: str) -> str:
    return f"{low} to {high} {unit}" if low < high else counted(low, unit.removesuffix("s"))


def shown_output(task: Task, pair: Pair[Any, Any]) -> str:
    """A prediction as text: the summary, the chosen sentences, or the first documents."""
    if task.kind == "labels":
        return _sentences(pair.source, pair.prediction)
    if task.kind == "ranking":
        return _documents(task, pair.prediction)
    return str(pair.prediction)


def shown_target(task: Task, example: Example) -> list[str]:
    """What is right for an example, as texts: the references, marked sentences or documents."""
    target: Any = example.target
    if task.kind == "labels":
        return [_sentences(example.source, target)]
    if task.kind == "ranking":
        return [_documents(task, sorted(target))]
    return list(target)


def _sentences(source: Sequence[str], labels: Sequence[int]) -> str:
    """The chosen sentences; their numbers (from 0) where the source is not split."""
    chosen = [place for place, label in enumerate(labels) if label]
    if len(source) == len(labels):
        return " ".join(source[place].strip() for place in chosen)
    return "sentences " + ", ".join(map(str, chosen)) if chosen else ""


def _documents(task: Task, names: Sequence[str]) -> str:
    shown = [f"{name}: {task.pool.get(name, '')}" for name in names[:SHOWN_DOCUMENTS]]
    return "\n".join(shown)
