"""The data card of a task: what its examples are like, counted."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tldr_bench.data import find_file
from tldr_bench.errors import TldrBenchError
from tldr_bench.kinds import KindName
from tldr_bench.leakage import check_splits
from tldr_bench.measuring import code_digest, reader
from tldr_bench.metrics import describe
from tldr_bench.records import Field, Record
from tldr_bench.store import Store, key_of
from tldr_bench.task import Example, Task
from tldr_bench.workspace import Workspace

TENTHS = 10


class Spread(Record):
    """The least, the middle and the greatest of a set of counts."""

    least: float
    median: float
    most: float
    mean: float


class LabelFacts(Record):
    """Where the marked sentences are."""

    papers: int
    sentences: Spread
    positives: dict[int, int]
    """How many sentences are marked -> in how many papers."""
    positions: list[float]
    """Share of the marked sentences whose middle lies in each tenth of the paper, first to last."""


class TwinFact(Record):
    """A paper with a near twin in another split."""

    id: str
    twin: str
    jaccard: float
    same_title: bool


class SplitFacts(Record):
    """How far another split of the data overlaps with this task."""

    task: str
    papers: int
    twins: list[TwinFact]
    not_checked: str
    """Why it was not compared; empty if it was."""


class Card(Record):
    """What `tldr-bench card --format json` prints."""

    format: Literal["tldr-bench/card/1"] = Field(default="tldr-bench/card/1", alias="schema")
    task: str
    task_version: str
    name: str
    kind: KindName
    examples: int
    source_words: Spread
    source_sentences: Spread | None
    """None where the sources are not split into sentences."""
    targets: dict[int, int]
    """How many targets (or relevant documents) an example has -> how many examples."""
    target_words: Spread | None
    """None for ranking tasks, whose documents are counted instead."""
    novelty: dict[str, float]
    """Share of the targets' distinct words and word pairs that the source does not have; of a ranking
    task, of each relevant document's that the query does not have."""
    labels: LabelFacts | None
    documents: int
    """In the pool of a ranking task."""
    document_words: Spread | None
    """Of every document in the pool once, however many queries it answers; None without a pool."""
    non_ascii: dict[str, float]
    """Share of the `sources`, and of the `targets`, that have a letter or sign beyond ASCII; of a
    ranking task, of the queries (`sources`) and of the `documents` in the pool."""
    duplicates: dict[str, int]
    """Texts of the same kinds that stood in the data before, whatever their blanks."""
    splits: list[SplitFacts]


def card(task: Task, load: Callable[[str], Task]) -> Card:
    """The data card of a task; `load` gives the other splits by their task ids."""
    texts = [_targets(task, example) for example in task.examples]
    targets = [] if task.pool else [text for group in texts for text in group]
    documents = list(task.pool.values())
    split = [len(example.source) for example in task.examples if len(example.source) > 1]
    sources = [" ".join(example.source) for example in task.examples]
    known = {"sources": sources, "targets": targets, "documents": documents}
    counted = {what: found for what, found in known.items() if found}
    return Card(
        task=task.id,
        task_version=task.version,
        name=task.spec.name,
        kind=task.kind,
        examples=len(task.examples),
        source_words=_lengths(sources),
        source_sentences=_spread(split) if split else None,
        targets=dict(sorted(Counter(map(_answers, task.examples)).items())),
        target_words=_lengths(targets) if targets else None,
        novelty=_novelty(sources, texts),
        labels=_label_facts(task),
        documents=len(task.pool),
        document_words=_lengths(documents) if documents else None,
        non_ascii={what: _non_ascii(found) for what, found in counted.items()},
        duplicates={what: _repeats(found) for what, found in counted.items()},
        splits=_split_facts(task, load),
    )


def kept_card(task: Task, workspace: Workspace, store: Store) -> Card:
    """The same card, from the store where it was made before: full texts take seconds.

    A card is made anew when its task, another split's task.yaml, what is on this machine or the code
    that counts changed.
    """
    splits = {name: _SplitState.of(workspace, name) for name in task.spec.splits}
    named = [(example.title, example.labels) for example in task.examples]
    others = [(name, state.key) for name, state in splits.items()]
    code = [reader(), code_digest(Path(describe.__file__).parent)]
    key = key_of("tldr-bench/card/4", code, task.id, task.spec.name, task.version, named, others)
    if found := store.find(key):
        with contextlib.suppress(ValueError):  # whatever else it may hold
            return Card.model_validate_json(found.body)
    start = time.perf_counter()
    made = card(task, workspace.task)
    if all(splits[one.task].missing or not one.not_checked for one in made.splits):
        store.keep(key, made.model_dump_json(by_alias=True).encode(), time.perf_counter() - start)
    return made


class _SplitState(NamedTuple):
    """Another split of the data, as it stands on this machine."""

    key: str
    """All that is compared with: data are pinned, so that task.yaml says which they are."""
    missing: bool
    """Whether there is nothing that could be read: no such task, or its file is nowhere."""

    @classmethod
    def of(cls, workspace: Workspace, name: str) -> _SplitState:
        """The state of the split that is the task of this name."""
        try:
            spec = workspace.task_file(name)
        except TldrBenchError as error:
            return cls(str(error), True)
        file = find_file(spec.data, workspace.task_folder(name))
        return cls(f"{spec.model_dump_json()} {file}", bool(spec.data.path) and not file)


def _targets(task: Task, example: Example) -> Sequence[str]:
    """The texts that people wrote: references, or the relevant documents."""
    target: Any = example.target
    if task.kind == "labels":
        return example.references
    return [task.pool[name] for name in target] if task.kind == "ranking" else target


def _answers(example: Example) -> int:
    target: Any = example.target
    return len(example.references if isinstance(target, tuple) and example.references else target)


def _length(text: str) -> int:
    """Words between blanks, as every page of the site counts the length of a text."""
    return len(text.split())


def _lengths(texts: Sequence[str]) -> Spread:
    return _spread([_length(text) for text in texts])


def _spread(counts: Sequence[int]) -> Spread:
    return Spread(
        least=min(counts),
        median=statistics.median(counts),
        most=max(counts),
        mean=round(statistics.fmean(counts), 4),
    )


def _non_ascii(texts: Sequence[str]) -> float:
    return sum(not text.isascii() for text in texts) / len(texts)


def _repeats(texts: Sequence[str]) -> int:
    """Texts that stood before, whatever their blanks, as `task.same` has it of documents."""
    return len(texts) - len({" ".join(text.split()) for text in texts})


def _novelty(sources: Sequence[str], texts: Sequence[Sequence[str]]) -> dict[str, float]:
    """Mean over the targets of the share of their n-grams that is new (See et al., 2017, figure 6).

    As `describe.novelty1` and `novelty2` count it: a target is like a prediction there.
    """
    shares: dict[int, list[float]] = {1: [], 2: []}
    for source, group in zip(sources, texts, strict=True):
        for n, found in shares.items():
            known = _ngrams(source, n)
            for grams in filter(None, (_ngrams(text, n) for text in group)):
                found.append(len(grams - known) / len(grams))
    names = {1: "words", 2: "pairs"}
    return {names[n]: statistics.fmean(found) for n, found in shares.items() if found}


def _ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    found = describe.words(text)
    return {found[at : at + n] for at in range(len(found) - n + 1)}


def _label_facts(task: Task) -> LabelFacts | None:
    known: list[Any] = [
        example.target if task.kind == "labels" else example.labels for example in task.examples
    ]
    labelled = [labels for labels in known if labels]
    if task.kind == "ranking" or not labelled:
        return None
    # By the sentence's middle: by its beginning, the last tenth would be empty in every short paper.
    tenths = Counter(
        (2 * at + 1) * TENTHS // (2 * len(labels))
        for labels in labelled
        for at, one in enumerate(labels)
        if one
    )
    return LabelFacts(
        papers=len(labelled),
        sentences=_spread([len(labels) for labels in labelled]),
        positives=dict(sorted(Counter(map(sum, labelled)).items())),
        positions=[tenths[tenth] / max(tenths.total(), 1) for tenth in range(TENTHS)],
    )


def _split_facts(task: Task, load: Callable[[str], Task]) -> list[SplitFacts]:
    return [
        SplitFacts(
            task=check.task,
            papers=check.papers,
            twins=[
                TwinFact(
                    id=own, twin=twin.id, jaccard=round(twin.jaccard, 4), same_title=twin.same_title
                )
                for own, twin in sorted(check.twins.items())
            ],
            not_checked=check.not_checked,
        )
        for check in check_splits(task, load)
    ]
