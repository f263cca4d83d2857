"""Data cards: facts counted by hand."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conftest import TinyWorkspace, jsonl

from tldr_bench.card import card
from tldr_bench.card_text import card_text
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
    # One of the six targets has an accent: it is the only one of its paper.
    assert made.non_ascii == {"sources": 0.25, "targets": 1 / 6}
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


def test_a_target_beyond_ascii_counts_once_however_many_its_paper_has() -> None:
    """One accented target of three, in one paper of two: a third of the targets, not half of the papers."""
    task = Workspace(REPOSITORY).task("mini-tldr")
    examples = (Example("1", ("A.",), ("café", "b")), Example("2", ("B.",), ("c",)))
    made = card(Task(task.id, task.folder, task.spec, examples), no_splits)
    assert made.non_ascii == {"sources": 0.0, "targets": 1 / 3}
    assert "0.0 % of sources, 33.3 % of targets" in card_text(made)


def test_a_task_without_targets_says_nothing_of_them() -> None:
    """Labels alone: no share and no count of texts that do not exist."""
    task = Workspace(REPOSITORY).task("mini-oracle")
    examples = (Example("1", ("A.", "B."), (0, 1)),)
    made = card(Task(task.id, task.folder, task.spec, examples), no_splits)
    assert (made.non_ascii, made.duplicates) == ({"sources": 0.0}, {"sources": 0})
    assert (made.target_words, made.document_words) == (None, None)


def test_documents_are_counted_once_each_whatever_queries_they_answer(
    tmp_workspace: TinyWorkspace,
) -> None:
    """Of a pool of four, one is found by two queries, one by none, and one repeats another.

    Words: 1, 2, 2 and 3; accents in the three-word one alone; the queries' texts are the sources.
    """
    rows = [
        {"id": "q1", "query": "one", "relevant": ["d1"]},
        {"id": "q2", "query": "two", "relevant": ["d1"]},
        {"document_id": "d1", "document": "owls"},
        {"document_id": "d2", "document": "Zwei Bären tanzen"},
        {"document_id": "d3", "document": "two bats"},
        {"document_id": "d4", "document": "two  bats"},
    ]
    content = jsonl(rows)
    digest = hashlib.sha256(content.encode()).hexdigest()
    tmp_workspace.write("tasks/find/rows.jsonl", content)
    tmp_workspace.write(
        "tasks/find/task.yaml",
        f"name: find\nkind: ranking\ndata: {{path: rows.jsonl, sha256: {digest}}}\n"
        "metrics: {ranking: }\nprimary: ranking.mrr@10\n",
    )
    task = Workspace(tmp_workspace.root).task("find")
    made = card(task, no_splits)
    assert made.documents == 4
    assert made.document_words is not None
    assert vars(made.document_words) == {"least": 1, "median": 2, "most": 3, "mean": 2}
    assert made.target_words is None
    assert made.non_ascii == {"sources": 0.0, "documents": 0.25}
    assert made.duplicates == {"sources": 0, "documents": 1}
    assert len(task.same) == 1
    # Each of the two pairs of query and answer: `owls` is not in the query.
    assert made.novelty == {"words": 1.0}
    text = card_text(made)
    assert "document words     1 to 3, median 2, mean 2.0" in text
    assert "new in answers     100.0 % of words are not in the query" in text
    assert "beyond ASCII       0.0 % of sources, 25.0 % of documents" in text
    assert "repeated texts     0 sources, 1 document\n" in text
    assert "target" not in text


def test_the_published_facts_of_scitldr_a_match(real_data: Path) -> None:
    """618 abstracts, 59 of them beyond ASCII, median 157.5 words by `wc -w`: as of the summary task."""
    made = card(Workspace(REPOSITORY).task("scitldr-a-match"), no_splits)
    assert (made.examples, made.documents) == (1967, 618)
    assert made.non_ascii == {"sources": 16 / 1967, "documents": 59 / 618}
    assert made.duplicates == {"sources": 0, "documents": 0}
    assert made.document_words is not None
    assert made.document_words.median == 157.5


def test_the_published_facts_of_scitldr_a_test(real_data: Path) -> None:
    """618 papers; 83, 339 and 196 have 2, 3 and 4 targets; 59 sources and 16 targets beyond ASCII.

    The lengths are those of `wc -w` over the file's texts.
    """
    workspace = Workspace(REPOSITORY)
    made = card(workspace.task("scitldr-a"), workspace.task)
    assert made.targets == {2: 83, 3: 339, 4: 196}
    assert made.non_ascii == {"sources": 59 / 618, "targets": 16 / 1967}
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
