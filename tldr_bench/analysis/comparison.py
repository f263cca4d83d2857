"""What is said of two systems, as it is printed and published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tldr_bench.records import Field, Record

if TYPE_CHECKING:
    from tldr_bench.stats import Interval, NoInterval


class Difference(Record):
    """Two systems on one score. Fractions; everything is `a` minus `b`."""

    score: str
    direction: Literal["higher", "lower", "none"]
    """Which values are better; "none" describes a text without ranking it."""
    shown_times: float
    """What tables multiply it with: 100 for fractions, 1 for counts such as words."""
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    """The difference's 95 % interval, where there is one."""
    high: float | None
    p: float | None
    """Two-sided, of this pair alone."""
    p_holm: float | None
    """Corrected for all pairs of systems that have the score."""
    pairs: int | None
    """How many these are."""
    significant: bool
    """The board's verdict: p_holm <= 0.05."""
    better: str | None
    """The system that the board calls better, if any."""
    wins: int | None
    """Papers on which `a` is better; None for scores that do not rank."""
    ties: int | None
    losses: int | None
    note: str | None
    """Why a figure or an interval is missing."""


class BandDifference(Record):
    """The difference on some of the papers. It describes: no test is made of a part."""

    by: str
    """"source length" or what is counted of the answers: "references", "marked sentences", …"""
    band: str
    examples: int
    a: float
    b: float
    difference: float
    low: float | None
    high: float | None


class Moved(Record):
    """One paper with both outputs."""

    id: str
    title: str
    a: float
    b: float
    difference: float
    output_a: str
    output_b: str
    targets: list[str]


class Side(Record):
    """One of the two systems."""

    system: str
    name: str
    type: str | None


class Comparison(Record):
    """What `compare --format json` prints."""

    format: Literal["tldr-bench/comparison/1"] = Field(
        default="tldr-bench/comparison/1", alias="schema"
    )
    task: str
    task_version: str
    name: str
    examples: int
    systems: int
    """Systems on the board."""
    a: Side
    b: Side
    score: str
    """The score of the bands and of the papers that moved; the task's primary one unless asked."""
    scores: list[Difference]
    bands: list[BandDifference]
    moved: list[Moved]
    """The papers with the largest differences, largest first."""
    signatures: dict[str, str]

    def of(self, score: str) -> Difference:
        """The difference on one score."""
        return next(item for item in self.scores if item.score == score)


def bounds(found: Interval | NoInterval) -> tuple[float | None, float | None, str | None]:
    """An interval as the records have it: its low end, its high end, and why there is none."""
    from tldr_bench.stats import Interval

    if isinstance(found, Interval):
        return found.low, found.high, None
    return None, None, found.reason
