"""CSV, TSV and Parquet files as rows: streamed, every cell as it stands.

Cells of a text table stay text (`007` is an id, not seven), except that a cell which is a JSON list,
such as `[0, 1, 0]` or `["one", "two"]`, is that list.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any

from tldr_bench.errors import DataError, Problem, counted, shown
from tldr_bench.files import MAX_LINE, reason
from tldr_bench.json_text import Unreadable, parse_json

BATCH = 1000
"""Rows of a Parquet file in memory at a time."""


def text_rows(file: IO[bytes], where: str, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and cells of every row of a CSV or TSV file with a header. Raises DataError."""
    try:
        with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            yield from _csv_rows(text, delimiter, where)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise _wrong(where, None, f"is not UTF-8: it holds the byte 0x{byte:02x}") from None
    except OSError as error:
        raise _wrong(where, None, f"cannot be read: {reason(error)}") from None


def _csv_rows(
    text: io.TextIOWrapper, delimiter: str, where: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = _header(next(reader, []), where, delimiter)
        end = reader.line_num
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not cells:
                continue
            if len(cells) != len(header):
                raise _wrong(where, line, uneven(header, cells))
            yield line, {name: _cell(cell) for name, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise _wrong(where, reader.line_num, f"is not a valid table: {error}") from None


def uneven(header: Sequence[str], cells: Sequence[str]) -> str:
    """What to say of a row that has more or fewer cells than the header."""
    return f"expected {counted(len(header), 'cell')}, got {len(cells)}"


def other_separator(header: Sequence[str], delimiter: str) -> str | None:
    """What to say of a header of one cell that holds what separates the cells of other tables."""
    for sign, name in _SEPARATORS.items():
        if len(header) == 1 and sign in header[0] and sign != delimiter:
            return f"looks separated by {name}: expected {_SEPARATORS[delimiter]} between the cells"
    return None


_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}


def _header(cells: list[str], where: str, delimiter: str) -> list[str]:
    """The names of the columns; one without a name (an index that pandas wrote) is called by its place."""
    if not cells:
        raise _wrong(where, None, "is empty: expected a header with the names of the columns")
    if problem := other_separator(cells, delimiter):
        raise _wrong(where, 1, problem)
    names = [cell if cell.strip() else f"column {place}" for place, cell in enumerate(cells, 1)]
    if twice := next((name for name, times in Counter(names).items() if times > 1), None):
        raise _wrong(where, 1, f"has the column {shown(twice)} twice")
    return names


def _cell(cell: str) -> Any:
    if cell.startswith("[") and cell.endswith("]"):
        try:
            return parse_json(cell)
        except Unreadable:
            return cell
    return cell


def arrow_errors() -> tuple[type[Exception], ...]:
    """What pyarrow raises for bytes that are not as they should be: its own, and those of the C++ below it."""
    import pyarrow as pa

    below = (RuntimeError, TypeError, IndexError, ArithmeticError, MemoryError)
    return (pa.ArrowException, OSError, ValueError, *below)


def parquet_rows(file: IO[bytes], where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Position from 1 and values of every row of a Parquet file. Raises DataError."""
    import pyarrow.parquet as pq

    position = 0
    try:
        with pq.ParquetFile(file) as table:
            for batch in table.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    position += 1
                    yield position, row
    except arrow_errors() as error:
        detail = " ".join(str(error).split())[:300]
        raise _wrong(where, None, f"is not a whole Parquet file: {detail}") from None


def json_rows(content: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Position from 1 and object of every entry of a JSON file that holds one list."""
    try:
        rows = parse_json(content)
    except Unreadable as error:
        raise _wrong(where, None, str(error)) from None
    if not isinstance(rows, list):
        raise _wrong(where, None, "expected a list of objects; for one object a line use .jsonl")
    for position, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise _wrong(where, None, f"entry {position}: expected an object, got {shown(row)}")
        yield position, row


def _wrong(where: str, line: int | None, message: str) -> DataError:
    return DataError([Problem(where, line, message)])
