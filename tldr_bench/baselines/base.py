"""What a baseline is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tldr_bench.errors import TaskError, counted, first_of
from tldr_bench.kinds import KindName
from tldr_bench.task import Example, Task

Predictor = Callable[[Example], Any]
Maker = Callable[[Task], Predictor]
"""Prepares what is common to all examples of a task, such as an index."""


@dataclass(frozen=True)
class Baseline:
    """What a baseline is called, and how it predicts for each kind of task."""

    title: str
    type: str
    notes: str
    makers: Mapping[KindName, Maker] = field(default_factory=dict)
    input: str | None = "abstract"


NAMED = 5
"""Papers that a refusal names before it only counts them."""


def refuse(task: Task, lacking: Sequence[Example], problem: str, therefore: str) -> None:
    """Raise TaskError if a paper lacks what a baseline needs: nothing is said in its place."""
    if lacking:
        named = first_of([example.id for example in lacking], NAMED)
        where = f"{len(lacking)} of {counted(len(task.examples), 'paper')} ({named})"
        raise TaskError(f"{task.id}: {problem} in {where}, {therefore}")


def needs(package: str, extra: str) -> TaskError:
    """A baseline whose package is not installed."""
    return TaskError(f"this baseline needs {package}: pip install 'tldr-bench[{extra}]'")
