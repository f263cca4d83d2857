"""`tldr-bench validate`: every problem of a submission, before it is sent to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tldr_bench.cli.common import LISTED, OfflineOption, RootOption
from tldr_bench.cli.problems import Form


def validate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Submission folders or prediction files.")
    ],
    format: Annotated[Form, typer.Option("--format", help="How to print.")] = "text",
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            min=0,
            metavar="N",
            help="text, github: print at most N problems, of each kind the first few, and count the "
            "rest; 0: every one.",
        ),
    ] = LISTED,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Check submissions: every problem with file, line and field.

    A submission is a folder; one of its prediction files can be checked alone, too.
    """
    from tldr_bench.cli.checking import check

    raise typer.Exit(check(paths, format, limit, root, offline))
