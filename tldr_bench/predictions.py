"""Predictions: what a system said of each example, row by row, as a stranger's file says it.

Read with bounds, never believed: what is not as promised is reported, with line and field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, path_name, shown, unknown
from tldr_bench.files import iter_jsonl
from tldr_bench.kinds import KindName, Labels, Ranking
from tldr_bench.task import is_labels


@dataclass(frozen=True, slots=True)
class Selected:
    """Labels given as the positions (from 0) of the chosen sentences."""

    positions: tuple[int, ...]


Value = str | Labels | Selected | Ranking
"""What a system said of one example."""


def prediction_rows(
    path: Path, kind: KindName, report: Report
) -> Iterator[tuple[int, str, Value | None]]:
    """Line, id and value of every prediction, as they come; what is not as promised is reported.

    A value that is reported already is None; a line without a usable id is left out.
    """
    where = path_name(path)
    line = 0
    for line, row in iter_jsonl(path, report, follow_links=False):
        example_id = _row_id(row, where, line, report)
        value = _row_value(row, kind, where, line, report)
        if example_id is not None:
            yield line, example_id, value
    if not line and not report:
        report.add(where, "is empty: expected one JSON object a line")


def _row_id(row: dict[str, Any], where: str, line: int, report: Report) -> str | None:
    value = row.get("id")
    if isinstance(value, str) and value:
        return value
    if "id" not in row:
        report.add(where, "has no 'id'; rows are matched by id, never by position", line)
    else:
        report.add(where, f"expected a non-empty string, got {shown(value)}", line, "id")
    return None


_KEYS: dict[KindName, tuple[str, ...]] = {
    "summary": ("id", "prediction"),
    "labels": ("id", "prediction", "selected"),
    "ranking": ("id", "prediction"),
}


def _row_value(
    row: dict[str, Any], kind: KindName, where: str, line: int, report: Report
) -> Value | None:
    strange = [key for key in row if key not in _KEYS[kind]]
    answered = any(key in row for key in _KEYS[kind] if key != "id")
    meant = "prediction" if len(strange) == 1 and not answered else None
    for key in strange:
        report.add(where, partial(unknown, "key", key, _KEYS[kind], meant), line)
    if kind == "labels" and "selected" in row:
        if "prediction" in row:
            report.add(where, "has both 'prediction' and 'selected'; give one", line)
        return _checked(row["selected"], _selected, where, line, "selected", report)
    if "prediction" not in row:
        if not strange:
            report.add(where, "has no 'prediction'", line)
        return None
    return _checked(row["prediction"], _PARSERS[kind], where, line, "prediction", report)


def _checked(
    value: Any,
    parse: Callable[[Any], Value],
    where: str,
    line: int,
    field: str,
    report: Report,
) -> Value | None:
    try:
        return parse(value)
    except ValueError as error:
        report.add(where, str(error), line, field)
        return None


def _summary(value: Any) -> str:
    if isinstance(value, str):
        return value
    hint = '; an empty prediction is ""' if value is None else ""
    raise ValueError(f"expected a text, got {shown(value)}{hint}")


def _labels(value: Any) -> Labels:
    if is_labels(value):
        return tuple(value)
    raise ValueError(f"expected a list of 0 and 1, one per sentence, got {shown(value)}")


def _selected(value: Any) -> Selected:
    good = isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
    if good and len(set(value)) == len(value):
        return Selected(tuple(value))
    raise ValueError(f"expected distinct sentence numbers counted from 0, got {shown(value)}")


def _ranking(value: Any) -> Ranking:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"expected a list of document ids, best first, got {shown(value)}")
    if len(set(value)) < len(value):
        raise ValueError(f"ranks {shown(_first_repeated(value))} twice")
    return tuple(value)


def _first_repeated(items: list[str]) -> str:
    seen: set[str] = set()
    return next(item for item in items if item in seen or seen.add(item))  # type: ignore[func-returns-value]


_PARSERS: dict[KindName, Callable[[Any], Value]] = {
    "summary": _summary,
    "labels": _labels,
    "ranking": _ranking,
}
