"""Where the work runs: every submission on every task that it has a file for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tldr_bench.data import cache_folder
from tldr_bench.decisions import Decider
from tldr_bench.errors import MissingData, Problem, Report, SubmissionError, TldrBenchError
from tldr_bench.known_results import keep_result, known_result, result_key
from tldr_bench.leaderboard import Board, rank
from tldr_bench.measuring import asked_file_key, recall
from tldr_bench.questions import Answer, Question, question
from tldr_bench.result import Result, Scored
from tldr_bench.scoring import SYSTEMS_AT_ONCE, score_answers
from tldr_bench.store import Store
from tldr_bench.submission import Submission, lacks, load_submission, of_no_task, prediction_files
from tldr_bench.tally import Tally
from tldr_bench.task import Task
from tldr_bench.workers import InProcess, Workers
from tldr_bench.workspace import Workspace

Keep = Callable[[Scored], None]
"""Is given every result as soon as it is there."""


@dataclass(frozen=True)
class Unit:
    """One submission on one task."""

    submission: Submission
    task_id: str


@dataclass
class Plan:
    """What there is to do, and what cannot be done."""

    units: list[Unit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Of submissions and tasks that cannot be read."""
    broken: dict[str, list[Problem]] = field(default_factory=dict)
    """System -> the problems of a submission that cannot be read at all."""
    without_data: dict[str, str] = field(default_factory=dict)
    """Task id -> why it cannot be scored here: its examples are not on this machine."""
    unread: set[str] = field(default_factory=set)
    """Ids of the tasks that could not be read for any other reason, which is among the problems."""


def default_store() -> Store:
    """The store in the user's cache folder; what models made of texts lies beside it."""
    cache = cache_folder()
    return Store(cache / "measurements", others=(cache / "embeddings",))


def plan(
    workspace: Workspace,
    systems: Sequence[str] | None = None,
    task_ids: Sequence[str] | None = None,
) -> Plan:
    """Every submission (or the named ones) on every task (or the named ones) that it has a file for."""
    found = Plan()
    known = workspace.task_folders()
    # Only a name that somebody typed can be an unknown one.
    load = workspace.submission if systems else _load(workspace)
    for system in systems or workspace.systems():
        try:
            submission = load(system)
        except SubmissionError as error:
            found.problems.extend(error.problems)
            found.broken[system] = list(error.problems)
            continue
        wanted = [task_id for task_id in submission.files if not task_ids or task_id in task_ids]
        if systems and task_ids:
            found.problems.extend(_lacking(submission, task_ids))
        found.units.extend(Unit(submission, task_id) for task_id in wanted if task_id in known)
        found.problems.extend(_unknown_tasks(submission, wanted, known))
    return found


def _load(workspace: Workspace) -> Callable[[str], Submission]:
    return lambda system: load_submission(workspace.submissions / system)


def _unknown_tasks(
    submission: Submission, wanted: Sequence[str], known: Collection[str]
) -> Iterator[Problem]:
    for task_id in wanted:
        if task_id not in known:
            yield of_no_task(submission.files[task_id], task_id, known)


def _lacking(submission: Submission, task_ids: Sequence[str]) -> Iterator[Problem]:
    """What was asked for by name and is not there."""
    for task_id in task_ids:
        if task_id not in submission.files:
            yield lacks(submission, task_id)


@dataclass
class TaskRun:
    """All that was scored on one task."""

    task: Task
    scored: list[Scored] = field(default_factory=list)
    failed: dict[str, list[Problem]] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    tally: Tally = field(default_factory=Tally)

    def board(self) -> Board:
        """The leaderboard of what was scored."""
        return rank(self.task, self.scored, self.failed, Decider(self.task, self.store, self.tally))


def run_task(
    task: Task,
    units: Sequence[Unit],
    store: Store,
    workers: Workers | None = None,
    keep: Keep = lambda _: None,
    tally: Tally | None = None,
    *,
    lean: bool = False,
) -> TaskRun:
    """Score the units of one task; a submission that fails is reported and the others go on.

    What is scored is given to `keep` as soon as its figures are there: whatever stops the work
    later does not take it away. The outcome is in the order of the units, whoever did them. A `lean`
    one is without measurements: enough for results, and small for any number of systems.
    """
    work = _TaskWork(task, units, store, keep, tally if tally is not None else Tally(), lean)
    place = {unit.submission.system: number for number, unit in enumerate(units)}
    try:
        work.ask(workers or InProcess())
    finally:
        work.finish()
    work.done.scored.sort(key=lambda item: place[item.submission.system])
    return work.done


class _TaskWork:
    """Answers come in, in any order; batches of them become results."""

    def __init__(
        self,
        task: Task,
        units: Sequence[Unit],
        store: Store,
        keep: Keep,
        tally: Tally,
        lean: bool,
    ) -> None:
        self.done = TaskRun(task, store=store, tally=tally)
        self._units = units
        self._store = store
        self._keep = keep
        self._tally = tally
        self._lean = lean
        self._batch: list[tuple[Submission, Answer]] = []
        self._files: dict[str, str] = {}
        """System -> the key of what its file said, for a result that is to be kept."""

    def ask(self, workers: Workers) -> None:
        """Take what the store knows, and have the workers find out the rest."""
        known, rest = self._look_up()
        again: dict[int, Question] = {}
        for number, found in workers.answers(self.done.task, rest, self._store):
            unit, before = self._units[number], known.get(number)
            whole = before.merge(found) if before and isinstance(found, Answer) else found
            if whole is not None:
                self._take(unit, whole)
                continue
            # Replaced since it was looked up: what is known is of another file.
            self._files.pop(unit.submission.system, None)
            again[number] = question(self.done.task, unit.submission)
        for number, found in workers.answers(self.done.task, again, self._store):
            self._take(self._units[number], found)

    def _look_up(self) -> tuple[dict[int, Answer], dict[int, Question]]:
        """Take all that the store knows whole; what it knows in part, and what is left to ask."""
        known: dict[int, Answer] = {}
        rest: dict[int, Question] = {}
        for number, unit in enumerate(self._units):
            with self._tally.stage("look up"):
                asked = question(self.done.task, unit.submission)
                file = asked_file_key(self.done.task, asked) if self._store.folder else None
                whole = self._known_whole(unit, file)
            if whole is not None:
                self._done(Scored(unit.submission, whole, {}))
                continue
            with self._tally.stage("look up"):
                answer, left = recall(self.done.task, asked, self._store, file)
            if left is None and answer is not None:
                self._take(unit, answer)
            else:
                rest[number] = left or asked
                known.update({number: answer} if answer else {})
        return known, rest

    def _known_whole(self, unit: Unit, file: str | None) -> Result | None:
        """A result that the store holds; otherwise remember where this one is to be kept."""
        if file is None or not self._lean:
            return None
        key = result_key(self.done.task, unit.submission, file)
        known = known_result(key, self._store)
        if known is None:
            self._files[unit.submission.system] = file
            return None
        result, seconds = known
        reused = len(self.done.task.examples) * len(self.done.task.metrics)
        self._tally.add(Tally(reused=reused, saved=seconds, files_known=1))
        return result

    def _done(self, scored: Scored) -> None:
        self._keep(scored)
        self.done.scored.append(replace(scored, measurements={}) if self._lean else scored)

    def _take(self, unit: Unit, answer: Answer | SubmissionError) -> None:
        if isinstance(answer, SubmissionError):
            system = unit.submission.system
            self.done.failed[system] = list(answer.problems) or [Problem(system, None, str(answer))]
            return
        self._tally.add(answer.tally)
        self._batch.append((unit.submission, answer))
        if len(self._batch) >= SYSTEMS_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Turn the answers at hand into results."""
        batch, self._batch = self._batch, []
        before = self._tally.spent("intervals") + self._tally.saved
        found = score_answers(self.done.task, batch, self._store, self._tally)
        each = self._tally.spent("intervals") + self._tally.saved - before
        for (_, answer), scored in zip(batch, found, strict=True):
            self._done(scored)
            self._keep_whole(scored, answer.tally.all_spent() + each / len(batch))

    def _keep_whole(self, scored: Scored, seconds: float) -> None:
        """Keep the result; not if the file is another one by now, whose result this may be."""
        task, submission = self.done.task, scored.submission
        file = self._files.pop(submission.system, None)
        if file is not None and file == asked_file_key(task, question(task, submission)):
            keep_result(result_key(task, submission, file), scored.result, seconds, self._store)


def run_plan(
    workspace: Workspace,
    todo: Plan,
    store: Store,
    workers: Workers | None = None,
    keep: Keep = lambda _: None,
    tally: Tally | None = None,
    *,
    lean: bool = False,
) -> Iterator[TaskRun]:
    """Task by task, so that one task's examples are in memory at a time."""
    tally = tally if tally is not None else Tally()
    by_task: dict[str, list[Unit]] = {}
    for unit in todo.units:
        by_task.setdefault(unit.task_id, []).append(unit)
    for task_id, units in sorted(by_task.items()):
        try:
            with tally.stage("read data"):
                task = workspace.task(task_id)
                # Built now, so that a mistake in task.yaml is this task's problem only.
                _ = task.metrics
        except MissingData as error:
            todo.without_data[task_id] = str(error)
            continue
        except TldrBenchError as error:
            todo.problems.extend(error.problems or [Problem(task_id, None, str(error))])
            todo.unread.add(task_id)
            continue
        done = run_task(task, units, store, workers, keep, tally, lean=lean)
        done.failed.update(_broken(workspace, todo, task_id))
        yield done


def _broken(workspace: Workspace, todo: Plan, task_id: str) -> dict[str, list[Problem]]:
    """The submissions that cannot be read, of those that have a file for this task."""
    return {
        system: problems
        for system, problems in todo.broken.items()
        if task_id in dict(prediction_files(workspace.submissions / system, Report()))
    }


def board_of(workspace: Workspace, task_id: str) -> Board:
    """The board of one task, scored afresh or from the store; what fails is on it as failed.

    Raises DataError when the task's examples are not here.
    """
    task = workspace.task(task_id)
    todo = plan(workspace, task_ids=[task_id])
    done = run_task(task, todo.units, default_store())
    done.failed.update(_broken(workspace, todo, task_id))
    return done.board()
