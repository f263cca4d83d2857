"""Decisions about every two systems, kept by content: the same ones, and never believed when damaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tldr_bench.decisions import Decider
from tldr_bench.stats import Pairs
from tldr_bench.store import Store
from tldr_bench.tally import Tally
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
Values = Mapping[str, list[float | None]]


@pytest.fixture
def task() -> Task:
    return Workspace(ROOT).task("mini-tldr")


def measured(task: Task, systems: int = 4) -> tuple[str, list[Any], dict[str, list[float | None]]]:
    """Made-up columns of the task's first metric; the last system has none."""
    name, metric = next(iter(task.metrics.items()))
    chance = np.random.default_rng(7)
    columns: list[Any] = [
        {score: chance.random(len(task.examples)) for score in metric.score_names}
        for _ in range(systems - 1)
    ]
    values = {
        f"{name}.{score}": [*(float(column[score].mean()) for column in columns), None]
        for score in metric.score_names
    }
    return name, [*columns, None], values


def decided(
    task: Task, store: Store, asked: tuple[str, list[Any], Values]
) -> tuple[dict[str, Pairs], Tally]:
    decider = Decider(task, store)
    return decider.decide(*asked), decider.tally


def same(one: Mapping[str, Pairs], other: Mapping[str, Pairs]) -> bool:
    """Whether all arrays are the same, bit for bit."""
    return one.keys() == other.keys() and all(
        np.asarray(getattr(pairs, field.name)).tobytes()
        == np.asarray(getattr(other[score], field.name)).tobytes()
        for score, pairs in one.items()
        for field in fields(Pairs)
    )


def test_kept_decisions_are_those_that_were_taken(task: Task, tmp_path: Path) -> None:
    """What comes from the store equals what is computed without one, in every bit of every field."""
    asked = measured(task)
    plain, _ = decided(task, Store(), asked)
    first, made = decided(task, Store(tmp_path), asked)
    second, known = decided(task, Store(tmp_path), asked)
    assert same(plain, first)
    assert same(plain, second)
    assert (made.decisions, made.decisions_known) == (len(plain), 0)
    assert (known.decisions, known.decisions_known) == (0, len(plain))


def test_a_changed_measurement_is_decided_again(task: Task, tmp_path: Path) -> None:
    """One number of one column, or one more system, makes another question."""
    metric, columns, values = measured(task)
    decided(task, Store(tmp_path), (metric, columns, values))
    column = next(iter(columns[0]))
    moved = [dict(columns[0]), *columns[1:]]
    moved[0][column] = moved[0][column].copy()
    moved[0][column][0] += 1e-9
    assert decided(task, Store(tmp_path), (metric, moved, values))[1].decisions_known == 0
    more = {score: [*points, None] for score, points in values.items()}
    assert decided(task, Store(tmp_path), (metric, [*columns, None], more))[1].decisions_known == 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_damaged_decisions_are_taken_again(task: Task, tmp_path: Path, damage: str) -> None:
    """An entry that is not as it was written is not believed."""
    asked = measured(task)
    plain, _ = decided(task, Store(tmp_path), asked)
    for entry in tmp_path.rglob("*.entry"):
        content = bytearray(entry.read_bytes())
        content[-3] ^= 1
        parts = {"cut": content[:-8], "flipped": content, "empty": b""}
        entry.write_bytes(parts[damage])
    again, tally = decided(task, Store(tmp_path), asked)
    assert tally.decisions_known == 0
    assert same(plain, again)


def test_an_entry_of_another_shape_is_not_believed(task: Task, tmp_path: Path) -> None:
    """Even with a right digest: columns of other names or lengths are no decisions."""
    asked = measured(task)
    store = Store(tmp_path)
    plain, _ = decided(task, store, asked)
    for entry in list(tmp_path.rglob("*.entry")):
        found = store.find(entry.stem)
        assert found is not None
        entry.unlink()
        store.put(entry.stem, {name: column[:-1] for name, column in found.columns.items()})
    again, tally = decided(task, store, asked)
    assert tally.decisions_known == 0
    assert same(plain, again)


def test_another_task_version_is_another_question(task: Task, tmp_path: Path) -> None:
    """The resamples depend on the examples, and so do the decisions."""
    asked = measured(task)
    decided(task, Store(tmp_path), asked)
    other = replace(
        task, examples=(replace(task.examples[0], title="", id="x"), *task.examples[1:])
    )
    assert decided(other, Store(tmp_path), asked)[1].decisions_known == 0
