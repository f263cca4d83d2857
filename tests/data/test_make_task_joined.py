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


SPLIT = {**JOINED, "source": ["Owls sleep by day.", "We show that some owls hunt at noon."]}


def test_the_marked_sentence_of_split_sources_needs_no_target(make: Make, tmp_path: Path) -> None:
    """--oracle-text reads no target of sentences with labels: none is guessed, and none is asked for."""
    row = {**SPLIT, "labels": [0, 1]}
    done = make("p.jsonl", jsonl([row]), "--labels", "labels", "--oracle-text")
    assert (done.rc, done.err) == (0, "guessed: source = 'source', id = 'id'\n")
    bare = {name: value for name, value in row.items() if name != "target"}
    again = make("p.jsonl", jsonl([bare]), "--labels", "labels", "--oracle-text", "--force")
    assert (again.rc, again.err) == (0, done.err)
    assert written(tmp_path)[0]["targets"] == ["We show that some owls hunt at noon."]


def test_the_marked_sentence_of_one_text_is_found_by_the_target(make: Make, tmp_path: Path) -> None:
    """There the TLDR is read, so it is guessed and shown; without one, the reason asks for it."""
    pytest.importorskip("blingfire")
    done = make("p.jsonl", jsonl([JOINED]), "--oracle-text")
    assert "target = 'target'" in done.err
    assert written(tmp_path)[0]["targets"] == ["We show that some owls hunt at noon."]
    bare = {name: value for name, value in JOINED.items() if name != "target"}
    refused = make("p.jsonl", jsonl([bare]), "--oracle-text", "--force")
    assert refused.rc == 1
    assert "of one text only --target COLUMN tells which sentence is marked: 1" in refused.err


def test_the_marked_sentence_needs_labels(make: Make) -> None:
    """Without a column of labels the option says what it lacks."""
    row = {"id": "a", "source": ["x."], "target": "y"}
    done = make("p.jsonl", jsonl([row]), "--oracle-text")
    assert done.rc == 2
    assert done.err == (
        "error: p.jsonl: --oracle-text needs --labels COLUMN. Its columns: id, source, target\n"
    )


NOTE = "sources: one text each"


def test_sources_that_nobody_has_split_are_told(make: Make, tmp_path: Path) -> None:
    """The account and the task's card say that sources are one text each, and the option that splits."""
    pytest.importorskip("blingfire")
    row = {"id": "a", "source": "Owls sleep. Bats do not.", "target": "Owls."}
    done = make("p.jsonl", jsonl([row]))
    assert (
        f"  {NOTE}, in which no baseline can choose a sentence; 'tldr-bench make-task columns FILE "
        "--out DIR --sentences blingfire' splits them\n"
    ) in done.out
    assert NOTE in (tmp_path / "mine/README.md").read_text(encoding="utf-8")
    assert "baselines: constant\n" in done.out
    done = make("p.jsonl", jsonl([row]), "--sentences", "blingfire", "--force")
    assert NOTE not in done.out
    assert "baselines: constant, lead\n" in done.out


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"source": ["Owls sleep."], "target": "x"}, True),  # one sentence in a list is one text
        ({"source": ["Owls sleep.", "Bats."], "target": "x"}, False),
        ({"source": "Owls sleep.", "labels": [1]}, False),
        ({"query": "Owls", "document": "Owls sleep."}, False),
    ],
)
def test_only_sources_that_could_be_split_are_told(
    row: dict[str, Any], says: bool, make: Make
) -> None:
    """Lists, sources with one label, and queries are not meant."""
    assert (NOTE in make("p.jsonl", jsonl([{"id": "a", **row}])).out) is says


def test_joined_sources_with_labels_have_a_note_of_their_own(make: Make) -> None:
    """There a split counts only where it fits the labels."""
    done = make("p.jsonl", jsonl([JOINED]), "--kind", "labels")
    assert (
        f"  {NOTE}; --sentences blingfire splits those in which as many sentences are found as there "
        "are labels\n"
    ) in done.out


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
