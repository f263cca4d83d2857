"""`verify`: a board follows from its stored predictions to the last digit, or the digit is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace

from tldr_bench.result import Result
from tldr_bench.submission import Submission
from tldr_bench.task import Task
from tldr_bench.verify import verify
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]


@pytest.fixture
def board(tmp_workspace: TinyWorkspace, cli: Cli) -> TinyWorkspace:
    """A workspace with two systems, scored."""
    for task, rows in GOLD.items():
        tmp_workspace.submit("gold", task, rows)
    lead = [{"id": row["id"], "prediction": row["source"][0]} for row in TINY_ROWS]
    tmp_workspace.submit("lead", "tiny-summary", lead)
    done = cli("score")
    assert done.rc == 0, done.err
    return tmp_workspace


def stored(board: TinyWorkspace, system: str = "lead", task: str = "tiny-summary") -> Path:
    return board.root / f"submissions/{system}/results/{task}.json"


def change(path: Path, edit: Callable[[dict], None]) -> None:
    """Edit a result as JSON, and write it in the form of `score`."""
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def test_a_scored_board_is_verified(board: TinyWorkspace, cli: Cli) -> None:
    """What `score` wrote is computed again to the same digits; nothing is written."""
    before = {path: path.read_bytes() for path in board.root.rglob("*.json")}
    done = cli("verify")
    assert (done.rc, done.err) == (0, "")
    assert done.out.startswith("4 results computed again, ")
    assert done.out.endswith(" figures: every digit is the same\n")
    assert before == {path: path.read_bytes() for path in board.root.rglob("*.json")}


def test_one_digit_is_named(board: TinyWorkspace, cli: Cli) -> None:
    """A value that differs in its last digit fails with file, score, and both figures in full."""
    path = stored(board)
    value = json.loads(path.read_text())["scores"]["rouge155.rouge1"]["value"]
    other = float(repr(value)[:-1] + str((int(repr(value)[-1]) + 1) % 10))
    change(path, lambda result: result["scores"]["rouge155.rouge1"].update(value=other))
    done = cli("verify")
    assert done.rc == 1
    assert done.err.splitlines() == [
        "error: submissions/lead/results/tiny-summary.json: rouge155.rouge1.value: "
        f"stored {other!r}, computed {value!r}"
    ]


def test_a_bound_of_an_interval_counts(board: TinyWorkspace) -> None:
    """An interval made narrower than it is, or left out, is named as well."""
    change(stored(board), lambda r: r["scores"]["rouge155.rouge1"].update(low=0.0))
    change(stored(board), lambda r: r["scores"]["rouge155.rouge2"].pop("high", None))
    fields = [problem.field for problem in verify(Workspace(board.root)).problems]
    assert "rouge155.rouge1.low" in fields


@pytest.mark.parametrize(
    ("metric", "said"), [("rouge155", "computed nothing"), ("other", "not computed")]
)
def test_a_note_that_nobody_computed_is_named(board: TinyWorkspace, metric: str, said: str) -> None:
    """What a result tells its readers of a metric is computed again as the figures are."""
    change(stored(board), lambda r: r.update(notes={metric: "the best there is"}))
    (problem,) = verify(Workspace(board.root)).problems
    assert problem.field == f"notes.{metric}"
    assert said in problem.message


@pytest.mark.parametrize(
    ("field", "edit"),
    [
        ("system", lambda r: r.update(system="gold")),
        ("task_version", lambda r: r.update(task_version="sha256:00")),
        ("predictions", lambda r: r.update(predictions="sha256:00")),
        ("examples", lambda r: r.update(examples=5)),
        ("other.rouge1", lambda r: r["scores"].update({"other.rouge1": {"value": 1.0}})),
    ],
)
def test_everything_else_in_a_result_counts(
    board: TinyWorkspace, field: str, edit: Callable[[dict], None]
) -> None:
    """Another system, data digest, predictions digest, count, or a score nobody computes is named."""
    change(stored(board), edit)
    (problem,) = verify(Workspace(board.root)).problems
    assert problem.field == field


def test_changed_predictions_are_noticed(board: TinyWorkspace) -> None:
    """Predictions edited after they were scored differ by digest and by every figure that moved."""
    rows = [dict(row) for row in GOLD["tiny-summary"]]
    rows[0]["prediction"] = "Something else."
    board.submit("gold", "tiny-summary", rows)
    fields = [problem.field for problem in verify(Workspace(board.root)).problems]
    assert fields[0] == "predictions"
    assert "rouge155.rouge1.value" in fields


def test_missing_orphaned_and_reformatted_results(board: TinyWorkspace) -> None:
    """A result that is missing, one without predictions, and one in another notation are each named."""
    stored(board, "gold", "tiny-labels").unlink()
    (board.root / "submissions/gold/tiny-ranking.jsonl").unlink()
    path = stored(board)
    path.write_text(path.read_text().replace("  ", " "))
    messages = sorted(map(str, verify(Workspace(board.root)).problems))
    assert messages == [
        "submissions/gold/results/tiny-labels.json: there is no such result: run 'tldr-bench score gold'",
        "submissions/gold/results/tiny-ranking.json: is a result without predictions: it cannot be verified; remove it",
        "submissions/lead/results/tiny-summary.json: holds the right figures, but is not written as 'tldr-bench score' writes it",
    ]


def test_the_store_is_not_asked(board: TinyWorkspace, cli: Cli) -> None:
    """Measurements in the cache cannot vouch for a result: with a cache full of them, nothing is read from it."""
    import os

    cache = Path(os.environ["TLDR_BENCH_CACHE"])
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.unlink()
    assert cli("verify").rc == 0
    assert not [path for path in cache.rglob("*") if path.is_file()]


# Moved metrics -----------------------------------------------------------------------------------


def older(board: TinyWorkspace) -> str:
    """Make a stored result one of an older version of its metric; returns what it was."""
    path = stored(board)
    before = path.read_text()

    def edit(result: dict) -> None:
        signature = result["signatures"]["rouge155"]
        result["signatures"]["rouge155"] = signature.rpartition("|v:")[0] + "|v:0"
        result["scores"]["rouge155.rouge1"]["value"] = 0.125

    change(path, edit)
    return before


def test_a_moved_metric_shows_old_and_new(board: TinyWorkspace, cli: Cli) -> None:
    """A result of an older metric version is not called wrong: old and new stand side by side, and it fails."""
    new = json.loads(older(board))["scores"]["rouge155.rouge1"]["value"]
    done = cli("verify")
    assert done.rc == 1
    assert done.err == "to take the new figures: tldr-bench verify --update\n"
    assert "every digit is the same; 3 scores by another signature" in done.out
    (row,) = [line for line in done.out.splitlines() if "rouge155.rouge1" in line]
    figures = ["12.5000", f"{100 * new:.4f}", f"{100 * (new - 0.125):+.4f}"]
    assert row.split() == ["tiny-summary", "lead", "rouge155.rouge1", *figures]
    (row,) = [line for line in done.out.splitlines() if "rouge155.rouge2" in line]
    assert row.split()[-1] == "none"
    assert "now rouge155|" in done.out


def test_update_writes_what_only_moved(board: TinyWorkspace, cli: Cli) -> None:
    """--update writes the new result of a moved metric, and leaves a result with a wrong digit alone."""
    before = older(board)
    wrong = stored(board, "gold", "tiny-labels")
    change(wrong, lambda result: result["scores"]["labels.f1"].update(value=0.5))
    tampered = wrong.read_text()
    done = cli("verify", "--update")
    assert done.rc == 1
    assert "labels.f1.value: stored 0.5" in done.err
    assert stored(board).read_text() == before
    assert wrong.read_text() == tampered
    assert cli("verify", "lead").rc == 0


# What cannot be computed here --------------------------------------------------------------------


def test_what_cannot_be_computed_is_neither_right_nor_wrong(board: TinyWorkspace, cli: Cli) -> None:
    """A task whose data is elsewhere is said to be unverified; only --strict fails for it."""
    (board.root / "tasks/tiny/rows.jsonl").unlink()
    done = cli("verify", "lead")
    assert done.rc == 0
    assert "not verified here: tiny-summary: " in done.err
    assert cli("verify", "lead", "--strict").rc == 1


def test_a_metric_that_the_submitter_lacked(board: TinyWorkspace, cli: Cli) -> None:
    """A result stored without a metric, for a reason that it gives, is not wrong where the metric can be computed."""

    def edit(result: dict) -> None:
        del result["signatures"]["rouge155"]
        result["scores"] = {}
        result["not_computed"] = {"rouge155": "no such thing there"}

    change(stored(board), edit)
    done = cli("verify", "lead")
    assert done.rc == 0
    assert "rouge155: stored without it (no such thing there)" in done.err
    assert cli("verify", "lead", "--strict").rc == 1


def test_a_wrong_task_does_not_keep_the_others_from_being_verified(
    board: TinyWorkspace, cli: Cli
) -> None:
    """An unknown metric in one task.yaml is that task's problem: the others are verified, and receipts written."""
    spec = board.root / "tasks/tiny-labels/task.yaml"
    spec.write_text(spec.read_text().replace("  labels:\n", "  labels:\n  rouge15:\n"))
    done = cli("verify", "--receipts", "now.json")
    assert done.rc == 1
    assert "3 results computed again" in done.out
    assert "unknown metric 'rouge15'" in done.err
    tasks = {item["task"] for item in json.loads(Path("now.json").read_text())["receipts"]}
    assert tasks == {"tiny-summary", "tiny-ranking"}


def test_nothing_to_verify_is_no_success(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """An empty board is not called verified."""
    done = cli("verify")
    assert (done.rc, done.out, done.err) == (1, "", "error: submissions: nothing to verify\n")


# Receipts ----------------------------------------------------------------------------------------


def test_receipts_say_what_a_result_was_made_from(board: TinyWorkspace, cli: Cli) -> None:
    """Receipts hold digests of data, predictions and file, signatures and scores; the same board gives the same bytes."""
    import hashlib

    for name in ("one.json", "two.json"):
        assert cli("verify", "--receipts", name).rc == 0
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    found = json.loads(Path("one.json").read_text())
    receipt = next(item for item in found["receipts"] if item["system"] == "lead")
    result = json.loads(stored(board).read_text())
    content = (board.root / "submissions/lead/tiny-summary.jsonl").read_bytes()
    assert receipt["file"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert receipt["data"] == result["task_version"]
    assert receipt["predictions"] == result["predictions"]
    assert receipt["signatures"] == result["signatures"]
    assert receipt["scores"] == {name: item["value"] for name, item in result["scores"].items()}


def test_receipts_of_an_earlier_check_are_compared(board: TinyWorkspace, cli: Cli) -> None:
    """Against earlier receipts, a board that was scored anew from other predictions is named figure by figure."""
    assert cli("verify", "--receipts", "then.json").rc == 0
    assert cli("verify", "--against", "then.json").rc == 0
    rows = [dict(row) for row in GOLD["tiny-summary"]]
    rows[0]["prediction"] = "Something else."
    board.submit("gold", "tiny-summary", rows)
    assert cli("score").rc == 0
    done = cli("verify", "--against", "then.json")
    assert done.rc == 1
    assert "then.json: gold on tiny-summary: predictions: was sha256:" in done.err
    assert "gold on tiny-summary: rouge155.rouge1: was 1.0, is 0." in done.err


def test_a_forged_receipt_is_noticed(board: TinyWorkspace, cli: Cli) -> None:
    """A receipt whose score was edited does not fit its digest."""
    assert cli("verify", "--receipts", "then.json").rc == 0
    text = Path("then.json").read_text()
    Path("then.json").write_text(text.replace('"labels.f1": 1.0', '"labels.f1": 0.5'))
    done = cli("verify", "--against", "then.json")
    assert (done.rc, "does not fit its digest" in done.err) == (1, True)


def test_a_file_that_vanishes_is_a_problem_of_its_submission(
    board: TinyWorkspace,
) -> None:
    """Predictions that are gone when their digest is taken are named; the other results are checked."""
    from tldr_bench.scoring import score

    def scorer(task: Task, submission: Submission) -> Result:
        made = score(task, submission).result
        if submission.system == "lead":
            submission.files[task.id].unlink()
        return made

    check = verify(Workspace(board.root), scorer=scorer)
    (problem,) = check.problems
    assert str(problem).endswith("submissions/lead/tiny-summary.jsonl: no such file or directory")
    assert {item.system for item in check.receipts} == {"gold"}
