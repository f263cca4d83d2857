"""`tldr-bench baseline`: write a baseline as a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tldr_bench.cli.common import OfflineOption, ReplaceOption, RootOption, open_workspace


def baseline(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="lead, title, constant, random, oracle, human, …")
    ],
    task: Annotated[
        list[str], typer.Option("--task", metavar="ID", help="For this task; may be repeated.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where its folder goes; default: submissions/.")
    ] = None,
    force: ReplaceOption = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Write a baseline as a submission: description, predictions."""
    from tldr_bench.baselines import description, predictions
    from tldr_bench.errors import path_name
    from tldr_bench.writing import remove_abandoned

    workspace = open_workspace(root, offline)
    folder = (out or workspace.submissions) / name
    contents = {f"{task_id}.jsonl": predictions(name, workspace.task(task_id)) for task_id in task}
    remove_abandoned(folder)
    for file, content in {"submission.yaml": description(name), **contents}.items():
        changed = _write(folder / file, content, force)
        typer.echo(f"{'wrote' if changed else 'unchanged'} {path_name(folder / file)}")


def _write(path: Path, content: str, force: bool) -> bool:
    """Write a file; another content that stands there already is somebody's work, and stays."""
    from tldr_bench.errors import OutputError, Problem, path_name
    from tldr_bench.writing import write_atomic

    if not force and path.is_file() and path.read_bytes() != content.encode():
        message = "exists with other content; give --force to replace it"
        raise OutputError([Problem(path_name(path), None, message)])
    return write_atomic(path, content)
