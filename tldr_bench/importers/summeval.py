"""SummEval's JSON Lines: `id`, `decoded`, `model_id`, and the references beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, counted, path_name, shown
from tldr_bench.importers.foreign import Foreign, Options, Output, chosen
from tldr_bench.importers.rows import numbered_objects

_FIELDS = ("id", "reference", "references", "text", "filepath", "story_id")


def read(path: Path, options: Options, report: Report) -> Foreign:
    """The outputs of one model: the picked one, or the only one."""
    rows = list(numbered_objects(path, report))
    for line, row in rows:
        if "decoded" not in row:
            report.add(path_name(path), f"has no 'decoded'; its keys are {shown(list(row))}", line)
    if report or not rows:
        return Foreign((), "SummEval")
    models = list(dict.fromkeys(_model(row) for _, row in rows))
    model = chosen("model_id", models, options.pick, None)
    kept = [(line, row) for line, row in rows if _model(row) == model]
    outputs = [
        Output(f"line {line}", row["decoded"], {name: row[name] for name in _FIELDS if name in row})
        for line, row in kept
    ]
    others = len(rows) - len(kept)
    dropped = (f"{counted(others, 'output')} of other models",) if others else ()
    return Foreign(outputs, "SummEval", model=model or None, dropped=dropped)


def _model(row: dict[str, Any]) -> str:
    return str(row.get("model_id", ""))
