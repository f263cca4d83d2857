"""`tldr-bench doctor`: what works here, and what looks wrong in a submission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import FormatOption, OfflineOption, RootOption, open_workspace
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from tldr_bench.analysis.doctor import Checkup
    from tldr_bench.analysis.resolution import Resolution
    from tldr_bench.analysis.suspects import Examination, Examined


def doctor(
    system: Annotated[
        str | None, typer.Argument(metavar="[SYSTEM]", help="Look at this submission.")
    ] = None,
    format: FormatOption = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Say what works here, or what looks wrong in a SYSTEM.

    Of this installation it says what it can compute, and why not the rest.
    """
    workspace = open_workspace(root, offline)
    if system is None:
        from tldr_bench.analysis.doctor import examine

        checkup = examine(workspace)
        typer.echo(checkup.to_json() if format == "json" else _checkup(checkup), nl=False)
    else:
        from tldr_bench.analysis.suspects import suspect

        found = suspect(workspace, workspace.system_name(system))
        typer.echo(found.to_json() if format == "json" else _examination(found), nl=False)


def _checkup(checkup: Checkup) -> str:
    from tldr_bench.tables import text_table

    rows = [[item.part, item.name, item.state, item.detail] for item in checkup.findings]
    lines = [text_table(["part", "name", "state", "detail"], rows), ""]
    lines += [_resolution(board) for board in checkup.resolution]
    missing = sum(item.state == "missing" for item in checkup.findings)
    lines.append(f"{missing} missing" if missing else "nothing is missing")
    return "\n".join(lines) + "\n"


def _resolution(board: Resolution) -> str:
    if board.one_pair is None or board.whole_board is None:
        return f"{board.task}: its {board.systems} systems do not differ in {board.score}"
    by, unit = board.shown_times, " points" if board.shown_times == 100 else ""
    return (
        f"{board.task}: {board.examples} examples show a difference of {by * board.one_pair:.1f}{unit} "
        f"of {board.score} between two systems (80 % power), of {by * board.whole_board:.1f} among all "
        f"pairs of its {board.systems} systems"
    )


def _examination(found: Examination) -> str:
    return "".join(_examined(found.system, item) + "\n" for item in found.tasks)


def _examined(system: str, item: Examined) -> str:
    from tldr_bench.tables import plain

    if item.not_checked:
        return plain(f"{item.task}: not checked: {item.not_checked}")
    lines = [f"warning: {system}: {item.task}: {sign.kind}: {sign.message}" for sign in item.signs]
    if not lines:
        others = counted(item.beside, "other system")
        lines = [f"{item.task}: nothing looks wrong, alone and beside {others}"]
    if item.not_told_apart:
        names = ", ".join(item.not_told_apart)
        lines.append(f"{item.task}: not told apart from {names} by the primary score")
    return "\n".join(map(plain, lines))
