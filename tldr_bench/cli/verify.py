"""`tldr-bench verify`: the whole board computed again from the stored predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace, print_errors

if TYPE_CHECKING:
    from tldr_bench.verify import Verification
    from tldr_bench.workspace import Workspace


def verify(
    systems: Annotated[list[str] | None, typer.Argument(metavar="[SYSTEM…]")] = None,
    task: Annotated[
        list[str] | None, typer.Option("--task", metavar="ID", help="Only this task.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="Where only a metric's version moved, write the new results."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail also on what cannot be computed here.")
    ] = False,
    receipts: Annotated[
        Path | None, typer.Option("--receipts", help="Write what every result was made from.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="Compare with receipts of an earlier check.")
    ] = None,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Compute every stored result again from its predictions; any digit that differs is named."""
    from tldr_bench import verify as verifying
    from tldr_bench.errors import TldrBenchError, path_name
    from tldr_bench.files import write_atomic

    workspace = open_workspace(root, offline)
    for task_id in task or ():
        workspace.task_folder(task_id)
    check = verifying.verify(workspace, systems, task)
    if against is not None:
        known = verifying.read_receipts(against)
        check.problems += verifying.against(check, known, path_name(against))
    if receipts is not None:
        write_atomic(receipts, verifying.Receipts(receipts=check.receipts).to_json())
    _say(check)
    if update:
        _write(workspace, check)
    status = print_errors(TldrBenchError(check.problems)) if check.problems else 0
    stale = bool(check.moved) and not update
    raise typer.Exit(1 if status or stale or (strict and check.unverified) else 0)


def _say(check: Verification) -> None:
    """What was compared, what moved from which figure to which, and what could not be computed."""
    from tldr_bench.tables import text_table

    verdict = "every digit is the same" if not check.problems else "not everything is the same"
    typer.echo(f"{check.checked} results computed again, {check.figures} figures: {verdict}")
    if check.moved:
        typer.echo("\na metric's signature moved since these were stored:\n")
        rows = [
            [item.task, item.system, item.score, _figure(item.old), _figure(item.new)]
            for item in check.moved
        ]
        right = [False, False, False, True, True]
        typer.echo(text_table(["task", "system", "score", "old", "new"], rows, right=right))
        for signature in dict.fromkeys(item.signature for item in check.moved):
            typer.echo(f"now {signature}")
    for line in check.unverified:
        note(f"not verified here: {line}")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.4f}"


def _write(workspace: Workspace, check: Verification) -> None:
    for result in check.renewed:
        workspace.write_result(result)
        note(f"wrote {workspace.result_path(result.system, result.task)}")
