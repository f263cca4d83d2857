"""What a system scored on a task: all that a leaderboard reads, and the file that is committed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from tldr_bench.json_text import canonical_json
from tldr_bench.records import Field, Record, read_json_record

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns, Metric
    from tldr_bench.submission import Submission


RESULT: Literal["tldr-bench/result/1"] = "tldr-bench/result/1"


class Score(Record):
    """A figure as a fraction, unrounded, with its 95 % interval where the data gives one."""

    value: float
    low: float | None = None
    high: float | None = None


class Result(Record):
    """`submissions/<system>/results/<task>.json`."""

    format: Literal["tldr-bench/result/1"] = Field(default=RESULT, alias="schema")
    task: str
    task_version: str
    system: str
    predictions: str
    """SHA-256 of the predictions' content."""
    examples: int
    scores: dict[str, Score]
    signatures: dict[str, str]
    not_computed: dict[str, str]
    """Metric -> why it has no scores here."""
    notes: dict[str, str] = Field(default_factory=dict)
    """Metric -> what a reader of its scores must know, such as texts that were cut."""

    @classmethod
    def again(cls, text: str) -> Self:
        """The result whose `to_json` gave this text, which is nobody else's and not checked again.

        Raises ValueError, TypeError or KeyError for another text.
        """
        values: dict[str, Any] = {"notes": {}, **json.loads(text)}
        values["format"] = values.pop("schema")
        values["scores"] = {
            name: Score.trusted(value=score["value"], low=score.get("low"), high=score.get("high"))
            for name, score in values["scores"].items()
        }
        made = cls.trusted(**values)
        vars(made)["_text"] = text
        return made

    def to_json(self) -> str:
        """The text of the result's file: sorted keys, no clock, intervals only where there are any."""
        return self._text

    @cached_property
    def _text(self) -> str:
        plain: dict[str, Any] = self.model_dump(by_alias=True, exclude=("scores",))
        plain["scores"] = {
            name: score.model_dump(exclude_none=True) for name, score in self.scores.items()
        }
        if not self.notes:
            del plain["notes"]
        return canonical_json(plain)


@dataclass(frozen=True)
class Measurement:
    """One metric's columns for all examples of a task: what scores, intervals and tests are made from."""

    metric: Metric[Any, Any]
    columns: Columns

    @cached_property
    def point(self) -> Mapping[str, float]:
        """The scores over all examples."""
        return self.metric.aggregate(self.columns)

    def per_example(self) -> Columns:
        """The scores of every example on its own, as arrays of one number per example."""
        return self.metric.per_example(self.columns)


ROUNDING = 1e-12
"""Figures of one example that differ by no more are equal: two ways to one fraction differ in the last bit."""


def gaps(one: Any, other: Any) -> Any:
    """`one` less `other`, example by example; 0 where only rounding differs. Arrays of any shape."""
    import numpy as np

    found = np.subtract(one, other)
    return np.where(np.abs(found) <= ROUNDING, 0.0, found)


@dataclass(frozen=True)
class Scored:
    """A result, the submission that it is of, and the measurements that it was made from."""

    submission: Submission
    result: Result
    measurements: Mapping[str, Measurement]


def read_result(path: Path) -> Result:
    """A result file. Raises DataError when it is not one."""
    return read_json_record(Result, path)
