"""Any text as a cell of a CSV file that no spreadsheet runs and no terminal obeys, and back again.

A cell that would be a formula, or that begins with a quote itself, gets a quote in front; a text with
line breaks or control characters becomes a quote and a JSON string. The column's name says that it is so:
nothing is ever taken off a cell of another file.
"""

from __future__ import annotations

import json

from tldr_bench.json_text import parse_json
from tldr_bench.tables import csv_cell, plain

COLUMN = "quoted_prediction"
"""A table with this column was written by `export predictions`."""
QUOTED = ("id", COLUMN)
"""The columns of texts that it writes; any other was added by somebody, and is read as it stands."""


def quoted(text: str) -> str:
    """The text as a cell.

    >>> quoted("=1+1"), quoted("'tis"), quoted("so"), quoted("one\\ntwo")
    ("'=1+1", "''tis", 'so', '\\'"one\\\\ntwo"')
    """
    if plain(text) != text:
        return "'" + json.dumps(text)
    return "'" + text if text.startswith("'") else csv_cell(text)


def unquoted(cell: str) -> str:
    """The text of a cell that `quoted` made. Raises Unreadable where it cannot have."""
    if cell.startswith("'\""):
        return str(parse_json(cell[1:]))  # what begins with " is a string, or no JSON
    return cell.removeprefix("'")
