"""JSON, strictly: what this project accepts from others, and the one way in which it writes it."""

from __future__ import annotations

import json
import math
import re
from json.encoder import encode_basestring
from typing import Any, NoReturn

from tldr_bench.errors import shown

Keys = tuple[str | int, ...]
"""Where a value stands among nested ones: the keys on the way to it."""
MAX_DEPTH = 32
MAX_NUMBER = 32
"""Characters of one number in JSON: more is nobody's label, score or rank."""


class Unreadable(ValueError):
    """What is wrong with a file's content; the caller knows where and wraps it in a Problem."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        """1-based line of a text of several lines, where it is known."""


def parse_json(text: str) -> Any:
    """Strict JSON: no duplicate keys, NaN, lone surrogates, over-long numbers, or depth beyond 32.

    Raises Unreadable with the column.
    """
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Unreadable(f"is nested deeper than {MAX_DEPTH} levels")
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        expected = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
        expected = expected.replace("expecting", "expected")
        raise Unreadable(
            f"is not valid JSON: {expected} at column {error.colno}", error.lineno
        ) from None
    if "\\u" in text:
        _refuse_lone_surrogates(value)
    return value


_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A string, closed or not; possessive, so that no text makes it go back."""


def _depth(text: str) -> int:
    # Brackets inside strings do not nest: leave the strings out before counting.
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Unreadable("holds half of a surrogate pair (\\ud800 to \\udfff)") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unreadable(f"has the key {shown(twice)} twice")
    return unique


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"holds {name}, which is not JSON")


def _short_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER:
        raise Unreadable(f"holds a number of {len(digits)} digits")
    return int(digits)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if len(digits) > MAX_NUMBER or not math.isfinite(value):
        raise Unreadable(f"holds a number that is too long or too large: {shown(digits)}")
    return value


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_int=_short_int,
    parse_float=_finite_float,
)


_UNSEEN = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What JSON allows in a string, but a terminal or a browser may obey: written as \\uXXXX."""


def canonical_json(value: Any) -> str:
    """The one way in which this project writes JSON: sorted keys, two-space indent, no NaN.

    The bytes are those of `json.dumps`, whose indenting is slow: a third of the time of a site.
    """
    text = _written(value, "\n")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def _written(value: Any, line: str) -> str:
    """A value as JSON; `line` ends a line and indents the next one as far as the value stands."""
    if isinstance(value, str):
        return encode_basestring(value)
    if type(value) is float and math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        inner = line + "  "
        items = [f"{_key(key)}: {_written(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{(',' + inner).join(items)}{line}}}" if items else "{}"
    if isinstance(value, (list, tuple)):
        inner = line + "  "
        items = [_written(item, inner) for item in value]
        return f"[{inner}{(',' + inner).join(items)}{line}]" if items else "[]"
    return repr(value) if type(value) is int else json.dumps(value, allow_nan=False)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys are texts, not {key!r}")
    return encode_basestring(key)
