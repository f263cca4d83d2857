"""Results and leaderboards: strict files, shared ranks, and nothing missing that counts as zero."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from conftest import GOLD, TinyWorkspace

from tldr_bench.board_tables import FORMATS
from tldr_bench.errors import DataError, NotComputed, Problem
from tldr_bench.leaderboard import Board, rank
from tldr_bench.metrics.base import Metric
from tldr_bench.result import Score, Scored, read_result
from tldr_bench.scoring import score
from tldr_bench.submission import load_submission
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace


@dataclass(frozen=True)
class Length(Metric[str, Any]):
    """Characters of a prediction; an exclamation mark in it stands for what cannot be computed."""

    name: ClassVar[str] = "length"
    kind: ClassVar[Any] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Length"
    score_names: ClassVar[tuple[str, ...]] = ("characters",)
    direction: ClassVar[Any] = "higher"

    def measure(self, pairs: Any) -> Any:
        texts = [pair.prediction for pair in pairs]
        if any("!" in text for text in texts):
            raise NotComputed("exclamation marks have no length")
        return {"characters": np.array([math.nan if "?" in text else len(text) for text in texts])}


class Shortness(Length):
    """The shorter the better."""

    direction: ClassVar[Any] = "lower"


def board_of(
    workspace: TinyWorkspace, texts: dict[str, list[str]], metric: Metric[Any, Any]
) -> Board:
    """A board of systems that say these four texts, ranked by the metric."""
    task = Workspace(workspace.root).task("tiny-summary")
    spec = task.spec.model_copy(update={"primary": "length.characters"})
    task = Task(task.id, task.folder, spec, task.examples)
    task.__dict__["metrics"] = {"length": metric}
    scored = []
    for system, said in texts.items():
        rows = [{**row, "prediction": text} for row, text in zip(GOLD[task.id], said, strict=True)]
        path = workspace.submit(system, task.id, rows)
        scored.append(score(task, load_submission(path.parent)))
    return rank(task, scored)


TEXTS = {
    "b": ["aa"] * 4,
    "a": ["a", "aaa", "aa", "aa"],
    "none": ["!"] * 4,
    "long": ["aaaaa"] * 4,
    "silent": [""] * 4,
}


@pytest.mark.parametrize(
    ("metric", "order", "ranks"),
    [
        (Length(), ["long", "a", "b", "silent", "none"], [1, 2, 2, 4, None]),
        (Shortness(), ["silent", "a", "b", "long", "none"], [1, 2, 2, 4, None]),
    ],
)
def test_equal_scores_share_a_rank_and_missing_ones_come_last(
    metric: Metric[Any, Any], order: list[str], ranks: list[Any], tmp_workspace: TinyWorkspace
) -> None:
    """In either direction: ties share the better rank, in the order of names; no score is no rank, at the end."""
    board = board_of(tmp_workspace, TEXTS, metric)
    assert [row.system for row in board.record.rows] == order
    assert [row.rank for row in board.record.rows] == ranks
    last = board.record.rows[-1]
    assert (last.rank_low, last.rank_high, last.scores) == (None, None, {})
    assert last.not_computed == {"length": "exclamation marks have no length"}


def test_rank_ranges_contain_the_rank(tmp_workspace: TinyWorkspace) -> None:
    """What the data leave open is around the rank, within the number of ranked systems."""
    for row in board_of(tmp_workspace, TEXTS, Length()).record.rows[:-1]:
        assert row.rank_low is not None
        assert row.rank is not None
        assert row.rank_high is not None
        assert 1 <= row.rank_low <= row.rank <= row.rank_high <= 4


def test_the_order_of_the_systems_given_does_not_matter(tmp_workspace: TinyWorkspace) -> None:
    """The same submissions in another order make the same bytes."""
    forward = board_of(tmp_workspace, TEXTS, Length()).record.to_json()
    backward = board_of(tmp_workspace, dict(reversed(TEXTS.items())), Length()).record.to_json()
    assert forward == backward


def test_a_figure_that_is_no_number_is_not_computed(tmp_workspace: TinyWorkspace) -> None:
    """A metric that gives NaN for one example has no score, with the reason; it is never in a mean."""
    board = board_of(tmp_workspace, {"odd": ["a", "?", "a", "a"]}, Length())
    (row,) = board.record.rows
    assert row.scores == {}
    assert row.not_computed == {
        "length": "length gave no finite number for some examples (characters)"
    }


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
def test_a_primary_score_that_nobody_has_breaks_no_board(
    form: str, tmp_workspace: TinyWorkspace
) -> None:
    """Where the metric that ranks cannot be computed at all, every form shows all systems, unranked."""
    board = board_of(tmp_workspace, {"odd": ["!"] * 4, "even": ["!"] * 4}, Length())
    assert [row.rank for row in board.record.rows] == [None, None]
    text = FORMATS[form](board)
    assert text.index("even") < text.index("odd")
    if form == "table":
        line = "not computed: length: exclamation marks have no length (even, odd)"
        assert line in text.splitlines()


def test_an_empty_board_is_a_board(tmp_workspace: TinyWorkspace) -> None:
    """No submissions: no rows, no ties, valid JSON; failures are listed by system."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    problems = {"z": [Problem("file", 3, "wrong")], "a": [Problem("other", None, "worse")]}
    record = rank(task, [], problems).record
    assert (record.rows, record.ties) == ([], [])
    assert [item.system for item in record.failed] == ["a", "z"]
    assert json.loads(record.to_json())["failed"][1] == {
        "system": "z",
        "problems": ["file:3: wrong"],
    }


def test_intervals_are_there_only_where_something_varies(tmp_workspace: TinyWorkspace) -> None:
    """A system that scores the same everywhere has no interval, rather than one of ±0."""
    board = board_of(tmp_workspace, TEXTS, Length())
    scores = {row.system: row.scores.get("length.characters") for row in board.record.rows}
    assert scores["b"] == Score(value=2.0)
    found = scores["a"]
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def a_result(workspace: TinyWorkspace) -> Scored:
    path = workspace.submit("good", "tiny-labels", GOLD["tiny-labels"])
    return score(Workspace(workspace.root).task("tiny-labels"), load_submission(path.parent))


def test_a_result_reads_back_as_it_was_written(tmp_workspace: TinyWorkspace) -> None:
    """Results are canonical JSON, and a round trip through the file changes nothing."""
    result = a_result(tmp_workspace).result
    path = tmp_workspace.write("result.json", result.to_json())
    assert read_result(path) == result
    assert read_result(path).to_json() == path.read_text("utf-8")


WRONG_RESULTS = {
    '{"schema": "tldr-bench/result/1"': "result.json:1: is not valid JSON: expected ',' delimiter at column 33",
    "[]": "result.json: expected a mapping, got []",
    "NaN": "result.json: holds NaN, which is not JSON",
}


@pytest.mark.parametrize("text", WRONG_RESULTS)
def test_a_damaged_result_is_named(text: str, tmp_workspace: TinyWorkspace) -> None:
    """A result file that is cut, of another form or no JSON is a clear error."""
    path = tmp_workspace.write("result.json", text)
    with pytest.raises(DataError) as error:
        read_result(Path(path.name))
    assert str(error.value) == WRONG_RESULTS[text]


def test_every_wrong_field_of_a_result_is_named(tmp_workspace: TinyWorkspace) -> None:
    """Of a result with several mistakes all are reported, with the fields."""
    value = json.loads(a_result(tmp_workspace).result.to_json())
    value["schema"] = "tldr-bench/result/2"
    value["exampels"] = value.pop("examples")
    value["scores"]["labels.f1"]["value"] = "high"
    path = tmp_workspace.write("result.json", json.dumps(value))
    with pytest.raises(DataError) as error:
        read_result(Path(path.name))
    assert str(error.value).splitlines() == [
        "result.json: schema: unknown value 'tldr-bench/result/2'. Did you mean 'tldr-bench/result/1'?",
        "result.json: scores.labels.f1.value: expected a number, got 'high'",
        "result.json: unknown key 'exampels'. Did you mean 'examples'?",
    ]


def test_a_result_cannot_hold_nan() -> None:
    """A score that is no number cannot even be made."""
    with pytest.raises(ValueError, match="finite number"):
        Score(value=math.nan)


def test_a_person_is_not_scored_against_the_own_words(tmp_workspace: TinyWorkspace) -> None:
    """With `type: human`, every copy of the prediction leaves the references, unless none would be left."""
    from tldr_bench.align import align

    tmp_workspace.write("submissions/person/submission.yaml", "name: A person\ntype: human\n")
    rows = [{**row, "prediction": f" {row['prediction']}\n"} for row in GOLD["tiny-summary"]]
    path = tmp_workspace.submit("person", "tiny-summary", rows)
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    targets = {pair.id: pair.target for pair in align(task, load_submission(path.parent)).pairs}
    assert targets["p1"] == ("A few owls hunt in daylight.",)
    assert targets["p2"] == ("Coated glass carries trains.",)
