"""The pages of a task's papers: source, references, and what every system said, marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from markupsafe import Markup, escape

from tldr_bench.align import align
from tldr_bench.analysis.bands import shown_output, shown_target
from tldr_bench.kinds import Pair, References
from tldr_bench.leaderboard import Board
from tldr_bench.page import marks, words
from tldr_bench.page.lengths import mean_length
from tldr_bench.page.links import file_names
from tldr_bench.page.units import written
from tldr_bench.page.wins import per_example
from tldr_bench.task import Example

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    marked: bool
    neighbours: Neighbours


@dataclass(frozen=True)
class Entry:
    """A paper in the list of all."""

    number: int
    id: str
    file: str
    title: str
    mean: str
    low: str
    high: str
    spread: str
    best: str


class Examples:
    """All papers of a board: reads every output once, and marks them paper by paper."""

    def __init__(self, board: Board) -> None:
        self.board = board
        task = board.task
        self.files = file_names(task.by_id)
        self._names = [item.submission.spec.name for item in board.scored]
        self._pairs = [align(task, item.submission).pairs for item in board.scored]
        self._scores = [
            name for name in board.score_names if any(self._has(n, name) for n in self._systems)
        ]

    @property
    def _systems(self) -> range:
        return range(len(self.board.scored))

    def _has(self, number: int, score: str) -> bool:
        return self.board.value(number, score) is not None

    @cached_property
    def lengths(self) -> list[float]:
        """The mean length of every system's predictions; nothing for a ranking."""
        if self.board.task.kind == "ranking":
            return []
        return [mean_length(self.board.task.kind, pairs) for pairs in self._pairs]

    @cached_property
    def _values(self) -> Mapping[str, list[NDArray[np.float64] | None]]:
        """Score -> a column per system, or None."""
        return {
            name: [
                per_example(self.board, number, name) if self._has(number, name) else None
                for number in self._systems
            ]
            for name in self._scores
        }

    @cached_property
    def _primary(self) -> NDArray[np.float64]:
        """(systems with the primary score, papers)."""
        columns = self._values.get(self.board.task.spec.primary, [])
        table = [column for column in columns if column is not None]
        return np.array(table).reshape(-1, len(self.board.task.examples))

    @cached_property
    def _spread(self) -> NDArray[np.float64]:
        if not len(self._primary):
            return np.zeros(len(self.board.task.examples))
        return np.asarray(self._primary.max(axis=0) - self._primary.min(axis=0))

    @property
    def widest(self) -> str:
        """The page of the paper on which systems differ most."""
        return self.files[self.board.task.examples[int(self._spread.argmax())].id]

    # The list of all papers ----------------------------------------------------------------------

    def entries(self) -> tuple[Entry, ...]:
        """Every paper with the mean and spread of the primary score."""
        return tuple(map(self._entry, range(len(self.board.task.examples))))

    def _entry(self, place: int) -> Entry:
        example = self.board.task.examples[place]
        values = self._primary[:, place].tolist()
        known = bool(values)
        return Entry(
            number=place + 1,
            id=example.id,
            file=self.files[example.id],
            title=_title(example),
            mean=written(math.fsum(values) / len(values)) if known else "–",
            low=written(min(values)) if known else "–",
            high=written(max(values)) if known else "–",
            spread=written(float(self._spread[place])) if known else "–",
            best=self._best(place),
        )

    def _best(self, place: int) -> str:
        primary = self.board.task.spec.primary
        known = [number for number in self._systems if self._has(number, primary)]
        if not known:
            return "–"
        column = self._primary[:, place]
        at = column.argmin() if self.board.direction(primary) == "lower" else column.argmax()
        return self._names[known[int(at)]]

    # One paper -----------------------------------------------------------------------------------

    def views(self) -> Iterator[ExampleView]:
        """The page of every paper, in the order of the data."""
        return map(self.view, range(len(self.board.task.examples)))

    def view(self, place: int) -> ExampleView:
        """The page of one paper."""
        task = self.board.task
        example = task.examples[place]
        marker = _Marker(example) if task.kind == "summary" else None
        order = self._order(place)
        outputs = [
            self._output(at + 1, number, place, marker)
            for at, number in enumerate(order[:MOST_OUTPUTS])
        ]
        return ExampleView(
            id=example.id,
            file=self.files[example.id],
            title=_title(example),
            number=place + 1,
            of=len(task.examples),
            source=tuple(_sentences(example, task.kind)),
            source_words=sum(len(text.split()) for text in example.source),
            targets=tuple(self._targets(example)),
            outputs=tuple(outputs),
            more=len(order) - len(outputs),
            sorts=tuple(self._sorts),
            marked=marker is not None,
            neighbours=self._neighbours(place),
        )

    def _order(self, place: int) -> list[int]:
        """Systems by the primary score on this paper, best first; equal ones as on the board."""
        primary = self.board.task.spec.primary
        sign = 1 if self.board.direction(primary) == "lower" else -1
        columns = self._values.get(primary, [None] * len(self._names))

        def key(number: int) -> tuple[bool, float]:
            column = columns[number]
            return column is None, 0.0 if column is None else sign * float(column[place])

        return sorted(self._systems, key=key)

    @cached_property
    def _sorts(self) -> list[str]:
        many = len({name.partition(".")[0] for name in self._scores}) > 1
        titles = [
            f"{words.long_name(name)}, {words.metric_title(self.board, name.partition('.')[0])}"
            if many
            else words.long_name(name)
            for name in self._scores
        ]
        return [*titles, *(["Words"] if self.board.task.kind == "summary" else [])]

    @cached_property
    def _shown(self) -> list[str]:
        """The scores beside an output: those of the primary metric."""
        metric = self.board.task.spec.primary.partition(".")[0]
        return [name for name in self._scores if name.partition(".")[0] == metric][:4]

    def _output(self, at: int, number: int, place: int, marker: _Marker | None) -> Output:
        pair = self._pairs[number][place]
        text = shown_output(self.board.task, pair)
        marked = marker.mark(pair) if marker else marks.Marked(escape(text[:MOST_TEXT]), 0, ())
        count = len(text.split())
        several = len(pair.target) > 1 if marker else False
        keys = [self._key(name, number, place) for name in self._scores]
        return Output(
            place=at,
            system=self.board.scored[number].submission.system,
            name=self._names[number],
            html=marked.html,
            scores=tuple(self._score_texts(number, place, count if marker else None)),
            keys=" ".join([*keys, *([str(count)] if marker else [])]),
            against=marker.label(pair, marked.reference) if marker and several else "",
            strange=", ".join(marked.strange),
            empty=not text.strip(),
            cut=len(text) > MOST_TEXT,
        )

    def _key(self, name: str, number: int, place: int) -> str:
        column = self._values[name][number]
        return "-" if column is None else written(float(column[place]), self.board.factor(name))

    def _score_texts(self, number: int, place: int, count: int | None) -> Iterator[ScoreText]:
        for name in self._shown:
            value = self._key(name, number, place)
            yield ScoreText(words.short_name(name), "–" if value == "-" else value)
        if count is not None:
            yield ScoreText("words", str(count))

    def _targets(self, example: Example) -> Iterator[Target]:
        texts = shown_target(self.board.task, example)
        if self.board.task.kind != "summary":
            label = "Marked sentences" if self.board.task.kind == "labels" else "Relevant"
            yield from (Target(label, text) for text in texts)
            return
        for place, text in enumerate(texts):
            yield Target(f"Reference {place + 1}" if len(texts) > 1 else "Reference", text)

    def _neighbours(self, place: int) -> Neighbours:
        examples = self.board.task.examples
        before = self.files[examples[place - 1].id] if place else None
        after = self.files[examples[place + 1].id] if place + 1 < len(examples) else None
        return Neighbours(before, after, self.widest)

    def record(self, place: int) -> dict[str, Any]:
        """The same for programs: every output with all its scores as fractions."""
        example = self.board.task.examples[place]
        return {
            "schema": "tldr-bench/example/1",
            "task": self.board.task.id,
            "id": example.id,
            "title": example.title,
            "source": list(example.source),
            "labels": list(example.labels),
            "targets": shown_target(self.board.task, example),
            "outputs": {
                item.submission.system: self._output_record(number, place)
                for number, item in enumerate(self.board.scored)
            },
        }

    def _output_record(self, number: int, place: int) -> dict[str, Any]:
        prediction = self._pairs[number][place].prediction
        scores = {name: self._values[name][number] for name in self._scores}
        return {
            "prediction": prediction if isinstance(prediction, str) else list(prediction),
            "scores": {
                name: float(column[place]) for name, column in scores.items() if column is not None
            },
        }


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


def _title(example: Example) -> str:
    return " ".join(example.title.split()) or example.id


def _sentences(example: Example, kind: str) -> Iterator[Sentence]:
    labels: Any = example.target if kind == "labels" else example.labels
    for place, text in enumerate(example.source):
        yield Sentence(text, len(labels) == len(example.source) and labels[place] == 1)
