"""SciTLDR's labels: recomputed by the definition that the data set was made with, and moved where wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tldr_bench.errors import DataError
from tldr_bench.labels_oracle import corrected_labels, rouge1_f
from tldr_bench.rows import Fields
from tldr_bench.task import TaskFile, make_task
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def test_rows(real_data: Path) -> list[dict[str, Any]]:
    """The rows of SciTLDR-A test."""
    text = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_every_published_score_is_ours_to_the_last_bit(test_rows: list[dict[str, Any]]) -> None:
    """Where all sentences have a score, all 4,073 published numbers are what `rouge1_f` gives."""
    complete = [row for row in test_rows if len(row["rouge_scores"]) == len(row["source"])]
    ours = [rouge1_f(text, row["target"][0]) for row in complete for text in row["source"]]
    assert ours == [score for row in complete for score in row["rouge_scores"]]
    assert (len(complete), len(ours)) == (618 - 44, 4073)


def test_exactly_24_labels_of_the_test_split_move(real_data: Path) -> None:
    """The corrected task differs from the shipped one in 24 papers, and each still marks one sentence."""
    tasks = Workspace(REPOSITORY)
    shipped = tasks.task("scitldr-a-oracle")
    corrected = tasks.task("scitldr-a-oracle-corrected")
    moved = [
        (before.labels or before.target, after.target)
        for before, after in zip(shipped.examples, corrected.examples, strict=True)
        if before.target != after.target
    ]
    assert len(moved) == 24
    assert all(sum(labels) == 1 for pair in moved for labels in pair)
    assert shipped.version != corrected.version


def test_a_moved_label_marks_the_highest_score_that_was_published(
    test_rows: list[dict[str, Any]],
) -> None:
    """After correction the marked sentence's own score is the maximum of `rouge_scores`, in every row."""
    for row in test_rows:
        labels = corrected_labels(
            row["source"], row["source_labels"], row["rouge_scores"], row["target"][0]
        )
        assert labels is not None
        marked = row["source"][labels.index(1)]
        assert rouge1_f(marked, row["target"][0]) == max(row["rouge_scores"])


def test_rouge1_f_by_hand() -> None:
    """Sets of case-sensitive words, cut at full stops: {a, b, c} and {b, c, d, e} share two."""
    precision, recall = 2 / 3, 2 / 4
    expected = 2 * precision * recall / (precision + recall + 1e-8)
    assert rouge1_f("a b. c b", "b c.d e") == expected
    assert rouge1_f("A", "a") == 0.0
    assert rouge1_f("", "a") == 0.0
    # A part of blanks is the empty word: {"a", ""} and {"a"}.
    assert rouge1_f("a. ", "a") == 2 * 0.5 / (1.5 + 1e-8)


def test_the_label_moves_over_the_sentence_that_was_left_out() -> None:
    """Sentence 1 has no score; the published maximum at place 1 therefore belongs to sentence 2."""
    source = ["x y", "a b c", "a b d e", "z"]
    scores = [rouge1_f(source[at], "a b c f g") for at in (0, 2, 3)]
    assert corrected_labels(source, [0, 1, 0, 0], scores, "a b c f g") == [0, 0, 1, 0]


def test_labels_stay_where_nothing_was_left_out() -> None:
    """With a score for every sentence there is nothing to move, whatever the scores are."""
    assert corrected_labels(["a", "b"], [0, 1], [0.9, 0.1], "a") == [0, 1]


def test_scores_of_other_sentences_are_refused() -> None:
    """Scores that no sentence of the paper has mean that the row cannot be corrected."""
    assert corrected_labels(["a b", "c", "d"], [1, 0, 0], [0.123, 0.5], "a") is None


def test_a_row_that_cannot_be_corrected_is_named() -> None:
    """The task says which line's scores do not fit, instead of keeping a wrong label in silence."""
    spec = TaskFile.model_validate(
        {
            "name": "x",
            "kind": "labels",
            "data": {"path": "x.jsonl", "git_blob": "0" * 40},
            "fields": Fields(id="paper_id", labels="source_labels", targets="target").model_dump(),
            "transform": "corrected-labels",
            "metrics": {"labels": None},
            "primary": "labels.f1",
        }
    )
    row = {
        "paper_id": "p",
        "source": ["a b", "c", "d"],
        "source_labels": [1, 0, 0],
        "rouge_scores": [0.123, 0.5],
        "target": ["a"],
    }
    with pytest.raises(DataError) as caught:
        make_task("x", Path("x"), spec, [(7, row)])
    assert str(caught.value) == (
        "x.jsonl:7: source_labels: cannot be corrected: its rouge_scores are not those of its sentences"
    )
