"""`tldr-bench card`: what a task's data are like."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, open_workspace


def card(
    task: Annotated[str, typer.Argument(metavar="TASK")],
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print.")
    ] = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Size, lengths, novelty, labels, duplicates, and near twins in the other splits."""
    from tldr_bench.card import card as make_card
    from tldr_bench.card_text import card_text

    workspace = open_workspace(root, offline)
    made = make_card(workspace.task(task), workspace.task)
    typer.echo(made.to_json() if format == "json" else card_text(made), nl=False)
