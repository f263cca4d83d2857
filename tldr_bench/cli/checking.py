"""What `validate` does: check, and print what is wrong the way the reader wants it. Without typer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from tldr_bench.cli.problems import Form, is_grouped, report
from tldr_bench.cli.say import LISTED, note, open_workspace, print_report, print_warnings
from tldr_bench.errors import counted
from tldr_bench.validation import validate_path

if TYPE_CHECKING:
    from tldr_bench.align import Aligned
    from tldr_bench.errors import Problem
    from tldr_bench.task import Task


def plain_arguments(given: Sequence[str]) -> dict[str, Any] | None:
    """The arguments of `check` from a command line of paths and whole options; None for any other.

    Any other (a mistake, `--help`, `--format=json`) is for typer, which would read these in the same
    way and take five starts of Python for it.
    """
    if os.name == "nt":  # where typer also expands `*`
        return None
    found: dict[str, Any] = {"paths": []}
    rest = iter(given)
    for item in rest:
        if item == "--offline":
            found["offline"] = True
        elif item in _READ:
            value = _READ[item](next(rest, ""))
            if value is None:
                return None
            found[item.removeprefix("--")] = value
        elif not item or item.startswith("-"):
            return None
        else:
            found["paths"].append(Path(item))
    return found if found["paths"] else None


_READ: dict[str, Callable[[str], Any]] = {
    "--format": lambda text: text if text in get_args(Form) else None,
    "--limit": lambda text: int(text) if re.fullmatch("[0-9]{1,9}", text) else None,
    "--root": lambda text: Path(text) if text and not text.startswith("-") else None,
}


def check(
    paths: Sequence[Path],
    format: Form = "text",
    limit: int = LISTED,
    root: Path | None = None,
    offline: bool = False,
) -> int:
    """Check submissions and print their problems; returns the exit status."""
    workspace = open_workspace(root, offline)
    warnings: list[Problem] = []

    def look(task: Task, path: Path, aligned: Aligned) -> None:
        from tldr_bench.analysis.warn import warnings_about

        warnings.extend(warnings_about(task, path, aligned))

    problems = [problem for path in paths for problem in validate_path(workspace, path, look)]
    print_problems(problems, warnings, len(paths), format, limit)
    return 1 if problems else 0


def print_problems(
    problems: list[Problem], warnings: list[Problem], checked: int, form: str, limit: int
) -> None:
    """Print problems the way the reader wants them: a person, a program, or a pull request."""
    if form == "json":
        _print_json(problems, warnings)
    elif form == "github":
        _print_annotations(problems, warnings, limit)
    else:
        print_warnings(warnings)
        _print_text(problems, checked, limit)


def _print_annotations(problems: list[Problem], warnings: list[Problem], limit: int) -> None:
    shown = limit or len(problems)
    for problem in problems[:shown]:
        print(_annotation(problem))
    if len(problems) > shown:
        print(f"::error ::and {counted(len(problems) - shown, 'more problem')}")
    for warning in warnings[: limit or None]:
        print(_annotation(warning, "warning"))


def _print_json(problems: list[Problem], warnings: list[Problem]) -> None:
    import dataclasses

    from tldr_bench.json_text import canonical_json

    rows = [dataclasses.asdict(problem) for problem in problems]
    seen = [dataclasses.asdict(warning) for warning in warnings]
    print(canonical_json({"ok": not rows, "problems": rows, "warnings": seen}), end="", flush=True)


def _print_text(problems: list[Problem], checked: int, limit: int) -> None:
    if not problems:
        print(f"{checked} checked, no problems")
        return
    lines = report(problems, limit)
    print_report(lines)
    files = len({problem.where for problem in problems})
    end = "\n" if is_grouped(lines) else ""
    note(f"{end}{counted(len(problems), 'problem')} in {counted(files, 'file')}")


def _annotation(problem: Problem, level: str = "error") -> str:
    """A workflow command that puts the message on its line of the pull request."""
    place = f"file={_escaped(_in_repository(problem.where))}" + (
        f",line={problem.line}" if problem.line else ""
    )
    text = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return f"::{level} {place}::{_escaped(text, data=True)}"


def _in_repository(where: str) -> str:
    """The file as GitHub names it: from the top of its repository, wherever the command runs."""
    path = Path(os.path.abspath(where))  # noqa: PTH100 - `resolve` would follow links
    tops = [folder for folder in path.parents if (folder / ".git").exists()]
    return path.relative_to(tops[0]).as_posix() if tops else where


def _escaped(text: str, *, data: bool = False) -> str:
    from tldr_bench.tables import plain

    escaped = plain(text).replace("%", "%25")
    return escaped if data else escaped.replace(":", "%3A").replace(",", "%2C")
