"""Many machines: the same questions, answered by the workers of a Dask cluster.

A task's examples go once to each worker, and each prediction file to the worker that measures it;
no shared disk is needed. What a model measures goes to workers with the resource GPU where there
are any (`dask worker --resources GPU=1`), one at a time, so that each loads the model once. Workers
may join late or die: what they had is done again by others. What is measured is kept here at once.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from distributed import CancelledError, Client, LocalCluster
from distributed.comm.core import CommClosedError

from tldr_bench.cluster_run import LOST, ClusterRun
from tldr_bench.errors import Problem, TldrBenchError
from tldr_bench.measuring import keep_answer, keep_reading
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workers import Answers, Questions, answer_or_error, cores

CONNECT = 10
"""Seconds within which a scheduler has to answer."""


class Cluster:
    """Workers of a Dask scheduler at an address, or `local`: one process per core, or `jobs` of them."""

    def __init__(self, address: str, jobs: int | None, say: Callable[[str], None]) -> None:
        _quiet()
        self._say = say
        self._local: LocalCluster | None = None
        if address == "local":
            self._local = LocalCluster(
                n_workers=jobs or cores(),
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        self._address = address
        self._client = self._connected(self._local or address)

    def _connected(self, target: Any) -> Client:
        try:
            return Client(target, timeout=CONNECT)
        except (OSError, TimeoutError, ValueError) as error:
            cause = " ".join(str(error).split())[:200] or type(error).__name__
            raise self._error(
                f"no Dask scheduler answers there ({cause}); start one with 'dask scheduler'"
            ) from None

    def _error(self, message: str) -> TldrBenchError:
        return TldrBenchError([Problem(f"--cluster {self._address}", None, message)])

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            self._client.close(timeout=2)
        if self._local is not None:
            self._local.close(timeout=5)

    def answers(self, task: Task, questions: Questions, store: Store) -> Answers:
        """The answers, as they come. Raises TldrBenchError when scheduler or workers are lost."""
        if not questions:
            return
        try:
            run = ClusterRun(self._client, task, questions, self._error, self._say)
            for number, found in run.answers():
                if found is None:  # refused there: look here, for the problems
                    yield number, answer_or_error(task, questions[number], store)
                else:
                    keep_answer(task, found, store)
                    keep_reading(run.file_keys[number], found.reading, store)
                    yield number, found
        except (CommClosedError, CancelledError, TimeoutError):
            raise self._error(LOST) from None
        except (OSError, RuntimeError):
            # A call to a client that has just given up fails in one of these ways.
            if self._client.status == "running":
                raise
            raise self._error(LOST) from None


def _quiet() -> None:
    """What goes wrong is said in our words, once."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
