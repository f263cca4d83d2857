"""How far scores agree with people, as it is printed."""

from __future__ import annotations

from typing import Literal

from tldr_bench.agreement import Estimate
from tldr_bench.analysis.judged import OwnRule
from tldr_bench.records import Field, Record


class PairwiseAccuracy(Record):
    """How often a metric and people say the same of two TLDRs of one paper."""

    value: float
    epsilon: float
    pairs: int
    ties: float


class BySystem(Record):
    """Agreement of the systems' mean scores."""

    systems: int
    pearson: float | None
    spearman: float | None
    kendall: float | None


class Agreement(Record):
    """One score beside the judgements."""

    score: str
    signature: str
    pearson: Estimate | None
    spearman: Estimate | None
    kendall: Estimate | None
    without_length: Estimate | None
    """Spearman with the number of words held constant; None for the words themselves."""
    accuracy: PairwiseAccuracy | None
    by_system: BySystem | None
    note: str | None


class Contest(Record):
    """Two scores: which agrees better with people, by Spearman."""

    a: str
    b: str
    difference: float
    low: float | None
    high: float | None
    p: float
    p_holm: float
    significant: bool
    williams: float | None
    """The p-value of Williams' test, which is about Pearson."""


class Sample(Record):
    """One file of judgements, read in one way."""

    file: str
    what: str
    own: OwnRule
    rows: int
    papers: int
    systems: dict[str, int]
    """System -> number of judged TLDRs."""
    repeated: int
    """Rows that repeat an earlier one in everything."""
    left_out: int
    """References that were not compared with their own copy."""
    agreements: list[Agreement]
    contests: list[Contest]
    not_computed: dict[str, str]


class MetaEvaluation(Record):
    """What `meta --format json` prints."""

    format: Literal["tldr-bench/meta/1"] = Field(default="tldr-bench/meta/1", alias="schema")
    task: str
    task_version: str
    samples: list[Sample]
