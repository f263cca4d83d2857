"""Every export format by name, and what an exporter is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board

Files = dict[str, str | bytes]
"""File name, with / between folders -> content."""


@dataclass(frozen=True)
class Options:
    """What an export may be told."""

    system: str | None = None
    """Only this system."""
    dataset: str | None = None
    """The data set's name on the Hugging Face Hub, where task.yaml does not give one."""
    url: str | None = None
    """Where the board can be seen."""
    organization: str | None = None
    """Who runs the board."""
    timestamp: int = 0
    """Seconds since 1970 at which the record is made, where a format asks for it."""


Exporter = Callable[[Board, Options], Files]

FORMATS: Mapping[str, str] = {
    "csv": "tables:csv",
    "markdown": "tables:markdown",
    "latex": "tables:latex",
    "parquet": "per_example:parquet",
    "predictions": "per_example:predictions",
    "scores": "flat_scores:scores",
    "standing": "standing:text",
    "standing-markdown": "standing:markdown",
    "every-eval-ever": "every_eval_ever:records",
    "hf-eval-results": "hub:results",
    "croissant": "croissant:metadata",
    "figures": "figures:svg",
    "figures-pdf": "figures:pdf",
}
"""Format -> module:function. A new format is a module and one line here."""

WHOLE = frozenset({"csv", "markdown", "latex", "croissant", "figures", "figures-pdf"})
"""Formats about a task and everybody on it: one system alone is not cut out of them."""


def exporter(name: str) -> Exporter:
    """The exporter of a format. Raises UsageError for an unknown one."""
    if name not in FORMATS:
        raise UsageError(unknown("format", name, FORMATS))
    module, _, function = FORMATS[name].partition(":")
    found: Exporter = getattr(importlib.import_module(f"tldr_bench.exporters.{module}"), function)
    return found


def systems(board: Board, options: Options) -> list[int]:
    """The places on the board of the systems to export. Raises UsageError for one that is not on it."""
    names = [item.submission.system for item in board.scored]
    if options.system is None:
        return list(range(len(names)))
    if options.system not in names:
        raise UsageError(
            f"--system: {unknown(f'system on {board.task.id}', options.system, names)}"
        )
    return [names.index(options.system)]


def the_system(board: Board, options: Options) -> int:
    """The place of the one system that a format is about. Raises UsageError without --system."""
    if options.system is None:
        raise UsageError("this format is about one system: name it with --system")
    return systems(board, options)[0]
