"""A table with a header: CSV, or TSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tldr_bench.errors import Report, path_name, unknown
from tldr_bench.files import MAX_LINE, decode, read_bounded
from tldr_bench.importers.foreign import MAX_DOCUMENT, MAX_OUTPUTS, Foreign, Options, Output
from tldr_bench.importers.quoting import COLUMN, QUOTED, unquoted
from tldr_bench.json_text import Unreadable
from tldr_bench.table_files import other_separator, uneven

OUTPUTS = (
    COLUMN,
    "prediction",
    "output",
    "summary",
    "generated",
    "decoded",
    "hypothesis",
    "response",
)
"""Columns that are taken for the outputs when none is named; the first that there is."""


def read_csv(path: Path, options: Options, report: Report) -> Foreign:
    """A row is an output; the other columns say of what."""
    return _read(path, options, report, "\t" if path.name.endswith(".tsv") else ",")


def read_tsv(path: Path, options: Options, report: Report) -> Foreign:
    """As `read_csv`, with tabs."""
    return _read(path, options, report, "\t")


def _read(path: Path, options: Options, report: Report, delimiter: str) -> Foreign:
    rows = list(_rows(path, delimiter, report))
    tool = "TSV" if delimiter == "\t" else "CSV"
    if not rows:
        if not report:
            report.add(
                path_name(path), "is empty: expected a header, then one row for every output"
            )
        return Foreign((), tool)
    header = [name.strip() for name in rows[0][1]]
    if options.output_field not in header and (problem := other_separator(header, delimiter)):
        report.add(path_name(path), problem, 1)
        return Foreign((), tool)
    column = _output_column(header, options, path, report)
    even = _even(rows[1:], header, path, report)
    if COLUMN in header:
        even = _unquoted(even, header, path, report)
        tool = "tldr-bench export predictions"
    outputs = [
        Output(f"line {line}", row[column], _fields(header, row, column)) for line, row in even
    ]
    return Foreign(outputs, tool)


def _unquoted(
    rows: Iterable[tuple[int, list[str]]], header: Sequence[str], path: Path, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table of our own, with the quotes taken off that we put on."""
    ours = [name in QUOTED for name in header]
    for line, row in rows:
        cells = zip(row, ours, strict=True)
        try:
            yield line, [unquoted(cell) if own else cell for cell, own in cells]
        except Unreadable as error:
            report.add(path_name(path), str(error), line)


def _rows(path: Path, delimiter: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Line at which each row begins, and its cells; blank lines are none."""
    where = path_name(path)
    line = 1
    try:
        content = read_bounded(path, MAX_DOCUMENT)
        decode(content)  # says where it is not UTF-8
        if content.count(delimiter.encode()) + content.count(b"\n") > MAX_OUTPUTS:
            raise Unreadable(f"has more than {MAX_OUTPUTS:,} cells")
        csv.field_size_limit(MAX_LINE)
        text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except Unreadable as error:
        report.add(where, str(error), error.line)
    except csv.Error as error:
        report.add(where, f"is not a well-formed table: {error}", line)


def _output_column(header: Sequence[str], options: Options, path: Path, report: Report) -> int:
    where = path_name(path)
    for name in {name for name in header if header.count(name) > 1}:
        report.add(where, f"has two columns '{name}'", 1)
    wanted = options.output_field
    if wanted is None:
        wanted = next((name for name in OUTPUTS if name in header), None)
    if wanted in header and wanted is not None:
        return header.index(wanted)
    message = (
        f"has no column 'prediction'; say which one holds the outputs with --field: {', '.join(header[:12])}"
        if wanted is None
        else f"--field: {unknown('column', wanted, header)}"
    )
    report.add(where, message, 1)
    return 0


def _even(
    rows: Sequence[tuple[int, list[str]]], header: Sequence[str], path: Path, report: Report
) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        if len(row) == len(header):
            yield line, row
        else:
            report.add(path_name(path), uneven(header, row), line)


def _fields(header: Sequence[str], row: Sequence[str], column: int) -> dict[str, str]:
    cells = enumerate(zip(header, row, strict=True))
    return {name: cell for place, (name, cell) in cells if place != column}
