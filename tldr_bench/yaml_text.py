"""YAML as far as a task or a submission needs it: mappings, lists and scalars, with line numbers.

Tags, anchors, aliases, merges and duplicate keys are refused. Scalars stay *text* (or None): the
record that they are read into says whether `1.10` is a version and `no` is a language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from tldr_bench.errors import Problem, TldrBenchError, path_name, shown
from tldr_bench.files import MAX_YAML, decode, read_bounded
from tldr_bench.json_text import MAX_DEPTH, Keys, Unreadable

Lines = dict[Keys, int]
"""Where each value stands: path of keys -> 1-based line."""

_NULLS = {"", "~", "null", "Null", "NULL"}
_NOT_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What YAML 1.1, section 5.1, leaves out (named so, it compiles in a tenth of the time). Looked for
here, because the parser says no line for it."""


def read_yaml(
    path: Path, error: type[TldrBenchError], *, follow_links: bool = True
) -> tuple[dict[str, Any], Lines]:
    """The mapping in a YAML file and the line of each of its values; raises `error`."""
    where = path_name(path)
    try:
        text = decode(read_bounded(path, MAX_YAML, follow_links=follow_links))
    except Unreadable as problem:
        raise error([Problem(where, problem.line, str(problem))]) from None
    return parse_yaml(text, where, error)


def parse_yaml(text: str, where: str, error: type[TldrBenchError]) -> tuple[dict[str, Any], Lines]:
    """As `read_yaml`, from text; `where` names it in messages."""
    import yaml

    lines: Lines = {}
    try:
        value = _document(_events(text), lines)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else None
        message = ", ".join(filter(None, [_context(problem, line), problem.problem]))
        raise error([Problem(where, line, f"is not valid YAML: {message}")]) from None
    except yaml.YAMLError as problem:
        raise error([Problem(where, None, f"is not valid YAML: {_one_line(problem)}")]) from None
    except _Refused as problem:
        raise error([Problem(where, problem.line, str(problem))]) from None
    if not isinstance(value, dict):
        message = "expected a mapping of keys to values" if text.strip() else "is empty"
        raise error([Problem(where, None, message)])
    return value, lines


class _Refused(ValueError):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def _events(text: str) -> Iterator[Any]:
    """What the parser meets, in order; what this YAML leaves out is refused where it stands."""
    import yaml

    if strange := _NOT_TEXT.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise _Refused(line, f"holds the character {shown(strange.group())}, which YAML forbids")
    depth = 0
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Any = yaml.parse(text, Loader=loader)
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(_line(event), "uses an anchor or alias (& or *), which is not read here")
        if getattr(event, "tag", None):
            message = f"uses a tag ({shown(event.tag)}), which is not read here"
            raise _Refused(_line(event), message)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Refused(_line(event), f"is nested deeper than {MAX_DEPTH} levels")
        yield event


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line


def _context(problem: Any, line: int | None) -> str:
    """What was being read, and where that began: an open quote is noticed at the end only."""
    mark = problem.context_mark
    elsewhere = mark is not None and mark.line + 1 != line
    return (problem.context or "") + (f" that begins on line {mark.line + 1}" if elsewhere else "")


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]


def _document(events: Iterator[Any], lines: Lines) -> Any:
    """The value of the one document; None where there is none."""
    import yaml

    documents: list[Any] = []
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if documents:
                raise _Refused(_line(event), "begins a second document; one is expected")
            documents.append(_value(next(events), events, (), lines))
    return documents[0] if documents else None


def _value(event: Any, events: Iterator[Any], at: Keys, lines: Lines) -> Any:
    """The value that begins with an event; the events up to its end are taken."""
    import yaml

    lines[at] = _line(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, at, lines)
    if isinstance(event, yaml.SequenceStartEvent):
        items = takewhile(lambda item: not isinstance(item, yaml.SequenceEndEvent), events)
        return [_value(item, events, (*at, index), lines) for index, item in enumerate(items)]
    if event.implicit[0] and event.value in _NULLS:  # plain, without quotes
        return None
    return event.value


def _mapping(events: Iterator[Any], at: Keys, lines: Lines) -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = {}
    for key in takewhile(lambda item: not isinstance(item, yaml.MappingEndEvent), events):
        line = _line(key)
        if not isinstance(key, yaml.ScalarEvent):
            raise _Refused(line, "has a key that is not plain text")
        if key.value == "<<":
            raise _Refused(line, "uses a merge (<<), which is not read here")
        if key.value in found:
            raise _Refused(line, f"has the key {shown(key.value)} twice")
        found[key.value] = _value(next(events), events, (*at, key.value), lines)
        lines[(*at, key.value)] = line
    return found
