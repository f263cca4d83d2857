"""The questions of one task on their way to a cluster and back, and what its workers do with them."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, get_worker
from distributed import wait as wait_for

from tldr_bench.errors import Problem, SubmissionError, TldrBenchError, path_name
from tldr_bench.files import MIB, read_bounded
from tldr_bench.json_text import Unreadable
from tldr_bench.measuring import file_key, reader
from tldr_bench.questions import Answer, Question, split
from tldr_bench.scoring import statistics_code
from tldr_bench.store import Store, key_of
from tldr_bench.task import Task
from tldr_bench.workers import Questions, answer_or_error

PATIENCE = 120
"""Seconds without a single worker before giving up."""
AHEAD = 3
"""Questions for each thread of the cluster that are on their way at a time."""
ATTEMPTS = 4
"""How often a question is asked when the workers that had it, or its data, are lost."""
READINGS = 3
"""How often a file is sent whose parts were of different contents, because somebody replaces it."""
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
    file: str = ""
    """The key of the file as it was sent."""


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
        self._task = task
        self._flying: dict[Future, _Asked] = {}
        self._parts: dict[int, int] = {}
        """Question -> how many parts it has."""
        self._found: dict[int, list[tuple[_Asked, Answer | None]]] = {}
        self._readings: dict[int, int] = {}
        """Question -> how often its file was sent whole, where that is more than once."""
        self.file_keys: dict[int, str] = {}
        """Question -> the key of the file that was answered about."""
        self._without_workers_since: float | None = None
        self._content = pickle.dumps(replace(task))
        self._sent = self._send_task()
        self._gpu = self._has_gpu()

    def answers(self) -> Iterator[tuple[int, Answer | SubmissionError | None]]:
        """Each question's number and answer, None for predictions that were refused, or what is wrong."""
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
        if len(self._content) <= SMALL:
            key = key_of("task", hashlib.sha256(self._content).hexdigest(), code())
            return self._client.submit(
                _load_task, self._content, code(), key=f"task-{key}", retries=ATTEMPTS
            )
        held = self._scatter(self._content, broadcast=True)
        return self._client.submit(_load_task, held, code(), pure=False)

    def _scatter(self, content: bytes, *, broadcast: bool = False) -> Future:
        """Bytes that workers hold, without a way through the scheduler; waits for a worker to join."""
        for _ in range(ATTEMPTS):
            self._wait_for_a_worker()
            try:
                return self._client.scatter(content, broadcast=broadcast, hash=False)
            except OSError as error:  # the worker has left again, or takes no more
                self._still_connected(error)
        raise self._error("no worker takes what is sent to it. What was measured is kept")

    def _wait_for_a_worker(self) -> None:
        while not self._client.nthreads():
            self._still_connected()
            self._check_workers()
            time.sleep(0.2)
        self._without_workers_since = None

    def _ask(self, asked: _Asked) -> None:
        try:
            content: Any = read_bounded(asked.part.path, follow_links=False)
        except Unreadable:
            content = None  # `_answer_there` refuses; the problem is then found here
        else:
            digest = hashlib.sha256(content).hexdigest()
            asked = replace(asked, file=file_key(self._task, asked.part, digest))
        if content is not None and len(content) > SMALL:
            content = self._scatter(content)
        future = self._client.submit(
            _answer_there,
            self._sent,
            asked.part,
            content,
            code(),
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

    def _take(self, future: Future) -> Iterator[tuple[int, Answer | SubmissionError | None]]:
        asked = self._flying.pop(future)
        try:
            found = future.result(timeout=60)
        except TldrBenchError as error:
            raise self._error(str(error)) from None
        except Exception as error:  # noqa: BLE001 - a worker's trouble comes as whatever it was there
            self._again(asked, error)
            return
        parts = self._found.setdefault(asked.number, [])
        parts.append((asked, found))
        if len(parts) == self._parts[asked.number]:
            yield from self._whole(asked.number, self._found.pop(asked.number))

    def _whole(
        self, number: int, parts: list[tuple[_Asked, Answer | None]]
    ) -> Iterator[tuple[int, Answer | SubmissionError | None]]:
        """The answer from its parts; nothing yet where they are of two contents: asked again."""
        answers = [found for _, found in parts if found is not None]
        if len(answers) < len(parts):
            yield number, None
        elif all(answers[0].merge(other) for other in answers[1:]):
            self.file_keys[number] = parts[0][0].file
            yield number, answers[0]
        else:
            yield from self._anew(number, [asked for asked, _ in parts])

    def _anew(self, number: int, parts: list[_Asked]) -> Iterator[tuple[int, SubmissionError]]:
        """Ask all parts again: the file was replaced while they were sent, one after the other."""
        path = parts[0].part.path
        self._readings[number] = self._readings.get(number, 1) + 1
        if self._readings[number] > READINGS:
            message = (
                f"changed while it was read, {READINGS} times in a row; score it when it is done"
            )
            yield number, SubmissionError([Problem(path_name(path), None, message)])
            return
        for asked in parts:
            self._ask(replace(asked, attempts=1))

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


def code() -> str:
    """A digest of all that decides what a worker answers: how files are read, and what is measured."""
    return key_of(reader(), statistics_code())


# On the workers --------------------------------------------------------------------------------


def _load_task(content: bytes, expected: str) -> Task:
    """The task on a worker. Raises TldrBenchError when the worker runs another tldr-bench."""
    _refuse_other_code(expected)
    task: Task = pickle.loads(content)  # noqa: S301 - comes from our own scheduler
    return task


def _refuse_other_code(expected: str) -> None:
    if expected != code():
        raise TldrBenchError("a worker runs another version of tldr-bench; install the same one")


def _answer_there(
    task: Task, part: Question, content: bytes | None, expected: str
) -> Answer | None:
    """The answer to a part of a question; None for predictions that are refused.

    Raises TldrBenchError when this worker runs another tldr-bench than the one that asks: the task
    may have come from another worker.
    """
    _refuse_other_code(expected)
    if content is None:
        return None
    # In the worker's own folder, which is removed with it, however it ends.
    home = get_worker().local_directory
    with tempfile.TemporaryDirectory(prefix="tldr-bench-", dir=home) as folder:
        path = Path(folder) / part.path.name
        path.write_bytes(content)
        found = answer_or_error(task, replace(part, path=path), Store())
    return None if isinstance(found, SubmissionError) else found
