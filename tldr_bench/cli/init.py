"""`tldr-bench init`: a new board; `guard`: what its CI asks about a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the new board goes.")],
) -> None:
    """Make a new board: tasks, an example, the site, workflows.

    The tasks are small and have their data; the site's source and the CI workflows are yours to change.
    """
    from tldr_bench.errors import UsageError, counted
    from tldr_bench.init import create

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    written = create(folder)
    already = "" if written else ": all of it is there already"
    typer.echo(f"{counted(len(written), 'file')} written to {folder}{already}")
    typer.echo(f"\nNow:\n  cd {folder}\n  tldr-bench run --offline\n  tldr-bench serve")
    typer.echo(
        "\nThen commit all of it, with the results that `run` wrote. README.md says how to add tasks "
        "and submissions, and what to set on GitHub."
    )


def guard(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Changed paths, as `git diff --name-only -z` prints."),
    ],
    tasks: Annotated[
        bool, typer.Option("--tasks", help="Print the tasks that it has predictions for instead.")
    ] = False,
) -> None:
    """For CI: print the one submission that a change is about; refuse a change of anything else."""
    from tldr_bench.errors import Problem, SubmissionError, path_name
    from tldr_bench.files import decode, read_bounded
    from tldr_bench.init.guard import guarded, tasks_of
    from tldr_bench.json_text import Unreadable

    try:
        text = decode(read_bounded(file))
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(file), None, str(error))]) from None
    paths = [path for path in text.split("\0") if path]
    system = guarded(paths)
    typer.echo("\n".join(tasks_of(paths)) if tasks else system)
