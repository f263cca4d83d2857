"""Who does the measuring: this process, or several on this machine.

Whoever it is, the same blocks are measured by the same code, so the figures do not depend on it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tldr_bench.align import BLOCK
from tldr_bench.errors import OutputError, Problem, SubmissionError, TldrBenchError
from tldr_bench.files import reason
from tldr_bench.measuring import Pairs, answer, measure_here
from tldr_bench.metrics.base import Metric
from tldr_bench.questions import Answer, Question, split
from tldr_bench.store import Store
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

T = TypeVar("T")
Questions = Mapping[int, Question]
Answers = Iterator[tuple[int, "Answer | SubmissionError"]]

WORTH_PROCESSES = 20_000
"""Measurements below which starting processes takes longer than making them here."""


class Workers(Protocol):
    """Answers questions about the predictions for one task, in any order."""

    def answers(self, task: Task, questions: Questions, store: Store) -> Answers:
        """Each question's number with its answer, or with what is wrong with the predictions."""


class InProcess:
    """One question after the other, here."""

    def answers(self, task: Task, questions: Questions, store: Store) -> Answers:
        """The answers, in the order of the questions."""
        for number, asked in questions.items():
            yield number, answer_or_error(task, asked, store)


def answer_or_error(task: Task, asked: Question, store: Store) -> Answer | SubmissionError:
    """The answer, or the problems of the predictions."""
    try:
        return answer(task, asked, store)
    except SubmissionError as error:
        return error


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """Several processes on this machine; started when there is enough to do, and kept until closed.

    Many files are dealt out whole. Of few large ones the blocks are dealt out. Models stay in this
    process, where they are loaded once and use all cores by themselves.
    """

    def __init__(self, jobs: int, *, worth: int = WORTH_PROCESSES) -> None:
        self._jobs = jobs
        self._worth = worth
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the processes, in the middle of their work where need be."""
        if self._pool is not None:
            # `shutdown` forgets this thread, which then closes its pipes while Python, at its end, writes to them.
            thread = getattr(self._pool, "_executor_manager_thread", None)
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            if thread is not None:
                thread.join()

    def answers(self, task: Task, questions: Questions, store: Store) -> Answers:
        """The answers, as they come. Raises TldrBenchError when a process is killed."""
        if self._jobs < 2 or self._size(task, questions) < self._worth:
            yield from InProcess().answers(task, questions, store)
            return
        try:
            if len(questions) < self._jobs and len(task.examples) > BLOCK:
                yield from self._by_block(task, questions, store)
            else:
                yield from self._by_file(task, questions, store)
        except BrokenProcessPool:
            message = (
                "a worker process was killed (was there too little memory?). What was measured is "
                "kept; go on with a smaller --jobs"
            )
            raise TldrBenchError([Problem("--jobs", None, message)]) from None

    def _size(self, task: Task, questions: Questions) -> int:
        """Measurements that processes could share."""
        counted = (split(task, asked)[0] for asked in questions.values())
        return len(task.examples) * sum(len(asked.metrics) for asked in counted if asked)

    def _by_file(self, task: Task, questions: Questions, store: Store) -> Answers:
        with _handed_over(task) as file:
            futures: dict[Future[Answer | None], int] = {}
            for number, asked in questions.items():
                counted, _ = split(task, asked)
                nothing = replace(asked, metrics=())
                futures[self._submit(_answer_there, file, counted or nothing, store)] = number
            for future in as_completed(futures):
                number = futures.pop(future)
                yield number, self._completed(task, questions[number], store, future.result())

    def _completed(
        self, task: Task, asked: Question, store: Store, found: Answer | None
    ) -> Answer | SubmissionError:
        """What a process found, with what is measured here."""
        if found is None:  # refused there: look again, for the problems
            return answer_or_error(task, asked, store)
        _, models = split(task, asked)
        rest = answer_or_error(task, models, store) if models else None
        if rest is None or isinstance(rest, SubmissionError):
            return rest or found
        # None: the file was replaced between the two readings. One reading of it is of one content.
        return found.merge(rest) or answer_or_error(task, asked, store)

    def _by_block(self, task: Task, questions: Questions, store: Store) -> Answers:
        for number, asked in questions.items():
            try:
                yield number, answer(task, asked, store, self._spread)
            except SubmissionError as error:
                yield number, error

    def _spread(
        self, metric: Metric[Any, Any], blocks: Iterable[Pairs]
    ) -> Iterator[tuple[Columns, float]]:
        """Measure blocks in the processes, two for each at a time, so that few are in memory."""
        if not metric.by_row or metric.uses_model:
            yield from measure_here(metric, blocks)
            return
        left = iter(blocks)
        futures = deque(
            self._submit(measure_block, metric, pairs) for pairs in islice(left, 2 * self._jobs)
        )
        while futures:
            yield futures.popleft().result()
            futures.extend(self._submit(measure_block, metric, pairs) for pairs in islice(left, 1))

    def _submit(self, call: Callable[..., T], *arguments: object) -> Future[T]:
        """Have a process do something; processes are started as they are needed."""
        try:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._jobs, multiprocessing.get_context("spawn"), initializer=_start
                )
            with without_interrupts():
                return self._pool.submit(call, *arguments)
        except OSError as error:
            message = f"processes cannot be started: {reason(error)}; go on with a smaller --jobs"
            raise TldrBenchError([Problem("--jobs", None, message)]) from None


@contextlib.contextmanager
def without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: a process that is started in it will never be interrupted.

    A terminal sends Ctrl-C to all processes at once. The first one answers, and ends the others.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # where there are no such signals there is none

    # It takes its own process for a reason to let Ctrl-C through again: that one goes first.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _handed_over(task: Task) -> Iterator[Path]:
    """A file of our own from which each process reads the task, once."""
    with contextlib.ExitStack() as stack:
        try:
            made = tempfile.TemporaryDirectory(prefix="tldr-bench-")
            file = Path(stack.enter_context(made)) / "task"
            # A copy without what was derived from it: each process derives that itself.
            file.write_bytes(pickle.dumps(replace(task)))
        except OSError as error:
            message = f"cannot be used for temporary files: {reason(error)}"
            raise OutputError([Problem(tempfile.gettempdir(), None, message)]) from None
        yield file


# In the processes ------------------------------------------------------------------------------


def _start() -> None:
    """A process stops when it is told to, or when the one that started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


_tasks: dict[Path, Task] = {}


def _task_in(file: Path) -> Task:
    if file not in _tasks:
        _tasks.clear()
        _tasks[file] = pickle.loads(file.read_bytes())  # noqa: S301 - written by our parent
    return _tasks[file]


def _answer_there(file: Path, asked: Question, store: Store) -> Answer | None:
    found = answer_or_error(_task_in(file), asked, store)
    return None if isinstance(found, SubmissionError) else found


def measure_block(metric: Metric[Any, Any], pairs: Pairs) -> tuple[Columns, float]:
    """One block's columns, and the seconds that they took."""
    (found,) = measure_here(metric, [pairs])
    return found
