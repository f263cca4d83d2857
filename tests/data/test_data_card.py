"""Data cards: facts counted by hand."""

from __future__ import annotations

from pathlib import Path

from conftest import TinyWorkspace

from tldr_bench.card import card
from tldr_bench.rows import Example
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


def no_splits(name: str) -> Task:
    """No other split is asked for."""
    raise AssertionError(name)


def test_the_card_of_four_papers_counted_by_hand(tmp_workspace: TinyWorkspace) -> None:
    """Sentences, targets, lengths, marked sentences, accents: every number can be read off the rows."""
    made = card(Workspace(tmp_workspace.root).task("tiny-summary"), no_splits)
    assert made.examples == 4
    assert made.source_sentences is not None
    assert (made.source_sentences.least, made.source_sentences.most) == (2, 4)
    assert made.source_sentences.median == 3
    assert made.targets == {1: 2, 2: 2}
    assert made.target_words is not None
    assert (made.target_words.least, made.target_words.most) == (4, 8)
    assert made.labels is not None
    assert made.labels.positives == {1: 3, 2: 1}
    # Sentence 2 of 3, 2 of 2, 3 and 4 of 4, 3 of 3: in the tenths 5, 7, 6, 8 and 8, counted from 0.
    assert made.labels.positions == [0, 0, 0, 0, 0, 0.2, 0.2, 0.2, 0.4, 0]
    assert made.non_ascii == {"sources": 0.25, "targets": 0.25}
    assert made.duplicates == {"sources": 0, "targets": 0}


def test_novelty_by_hand(tmp_workspace: TinyWorkspace) -> None:
    """Of {a, new} half the words are new; of the pair (a new) all; a target without words counts nowhere."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    examples = (Example("1", ("A b c.",), ("a new", "!")), Example("2", ("x y",), ("x y",)))
    made = card(Task(task.id, task.folder, task.spec, examples), no_splits)
    assert made.novelty == {"words": 0.25, "pairs": 0.5}


def test_repeated_texts_are_counted_whatever_their_blanks(tmp_workspace: TinyWorkspace) -> None:
    """Two sources and three targets that say the same are one repeated source, two repeated targets."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    examples = (Example("1", ("A b.",), ("t", "t ")), Example("2", ("A  b.",), ("t",)))
    made = card(Task(task.id, task.folder, task.spec, examples), no_splits)
    assert made.duplicates == {"sources": 1, "targets": 2}


def test_the_published_facts_of_scitldr_a_test(real_data: Path) -> None:
    """618 papers; 83, 339 and 196 have 2, 3 and 4 targets; 59 non-ASCII sources; one label each.

    The lengths are those of `wc -w` over the file's texts.
    """
    workspace = Workspace(REPOSITORY)
    made = card(workspace.task("scitldr-a"), workspace.task)
    assert made.targets == {2: 83, 3: 339, 4: 196}
    assert round(made.non_ascii["sources"] * 618) == 59
    assert made.labels is not None
    assert made.labels.positives == {1: 618}
    assert (made.source_words.least, made.source_words.most) == (46, 341)
    assert made.duplicates["targets"] == 0


def test_novelty_is_the_same_on_the_card_and_among_the_scores(tmp_workspace: TinyWorkspace) -> None:
    """What the card calls new in a target is what `describe` calls new in a prediction of that text."""
    from tldr_bench.kinds import Pair
    from tldr_bench.metrics.describe import Describe

    task = Workspace(tmp_workspace.root).task("tiny-summary")
    source, target = ("K-means finds 1,024 owls.",), "K means finds the owls' 1,024 nests"
    made = card(
        Task(task.id, task.folder, task.spec, (Example("1", source, (target,)),)), no_splits
    )
    metric = Describe()
    found = metric.aggregate(metric.measure([Pair("1", target, (target,), source)]))
    assert made.novelty == {"words": found["novelty1"], "pairs": found["novelty2"]}
    assert made.novelty["words"] == 4 / 7  # k, means, the, nests
