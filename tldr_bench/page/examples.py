"""A task's papers: what every system said and scored on each, and the list of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tldr_bench.analysis.bands import shown_target
from tldr_bench.leaderboard import Board
from tldr_bench.page import words
from tldr_bench.page.lengths import mean_length
from tldr_bench.page.links import file_names
from tldr_bench.page.units import written
from tldr_bench.page.wins import per_example
from tldr_bench.result import gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """All papers of a board: every output is read once. `place` counts papers, `number` systems."""

    def __init__(self, board: Board) -> None:
        self.board = board
        task = board.task
        self.files = file_names(task.by_id)
        """Example id -> stem of its page."""
        self.names = [item.submission.spec.name for item in board.scored]
        self.pairs = [board.aligned(number).pairs for number in self._systems]
        """Of every system, in the order of the papers."""
        self.scores = [
            name for name in board.score_names if any(self._has(n, name) for n in self._systems)
        ]
        """The scores that any system has."""

    @property
    def _systems(self) -> range:
        return range(len(self.board.scored))

    def _has(self, number: int, score: str) -> bool:
        """Whether a system has this score on every paper, and not one figure for all of them."""
        if self.board.value(number, score) is None:
            return False
        measured = self.board.scored[number].measurements[score.partition(".")[0]]
        return not measured.metric.is_whole(measured.columns)

    @cached_property
    def lengths(self) -> list[float]:
        """The mean length of every system's predictions; nothing for a ranking."""
        if self.board.task.kind == "ranking":
            return []
        return [mean_length(self.board.task.kind, pairs) for pairs in self.pairs]

    @cached_property
    def _values(self) -> Mapping[str, list[NDArray[np.float64] | None]]:
        """Score -> a column per system, or None."""
        return {
            name: [
                per_example(self.board, number, name) if self._has(number, name) else None
                for number in self._systems
            ]
            for name in self.scores
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

    @cached_property
    def figures(self) -> Mapping[str, list[list[str]]]:
        """Score -> for every system what is written on every paper: `31.27`, or `-`."""
        missing = ["-"] * len(self.board.task.examples)
        return {
            name: [
                missing if column is None else [written(value, by) for value in column.tolist()]
                for column in columns
            ]
            for name, columns in self._values.items()
            for by in [self.board.factor(name)]
        }

    def order(self, place: int) -> list[int]:
        """Systems by the primary score on this paper, best first; equal ones as on the board."""
        primary = self.board.task.spec.primary
        sign = 1 if self.board.direction(primary) == "lower" else -1
        columns = self._values.get(primary, [None] * len(self.names))

        def key(number: int) -> tuple[bool, float]:
            column = columns[number]
            return column is None, 0.0 if column is None else sign * float(column[place])

        return sorted(self._systems, key=key)

    # The list of all papers ----------------------------------------------------------------------

    def entries(self) -> tuple[Entry, ...]:
        """Every paper with the mean and spread of the primary score."""
        return tuple(map(self._entry, range(len(self.board.task.examples))))

    def _entry(self, place: int) -> Entry:
        example = self.board.task.examples[place]
        values = self._primary[:, place].tolist()
        by = self.board.factor(self.board.task.spec.primary)
        known = bool(values)
        return Entry(
            number=place + 1,
            id=example.id,
            file=self.files[example.id],
            title=words.paper_title(example.title, example.id),
            mean=written(math.fsum(values) / len(values), by) if known else "–",
            low=written(min(values), by) if known else "–",
            high=written(max(values), by) if known else "–",
            spread=written(float(self._spread[place]), by) if known else "–",
            best=self._best(place),
        )

    def _best(self, place: int) -> str:
        primary = self.board.task.spec.primary
        known = [number for number in self._systems if self._has(number, primary)]
        if not known:
            return "–"
        column = self._primary[:, place]
        best = column.min() if self.board.direction(primary) == "lower" else column.max()
        return words.listed(
            [self.names[known[at]] for at in np.flatnonzero(gaps(column, best) == 0)], 2
        )

    # For programs --------------------------------------------------------------------------------

    def record(self, place: int) -> dict[str, Any]:
        """One paper as its JSON: every output with all its scores as fractions."""
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
        prediction = self.pairs[number][place].prediction
        scores = {name: self._values[name][number] for name in self.scores}
        return {
            "prediction": prediction if isinstance(prediction, str) else list(prediction),
            "scores": {
                name: float(column[place]) for name, column in scores.items() if column is not None
            },
        }
