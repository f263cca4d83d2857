"""`tldr-bench card`: what a task's data are like."""

from __future__ import annotations

from typing import Annotated

import typer

from tldr_bench.cli.common import FormatOption, OfflineOption, RootOption, open_workspace


def card(
    task: Annotated[str, typer.Argument(metavar="TASK")],
    format: FormatOption = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Say what a task's data are like.

    Size, lengths, novelty, labels, duplicates, and near twins in the other splits.
    """
    from tldr_bench.card import kept_card
    from tldr_bench.card_text import card_text
    from tldr_bench.execute import default_store

    workspace = open_workspace(root, offline)
    made = kept_card(workspace.task(task), workspace, default_store())
    typer.echo(made.to_json() if format == "json" else card_text(made), nl=False)
