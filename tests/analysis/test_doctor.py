"""doctor: what works here, and what looks wrong in a submission."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mini_boards import rouge_workspace

from tldr_bench.metrics import known_metrics
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def findings(answer: Any, part: str) -> dict[str, dict[str, str]]:
    return {
        item["name"]: item for item in json.loads(answer.out)["findings"] if item["part"] == part
    }


def test_everything_is_looked_at(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Every metric and task is listed with its state; missing data comes with the way to get it."""
    answer = cli("doctor", "--root", tmp_path, "--format", "json", env={"TLDR_BENCH_DATA": None})
    assert answer.rc == 0
    listed = {name.partition(" ")[0] for name in findings(answer, "metric")}
    assert listed == set(known_metrics())
    tasks = findings(answer, "task")
    assert set(tasks) == set(Workspace(tmp_path).task_folders())
    assert tasks["mini-tldr"]["state"] == "ok"
    assert tasks["scitldr-a"]["state"] == "missing"
    assert "tldr-bench data fetch scitldr-a" in tasks["scitldr-a"]["detail"]
    places = findings(answer, "place")
    assert places["network"]["detail"] == "forbidden: offline"
    assert places["data"]["detail"] == "TLDR_BENCH_DATA is not set"


def test_a_wrong_data_folder_is_named(cli: Callable[..., Any], tmp_path: Path) -> None:
    """TLDR_BENCH_DATA that points nowhere is a finding, not an error."""
    nowhere = tmp_path / "nowhere"
    answer = cli(
        "doctor", "--root", tmp_path, "--format", "json", env={"TLDR_BENCH_DATA": str(nowhere)}
    )
    assert findings(answer, "place")["data"]["state"] == "missing"


def test_the_boards_power_is_told(cli: Callable[..., Any], tmp_path: Path) -> None:
    """For a task with systems, doctor says what difference it can show, corrected above uncorrected."""
    root = rouge_workspace(tmp_path, "cue", "lead", "random")
    answer = cli("doctor", "--root", root, "--format", "json", env={"TLDR_BENCH_DATA": None})
    found = {item["task"]: item for item in json.loads(answer.out)["resolution"]}
    mini = found["mini-tldr"]
    assert mini["examples"] == 48
    assert 0 < mini["one_pair"] < mini["whole_board"] < 1


def test_a_clean_system_is_called_clean(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Nothing looks wrong in `lead`, and its neighbours on the board are named where not told apart."""
    answer = cli("doctor", "cue", "--root", rouge_workspace(tmp_path, "cue", "lead", "oracle"))
    assert answer.rc == 0
    assert "mini-tldr: nothing looks wrong" in answer.out
    assert "warning" not in answer.out


def test_a_copied_system_is_named(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A submission that repeats another's predictions is told so, with the other's name; exit 0."""
    text = (ROOT / "submissions/lead/mini-tldr.jsonl").read_text(encoding="utf-8")
    for name in ("one", "two"):
        folder = tmp_path / "submissions" / name
        folder.mkdir(parents=True)
        (folder / "submission.yaml").write_text(f"name: {name}\ntype: llm\n")
        (folder / "mini-tldr.jsonl").write_text(text, encoding="utf-8")
    answer = cli("doctor", "two", "--root", tmp_path)
    assert answer.rc == 0
    assert "copied-system: 48 of 48 predictions are word for word those of one" in answer.out
    assert "not told apart from one" in answer.out


def test_a_broken_submission_is_not_checked(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Predictions that do not fit their task are not examined, and the reason is given."""
    folder = tmp_path / "submissions" / "bad"
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text("name: bad\n")
    (folder / "mini-tldr.jsonl").write_text('{"id": "nope", "prediction": "x"}\n')
    answer = cli("doctor", "bad", "--root", tmp_path)
    assert answer.rc == 0
    assert "mini-tldr: not checked: it does not fit its task" in answer.out


def test_an_unknown_system_gets_the_nearest(cli: Callable[..., Any]) -> None:
    """A misspelt system is answered with the one that was meant."""
    answer = cli("doctor", "laed", "--root", ROOT)
    assert answer.rc == 2
    assert "Did you mean 'lead'?" in answer.err
