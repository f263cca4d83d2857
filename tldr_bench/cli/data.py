"""`tldr-bench data`: bring a task's examples, check them, say where they lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from tldr_bench.fetch import Progress
    from tldr_bench.workspace import Workspace

app = typer.Typer(
    help="Bring, check and find the examples of a task.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK")]


@app.command()
def fetch(
    task: Annotated[list[str], typer.Argument(metavar="TASK…")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="DIR", help="Take the file from here, not from the network."
        ),
    ] = None,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Download a task's data unless it is here.

    Its digest is checked either way. A download that was cut or interrupted goes on where it stopped.
    """
    from tldr_bench.bring import bring, take

    workspace = open_workspace(root, offline)
    for name in task:
        spec = workspace.task_file(name)
        if folder is not None:
            note(f"{name}: {take(name, spec.data, folder)}")
        elif spec.data.hub is None:
            with _bar(name) as progress:
                path = bring(name, spec.data, workspace.task_folder(name), progress)
            note(f"{name}: {path}")
        loaded = workspace.task(name)
        typer.echo(
            f"{name}: {counted(len(loaded.examples), 'example')}, verified, version {loaded.version}"
        )


@app.command("fetch-model")
def fetch_model(
    model: Annotated[list[str], typer.Argument(metavar="MODEL…")],
    revision: Annotated[
        str, typer.Option("--revision", metavar="COMMIT", help="Which commit, 40 digits.")
    ] = "",
    offline: OfflineOption = False,
) -> None:
    """Download models that metrics use from the Hugging Face Hub.

    One of them is roberta-large (1.4 GB). This is the only command that downloads a model; what lacks one is otherwise not computed. The
    weights must have the digests that the workspace's tasks pin.
    """
    from tldr_bench.metrics.fetch_models import fetch as bring_model

    workspace = open_workspace(None, offline)
    for name in model:
        folder = bring_model(name, revision)
        for pin in sorted(_pins(workspace, name, revision)):
            bring_model(name, revision, pin)
        typer.echo(f"{name}: {folder}, verified")


def _pins(workspace: Workspace, model: str, revision: str) -> set[str]:
    """The digests that the workspace's tasks pin for a model; what a broken task says is told by others."""
    from tldr_bench.errors import TldrBenchError
    from tldr_bench.metrics.bertscore import BertScore
    from tldr_bench.metrics.models import revision_of
    from tldr_bench.task import build_metrics

    metrics: list[Any] = []
    for task_id, folder in workspace.task_folders().items():
        with suppress(TldrBenchError):
            metrics += build_metrics(task_id, folder, workspace.task_file(task_id)).values()
    commit = revision_of(model, revision)
    return {
        metric.sha256
        for metric in metrics
        if isinstance(metric, BertScore) and metric.sha256 and metric.model == model
        if revision_of(model, metric.revision) == commit
    }


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A progress bar of bytes while somebody watches; otherwise a line every 16 MiB."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield _log(label)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=None, visible=False)
        yield lambda have, total: bars.update(bar, completed=have, total=total, visible=True)


def _log(label: str) -> Progress:
    reached = 0

    def progress(have: int, total: int | None) -> None:
        nonlocal reached
        if have // STEP > reached:
            reached = have // STEP
            whole = f" of {total:,}" if total else ""
            note(f"{label}: {have:,}{whole} bytes")

    return progress


STEP = 16 * 1024 * 1024


@app.command()
def qrels(task: TaskArgument, root: RootOption = None, offline: OfflineOption = False) -> None:
    """Print a ranking task as TREC qrels."""
    from tldr_bench.qrels import qrels_text

    typer.echo(qrels_text(open_workspace(root, offline).task(task)), nl=False)


@app.command()
def trec(
    task: TaskArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A submission's file for the task.")],
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Print a ranking submission as a TREC run."""
    from tldr_bench.align import align_file
    from tldr_bench.qrels import run_text

    loaded = open_workspace(root, offline).task(task)
    tag = file.resolve().parent.name or "run"
    typer.echo(run_text(loaded, align_file(loaded, file).pairs, tag), nl=False)


def bring_all(workspace: Workspace) -> None:
    """Download what is missing of the data that the submissions' files are for.

    What cannot be had is left out: the scorer says so of every task whose data it lacks.
    """
    from tldr_bench.bring import bring
    from tldr_bench.data import find_file, is_offline
    from tldr_bench.errors import TldrBenchError
    from tldr_bench.submission import task_of

    folders = workspace.task_folders()
    names = {task_of(path) or "" for path in workspace.submissions.glob("*/*")}
    for name in sorted(names & folders.keys()) if not is_offline() else ():
        with suppress(TldrBenchError):
            spec = workspace.task_file(name)
            if spec.data.url and find_file(spec.data, folders[name]) is None:
                with _bar(name) as progress:
                    note(f"{name}: {bring(name, spec.data, folders[name], progress)}")


@app.command()
def verify(task: TaskArgument, root: RootOption = None, offline: OfflineOption = False) -> None:
    """Check a task's data: the digest, and every row."""
    loaded = open_workspace(root, offline).task(task)
    typer.echo(
        f"{task}: {counted(len(loaded.examples), 'example')}, verified, version {loaded.version}"
    )


@app.command()
def path(task: TaskArgument, root: RootOption = None, offline: OfflineOption = False) -> None:
    """Print where a task's data lies."""
    from tldr_bench.data import find_file, missing_file
    from tldr_bench.errors import MissingData, Problem

    workspace = open_workspace(root, offline)
    spec = workspace.task_file(task)
    if spec.data.hub:
        typer.echo(
            f"{spec.data.hub} at {spec.data.revision} (in the cache of the `datasets` library)"
        )
        return
    found = find_file(spec.data, workspace.task_folder(task))
    if found is None:
        raise MissingData([Problem(task, None, missing_file(task, spec.data))])
    typer.echo(str(found.resolve()))
