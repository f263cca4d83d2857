"""Write a draft as a task folder: the rows, task.yaml and a card that says where they came from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import Row
from tldr_bench.errors import DataError, OutputError, Problem, UsageError, path_name
from tldr_bench.files import MAX_FILE, MAX_LINE, MIB, reason
from tldr_bench.kinds import KindName
from tldr_bench.make_task.draft import Draft
from tldr_bench.tables import markdown
from tldr_bench.task import NAME_PATTERN
from tldr_bench.writing import write_atomic

Watch = Callable[[Iterable[Row]], Iterable[Row]]
"""Passes rows on and shows how many there were."""

METRICS: dict[KindName, str] = {
    "summary": """\
metrics:
  rouge155: {references: best-rouge1}
  rouge: {references: best-rouge1}
  specificity:
primary: rouge155.rouge1
""",
    "labels": "metrics:\n  labels:\nprimary: labels.f1\n",
    "ranking": "metrics:\n  ranking:\nprimary: ranking.mrr@10\n",
}
SELECTION = "metrics:\n  labels:\n  selection:\nprimary: labels.f1\n"


@dataclass(frozen=True)
class Written:
    """What was written."""

    folder: Path
    task_id: str
    rows: int
    changed: bool


def write_task(
    out: Path, draft: Draft, *, name: str | None = None, force: bool = False, watch: Watch = iter
) -> Written:
    """The task folder `out`, whose name is the task's id.

    Raises UsageError for a name that no task can have, OutputError where another task stands,
    DataError when there are no rows or more than a data file may hold.
    """
    task_id = out.resolve().name
    if not re.fullmatch(NAME_PATTERN, task_id):
        raise UsageError(
            f"--out {out}: a task's folder is named with up to 64 of a-z, 0-9, '.', '_', '-', "
            "a letter or digit first"
        )
    data = out / f"{task_id}.jsonl"
    with _temporary(out) as part:
        digest, rows = _write_rows(part, watch(draft.rows))
        if not rows:
            reasons = "; ".join(draft.account.lines())
            message = f"holds no examples: {reasons}" if reasons else "holds no examples"
            raise DataError([Problem(draft.origin, None, message)])
        task_yaml = _task_yaml(task_id, name or task_id, draft, digest)
        _refuse_other(out / "task.yaml", task_yaml, force)
        os.replace(part, data)  # noqa: PTH105 - Path.replace is the same call
    changed = write_atomic(out / "task.yaml", task_yaml)
    write_atomic(out / "README.md", _card(task_id, name or task_id, draft, digest, rows))
    return Written(out, task_id, rows, changed)


def _temporary(folder: Path) -> contextlib.AbstractContextManager[Path]:
    @contextlib.contextmanager
    def opened():  # type: ignore[no-untyped-def]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".rows.", dir=folder)
        except OSError as error:
            message = f"cannot be written: {reason(error)}"
            raise OutputError([Problem(path_name(folder), None, message)]) from None
        os.close(handle)
        path = Path(name)
        try:
            path.chmod(0o644)
            yield path
        finally:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()  # only where it stayed empty

    return opened()


def _write_rows(path: Path, rows: Iterable[Row]) -> tuple[str, int]:
    """SHA-256 and number of the rows, written one at a time."""
    digest = hashlib.sha256()
    count = size = 0
    with path.open("wb") as file:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            size += len(line)
            count += 1
            if len(line) > MAX_LINE:
                message = f"is longer than the limit of {MAX_LINE // MIB} MiB"
                raise DataError([Problem(f"example {row['id']}", None, message)])
            if size > MAX_FILE:
                message = (
                    f"the first {count - 1} examples fill the {MAX_FILE // MIB} MiB that a task's data "
                    f"may have; --limit {count - 1} takes these"
                )
                raise DataError([Problem(path_name(path.parent), None, message)])
            digest.update(line)
            file.write(line)
    return digest.hexdigest(), count


def _refuse_other(path: Path, content: str, force: bool) -> None:
    if path.exists() and not force and path.read_bytes() != content.encode():
        message = "another task stands here; give --force to replace it"
        raise OutputError([Problem(path_name(path), None, message)])


def _task_yaml(task_id: str, name: str, draft: Draft, digest: str) -> str:
    metrics = METRICS[draft.kind]
    if draft.kind == "labels" and draft.references:
        metrics = SELECTION
    return (
        f"name: {_quoted(name)}\nkind: {draft.kind}\ndescription: {_quoted(draft.description)}\n"
        f"data:\n  path: {task_id}.jsonl\n  sha256: {digest}\n{metrics}"
    )


def _quoted(text: str) -> str:
    # A JSON string is a YAML string; escaped, because YAML does not read every character as it is.
    return json.dumps(text)


def _card(task_id: str, name: str, draft: Draft, digest: str, rows: int) -> str:
    facts = "".join(f"- {markdown(line)}\n" for line in draft.account.lines())
    return (
        f"# {markdown(name)}\n\n{markdown(draft.description)}\n\n"
        f"A {draft.kind} task of {rows} examples, made by `tldr-bench make-task`.\n\n"
        f"From: {markdown(draft.origin)}\n\n"
        f"Data: `{task_id}.jsonl`, SHA-256 `{digest}`\n\n## What was found\n\n{facts}\n"
        "## Before you publish it\n\n"
        "The rows hold the texts themselves. Whether they may be passed on is for the licence of "
        "their source to say; none was read from the file. Put it into `license:` of task.yaml.\n"
    )
