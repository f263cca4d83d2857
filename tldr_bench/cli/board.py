"""`tldr-bench leaderboard`: the ranking of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import (
    DeviceOption,
    HubCodeOption,
    OfflineOption,
    RootOption,
    allow,
    note,
    open_workspace,
    print_errors,
)

if TYPE_CHECKING:
    from tldr_bench.leaderboard import Board
    from tldr_bench.workspace import Workspace


def leaderboard(
    task: Annotated[str, typer.Argument(metavar="TASK")],
    format: Annotated[
        Literal["table", "json", "csv", "markdown", "latex"],
        typer.Option("--format", help="How to print."),
    ] = "table",
    without_leaked: Annotated[
        bool,
        typer.Option(
            "--without-leaked", help="Leave out papers with a near twin in another split."
        ),
    ] = False,
    device: DeviceOption = None,
    run_hub_code: HubCodeOption = False,
    rank_baselines: Annotated[
        bool,
        typer.Option("--rank-baselines", help="Rank baselines and people among the systems."),
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="SYSTEM",
            help="Mark what is significantly better (†) or worse (‡) than it: Markdown and LaTeX.",
        ),
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            "--score", metavar="NAME", help="Only this score, or metric: Markdown and LaTeX."
        ),
    ] = None,
    intervals: Annotated[
        bool, typer.Option("--intervals", help="LaTeX: half of each 95 % interval, too.")
    ] = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Rank a task's systems, with the ranks the data leaves open.

    Baselines and people stand beside the systems without a rank, unless there are no systems.
    """
    from dataclasses import replace

    from tldr_bench.board_tables import FORMATS, as_latex, as_markdown
    from tldr_bench.cli.without_effect import refuse
    from tldr_bench.errors import Problem, TldrBenchError
    from tldr_bench.execute import board_of

    if format not in ("markdown", "latex"):
        refuse({"--against": against, "--score": score}, "for --format markdown and latex only")
    if format != "latex":
        refuse({"--intervals": intervals}, "for --format latex only")
    workspace = open_workspace(root, offline)
    against = against and workspace.system_name(against)
    allow(device, run_hub_code)
    board = board_of(workspace, task)
    if not board.scored and not board.failed:
        note(f"{task}: no submission has predictions for it yet")
    if without_leaked:
        board = _without_leaked(workspace, board)
    if rank_baselines:
        board = replace(board, rank_baselines=True)
    if format == "markdown":
        text = as_markdown(board, against, score or [])
    elif format == "latex":
        text = as_latex(board, against, score or [], intervals=intervals)
    else:
        text = FORMATS[format](board)
    typer.echo(text, nl=False)
    if format == "table" and board.task.spec.splits and not without_leaked:
        typer.echo(_leakage(workspace, board))
    problems = [Problem(item.system, None, line) for item in board.failed for line in item.problems]
    if problems:
        raise typer.Exit(print_errors(TldrBenchError(problems)))


def _leakage(workspace: Workspace, board: Board) -> str:
    """Which papers a system may have seen in training, as far as the other splits are at hand."""
    from tldr_bench.card import kept_card
    from tldr_bench.card_text import leakage
    from tldr_bench.execute import default_store
    from tldr_bench.tables import plain

    card = kept_card(board.task, workspace, default_store())
    found = any(split.twins for split in card.splits)
    way = ["the board without them: --without-leaked"] if found else []
    return "\n".join(map(plain, [*leakage(card), *way]))


def _without_leaked(workspace: Workspace, board: Board) -> Board:
    from tldr_bench.leakage import check_splits, leaked
    from tldr_bench.subset import without

    ids = leaked(board.task, check_splits(board.task, workspace.task))
    splits = ", ".join(board.task.spec.splits)
    note(f"{len(ids)} of {len(board.task.examples)} papers have a near twin in {splits}: left out")
    return without(board, ids) if ids else board
