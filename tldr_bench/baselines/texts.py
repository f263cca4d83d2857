"""Baselines that say a text: the title, the same sentence for all, a person's TLDR."""

from __future__ import annotations

from typing import Any

from tldr_bench.baselines.base import Predictor, refuse
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
    """The paper's title. Raises TaskError where papers lack one."""
    untitled = [example for example in task.examples if not example.title.strip()]
    if len(untitled) == len(task.examples):
        raise TaskError(f"{task.id}: its data has no titles")
    refuse(task, untitled, "no title", "and this baseline says nothing else")
    return lambda example: example.title


def human(task: Task) -> Predictor:
    """The author's TLDR. With `type: human`, it is scored against the other references only.

    Raises TaskError where a paper with one reference lacks the title that is said in its place.
    """
    alone = [example for example in task.examples if len(example.target) == 1]
    if len(alone) == len(task.examples):
        raise TaskError(f"{task.id}: no paper has two references, so none can be left out")
    untitled = [example for example in alone if not example.title.strip()]
    refuse(
        task,
        untitled,
        "one reference and no title",
        "so this baseline has nothing to say that could be scored",
    )

    def predict(example: Example) -> str:
        references: Any = example.target
        # One reference alone cannot be judged by another: the title is what people wrote besides.
        return str(references[0]) if len(references) > 1 else example.title

    return predict
