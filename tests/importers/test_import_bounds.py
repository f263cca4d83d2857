"""Hostile archives: what is read of Inspect's zips and lighteval's tables is bounded before it is unpacked."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import TinyWorkspace
from foreign_cases import SAID, predictions, refused, taken
from test_import_inspect import ANSWERS, as_eval, inspect_log
from test_import_lighteval import detail

from tldr_bench.errors import Report
from tldr_bench.files import MIB
from tldr_bench.importers import bounded_parquet, inspect_zip


def packed(folder: Path, declared: dict[str, int]) -> Path:
    """A log whose members are packed by Zstandard, some of which declare another size than theirs."""
    import pyarrow as pa

    log = inspect_log(ANSWERS)
    members = {f"samples/{item['id']}_epoch_1.json": item for item in log.pop("samples")}
    body, directory = b"", b""
    for name, value in {**members, "header.json": log}.items():
        content = json.dumps(value).encode()
        data = pa.compress(content, "zstd", asbytes=True)
        size = declared.get(name, len(content))
        about = struct.pack(
            "<HHHHHIIIHH", 63, 0, inspect_zip.ZSTANDARD, 0, 33,
            zlib.crc32(content), len(data), size, len(name), 0,
        )  # fmt: skip
        directory += b"PK\1\2" + struct.pack("<H", 63) + about
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + about + name.encode() + data
    count = len(members) + 1
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    path = folder / "log.eval"
    path.write_bytes(body + directory + b"PK\5\6" + end)
    return path


def test_members_packed_by_zstandard_are_read(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """An archive of method 93, which Python's zipfile does not know, gives what it holds."""
    assert predictions(taken("inspect", packed(tmp_path, {}))) == SAID


def test_a_packed_member_is_read_no_further_than_it_declares(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A member that unpacks to more than its header says is damaged, although its checksum fits the whole."""
    path = packed(tmp_path, {"samples/1_epoch_1.json": 20})
    assert "samples/1_epoch_1.json is damaged: its checksum differs" in refused("inspect", path)


def test_samples_are_bounded_together(
    tmp_workspace: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samples that are small one by one and large together are refused; of a transcript nothing is kept."""
    kept = [len(json.dumps(inspect_zip._slim(item))) for item in ANSWERS]
    monkeypatch.setattr(inspect_zip, "MAX_DOCUMENT", sum(kept))
    told = [{**item, "events": ["x" * 10_000]} for item in ANSWERS]
    assert predictions(taken("inspect", as_eval(tmp_path, inspect_log(told)))) == SAID
    monkeypatch.setattr(inspect_zip, "MAX_DOCUMENT", sum(kept) - 1)
    path = as_eval(tmp_path, inspect_log(ANSWERS), zipfile.ZIP_STORED)
    assert "its samples hold more than" in refused("inspect", path)


# lighteval ---------------------------------------------------------------------------------------


@contextmanager
def little_memory() -> Iterator[None]:
    """Fails if Arrow holds more than 12 MiB at any time in this block: the pool is used by nothing else."""
    import pyarrow as pa

    before, pool = pa.default_memory_pool(), pa.system_memory_pool()
    pa.set_memory_pool(pool)
    try:
        yield
    finally:
        pa.set_memory_pool(before)
    assert pool.max_memory() < 12 * MIB


def one_row(folder: Path, column: str, texts: Any) -> Path:
    """A table of one row: its lists as they are, in a column of a flat or a nested name."""
    import pyarrow as pa
    from pyarrow import parquet as writer

    outer, _, inner = column.partition(".")
    value = pa.StructArray.from_arrays([texts], [inner]) if inner else texts
    columns = {outer: value, "doc": [{"query": "x", "choices": ["y"]}]} if inner else {outer: value}
    path = folder / "details.parquet"
    writer.write_table(pa.table(columns), path, compression="zstd", store_schema=False)
    return path


@pytest.mark.parametrize("column", ["predictions", "model_response.text"])
def test_a_list_that_repeats_one_large_text_is_not_unpacked(
    column: str, tmp_workspace: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row of two kilobytes that means 128 MiB is refused before Arrow holds a tenth of it."""
    import pyarrow as pa

    monkeypatch.setattr(bounded_parquet, "MAX_FILE", MIB)
    large = ["x" * (MIB // 4)]
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 512, pa.int32()), large)
    path = one_row(tmp_path, column, pa.ListArray.from_arrays([0, 512], text))
    assert path.stat().st_size < 4000
    with little_memory():
        assert "unpacks to more than 1 MiB" in refused("lighteval", path)


def test_a_list_of_very_many_values_is_not_unpacked(
    tmp_workspace: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are counted before they are read: the smallest take a hundred times their bytes in the file."""
    import pyarrow as pa

    monkeypatch.setattr(bounded_parquet, "MAX_VALUES", 1000)
    path = one_row(tmp_path, "predictions", pa.array([["x"] * 2000]))
    assert "holds more than 1,000 values" in refused("lighteval", path)


def test_a_large_page_is_not_unpacked(
    tmp_workspace: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text of 64 MiB that packs to a few kilobytes is refused by what the file declares of its size."""
    import pyarrow as pa

    path = one_row(tmp_path, "predictions", pa.array([["x" * 64 * MIB]]))
    monkeypatch.setattr(bounded_parquet, "MAX_FILE", MIB)
    with little_memory():
        assert "unpacks to more than 1 MiB" in refused("lighteval", path)


def test_every_group_of_rows_has_its_own_dictionaries(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A table that was written in pieces, some of whose texts outgrew the dictionary, is read whole."""
    import pyarrow as pa
    from pyarrow import parquet as writer

    rows = [detail(number, [text, text]) for number, text in enumerate(SAID.values())]
    path = tmp_path / "details.parquet"
    for limit in (1, MIB):
        writer.write_table(
            pa.Table.from_pylist(rows), path, row_group_size=3, write_batch_size=1,
            dictionary_pagesize_limit=limit,
        )  # fmt: skip
        assert predictions(taken("lighteval", path)) == SAID


def test_wrong_bytes_end_in_a_refusal(tmp_path: Path) -> None:
    """Bytes of a Parquet file turned over, one at a time: rows are read, or the file is refused.

    Every sixteenth, and all of a description of columns, where pyarrow itself would end the process.
    """
    import pyarrow as pa

    path = one_row(tmp_path, "model_response.text", pa.array([["one", "two"]]))
    content, refusals, ends = path.read_bytes(), 0, False
    for place in (*range(0, len(content), 16), *range(272, 300)):
        wrong = bytearray(content)
        wrong[place] ^= 0x05
        path.write_bytes(wrong)
        report = Report()
        list(bounded_parquet.rows(path, ["model_response.text", "doc"], report))
        refusals += bool(report.problems)
        ends |= "what it says of its columns is damaged" in str(report.problems)
    assert ends
    assert refusals > 10
