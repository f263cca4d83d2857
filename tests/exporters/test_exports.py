"""Every export format: right in its own terms, with strangers' text inert, and the same bytes again."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace

from tldr_bench.errors import TaskError, UsageError
from tldr_bench.execute import board_of
from tldr_bench.exporters.formats import FORMATS, Files, Options, exporter
from tldr_bench.leaderboard import Board
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]

EVIL = '=HYPERLINK("x")|\\input{/etc/passwd}<script>`@everyone`\u202e'
"""A system's name, as a stranger might choose it."""


@pytest.fixture
def workspace(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """Three systems on the tiny tasks, one of them of a hostile name."""
    for task, rows in GOLD.items():
        tmp_workspace.submit("gold", task, rows)
    lead = [{"id": row["id"], "prediction": row["source"][0]} for row in TINY_ROWS]
    tmp_workspace.submit("lead", "tiny-summary", lead)
    about = {
        "name": EVIL,
        "organization": "Owl Institute",
        "model_id": "owl/tiny-1",
        "open_weights": "true",
    }
    tmp_workspace.write("submissions/evil/submission.yaml", json.dumps(about))
    tmp_workspace.submit(
        "evil", "tiny-summary", [{"id": r["id"], "prediction": ""} for r in TINY_ROWS]
    )
    return tmp_workspace


def board(workspace: TinyWorkspace, task: str = "tiny-summary") -> Board:
    return board_of(Workspace(workspace.root), task)


def files(workspace: TinyWorkspace, form: str, task: str = "tiny-summary", **options: Any) -> Files:
    return exporter(form)(board(workspace, task), Options(**options))


def only(found: Files) -> str:
    (content,) = found.values()
    assert isinstance(content, str)
    return content


# The PDF of a text in several scripts holds its fonts in any order: see test_export_figures.
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "figures-pdf"])
def test_the_same_board_gives_the_same_bytes(workspace: TinyWorkspace, form: str) -> None:
    """Every format is a function of the board and its options alone."""
    options = {"system": "evil", "dataset": "owl/data", "timestamp": 1_700_000_000}
    assert files(workspace, form, **options) == files(workspace, form, **options)


def test_csv_has_every_digit(workspace: TinyWorkspace) -> None:
    """The CSV reads back to the board's own numbers; a name that a spreadsheet would run is text."""
    rows = list(csv.DictReader(io.StringIO(only(files(workspace, "csv")))))
    record = board(workspace).record.rows
    for row, item in zip(rows, record, strict=True):
        assert row["system"] == item.system
        assert {name: float(row[name]) for name in item.scores} == {
            name: score.value for name, score in item.scores.items()
        }
    (evil,) = [row for row in rows if row["system"] == "evil"]
    assert evil["name"].startswith("'=")


def test_markdown_and_latex_hold_hostile_names_as_text(workspace: TinyWorkspace) -> None:
    """Nothing in a name is a table cell, a tag, a mention, a command or a direction mark."""
    for form in ("markdown", "standing-markdown"):
        text = only(files(workspace, form, system="evil"))
        assert "<script>" not in text
        assert "@everyone" not in text
        assert "\u202e" not in text
    latex = only(files(workspace, "latex"))
    assert "\\input" not in latex
    assert "\\textbackslash{}input\\{" in latex
    columns = re.search(r"begin\{tabular\}\{(\w+)\}", latex)
    assert columns
    body = latex.split("\\midrule\n")[1].split("\\bottomrule")[0].strip().splitlines()
    assert [len(re.findall(r"(?<!\\)&", line)) for line in body] == [len(columns.group(1)) - 1] * 3


# Parquet -----------------------------------------------------------------------------------------


def test_parquet_has_a_row_for_every_system_and_example(workspace: TinyWorkspace) -> None:
    """The means of its columns are the board's scores, and predictions stand beside them."""
    from pyarrow import parquet

    (content,) = files(workspace, "parquet").values()
    assert isinstance(content, bytes)
    table = parquet.read_table(io.BytesIO(content))
    rows = table.to_pylist()
    assert [(row["system"], row["id"]) for row in rows[:4]] == [
        ("gold", r["id"]) for r in TINY_ROWS
    ]
    assert rows[0]["prediction"] == GOLD["tiny-summary"][0]["prediction"]
    for item in board(workspace).record.rows:
        own = [row for row in rows if row["system"] == item.system]
        assert len(own) == 4
        mean = sum(row["rouge155.rouge1"] for row in own) / 4
        assert mean == pytest.approx(item.scores["rouge155.rouge1"].value, abs=1e-12)
    about = json.loads(table.schema.metadata[b"tldr-bench"])
    assert about["signatures"]["rouge155"].startswith("rouge155|")


def test_parquet_of_labels_and_rankings(workspace: TinyWorkspace) -> None:
    """Predictions that are lists are JSON in the same column."""
    from pyarrow import parquet

    for task, first in {"tiny-labels": [0, 1, 0], "tiny-ranking": ["p1"]}.items():
        (content,) = files(workspace, "parquet", task).values()
        assert isinstance(content, bytes)
        row = parquet.read_table(io.BytesIO(content)).to_pylist()[0]
        assert json.loads(row["prediction"]) == first


# One system --------------------------------------------------------------------------------------


def test_flat_scores(workspace: TinyWorkspace) -> None:
    """Codabench's scores.json is one flat object of numbers."""
    found = files(workspace, "scores", system="lead")
    assert list(found) == ["scores.json"]
    scores = json.loads(only(found))
    assert scores == {
        name: score.value for name, score in board(workspace).record.rows[1].scores.items()
    }


@pytest.mark.parametrize("form", ["scores", "standing", "hf-eval-results"])
def test_formats_about_one_system_ask_for_it(workspace: TinyWorkspace, form: str) -> None:
    """Without --system they say what is missing; an unknown one is named with the nearest."""
    with pytest.raises(UsageError, match="name it with --system"):
        files(workspace, form)
    with pytest.raises(UsageError, match="Did you mean 'lead'"):
        files(workspace, form, system="laed")


def test_standing_says_what_a_system_is_better_than(tmp_workspace: TinyWorkspace) -> None:
    """Three groups by the board's own decisions: better than, not told apart from, worse than."""
    found = exporter("standing")(
        board_of(Workspace(_mini(tmp_workspace)), "mini-rouge"), Options(system="lead")
    )
    lines = only(found).splitlines()
    assert "rank by rouge155.rouge1: 2 of 4; the data leaves open 2 to 3" in lines
    assert "better than: nothing" in lines
    assert "not told apart from: lead-again" in lines
    assert "worse than: gold" in lines


def _mini(workspace: TinyWorkspace) -> Path:
    """Gold, the first sentence twice, and empty texts, on the 48 papers of mini."""
    task = Workspace(workspace.root).task("mini-tldr")
    text = (task.folder / "task.yaml").read_text()
    metrics = "metrics:\n  rouge155:\nprimary: rouge155.rouge1\n"
    workspace.write("tasks/mini-rouge/task.yaml", text[: text.index("metrics:")] + metrics)
    workspace.write(
        "tasks/mini/papers.jsonl", (task.folder.parent / "mini/papers.jsonl").read_bytes()
    )
    said = {
        "gold": lambda example: example.target[0],
        "lead": lambda example: example.source[0],
        "lead-again": lambda example: example.source[0] + " ",
        "nothing": lambda _example: "",
    }
    for system, predict in said.items():
        rows = [{"id": example.id, "prediction": predict(example)} for example in task.examples]
        workspace.submit(system, "mini-rouge", rows)
    return workspace.root


def test_standing_counts_words_as_words(workspace: TinyWorkspace) -> None:
    """A count is no fraction: three words are 3, not 300 points."""
    spec = workspace.root / "tasks/tiny-summary/task.yaml"
    spec.write_text(spec.read_text().replace("  rouge155:\n", "  rouge155:\n  describe:\n"))
    rows = [{"id": row["id"], "prediction": "Just three words"} for row in TINY_ROWS]
    workspace.submit("three", "tiny-summary", rows)
    text = only(files(workspace, "standing", system="three"))
    (line,) = [line for line in text.splitlines() if line.startswith("describe.words")]
    assert line.split()[1] == "3.00"


# Every Eval Ever ---------------------------------------------------------------------------------


def test_every_eval_ever_records(workspace: TinyWorkspace) -> None:
    """A record for each system in its place, with unrounded scores, intervals, signatures and required fields."""
    found = files(workspace, "every-eval-ever", timestamp=1_700_000_000, organization="Owls")
    assert len(found) == 3
    pattern = r"data/tiny-summary/[\w.-]+/[\w.-]+/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.json"
    for path, content in found.items():
        assert re.fullmatch(pattern, path)
        record = json.loads(content)
        assert set(record) == {
            "schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata",
            "eval_library", "model_info", "evaluation_results",
        }  # fmt: skip
        assert record["retrieved_timestamp"] == "1700000000"
    (path,) = [path for path in found if "/owl/tiny-1/" in path]
    model = json.loads(found[path])["model_info"]
    assert model["id"] == "owl/tiny-1"
    assert model["additional_details"]["model_availability"] == "open_weights"
    (path,) = [path for path in found if "/independent/lead/" in path]
    results = {
        item["metric_config"]["metric_id"]: item
        for item in json.loads(found[path])["evaluation_results"]
    }
    row = board(workspace).record.rows[1]
    assert results.keys() == row.scores.keys()
    for name, score in row.scores.items():
        details = results[name]["score_details"]
        assert details["score"] == score.value
        assert details["uncertainty"]["confidence_interval"]["lower"] == score.low
        assert results[name]["metric_config"]["lower_is_better"] is False


def test_every_eval_ever_validates(workspace: TinyWorkspace) -> None:
    """The package `every-eval-ever` finds neither errors nor warnings in the records."""
    validation = pytest.importorskip(
        "every_eval_ever.validator",
        reason="every-eval-ever is not installed (Python 3.12 or newer)",
    )
    for path, content in files(workspace, "every-eval-ever", timestamp=1_700_000_000).items():
        target = workspace.write(path, content)
        report = validation.validate_file(target, repo_path=path)
        assert report.valid, report.errors
        assert not report.warnings


# Hugging Face ------------------------------------------------------------------------------------


def test_hub_results(workspace: TinyWorkspace) -> None:
    """`.eval_results` holds the primary score in points; `model-index` holds all of them."""
    found = files(
        workspace, "hf-eval-results", system="lead", dataset="owl/data", url="https://x.org"
    )
    assert set(found) == {"model-index.yaml", ".eval_results/tiny-summary.yaml"}
    (entry,) = yaml.safe_load(found[".eval_results/tiny-summary.yaml"])
    value = board(workspace).record.rows[1].scores["rouge155.rouge1"].value
    assert entry["value"] == round(100 * value, 4)
    assert entry["dataset"] == {"id": "owl/data", "task_id": "tiny-summary"}
    index = yaml.safe_load(found["model-index.yaml"])["model-index"]
    metrics = index[0]["results"][0]["metrics"]
    assert {item["name"] for item in metrics} == set(board(workspace).score_names)


def test_hub_results_are_read_by_the_hubs_own_library(workspace: TinyWorkspace) -> None:
    """`huggingface_hub` parses both forms."""
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    found = files(
        workspace, "hf-eval-results", system="evil", dataset="owl/data", url="https://x.org"
    )
    data = hub.ModelCardData(**yaml.safe_load(found["model-index.yaml"]))
    names = {item.metric_name for item in data.eval_results}
    assert names == set(board(workspace).score_names)
    if hasattr(hub, "parse_eval_result_entries"):
        entries = yaml.safe_load(found[".eval_results/tiny-summary.yaml"])
        (entry,) = hub.parse_eval_result_entries(entries)
        assert (entry.dataset_id, entry.source_url) == ("owl/data", "https://x.org")


def test_without_a_data_set_on_the_hub_there_is_only_the_model_index(
    workspace: TinyWorkspace,
) -> None:
    """No data set's name is made up."""
    assert set(files(workspace, "hf-eval-results", system="lead")) == {"model-index.yaml"}


def test_pushing_happens_on_explicit_command_only(
    workspace: TinyWorkspace, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--push uploads `.eval_results` and nothing else; offline, or without a data set, it refuses."""
    import huggingface_hub

    from tldr_bench.exporters.hub import push

    sent = []
    monkeypatch.setattr(huggingface_hub, "upload_file", lambda **told: sent.append(told))
    found = files(workspace, "hf-eval-results", system="lead", dataset="owl/data")
    assert sent == []
    assert push(found, "owl/model") == [".eval_results/tiny-summary.yaml"]
    assert [(item["repo_id"], item["path_in_repo"]) for item in sent] == [
        ("owl/model", ".eval_results/tiny-summary.yaml")
    ]
    with pytest.raises(UsageError, match="--dataset"):
        push(files(workspace, "hf-eval-results", system="lead"), "owl/model")
    done = cli(
        "export",
        "hf-eval-results",
        "tiny-summary",
        "--system",
        "lead",
        "--dataset",
        "o/d",
        "--push",
        "o/m",
        "--out",
        "x",
    )
    assert done.rc == 2
    assert "--push needs the network" in done.err


@pytest.mark.parametrize("form", ["csv", "markdown", "latex", "croissant", "figures"])
def test_a_whole_board_is_not_taken_for_one_system(
    workspace: TinyWorkspace, cli: Cli, form: str
) -> None:
    """--system is refused by formats that hold everybody, where it would be passed over in silence."""
    assert workspace.root
    done = cli("export", form, "tiny-summary", "--system", "lead", "--out", "x")
    assert (done.rc, Path("x").exists()) == (2, False)
    assert f"--system: {form} is about a task and every system on it" in done.err


# Croissant ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["tiny-summary", "tiny-labels", "tiny-ranking"])
def test_croissant_describes_the_file_and_its_columns(workspace: TinyWorkspace, task: str) -> None:
    """The file's real digest, its format, and the task's columns with a key."""
    import hashlib

    value = json.loads(only(files(workspace, "croissant", task)))
    (file,) = value["distribution"]
    content = (workspace.root / "tasks/tiny/rows.jsonl").read_bytes()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["encodingFormat"] == "application/jsonlines"
    (records,) = value["recordSet"]
    assert records["key"] == {"@id": "examples/id"}
    for field in records["field"]:
        assert field["name"] in TINY_ROWS[0]
        assert field.get("repeated", False) == isinstance(TINY_ROWS[0][field["name"]], list)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_croissant_validates(workspace: TinyWorkspace) -> None:
    """The package `mlcroissant` finds no error, and reads the examples through the description."""
    croissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    value = json.loads(only(files(workspace, "croissant")))
    value["distribution"][0]["contentUrl"] = str(workspace.root / "tasks/tiny/rows.jsonl")
    path = workspace.write("data.croissant.json", json.dumps(value))
    data = croissant.Dataset(jsonld=path)
    assert not data.metadata.issues.errors
    ids = [row["examples/id"].decode() for row in data.records("examples")]
    assert ids == [row["id"] for row in TINY_ROWS]


def test_croissant_of_hub_data_points_to_the_hub(workspace: TinyWorkspace) -> None:
    """The Hub describes its own data sets; a second description would only grow old."""
    import dataclasses

    from tldr_bench.data import Source
    from tldr_bench.exporters.croissant import describe

    task = board(workspace).task
    source = Source(hub="owl/data", revision="0" * 40, split="test")
    other = dataclasses.replace(task, spec=task.spec.model_copy(update={"data": source}))
    with pytest.raises(TaskError, match=r"huggingface\.co/api/datasets/owl/data/croissant"):
        describe(other)


# The command -------------------------------------------------------------------------------------


def test_the_command_prints_or_writes(workspace: TinyWorkspace, cli: Cli) -> None:
    """One task is printed; without a task every task of the workspace is written to --out."""
    printed = cli("export", "csv", "tiny-summary")
    assert (printed.rc, printed.err) == (0, "")
    assert printed.out == only(files(workspace, "csv"))
    written = cli("export", "csv", "--out", "out")
    assert written.rc == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "tiny-labels.csv", "tiny-ranking.csv", "tiny-summary.csv",
    ]  # fmt: skip


def test_a_system_that_could_not_be_scored_is_named(workspace: TinyWorkspace, cli: Cli) -> None:
    """The others are exported, what is missing is told as `leaderboard` tells it, and the status is 1."""
    workspace.submit("broken", "tiny-summary", '{"id": "p1", "prediction": "Alone."}\n')
    workspace.submit("unread", "tiny-summary", GOLD["tiny-summary"])
    workspace.write("submissions/unread/submission.yaml", "nam: Unread\n")
    board = cli("leaderboard", "tiny-summary")
    done = cli("export", "csv", "--out", "out")
    assert (board.rc, done.rc) == (1, 1)
    assert done.err == board.err
    assert {"broken", "unread"} <= set(re.findall(r"\b(broken|unread):", done.err))
    rows = list(csv.DictReader(io.StringIO(Path("out/tiny-summary.csv").read_text("utf-8"))))
    assert {row["system"] for row in rows} == {"gold", "lead", "evil"}


def test_what_is_wrong_with_others_is_not_held_against_one_system(
    workspace: TinyWorkspace, cli: Cli
) -> None:
    """One system's own scores say nothing of others; its standing among them does, and so does its own file."""
    workspace.submit("broken", "tiny-summary", '{"id": "p1", "prediction": "Alone."}\n')
    assert cli("export", "scores", "tiny-summary", "--system", "lead").rc == 0
    standing = cli("export", "standing", "tiny-summary", "--system", "lead")
    assert (standing.rc, "broken" in standing.err) == (1, True)
    own = cli("export", "scores", "tiny-summary", "--system", "broken")
    assert (own.rc, own.out) == (1, "")
    assert "submissions/broken/tiny-summary.jsonl" in own.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["cvs", "tiny-summary"], "unknown format 'cvs'. Did you mean 'csv'?"),
        (["parquet", "tiny-summary"], "is not text: say with --out where it goes"),
        (["every-eval-ever", "tiny-summary"], "more than one file: say with --out"),
        (["csv", "tiny-sumary"], "Did you mean 'tiny-summary'?"),
        (["csv", "tiny-summary", "--push", "a/b"], "--push is for hf-eval-results only"),
    ],
)
def test_wrong_usage(workspace: TinyWorkspace, cli: Cli, arguments: list[str], says: str) -> None:
    """Unknown formats and tasks, and files that cannot be printed, are wrong usage: 2."""
    done = cli("export", *arguments)
    assert done.rc == 2
    assert says in done.err


def test_the_clock_is_only_in_formats_that_ask_for_it(workspace: TinyWorkspace, cli: Cli) -> None:
    """SOURCE_DATE_EPOCH is the time of an Every Eval Ever record; equal times give equal files."""
    for out in ("one", "two"):
        done = cli(
            "export", "every-eval-ever", "--out", out, env={"SOURCE_DATE_EPOCH": "1700000000"}
        )
        assert done.rc == 0, done.err
    names = [
        sorted(str(p.relative_to(out)) for p in Path(out).rglob("*.json")) for out in ("one", "two")
    ]
    assert names[0] == names[1]
    assert len(names[0]) == 5


def test_help_imports_nothing_heavy() -> None:
    """The commands of this room are loaded without numpy, pyarrow, or the Hub's library."""
    import subprocess

    code = (
        "import sys; from tldr_bench.cli import main; "
        "print(sorted({'numpy','pyarrow','yaml','huggingface_hub','datasets'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
