"""The page of one paper: source, references, and what every system said, marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from markupsafe import Markup, escape

from tldr_bench.analysis.bands import shown_output, shown_target
from tldr_bench.kinds import Pair, References
from tldr_bench.page import marks, words
from tldr_bench.page.examples import Examples
from tldr_bench.task import Example

MOST_OUTPUTS = 60
"""A page shows so many outputs, of the best systems; its JSON has all."""
MOST_TEXT = 4000
"""Characters of an output that a page shows."""


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
        outputs = [
            self._output(at + 1, number, place, marker)
            for at, number in enumerate(order[:MOST_OUTPUTS])
        ]
        return ExampleView(
            id=example.id,
            file=self._examples.files[example.id],
            title=words.paper_title(example.title, example.id),
            number=place + 1,
            of=len(task.examples),
            source=tuple(_sentences(example, task.kind)),
            source_words=sum(len(text.split()) for text in example.source),
            targets=tuple(self._targets(example)),
            outputs=tuple(outputs),
            more=len(order) - len(outputs),
            sorts=tuple(self._sorts),
            beside=tuple(self._beside),
            marked=marker is not None,
            neighbours=self._neighbours(place),
        )

    @cached_property
    def _sorts(self) -> list[str]:
        many = len({name.partition(".")[0] for name in self._examples.scores}) > 1
        titles = [
            f"{words.long_name(name)}, {words.metric_title(self._board, name.partition('.')[0])}"
            if many
            else words.long_name(name)
            for name in self._examples.scores
        ]
        return [*titles, *(["Words"] if self._board.task.kind == "summary" else [])]

    @cached_property
    def _beside(self) -> list[int]:
        scores = list(self._examples.scores)
        return [scores.index(name) for name in self._shown] + list(
            range(len(scores), len(self._sorts))
        )

    @cached_property
    def _shown(self) -> list[str]:
        """The scores beside an output: those of the primary metric."""
        metric = self._board.task.spec.primary.partition(".")[0]
        return [name for name in self._examples.scores if name.partition(".")[0] == metric][:4]

    def _output(self, at: int, number: int, place: int, marker: _Marker | None) -> Output:
        pair = self._examples.pairs[number][place]
        text = shown_output(self._board.task, pair)
        marked = marker.mark(pair) if marker else marks.Marked(escape(text[:MOST_TEXT]), 0, ())
        count = len(text.split())
        several = len(pair.target) > 1 if marker else False
        keys = [self._examples.figures[name][number][place] for name in self._examples.scores]
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

    def _score_texts(self, number: int, place: int, count: int | None) -> Iterator[ScoreText]:
        for name in self._shown:
            value = self._examples.figures[name][number][place]
            yield ScoreText(words.short_name(name), "–" if value == "-" else value)
        if count is not None:
            yield ScoreText("words", str(count))

    def _targets(self, example: Example) -> Iterator[Target]:
        texts = shown_target(self._board.task, example)
        if self._board.task.kind != "summary":
            label = "Marked sentences" if self._board.task.kind == "labels" else "Relevant"
            yield from (Target(label, text) for text in texts)
            return
        for place, text in enumerate(texts):
            yield Target(f"Reference {place + 1}" if len(texts) > 1 else "Reference", text)

    def _neighbours(self, place: int) -> Neighbours:
        examples = self._board.task.examples
        before = self._examples.files[examples[place - 1].id] if place else None
        after = self._examples.files[examples[place + 1].id] if place + 1 < len(examples) else None
        return Neighbours(before, after, self._examples.widest)


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


def _sentences(example: Example, kind: str) -> Iterator[Sentence]:
    labels: Any = example.target if kind == "labels" else example.labels
    for place, text in enumerate(example.source):
        yield Sentence(text, len(labels) == len(example.source) and labels[place] == 1)
