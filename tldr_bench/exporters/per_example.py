"""Every score on every example: of every system as a Parquet table, of one system as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from tldr_bench.align import align
from tldr_bench.exporters.formats import Files, Options, systems, the_system
from tldr_bench.importers.quoting import COLUMN, quoted
from tldr_bench.leaderboard import Board
from tldr_bench.result import Scored


def parquet(board: Board, options: Options) -> Files:
    """A row for every system and example: system, id, prediction, and a column for each score.

    A score that a system does not have is null. The table's metadata holds task, version and
    signatures as JSON under `tldr-bench`.
    """
    import pyarrow as pa
    from pyarrow import parquet as writer

    rows = [_table(board, board.scored[place]) for place in systems(board, options)]
    fields = [pa.field(name, pa.string()) for name in ("system", "id", "prediction")]
    fields += [pa.field(name, pa.float64()) for name in board.score_names]
    about = {
        "task": board.task.id,
        "task_version": board.task.version,
        "signatures": board.record.signatures,
    }
    schema = pa.schema(fields, {"tldr-bench": json.dumps(about, sort_keys=True)})
    table = pa.concat_tables([pa.Table.from_pydict(columns, schema) for columns in rows]) if rows else schema.empty_table()  # fmt: skip
    out = io.BytesIO()
    writer.write_table(table, out)
    return {f"{board.task.id}.parquet": out.getvalue()}


def predictions(board: Board, options: Options) -> Files:
    """One system's predictions and scores for a spreadsheet; `import csv` gives the same texts back.

    Texts are quoted (`importers.quoting`); fractions are unrounded, and a score that is not there is empty.
    """
    columns = _table(board, board.scored[the_system(board, options)])
    names = ["id", "prediction", *board.score_names]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([COLUMN if name == "prediction" else name for name in names])
    for row in zip(*(columns[name] for name in names), strict=True):
        writer.writerow([_cell(value) for value in row])
    return {f"{board.task.id}.predictions.csv": out.getvalue()}


def _cell(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    return "" if value is None else repr(float(value))  # type: ignore[arg-type]


def _table(board: Board, scored: Scored) -> dict[str, Any]:
    """One system's columns."""
    pairs = align(board.task, scored.submission).pairs
    columns: dict[str, Any] = {
        "system": [scored.submission.system] * len(pairs),
        "id": [pair.id for pair in pairs],
        "prediction": [_text(pair.prediction) for pair in pairs],
    }
    for name in board.score_names:
        metric, _, part = name.partition(".")
        measured = scored.measurements.get(metric)
        known = measured is not None and not measured.metric.is_whole(measured.columns)
        found = measured.per_example().get(part) if measured is not None and known else None
        columns[name] = [None] * len(pairs) if found is None else found
    return columns


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
