"""The page of one paper: source, references, and what every system said, marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from markupsafe import Markup, escape

from tldr_bench.analysis.bands import SHOWN_DOCUMENTS, shown_output, shown_target
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.page import marks, words
from tldr_bench.page.examples import Examples
from tldr_bench.task import Example, Task

MOST_OUTPUTS = 60
"""A page shows so many outputs, of the best systems; its JSON has all."""
MOST_TEXT = 4000
"""Characters of an output that a page shows."""
MOST_DOCUMENT = 200
"""Characters of a document that was found."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the source."""

    text: str
    oracle: bool


@dataclass(frozen=True)
class Target:
    """A reference, or another right answer."""

    label: str
    text: str


@dataclass(frozen=True)
class ScoreText:
    """One score of one output, as it is shown."""

    label: str
    value: str


@dataclass(frozen=True)
class Headings:
    """What the parts of the page are called, which differs by kind of task."""

    answer: str
    given: str
    did: str


HEADINGS: Mapping[KindName, Headings] = {
    "summary": Headings("Reference", "Source", "said"),
    "labels": Headings("Marked sentences", "Source", "chose"),
    "ranking": Headings("Relevant", "Query", "found"),
}


@dataclass(frozen=True)
class Output:
    """What one system said of the paper."""

    place: int
    system: str
    name: str
    html: Markup
    scores: tuple[ScoreText, ...]
    keys: str
    """All scores in points, for the script to sort by, in the order of `sorts`."""
    against: str
    """The reference that the marks are about, where there are several."""
    strange: str
    empty: bool
    cut: bool
    """Whether it goes on: the whole text is in the JSON."""


@dataclass(frozen=True)
class Neighbours:
    """Where the reader may go next; file names beside the page."""

    previous: str | None
    next: str | None
    widest: str


@dataclass(frozen=True)
class ExampleView:
    """A paper as its page shows it."""

    id: str
    file: str
    title: str
    headings: Headings
    number: int
    of: int
    source: tuple[Sentence, ...]
    source_words: int
    targets: tuple[Target, ...]
    outputs: tuple[Output, ...]
    more: int
    """Outputs that are in the JSON only."""
    sorts: tuple[str, ...]
    beside: tuple[int, ...]
    """Places in `sorts` of what stands beside every output; the script adds any other chosen one."""
    marked: bool
    counted: bool
    """Whether the board counts outputs with new names and numbers, which is by another rule."""
    neighbours: Neighbours


def example_views(examples: Examples) -> Iterator[ExampleView]:
    """The page of every paper, in the order of the data."""
    return map(_Pages(examples).view, range(len(examples.board.task.examples)))


class _Pages:
    """Makes one page after the other; what they share is made once."""

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self._board = examples.board

    def view(self, place: int) -> ExampleView:
        """The page of one paper."""
        task = self._board.task
        example = task.examples[place]
        marker = _Marker(example) if task.kind == "summary" else None
        order = self._examples.order(place)
        shown = enumerate(order[:MOST_OUTPUTS], start=1)
        return ExampleView(
            id=example.id,
            file=self._examples.files[example.id],
            title=words.paper_title(example.title, example.id),
            headings=HEADINGS[task.kind],
            number=place + 1,
            of=len(task.examples),
            source=tuple(_sentences(example, task.kind)),
            source_words=sum(len(text.split()) for text in example.source),
            targets=tuple(self._targets(example)),
            outputs=tuple(self._output(at, number, place, marker) for at, number in shown),
            more=max(0, len(order) - MOST_OUTPUTS),
            sorts=tuple(self._sorts),
            beside=tuple(self._beside),
            marked=marker is not None,
            counted=any(metric.name == "describe" for metric in task.metrics.values()),
            neighbours=self._neighbours(place),
        )

    @cached_property
    def _scores(self) -> list[str]:
        """The scores that any system has; that by which the outputs stand at first is the first."""
        primary = self._board.task.spec.primary
        return sorted(self._examples.scores, key=lambda name: name != primary)

    @cached_property
    def _sorts(self) -> list[str]:
        many = len({name.partition(".")[0] for name in self._scores}) > 1
        titles = [
            f"{words.long_name(name)}, {words.metric_title(self._board, name.partition('.')[0])}"
            if many
            else words.long_name(name)
            for name in self._scores
        ]
        return [*titles, *(["words, between blanks"] if self._board.task.kind == "summary" else [])]

    @cached_property
    def _beside(self) -> list[int]:
        scores = self._scores
        return [scores.index(name) for name in self._shown] + list(
            range(len(scores), len(self._sorts))
        )

    @cached_property
    def _shown(self) -> list[str]:
        """The scores beside an output: those of the primary metric."""
        metric = self._board.task.spec.primary.partition(".")[0]
        return [name for name in self._scores if name.partition(".")[0] == metric][:4]

    def _output(self, at: int, number: int, place: int, marker: _Marker | None) -> Output:
        pair = self._examples.pairs[number][place]
        text = self._text(pair)
        marked = marker.mark(pair) if marker else marks.Marked(escape(text[:MOST_TEXT]), 0, ())
        count = len(text.split())
        several = len(pair.target) > 1 if marker else False
        keys = [self._examples.figures[name][number][place] for name in self._scores]
        return Output(
            place=at,
            system=self._board.scored[number].submission.system,
            name=self._examples.names[number],
            html=marked.html,
            scores=tuple(self._score_texts(number, place, count if marker else None)),
            keys=" ".join([*keys, *([str(count)] if marker else [])]),
            against=marker.label(pair, marked.reference) if marker and several else "",
            strange=", ".join(marked.strange),
            empty=not text.strip(),
            cut=len(text) > MOST_TEXT,
        )

    def _text(self, pair: Pair[Any, Any]) -> str:
        task = self._board.task
        if task.kind == "ranking":
            return _found(task, pair)
        if task.kind == "labels" and len(pair.source) == len(pair.prediction):
            return _chosen(pair.source, pair.prediction)
        return shown_output(task, pair)

    def _score_texts(self, number: int, place: int, count: int | None) -> Iterator[ScoreText]:
        for name in self._shown:
            value = self._examples.figures[name][number][place]
            yield ScoreText(words.short_name(name), "–" if value == "-" else value)
        if count is not None:
            yield ScoreText("words", str(count))

    def _targets(self, example: Example) -> Iterator[Target]:
        texts = shown_target(self._board.task, example)
        for place, text in enumerate(texts):
            yield Target(f"Reference {place + 1}" if len(texts) > 1 else "", text)

    def _neighbours(self, place: int) -> Neighbours:
        examples = self._board.task.examples
        before = self._examples.files[examples[place - 1].id] if place else None
        after = self._examples.files[examples[place + 1].id] if place + 1 < len(examples) else None
        return Neighbours(before, after, self._examples.widest)


def _found(task: Task, pair: Pair[Any, Any]) -> str:
    """The first documents of a ranking, one a line; those that are relevant say so."""
    lines = [
        f"{place}. {name}{' (relevant)' if name in pair.target else ''}: "
        f"{_short(task.pool.get(name, ''))}"
        for place, name in enumerate(pair.prediction[:SHOWN_DOCUMENTS], start=1)
    ]
    more = len(pair.prediction) - len(lines)
    return "\n".join([*lines, *([f"and {more:,} more"] if more > 0 else [])])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_DOCUMENT else line[: MOST_DOCUMENT - 1] + "…"


def _chosen(source: Sequence[str], labels: Sequence[int]) -> str:
    """The chosen sentences, one a line, with their numbers as the page has them beside the source."""
    return "\n".join(
        f"{place}. {text.strip()}"
        for place, (text, label) in enumerate(zip(source, labels, strict=True), start=1)
        if label
    )


class _Marker:
    """Marks the outputs for one paper: source and references are read once."""

    def __init__(self, example: Example) -> None:
        self._known = marks.vocabulary(example.source)
        self._texts = cast("References", example.target)
        self._references = {text: marks.read(text) for text in self._texts}

    def mark(self, pair: Pair[Any, Any]) -> marks.Marked:
        """The output, against the references that it was scored against."""
        references = [self._references[text] for text in pair.target]
        return marks.mark(marks.read(pair.prediction[:MOST_TEXT]), references, self._known)

    def label(self, pair: Pair[Any, Any], reference: int) -> str:
        """What the page calls the reference."""
        return f"reference {self._texts.index(pair.target[reference]) + 1}"


def _sentences(example: Example, kind: KindName) -> Iterator[Sentence]:
    """The sentences of the source; a query has no oracle, whatever else its row holds."""
    labels: Any = {"summary": example.labels, "labels": example.target, "ranking": ()}[kind]
    for place, text in enumerate(example.source):
        yield Sentence(text, len(labels) == len(example.source) and labels[place] == 1)
