"""lm-evaluation-harness: `samples_<task>_<date>.jsonl`, written with `--log_samples`.

One row for every document *and filter*. `doc_id` is a row number and `target` a printed Python value:
neither is used; documents are recognised by the fields of `doc`. The file is opened for appending,
so a second run may stand behind the first.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, SubmissionError, counted, path_name, shown
from tldr_bench.importers.foreign import (
    Foreign,
    Options,
    Output,
    as_object,
    as_text,
    chosen,
    flat,
    read_json,
)
from tldr_bench.importers.rows import numbered_objects

RAW = "none"
"""The name of the filter that changes nothing."""


def read(path: Path, options: Options, report: Report) -> Foreign:
    """The outputs after one filter: the picked one, `none`, or the only one."""
    rows = [
        (line, row)
        for line, row in numbered_objects(path, report)
        if _is_sample(row, line, path, report)
    ]
    if report or not rows:
        return Foreign((), "lm-eval")
    filters = list(dict.fromkeys(_filter(row) for _, row in rows))
    kept = chosen("filter", filters, options.pick, RAW)
    outputs = [_output(line, row, path, report) for line, row in rows if _filter(row) == kept]
    dropped = [
        f"{counted(sum(_filter(row) == name for _, row in rows), 'row')} of filter {shown(name)}"
        for name in filters
        if name != kept
    ]
    if kept != RAW:
        dropped.append(f"the outputs are those after lm-eval's filter {shown(kept)}")
    version, model = _run(path)
    return Foreign(outputs, "lm-eval", version, model, tuple(dropped))


def _filter(row: dict[str, Any]) -> str:
    return str(row.get("filter", RAW))


def _is_sample(row: dict[str, Any], line: int, path: Path, report: Report) -> bool:
    if isinstance(row.get("doc"), dict) and "filtered_resps" in row:
        return True
    message = f"has no 'doc' and 'filtered_resps': not a row of lm-eval's samples; its keys are {shown(list(row))}"
    report.add(path_name(path), message, line)
    return False


def _output(line: int, row: dict[str, Any], path: Path, report: Report) -> Output:
    responses = row["filtered_resps"]
    value = responses[0] if isinstance(responses, list) and len(responses) == 1 else responses
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        message = f"expected one generated text, got {shown(value)}"
        report.add(path_name(path), message, line, "filtered_resps")
    return Output(f"line {line}", value, flat(row["doc"], "doc."), _prompt(row))


def _prompt(row: dict[str, Any]) -> str:
    first = as_object(as_object(row.get("arguments")).get("gen_args_0"))
    return as_text(first.get("arg_0")) or ""


def _run(path: Path) -> tuple[str | None, str | None]:
    """Version and model from the results that the run wrote beside its samples, if they are there."""
    date = re.search(r"_(\d{4}-\d\d-\d\dT[\d.-]+)\.jsonl$", path.name)
    results = path.with_name(f"results_{date.group(1)}.json") if date else path
    if results == path or not results.is_file():
        return None, None
    try:
        found = as_object(read_json(results))
    except SubmissionError:
        return None, None
    return as_text(found.get("lm_eval_version")), as_text(found.get("model_name"))
