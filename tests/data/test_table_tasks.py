"""Tasks whose data are a CSV, TSV or Parquet file: read as they stand, by line, without a trace elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tldr_bench.errors import DataError
from tldr_bench.table_files import json_rows, parquet_rows, text_rows
from tldr_bench.task import Task, load_task


def task(folder: Path, name: str, content: bytes) -> Task:
    """A labels task over this file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / "task.yaml").write_text(
        f"name: t\nkind: labels\ndata:\n  path: {name}\n  sha256: {digest}\n"
        "metrics:\n  labels:\nprimary: labels.f1\n"
    )
    return load_task(folder)


TABLE = (
    "id,source,labels,targets,title\n"
    '007,"[""One."", ""Two, three.""]","[0, 1]",A [tldr],=1+1\n'
    '1e3,"[""One.""]",[1],"[not json]",x\n'
)


@pytest.mark.parametrize(("name", "swap"), [("t.csv", ","), ("t.tsv", "\t")])
def test_cells_are_text_except_json_lists(name: str, swap: str, tmp_path: Path) -> None:
    """007 and 1e3 stay ids; sentences and labels are lists; a text in brackets stays text."""
    text = TABLE if swap == "," else TABLE.replace(",", "\t").replace("\t three", ", three")
    text = text.replace("\t 1]", ", 1]").replace('""\t ""', '"", ""')
    made = task(tmp_path / "t", name, text.encode())
    assert [e.id for e in made.examples] == ["007", "1e3"]
    assert made.examples[0].source == ("One.", "Two, three.")
    assert [e.target for e in made.examples] == [(0, 1), (1,)]
    assert [e.references for e in made.examples] == [("A [tldr]",), ("[not json]",)]
    assert made.examples[0].title == "=1+1"


def test_a_parquet_task_is_the_same_task(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Lists as lists; no library writes a word."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"id": "007", "source": ["One.", "Two, three."], "labels": [0, 1]}]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    parquet = task(tmp_path / "p", "t.parquet", sink.getvalue())
    jsonl = task(tmp_path / "j", "t.jsonl", (json.dumps(rows[0]) + "\n").encode())
    assert parquet.version == jsonl.version
    assert capfd.readouterr() == ("", "")


def test_a_problem_in_a_csv_row_has_the_line_of_the_file(tmp_path: Path) -> None:
    """A cell with a line break moves the next row down: line 4, not row 2."""
    text = 'id,source,labels\na,"x\ny",[1]\nb,x,[2]\n'
    with pytest.raises(DataError) as caught:
        task(tmp_path / "t", "t.csv", text.encode())
    assert str(caught.value) == "t.csv:4: labels: expected a list of 0 and 1, got [2]"


def test_many_rows_of_a_parquet_file_come_in_batches() -> None:
    """2,500 rows are numbered from 1 to 2,500."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table({"n": list(range(2500))}), sink)
    sink.seek(0)
    found = list(parquet_rows(sink, "x"))
    assert [(number, row["n"]) for number, row in found] == [(n + 1, n) for n in range(2500)]


def test_a_header_of_many_columns_takes_no_time() -> None:
    """100,000 names are looked through once; each beside all others would take minutes."""
    header = ",".join(f"c{place}" for place in range(100_000))
    start = time.process_time()
    assert list(text_rows(io.BytesIO(header.encode() + b"\n"), "x", ",")) == []
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,a\n1,2,3\n", "x:1: has the column 'a' twice"),
        ('a,b\n"1,2\n', "x:2: is not a valid table: unexpected end of data"),
        (
            "a\n" + "x" * (2**20 + 1) + "\n",
            "x:2: is not a valid table: field larger than field limit",
        ),
    ],
)
def test_a_table_that_is_not_one(text: str, message: str) -> None:
    """A name given twice, a quote without an end, a cell of more than a megabyte."""
    with pytest.raises(DataError) as caught:
        list(text_rows(io.BytesIO(text.encode()), "x", ","))
    assert message in str(caught.value)


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    """What pandas writes with its index is read; the index is `column 1`."""
    rows = list(text_rows(io.BytesIO(b",a\n0,x\n"), "x", ","))
    assert rows == [(2, {"column 1": "0", "a": "x"})]


def test_a_json_file_must_be_a_list_of_objects() -> None:
    """An entry that is something else is named by its position."""
    with pytest.raises(DataError, match="x: entry 2: expected an object, got 7"):
        list[Any](json_rows('[{"a": 1}, 7]', "x"))
