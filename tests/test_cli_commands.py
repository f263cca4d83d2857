"""Every command of the spine as a user types it: what it prints, writes and exits with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import GOLD, TINY_ROWS, TinyWorkspace, jsonl

Cli = Callable[..., Any]


@pytest.fixture
def two(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """A workspace with a perfect and a silent system on every tiny task."""
    empty: dict[str, Callable[[Any], Any]] = {
        "tiny-summary": lambda _: "",
        "tiny-labels": lambda labels: [0] * len(labels),
        "tiny-ranking": lambda _: [],
    }
    for task, rows in GOLD.items():
        tmp_workspace.submit("good", task, rows)
        silent = [{**row, "prediction": empty[task](row["prediction"])} for row in rows]
        tmp_workspace.submit("silent", task, silent)
    return tmp_workspace


def test_tasks_lists_every_task(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """`tasks` names the workspace's own tasks and the built-in ones, with kind, score and data."""
    lines = cli("tasks").out.splitlines()
    assert lines[0].split() == ["task", "kind", "ranked", "by", "data", "name"]
    rows = {line.split()[0]: line.split()[1:4] for line in lines[2:]}
    assert rows["tiny-labels"] == ["labels", "labels.f1", "here"]
    assert rows["mini-match"] == ["ranking", "ranking.mrr@10", "here"]


def test_tasks_shows_one_task(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """`tasks ID` shows data, digest, licence, the ranking score and the signatures; json has the same."""
    text = cli("tasks", "tiny-ranking").out
    card = json.loads(cli("tasks", "tiny-ranking", "--format", "json").out)
    assert card["metrics"] == {"ranking": "ranking|v:1"}
    assert card["primary"] == "ranking.mrr@10"
    assert "ranking.map" in card["scores"]
    for shown in ("tiny/rows.jsonl (on this machine)", card["data"]["sha256"], "ranking|v:1"):
        assert shown in text


def test_tasks_shows_the_others_when_one_is_broken(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """A broken task.yaml is reported with exit 1, and hides no other task."""
    tmp_workspace.write("tasks/broken/task.yaml", "name: Broken\nkind: sumary\n")
    answer = cli("tasks")
    assert answer.rc == 1
    assert (
        "error: tasks/broken/task.yaml:2: kind: unknown value 'sumary'. Did you mean 'summary'?"
        in answer.err
    )
    assert "\ntiny-labels " in answer.out


def test_data_verify_and_path(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """`data verify` says how many examples there are; `data path` prints the file, for other tools."""
    verified = cli("data", "verify", "tiny-summary")
    assert verified.rc == 0
    assert verified.out.startswith("tiny-summary: 4 examples, verified, version sha256:")
    path = tmp_workspace.root / "tasks/tiny/rows.jsonl"
    assert cli("data", "path", "tiny-summary").out == f"{path.resolve()}\n"


def test_changed_data_are_noticed_at_every_use(two: TinyWorkspace, cli: Cli) -> None:
    """One changed byte in a task's data, and no command uses them, with or without a full store."""
    assert cli("score").rc == 0
    path = two.root / "tasks/tiny/rows.jsonl"
    path.write_text(path.read_text().replace("Mice", "Rats"))
    for command in (["data", "verify", "tiny-summary"], ["score"], ["leaderboard", "tiny-summary"]):
        answer = cli(*command)
        assert answer.rc == 1
        assert "tasks/tiny/rows.jsonl: is not the file that the task was made from" in answer.err


def test_missing_data_offline(cli: Cli, tmp_workspace: TinyWorkspace) -> None:
    """Without data and without a network, the way out is named; other tasks are scored all the same."""
    data = (
        "data:\n  path: far/away.jsonl\n  url: https://example.org/away.jsonl\n  sha256: "
        + "0" * 64
    )
    text = (tmp_workspace.root / "tasks/tiny-summary/task.yaml").read_text()
    tail = text[text.index("\nkind:") :]
    tmp_workspace.write("tasks/far/task.yaml", f"name: Far\n{data}{tail}")
    tmp_workspace.submit("good", "far", GOLD["tiny-summary"])
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    missing = (
        "far: its data (far/away.jsonl) is not on this machine: run 'tldr-bench data fetch far', or "
        "set TLDR_BENCH_DATA to a folder that holds far/away.jsonl"
    )
    env = {"TLDR_BENCH_DATA": None}
    fetched = cli("data", "fetch", "far", "--offline", env=env)
    assert (fetched.rc, fetched.err) == (1, f"error: {missing} (offline: nothing was fetched)\n")
    assert cli("data", "path", "far", env=env).err == f"error: {missing}\n"
    validated = cli("validate", "submissions/good", env=env)
    assert validated.rc == 1
    assert f"error: submissions/good/far.jsonl: cannot be checked: {missing}\n" in validated.err
    scored = cli("score", env=env)
    assert scored.rc == 0
    assert f"skipped {missing}\n" in scored.err
    assert (tmp_workspace.root / "submissions/good/results/tiny-summary.json").is_file()
    asked = cli("score", "--task", "far", env=env)
    assert asked.rc == 1
    assert f"error: {missing}\n" in asked.err


def test_validate_says_that_all_is_well(two: TinyWorkspace, cli: Cli) -> None:
    """A good submission, a good file and a good file outside of any submission pass with exit 0."""
    two.write("tiny-labels.jsonl", jsonl(GOLD["tiny-labels"]))
    paths = ["submissions/good", "submissions/silent/tiny-summary.jsonl", "tiny-labels.jsonl"]
    answer = cli("validate", *paths)
    assert (answer.rc, answer.out, answer.err) == (0, "3 checked, no problems\n", "")
    report = json.loads(cli("validate", *paths, "--format", "json").out)
    assert (report["ok"], report["problems"]) == (True, [])


def test_validate_prints_every_problem_in_three_forms(two: TinyWorkspace, cli: Cli) -> None:
    """Text for people, json for programs, annotations for pull requests: the same problems, exit 1."""
    two.write("submissions/good/submission.yaml", "nam: 100% Good\n")
    two.submit("good", "tiny-summary", jsonl(GOLD["tiny-summary"]).replace('"p3"', '"p33"'))
    text = cli("validate", "submissions/good")
    assert text.rc == 1
    assert text.err.splitlines() == [
        "error: submissions/good/submission.yaml:1: unknown key 'nam'. Did you mean 'name'?",
        "error: submissions/good/tiny-summary.jsonl: 1 example of tiny-summary without a prediction: 'p3'",
        "error: submissions/good/tiny-summary.jsonl:3: unknown id 'p33'. Did you mean 'p3'?",
        "3 problems in 2 files",
    ]
    report = json.loads(cli("validate", "submissions/good", "--format", "json").out)
    assert report["ok"] is False
    assert report["problems"][2] == {
        "where": "submissions/good/tiny-summary.jsonl",
        "line": 3,
        "field": None,
        "message": "unknown id 'p33'. Did you mean 'p3'?",
    }
    annotations = cli("validate", "submissions/good", "--format", "github")
    assert annotations.rc == 1
    assert annotations.out.splitlines()[2] == (
        "::error file=submissions/good/tiny-summary.jsonl,line=3::unknown id 'p33'. Did you mean 'p3'?"
    )


def test_an_annotation_cannot_be_forged(two: TinyWorkspace, cli: Cli) -> None:
    """An id with line ends and workflow commands stays inside its own annotation."""
    hostile = "x\n::error file=README.md::hacked %0A\r\n::set-output name=a::b"
    two.submit("good", "tiny-summary", [*GOLD["tiny-summary"], {"id": hostile, "prediction": ""}])
    lines = cli("validate", "submissions/good", "--format", "github").out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(
        "::error file=submissions/good/tiny-summary.jsonl,line=5::unknown id 'x\\n"
    )
    assert "%250A" in lines[0]


def test_score_writes_results(two: TinyWorkspace, cli: Cli) -> None:
    """`score` writes a canonical result per system and task, and prints the primary scores in points."""
    answer = cli("score")
    assert answer.rc == 0
    assert ["good", "100.00"] in [line.split() for line in answer.out.splitlines()]
    path = two.root / "submissions/good/results/tiny-labels.json"
    result = json.loads(path.read_text())
    assert list(result) == sorted(result)
    assert result["schema"] == "tldr-bench/result/1"
    assert (result["task"], result["system"], result["examples"]) == ("tiny-labels", "good", 4)
    assert result["scores"]["labels.f1"] == {"value": 1.0}
    assert result["signatures"] == {"labels": "labels|v:1"}
    assert result["not_computed"] == {}
    assert path.read_text() == json.dumps(result, indent=2, sort_keys=True) + "\n"


def test_score_takes_names_and_tasks(two: TinyWorkspace, cli: Cli) -> None:
    """`score SYSTEM --task ID` scores that and nothing else; what it lacks is an error."""
    assert cli("score", "good", "--task", "tiny-labels").rc == 0
    written = sorted(str(path.relative_to(two.root)) for path in two.root.glob("*/*/results/*"))
    assert written == ["submissions/good/results/tiny-labels.json"]
    answer = cli("score", "good", "--task", "mini-tldr")
    assert answer.rc == 1
    assert (
        "error: submissions/good: has no predictions for mini-tldr: expected mini-tldr.jsonl\n"
        in answer.err
    )


def test_score_with_nothing_to_score(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """An empty workspace is not scored in silence."""
    answer = cli("score")
    assert answer.rc == 1
    assert "error: submissions: nothing to score: no prediction file was found\n" in answer.err


def test_one_broken_task_stops_no_other(two: TinyWorkspace, cli: Cli) -> None:
    """A mistake in one task.yaml is reported once, and the other tasks are scored."""
    text = (two.root / "tasks/tiny-summary/task.yaml").read_text()
    two.write("tasks/tiny-summary/task.yaml", text.replace("rouge155.rouge1", "rouge155.rogue1"))
    answer = cli("score")
    assert answer.rc == 1
    assert (
        answer.err.count(
            "primary: unknown score 'rouge155.rogue1'. Did you mean 'rouge155.rouge1'?"
        )
        == 1
    )
    assert (two.root / "submissions/good/results/tiny-labels.json").is_file()


def test_leaderboard_in_every_format(two: TinyWorkspace, cli: Cli) -> None:
    """Table, json, csv, markdown and latex show the same order; json has the promised keys."""
    boards = {
        form: cli("leaderboard", "tiny-labels", "--format", form)
        for form in ("table", "json", "csv", "markdown", "latex")
    }
    for form, answer in boards.items():
        assert answer.rc == 0, form
        assert answer.out.index("good") < answer.out.index("silent"), form
    board = json.loads(boards["json"].out)
    assert board["schema"] == "tldr-bench/leaderboard/1"
    assert (board["task"], board["primary"]) == ("tiny-labels", "labels.f1")
    assert [row["rank"] for row in board["rows"]] == [1, 2]
    assert {"rank", "rank_low", "rank_high", "system", "name", "scores"} <= set(board["rows"][0])
    rows = list(csv.DictReader(io.StringIO(boards["csv"].out)))
    assert [(row["system"], row["labels.f1"]) for row in rows] == [
        ("good", "1.0"),
        ("silent", "0.0"),
    ]


def test_a_submission_that_fails_is_on_the_board_as_failed(two: TinyWorkspace, cli: Cli) -> None:
    """A refused file leaves the ranking, is named beside it, and exits with 1; other boards are clean."""
    two.submit("silent", "tiny-labels", "not json\n")
    answer = cli("leaderboard", "tiny-labels")
    assert answer.rc == 1
    assert (
        "\nnot scored: silent: submissions/silent/tiny-labels.jsonl:1: is not valid JSON"
        in answer.out
    )
    assert cli("leaderboard", "tiny-summary").rc == 0


def test_a_broken_description_fails_only_where_there_are_predictions(
    two: TinyWorkspace, cli: Cli
) -> None:
    """A system whose submission.yaml is broken fails on the boards that it has files for, and on no other."""
    (two.root / "submissions/silent/tiny-labels.jsonl").unlink()
    two.write("submissions/silent/submission.yaml", "name: [")
    assert cli("leaderboard", "tiny-summary").rc == 1
    clean = cli("leaderboard", "tiny-labels")
    assert (clean.rc, clean.err) == (0, "")


def test_baseline_writes_a_submission_that_validates(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """`baseline` writes a folder that passes `validate`, again without a change, and replaces no work."""
    command = ["baseline", "lead", "--task", "tiny-summary", "--task", "tiny-labels"]
    assert cli(*command).out.splitlines() == [
        "wrote submissions/lead/submission.yaml",
        "wrote submissions/lead/tiny-summary.jsonl",
        "wrote submissions/lead/tiny-labels.jsonl",
    ]
    assert cli("validate", "submissions/lead").rc == 0
    assert {line.split()[0] for line in cli(*command).out.splitlines()} == {"unchanged"}
    lines = (
        (tmp_workspace.root / "submissions/lead/tiny-summary.jsonl").read_text("utf-8").splitlines()
    )
    assert [json.loads(line)["prediction"] for line in lines] == [
        row["source"][0] for row in TINY_ROWS
    ]
    tmp_workspace.write("submissions/lead/tiny-labels.jsonl", "my own work\n")
    refused = cli(*command)
    assert refused.rc == 1
    assert refused.err == (
        "error: submissions/lead/tiny-labels.jsonl: exists with other content; give --force to "
        "replace it\n"
    )
    assert cli(*command, "--force").rc == 0


def test_run_does_the_whole_job(two: TinyWorkspace, cli: Cli) -> None:
    """`run` scores everything, offline, and writes a site that begins at index.html."""
    answer = cli("run", "--offline")
    assert answer.rc == 0, answer.err
    assert len(list(two.root.glob("submissions/*/results/*.json"))) == 6
    assert (two.root / "_site/index.html").read_text("utf-8").startswith("<!")


@pytest.mark.parametrize("command", [["run"], ["score"], ["leaderboard", "tiny-summary"]])
def test_hostile_metadata_is_shown_not_obeyed(
    command: list[str], two: TinyWorkspace, cli: Cli
) -> None:
    """A name with terminal escapes and direction marks arrives escaped in everything that is printed."""
    name = '"\\e[2J\\u202eevil\\x07"'
    two.write("submissions/good/submission.yaml", f"name: {name}\n")
    answer = cli(*command)
    assert answer.rc == 0
    for character in "\x1b\u202e\x07":
        assert character not in answer.out + answer.err
    for form in ("csv", "json", "markdown", "latex"):
        board = cli("leaderboard", "tiny-summary", "--format", form).out
        assert not set("\x1b\u202e\x07") & set(board), form
