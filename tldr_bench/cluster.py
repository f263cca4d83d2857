"""Many machines: the same questions, answered by the workers of a Dask cluster.

A task's examples go once to each worker, and each prediction file to the worker that measures it;
no shared disk is needed. What a model measures goes to workers with the resource GPU where there
are any (`dask worker --resources GPU=1`), one at a time, so that each loads the model once. Workers
may join late or die: what they had is done again by others. What is measured is kept here at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster
from distributed import wait as wait_for
from distributed.comm.core import CommClosedError

from tldr_bench.errors import Problem, SubmissionError, TldrBenchError
from tldr_bench.files import MIB, Unreadable, read_bounded
from tldr_bench.measuring import (
    Answer,
    Question,
    file_key,
    keep_answer,
    keep_reading,
    reader,
    split,
)
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workers import Answers, Questions, answer_or_error, cores

CONNECT = 10
"""Seconds within which a scheduler has to answer."""
PATIENCE = 120
"""Seconds without a single worker before giving up."""
AHEAD = 3
"""Questions for each thread of the cluster that are on their way at a time."""
ATTEMPTS = 4
"""How often a question is asked when the workers that had it, or its data, are lost."""
LOST = "the scheduler is lost. What was measured is kept; start it again and repeat the command"
SMALL = 8 * MIB
"""What is larger is not sent by way of the scheduler."""


@dataclass
class _Asked:
    """A part of a question that is on its way."""

    number: int
    part: Question
    resources: dict[str, float]
    attempts: int = 1


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
            run = _Run(self._client, task, questions, self._error, self._say)
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


class _Run:
    """The questions of one task on their way to a cluster and back."""

    def __init__(
        self,
        client: Client,
        task: Task,
        questions: Questions,
        error: Callable[[str], TldrBenchError],
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._questions = questions
        self._error = error
        self._say = say
        self._gpu = self._has_gpu()
        self._task = task
        self._content = pickle.dumps(replace(task))
        self._sent = self._send_task()
        self._flying: dict[Future, _Asked] = {}
        self._parts: dict[int, int] = {}
        """Question -> how many parts it has."""
        self._found: dict[int, list[Answer | None]] = {}
        self.file_keys: dict[int, str] = {}
        """Question -> the key of the file that was sent."""
        self._without_workers_since: float | None = None

    def answers(self) -> Iterator[tuple[int, Answer | None]]:
        """Each question's number and answer, or None for predictions that were refused."""
        todo = self._all_parts()
        exhausted = False
        while True:
            while not exhausted and len(self._flying) < self._window():
                asked = next(todo, None)
                exhausted = asked is None
                if asked is not None:
                    self._ask(asked)
            if not self._flying:
                return
            for future in self._arrived():
                yield from self._take(future)

    def _all_parts(self) -> Iterator[_Asked]:
        for number, whole in self._questions.items():
            counted, models = split(self._task, whole)
            parts = [part for part in (counted, models) if part] or [whole]
            self._parts[number] = len(parts)
            for part in parts:
                gpu = self._gpu and part is models
                yield _Asked(number, part, {"GPU": 1} if gpu else {})

    def _window(self) -> int:
        threads: int = sum(self._client.nthreads().values())
        return max(4, AHEAD * threads)

    def _has_gpu(self) -> bool:
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return any(worker["resources"].get("GPU") for worker in workers)

    def _send_task(self) -> Future:
        """The task as a future: a small one can be made again when its workers die."""
        digest = hashlib.sha256(self._content).hexdigest()
        if len(self._content) <= SMALL:
            return self._client.submit(
                _load_task, self._content, reader(), key=f"task-{digest}", retries=ATTEMPTS
            )
        held = self._client.scatter(self._content, broadcast=True)
        return self._client.submit(_load_task, held, reader(), pure=False)

    def _ask(self, asked: _Asked) -> None:
        try:
            content: Any = read_bounded(asked.part.path, follow_links=False)
        except Unreadable:
            content = None  # `_answer_there` refuses; the problem is then found here
        else:
            digest = hashlib.sha256(content).hexdigest()
            self.file_keys[asked.number] = file_key(self._task, asked.part, digest)
        if content is not None and len(content) > SMALL:
            content = self._client.scatter(content, hash=False)
        future = self._client.submit(
            _answer_there,
            self._sent,
            asked.part,
            content,
            pure=False,
            resources=asked.resources or None,
        )
        self._flying[future] = asked

    def _arrived(self) -> list[Future]:
        """The futures that are done, one or more; looks whether the cluster still lives."""
        while True:
            try:
                wait_for(list(self._flying), timeout=1, return_when="FIRST_COMPLETED")
            except TimeoutError:
                pass
            except CancelledError as error:
                self._still_connected(error)
            self._still_connected()
            done = [future for future in self._flying if future.done()]
            if done:
                return done
            self._check_workers()

    def _still_connected(self, error: BaseException | None = None) -> None:
        """Raise TldrBenchError when there is no scheduler any more, or an error says so."""
        gone = self._client.status not in ("running", "connecting")
        if gone or "scheduler-connection-lost" in str(error):
            raise self._error(LOST)

    def _check_workers(self) -> None:
        if self._client.scheduler is None or self._client.scheduler.comm is None:
            raise self._error(LOST)
        lacking = self._lacking()
        if not lacking:
            self._without_workers_since = None
            return
        now = time.monotonic()
        if self._without_workers_since is None:
            self._without_workers_since = now
            self._say(f"waiting for {lacking} to join ({PATIENCE} s at most)")
        if now - self._without_workers_since > PATIENCE:
            option = " --resources GPU=1" if "GPU" in lacking else ""
            raise self._error(
                f"{lacking} has not joined; start one with 'dask worker ADDRESS{option}'. What was "
                "measured is kept"
            )

    def _lacking(self) -> str:
        """What kind of worker is missing for what is on its way; empty when none is."""
        if not self._client.nthreads():
            return "a worker"
        waits_for_gpu = any(asked.resources for asked in self._flying.values())
        return "a worker with the resource GPU" if waits_for_gpu and not self._has_gpu() else ""

    def _take(self, future: Future) -> Iterator[tuple[int, Answer | None]]:
        asked = self._flying.pop(future)
        try:
            found = future.result(timeout=60)
        except (CancelledError, KilledWorker, TimeoutError, OSError) as error:
            self._again(asked, error)
            return
        except TldrBenchError as error:
            raise self._error(str(error)) from None
        except Exception as error:  # noqa: BLE001 - a worker's trouble comes as whatever it was there
            self._again(asked, error)
            return
        parts = self._found.setdefault(asked.number, [])
        parts.append(found)
        if len(parts) == self._parts[asked.number]:
            yield asked.number, _merged(self._found.pop(asked.number))

    def _again(self, asked: _Asked, error: BaseException) -> None:
        """Ask once more: the workers that had the question, or the data, are gone."""
        self._still_connected(error)
        if asked.attempts >= ATTEMPTS:
            detail = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise self._error(
                f"{asked.part.path.name} failed on {ATTEMPTS} workers ({detail}). What was measured "
                "is kept"
            )
        if self._sent.status in ("lost", "cancelled", "error"):
            self._sent = self._send_task()
        self._ask(replace(asked, attempts=asked.attempts + 1))


def _quiet() -> None:
    """What goes wrong is said in our words, once."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _merged(parts: Sequence[Answer | None]) -> Answer | None:
    answers = [part for part in parts if part is not None]
    return reduce(Answer.merge, answers) if len(answers) == len(parts) else None


# On the workers --------------------------------------------------------------------------------


def _load_task(content: bytes, code: str) -> Task:
    """The task on a worker. Raises TldrBenchError when the worker runs another tldr-bench."""
    if code != reader():
        raise TldrBenchError("a worker runs another version of tldr-bench; install the same one")
    task: Task = pickle.loads(content)  # noqa: S301 - comes from our own scheduler
    return task


def _answer_there(task: Task, part: Question, content: bytes | None) -> Answer | None:
    """The answer to a part of a question; None for predictions that are refused."""
    if content is None:
        return None
    with tempfile.TemporaryDirectory(prefix="tldr-bench-") as folder:
        path = Path(folder) / part.path.name
        path.write_bytes(content)
        found = answer_or_error(task, replace(part, path=path), Store())
    return None if isinstance(found, SubmissionError) else found
