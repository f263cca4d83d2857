"""What the page of a task says about its data: what was counted, and which papers other splits know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tldr_bench.card import Card, SplitFacts, kept_card
from tldr_bench.card_text import NO_SPLITS, facts, leakage
from tldr_bench.execute import default_store
from tldr_bench.page.links import file_names
from tldr_bench.task import Task
from tldr_bench.workspace import workspace_of


@dataclass(frozen=True)
class TwinRow:
    """One of our papers that is nearly a paper of another split."""

    id: str
    file: str
    """The stem of its page among the examples."""
    split: str
    twin: str
    how: str
    """`Jaccard 0.42, same title`."""


@dataclass(frozen=True)
class DataCard:
    """The section about the data of a task."""

    facts: tuple[tuple[str, str], ...]
    leakage: tuple[str, ...]
    """A sentence for each other split; empty for tasks in which nothing is learned from papers."""
    twins: tuple[TwinRow, ...]
    without: str
    """The command that ranks without the papers that other splits know; empty where it cannot."""


def data_card(task: Task) -> DataCard:
    """The record of the section; the card comes from the store where it was made before."""
    card = kept_card(task, workspace_of(task), default_store())
    files = file_names(example.id for example in task.examples)
    twins = tuple(row for split in card.splits for row in _rows(split, files))
    looked = bool(card.splits) and not any(split.not_checked for split in card.splits)
    return DataCard(
        facts=(
            ("Examples", f"{card.examples:,}"),
            *((name[:1].upper() + name[1:], text) for name, text in facts(card)),
        ),
        leakage=_leakage(card),
        twins=twins,
        without=f"tldr-bench leaderboard {task.id} --without-leaked" if twins and looked else "",
    )


def _leakage(card: Card) -> tuple[str, ...]:
    if card.kind == "ranking":
        return ()
    return tuple(leakage(card)) or (NO_SPLITS,)


def _rows(split: SplitFacts, files: Mapping[str, str]) -> list[TwinRow]:
    return [
        TwinRow(
            id=twin.id,
            file=files[twin.id],
            split=split.task,
            twin=twin.twin,
            how=f"Jaccard {twin.jaccard:.2f}" + (", same title" if twin.same_title else ""),
        )
        for twin in split.twins
    ]
