"""`export standing`, the Hub's names of scores, and Croissant's columns: what is said is true of the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace, jsonl

from tldr_bench import data
from tldr_bench.execute import board_of
from tldr_bench.exporters.croissant import describe
from tldr_bench.exporters.formats import Options, exporter
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]


def exported(workspace: TinyWorkspace, form: str, task: str, system: str) -> dict[str, Any]:
    """The files of an export about one system."""
    board = board_of(Workspace(workspace.root), task)
    return dict(exporter(form)(board, Options(system=system)))


@pytest.mark.parametrize(("kind", "says"), [("baseline", "a baseline"), ("human", "a person")])
def test_who_is_not_ranked_is_told_why(tmp_workspace: TinyWorkspace, kind: str, says: str) -> None:
    """A baseline or a person that has the score is not said to lack it, and counts for nobody's rank."""
    for system in ("one", "two"):
        tmp_workspace.submit(system, "tiny-summary", GOLD["tiny-summary"])
    about = f"name: other\ntype: {kind}\n"
    tmp_workspace.write("submissions/other/submission.yaml", about)
    said = [{"id": row["id"], "prediction": row["source"][0]} for row in TINY_ROWS]
    tmp_workspace.submit("other", "tiny-summary", said)
    (text,) = exported(tmp_workspace, "standing", "tiny-summary", "other").values()
    assert f"rank: not ranked: {says}" in text.splitlines()
    (text,) = exported(tmp_workspace, "standing", "tiny-summary", "one").values()
    assert "rank by rouge155.rouge1: 1 of 2; the data leaves open 1 to 2" in text


def test_the_hub_is_given_each_score_under_its_own_name(tmp_workspace: TinyWorkspace) -> None:
    """Precision, recall, F1 and exact match of labels are four metrics for the Hub, not F1 four times."""
    tmp_workspace.submit("gold", "tiny-labels", GOLD["tiny-labels"])
    found = exported(tmp_workspace, "hf-eval-results", "tiny-labels", "gold")
    index = yaml.safe_load(found["model-index.yaml"])["model-index"]
    types = {item["name"]: item["type"] for item in index[0]["results"][0]["metrics"]}
    assert types == {
        "labels.precision": "precision",
        "labels.recall": "recall",
        "labels.f1": "f1",
        "labels.macro_f1": "f1",
        "labels.exact_match": "exact_match",
    }


# Croissant ---------------------------------------------------------------------------------------


def test_croissant_describes_the_file_and_not_what_a_transform_makes_of_it(
    tmp_workspace: TinyWorkspace,
) -> None:
    """A task that turns papers into queries is described by the columns of its file, and its numbers of both."""
    spec = (tmp_workspace.root / "tasks/tiny-summary/task.yaml").read_text()
    head = spec[: spec.index("kind:")]
    rest = "kind: ranking\ntransform: find-paper\nmetrics:\n  ranking:\nprimary: ranking.mrr@10\n"
    tmp_workspace.write("tasks/tiny-match/task.yaml", head + rest)
    (records,) = describe(Workspace(tmp_workspace.root).task("tiny-match"))["recordSet"]
    assert [field["name"] for field in records["field"]] == ["id", "source", "targets"]
    assert all(field["repeated"] for field in records["field"][1:])
    assert records["description"] == "4 rows, from which the task makes 6 examples."


def test_croissant_describes_columns_that_the_first_row_lacks(
    tmp_workspace: TinyWorkspace,
) -> None:
    """In a search collection documents come first, without a query: the queries are described, too."""
    import hashlib

    rows = jsonl(
        [
            {"document_id": "d1", "document": "owls"},
            {"id": "q1", "query": "night", "relevant": ["d1"]},
        ]
    )
    tmp_workspace.write("tasks/found/rows.jsonl", rows)
    digest = hashlib.sha256(rows.encode()).hexdigest()
    spec = f"name: Found\nkind: ranking\ndata:\n  path: rows.jsonl\n  sha256: {digest}\n"
    tmp_workspace.write(
        "tasks/found/task.yaml", spec + "metrics:\n  ranking:\nprimary: ranking.mrr@10\n"
    )
    (records,) = describe(Workspace(tmp_workspace.root).task("found"))["recordSet"]
    assert [field["name"] for field in records["field"]] == ["id", "query", "document"]


def test_croissant_reads_the_file_once(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes whose digest is given are those whose columns are described, read a single time."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    times = []
    real = data.read_bounded
    monkeypatch.setattr(data, "read_bounded", lambda *a, **k: times.append(a) or real(*a, **k))
    assert json.dumps(describe(task))
    assert len(times) == 1


# Options -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "option"),
    [
        ("csv", "--dataset"),
        ("standing", "--url"),
        ("hf-eval-results", "--organization"),
    ],
)
def test_an_option_that_a_format_does_not_take_is_refused(
    tmp_workspace: TinyWorkspace, cli: Cli, form: str, option: str
) -> None:
    """What would be passed over in silence is wrong usage, in one line that names it."""
    assert tmp_workspace.root
    done = cli("export", form, "tiny-summary", option, "x")
    assert done.rc == 2
    assert done.err.startswith(f"error: {option} is for ")
    assert len(done.err.splitlines()) == 1
