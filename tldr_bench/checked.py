"""Values checked against types: `check(kind, value, at, found)` gives the value, or notes what is wrong.

Kinds are annotations: str, int, float, bool, date, None, Any, Literal, list, tuple[kind, ...], dict,
Sequence, Mapping, unions, and classes that read themselves (see `records`). YAML gives text, so text is read as the number, truth
or date that is asked for; nothing else is turned into anything else.
"""

from __future__ import annotations

import datetime
import math
import operator
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tldr_bench.errors import shown, unknown
from tldr_bench.json_text import Keys


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is wrong with a value."""

    at: Keys
    message: str | Callable[[], str]
    """In words; as a function where it costs time to find them."""
    expected: str = ""
    """What was expected at this place, where that is all there is to say."""
    about: Keys | None = None
    """The place that is named, if it is another one."""

    def in_words(self) -> str:
        """The message."""
        return self.message if isinstance(self.message, str) else self.message()


_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What a field says beyond its type. See `Field`."""

    default: Any = _MISSING
    default_factory: Callable[[], Any] | None = None
    alias: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    ge: int | None = None
    pattern: str | None = None
    description: str | None = None
    check: Callable[[Any], str | None] | None = None

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is _MISSING and self.default_factory is None

    def absent(self) -> Any:
        """The value of a field that is not given."""
        return self.default_factory() if self.default_factory else self.default

    def broken(self, value: Any, given: Any) -> str | None:
        """What is wrong with a value, in words that show it as it was given."""
        if value is None:
            return None
        if self.min_length is not None and len(value) < self.min_length:
            least = "some text" if isinstance(value, str) else f"at least {self.min_length}"
            return f"expected {least}, got {shown(given)}"
        if self.max_length is not None and len(value) > self.max_length:
            return f"expected at most {self.max_length} characters, got {shown(given)}"
        if self.ge is not None and value < self.ge:
            return f"expected {self.ge} or more, got {shown(given)}"
        if self.pattern is not None and not re.search(_to_the_end(self.pattern), value):
            expected = self.description or f"a text that matches {self.pattern}"
            return f"expected {expected}, got {shown(given)}"
        return self.check(value) if self.check else None


def _to_the_end(pattern: str) -> str:
    """`$` means the end, and not the place before a last line break."""
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern


def Field(
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    ge: int | None = None,
    pattern: str | None = None,
    description: str | None = None,
    check: Callable[[Any], str | None] | None = None,
) -> Any:
    """A field with more to say than its type: the name in files, bounds, a pattern.

    A field with a pattern says in its description what is expected, in words. `check` gives the
    sentence about a value that is wrong, or None.
    """
    return FieldRules(
        default, default_factory, alias, min_length, max_length, ge, pattern, description, check
    )


# Types -----------------------------------------------------------------------------------------


def check(kind: Any, value: Any, at: Keys, found: list[Found], *, exact: bool = False) -> Any:
    """The value as this kind; what is wrong with it is added to `found`, and None is returned.

    `exact` reads no text as something else: what a union tries first.
    """
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(kind), value, at, found)
    if origin is Literal:
        return _literal(typing.get_args(kind), value, at, found)
    if origin in (list, tuple, dict, Sequence, Mapping):
        return _container(origin, typing.get_args(kind), value, at, found)
    if hasattr(kind, "read"):
        return kind.read(value, at, found)
    return _plain(kind, value, at, found, exact)


def _union(kinds: Iterable[Any], value: Any, at: Keys, found: list[Found]) -> Any:
    if value is None and type(None) in kinds:
        return None
    kinds = [kind for kind in kinds if kind is not type(None)]
    attempts: list[list[Found]] = []
    for exact in (True, False):
        attempts = [[] for _ in kinds]
        for kind, own in zip(kinds, attempts, strict=True):
            read = check(kind, value, at, own, exact=exact)
            if not own:
                return read
    # One that got as far as an inner value is what was meant.
    deeper = (own for own in attempts if any(item.at != at or not item.expected for item in own))
    meant = next(deeper, None)
    found.extend(meant or [_wrong(" or ".join(_expectations(attempts)), value, at)])
    return None


def _expectations(attempts: Iterable[Iterable[Found]]) -> list[str]:
    return list(dict.fromkeys(item.expected for own in attempts for item in own))


def _literal(known: tuple[Any, ...], value: Any, at: Keys, found: list[Found]) -> Any:
    if isinstance(value, (str, int)) and value in known:
        return value
    if isinstance(value, str):
        found.append(Found(at, unknown("value", value, map(str, known))))
    else:
        *rest, last = map(repr, known)
        found.append(_wrong(" or ".join(filter(None, [", ".join(rest), last])), value, at))
    return None


def _container(
    origin: type, inside: tuple[Any, ...], value: Any, at: Keys, found: list[Found]
) -> Any:
    if origin not in (dict, Mapping):
        if not isinstance(value, (list, tuple)):
            found.append(_wrong("a list", value, at))
            return None
        items = [check(inside[0], item, (*at, n), found) for n, item in enumerate(value)]
        return tuple(items) if origin is tuple else items
    if not isinstance(value, Mapping):
        found.append(_wrong("a mapping", value, at))
        return None
    kind, of = inside
    return {
        check(kind, key, (*at, key), found): check(of, item, (*at, key), found)
        for key, item in value.items()
    }


def _wrong(expected: str, value: Any, at: Keys) -> Found:
    return Found(at, lambda: f"expected {expected}, got {shown(value)}", expected)


_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def _plain(kind: Any, value: Any, at: Keys, found: list[Found], exact: bool) -> Any:
    if kind is datetime.date:
        return _date(value, at, found)
    if kind not in _READERS:
        # Metrics of other packages annotate their parameters as they like.
        if not (isinstance(kind, type) and isinstance(value, kind)):
            found.append(
                _wrong(f"{getattr(kind, '__name__', kind)}, which is read from no file", value, at)
            )
            return None
        return value
    good, given = type(value) is kind or (kind is str and isinstance(value, str)), value
    if not (good or exact):
        try:
            value, good = _READERS[kind](value), True
        except (ValueError, TypeError, OverflowError):
            good = False
    if not good:
        found.append(_wrong(_expected(kind, value), value, at))
        return None
    if kind is float and not math.isfinite(value):
        found.append(_wrong("a finite number", given, at))
    return value


def _expected(kind: Any, value: Any) -> str:
    """A whole number may be none only because it is too long."""
    digits = value.strip().lstrip("+-") if isinstance(value, str) else ""
    too_long = kind is int and len(digits) > MAX_DIGITS and digits.isdecimal()
    return _NAMES[kind] + (f" of at most {MAX_DIGITS} digits" if too_long else "")


MAX_DIGITS = 32
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|nan)", re.I)
_TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "1", "y", "t"), True),
    **dict.fromkeys(("false", "no", "off", "0", "n", "f"), False),
}


def _text(value: Any) -> str:
    raise TypeError(value)


def _integer(value: Any) -> int:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value.strip()):
            raise ValueError(value)
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return operator.index(_no_truth(value))


def _number(value: Any) -> float:
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise ValueError(value)
    return float(_no_truth(value))


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):  # which Python takes for 0 or 1
        raise TypeError(value)
    return value


def _truth(value: Any) -> bool:
    found = _TRUTHS.get(str(value).lower())
    if found is None or not isinstance(value, (str, int)):
        raise ValueError(value)
    return found


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _truth,
}


def _date(value: Any, at: Keys, found: list[Found]) -> datetime.date | None:
    if isinstance(value, datetime.date):
        return value
    if not isinstance(value, str):
        found.append(_wrong("a date", value, at))
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            text = f"expected a date, got {shown(value)}: {error}"
            found.append(Found(at, text))
            return None
    found.append(_wrong("a date such as 2024-05-31", value, at))
    return None
