"""Sources that are one text with a label per sentence: what can be known of their sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from columns_files import Make, make, written
from conftest import Answer, jsonl

from tldr_bench.make_task.sentences import SPLITTERS, fitting, marked_sentence, split

__all__ = ["make"]


JOINED = {
    "id": "a",
    "source": "Owls sleep by day. We show that some owls hunt at noon. Mice are surprised.",
    "labels": [0, 1, 0],
    "target": "Some owls hunt at noon.",
}


def test_joined_sources_make_a_labels_task_whose_rouge_says_why_it_is_missing(
    make: Make, tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """Label F1 needs no sentences; the ROUGE of the selection is not computed, with the reason."""
    make("p.jsonl", jsonl([JOINED]), "--kind", "labels")
    done = cli("run", "--root", "mine", "--offline")
    assert done.rc == 0, done.err
    result = json.loads((tmp_path / "mine/submissions/lead/results/mine.json").read_text())
    assert result["scores"]["labels.f1"]["value"] == 0.0
    assert result["not_computed"] == {
        "selection": "the source is split into as many sentences as labels in 0 of 1 papers only"
    }


def test_a_split_with_as_many_sentences_as_labels_makes_the_rouge_possible(
    make: Make, tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """--sentences finds the three sentences, and then the oracle's selection has a ROUGE."""
    pytest.importorskip("blingfire")
    done = make("p.jsonl", jsonl([JOINED]), "--kind", "labels", "--sentences", "blingfire")
    assert "sources split into as many sentences as labels: 1" in done.out
    assert len(written(tmp_path)[0]["source"]) == 3
    cli("baseline", "oracle", "--task", "mine", "--root", "mine")
    assert cli("run", "--root", "mine", "--offline").rc == 0
    result = json.loads((tmp_path / "mine/submissions/oracle/results/mine.json").read_text())
    assert result["not_computed"] == {}
    assert 0.7 < result["scores"]["selection.rouge1"]["value"] < 1


@pytest.mark.parametrize("name", SPLITTERS)
def test_splitters_keep_every_word(name: Any) -> None:
    """Sentences put together again are the text, whatever the splitter and the blanks."""
    pytest.importorskip(name)
    text = "One is here.  Two\nis there (cf. Fig. 3).\tIs it? Yes."
    sentences = split(text, name)
    assert len(sentences) > 1
    assert " ".join(sentences).split() == text.split()


def test_the_same_number_of_sentences_by_chance_does_not_fit() -> None:
    """Three sentences for three labels, but the marked one is not the closest: another split."""
    splits: Any = {"pysbd": ["a b", "c d", "e f"], "syntok": ["a b c", "d", "e f"]}
    assert fitting(splits, [0, 1, 0], "c d") == ["a b", "c d", "e f"]
    assert fitting(splits, [1, 0, 0], "c d") is None
    assert fitting(splits, [1, 0, 0], None) == ["a b", "c d", "e f"]
    assert fitting(splits, [1, 0], "c d") is None


def test_two_of_three_splitters_decide_where_the_marked_sentence_is() -> None:
    """Agreement of two counts; of one it does not; nor does a sentence far from the label's place."""
    splits: Any = {
        "blingfire": ["x y", "owls hunt", "z"],
        "pysbd": ["x y", "owls hunt", "z", "w"],
        "syntok": ["x y owls hunt z"],
    }
    assert marked_sentence(splits, [0, 1, 0], "owls hunt") == "owls hunt"
    assert marked_sentence(splits, [1, 0, 0, 0, 0, 0], "owls hunt") is None
    assert (
        marked_sentence({**splits, "pysbd": ["x y", "owls", "hunt z"]}, [0, 1, 0], "owls hunt")
        is None
    )
    assert marked_sentence(splits, [1, 1, 0], "owls hunt") is None


def test_the_joined_papers_at_hand(real_data: Path) -> None:
    """Wherever a splitter fits, the sentence that two of three agree on is the marked one.

    Of the 50 full texts a splitter fits 8, and two of three agree in 46; here are the shorter ones.
    """
    pytest.importorskip("blingfire")
    from tldr_bench.make_task.sentences import all_splits

    path = real_data / "seeds/scitldr_fulltext.jsonl"
    if not path.is_file():
        pytest.skip("needs TLDR_BENCH_DATA with a folder seeds/")
    papers = fits = agreed = right = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if len(row["source"]) > 20_000:
            continue
        papers += 1
        splits = all_splits(row["source"])
        fit = fitting(splits, row["source_labels"], row["target"])
        marked = marked_sentence(splits, row["source_labels"], row["target"])
        agreed += marked is not None
        fits += fit is not None
        right += fit is not None and fit[row["source_labels"].index(1)] == marked
    assert (papers, fits, right, agreed) == (6, 3, 3, 6)
