"""Writing down an import in submission.yaml, under `postprocessing`, beside what its author wrote.

The rest of the file stays as it is, comments too; only the lines of `postprocessing` are written anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tldr_bench.errors import Problem, SubmissionError
from tldr_bench.records import parse_record
from tldr_bench.submission import SubmissionFile
from tldr_bench.tables import plain
from tldr_bench.yaml_text import Lines, parse_yaml

KEY = "postprocessing"
IMPORTS = "imports"
"""Below it: task id -> how the predictions for that task were imported."""
DESCRIPTION = "description"
"""Below it: what the author had written there as a text or a list."""


def new_description(system: str, model: str | None) -> str:
    """A submission.yaml for a system that has none yet."""
    lines = {"name": system, "model_id": plain(model)[:200] if model else None}
    return dump({name: value for name, value in lines.items() if value})


def with_import(text: str, where: str, task_id: str, record: Mapping[str, Any]) -> str:
    """The text of submission.yaml with this import written down. Raises SubmissionError."""
    value, lines = parse_yaml(text, where, SubmissionError)
    parse_record(SubmissionFile, value, where, lines, SubmissionError)
    written = dump({KEY: _merged(value.get(KEY), task_id, record)})
    result = _replaced(text, lines, written)
    after, lines = _parsed(result, where)
    others = {name: item for name, item in value.items() if name != KEY}
    if {name: item for name, item in after.items() if name != KEY} != others:
        message = f"cannot be added to: write it as lines of 'key: value', then import again; it needs\n{written}"
        raise SubmissionError([Problem(where, None, message)])
    parse_record(SubmissionFile, after, where, lines, SubmissionError)
    return result


def _parsed(text: str, where: str) -> tuple[dict[str, Any], Lines]:
    try:
        return parse_yaml(text, where, SubmissionError)
    except SubmissionError:
        return {}, {}


def _merged(old: Any, task_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """What stands there now, plus this import; an earlier one for the same task is replaced."""
    kept = dict(old) if isinstance(old, dict) else {DESCRIPTION: old} if old else {}
    earlier = kept.pop(IMPORTS, None)
    imports = {**(earlier if isinstance(earlier, dict) else {}), task_id: dict(record)}
    return {**kept, IMPORTS: dict(sorted(imports.items()))}


def _replaced(text: str, lines: Lines, written: str) -> str:
    """The text with its lines of `postprocessing` replaced, or with new ones at the end."""
    rows = text.splitlines(keepends=True)
    if (KEY,) not in lines:
        end = "" if not text or text.endswith("\n") else "\n"
        return text + end + written
    first = lines[(KEY,)]
    after = [line for keys, line in lines.items() if len(keys) == 1 and line > first]
    last = min(after, default=len(rows) + 1) - 1
    while last > first and (not rows[last - 1].strip() or rows[last - 1].startswith("#")):
        last -= 1
    return "".join([*rows[: first - 1], written, *rows[last:]])


def dump(value: Mapping[str, Any]) -> str:
    """A mapping as block YAML without anchors, in its own order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
            return True

    text: str = yaml.dump(dict(value), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=96)
    return text
