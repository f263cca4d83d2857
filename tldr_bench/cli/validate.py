"""`tldr-bench validate`: every problem of a submission, before it is sent to anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import (
    LISTED,
    OfflineOption,
    RootOption,
    note,
    open_workspace,
    print_errors,
    print_warnings,
)
from tldr_bench.errors import TldrBenchError

if TYPE_CHECKING:
    from tldr_bench.align import Aligned
    from tldr_bench.errors import Problem
    from tldr_bench.task import Task


def validate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Submission folders or prediction files.")
    ],
    format: Annotated[
        Literal["text", "json", "github"], typer.Option("--format", help="How to print.")
    ] = "text",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Check submission folders or prediction files: every problem with file, line and field."""
    from tldr_bench.validation import validate_path

    workspace = open_workspace(root, offline)
    warnings: list[Problem] = []

    def look(task: Task, path: Path, aligned: Aligned) -> None:
        from tldr_bench.analysis.warn import warnings_about

        warnings.extend(warnings_about(task, path, aligned))

    problems = [problem for path in paths for problem in validate_path(workspace, path, look)]
    print_problems(problems, warnings, len(paths), format)
    raise typer.Exit(1 if problems else 0)


def print_problems(
    problems: list[Problem], warnings: list[Problem], checked: int, form: str
) -> None:
    """Print problems the way the reader wants them: a person, a program, or a pull request."""
    if form == "json":
        _print_json(problems, warnings)
    elif form == "github":
        for problem in problems[:LISTED]:
            typer.echo(_annotation(problem))
        if len(problems) > LISTED:
            typer.echo(f"::error ::and {len(problems) - LISTED} more problems")
        for warning in warnings[:LISTED]:
            typer.echo(_annotation(warning, "warning"))
    else:
        print_warnings(warnings)
        _print_text(problems, checked)


def _print_json(problems: list[Problem], warnings: list[Problem]) -> None:
    import dataclasses

    from tldr_bench.json_text import canonical_json

    rows = [dataclasses.asdict(problem) for problem in problems]
    seen = [dataclasses.asdict(warning) for warning in warnings]
    typer.echo(canonical_json({"ok": not rows, "problems": rows, "warnings": seen}), nl=False)


def _print_text(problems: list[Problem], checked: int) -> None:
    if problems:
        print_errors(TldrBenchError(problems))
        files = len({problem.where for problem in problems})
        note(f"{_count(len(problems), 'problem')} in {_count(files, 'file')}")
    else:
        typer.echo(f"{checked} checked, no problems")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _annotation(problem: Problem, level: str = "error") -> str:
    """A workflow command that puts the message on its line of the pull request."""
    place = f"file={_escaped(problem.where)}" + (f",line={problem.line}" if problem.line else "")
    text = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return f"::{level} {place}::{_escaped(text, data=True)}"


def _escaped(text: str, *, data: bool = False) -> str:
    from tldr_bench.tables import plain

    escaped = plain(text).replace("%", "%25")
    return escaped if data else escaped.replace(":", "%3A").replace(",", "%2C")
