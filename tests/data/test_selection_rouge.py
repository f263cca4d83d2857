"""ROUGE of chosen sentences: where sentences and TLDRs are known, and a reason where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import Pair
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.metrics.selection import Selection
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = ("Owls hunt\nat night.", "Mice sleep.", "Some owls hunt at noon.")


def pair(
    chosen: tuple[int, ...],
    source: tuple[str, ...] = SOURCE,
    references: tuple[str, ...] = ("Owls hunt at noon.",),
) -> Pair[tuple[int, ...], tuple[int, ...]]:
    """One paper of three labels."""
    return Pair("p", chosen, (0, 0, 1), source, references)


def test_the_chosen_sentences_are_scored_as_one_summary() -> None:
    """Sentences 0 and 2, line break removed, get exactly what rouge155 gives their concatenation."""
    expected = Rouge155().measure(
        [Pair("p", "Owls hunt at night. Some owls hunt at noon.", ("Owls hunt at noon.",))]
    )
    measured = Selection().measure([pair((1, 0, 1))])
    assert {k: v.tolist() for k, v in measured.items()} == {
        k: v.tolist() for k, v in expected.items()
    }


def test_nothing_chosen_scores_0() -> None:
    """An empty selection says nothing, which is a zero and not an error."""
    assert Selection().measure([pair((0, 0, 0))])["rouge1"].tolist() == [0.0]


def test_joined_sources_are_not_computed_and_counted() -> None:
    """One string for three labels: the reason says in how many papers the sentences are known."""
    with pytest.raises(NotComputed) as caught:
        Selection().measure([pair((0, 0, 1)), pair((0, 0, 1), (" ".join(SOURCE),))])
    assert str(caught.value) == (
        "the source is split into as many sentences as labels in 1 of 2 papers only"
    )


def test_without_tldrs_it_is_not_computed() -> None:
    """Labels alone give nothing to compare the text with."""
    with pytest.raises(NotComputed, match="0 of 1 papers have a TLDR to compare with"):
        Selection().measure([pair((0, 0, 1), references=())])


def test_the_oracles_selection_has_the_official_scripts_figures(real_data: Path) -> None:
    """SciTLDR-A test, the sentences with label 1: 44.32 / 22.75 / 35.93 from the real program."""
    task = Workspace(REPOSITORY).task("scitldr-a-oracle")
    pairs = [Pair(e.id, e.target, e.target, e.source, e.references) for e in task.examples]
    scores = Selection().aggregate(Selection().measure(pairs))
    assert [round(100 * value, 2) for value in scores.values()] == [44.32, 22.75, 35.93]
