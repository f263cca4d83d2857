"""examine(workspace): what this installation can compute, and why not the rest."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tldr_bench.analysis.resolution import Resolution, resolution_of
from tldr_bench.data import cache_folder, data_folder, find_file, is_offline, missing_file
from tldr_bench.errors import TldrBenchError
from tldr_bench.metrics import available, metric_class
from tldr_bench.records import Field, Record
from tldr_bench.workspace import Workspace

PACKAGES = (
    "numpy",
    "datasets",
    "evaluate",
    "rapidfuzz",
    "rouge-score",
    "rank-bm25",
    "sacrebleu",
    "torch",
    "transformers",
    "bert-score",
)
"""What figures may depend on."""

State = Literal["ok", "missing", "note"]


class Finding(Record):
    """One thing that was looked at."""

    part: Literal["program", "package", "place", "metric", "task", "system"]
    name: str
    state: State
    detail: str


class Checkup(Record):
    """What `doctor --format json` prints."""

    format: Literal["tldr-bench/checkup/1"] = Field(default="tldr-bench/checkup/1", alias="schema")
    findings: list[Finding]
    resolution: list[Resolution]


def examine(workspace: Workspace) -> Checkup:
    """The program, its packages and places, every metric and task, and what the boards can resolve."""
    findings = [
        *_program(),
        *_packages(),
        *_places(workspace),
        *_metrics(),
        *_tasks(workspace),
        *_systems(workspace),
    ]
    here = [item.name for item in findings if item.part == "task" and item.state == "ok"]
    boards = (resolution_of(workspace, task_id) for task_id in here)
    return Checkup(findings=findings, resolution=[board for board in boards if board is not None])


def _program() -> Iterator[Finding]:
    python = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    yield Finding(part="program", name="tldr-bench", state="ok", detail=_version())
    yield Finding(part="program", name="python", state="ok", detail=f"{python}, {sys.executable}")


def _version() -> str:
    return _installed("tldr-bench") or "not installed, run from its folder"


def _installed(name: str) -> str | None:
    """The version of an installed package, without importing it."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        version = _installed(name)
        state: State = "ok" if version else "missing"
        yield Finding(part="package", name=name, state=state, detail=version or "not installed")


def _places(workspace: Workspace) -> Iterator[Finding]:
    yield Finding(part="place", name="workspace", state="ok", detail=str(workspace.root.resolve()))
    yield _folder("cache", cache_folder(), "TLDR_BENCH_CACHE", made=True)
    data = data_folder()
    if data is None:
        yield Finding(part="place", name="data", state="note", detail="TLDR_BENCH_DATA is not set")
    else:
        yield _folder("data", data, "TLDR_BENCH_DATA", made=False)
    offline = is_offline()
    detail = (
        "forbidden: offline" if offline else "allowed; --offline or TLDR_BENCH_OFFLINE=1 forbids it"
    )
    yield Finding(part="place", name="network", state="note" if offline else "ok", detail=detail)


def _folder(name: str, folder: Path, variable: str, *, made: bool) -> Finding:
    """A folder that is read, or (`made`) written and made when first needed."""
    if not folder.is_dir():
        detail = f"{folder} is not there" + (
            " yet; it is made when needed" if made else f" ({variable})"
        )
        return Finding(part="place", name=name, state="note" if made else "missing", detail=detail)
    needed = os.W_OK if made else os.R_OK
    if not os.access(folder, needed):
        what = "written; measurements are made anew each time" if made else "read"
        return Finding(
            part="place",
            name=name,
            state="missing",
            detail=f"{folder} cannot be {what} ({variable})",
        )
    return Finding(part="place", name=name, state="ok", detail=str(folder))


def _metrics() -> Iterator[Finding]:
    for name, reason in available():
        if reason is not None:
            yield Finding(part="metric", name=name, state="missing", detail=reason)
            continue
        kind = metric_class(name.partition(" ")[0])
        detail = f"{kind.title}, version {kind.version}, for {kind.kind} tasks"
        yield Finding(part="metric", name=name, state="ok", detail=detail)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _tasks(workspace: Workspace) -> Iterator[Finding]:
    for task_id, folder in workspace.task_folders().items():
        try:
            spec = workspace.task_file(task_id)
        except TldrBenchError as error:
            yield Finding(part="task", name=task_id, state="missing", detail=_reason(error))
            continue
        if spec.data.hub:
            detail = (
                f"{spec.data.hub} at {spec.data.revision}, in the cache of the `datasets` library"
            )
            yield Finding(part="task", name=task_id, state="note", detail=detail)
        elif (path := find_file(spec.data, folder)) is None:
            fetch = f"not on this machine: tldr-bench data fetch {task_id}"
            detail = fetch if spec.data.url else missing_file(task_id, spec.data)
            yield Finding(part="task", name=task_id, state="missing", detail=detail)
        else:
            yield Finding(part="task", name=task_id, state="ok", detail=str(path))


def _systems(workspace: Workspace) -> Iterator[Finding]:
    for system in workspace.systems():
        try:
            submission = workspace.submission(system)
        except TldrBenchError as error:
            yield Finding(part="system", name=system, state="missing", detail=_reason(error))
            continue
        tasks = ", ".join(submission.files) or "no predictions"
        yield Finding(part="system", name=system, state="ok", detail=tasks)
