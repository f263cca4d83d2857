"""A Dask scheduler and its workers, started as a user would: same bytes, whoever dies or comes late."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from boards import entries, environment, finish, make_board, results, score, start, until

pytest.importorskip("distributed", reason="needs the extra: pip install 'tldr-bench[cluster]'")

FILES, PAPERS = 40, 618
DASK = Path(sys.executable).with_name("dask")


class Machines:
    """A scheduler and workers on loopback, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[str]] = []
        self.address = ""
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        assert self.scheduler.stderr is not None
        for line in self.scheduler.stderr:
            found = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
            if found:
                self.address = found.group(1)
                return

    def worker(self, *options: str) -> subprocess.Popen[str]:
        """One more worker."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
        return self._start("worker", self.address, *options)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        # A worker has its own working folder: nothing is shared with the board's.
        home = self.folder / f"machine-{len(self.running)}"
        home.mkdir()
        is_scheduler = arguments[0] == "scheduler"
        process = subprocess.Popen(
            [str(DASK), *arguments],
            cwd=home,
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if is_scheduler else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def stop(self) -> None:
        """End all that was started."""
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler without workers."""
    if not DASK.exists():
        pytest.skip("needs the `dask` command beside this Python")
    found = Machines(tmp_path)
    assert found.address
    yield found
    found.stop()


@pytest.fixture(scope="session")
def serial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A board, and its results from one process."""
    board = make_board(tmp_path_factory.mktemp("machines") / "board", FILES, PAPERS)
    assert score(board, "--jobs", "1", store=".serial")[0] == 0
    return board, results(board)


@pytest.fixture
def board(serial: tuple[Path, dict[str, bytes]]) -> Path:
    """The board without results and store."""
    folder, _ = serial
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    for path in folder.glob("submissions/*/results"):
        shutil.rmtree(path)
    return folder


def test_one_worker_dies_and_another_comes_late(
    board: Path, serial: tuple[Path, dict[str, bytes]], machines: Machines
) -> None:
    """Of two workers one is killed -9 in the middle and a third joins: the bytes are those of `--jobs 1`."""
    doomed, _ = machines.worker(), machines.worker()
    process = start(board, "score", "--cluster", machines.address)
    until(lambda: len(entries(board)) >= 4)
    doomed.kill()
    machines.worker()
    status, said = finish(process, 60)
    assert status == 0, said
    assert results(board) == serial[1]
    assert f"made {FILES * PAPERS:,} measurements" in said
    again = score(board, "--cluster", machines.address)[1]
    assert f"made 0 measurements and reused {FILES * PAPERS:,}" in again


def test_a_lost_scheduler_ends_with_one_line_and_nothing_lost(
    board: Path, serial: tuple[Path, dict[str, bytes]], machines: Machines
) -> None:
    """When the scheduler is killed: exit 1, one line, what was measured is kept, and a run here goes on."""
    machines.worker()
    process = start(board, "score", "--cluster", machines.address)
    until(lambda: len(entries(board)) >= 4)
    machines.scheduler.kill()
    status, said = finish(process, 60)
    assert status == 1
    assert said == (
        f"error: --cluster {machines.address}: the scheduler is lost. What was measured is kept; "
        "start it again and repeat the command\n"
    )
    kept = results(board)
    assert len(kept) < FILES
    status, said = score(board, "--jobs", "1")
    assert status == 0
    assert results(board) == serial[1]
    assert "and reused 0 " not in said
    assert all(results(board)[name] == content for name, content in kept.items())


def test_refused_predictions_are_told_from_a_cluster_as_from_here(
    board: Path, machines: Machines
) -> None:
    """A broken file gives the same lines whether it is read here or on a worker."""
    machines.worker()
    path = board / "submissions/s003/made-up.jsonl"
    whole = path.read_text()
    path.write_text(whole.replace('"p3"', '"p2"', 1))
    try:
        said = [
            [line for line in score(board, *how)[1].splitlines() if line.startswith("error:")]
            for how in (("--cluster", machines.address), ("--jobs", "1"))
        ]
    finally:
        path.write_text(whole)
    assert said[0] == said[1]
    assert len(said[0]) >= 2


def test_no_scheduler_is_said_in_one_line(board: Path) -> None:
    """An address where nobody answers: exit 1 and one line that says what to start."""
    status, said = score(board, "--cluster", "tcp://127.0.0.1:9")
    assert status == 1
    (line,) = said.splitlines()
    assert line.startswith("error: --cluster tcp://127.0.0.1:9: no Dask scheduler answers there (")
    assert line.endswith("); start one with 'dask scheduler'")


def test_without_the_extra_it_says_what_to_install(board: Path, cli: Callable[..., object]) -> None:
    """Where Dask is not installed, `--cluster` is wrong usage, and the line names the extra."""
    (board / "distributed.py").write_text("raise ImportError('No module named distributed')\n")
    try:
        done = cli("score", "--cluster", "local", cwd=board)
    finally:
        (board / "distributed.py").unlink()
    assert (done.rc, done.err) == (  # type: ignore[attr-defined]
        2,
        "error: --cluster: No module named distributed; pip install 'tldr-bench[cluster]'\n",
    )
