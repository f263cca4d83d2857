"""A submission to the GEM benchmark: one JSON file with the outputs for many data sets.

`{"submission_name": …, "tasks": {data set: {"values": [text, …], "keys": [gem_id, …]}}}`; the keys
may be missing, and values may be objects with `generated` and `gem_id`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, path_name, shown
from tldr_bench.importers.foreign import (
    Foreign,
    Options,
    Output,
    as_text,
    chosen,
    expect,
    read_json,
)


def read(path: Path, options: Options, report: Report) -> Foreign:
    """The outputs for one data set of the submission: the picked one, or the only one."""
    submission = expect(read_json(path), dict, "with 'tasks'", path)
    tasks = expect(submission.get("tasks"), dict, "under 'tasks'", path)
    if not tasks:
        report.add(path_name(path), "holds no data sets: 'tasks' is empty")
        return Foreign((), "GEM submission")
    name = chosen("data set", list(tasks), options.pick, None)
    part = tasks[name]
    values = expect(part.get("values") if isinstance(part, dict) else part, list, "of values", path)
    keys = part.get("keys") if isinstance(part, dict) else None
    if keys is not None and (not isinstance(keys, list) or len(keys) != len(values)):
        found = len(keys) if isinstance(keys, list) else shown(keys)
        report.add(path_name(path), f"{shown(name)} has {len(values)} values and {found} keys")
        keys = None
    outputs = [
        _output(number, value, keys[number] if keys else None)
        for number, value in enumerate(values)
    ]
    dropped = tuple(f"the outputs for {shown(other)}" for other in tasks if other != name)
    return Foreign(
        outputs if outputs and all("gem_id" in item.fields for item in outputs) else _bare(outputs),
        f"GEM submission ({name})",
        model=as_text(submission.get("submission_name")),
        dropped=dropped,
        positional=not all("gem_id" in item.fields for item in outputs),
    )


def in_order(foreign: Foreign, known: int) -> Foreign | None:
    """The outputs by the numbers at the end of their GEM ids, when those are exactly 0 to N - 1.

    GEM numbers the examples of a split in the order of the data, so this is a reading by position.
    """
    numbered: dict[int, Output] = {}
    for output in foreign.outputs:
        found = re.fullmatch(r".*-(\d{1,9})", str(output.fields.get("gem_id", "")), re.DOTALL)
        if found:
            numbered.setdefault(int(found.group(1)), output)
    if len(numbered) != known or len(foreign.outputs) != known or max(numbered) != known - 1:
        return None
    ordered = [numbered[number] for number in range(known)]
    note = "the numbers at the end of the GEM ids are taken for places in the data"
    return Foreign(
        ordered, foreign.tool, None, foreign.model, (*foreign.dropped, note), positional=True
    )


def _output(number: int, value: Any, key: Any) -> Output:
    place = f"value {number + 1}"
    if isinstance(value, dict):
        key = value.get("gem_id", key)
        value = value.get("generated")
    fields = {"gem_id": key} if isinstance(key, str) else {}
    return Output(place, value, fields)


def _bare(outputs: list[Output]) -> list[Output]:
    return [Output(item.place, item.value) for item in outputs]
