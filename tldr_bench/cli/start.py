"""Where `tldr-bench` starts: `--help` is answered from a file, before anything is imported.

Parsing the command line costs five starts of Python. The text in `help.txt` is what it would print;
a test compares the two, and `tldr-bench --help > help.txt` with TLDR_BENCH_FRESH_HELP=1 renews it.
"""

from __future__ import annotations

import os
import sys

from tldr_bench.version import __version__

WIDTH = 80
"""Columns for which the text was made; a narrower terminal gets one of its own."""


def main() -> None:
    """The `tldr-bench` command."""
    if sys.argv[1:] in (["--help"], ["-h"]) and not os.environ.get("TLDR_BENCH_FRESH_HELP"):
        text = _prepared_help()
        if text is not None:
            sys.stdout.write(text)
            return
    if sys.argv[1:] == ["--version"]:
        print(f"tldr-bench {__version__}")
        return
    from tldr_bench.cli import interrupts

    interrupts.end_it()
    # Our matrices are small, and the processes as many as the cores: more threads would only spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is imported stays: looking through it for garbage finds none, and takes time.
    import gc

    gc.disable()
    from tldr_bench.cli.main import main as run

    gc.freeze()
    gc.enable()
    try:
        run()
    except KeyboardInterrupt:
        interrupts.interrupted()


def _prepared_help() -> str | None:
    """The text of `--help`, if it fits the terminal."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (OSError, ValueError):
        columns = WIDTH
    if columns < WIDTH:
        return None
    try:
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 - pathlib costs as much as the rest of the way
            return file.read()
    except OSError:
        return None
