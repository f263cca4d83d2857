"""JSON Lines as other tools write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, path_name, shown
from tldr_bench.files import MIB, iter_lines
from tldr_bench.importers.foreign import MAX_DOCUMENT, MAX_VALUES, parse, values_in
from tldr_bench.json_text import Unreadable


def numbered_objects(path: Path, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line; what is none goes to the report."""
    where = path_name(path)
    lines = size = values = 0
    for lines, text in iter_lines(path, report):
        size, values = size + len(text), values + values_in(text)
        if size > MAX_DOCUMENT or values > MAX_VALUES:
            most = f"{MAX_DOCUMENT // MIB} MiB or {MAX_VALUES:,} values"
            report.add(where, f"is larger than the limit of {most}", lines)
            return
        try:
            row = parse(text)
        except Unreadable as error:
            report.add(where, str(error), lines)
            continue
        if isinstance(row, dict):
            yield lines, row
        else:
            report.add(where, f"expected a JSON object {{…}}, got {shown(row)}", lines)
    if not lines and not report:
        report.add(where, "is empty: expected one JSON object a line")
