"""Several processes: the same bytes for any number of them, and a clean end whatever happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from boards import entries, finish, make_board, processes_of, results, score, start, until

from tldr_bench.questions import Answer, question
from tldr_bench.store import Store
from tldr_bench.workers import InProcess, Processes
from tldr_bench.workspace import Workspace

FILES = 45
PAPERS = 500
"""45 x 500 measurements: enough that `--jobs` starts processes."""


@pytest.fixture(scope="session")
def large_board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board that is worth several processes. Its store and results are nobody's: see `board`."""
    return make_board(tmp_path_factory.mktemp("jobs") / "board", FILES, PAPERS)


@pytest.fixture
def board(large_board: Path) -> Path:
    """The large board without a store and without results."""
    forget(large_board)
    return large_board


def forget(folder: Path) -> None:
    """Remove results and store."""
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    for path in folder.glob("submissions/*/results"):
        shutil.rmtree(path)


def made_and_reused(said: str) -> tuple[int, int]:
    """What a run says that it measured and reused."""
    found = re.search(r"made ([\d,]+) measurements and reused ([\d,]+)", said)
    assert found is not None, said
    made, reused = (int(number.replace(",", "")) for number in found.groups())
    return made, reused


def test_the_bytes_do_not_depend_on_the_number_of_processes(board: Path) -> None:
    """One process and three write the same results, and both measure everything."""
    found = []
    for jobs in ("1", "3"):
        forget(board)
        status, said = score(board, "--jobs", jobs)
        assert status == 0, said
        assert made_and_reused(said) == (FILES * PAPERS, 0)
        found.append(results(board))
    assert len(found[0]) == FILES
    assert found[0] == found[1]


def test_the_blocks_of_one_large_file_are_shared_out(tmp_path: Path) -> None:
    """The blocks of one file of 9,000 examples give the same bits in two processes as in this one."""
    board = make_board(tmp_path, 1, 9_000)
    task = Workspace(board).task("made-up")
    asked = {0: question(task, Workspace(board).submission("s000"))}
    found = []
    with Processes(2, worth=0) as processes:
        for workers in (InProcess(), processes):
            ((_, answer),) = workers.answers(task, asked, Store())
            assert isinstance(answer, Answer)
            found.append([column.tolist() for column in answer.columns["rouge155"].values()])
    assert found[0] == found[1]


def test_a_refused_file_is_reported_the_same_from_any_process(board: Path) -> None:
    """A broken prediction file among many: the others are scored, and its problems are told in full."""
    path = board / "submissions/s007/made-up.jsonl"
    whole = path.read_text()
    path.write_text(whole.replace('"p3"', '"p2"', 1) + "{\n")
    try:
        said = []
        for jobs in ("1", "3"):
            forget(board)
            status, text = score(board, "--jobs", jobs)
            assert status == 1
            assert len(results(board)) == FILES - 1
            said.append([line for line in text.splitlines() if line.startswith("error:")])
        assert said[0] == said[1]
        assert len(said[0]) >= 2
    finally:
        path.write_text(whole)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "stopped")],
)
def test_told_to_stop_it_stops_and_keeps_what_is_done(
    board: Path, sent: signal.Signals, status: int, word: str
) -> None:
    """Ctrl-C and SIGTERM in the middle: one line, no process left, and the next run goes on from there."""
    process = start(board, "score", "--jobs", "2")
    until(lambda: len(entries(board)) >= 10)
    # A terminal sends Ctrl-C to the whole group; a supervisor sends SIGTERM to the one it started.
    os.killpg(process.pid, sent) if sent == signal.SIGINT else process.send_signal(sent)
    assert finish(process, 20) == (status, f"{word}; what was done is kept\n")
    until(lambda: not processes_of(process.pid), 5)
    kept = results(board)
    assert len(kept) < FILES, "it was over before it was stopped: make the board larger"
    code, said = score(board, "--jobs", "1")
    assert code == 0
    made, reused = made_and_reused(said)
    assert made < FILES * PAPERS
    assert made + reused == FILES * PAPERS
    assert kept.items() <= results(board).items()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_stop_again_and_again_it_stops_once(
    board: Path, sent: signal.Signals, status: int
) -> None:
    """Ctrl-C pressed until the prompt is back: the same status and one line, here a JSON event."""
    process = start(board, "score", "--jobs", "2", "--log", "json")
    until(lambda: len(entries(board)) >= 10)
    process.send_signal(sent)
    for _ in range(40):
        time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        if process.poll() is not None:
            break
    code, said = finish(process, 20)
    events = [json.loads(line) for line in said.splitlines()]
    word = "interrupted" if sent == signal.SIGINT else "stopped"
    assert code == status
    assert events[-1] == {"event": "note", "text": f"{word}; what was done is kept"}
    assert {event["event"] for event in events[:-1]} <= {"scored"}
    until(lambda: not processes_of(process.pid), 5)


@pytest.mark.skipif(sys.platform != "linux", reason="counts file handles as Linux does")
def test_too_few_file_handles_are_said_of_the_processes(board: Path) -> None:
    """Where processes cannot be started for want of handles: exit 1 and one line, not about /tmp."""
    import resource

    process = start(
        board,
        "score",
        "--jobs",
        "8",
        limit=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)),
    )
    assert finish(process, 60) == (
        1,
        "error: --jobs: processes cannot be started: too many open files; go on with a smaller --jobs\n",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_processes_of_a_killed_run_end_by_themselves(board: Path) -> None:
    """kill -9 of the first process leaves no worker behind and no lock: another run completes."""
    process = start(board, "score", "--jobs", "2")
    until(lambda: len(entries(board)) >= 10)
    process.kill()
    process.communicate()
    until(lambda: not processes_of(process.pid), 10)
    assert score(board, "--jobs", "1")[0] == 0
    assert len(results(board)) == FILES


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_killed_worker_is_said_in_a_line(board: Path) -> None:
    """When the system kills a worker: exit 1, one line that says what to do, and the work done is kept."""
    process = start(board, "score", "--jobs", "2")
    until(lambda: len(entries(board)) >= 10)
    workers = [number for number in processes_of(process.pid) if is_worker(number)]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    status, said = finish(process, 20)
    assert status == 1
    assert said == (
        "error: --jobs: a worker process was killed (was there too little memory?). "
        "What was measured is kept; go on with a smaller --jobs\n"
    )
    assert made_and_reused(score(board, "--jobs", "1")[1])[1] > 0


def is_worker(process: int) -> bool:
    """Whether this is a process that measures (and not the one that counts resources)."""
    return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
