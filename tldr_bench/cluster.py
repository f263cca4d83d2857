"""Many machines: the same questions, answered by the workers of a Dask cluster.

A task's examples go once to each worker, and each prediction file to the worker that measures it;
no shared disk is needed. What a model measures goes to workers with the resource GPU where there
are any (`dask worker --resources GPU=1`), one at a time, so that each loads the model once. Workers
may join late or die: what they had is done again by others. What is measured is kept here at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from distributed import CancelledError, Client, LocalCluster, Security
from distributed.comm.core import CommClosedError
from distributed.core import rpc
from distributed.utils import LoopRunner

from tldr_bench.cluster_run import LOST, ClusterRun
from tldr_bench.errors import Problem, SubmissionError, TldrBenchError
from tldr_bench.measuring import keep_answer, keep_reading
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workers import Answers, Questions, answer_or_error, cores, without_interrupts

CONNECT = 10
"""Seconds within which a scheduler has to answer."""
SLOW = "the scheduler takes too long to answer. What was measured is kept; repeat the command"


class Cluster:
    """Workers of a Dask scheduler at an address, or `local`: one process per core, or `jobs` of them."""

    def __init__(self, address: str, jobs: int | None, say: Callable[[str], None]) -> None:
        _quiet()
        self._say = say
        self._address = address
        # Whatever stops the start: nothing that was started stays.
        with contextlib.ExitStack() as started:
            local = _local_cluster(jobs or cores()) if address == "local" else None
            if local is not None:
                started.callback(_close, local, 5)
            self._client = self._connected(local)
            started.callback(_close, self._client, 2)
            self._started = started.pop_all()

    def _connected(self, local: LocalCluster | None) -> Client:
        try:
            if local is None:
                # In a thread of its own: a notebook, say, has a loop in this one.
                LoopRunner(asynchronous=False).run_sync(_ask_who_is_there, self._address)
            return Client(local or self._address, timeout=CONNECT)
        except Exception as error:  # noqa: BLE001 - what is no scheduler may answer with anything
            raise self._error(
                f"no Dask scheduler answers there ({_cause(error)}); start one with 'dask scheduler'"
            ) from None

    def _error(self, message: str) -> TldrBenchError:
        return TldrBenchError([Problem(f"--cluster {self._address}", None, message)])

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def answers(self, task: Task, questions: Questions, store: Store) -> Answers:
        """The answers, as they come. Raises TldrBenchError when scheduler or workers are lost."""
        if not questions:
            return
        try:
            run = ClusterRun(self._client, task, questions, self._error, self._say)
            for number, found in run.answers():
                if found is None:  # refused there: look here, for the problems
                    yield number, answer_or_error(task, questions[number], store)
                elif isinstance(found, SubmissionError):
                    yield number, found
                else:
                    keep_answer(task, found, store)
                    keep_reading(run.file_keys[number], found.reading, store)
                    yield number, found
        except (CommClosedError, CancelledError):
            raise self._error(LOST) from None
        except (OSError, RuntimeError) as error:
            # A call to a client that has just given up fails in one of these ways.
            if self._client.status != "running":
                raise self._error(LOST) from None
            if isinstance(error, TimeoutError):
                raise self._error(SLOW) from None
            raise


def _close(what: Client | LocalCluster, seconds: float) -> None:
    """End it; what was told to stop when we were may be gone already, or take too long."""
    with contextlib.suppress(OSError, RuntimeError):
        what.close(timeout=seconds)


def _cause(error: Exception) -> str:
    """Why there was no answer, in a line."""
    if isinstance(error, MemoryError):  # the first bytes of an answer are taken for its length
        return "what answers there speaks otherwise"
    if isinstance(error, TimeoutError):
        return f"nothing within {CONNECT} s"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _local_cluster(workers: int) -> LocalCluster:
    """Workers on this machine, which Ctrl-C does not reach: the process that started them ends them."""
    with without_interrupts():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            # No dashboard; what is left of it takes any free port, and no other machine reaches it.
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
        )


async def _ask_who_is_there(address: str) -> None:
    """Raises any error unless a Dask scheduler says so within `CONNECT` seconds.

    A Client waits for ever for the first word of a server that is no scheduler.
    """
    arguments = Security().get_connection_args("client")
    async with asyncio.timeout(CONNECT), rpc(address, connection_args=arguments) as there:
        found = await there.identity()
    if found["type"] != "Scheduler":
        raise ValueError(f"it is a Dask {found['type'].lower()}")


def _quiet() -> None:
    """What goes wrong is said in our words, once."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
