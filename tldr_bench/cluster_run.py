"""The questions of one task on their way to a cluster and back, and what its workers do with them."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker
from distributed import wait as wait_for

from tldr_bench.errors import SubmissionError, TldrBenchError
from tldr_bench.files import MIB, read_bounded
from tldr_bench.json_text import Unreadable
from tldr_bench.measuring import file_key, reader
from tldr_bench.questions import Answer, Question, split
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workers import Questions, answer_or_error

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


class ClusterRun:
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
