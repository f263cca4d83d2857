"""`tldr-bench verify`: the whole board computed again from the stored predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace, print_errors
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tldr_bench.verify import Moved, Verification
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
    """Compute every result again, and name each digit that differs.

    The stored results must follow from the predictions, without the store of measurements.
    """
    from tldr_bench.errors import TldrBenchError, path_name
    from tldr_bench.receipts import Receipts, compared, read_receipts
    from tldr_bench.verify import verify as computed_again
    from tldr_bench.writing import write_atomic

    workspace = open_workspace(root, offline)
    for task_id in task or ():
        workspace.task_folder(task_id)
    systems = [workspace.system_name(typed) for typed in systems or ()]
    check = computed_again(workspace, systems, task)
    if against is not None:
        known = read_receipts(against)
        check.problems += compared(check.receipts, known, path_name(against))
    if receipts is not None:
        write_atomic(receipts, Receipts(receipts=check.receipts).to_json())
    _say(check, update)
    if update:
        _write(workspace, check)
    status = print_errors(TldrBenchError(check.problems)) if check.problems else 0
    stale = bool(check.moved) and not update
    raise typer.Exit(1 if status or stale or (strict and check.unverified) else 0)


def _say(check: Verification, update: bool) -> None:
    """What was compared, what moved from which figure to which, and what could not be computed."""
    if check.checked:
        typer.echo(_verdict(check))
    if check.moved:
        _say_moved(check.moved)
        if not update:
            note("to take the new figures: tldr-bench verify --update")
    for line in check.unverified:
        note(f"not verified here: {line}")


def _verdict(check: Verification) -> str:
    results, figures = counted(check.checked, "result"), counted(check.figures, "figure")
    verdict = "every digit is the same" if not check.problems else "not everything is the same"
    if check.moved and not check.problems:
        verdict += f"; {counted(len(check.moved), 'score')} by another signature"
    return f"{results} computed again, {figures}: {verdict}"


def _say_moved(moved: Sequence[Moved]) -> None:
    """Old and new side by side, and by how much they differ."""
    from tldr_bench.tables import text_table

    typer.echo("\na metric's signature moved since these were stored:\n")
    rows = [
        [
            item.task,
            item.system,
            item.score,
            _figure(item.old, item.factor),
            _figure(item.new, item.factor),
            _change(item),
        ]
        for item in moved
    ]
    header = ["task", "system", "score", "old", "new", "change"]
    typer.echo(text_table(header, rows, right=[False, False, False, True, True, True]))
    for signature in dict.fromkeys(item.signature for item in moved):
        typer.echo(f"now {signature}")


def _change(item: Moved) -> str:
    if item.old is None or item.new is None:
        return "new" if item.old is None else "gone"
    return "none" if item.old == item.new else f"{item.factor * (item.new - item.old):+.4f}"


def _figure(value: float | None, factor: float) -> str:
    return "–" if value is None else f"{factor * value:.4f}"


def _write(workspace: Workspace, check: Verification) -> None:
    from tldr_bench.errors import path_name

    for result in check.renewed:
        workspace.write_result(result)
        note(f"wrote {path_name(workspace.result_path(result.system, result.task))}")
