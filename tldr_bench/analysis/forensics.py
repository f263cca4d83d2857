"""suspicions(task, aligned, others): what looks wrong in a submission, each with its evidence.

A suspicion is a warning to a person, never a verdict: it changes no score and no exit status. The
one exception is `misplaced`: a file that comes in by position is refused when another reading fits
better (see `placement.better_reading`).

What a submission declares about itself excuses what it says openly: a baseline may be a template or
look at the answers, a person's text may be a reference. It does not excuse a wrong order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tldr_bench.align import Aligned
from tldr_bench.analysis import copies, repeats
from tldr_bench.analysis.placement import Fits, Reading, better_order, better_reading, foreign, tops
from tldr_bench.errors import shown
from tldr_bench.submission import SystemType
from tldr_bench.task import Task

Kind = Literal[
    "misplaced",
    "other-split",
    "sorted",
    "duplicated",
    "template",
    "empty",
    "truncated",
    "copied-references",
    "copied-system",
    "copied-source",
]


@dataclass(frozen=True)
class Suspicion:
    """One thing that looks wrong."""

    kind: Kind
    message: str
    """What was seen, with figures and an example, in one line."""
    rows: tuple[str, ...]
    """The ids of the examples that show it, in the task's order."""


def suspicions(
    task: Task,
    aligned: Aligned,
    others: Mapping[str, Aligned] | None = None,
    declared: SystemType | None = None,
    papers: list[set[bytes]] | None = None,
) -> list[Suspicion]:
    """Everything that looks wrong in these predictions.

    `others` are other systems' predictions for the task, by name; `declared` is the `type` of the
    submission; `papers` are `words_of_papers`, where they are known already. Takes about 20 ms for
    618 abstracts.
    """
    case = _Case(task, aligned, others or {}, declared, papers)
    if task.kind == "summary":
        return list(_summaries(case))
    return list(_rankings(case) if task.kind == "ranking" else _labels(case))


@dataclass(frozen=True)
class _Case:
    """A submission under the lens."""

    task: Task
    aligned: Aligned
    others: Mapping[str, Aligned]
    declared: SystemType | None
    papers: list[set[bytes]] | None

    @property
    def open(self) -> bool:
        """Whether it declares itself as no system: a baseline or people."""
        return self.declared in ("baseline", "human")

    def found(self, kind: Kind, message: str, rows: Sequence[int]) -> Suspicion:
        """A suspicion about the examples in these rows."""
        ids = [example.id for example in self.task.examples]
        return Suspicion(kind, message, tuple(ids[row] for row in sorted(rows)))

    def count(self, rows: Sequence[int]) -> str:
        """`12 of 618 predictions (the first for 'p1')`."""
        first = shown(self.task.examples[min(rows)].id)
        return f"{len(rows)} of {len(self.task.examples)} predictions (the first is for {first})"


def _summaries(case: _Case) -> Iterator[Suspicion]:
    texts = [pair.prediction for pair in case.aligned.pairs]
    titles = [example.title for example in case.task.examples]
    yield from _places(case, texts)
    yield from _patterns(case, texts)
    if not case.open:
        yield from _copied(case, titles)


# Order -------------------------------------------------------------------------------------------


def _places(case: _Case, texts: Sequence[str]) -> Iterator[Suspicion]:
    fits = Fits(case.task, texts, case.papers)
    reading = better_reading(case.task, texts, fits)
    if reading is not None:
        yield case.found("misplaced", placed(case.task, reading), list(reading.moved))
    elif rows := foreign(fits):
        message = (
            f"{case.count(rows)} share almost no specific word with their paper, and no other paper "
            "of the task fits them: are they of another split or data set?"
        )
        yield case.found("other-split", message, rows)
    if repeats.alphabetical(texts):
        message = "the predictions ascend alphabetically from the first example to the last: were they sorted?"
        yield case.found("sorted", message, range(len(texts)))


def placed(task: Task, reading: Reading) -> str:
    """A reading that fits better, in one line with an example."""
    row = min(reading.moved)
    example, paper = task.examples[row].id, task.examples[reading.moved[row]].id
    rows = sorted(reading.moved)
    part = (
        f" (rows {rows[0] + 1} to {rows[-1] + 1})"
        if rows[-1] - rows[0] < 0.9 * len(task.examples)
        else ""
    )
    return (
        f"{len(rows)} of {len(task.examples)} predictions{part} are about other papers, {reading.own} fit "
        f"their own: the file looks {reading.order}. The prediction for {shown(example)} is "
        f"about {shown(paper)}"
    )


# Patterns ----------------------------------------------------------------------------------------


def _patterns(case: _Case, texts: Sequence[str]) -> Iterator[Suspicion]:
    if rows := repeats.empty(texts):
        to_the_end = " (all rows to the end)" if rows == list(range(rows[0], len(texts))) else ""
        yield case.found("empty", f"{case.count(rows)} are empty{to_the_end}", rows)
    if broken := repeats.cut(texts):
        how, rows = broken
        text = shown(texts[rows[0]][-40:])
        yield case.found("truncated", f"{case.count(rows)} {how}: … {text}", rows)
    block = repeats.duplicated_block(texts)
    if block is not None:
        message = (
            f"rows {block.first + 1} to {block.first + block.length} repeat the predictions of rows "
            f"{block.original + 1} to {block.original + block.length}"
        )
        yield case.found("duplicated", message, range(block.first, block.first + block.length))
    if not case.open:
        yield from _templates(case, texts)


def _templates(case: _Case, texts: Sequence[str]) -> Iterator[Suspicion]:
    repeated = repeats.constant(texts)
    if repeated is not None:
        text, count = repeated
        rows = [row for row, own in enumerate(texts) if own == text]
        message = f"{count} of {len(texts)} predictions are the same text: {shown(text)}"
        yield case.found("template", message, rows)
        return
    form = repeats.template(texts)
    if form is not None:
        message = f"most predictions fill the same form; most have the words {shown(form)}"
        yield case.found("template", message, range(len(texts)))


# Copies ------------------------------------------------------------------------------------------


def _copied(case: _Case, titles: Sequence[str]) -> Iterator[Suspicion]:
    pairs = case.aligned.pairs
    if rows := copies.copied_references(pairs, titles):
        message = f"{case.count(rows)} repeat a reference that the paper itself does not contain"
        yield case.found("copied-references", message, rows)
    if rows := copies.copied_source(pairs):
        message = f"{case.count(rows)} are the whole source instead of a summary"
        yield case.found("copied-source", message, rows)
    texts = {name: [pair.prediction for pair in other.pairs] for name, other in case.others.items()}
    for system, rows in copies.same_system(pairs, titles, texts).items():
        message = f"{len(rows)} of {len(pairs)} predictions are word for word those of {system}"
        yield case.found("copied-system", message, rows)


# Rankings and labels -----------------------------------------------------------------------------


def _rankings(case: _Case) -> Iterator[Suspicion]:
    rankings = [pair.prediction for pair in case.aligned.pairs]
    answers = [pair.target for pair in case.aligned.pairs]
    moved = tops(rankings, answers)
    hits = sum(
        bool(ranked) and ranked[0] in right for ranked, right in zip(rankings, answers, strict=True)
    )
    reading = better_order(case.task, moved, hits)
    if reading is not None:
        yield case.found("misplaced", placed(case.task, reading), list(reading.moved))
    if not case.open:
        yield from _unvaried(case, rankings)
        yield from _equal_systems(case)


def _labels(case: _Case) -> Iterator[Suspicion]:
    chosen = [pair.prediction for pair in case.aligned.pairs]
    if case.open:
        return
    nothing = [row for row, labels in enumerate(chosen) if not any(labels)]
    if len(nothing) >= max(repeats.FEWEST, repeats.SHARE * len(chosen)):
        yield case.found("empty", f"{case.count(nothing)} choose no sentence", nothing)
    right = [row for row, pair in enumerate(case.aligned.pairs) if pair.prediction == pair.target]
    if len(right) >= max(20, 0.95 * len(chosen)):
        message = f"{case.count(right)} are exactly the marked sentences"
        yield case.found("copied-references", message, right)
    yield from _equal_systems(case)


def _unvaried(case: _Case, rankings: Sequence[tuple[str, ...]]) -> Iterator[Suspicion]:
    ranked, count = Counter(rankings).most_common(1)[0]
    if count >= max(repeats.FEWEST, repeats.SAME * len(rankings)):
        rows = [row for row, own in enumerate(rankings) if own == ranked]
        what = f"rank the same documents, {shown(ranked[0])} first" if ranked else "are empty"
        yield case.found("template" if ranked else "empty", f"{case.count(rows)} {what}", rows)


def _equal_systems(case: _Case) -> Iterator[Suspicion]:
    own = [pair.prediction for pair in case.aligned.pairs]
    for system, other in case.others.items():
        equal = [row for row, pair in enumerate(other.pairs) if pair.prediction == own[row]]
        if len(equal) == len(own) >= repeats.FEWEST:
            yield case.found(
                "copied-system", f"all {len(own)} predictions are those of {system}", equal
            )
