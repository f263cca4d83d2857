"""What is known about a task's scores: `agreement.json` beside its task.yaml, written by `meta --write`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tldr_bench.records import Field, Record, read_json_record
from tldr_bench.task import Task

FILE = "agreement.json"


class Estimate(Record):
    """A coefficient with its 95 % interval, from resampled papers."""

    value: float
    low: float | None = None
    high: float | None = None

    def in_words(self) -> str:
        """`0.10 [-0.06, 0.27]`."""
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class KnownScore(Record):
    """One score's agreement with people."""

    signature: str
    """Of the metric that was judged: another one is not known."""
    kendall: Estimate
    spearman: Estimate
    without_length: Estimate | None


class Known(Record):
    """agreement.json."""

    format: Literal["tldr-bench/agreement/1"] = Field(
        default="tldr-bench/agreement/1", alias="schema"
    )
    task: str
    file: str
    what: str
    rows: int
    papers: int
    words: Estimate
    """Kendall's tau-b of the number of words."""
    scores: dict[str, KnownScore]

    def sentence(self, score: str, signature: str) -> str | None:
        """What a reader of the board should know of a score; None where nothing is known."""
        found = self.scores.get(score)
        if found is None or found.signature != signature:
            return None
        aim = self.what.partition(" (")[0]
        return (
            f"agrees with {aim}: τ = {found.kendall.in_words()} ({self.rows} TLDRs; "
            f"the number of words: τ = {self.words.value:.2f})"
        )


def known_for(task: Task) -> Known | None:
    """What is known about a task's scores, if anything. Raises DataError for a broken file."""
    path = task.folder / FILE
    if not path.is_file():
        return None
    return read_known(path)


def read_known(path: Path) -> Known:
    """What an agreement.json says. Raises DataError when it is not one."""
    return read_json_record(Known, path)
