"""Whatever a foreign file holds, an import ends with predictions or with a list of problems."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import TinyWorkspace
from foreign_cases import SAID, task
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from test_import_helm import STATES
from test_import_inspect import ANSWERS, as_eval, inspect_log
from test_import_lighteval import detail, old_detail
from test_import_lm_eval import SAMPLES

from tldr_bench.errors import SubmissionError
from tldr_bench.importers.load import import_file

ANYTHING = st.sampled_from(
    [None, True, -1, 0, 2**70, 1.5, float("nan"), "", "p1", "attachment://", "[[", "\ud800", [], [[]], {}, [None], {"text": 5}, ["a", 1]]
)  # fmt: skip

FILES: dict[str, Any] = {
    "lm-eval": SAMPLES,
    "helm": {"adapter_spec": {"model": "m"}, "request_states": STATES},
    "inspect": inspect_log(ANSWERS),
    "gem": {
        "submission_name": "x",
        "tasks": {"t": {"values": list(SAID.values()), "keys": list(SAID)}},
    },
    "summeval": [{"id": name, "decoded": text, "model_id": "M1"} for name, text in SAID.items()],
}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a JSON document."""
    yield at
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inside:
        yield from places(item, (*at, key))


def changed(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """The document with one value replaced."""
    if not at:
        return new
    result = copy.deepcopy(value)
    inner = result
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return result


def imported(form: str, path: Path) -> None:
    """Import the file; anything but a list of problems fails the test."""
    try:
        import_file(task(), form, path)
    except SubmissionError as error:
        if not str(error).strip():
            raise AssertionError("an error without a word") from error


SLOWLY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


@pytest.mark.parametrize("form", FILES)
@SLOWLY
@given(data=st.data())
def test_one_wrong_value_anywhere(
    tmp_workspace: TinyWorkspace, tmp_path: Path, form: str, data: st.DataObject
) -> None:
    """With any one value of a good file replaced by any other, there is an import or a report."""
    value = FILES[form]
    at = data.draw(st.sampled_from(list(places(value))))
    broken = changed(value, at, data.draw(ANYTHING))
    lines = isinstance(value, list) and isinstance(broken, list)
    text = "".join(json.dumps(row) + "\n" for row in broken) if lines else json.dumps(broken)
    path = tmp_path / "file.json"
    path.write_text(text)
    imported(form, path)


@pytest.mark.parametrize(
    "form", ["lines", "csv", "tsv", "trec", "gem", "lm-eval", "helm", "inspect", "summeval", "lighteval"]
)  # fmt: skip
@SLOWLY
@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_workspace: TinyWorkspace, tmp_path: Path, form: str, content: bytes) -> None:
    """Any bytes at all, under any format, give a report."""
    path = tmp_path / "file"
    path.write_bytes(content)
    imported(form, path)


@SLOWLY
@given(place=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_damaged_archive(
    tmp_workspace: TinyWorkspace, tmp_path: Path, place: int, byte: int
) -> None:
    """An .eval file with one byte changed is read as it was meant, or reported."""
    path = as_eval(tmp_path, inspect_log(ANSWERS))
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    imported("inspect", path)


@pytest.mark.parametrize("make", [detail, old_detail])
@SLOWLY
@given(data=st.data())
def test_parquet_with_other_types(
    tmp_workspace: TinyWorkspace, tmp_path: Path, make: Any, data: st.DataObject
) -> None:
    """A lighteval table whose columns hold something else gives an import or a report."""
    import pyarrow as pa
    from pyarrow import parquet

    row = make(0, ["x"])
    at = data.draw(st.sampled_from([place for place in places(row) if place]))
    kinds = [None, 1, "", "[", "{'a': 1}", ["x"], [["x"]], {"text": "x"}]
    broken = changed(row, at, data.draw(st.sampled_from(kinds)))
    path = tmp_path / "x.parquet"
    try:
        parquet.write_table(pa.Table.from_pylist([broken]), path)
    except pa.ArrowException:  # no table can hold this
        reject()
    imported("lighteval", path)
