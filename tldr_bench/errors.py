"""The exception tree: what went wrong, for the person who has to fix it.

Every error of this project carries `Problem`s: where (file, line, field) and what was expected.
A reader collects all of them before it raises, so that one run shows everything there is to fix.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that somebody must fix."""

    where: str
    """The file or folder as the user named it, or the task or system that it is about."""
    line: int | None
    """1-based line in that file, where there is one."""
    message: str
    """What is wrong and what was expected, in one line."""
    field: str | None = None
    """The key or column that is wrong, such as `data.sha256`."""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        if not self.field:
            return f"{place}: {self.message}"
        # A field is a key of the file: in a stranger's file it may hold anything.
        field = self.field if self.field.isprintable() else shown(self.field)
        return f"{place}: {field}: {self.message}"


class TldrBenchError(Exception):
    """Anything that the user can mend. The command line prints it without a traceback."""

    exit_status = 1

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        text = problems if isinstance(problems, str) else "\n".join(map(str, self.problems))
        super().__init__(text)


class Report:
    """Collects problems while a reader goes on reading; keeps the first `limit`, counts the rest."""

    def __init__(self, limit: int = 10_000) -> None:
        self.problems: list[Problem] = []
        self.omitted = 0
        self.cut = False
        """Whether a file was not read to its end: what it lacks is then not known."""
        self._limit = limit

    def add(
        self,
        where: str,
        message: str | Callable[[], str],
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        """Note one more problem; a message that costs time is given as a function."""
        if self.full:
            self.omitted += 1
        else:
            text = message if isinstance(message, str) else message()
            self.problems.append(Problem(where, line, text, field))

    @property
    def full(self) -> bool:
        """Whether there are so many problems that readers stop reading."""
        return len(self.problems) >= self._limit

    def __bool__(self) -> bool:
        return bool(self.problems)

    def raise_as(self, error: type[TldrBenchError]) -> None:
        """Raise `error` with every problem noted so far, if there is one."""
        if not self.problems:
            return
        raise error([*self.problems, *self._rest()])

    def _rest(self) -> Iterable[Problem]:
        if self.full:
            first = self.problems[0].where
            yield Problem(
                first, None, f"has {self._limit} problems or more; the rest was not looked at"
            )


class UsageError(TldrBenchError):
    """The command line names something that does not exist or does not fit."""

    exit_status = 2


class TaskError(TldrBenchError):
    """A task.yaml is wrong: its author has to fix it."""


class DataError(TldrBenchError):
    """A task's examples are missing, were changed, or do not have the promised shape."""


class MissingData(DataError):
    """A task's examples are not on this machine (yet)."""


class SubmissionError(TldrBenchError):
    """A submission is not well-formed or does not fit its task: its author has to fix it."""


class MetricError(TldrBenchError):
    """An unknown metric, or a parameter that it does not take."""


class SiteError(TldrBenchError):
    """The workspace's `site/` is wrong: its owner has to fix it."""


class OutputError(TldrBenchError):
    """A file could not be written."""


class NotComputed(TldrBenchError):
    """A metric cannot be computed here, or not for these pairs. The reason is shown, never a zero."""


def unknown(what: str, name: str, known: Iterable[str], meant: str | None = None) -> str:
    """Say that `name` is not a known `what`, and which known name was probably meant.

    `meant` is the name that nothing else stands for, where no known name is near.

    >>> unknown("key", "outptu", ["id", "output"])
    "unknown key 'outptu'. Did you mean 'output'?"
    """
    names = sorted(known)
    import difflib

    near = next(iter(difflib.get_close_matches(name[:100], names, n=1)), meant)
    if near:
        return f"unknown {what} {shown(name)}. Did you mean {shown(near)}?"
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return (
        f"unknown {what} {shown(name)}. Known: {listed}"
        if names
        else f"unknown {what} {shown(name)}"
    )


def shown(text: object, limit: int = 60) -> str:
    """Quote untrusted text so that it is inert in a terminal or a log: escaped, on one line, cut.

    >>> shown("a\\x1b[31m")
    "'a\\\\x1b[31m'"
    """
    quoted = _quoted(text) if isinstance(text, str) else _as_json(text)
    return quoted if len(quoted) <= limit else quoted[: limit - 1] + "…"


def _quoted(text: str) -> str:
    # repr escapes control characters, separators and lone surrogates, and keeps letters readable.
    return repr(text[:200])


def _as_json(value: object) -> str:
    """As the person wrote it in the file: null, true, [0, 1]."""
    try:
        return json.dumps(value[:30] if isinstance(value, list) else value)
    except (TypeError, ValueError):
        return ascii(value)


def counted(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def first_of(names: Sequence[str], most: int) -> str:
    """So many of the names, and how many more there are.

    >>> first_of(["a", "b", "c"], 2)
    'a, b, and 1 more'
    """
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def path_name(path: Path) -> str:
    """The path as the user would type it: relative to here when it lies below."""
    name = str(path)
    with contextlib.suppress(OSError):  # this folder may be gone
        here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - asked for every file of a board
        name = name.removeprefix(here) if name + os.sep != here else "."
    # Bytes of a name that are not UTF-8 arrive as lone surrogates, which nothing can print.
    return name.encode("utf-8", "backslashreplace").decode()
