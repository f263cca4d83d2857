"""What goes wrong around a cluster: wrong addresses, late workers, other code, and being told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from boards import REPOSITORY, entries, environment, finish, make_board, processes_of, start, until

pytest.importorskip("distributed", reason="needs the extra: pip install 'tldr-bench[cluster]'")

from machines import in_process

from tldr_bench import cluster, cluster_run
from tldr_bench.cluster import Cluster
from tldr_bench.errors import TldrBenchError
from tldr_bench.questions import Answer, question
from tldr_bench.store import Store
from tldr_bench.workspace import Workspace


@pytest.fixture
def board(tmp_path: Path) -> Workspace:
    """Two systems on a small task."""
    return Workspace(make_board(tmp_path / "board", 2, 20))


def connected(address: str) -> tuple[int, str]:
    """How a process ends that connects to a cluster there and waits for two seconds at most."""
    code = (
        "import sys; from tldr_bench import cluster; from tldr_bench.errors import TldrBenchError\n"
        "cluster.CONNECT = 2\n"
        f"try: cluster.Cluster({address!r}, None, print)\n"
        "except TldrBenchError as error: sys.exit(str(error))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(REPOSITORY),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    return finish(process, 30)


def test_a_cluster_is_asked_from_where_a_loop_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook, say, there is an event loop in the thread that asks."""
    monkeypatch.setattr(cluster, "CONNECT", 1)

    async def ask() -> None:
        with pytest.raises(TldrBenchError, match="nothing within 1 s"):
            Cluster("tcp://127.0.0.1:1", None, print)

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop of its own already
        thread.submit(asyncio.run, ask()).result()


def test_a_port_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    """A server that takes the connection and never speaks: one line after the limit, no endless wait."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert connected(address) == (
            1,
            f"--cluster {address}: no Dask scheduler answers there (nothing within 2 s); start one with "
            "'dask scheduler'\n",
        )


def test_a_worker_is_no_scheduler(board: Workspace) -> None:
    """The address of a worker is told as what it is."""
    with in_process(1) as (here, _):
        (worker,) = here._client.scheduler_info()["workers"]
        with pytest.raises(
            TldrBenchError, match=r"answers there \(it is a Dask worker\); start one"
        ):
            Cluster(worker, None, print)


def test_something_large_waits_for_a_worker_as_anything_does(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nobody to take it, what does not go through the scheduler waits until a worker joins."""
    monkeypatch.setattr(cluster_run, "SMALL", 0)
    task = board.task("made-up")
    asked = question(task, board.submission("s000"))
    with in_process(0) as (here, said):
        ((_, found),) = here.answers(task, {0: asked}, Store())
    assert isinstance(found, Answer)
    assert said == ["waiting for a worker to join (120 s at most)"]


def test_without_any_worker_it_is_not_the_scheduler_that_is_lost(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something large, and no worker for as long as one is waited for: the line asks for a worker."""
    monkeypatch.setattr(cluster_run, "SMALL", 0)
    monkeypatch.setattr(cluster_run, "PATIENCE", 0.5)
    task = board.task("made-up")
    asked = question(task, board.submission("s000"))
    with in_process(0) as (here, _):
        here._say = lambda _: None
        with pytest.raises(TldrBenchError, match="a worker has not joined; start one with"):
            list(here.answers(task, {0: asked}, Store()))


@pytest.mark.parametrize(("closed", "message"), [(False, cluster.SLOW), (True, cluster_run.LOST)])
def test_a_slow_scheduler_is_not_called_lost(
    board: Workspace, monkeypatch: pytest.MonkeyPatch, closed: bool, message: str
) -> None:
    """A call that takes too long says that the scheduler is lost only when it is."""

    def late(*_: object) -> None:
        if closed:
            here._client.close()
        raise TimeoutError

    monkeypatch.setattr(cluster, "ClusterRun", late)
    task = board.task("made-up")
    with in_process(0) as (here, _), pytest.raises(TldrBenchError) as caught:
        list(here.answers(task, {0: question(task, board.submission("s000"))}, Store()))
    assert message in str(caught.value)


def test_other_metrics_are_other_code(tmp_path: Path) -> None:
    """A package that differs in a line of a metric, or of the statistics, is not the one that asks."""
    found = {cluster_run.code()}
    for changed in ("metrics/rouge.py", "stats/intervals.py", "align.py"):
        copy = tmp_path / changed.replace("/", "-")
        shutil.copytree(REPOSITORY / "tldr_bench", copy / "tldr_bench")
        with (copy / "tldr_bench" / changed).open("a") as file:
            file.write("# another version\n")
        command = [sys.executable, "-c", "from tldr_bench import cluster_run as c; print(c.code())"]
        other = {**environment(tmp_path), "PYTHONPATH": str(copy)}
        done = subprocess.run(command, env=other, cwd=copy, capture_output=True, check=True)
        found.add(done.stdout.decode().strip())
    assert len(found) == 4


def test_a_worker_with_other_code_answers_nothing(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the worker that loads the task nor one that gets it from another answers by other code."""
    task = board.task("made-up")
    asked = question(task, board.submission("s000"))
    own = cluster_run.code()
    for loads in (False, True):
        # What asks says another code than the worker has; the worker's check is left as it is.
        monkeypatch.setattr(cluster_run, "code", lambda: own)
        with in_process(1) as (here, _):
            real = here._client.submit

            def submit(
                call: object, *given: object, real=real, loads=loads, **how: object
            ) -> object:  # type: ignore[no-untyped-def]
                if (call is cluster_run._load_task) == loads:
                    given = (*given[:-1], "other")
                return real(call, *given, **how)

            monkeypatch.setattr(here._client, "submit", submit)
            with pytest.raises(TldrBenchError, match="a worker runs another version of tldr-bench"):
                list(here.answers(task, {0: asked}, Store()))


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "stopped")],
)
def test_workers_on_this_machine_stop_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, status: int, word: str
) -> None:
    """`--cluster local` beside another Dask, its whole group told to stop: one line, nobody left, no
    prediction file left in the folder for temporary files.
    """
    folder = make_board(tmp_path / "board", 60, 1500)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # taken already, which is as good
            stack.enter_context(socket.create_server(("127.0.0.1", 8787)))
        process = start(folder, "score", "--cluster", "local", "--jobs", "2")
        until(lambda: len(entries(folder)) >= 6)
        os.killpg(process.pid, sent)
        assert finish(process, 40) == (status, f"{word}; what was done is kept\n")
    until(lambda: not processes_of(process.pid), 10)
    assert list((tmp_path / "tmp").rglob("*.jsonl")) == []
