"""make-task columns: anybody's table, in every form, with guessed or named columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from columns_files import Make, make, written
from conftest import TINY_ROWS, jsonl

from tldr_bench.make_task.guess import Columns, decide
from tldr_bench.task import load_task

__all__ = ["make"]


def test_usual_names_are_guessed_and_the_guess_is_shown(make: Make, tmp_path: Path) -> None:
    """abstract, tldr and paper_id are known; the unusual column is left alone."""
    rows = [{"paper_id": "x", "abstract": "Owls hunt.", "tldr": "Owls.", "colour": "red"}]
    done = make("p.jsonl", jsonl(rows))
    assert done.err == "guessed: source = 'abstract', target = 'tldr', id = 'paper_id'\n"
    assert written(tmp_path) == [{"id": "x", "source": "Owls hunt.", "targets": ["Owls."]}]


def test_named_columns_are_not_guessed_again(make: Make, tmp_path: Path) -> None:
    """--source text --target said win over columns with usual names; ids become row numbers."""
    rows = [{"text": "A b.", "said": "B.", "abstract": "no", "tldr": "no"}] * 2
    done = make("p.jsonl", jsonl(rows), "--source", "text", "--target", "said")
    assert (done.rc, done.err) == (0, "")
    assert [row["id"] for row in written(tmp_path)] == ["1", "2"]
    assert "ids: the rows' numbers, from 1 (no column of ids)" in done.out


@pytest.mark.parametrize(
    ("present", "kind"),
    [
        (("abstract", "tldr"), "summary"),
        (("source", "source_labels", "target"), "summary"),
        (("source", "labels"), "labels"),
        (("query", "pos", "idx", "task_name"), "ranking"),
        (("question", "document"), "ranking"),
    ],
)
def test_the_kind_follows_from_the_columns(present: tuple[str, ...], kind: str) -> None:
    """TLDRs make a summary task, labels alone a labels task, query and answer a ranking."""
    assert decide("x", present, Columns(), None)[0] == kind


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv", ".tsv", ".parquet"])
def test_every_form_of_table_gives_the_same_task(ending: str, make: Make, tmp_path: Path) -> None:
    """The same papers as JSONL, JSON, CSV, TSV and Parquet: one version of the task."""
    rows = [
        {"id": row["id"], "title": row["title"], "source": row["source"], "targets": row["targets"]}
        for row in TINY_ROWS
    ]
    done = make(f"papers{ending}", as_table(rows, ending))
    assert done.rc == 0, done.err
    reference = tmp_path / "ref/mine"
    reference.mkdir(parents=True)
    for name in ("task.yaml", "mine.jsonl"):
        (reference / name).write_bytes((tmp_path / "mine" / name).read_bytes())
    assert [row["source"] for row in written(tmp_path)] == [row["source"] for row in rows]
    assert load_task(reference).version == load_task(tmp_path / "mine").version
    assert written(tmp_path) == rows


def as_table(rows: list[dict[str, Any]], ending: str) -> bytes:
    """The rows in one of the forms."""
    if ending == ".parquet":
        import io

        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), sink)
        return sink.getvalue()
    if ending == ".jsonl":
        return jsonl(rows).encode()
    if ending == ".json":
        return json.dumps(rows).encode()
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if ending == ".tsv" else ",")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(
            [json.dumps(cell) if isinstance(cell, list) else cell for cell in row.values()]
        )
    return text.getvalue().encode()


def test_ids_in_a_text_table_stay_text(make: Make, tmp_path: Path) -> None:
    """007 is an id and not seven; a comma and a line break inside quotes belong to the cell."""
    make("p.csv", 'id,abstract,tldr\n007,"a, b\nc",d\n')
    assert written(tmp_path) == [{"id": "007", "source": "a, b\nc", "targets": ["d"]}]


@pytest.mark.parametrize("value", [[True, False], [1.0, 0.0], "1 0", "1,0"])
def test_labels_as_data_sets_write_them(value: Any, make: Make, tmp_path: Path) -> None:
    """Booleans, whole floats and digits in a cell are labels."""
    make("p.jsonl", jsonl([{"id": "a", "source": ["x.", "y."], "labels": value}]))
    assert written(tmp_path)[0]["labels"] == [1, 0]


def test_rows_without_a_positive_label_are_kept_and_counted(make: Make, tmp_path: Path) -> None:
    """Labels that sum to 0 are data: choosing nothing is right there, and the card says so."""
    rows = [{"id": str(n), "source": ["x.", "y."], "labels": [n, 0]} for n in (0, 1)]
    done = make("p.jsonl", jsonl(rows))
    assert len(written(tmp_path)) == 2
    assert "rows without a positive label (nothing chosen is right there): 1" in done.out


def test_several_right_answers_become_documents_of_their_own(make: Make, tmp_path: Path) -> None:
    """`pos` with two texts: both are in the pool, both are relevant."""
    make("p.jsonl", jsonl([{"query": "q", "pos": ["one", "two"], "idx": 5}]))
    task = load_task(tmp_path / "mine")
    assert (dict(task.pool), task.examples[0].target) == (
        {"5.1": "one", "5.2": "two"},
        {"5.1": 1, "5.2": 1},
    )


def test_a_search_collection_of_three_files(make: Make, tmp_path: Path) -> None:
    """Queries, documents and TREC judgements: one ranking task; a query without judgements is named."""
    (tmp_path / "docs.csv").write_text("docno,text\nd1,owls\nd2,bats\n".replace("docno", "id"))
    (tmp_path / "j.qrels").write_text("q1 0 d2 3\nq1 0 d1 0\n")
    queries = jsonl([{"qid": "q1", "text": "night"}, {"qid": "q2", "text": "day"}])
    done = make("q.jsonl", queries, "--documents", "docs.csv", "--qrels", "j.qrels")
    assert done.rc == 0, done.err
    task = load_task(tmp_path / "mine")
    assert ([e.target for e in task.examples], list(task.pool)) == ([{"d2": 3}], ["d1", "d2"])
    assert "left out, a query without a relevant document: 1 (q2)" in done.out
