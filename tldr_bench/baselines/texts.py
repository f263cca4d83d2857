"""Baselines that say a text: the title, the same sentence for all, a person's TLDR."""

from __future__ import annotations

from typing import Any

from tldr_bench.baselines.base import Predictor
from tldr_bench.errors import TaskError
from tldr_bench.task import Example, Task

CONSTANT = (
    "We propose a new method for this problem and show in experiments that it improves on the "
    "state of the art."
)


def constant(_task: Task) -> Predictor:
    """The same sentence for every paper."""
    return lambda _example: CONSTANT


def title(task: Task) -> Predictor:
    """The paper's title."""
    if not any(example.title for example in task.examples):
        raise TaskError(f"{task.id}: its data has no titles")
    return lambda example: example.title


def human(task: Task) -> Predictor:
    """The author's TLDR. With `type: human`, it is scored against the other references only."""
    if all(len(example.target) == 1 for example in task.examples):
        raise TaskError(f"{task.id}: no paper has two references, so none can be left out")

    def predict(example: Example) -> str:
        references: Any = example.target
        # One reference alone cannot be judged by another: the title is what people wrote besides.
        return str(references[0]) if len(references) > 1 else example.title

    return predict
