"""Many problems as a person reads them: by file, then by kind, and what repeats is said once and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tldr_bench.errors import Problem, counted

Form = Literal["text", "json", "github"]
"""Whom `validate` prints for: a person, a program, or a pull request."""
FEW = 10
"""Up to so many problems are a plain list: everybody reads all of it."""
ALIKE = 5
"""How many different problems of one kind are shown before the rest is counted."""
RANGES = 12
"""How many pieces of `lines 1-4, 7, 9-12` are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report."""

    role: Literal["file", "error", "more"]
    text: str


def report(problems: Sequence[Problem], limit: int, place: str = "file") -> list[Line]:
    """The lines of a report with at most `limit` problems in full (0: every one, however alike).

    `place` is what to call that in which a problem is: a file, or also a task or a system.
    """
    files = grouped(problems, lambda problem: problem.where)
    if limit == 0 or len(problems) <= min(FEW, limit):
        return [Line("error", str(problem)) for group in files for problem in _by_kind(group)]
    lines: list[Line] = []
    shown = 0
    for number, group in enumerate(files):
        if shown >= limit:
            rest = counted(sum(map(len, files[number:])), "more problem")
            return [*lines, Line("file", f"and {rest} in {counted(len(files) - number, place)}")]
        found = list(_about_file(group, limit - shown))
        shown += sum(line.role == "error" for line in found)
        lines += found
    return lines


def is_grouped(lines: Iterable[Line]) -> bool:
    """Whether a report has headings, and so more to it than its lines in full."""
    return any(line.role == "file" for line in lines)


def grouped(problems: Iterable[Problem], key: Callable[[Problem], Hashable]) -> list[list[Problem]]:
    """Groups of one key each, in the order in which they first come."""
    found: dict[Hashable, list[Problem]] = {}
    for problem in problems:
        found.setdefault(key(problem), []).append(problem)
    return list(found.values())


_VARIES = re.compile(
    r"""'(?:[^'\\]|\\.)*+(?:'|$)|"(?:[^"\\]|\\.)*+(?:"|$)|0x[0-9a-f]+|\d+|, got .*""", re.DOTALL
)
"""What differs between two complaints of one kind: names, numbers, and what was found."""

_HINTS = {
    "is not valid JSON": 'every line must hold one JSON object, such as {"id": "…", "prediction": "…"}: write '
    "the objects of a list so, without brackets and commas around them; tables and other tools' files come in "
    "with 'tldr-bench import'",
}
"""How a message begins -> what to do where a file has many of that kind."""


def kind_of(problem: Problem) -> Hashable:
    """What kind of complaint this is: its field and its words, without what varies."""
    return problem.field, _VARIES.sub("…", problem.message)


def _by_kind(problems: Iterable[Problem]) -> Iterator[Problem]:
    for kind in grouped(problems, kind_of):
        yield from kind


def _about_file(problems: Sequence[Problem], limit: int) -> Iterator[Line]:
    """A heading, then every kind of problem: the first few, and where the others are."""
    if len(problems) == 1:
        yield Line("error", str(problems[0]))
        return
    kinds = grouped(problems, kind_of)
    of = f" of {counted(len(kinds), 'kind')}" if len(kinds) > 1 else ""
    yield Line("file", f"{problems[0].where}: {counted(len(problems), 'problem')}{of}")
    yield from _hints(problems)
    for place, kind in enumerate(kinds):
        if limit <= 0:
            rest = sum(map(len, kinds[place:]))
            yield Line("more", f"and {counted(rest, 'problem')} of other kinds")
            return
        alike = grouped(kind, lambda problem: problem.message)
        shown = min(ALIKE, limit)
        limit -= len(alike[:shown])
        yield from _about_kind(alike[:shown], [each for same in alike[shown:] for each in same])


def _hints(problems: Sequence[Problem]) -> Iterator[Line]:
    """What to do about a file that is wrong as a whole."""
    for start, hint in _HINTS.items():
        if sum(problem.message.startswith(start) for problem in problems) > FEW:
            yield Line("more", hint)


def _about_kind(shown: Sequence[Sequence[Problem]], rest: Sequence[Problem]) -> Iterator[Line]:
    for same in shown:
        yield Line("error", str(same[0]))
        if len(same) > 1:
            times = counted(len(same) - 1, "more time")
            yield Line("more", f"the same {times}{_on(same[1:])}")
    if rest:
        yield Line("more", f"and {len(rest)} more of this kind{_on(rest)}")


def _on(problems: Sequence[Problem]) -> str:
    """Where they are: ` on lines 2-48`; nothing where they have no lines."""
    lines = sorted({problem.line for problem in problems if problem.line is not None})
    if not lines:
        return ""
    return f" on line{'s' if len(lines) > 1 else ''} {', '.join(_ranges(lines))}"


def _ranges(lines: Sequence[int]) -> Iterator[str]:
    """`2-48`, `50`: sorted numbers as ranges, the first `RANGES` of them."""
    starts = [n for n, line in enumerate(lines) if n == 0 or line != lines[n - 1] + 1]
    for first, end in list(zip(starts, [*starts[1:], len(lines)], strict=True))[:RANGES]:
        yield str(lines[first]) if end == first + 1 else f"{lines[first]}-{lines[end - 1]}"
    if len(starts) > RANGES:
        yield "…"
