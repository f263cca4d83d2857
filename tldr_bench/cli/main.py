"""The command line: parse, call one function, print. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from tldr_bench.cli.interrupts import INTERRUPTED, raise_again
from tldr_bench.cli.say import note, print_errors
from tldr_bench.errors import TldrBenchError
from tldr_bench.files import reason
from tldr_bench.version import __version__

if TYPE_CHECKING:
    import typer

COMMANDS: Mapping[str, str] = {
    "run": "run:run",
    "tasks": "tasks:tasks",
    "data": "data:app",
    "validate": "validate:validate",
    "score": "score:score",
    "leaderboard": "board:leaderboard",
    "baseline": "baseline:baseline",
    "make-task": "make_task:app",
    "card": "card:card",
    "build": "build:build",
    "serve": "build:serve",
    "meta": "meta:meta",
    "verify": "verify:verify",
    "init": "init:init",
    "guard": "init:guard",
    "export": "export:export",
    "import": "import_:import_",
    "doctor": "doctor:doctor",
    "explain": "explain:explain",
    "compare": "compare:compare",
    "cache": "cache:app",
}
"""Command -> its module in this package, and the function (or group) there."""
HIDDEN = ("guard",)
"""Commands for scripts: not in the help."""


def app(arguments: Sequence[str] | None = None) -> None:
    """Run a command line (default: that of the process); only what it asks for is imported."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["validate"]:
        _validate(given[1:])
    asked = [name for name in given[:1] if name in COMMANDS]
    command_line = _with(asked or COMMANDS)
    raise_again()
    try:
        command_line(given, prog_name="tldr-bench")
    except SystemExit as stop:
        if stop.code in (0, 1):
            _make_room()
        raise


def _make_room() -> None:
    """Keep the store within its bounds, whichever command added to it."""
    if "tldr_bench.store" in sys.modules:  # otherwise there was no store
        from tldr_bench.cli.cache import make_room

        make_room()


def _validate(given: Sequence[str]) -> None:
    """Check at once, and exit, where the command line is so plain that typer is not needed."""
    from tldr_bench.cli.checking import check, plain_arguments

    plain = plain_arguments(given)
    if plain is not None:
        raise_again()
        status = check(**plain)
        sys.stdout.flush()
        sys.exit(status)


def _with(names: Collection[str]) -> typer.Typer:
    """The command line with these commands."""
    import typer

    made = typer.Typer(
        name="tldr-bench",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def tldr_bench(
        version: bool = typer.Option(
            False, "--version", is_eager=True, callback=_version, help="Show the version and exit."
        ),
    ) -> None:
        """Score one-sentence summaries exactly, offline, and say what the figures can tell apart."""

    made.callback()(tldr_bench)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(f"tldr_bench.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=name)
        else:
            made.command(name, hidden=name in HIDDEN)(command)
    return made


def _version(asked: bool) -> None:
    """Print the version, as `start` does before anything is imported, and end."""
    if asked:
        print(f"tldr-bench {__version__}")
        sys.exit()


def main() -> None:
    """The `tldr-bench` command: 0 = fine, 1 = something in the input is wrong, 2 = wrong usage."""
    _same_bytes_everywhere()
    try:
        app()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):
            sys.exit(0)  # `tldr-bench … | head`: the reader has seen enough
        if stop.code == INTERRUPTED:
            note("interrupted; what was done is kept")
        raise
    except TldrBenchError as error:
        sys.exit(print_errors(error))
    except BrokenPipeError:
        # What is still in the buffer would break the pipe again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        sys.exit(print_errors(TldrBenchError(f"{name}{reason(error)}")))
    except Exception as error:
        if os.environ.get("TLDR_BENCH_TRACEBACK"):
            raise
        sys.exit(print_errors(TldrBenchError(_bug(error))))


def _same_bytes_everywhere() -> None:
    """UTF-8 into files and pipes whatever the locale; a terminal that lacks a character gets its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _bug(error: Exception) -> str:
    return (
        f"a mistake of tldr-bench, not yours: {type(error).__name__}: {error}. "
        "Please report it, with what TLDR_BENCH_TRACEBACK=1 shows"
    )
