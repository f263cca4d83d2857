"""Records: what each kind of field takes, and what is said of the rest, all at once."""

from __future__ import annotations

import copy
import datetime
import math
import pickle
from typing import Any, Literal

import pytest

from tldr_bench.errors import DataError
from tldr_bench.records import Field, Record, parse_record


class Part(Record):
    """A record inside another."""

    size: float
    on: bool = False


class Whole(Record):
    """One field of each kind."""

    format: Literal["whole/1"] = Field(default="whole/1", alias="schema")
    name: str = Field(min_length=1, max_length=5)
    count: int | None = Field(default=None, ge=1)
    day: datetime.date | None = None
    kind: Literal["left", "right"] = "left"
    authors: list[str] | str | None = None
    parts: dict[str, Part] = Field(default_factory=dict)
    free: str | int | dict[str, Any] | None = None
    code: str = Field(default="", pattern=r"^[a-z]*$", description="small letters")


def said(value: dict[str, Any]) -> list[str]:
    """What is wrong with a value, line by line."""
    with pytest.raises(DataError) as error:
        parse_record(Whole, value, "f", {}, DataError)
    return [line.removeprefix("f: ") for line in str(error.value).splitlines()]


def test_text_becomes_what_the_field_asks_for() -> None:
    """Numbers, truths and dates are read from text; text stays text, `1.10` and `no` included."""
    value = {
        "name": "1.10",
        "count": "3",
        "day": "2024-02-29",
        "parts": {"a": {"size": "1e-3", "on": "yes"}},
    }
    made = parse_record(Whole, {**value, "free": "no", "authors": "A, B"}, "f", {}, DataError)
    assert (made.name, made.count, made.day) == ("1.10", 3, datetime.date(2024, 2, 29))
    assert made.parts == {"a": Part(size=0.001, on=True)}
    assert (made.free, made.authors, made.kind) == ("no", "A, B", "left")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "name: is missing"),
        ({"nam": "x"}, "unknown key 'nam'. Did you mean 'name'?"),
        ({"name": ""}, "name: expected some text, got ''"),
        ({"name": "abcdef"}, "name: expected at most 5 characters, got 'abcdef'"),
        ({"name": ["x"]}, 'name: expected a text, got ["x"]'),
        ({"name": "x", "count": "0"}, "count: expected 1 or more, got '0'"),
        ({"name": "x", "count": "1.5"}, "count: expected a whole number, got '1.5'"),
        ({"name": "x", "count": True}, "count: expected a whole number, got true"),
        ({"name": "x", "parts": {"a": {"size": True}}}, "parts.a.size: expected a number, got true"),
        ({"name": "x", "day": "2023-02-29"}, "day: expected a date, got '2023-02-29': day is out of range for month"),
        ({"name": "x", "day": "1"}, "day: expected a date such as 2024-05-31, got '1'"),
        ({"name": "x", "kind": "lef"}, "kind: unknown value 'lef'. Did you mean 'left'?"),
        ({"name": "x", "kind": 3}, "kind: expected 'left' or 'right', got 3"),
        ({"name": "x", "authors": 3}, "authors: expected a list or a text, got 3"),
        ({"name": "x", "authors": ["a", 3]}, "authors.1: expected a text, got 3"),
        ({"name": "x", "parts": {"a": {"size": "nan"}}}, "parts.a.size: expected a finite number, got 'nan'"),
        ({"name": "x", "parts": {"a": 1}}, "parts.a: expected a mapping, got 1"),
        ({"name": "x", "code": "ab\n"}, "code: expected small letters, got 'ab\\n'"),
        ({"name": "x", "schema": "whole/2"}, "schema: unknown value 'whole/2'. Did you mean 'whole/1'?"),
        ({"name": "x", "format": "whole/1"}, "unknown key 'format'. Known: authors, code, count, day, free, kind, name, parts, schema"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(value: dict[str, Any], message: str) -> None:
    """Each wrong value gets its place and what was expected; nothing else is said."""
    assert said(value) == [message]


def test_every_problem_is_found_at_once() -> None:
    """Three wrong fields are three lines."""
    assert len(said({"name": 1, "count": "x", "kind": "up"})) == 3


def test_a_record_is_frozen_and_equal_by_its_values() -> None:
    """No field can be set or deleted; copies through pickle and `copy` are equal, and hash alike."""
    made = Part(size=1)
    with pytest.raises(AttributeError, match="frozen"):
        made.size = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del made.size
    assert made == pickle.loads(pickle.dumps(made)) == copy.copy(made)  # noqa: S301 - our own
    assert hash(made) == hash(Part(size=1.0))
    assert made != Part(size=2)
    assert repr(made) == "Part(size=1.0, on=False)"


def test_a_record_cannot_be_made_wrong() -> None:
    """From code, too, NaN and unknown names are refused."""
    with pytest.raises(ValueError, match="finite number"):
        Part(size=math.nan)
    with pytest.raises(ValueError, match="unknown key"):
        Part(size=1, colour="red")  # type: ignore[call-arg]


def test_a_record_comes_back_from_its_json() -> None:
    """What is written is read again as the same record; keys are the ones in files."""
    made = Whole(name="x", day=datetime.date(2024, 5, 31), parts={"a": Part(size=2)})
    assert Whole.model_validate_json(made.model_dump_json(by_alias=True)) == made
    assert made.model_dump(by_alias=True)["schema"] == "whole/1"
    assert "count" not in made.model_dump(exclude_none=True)
    assert made.model_dump(mode="json")["day"] == "2024-05-31"
