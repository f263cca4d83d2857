"""`tldr-bench compare`: two systems on the same papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace

if TYPE_CHECKING:
    from tldr_bench.analysis.compare import Comparison


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A system.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The system to compare it with.")],
    task: Annotated[str, typer.Option("--task", metavar="ID", help="On this task.")],
    score: Annotated[
        str | None,
        typer.Option(
            "--score", metavar="NAME", help="By this score; default: the task's primary one."
        ),
    ] = None,
    format: Annotated[
        Literal["table", "json", "markdown", "latex"],
        typer.Option("--format", help="How to print."),
    ] = "table",
    require_better: Annotated[
        bool, typer.Option("--require-better", help="Exit 1 unless A is significantly better.")
    ] = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Compare two systems on the same papers.

    Difference, interval and p of every score, and the papers where they differ.
    """
    from tldr_bench.analysis.compare import compare as compare_systems
    from tldr_bench.analysis.compare_tables import FORMATS
    from tldr_bench.execute import board_of

    workspace = open_workspace(root, offline)
    a, b = workspace.system_name(a), workspace.system_name(b)
    for system in (a, b):
        workspace.submission(system)
    found = compare_systems(board_of(workspace, task), a, b, score)
    typer.echo(FORMATS[format](found), nl=False)
    if require_better and not _is_better(found):
        raise typer.Exit(1)


def _is_better(found: Comparison) -> bool:
    """Whether the board calls A better; says so where it does not."""
    from tldr_bench.analysis.compare_tables import verdict

    better = found.of(found.score).better == found.a.system
    if not better:
        note(f"{found.a.system} is not significantly better: {verdict(found, found.score)}")
    return better
