"""YAML as far as a task or a submission needs it: mappings, lists and scalars, with line numbers.

Tags, anchors, aliases, merges and duplicate keys are refused. Scalars stay *text* (or None): the
record that they are read into says whether `1.10` is a version and `no` is a language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tldr_bench.errors import Problem, TldrBenchError, path_name, shown
from tldr_bench.files import MAX_YAML, decode, read_bounded
from tldr_bench.json_text import MAX_DEPTH, Unreadable

Keys = tuple[str | int, ...]
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
        node = yaml.compose(_checked(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        value = _value(node, (), lines)
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


def _checked(text: str) -> str:
    """Refuse what this YAML leaves out before anything is composed (aliases can blow up memory)."""
    import yaml

    if strange := _NOT_TEXT.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise _Refused(line, f"holds the character {shown(strange.group())}, which YAML forbids")
    depth = 0
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Any = yaml.parse(text, Loader=loader)
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(line, "uses an anchor or alias (& or *), which is not read here")
        if getattr(event, "tag", None):
            raise _Refused(line, f"uses a tag ({shown(event.tag)}), which is not read here")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Refused(line, f"is nested deeper than {MAX_DEPTH} levels")
    return text


def _context(problem: Any, line: int | None) -> str:
    """What was being read, and where that began: an open quote is noticed at the end only."""
    mark = problem.context_mark
    elsewhere = mark is not None and mark.line + 1 != line
    return (problem.context or "") + (f" that begins on line {mark.line + 1}" if elsewhere else "")


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]


def _value(node: Any, at: Keys, lines: Lines) -> Any:
    import yaml

    if node is None:
        return None
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return dict(_entries(node, at, lines, _value))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*at, index), lines) for index, item in enumerate(node.value)]
    if not node.style and node.value in _NULLS:
        return None
    return node.value


def _entries(
    node: Any, at: Keys, lines: Lines, value: Callable[[Any, Keys, Lines], Any]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, item in node.value:
        line = key.start_mark.line + 1
        name = key.value
        if name == "<<":
            raise _Refused(line, "uses a merge (<<), which is not read here")
        if not isinstance(name, str):
            raise _Refused(line, "has a key that is not plain text")
        if name in seen:
            raise _Refused(line, f"has the key {shown(name)} twice")
        seen.add(name)
        result = value(item, (*at, name), lines)
        lines[(*at, name)] = line
        yield name, result
