"""The page of a task: its facts, its table, what the data can tell apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tldr_bench.kinds import KindName
from tldr_bench.leaderboard import Board, Failure
from tldr_bench.page import words
from tldr_bench.page.data_card import DataCard, data_card
from tldr_bench.page.links import safe_url
from tldr_bench.page.svg import Figure
from tldr_bench.page.table import Table, main_table
from tldr_bench.page.verdict import Verdict, verdict

KINDS: dict[KindName, str] = {
    "summary": "one-sentence summaries",
    "labels": "choice of sentences",
    "ranking": "search",
}


@dataclass(frozen=True)
class Fact:
    """A figure with its word."""

    value: str
    text: str


@dataclass(frozen=True)
class TaskHead:
    """A task as every page may name it: without anything that has to be computed."""

    id: str
    name: str
    kind: str
    description: str
    examples: int
    systems: int
    line: str
    """One line of a prediction file, as an example."""
    noun: str
    """What an example of it is: a paper or a query."""

    @property
    def nouns(self) -> str:
        """Several of them."""
        return words.plural(self.noun)


@dataclass(frozen=True)
class TaskView(TaskHead):
    """A task as its pages show it."""

    homepage: str | None
    citation: str
    primary: str
    facts: tuple[Fact, ...]
    verdict: Verdict
    table: Table
    figures: tuple[Figure, ...]
    failed: tuple[Failure, ...]
    version: str
    data: DataCard


LINES: dict[KindName, str] = {
    "summary": '{"id": ID, "prediction": "One sentence."}',
    "labels": '{"id": ID, "selected": [0, 3]}',
    "ranking": '{"id": ID, "prediction": ["doc3", "doc1"]}',
}


def task_head(board: Board) -> TaskHead:
    """The record of a task's name."""
    task = board.task
    first = json.dumps(task.examples[0].id, ensure_ascii=False)
    return TaskHead(
        id=task.id,
        name=task.spec.name,
        kind=KINDS[task.kind],
        description=task.spec.description,
        examples=len(task.examples),
        systems=len(board.scored),
        line=LINES[task.kind].replace("ID", first),
        noun=words.NOUNS[task.kind],
    )


def task_view(board: Board, figures: Sequence[Figure]) -> TaskView:
    """The record of a task's page."""
    task = board.task
    return TaskView(
        **vars(task_head(board)),
        homepage=safe_url(task.spec.homepage),
        citation=task.spec.citation,
        primary=words.long_name(task.spec.primary),
        facts=tuple(_facts(board)),
        verdict=verdict(board),
        table=main_table(board),
        figures=tuple(figures),
        failed=board.failed,
        version=task.version.removeprefix("sha256:"),
        data=data_card(task),
    )


def _facts(board: Board) -> list[Fact]:
    task = board.task
    count = len(task.examples)
    noun = words.NOUNS[task.kind]
    facts = [Fact(f"{count:,}", noun if count == 1 else words.plural(noun))]
    if task.kind == "summary":
        numbers = [len(example.target) for example in task.examples]
        low, high = min(numbers), max(numbers)
        facts.append(Fact(str(low) if low == high else f"{low}–{high}", "references each"))
    if task.pool:
        facts.append(Fact(f"{len(task.pool):,}", "documents to choose from"))
    facts.append(Fact(words.long_name(task.spec.primary), "decides the rank"))
    if task.spec.license:
        facts.append(Fact(task.spec.license, "licence"))
    return facts
