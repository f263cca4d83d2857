"""`tldr-bench export`: a board in the formats of others."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace, print_errors
from tldr_bench.errors import Problem, TldrBenchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tldr_bench.exporters.formats import Files
    from tldr_bench.leaderboard import Board
    from tldr_bench.workspace import Workspace


def export(
    format: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="About a whole task, without --system: csv, markdown, latex, figures (SVG, for papers), "
            "figures-pdf, croissant. About every system, or the one of --system: parquet (a row per "
            "prediction), every-eval-ever. About the one of --system: predictions (CSV), "
            "hf-eval-results, scores (Codabench, EvalAI), standing and standing-markdown (one among the others).",
        ),
    ],
    task: Annotated[
        str | None, typer.Argument(metavar="[TASK]", help="Default: every task with submissions.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="NAME", help="This system; see FORMAT.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder for the files; default: print them.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="hf-eval-results: the data set on the Hub.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Where this board can be seen, to be linked.")
    ] = None,
    organization: Annotated[
        str | None, typer.Option("--organization", help="every-eval-ever: who runs this board.")
    ] = None,
    push: Annotated[
        str | None,
        typer.Option("--push", metavar="REPOSITORY", help="hf-eval-results: upload to this model."),
    ] = None,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Print a board, or write it to files, as other tools read it."""
    from tldr_bench.exporters.formats import WHOLE, Options, exporter

    convert = exporter(format)
    if system is not None and format in WHOLE:
        raise UsageError(
            f"--system: {format} is about a task and every system on it, not about one"
        )
    told = {"--dataset": dataset, "--url": url, "--organization": organization, "--push": push}
    _refuse_unused(format, told)
    workspace = open_workspace(root, offline)
    system = system and workspace.system_name(system)
    options = Options(system, dataset, url, organization, _now())
    files: Files = {}
    problems: list[Problem] = []
    for board in _boards(workspace, task, system, scored=format != "croissant"):
        problems += _missing(board, None if format.startswith("standing") else system)
        if system not in [item.system for item in board.failed]:
            files |= convert(board, options)
    if not files and not problems:
        raise UsageError("there is nothing to export")
    _give(files, out)
    if push is not None and files:
        _push(files, push)
    if problems:
        raise typer.Exit(print_errors(TldrBenchError(problems)))


def _missing(board: Board, system: str | None) -> list[Problem]:
    """Why systems (or this one) are missing: what could not be scored is in no export."""
    return [
        Problem(item.system, None, line)
        for item in board.failed
        for line in item.problems
        if system in (None, item.system)
    ]


def _refuse_unused(format: str, told: Mapping[str, str | None]) -> None:
    """Options that the format does not take would be passed over in silence."""
    for option, value in told.items():
        if value is not None and format not in _TAKEN_BY[option]:
            raise UsageError(f"{option} is for {' and '.join(_TAKEN_BY[option])} only")


_TAKEN_BY = {
    "--dataset": ("hf-eval-results",),
    "--url": ("hf-eval-results", "every-eval-ever"),
    "--organization": ("every-eval-ever",),
    "--push": ("hf-eval-results",),
}


def _now() -> int:
    """The time at which the export is made; SOURCE_DATE_EPOCH makes it repeatable."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdecimal() else int(time.time())


def _boards(
    workspace: Workspace, task: str | None, system: str | None, *, scored: bool
) -> Iterator[Board]:
    """The board of the task, or of every task that somebody (or the system) has a file for."""
    from tldr_bench.errors import MissingData
    from tldr_bench.execute import board_of
    from tldr_bench.leaderboard import rank

    for task_id in [task] if task else _tasks(workspace, system):
        try:
            yield board_of(workspace, task_id) if scored else rank(workspace.task(task_id), [])
        except MissingData as error:
            if task:
                raise
            note(f"skipped {error}")


def _tasks(workspace: Workspace, system: str | None) -> list[str]:
    from tldr_bench.errors import Report, SubmissionError
    from tldr_bench.submission import prediction_files

    known = workspace.task_folders()
    found: set[str] = set()
    for name in [system] if system else workspace.systems():
        try:
            found.update(workspace.submission(name).files)
        except SubmissionError as error:
            if system:
                raise
            # What is wrong with it is told with the boards of the tasks that it has a file for.
            files = dict(prediction_files(workspace.submissions / name, Report()))
            found.update(files)
            if not files:
                note(f"skipped {error}")
    return sorted(found & known.keys())


def _give(files: Files, out: Path | None) -> None:
    from tldr_bench.errors import path_name
    from tldr_bench.writing import write_atomic

    if out is None:
        for name, content in files.items():
            if isinstance(content, bytes):
                raise UsageError(f"{name} is not text: say with --out where it goes")
            if len(files) > 1 and name.endswith((".json", ".yaml", ".svg")):
                raise UsageError("there is more than one file: say with --out where they go")
            typer.echo(content, nl=False)
        return
    for name, content in files.items():
        changed = write_atomic(out / name, content)
        typer.echo(f"{'wrote' if changed else 'unchanged'} {path_name(out / name)}")


def _push(files: Files, repository: str) -> None:
    from tldr_bench.data import is_offline
    from tldr_bench.errors import OutputError
    from tldr_bench.exporters.hub import push

    if is_offline():
        raise UsageError("--push needs the network, which --offline forbids")
    try:
        pushed = push(files, repository)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - network and login errors of several libraries
        detail = " ".join(str(error).split())[:300]
        raise OutputError(f"{repository}: cannot be written: {detail}") from None
    for name in pushed:
        typer.echo(f"pushed {name} to {repository}")
