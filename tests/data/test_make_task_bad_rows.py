"""make-task columns on tables with something wrong: what is said, all of it at once, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from columns_files import Make, make, written
from conftest import jsonl

__all__ = ["make"]


def test_a_column_that_does_not_exist_names_the_nearest(make: Make) -> None:
    """All wrong columns at once, each with what was probably meant; nothing is written."""
    done = make("p.csv", "abstract,tldr\na,b\n", "--source", "abstrct", "--target", "tdlr")
    assert done.rc == 1
    assert done.err == (
        "error: p.csv: unknown column 'abstrct'. Did you mean 'abstract'?\n"
        "error: p.csv: unknown column 'tdlr'. Did you mean 'tldr'?\n"
    )
    assert not Path("mine").exists()


def test_columns_that_cannot_be_guessed_are_asked_for(make: Make) -> None:
    """The message gives the options and what columns there are."""
    done = make("p.csv", "a,b\n1,2\n")
    assert done.rc == 2
    assert done.err == (
        "error: p.csv: a summary task needs --source COLUMN and --target COLUMN. Its columns: a, b\n"
    )


def test_a_list_as_python_prints_it_is_refused(make: Make) -> None:
    """`['a', 'b']` in a cell is neither a text nor JSON; taken as text, it would score in silence."""
    done = make("p.csv", "abstract,tldr\n\"['One.', 'Two.']\",x\n")
    assert done.rc == 1
    assert "p.csv:2: abstract: expected a text, or a list as JSON writes it, got" in done.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "p.jsonl",
            '{"abstract": "a", "tldr": "b"}\n{"abstract": "a", "tl',
            "p.jsonl:2: is not valid JSON",
        ),
        ("p.csv", 'abstract,tldr\n"a,b\n', "p.csv:2: is not a valid table: unexpected end of data"),
        ("p.csv", "abstract,tldr\na,b\na\n", "p.csv:3: expected 2 cells, got 1"),
        ("p.csv", "abstract\na,b\n", "p.csv:2: expected 1 cell, got 2"),
        (
            "p.csv",
            "abstract;tldr\na;b\n",
            "p.csv:1: looks separated by semicolons: expected commas",
        ),
        ("p.tsv", "abstract,tldr\na,b\n", "p.tsv:1: looks separated by commas: expected tabs"),
        ("p.csv", "abstract,abstract\na,b\n", "p.csv:1: has the column 'abstract' twice"),
        ("p.csv", "", "p.csv: is empty: expected a header"),
        ("p.csv", b"abstract,tldr\n\xff,b\n", "p.csv: is not UTF-8"),
        ("p.parquet", b"PAR1 cut", "p.parquet: is not a whole Parquet file"),
        ("p.jsonl", "", "p.jsonl: holds no rows"),
        ("p.json", '{"abstract": "a"}', "p.json: expected a list of objects"),
        ("p.jsonl", '["a"]\n', "p.jsonl:1: expected a JSON object"),
    ],
)
def test_a_file_that_is_cut_or_malformed_is_refused(
    name: str, content: str | bytes, message: str, make: Make
) -> None:
    """Where, and what was expected; never a shorter task in silence."""
    done = make(name, content)
    assert done.rc == 1
    assert (
        done.err.removeprefix("error: ").splitlines()[-1].startswith(message) or message in done.err
    )
    assert not Path("mine").exists()


BAD = jsonl(
    [
        {"id": "a", "abstract": "Owls hunt.", "tldr": "Owls."},
        {"id": "a", "abstract": "Owls hunt.", "tldr": "Owls."},
        {"id": "b", "abstract": "Owls hunt.", "tldr": " "},
        {"id": "c", "abstract": 7, "tldr": ["x", ""]},
        {"id": None, "abstract": "x", "tldr": "y"},
    ]
)


def test_every_bad_row_is_named_at_once(make: Make) -> None:
    """A repeated id, an empty target, a number for a text, no id: four messages with their lines."""
    done = make("p.jsonl", BAD)
    assert done.rc == 1
    assert done.err.splitlines()[1:] == [
        "error: p.jsonl:2: id: id 'a' is on line 1 already",
        "error: p.jsonl:3: tldr: expected some text, got ' '",
        "error: p.jsonl:4: abstract: expected a text or a list of texts, got 7",
        "error: p.jsonl:5: id: expected an id, got null",
    ]


def test_bad_rows_can_be_left_out_and_are_counted(make: Make, tmp_path: Path) -> None:
    """--skip-bad takes the rest and says which lines are missing and why."""
    done = make("p.jsonl", BAD, "--skip-bad")
    assert done.rc == 0
    assert [row["id"] for row in written(tmp_path)] == ["a"]
    assert "left out, expected some text: 1 (line 3)" in done.out
    assert "left out, id 'a' is on line 1 already: 1 (line 2)" in done.out


def test_labels_are_checked_against_the_sentences(make: Make) -> None:
    """Two sentences need two labels; values other than 0 and 1 are refused."""
    rows = [
        {"id": "a", "source": ["x.", "y."], "labels": [1]},
        {"id": "b", "source": ["x.", "y."], "labels": [0, 2]},
    ]
    done = make("p.jsonl", jsonl(rows))
    assert done.err.splitlines()[1:] == [
        "error: p.jsonl:1: labels: expected 2 labels, one per sentence, got 1",
        "error: p.jsonl:2: labels: expected a list of 0 and 1, got [0, 2]",
    ]


def test_judgements_of_unknown_documents_are_refused(make: Make, tmp_path: Path) -> None:
    """A qrels file of another collection does not make a task."""
    (tmp_path / "docs.csv").write_text("id,text\nd1,owls\n")
    (tmp_path / "j.qrels").write_text("q1 0 d7 1\n")
    done = make(
        "q.jsonl",
        jsonl([{"qid": "q1", "text": "night"}]),
        *("--documents", "docs.csv", "--qrels", "j.qrels"),
    )
    assert done.rc == 1
    assert "j.qrels: judges 'd7' for 'q1', but there is no such document" in done.err


def test_labels_that_are_no_numbers_are_refused(make: Make, tmp_path: Path) -> None:
    """NaN and infinity, which Parquet can hold and JSON cannot, are named like any other label."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    labels = [[float("nan"), 1.0], [float("inf"), 0.0]]
    table = pa.table({"id": ["a", "b"], "source": [["x.", "y."]] * 2, "labels": labels})
    pq.write_table(table, tmp_path / "made.parquet")
    done = make("p.parquet", (tmp_path / "made.parquet").read_bytes())
    assert done.rc == 1
    assert done.err.splitlines()[1:] == [
        "error: p.parquet:1: labels: expected a list of 0 and 1, got [NaN, 1.0]",
        "error: p.parquet:2: labels: expected a list of 0 and 1, got [Infinity, 0.0]",
    ]


def test_nothing_left_is_said_with_the_reasons(make: Make) -> None:
    """--skip-bad that leaves every row out makes no task, and says why."""
    done = make("p.jsonl", jsonl([{"abstract": "x", "tldr": ""}]), "--skip-bad")
    assert done.rc == 1
    assert "holds no examples: " in done.err
    assert "left out, expected some text: 1 (line 1)" in done.err
    assert not Path("mine").exists()


@pytest.mark.parametrize("cell", ["", " ", ","])
def test_an_empty_cell_says_nothing_of_the_labels(make: Make, tmp_path: Path, cell: str) -> None:
    """Labels that nobody gave are a bad row, and not the statement that no sentence is marked."""
    table = f'id,source,labels\na,One sentence.,"{cell}"\nb,Another one.,1\n'
    done = make("p.csv", table)
    assert done.rc == 1
    assert "p.csv:2: labels: expected a list of 0 and 1, got " in done.err
    done = make("p.csv", table, "--skip-bad")
    assert [row["id"] for row in written(tmp_path)] == ["b"]
    assert "left out, expected a list of 0 and 1: 1 (line 2)" in done.out
    assert "without a positive label" not in done.out


def judged(folder: Path, qrels: str) -> tuple[str, ...]:
    """Two documents, the first of which is number 0, and these judgements."""
    (folder / "docs.jsonl").write_text(
        jsonl([{"id": 0, "text": "owls"}, {"id": 1, "text": "mice"}])
    )
    (folder / "j.qrels").write_text(qrels)
    return "--documents", "docs.jsonl", "--qrels", "j.qrels"


def test_zero_is_an_id_of_queries_and_documents(make: Make, tmp_path: Path) -> None:
    """Data sets number from 0: the first query and the first document are no others."""
    done = make("q.jsonl", jsonl([{"id": 0, "text": "night"}]), *judged(tmp_path, "0 0 0 1\n"))
    assert done.rc == 0, done.err
    rows = written(tmp_path)
    assert [row.get("document_id") for row in rows] == ["0", "1", None]
    assert (rows[-1]["id"], rows[-1]["relevant"]) == ("0", {"0": 1})


def test_judgements_of_unknown_queries_are_counted(make: Make, tmp_path: Path) -> None:
    """What is judged for queries that the table lacks is left out, and said with their names."""
    options = judged(tmp_path, "0 0 0 1\nq7 0 1 1\nq8 0 1 1\n")
    done = make("q.jsonl", jsonl([{"id": 0, "text": "night"}]), *options)
    assert done.rc == 0, done.err
    assert "left out, judgements of a query that is not there: 2 (q7; q8)" in done.out


def test_a_page_that_vanishes_is_an_error_of_ours(tmp_path: Path) -> None:
    """A page that is gone when its digest is taken is named like any file that cannot be read."""
    from tldr_bench.errors import DataError
    from tldr_bench.make_task.text_file import origin

    with pytest.raises(DataError, match=r"page\.txt: no such file or directory"):
        origin(tmp_path / "page.txt", "the page")
