"""What every command does: open the workspace, and show errors, notes and progress.

Without typer, so that `validate` answers before it would be imported.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tldr_bench.errors import Problem, TldrBenchError, UsageError, counted, unknown

if TYPE_CHECKING:
    from tldr_bench.cli.problems import Line
    from tldr_bench.workspace import Workspace

LISTED = 200
"""How many problems are printed in full before the rest is only counted."""

T = TypeVar("T")


def open_workspace(root: Path | None, offline: bool) -> Workspace:
    """The workspace that a command works on; `--offline` holds for everything it calls."""
    from tldr_bench.workspace import Workspace, find_root

    use_network(offline)
    if root is not None and not root.is_dir():
        raise UsageError(f"--root {root} is not a folder")
    return Workspace(root if root is not None else find_root(Path.cwd()))


def use_network(offline: bool) -> None:
    """Say to everything that is called, processes included, whether the network may be used."""
    if offline:
        os.environ["TLDR_BENCH_OFFLINE"] = "1"
    if os.environ.get("TLDR_BENCH_OFFLINE"):
        # Read by the Hub's libraries when they are imported, which has not happened yet.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


def allow(device: str | None, run_hub_code: bool) -> None:
    """What metrics may use, here and in the processes that are started from here."""
    if device is not None:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", device.lower(), re.ASCII):
            known = ["auto", "cpu", "cuda", "cuda:0", "mps"]
            raise UsageError(f"--device: {unknown('device', device, known)}")
        os.environ["TLDR_BENCH_DEVICE"] = device
    if run_hub_code:
        os.environ["TLDR_BENCH_RUN_HUB_CODE"] = "1"


def colored(text: str, code: str) -> str:
    """Text in a colour (an ANSI code) where somebody watches stderr and wants colours."""
    wanted = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def print_errors(error: TldrBenchError) -> int:
    """Print on stderr what is wrong, many problems by place and kind; returns the exit status."""
    from tldr_bench.cli.problems import Line, is_grouped, report

    if logging():
        _log_errors(error)
        return error.exit_status
    lines = report(error.problems, LISTED, "place") or [Line("error", str(error))]
    print_report(lines)
    if is_grouped(lines):
        places = counted(len({problem.where for problem in error.problems}), "place")
        note(f"\n{counted(len(error.problems), 'problem')} in {places}")
    return error.exit_status


def print_report(lines: Iterable[Line]) -> None:
    """Print the lines of a report on stderr, a gap before each place but the first."""
    for number, line in enumerate(lines):
        space = "\n" if line.role == "file" and number else ""
        note(space + _styled(line))


def _styled(line: Line) -> str:
    from tldr_bench.tables import plain

    text = plain(line.text)
    if line.role == "file":
        return colored(text, "1")
    return (
        f"{colored('error:', '1;31')} {text}"
        if line.role == "error"
        else colored(f"       {text}", "2")
    )


def print_warnings(warnings: Iterable[Problem]) -> None:
    """Print what looks wrong as lines on stderr; the exit status does not change."""
    from tldr_bench.tables import plain

    for warning in warnings:
        if logging():
            log("warning", where=warning.where, message=warning.message)
        else:
            print(colored("warning:", "1;33"), plain(str(warning)), file=sys.stderr)


def note(text: str) -> None:
    """Say something about the work, beside the output."""
    if logging():
        log("note", text=text)
    else:
        print(text, file=sys.stderr)


_log: dict[str, str] = {"form": "text"}


def log_as(form: Literal["text", "json"]) -> None:
    """Say from now on as text or as JSON lines what happens."""
    _log["form"] = form


def logging() -> bool:
    """Whether JSON lines are wanted."""
    return _log["form"] == "json"


def log(event: str, **fields: Any) -> None:
    """One JSON line about something that happened, for those who asked for `--log json`."""
    import json

    if logging():
        print(json.dumps({"event": event, **fields}, allow_nan=False), file=sys.stderr, flush=True)


def _log_errors(error: TldrBenchError) -> None:
    import dataclasses

    for problem in error.problems:
        log("error", **dataclasses.asdict(problem))
    if not error.problems:
        log("error", message=str(error))


def progress(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """The items, with a progress bar when somebody is watching."""
    if not sys.stderr.isatty() or os.environ.get("CI") or total < 2:
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, label, total=total, console=Console(stderr=True), transient=True)
