"""A metric of outside that gives one figure for all examples: said where it is known, nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import GOLD, TinyWorkspace

from tldr_bench.errors import NotComputed
from tldr_bench.execute import board_of
from tldr_bench.kinds import Pair
from tldr_bench.metrics import external
from tldr_bench.metrics.external import Evaluate
from tldr_bench.subset import without
from tldr_bench.workspace import Workspace

PAIRS = [Pair("a", "one two", ("one",)), Pair("b", "three", ("three",))]

SCRIPT = """
import datasets
import evaluate
import numpy as np


class Figures(evaluate.Metric):
    def _info(self):
        text = datasets.Value("string")
        features = datasets.Features({"predictions": text, "references": datasets.Sequence(text)})
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="", features=features
        )

    def _compute(self, predictions, references):
        long = [len(text) > 5 for text in predictions]
        return {
            "passed": True,
            "each": long,
            "array": np.array(long),
            "scalar": np.bool_(True),
            "singles": [np.float32(len(text)) for text in predictions],
            "whole numbers": [np.int64(len(text)) for text in predictions],
            "one": np.float32(0.5),
            "sum": sum(map(len, predictions)),
        }
"""


pytestmark = pytest.mark.usefixtures("evaluate_modules")


@pytest.fixture
def figures(tmp_path: Path) -> str:
    """A folder with a metric of many outputs."""
    folder = tmp_path / "figures"
    folder.mkdir()
    (folder / "figures.py").write_text(SCRIPT)
    external._load.cache_clear()
    return str(folder)


@pytest.mark.parametrize("output", ["passed", "each", "array", "scalar"])
def test_true_and_false_are_no_scores(figures: str, output: str) -> None:
    """A metric whose output is true or false, once or for each example, is not a score of 1.0."""
    with pytest.raises(NotComputed, match=f"{output} is .*true.*, expected finite numbers"):
        Evaluate(path=figures, output=output).measure(PAIRS)


@pytest.mark.parametrize(
    ("output", "values", "whole"),
    [
        ("singles", [7, 5], False),
        ("whole numbers", [7, 5], False),
        ("one", [0.5, 0.5], True),
        ("sum", [12, 12], True),
    ],
)
def test_numbers_of_other_libraries(
    figures: str, output: str, values: list[float], whole: bool
) -> None:
    """NumPy's numbers count as numbers, alone and in a list; one figure is known to be one."""
    metric = Evaluate(path=figures, output=output)
    columns = metric.measure(PAIRS)
    assert columns["value"].tolist() == values
    assert metric.is_whole(columns) is whole


def board_with(workspace: TinyWorkspace, folder: str, *, primary: str) -> None:
    """Two systems on the tiny summary task, which has a metric with one figure for all."""
    task = workspace.root / "tasks/tiny-summary/task.yaml"
    own = f"metrics:\n  sum: {{metric: evaluate, path: {folder}, output: sum}}\n"
    text = task.read_text().replace("metrics:\n", own)
    task.write_text(text.replace("primary: rouge155.rouge1", f"primary: {primary}"))
    assert f"primary: {primary}" in task.read_text()
    workspace.submit("gold", "tiny-summary", GOLD["tiny-summary"])
    same = [{**row, "prediction": "Owls."} for row in GOLD["tiny-summary"]]
    workspace.submit("owls", "tiny-summary", same)


def test_a_board_without_some_papers(tmp_workspace: TinyWorkspace, figures: str) -> None:
    """The figure of all papers is not shown as that of the papers that remain."""
    board_with(tmp_workspace, figures, primary="rouge155.rouge1")
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    assert all("sum.score" in item.result.scores for item in board.scored)
    part = without(board, {board.task.examples[0].id})
    for item in part.scored:
        assert "sum.score" not in item.result.scores
        assert "says nothing of a part" in item.result.not_computed["sum"]
        assert "rouge155.rouge1" in item.result.scores


def test_pages_and_comparisons_do_without_it(
    tmp_workspace: TinyWorkspace, figures: str, cli: Callable[..., Any]
) -> None:
    """Beside another primary score it stands on the board; comparisons say that no test can use it."""
    board_with(tmp_workspace, figures, primary="rouge155.rouge1")
    for command in (
        ("build", "--out", "site"),
        ("compare", "gold", "owls", "--task", "tiny-summary"),
        ("compare", "gold", "owls", "--task", "tiny-summary", "--score", "sum.score"),
    ):
        said = cli(*command)
        assert said.rc == 0, said.err
    assert "sum.score: one figure for all, which no test can tell apart" in said.out
    said = cli("compare", "gold", "owls", "--task", "tiny-summary", "--format", "json")
    [found] = [row for row in json.loads(said.out)["scores"] if row["score"] == "sum.score"]
    assert (found["difference"], found["p"], found["wins"]) == (None, None, None)
    assert found["a"] > found["b"] > 0


def test_no_example_has_it_in_parquet(
    tmp_workspace: TinyWorkspace, figures: str, cli: Callable[..., Any]
) -> None:
    """What is exported for each example is empty for it, and no NaN."""
    import pyarrow.parquet as pq

    board_with(tmp_workspace, figures, primary="rouge155.rouge1")
    assert cli("export", "parquet", "tiny-summary", "--out", "out").rc == 0
    table = pq.read_table(tmp_workspace.root / "out/tiny-summary.parquet")
    assert set(table["sum.score"].to_pylist()) == {None}
    assert np.isfinite(table["rouge155.rouge1"].to_pylist()).all()


def test_it_ranks_nobody(
    tmp_workspace: TinyWorkspace, figures: str, cli: Callable[..., Any]
) -> None:
    """As the primary score it is not computed, with the reason; everything else is still scored."""
    board_with(tmp_workspace, figures, primary="sum.score")
    said = cli("score", "--task", "tiny-summary")
    result = json.loads(
        (tmp_workspace.root / "submissions/gold/results/tiny-summary.json").read_text()
    )
    assert "one figure for all examples and none for each" in result["not_computed"]["sum"]
    assert "choose another 'primary' than sum.score" in result["not_computed"]["sum"]
    assert "rouge155.rouge1" in result["scores"]
    assert said.rc == 0, said.err
    for command in ("leaderboard tiny-summary", "build --out site"):
        assert cli(*command.split()).rc == 0


def test_it_is_not_held_against_single_judgements(figures: str) -> None:
    """What has no figure for each TLDR is not computed in the comparison with people's judgements."""
    from types import SimpleNamespace

    from tldr_bench.analysis import meta

    judged: Any = SimpleNamespace(pairs=PAIRS, boards=lambda: [list(range(len(PAIRS)))])
    metrics = {name: Evaluate(path=figures, output=name) for name in ("sum", "singles")}
    found, not_computed = meta._scores(judged, metrics)
    assert "singles.score" in found
    assert not_computed == {"sum": "gives one figure for all TLDRs and none for each"}
