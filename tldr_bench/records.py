"""Record: what stands in a file, checked at the edge. Inside, everything is a plain dataclass."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from tldr_bench.errors import Problem, TldrBenchError, shown, unknown
from tldr_bench.yaml_text import Keys, Lines


class Record(BaseModel):
    """A frozen pydantic model in which unknown keys and NaN are errors.

    A field with a pattern says in its description what is expected, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


R = TypeVar("R", bound=Record)

MISSING = "is missing"
MOST = 200
"""How many problems of one record are described before the rest is only counted."""


def parse_record(
    kind: type[R], value: dict[str, Any], where: str, lines: Lines, error: type[TldrBenchError]
) -> R:
    """`value` as a record of the given kind, or `error` with every problem and its line."""
    try:
        return kind.model_validate(value)
    except ValidationError as failure:
        raise error(_problems(kind, value, failure, where, lines)) from None


def _problems(
    kind: type[Record], value: Any, failure: ValidationError, where: str, lines: Lines
) -> list[Problem]:
    found: dict[tuple[Keys, bool], list[Mapping[str, Any]]] = {}
    for item in failure.errors(include_url=False):
        place = _place(value, item), item["type"] == "extra_forbidden"
        found.setdefault(place, []).append(item)
    problems = [
        _problem(kind, location, items, where, lines)
        for (location, _), items in list(found.items())[:MOST]
    ]
    problems = _without_echoes(problems)
    more = len(found) - MOST
    return problems + ([Problem(where, None, f"and {more} more problems")] if more > 0 else [])


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """A misspelt key shows up twice: unknown under its name, missing under the right one.

    The first is the one to mend, so the other is left out; by line otherwise.
    """
    meant = {item.message.partition("Did you mean ")[2] for item in problems}
    once = [item for item in problems if item.message != MISSING or _quoted_key(item) not in meant]
    return sorted(once, key=lambda item: item.line or 0)


def _quoted_key(problem: Problem) -> str:
    return f"'{(problem.field or '').rpartition('.')[2]}'?"


def _place(value: Any, item: Mapping[str, Any]) -> Keys:
    """The location as the file has it: pydantic adds the branch of a union that it tried."""
    place: list[str | int] = []
    for key in item["loc"]:
        if isinstance(value, list) if isinstance(key, int) else _has(value, key):
            value = value[key]
            place.append(key)
    return (*place, item["loc"][-1]) if item["type"] == "missing" else tuple(place)


def _has(value: Any, key: str) -> bool:
    return isinstance(value, dict) and key in value


def _problem(
    kind: type[Record],
    location: Keys,
    items: list[Mapping[str, Any]],
    where: str,
    lines: Lines,
) -> Problem:
    line = _nearest_line(location, lines)
    if items[0]["type"] == "extra_forbidden":
        inside, key = location[:-1], location[-1]
        message = unknown("key", str(key), _known_keys(kind, inside))
        return Problem(where, line, message, dotted(inside))
    _, field = _at(kind, location)
    return Problem(where, line, in_words(items, field and field.description), dotted(location))


def dotted(location: Keys) -> str | None:
    """`data.sha256`, the way in which messages name a field."""
    return ".".join(map(str, location)) or None


_EXPECTED = {
    "string_type": "a text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date",
}


def in_words(items: Iterable[Mapping[str, Any]], pattern: str | None = None) -> str:
    """What pydantic found wrong with one value, as a sentence; `pattern` says what its pattern means.

    Several items are the branches of a union, none of which fitted.
    """
    items = list(items)
    first = items[0]
    if first["type"] == "missing":
        return MISSING
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    if first["type"] == "literal_error" and isinstance(first["input"], str):
        return unknown("value", first["input"], re.findall(r"'([^']*)'", first["ctx"]["expected"]))
    expected = " or ".join(dict.fromkeys(_expected(item, pattern) for item in items))
    return f"expected {expected}, got {shown(first['input'])}"


def _expected(item: Mapping[str, Any], pattern: str | None) -> str:
    context: Mapping[str, Any] = item.get("ctx", {})
    match item["type"]:
        case "string_pattern_mismatch":
            return pattern or f"a text that matches {context['pattern']}"
        case "literal_error":
            return str(context["expected"])
        case "string_too_short":
            return "some text"
        case "string_too_long":
            return f"at most {context['max_length']} characters"
        case "too_short" | "dict_too_short":
            return f"at least {context['min_length']}"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case known if known in _EXPECTED:
            return _EXPECTED[known]
    message: str = item["msg"]
    return message.removeprefix("Input should be ").removeprefix("a valid ")


def _nearest_line(location: Keys, lines: Lines) -> int | None:
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)


def _at(kind: type[BaseModel], location: Keys) -> tuple[type[BaseModel], FieldInfo | None]:
    """The innermost record at `location` inside a record of this kind, and the last key's field."""
    field = None
    for key in location:
        field = kind.model_fields.get(str(key))
        kind = (field and _record_in(field.annotation)) or kind
    return kind, field


def _known_keys(kind: type[BaseModel], location: Keys) -> list[str]:
    inside, _ = _at(kind, location)
    return [field.alias or name for name, field in inside.model_fields.items()]


def _record_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, list, dict):
        return next(filter(None, map(_record_in, typing.get_args(annotation))), None)
    return None
