"""Record: what stands in a file, checked at the edge. Inside, everything is a plain dataclass.

A record's fields are its annotations, as a dataclass has them. It is made by us because of what it
says and when: every problem of a value at once, in the words of this project, and milliseconds
after the program starts. See `docs/decisions/0018-start-up.md`.
"""

from __future__ import annotations

import datetime
import json
import typing
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, dataclass_transform

from tldr_bench.checked import Field as Field
from tldr_bench.checked import FieldRules, Found, check
from tldr_bench.errors import DataError, Problem, TldrBenchError, path_name, shown, unknown
from tldr_bench.files import decode, read_bounded
from tldr_bench.json_text import Keys, Unreadable, canonical_json, parse_json
from tldr_bench.yaml_text import Lines


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Record:
    """Frozen named values, in which unknown keys and NaN are errors.

    Made from keywords it raises ValueError for what a file would be refused for.
    """

    def __init__(self, **values: Any) -> None:
        vars(self).update(vars(self.model_validate(values)))

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A record from all its values, which our own code has just computed: nothing is checked."""
        made = cls.__new__(cls)
        vars(made).update(values)
        return made

    @classmethod
    def read(cls, value: Any, at: Keys, found: list[Found]) -> Self | None:
        """A record from a mapping; what is wrong is added to `found`, and None is returned."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            found.append(Found(at, f"expected a mapping, got {shown(value)}", "a mapping"))
            return None
        before, values = len(found), {}
        known = _shape(cls)
        for name, (kind, rules) in known.items():
            key = rules.alias or name
            if key in value:
                values[name] = _field(kind, rules, value[key], (*at, key), found)
            elif rules.required:
                found.append(Found((*at, key), MISSING))
            else:
                values[name] = rules.absent()
        keys = {rules.alias or name for name, (_, rules) in known.items()}
        found.extend(_unknown(key, keys, at) for key in value if key not in keys)
        if len(found) > before:
            return None
        made = cls.trusted(**values)
        if problem := made.problem():
            found.append(Found(at, problem))
            return None
        return made

    def problem(self) -> str | None:
        """What is wrong with the fields together, each of which is right by itself."""
        return None

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """A record from a mapping. Raises ValueError."""
        found: list[Found] = []
        made = cls.read(value, (), found)
        if made is None:
            said = "; ".join(f"{dotted(item.at)}: {item.in_words()}" for item in found[:MOST])
            raise ValueError(f"{cls.__name__}: {said}")
        return made

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """A record from JSON of our own making (`parse_json` is for that of others)."""
        return cls.model_validate(json.loads(text))

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values, which are taken as they are."""
        made = type(self).__new__(type(self))
        vars(made).update({name: getattr(self, name) for name in _shape(type(self))}, **update)
        return made

    def model_dump(
        self,
        *,
        by_alias: bool = False,
        exclude_none: bool = False,
        exclude: Collection[str] = (),
        mode: str = "python",
    ) -> dict[str, Any]:
        """The values as dicts and lists; with mode "json", dates and keys as text."""
        found = {}
        for name, (_, rules) in _shape(type(self)).items():
            value = getattr(self, name)
            if name in exclude or (exclude_none and value is None):
                continue
            if type(value) not in _PLAIN:
                value = _dumped(value, by_alias, exclude_none, mode)
            found[(rules.alias or name) if by_alias else name] = value
        return found

    def model_dump_json(self, *, by_alias: bool = False) -> str:
        """The values as JSON on one line."""
        return json.dumps(self.model_dump(by_alias=by_alias, mode="json"), allow_nan=False)

    def to_json(self) -> str:
        """The bytes of its file: canonical JSON, under the names that stand in files."""
        return canonical_json(self.model_dump(by_alias=True, mode="json"))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _shape(type(self)))

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in _shape(type(self))))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in _shape(type(self)))
        return f"{type(self).__name__}({values})"


_shapes: dict[type[Record], dict[str, tuple[Any, FieldRules]]] = {}


def _shape(kind: type[Record]) -> dict[str, tuple[Any, FieldRules]]:
    """Field name -> its type and rules, in the order of the class; looked at once."""
    found = _shapes.get(kind)
    if found is None:
        found = _shapes[kind] = dict(_fields(kind))
    return found


def _fields(kind: type[Record]) -> Iterator[tuple[str, tuple[Any, FieldRules]]]:
    for name, hint in typing.get_type_hints(kind).items():
        given = getattr(kind, name, FieldRules())
        rules = given if isinstance(given, FieldRules) else FieldRules(default=given)
        yield name, (hint, rules)


def field_names(kind: type[Record]) -> tuple[str, ...]:
    """The names of a record's fields, in its order."""
    return tuple(_shape(kind))


def _field(kind: Any, rules: FieldRules, value: Any, at: Keys, found: list[Found]) -> Any:
    before = len(found)
    read = check(kind, value, at, found)
    if len(found) == before and (problem := rules.broken(read, value)):
        found.append(Found(at, problem))
    return read


def _unknown(key: str, keys: Collection[str], at: Keys) -> Found:
    return Found((*at, key), lambda: unknown("key", str(key), keys), about=at)


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types whose values are dumped as they are."""


def _dumped(value: Any, by_alias: bool, exclude_none: bool, mode: str) -> Any:
    if isinstance(value, Record):
        return value.model_dump(by_alias=by_alias, exclude_none=exclude_none, mode=mode)
    if isinstance(value, dict):
        text = str if mode == "json" else lambda key: key
        return {
            text(key): _dumped(item, by_alias, exclude_none, mode)
            for key, item in value.items()
            if not (exclude_none and item is None)
        }
    if isinstance(value, (list, tuple)):
        return [_dumped(item, by_alias, exclude_none, mode) for item in value]
    if mode == "json" and isinstance(value, datetime.date):
        return value.isoformat()
    return value


# From files ------------------------------------------------------------------------------------

R = TypeVar("R", bound=Record)

MISSING = "is missing"
MOST = 200
"""How many problems of one record are described before the rest is only counted."""


def parse_record(
    kind: type[R], value: Any, where: str, lines: Lines, error: type[TldrBenchError]
) -> R:
    """`value` as a record of the given kind, or `error` with every problem and its line."""
    found: list[Found] = []
    made = kind.read(value, (), found)
    if made is None:
        raise error(_problems(found, where, lines))
    return made


def read_json_record(kind: type[R], path: Path) -> R:
    """A JSON file as a record. Raises DataError with every problem when it is not one."""
    where = path_name(path)
    try:
        value = parse_json(decode(read_bounded(path)))
    except Unreadable as error:
        raise DataError([Problem(where, error.line, str(error))]) from None
    return parse_record(kind, value, where, {}, DataError)


def _problems(found: list[Found], where: str, lines: Lines) -> list[Problem]:
    problems = _without_echoes([_problem(item, where, lines) for item in found[:MOST]])
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


def _problem(item: Found, where: str, lines: Lines) -> Problem:
    about = item.at if item.about is None else item.about
    return Problem(where, _nearest_line(item.at, lines), item.in_words(), dotted(about))


def dotted(location: Keys) -> str | None:
    """`data.sha256`, the way in which messages name a field."""
    return ".".join(map(str, location)) or None


def _nearest_line(location: Keys, lines: Lines) -> int | None:
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)
