"""Near twins across splits: papers of a task that a system may have seen in training.

Two papers are near twins when their titles are the same or when the word 5-grams of their texts
overlap by a Jaccard index of 0.3 or more (Broder, "On the resemblance and containment of documents",
1997). A text counts as far as its first 1,000 words: an abstract whole, a full text's beginning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tldr_bench.errors import DataError, Problem, TldrBenchError, UsageError
from tldr_bench.task import Example, Task
from tldr_bench.words import letters, words

NGRAM = 5
THRESHOLD = 0.3
WORDS = 1000


@dataclass(frozen=True, slots=True)
class Twin:
    """Another paper that is nearly this one."""

    task: str
    id: str
    jaccard: float
    """Of the texts' 5-grams; may be below the threshold where the titles are the same."""
    same_title: bool


@dataclass(frozen=True)
class SplitCheck:
    """What comparing a task with another split of its data gave."""

    task: str
    """The other split."""
    papers: int = 0
    """How many papers it has."""
    twins: Mapping[str, Twin] = field(default_factory=dict)
    """Id of one of our papers -> its nearest twin there."""
    not_checked: str = ""
    """Why it could not be compared, if so."""


class TwinFinder:
    """An index of one task's papers; memory grows with them, not with what they are compared to."""

    def __init__(self, task: Task) -> None:
        self._sizes: dict[str, int] = {}
        self._papers: dict[int, list[str]] = {}
        self._titles: dict[str, list[str]] = {}
        for example in task.examples:
            grams = ngrams(example)
            self._sizes[example.id] = len(grams)
            for gram in grams:
                self._papers.setdefault(gram, []).append(example.id)
            title = letters(example.title)
            if title:
                self._titles.setdefault(title, []).append(example.id)

    def twins(self, task_id: str, others: Iterable[Example]) -> dict[str, Twin]:
        """For each of our papers that has one: its nearest twin among the others."""
        nearest: dict[str, Twin] = {}
        for other in others:
            for own, twin in self._of(task_id, other):
                known = nearest.get(own)
                if known is None or _nearness(twin) > _nearness(known):
                    nearest[own] = twin
        return nearest

    def _of(self, task_id: str, other: Example) -> Iterable[tuple[str, Twin]]:
        grams = ngrams(other)
        shared = Counter(own for gram in grams for own in self._papers.get(gram, ()))
        titled = self._titles.get(letters(other.title), []) if other.title else []
        for own in {**dict.fromkeys(titled), **shared}:
            jaccard = shared[own] / max(self._sizes[own] + len(grams) - shared[own], 1)
            if jaccard >= THRESHOLD or own in titled:
                yield own, Twin(task_id, other.id, jaccard, own in titled)


def _nearness(twin: Twin) -> tuple[float, bool, str]:
    return twin.jaccard, twin.same_title, twin.id


def ngrams(example: Example) -> set[int]:
    """Hashes of the word 5-grams at the beginning of a paper; of a shorter text, all its words as one."""
    found = words(" ".join(example.source))[:WORDS]
    last = max(len(found) - NGRAM, 0)
    return {hash(tuple(found[at : at + NGRAM])) for at in range(last + 1)} if found else set()


def check_splits(task: Task, load: Callable[[str], Task]) -> list[SplitCheck]:
    """The task compared with each of the splits that it names; `load` gives a task by id."""
    if task.kind == "ranking" or not task.spec.splits:
        return []
    finder = TwinFinder(task)
    return [_check(finder, name, load) for name in task.spec.splits]


def _check(finder: TwinFinder, name: str, load: Callable[[str], Task]) -> SplitCheck:
    try:
        other = load(name)
    except TldrBenchError as error:
        return SplitCheck(name, not_checked=str(error).removeprefix(f"{name}: "))
    return SplitCheck(name, len(other.examples), finder.twins(name, other.examples))


def leaked(task: Task, checks: Iterable[SplitCheck]) -> set[str]:
    """Ids of the papers with a near twin in another split.

    Raises UsageError when the task names no other split, DataError when one could not be compared:
    "none found" must not stand for "not looked".
    """
    checks = list(checks)
    if not checks:
        raise UsageError(
            f"{task.id} names no other splits (splits: in its task.yaml), so nothing can be said about "
            "leakage"
        )
    unknown = [
        Problem(check.task, None, check.not_checked) for check in checks if check.not_checked
    ]
    if unknown:
        raise DataError(unknown)
    return {own for check in checks for own in check.twins}
