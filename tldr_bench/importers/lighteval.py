"""lighteval: `details_<task>_<date>.parquet`, in both of its forms.

Since 0.9 a row has the structures `doc` and `model_response`; before, flat columns (`full_prompt`,
`predictions`, `specifics`) in which lists are printed Python values. `doc.id` is a row number and is
not used.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, path_name, shown
from tldr_bench.files import MAX_LINE
from tldr_bench.importers import bounded_parquet
from tldr_bench.importers.foreign import Foreign, Options, Output, as_object, chosen, flat

WANTED = (
    *("doc.query", "doc.choices", "doc.specific"),
    *("model_response.text", "model_response.text_post_processed"),
    *("example", "full_prompt", "predictions", "gold", "specifics"),
)


def read(path: Path, options: Options, report: Report) -> Foreign:
    """One generated text of every row: the picked one (counted from 1), or the first."""
    rows = list(bounded_parquet.rows(path, WANTED, report))
    if not rows:
        if not report:
            report.add(path_name(path), "has no rows")
        return Foreign((), "lighteval")
    if not ("model_response" in rows[0] and "doc" in rows[0]) and "predictions" not in rows[0]:
        message = f"has neither 'doc' and 'model_response' nor 'predictions'; its columns of lighteval are {sorted(rows[0])}"
        report.add(path_name(path), message)
        return Foreign((), "lighteval")
    texts = [_texts(row) for row in rows]
    most = max(len(found) for found in texts)
    sample = chosen("sample", [str(number) for number in range(1, most + 1)], options.pick, "1")
    outputs = [
        _output(number, row, found, int(sample) - 1, path, report)
        for number, (row, found) in enumerate(zip(rows, texts, strict=True), 1)
    ]
    dropped = [f"all samples of an example but number {sample}"] if most > 1 else []
    if any(as_object(row.get("model_response")).get("text_post_processed") for row in rows):
        dropped.append("lighteval's post-processed texts; what the model said is taken")
    return Foreign(outputs, "lighteval", dropped=tuple(dropped))


def _texts(row: dict[str, Any]) -> list[Any]:
    """Everything that the model said for a row."""
    found = as_object(row.get("model_response")).get("text") if "doc" in row else row["predictions"]
    found = _printed(found)
    while isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    return found if isinstance(found, list) else [found]


def _output(
    number: int, row: dict[str, Any], texts: list[Any], sample: int, path: Path, report: Report
) -> Output:
    place = f"row {number}"
    value = texts[sample] if sample < len(texts) else None
    if not isinstance(value, str):
        report.add(path_name(path), f"{place} has no generated text, but {shown(value)}")
    if "doc" in row:
        doc = as_object(row["doc"])
        fields = {
            **flat(_specific(doc.get("specific")), "specific."),
            "choices": doc.get("choices"),
        }
        return Output(place, value, fields, str(doc.get("query") or ""))
    specific = flat(_specific(row.get("specifics")), "specifics.")
    fields = {**specific, "gold": _printed(row.get("gold"))}
    return Output(place, value, fields, str(row.get("full_prompt") or row.get("example") or ""))


def _specific(value: Any) -> dict[str, Any]:
    return as_object(_printed(value))


def _printed(value: Any) -> Any:
    """A list or object that was printed as Python prints it; any other text stays a text.

    `literal_eval` reads constants only; what it cannot read, or is too long, is not a printed value.
    """
    if not isinstance(value, str) or value[:1] not in "[{" or len(value) > MAX_LINE:
        return value
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value
    return found if isinstance(found, list | dict) else value
