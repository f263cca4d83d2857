"""What a foreign file holds, whatever tool wrote it: outputs, and all that tells what each is about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tldr_bench.errors import Problem, SubmissionError, path_name, shown, unknown
from tldr_bench.files import MIB, decode, read_bounded
from tldr_bench.json_text import Unreadable

Fields = Mapping[str, Any]
"""Name -> value of everything beside an output that may say which example it belongs to."""

MAX_FIELDS = 200
"""Fields of one output that are looked at."""
MAX_DOCUMENT = 128 * MIB
"""Bytes of a foreign file that is held in memory as a whole."""
MAX_VALUES = 4_000_000
"""Values in such a file: in memory the smallest take a hundred times what they take in the file."""
MAX_OUTPUTS = 2_000_000
"""Lines or cells of a text that is no JSON."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a system said once."""

    place: str
    """Where it stands in the file, such as `line 3`."""
    value: Any
    """A text; for labels and rankings also a list."""
    fields: Fields = field(default_factory=dict)
    prompt: str = ""
    """What the model was given; it may hold the source."""


@dataclass(frozen=True)
class Foreign:
    """The outputs of a file, and what is known of how they came about."""

    outputs: Sequence[Output]
    tool: str
    version: str | None = None
    model: str | None = None
    dropped: tuple[str, ...] = ()
    """What was left out of the file, and what was chosen of several, in sentences."""
    filled: tuple[str, ...] = ()
    """What the file does not say and stands in the predictions all the same, in sentences."""
    positional: bool = False
    """Whether nothing but their order says which example the outputs belong to."""


@dataclass(frozen=True)
class Options:
    """What the user says about a file."""

    pick: str | None = None
    """Which of several: filter, trial, epoch, data set, model or sample."""
    id_field: str | None = None
    """The field that holds the example's id."""
    output_field: str | None = None
    """The column that holds the output, of a table."""
    ids: Path | None = None
    """A file with the id of each line, for `lines`."""


def read_json(path: Path) -> Any:
    """The JSON document in a file. Raises SubmissionError."""
    try:
        return parse(decode(read_bounded(path, MAX_DOCUMENT)))
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(path), error.line, str(error))]) from None


def parse(text: str) -> Any:
    """JSON as Python's tools write it: NaN is let through, for it stands beside outputs and is not read.

    Raises Unreadable for anything else, for a key that is there twice, and for too deep a nesting or
    too many values.
    """
    if values_in(text) > MAX_VALUES:
        raise Unreadable(f"holds more than {MAX_VALUES:,} values")
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except json.JSONDecodeError as error:
        message = f"is not valid JSON: {error.msg} at column {error.colno}"
        raise Unreadable(message, error.lineno) from None
    except ValueError as error:
        raise Unreadable(f"is not valid JSON: {str(error)[:200]}") from None


def values_in(text: str) -> int:
    """At least as many values as this JSON holds, but for a lonely one; counted without reading it."""
    return text.count(",") + text.count("[") + text.count("{")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {shown(twice)} is there twice")
    return found


def expect(value: Any, kind: type, what: str, path: Path) -> Any:
    """`value` if it is of this type, else SubmissionError: the file is not what it was said to be."""
    if isinstance(value, kind):
        return value
    names: Mapping[object, str] = {dict: "an object", list: "a list", str: "a text"}
    message = f"expected {names[kind]} {what}, got {shown(value)}"
    raise SubmissionError([Problem(path_name(path), None, message)])


def as_object(value: object) -> dict[str, Any]:
    """`value` if it is an object, else an empty one: what is missing beside an output is no error."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """`value` if it is a text."""
    return value if isinstance(value, str) else None


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as dotted names: `{"doc": {"id": "p1"}}` -> `{"doc.id": "p1"}`."""
    found: dict[str, Any] = {}
    stack = [(f"{prefix}{name}", item) for name, item in reversed(list(value.items()))]
    while stack and len(found) < MAX_FIELDS:
        name, item = stack.pop()
        if isinstance(item, dict):
            stack += [(f"{name}.{inner}", below) for inner, below in reversed(list(item.items()))]
        elif isinstance(item, str | int | list):
            found[name] = item
    return found


def chosen(what: str, known: Sequence[str], pick: str | None, default: str | None) -> str:
    """Which of several is meant: the picked one, the only one, or the default.

    Raises SubmissionError, naming them, when it is not clear.
    """
    if pick is not None:
        if pick in known:
            return pick
        raise SubmissionError(f"--pick: {unknown(what, pick, known)}")
    if len(known) == 1:
        return known[0]
    if default in known and default is not None:
        return default
    listed = ", ".join(shown(name) for name in known[:20])
    raise SubmissionError(f"the file holds more than one {what}: choose with --pick: {listed}")
