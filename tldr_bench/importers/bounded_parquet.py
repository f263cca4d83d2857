"""Rows of a stranger's Parquet file, of which little can mean much.

A text that is in the file once may stand in a million places, in one row or in many. So texts are read
as numbers into a dictionary, and counted at their full length before they are unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, path_name
from tldr_bench.files import MAX_FILE, MIB, read_bounded
from tldr_bench.importers.foreign import MAX_VALUES
from tldr_bench.importers.parquet_sizes import Sizes, sizes
from tldr_bench.json_text import Unreadable
from tldr_bench.table_files import arrow_errors

MAX_ROWS = 1_000_000
BATCH = 1000


def rows(path: Path, wanted: Sequence[str], report: Report) -> Iterator[dict[str, Any]]:
    """The wanted columns of every row, those inside an object by dotted name: `doc.query`.

    What cannot be read goes to the report.
    """
    try:
        yield from _rows(read_bounded(path), wanted)
    except Unreadable as error:
        report.add(path_name(path), str(error))
    except arrow_errors() as error:
        message = " ".join(str(error).split())[:200]
        report.add(path_name(path), f"is not a readable Parquet file: {message}")


def _rows(content: bytes, wanted: Sequence[str]) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    found = sizes(content, wanted)
    _refuse_large(found)
    _check_unpacked(content, found.paths, found.groups)
    file = parquet.ParquetFile(pa.BufferReader(content))
    for batch in file.iter_batches(BATCH, columns=found.paths):
        yield from batch.to_pylist()


def _check_unpacked(content: bytes, paths: Sequence[str], groups: int) -> None:
    """Raise Unreadable when these columns are too large once they are unpacked."""
    import pyarrow as pa
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(content), read_dictionary=list(paths))
    size = 0
    for group in range(groups):  # each has dictionaries of its own
        for batch in file.iter_batches(BATCH, row_groups=[group], columns=paths):
            size += sum(map(_unpacked, batch.columns))
            _expect_at_most(size)


def _refuse_large(found: Sizes) -> None:
    """By what the file says of itself, before any of it is unpacked."""
    if found.rows > MAX_ROWS:
        raise Unreadable(f"has more than {MAX_ROWS:,} rows")
    if found.values > MAX_VALUES:
        raise Unreadable(f"holds more than {MAX_VALUES:,} values")
    _expect_at_most(found.bytes)


def _expect_at_most(size: int) -> None:
    if size > MAX_FILE:
        raise Unreadable(f"unpacks to more than {MAX_FILE // MIB} MiB")


def _unpacked(array: Any) -> int:
    """Bytes of an Arrow array once each of its texts stands for itself, however deep it lies."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(array.type):
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(lengths.take(array.indices).cast(pa.int64())).as_py() or 0)
    if pa.types.is_struct(array.type):
        return sum(map(_unpacked, array.flatten()))
    if pa.types.is_map(array.type):
        return _unpacked(array.keys) + _unpacked(array.items)
    if pa.types.is_nested(array.type):
        return _unpacked(array.flatten())
    return int(array.nbytes)
