"""What is kept is used, what changed is made again, and what is damaged is never believed."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from boards import entries, finish, make_board, results, scale, score, start

from tldr_bench import execute
from tldr_bench.execute import plan, run_task
from tldr_bench.known_results import keep_result, known_result, result_key
from tldr_bench.measuring import answer, asked_file_key
from tldr_bench.questions import question
from tldr_bench.result import Result, Score
from tldr_bench.store import Store
from tldr_bench.submission import Submission
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

PAPERS = 30


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """Three systems on one task with two metrics; nothing is scored yet."""
    return make_board(tmp_path / "board", 3, PAPERS, ("rouge155", "rouge"))


def made(folder: Path, *arguments: str) -> dict[str, int]:
    """Score, and the counts of what was done."""
    status, said = score(folder, "--log", "json", *arguments)
    assert status == 0, said
    events = [json.loads(line) for line in said.splitlines()]
    (done,) = [event for event in events if event["event"] == "done"]
    return done


def change(folder: Path, system: str, number: int) -> None:
    """Change one line of a prediction file."""
    path = folder / f"submissions/{system}/made-up.jsonl"
    lines = path.read_text().splitlines()
    lines[number] = json.dumps({"id": f"p{number}", "prediction": "something else"})
    path.write_text("\n".join(lines) + "\n")


def test_a_second_run_computes_nothing(board: Path) -> None:
    """No file is read by its lines, nothing is measured and no interval computed the second time."""
    first, second = made(board), made(board)
    assert (first["computed"], first["files_read"]) == (3 * 2 * PAPERS, 3)
    assert first["intervals"] == 3 * (3 + 4)  # the scores of rouge155 and of rouge
    for count in ("computed", "intervals", "files_read"):
        assert second[count] == 0
    assert (second["reused"], second["files_known"]) == (3 * 2 * PAPERS, 3)
    assert second["saved"] > 0


def test_what_cannot_be_computed_here_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metric whose model is not here has its reason the second time, too, and no file is read for it."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no models"))
    folder = make_board(tmp_path / "board", 2, PAPERS, ("rouge155", "bertscore"))
    path = folder / "submissions/s001/results/made-up.json"
    assert made(folder)["files_read"] == 2
    before = path.read_bytes()
    assert "model roberta-large is not on this machine" in before.decode() or (
        "torch" in before.decode()
    )
    assert made(folder)["files_read"] == 0
    assert path.read_bytes() == before


def test_a_known_result_needs_nothing_but_itself(board: Path) -> None:
    """With the entries of results alone in the store, nothing is read or measured, to the same bytes."""
    made(board)
    before = results(board)
    wholes = [path for path in entries(board) if b'"schema"' in path.read_bytes()]
    assert len(wholes) == 3
    for path in set(entries(board)) - set(wholes):
        path.unlink()
    shutil.rmtree(board / "submissions/s001/results")
    done = made(board)
    assert (done["computed"], done["intervals"], done["files_read"]) == (0, 0, 0)
    assert (done["reused"], done["files_known"]) == (3 * 2 * PAPERS, 3)
    assert results(board) == before


def key_of_result(task: Task, submission: Submission) -> str:
    """Under which key the result of what the file says now is kept."""
    file = asked_file_key(task, question(task, submission))
    assert file is not None
    return result_key(task, submission, file)


def test_a_result_is_another_ones_for_no_other_question(board: Path) -> None:
    """System, file, metric, its name, parameter, primary score and task each make another key."""
    workspace = Workspace(board)
    task, one, other = workspace.task("made-up"), *map(workspace.submission, ("s000", "s001"))
    path = board / "tasks/made-up/task.yaml"
    keys = [key_of_result(task, one), key_of_result(task, other)]
    for before, after in (
        ("primary: rouge155.rouge1", "primary: rouge155.rouge2"),
        ("rouge: {}", "rouge: {stemmer: no}"),
        (", rouge: {stemmer: no}", ", other: {metric: rouge, stemmer: no}"),
        (", other: {metric: rouge, stemmer: no}", ""),
    ):
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))
        keys.append(key_of_result(workspace.task("made-up"), one))
    change(board, "s000", 3)
    keys.append(key_of_result(workspace.task("made-up"), one))
    one.files["made-up"].unlink()
    assert asked_file_key(task, question(task, one)) is None
    assert len(set(keys)) == len(keys)


def test_two_metrics_that_swap_their_names_swap_their_scores(tmp_path: Path) -> None:
    """A known result is not believed when task.yaml calls its metrics by each other's names."""
    board = make_board(tmp_path / "board", 1, PAPERS)
    path = board / "tasks/made-up/task.yaml"
    plain = path.read_text()
    for one, other in (("one", "other"), ("other", "one")):
        both = (
            f"{{rouge155: {{}}, {one}: {{metric: rouge}}, {other}: {{metric: rouge, stemmer: no}}}}"
        )
        path.write_text(plain.replace("{rouge155: {}}", both))
        made(board)
    found = results(board)
    shutil.rmtree(board / ".cache")
    made(board)
    assert results(board) == found


def test_a_file_counts_once_however_much_of_it_is_known(board: Path) -> None:
    """With one metric known and one new, three files were read, of three."""
    path = board / "tasks/made-up/task.yaml"
    whole = path.read_text()
    path.write_text(whole.replace(", rouge: {}", ""))
    made(board)
    path.write_text(whole)
    done = made(board)
    assert (done["files_read"], done["files_known"]) == (3, 0)
    assert (done["computed"], done["reused"]) == (3 * PAPERS, 3 * PAPERS)


def test_a_result_that_lacks_something_is_not_kept(tmp_path: Path) -> None:
    """What cannot be computed today may be tomorrow: only whole results are kept."""
    whole = Result(
        task="t", task_version="v", system="s", predictions="p", examples=1,
        scores={"m.f": Score(value=0.5, low=0.25, high=0.75), "n.g": Score(value=1.0)},
        signatures={"m": "m|v:1"}, not_computed={}, notes={"m": "1 text cut"},
    )  # fmt: skip
    store = Store(tmp_path)
    keep_result("00", whole.model_copy(update={"not_computed": {"n": "no torch"}}), 1.0, store)
    assert known_result("00", store) is None
    keep_result("00", whole, 1.0, store)
    assert known_result("00", store) == (whole, 1.0)
    store.keep("00", b'{"schema": 3}')
    assert known_result("00", store) is None


def test_a_file_that_is_replaced_meanwhile_keeps_no_result(
    board: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result of the file that came before it was read is not kept for the one that was there."""
    workspace, store = Workspace(board), Store(board / ".store")
    units = plan(workspace, ["s001"], ["made-up"]).units
    path = board / "submissions/s001/made-up.jsonl"
    content, real = path.read_bytes(), execute.recall

    def late(*arguments: object) -> object:
        change(board, "s001", 7)
        return real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(execute, "recall", late)
        run_task(workspace.task("made-up"), units, store, lean=True)
    path.write_bytes(content)
    (found,) = run_task(workspace.task("made-up"), units, store, lean=True).scored
    (fresh,) = run_task(workspace.task("made-up"), units, Store()).scored
    assert found.result == fresh.result


def test_a_changed_line_recomputes_its_system_only(board: Path) -> None:
    """After one changed line, only that submission is read, measured and given intervals."""
    made(board)
    change(board, "s001", 7)
    done = made(board)
    assert (done["files_read"], done["computed"], done["reused"]) == (1, 2 * PAPERS, 4 * PAPERS)


def test_in_a_large_file_a_changed_line_recomputes_its_block_only(tmp_path: Path) -> None:
    """Of 9,000 examples in three blocks, one changed line leaves the other two as they are."""
    board = make_board(tmp_path, 1, 9000)
    task = Workspace(board).task("made-up")
    asked = question(task, Workspace(board).submission("s000"))
    store = Store(tmp_path / "store")
    assert answer(task, asked, store).tally.computed == 9000
    change(board, "s000", 5000)
    found = answer(task, asked, store)
    assert (found.tally.computed, found.tally.reused) == (4096, 9000 - 4096)
    alone = answer(task, asked, Store())
    assert alone.tally.computed == 9000
    assert alone.columns["rouge155"].keys() == found.columns["rouge155"].keys()
    for name, column in alone.columns["rouge155"].items():
        assert column.tolist() == found.columns["rouge155"][name].tolist()


def test_the_same_predictions_in_another_file_are_known(board: Path) -> None:
    """Rows in another order, packed: the file is read, and nothing has to be measured again."""
    made(board)
    before = results(board)
    path = board / "submissions/s001/made-up.jsonl"
    lines = path.read_text().splitlines()
    packed = gzip.compress("\n".join(reversed(lines)).encode())
    path.with_name("made-up.jsonl.gz").write_bytes(packed)
    path.unlink()
    done = made(board)
    assert (done["files_read"], done["computed"], done["intervals"]) == (1, 0, 0)
    assert results(board) == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content + b"\0",
        lambda content: b"[" * 100_000 + content,
        lambda content: content.replace(b'"key"', b'"kex"'),
    ],
    ids=["emptied", "cut", "a bit", "longer", "deep", "another header"],
)
def test_a_damaged_entry_is_not_believed(board: Path, damage: object) -> None:
    """With every entry damaged the figures are the same, and the store is whole again afterwards."""
    made(board)
    before = results(board)
    for path in entries(board):
        path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert made(board)["computed"] == 3 * 2 * PAPERS
    assert results(board) == before
    assert made(board)["computed"] == 0


def test_an_entry_under_the_wrong_name_is_not_believed(board: Path) -> None:
    """An intact entry that answers another question is not taken for this one's answer."""
    made(board)
    before, kept = results(board), entries(board)
    contents = [path.read_bytes() for path in kept]
    for path, content in zip(kept, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    assert made(board)["computed"] == 3 * 2 * PAPERS
    assert results(board) == before


def test_changed_examples_are_measured_again(board: Path) -> None:
    """Another set of examples under the same name shares no entry with the old one."""
    made(board)
    shutil.rmtree(board / "tasks")
    (board / "submissions").rename(board / "kept")
    scale.task(board, PAPERS, 2, metrics=("rouge155", "rouge"))
    (board / "submissions").rmdir()
    (board / "kept").rename(board / "submissions")
    assert made(board)["reused"] == 0


def test_a_new_parameter_is_measured_and_the_rest_reused(board: Path) -> None:
    """Where one metric's signature changes, the other metric's measurements stay."""
    made(board)
    path = board / "tasks/made-up/task.yaml"
    path.write_text(path.read_text().replace("rouge: {}", "rouge: {references: first}"))
    done = made(board)
    assert (done["computed"], done["reused"]) == (3 * PAPERS, 3 * PAPERS)


def test_a_store_that_cannot_be_written_only_costs_time(board: Path) -> None:
    """With a file where the store's folder should be, the results are the same, and it is said."""
    made(board)
    before = results(board)
    shutil.rmtree(board / ".cache")
    (board / ".cache").write_text("in the way")
    status, said = score(board)
    assert status == 0
    assert "measurements are not kept: " in said
    assert results(board) == before


def test_a_store_keeps_within_its_limit(board: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that makes the store larger than its limit prunes it, oldest first, and says so."""
    monkeypatch.setenv("TLDR_BENCH_CACHE_LIMIT", "0")
    status, said = score(board)
    assert status == 0
    assert "the store was full: " in said
    assert entries(board) == []


def test_cache_prune_keeps_what_was_used_last(board: Path) -> None:
    """`cache prune` removes the longest unused entries until the rest fits, and `info` counts them."""
    import os

    made(board)
    old, *new = entries(board)
    os.utime(old, (1e9, 1e9))
    total = sum(path.stat().st_size for path in [old, *new])
    size = str((total - 1) / 1024**2)
    assert finish(start(board, "cache", "prune", "--size", size)) == (0, "")
    assert entries(board) == new
    assert finish(start(board, "cache", "prune", "--size", "0")) == (0, "")
    assert entries(board) == []


def test_a_store_that_is_emptied_during_a_run_only_costs_time(tmp_path: Path) -> None:
    """Pruned to nothing again and again while a run fills it, the run ends well with the same results."""
    board = make_board(tmp_path / "board", 12, 300, ("rouge155", "rouge"))
    made(board)
    before = results(board)
    shutil.rmtree(board / ".cache")
    for path in (board / "submissions").glob("*/results"):
        shutil.rmtree(path)
    process = start(board, "score", "--jobs", "2")
    store, removed = Store(board / ".cache/measurements"), 0
    while process.poll() is None:
        removed += store.prune(0).entries
    assert finish(process)[0] == 0
    assert removed > 0, "the run was over before anything was removed"
    assert results(board) == before
    assert made(board)["computed"] > 0


def test_two_scorers_at_once_give_the_serial_result(board: Path) -> None:
    """Two processes on the same board and store, at once, leave what one alone leaves."""
    both = [start(board, "score"), start(board, "score")]
    assert [finish(process)[0] for process in both] == [0, 0]
    at_once = results(board)
    shutil.rmtree(board / ".cache")
    for path in (board / "submissions").glob("*/results"):
        shutil.rmtree(path)
    made(board)
    assert results(board) == at_once
    assert len(at_once) == 3
