"""TREC runs: the form in which retrieval systems write their rankings."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tldr_bench.errors import Report, path_name, shown
from tldr_bench.files import iter_lines
from tldr_bench.kinds import KindName


class RunRow(NamedTuple):
    """A line of a TREC run: `query Q0 document rank score tag`."""

    line: int
    query: str
    document: str
    score: float


def run_rows(path: Path, kind: KindName, report: Report) -> Iterator[RunRow]:
    """The rows of a TREC run, as they come; what is not as promised is reported."""
    where = path_name(path)
    if kind != "ranking":
        report.add(where, f"is a TREC run; a {kind} task takes .jsonl")
        return
    line = 0
    for line, text in iter_lines(path, report, follow_links=False):
        columns = text.split()
        if len(columns) != 6:
            expected = "expected 6 columns (query Q0 document rank score tag)"
            report.add(where, f"{expected}, got {len(columns)}", line)
        elif not _NUMBER.fullmatch(columns[4]):
            report.add(where, f"expected a number, got {shown(columns[4])}", line, "score")
        else:
            yield RunRow(line, columns[0], columns[2], _single(columns[4]))
    if not line and not report:
        report.add(where, "is empty: expected lines of 'query Q0 document rank score tag'")


_NUMBER = re.compile(r"[-+]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})([eE][-+]?\d{1,4})?", re.ASCII)


def _single(digits: str) -> float:
    """The number in single precision: trec_eval compares scores so, and what is equal in it ties."""
    try:
        single: float = struct.unpack("f", struct.pack("f", float(digits)))[0]
    except OverflowError:
        return math.copysign(math.inf, float(digits))
    return single
