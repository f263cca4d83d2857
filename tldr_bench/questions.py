"""What is asked of one prediction file, and what is answered: all that workers are told and tell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_bench.submission import Submission
from tldr_bench.tally import Tally
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns


@dataclass(frozen=True)
class Question:
    """One prediction file, and the metrics that are wanted of it."""

    path: Path
    leave_one_out: bool
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a prediction file says, as digests."""

    digest: str
    """Of all predictions."""
    blocks: tuple[str, ...] = ()
    """Of each block of examples, where there is more than one."""


@dataclass
class Answer:
    """What is known of one prediction file."""

    reading: Reading
    columns: dict[str, Columns] = field(default_factory=dict)
    not_computed: dict[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def merge(self, other: Answer) -> Answer | None:
        """Both answers, to different metrics of the same file; None when it said two different things.

        A file may be replaced between two readings: what is known of one is nothing of the other.
        """
        if self.reading != other.reading:
            return None
        self.columns |= other.columns
        self.not_computed |= other.not_computed
        self.tally.add(other.tally)
        # One file, in however many parts it was asked; known if nothing of it had to be read.
        read, known = self.tally.files_read, self.tally.files_known
        self.tally.files_read, self.tally.files_known = min(1, read), 0 if read else min(1, known)
        return self


def question(task: Task, submission: Submission) -> Question:
    """All that a task asks of a submission."""
    return Question(submission.files[task.id], submission.spec.type == "human", tuple(task.metrics))


def split(task: Task, asked: Question) -> tuple[Question | None, Question | None]:
    """The question in two: metrics that only count, and metrics that run a model."""
    models = tuple(name for name in asked.metrics if task.metrics[name].uses_model)
    others = tuple(name for name in asked.metrics if name not in models)
    return (
        replace(asked, metrics=others) if others else None,
        replace(asked, metrics=models) if models else None,
    )
