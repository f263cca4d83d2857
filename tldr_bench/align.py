"""Predictions × examples, by id: pairs, or one report of every problem."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_bench.collector import paused
from tldr_bench.errors import Report, SubmissionError, counted, first_of, path_name, shown
from tldr_bench.kinds import Labels, Pair, Ranking
from tldr_bench.predictions import Selected, Value, prediction_rows
from tldr_bench.submission import Submission, is_run, lacks
from tldr_bench.task import Example, Task
from tldr_bench.trec import run_rows

LISTED = 10
"""How many ids a message names before it only counts."""
MANY = 10_000
"""How many unknown ids are remembered; then reading stops."""
BLOCK = 4096
"""Examples that have a digest of their own: those that are measured and kept together."""


@dataclass(frozen=True)
class Aligned:
    """Every example of the task with its prediction, in the task's order."""

    pairs: tuple[Pair[Any, Any], ...]
    digest: str
    """SHA-256 of the predictions' content: no matter the row order, line ends or compression."""
    blocks: tuple[str, ...] = ()
    """Of each block of examples, where there is more than one."""


def align(task: Task, submission: Submission) -> Aligned:
    """The submission's predictions for the task, each with its example. Raises SubmissionError."""
    path = submission.files.get(task.id)
    if path is None:
        raise SubmissionError([lacks(submission, task.id)])
    return align_file(task, path, leave_one_out=submission.spec.type == "human")


def align_file(
    task: Task, path: Path, *, leave_one_out: bool = False, forgotten: bool = False
) -> Aligned:
    """As `align`, for one prediction file.

    With `leave_one_out`, a reference that a person's prediction repeats is not among its targets:
    a text is never scored against itself. With `forgotten`, a query without a line in a TREC run has
    found nothing, which a run cannot say; without it, that query is missing, which is an error.
    """
    with paused():
        return _aligned(task, path, leave_one_out, forgotten)


def _aligned(task: Task, path: Path, leave_one_out: bool, forgotten: bool) -> Aligned:
    found = _Found(task, path_name(path), Report())
    if is_run(path):
        _take_run(found, path)
        if forgotten:
            found.take_nothing()
    else:
        for line, example_id, value in prediction_rows(path, task.kind, found.report):
            found.take(line, example_id, value)
            if found.hopeless:
                break
    found.check()
    pairs = tuple(
        _pair(task, example, found.values[example.id], leave_one_out) for example in task.examples
    )
    return Aligned(pairs, *_digests(pairs, leave_one_out))


class _Found:
    """Takes predictions one by one, and keeps what the task asks for: memory is the task's to bound."""

    def __init__(self, task: Task, where: str, report: Report) -> None:
        self.task = task
        self.where = where
        self.report = report
        self.values: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        self._strange: dict[str, int] = {}
        """Unknown id -> line."""
        self._hints = LISTED

    def take(self, line: int, example_id: str, value: Value | None) -> None:
        """Keep a prediction, or report what is wrong with it; None is reported already."""
        example = self.task.by_id.get(example_id)
        if example is None:
            self.note_strange(line, example_id)
        elif example_id in self._lines:
            first = self._lines[example_id]
            message = f"id {shown(example_id)} has a prediction on line {first} already"
            self.report.add(self.where, message, line)
        else:
            self._lines[example_id] = line
            if value is not None and self._fits(example, value, line):
                self.values[example_id] = _compact(value)

    def take_nothing(self) -> None:
        """Every query that was not taken has found nothing."""
        for example in self.task.examples:
            if example.id not in self._lines:
                self.take(0, example.id, ())

    def note_strange(self, line: int, example_id: str) -> None:
        """Remember an unknown id; the report about all of them comes in `check`."""
        self._strange.setdefault(example_id, line)
        self.report.cut |= self.hopeless

    @property
    def hopeless(self) -> bool:
        """Whether there are so many unknown ids that this is another task's file."""
        return len(self._strange) >= MANY

    def check(self) -> None:
        """Raise SubmissionError with every problem, in the order of the lines, if there is one."""
        missing = [example.id for example in self.task.examples if example.id not in self._lines]
        # Of a file that was not read to its end, or in which nothing was found, the first problem
        # says it all.
        if missing and not self.report.cut and (self._lines or self._strange or not self.report):
            self.report.add(self.where, self._missing(missing))
        self._report_strange(missing)
        self.report.problems.sort(key=lambda problem: problem.line or 0)
        self.report.raise_as(SubmissionError)

    def _missing(self, missing: list[str]) -> str:
        count = counted(len(missing), "example")
        way_out = self._way_out() if self.task.kind == "ranking" else ""
        return f"{count} of {self.task.id} without a prediction: {_listed(missing)}{way_out}"

    def _way_out(self) -> str:
        """How to say that a query finds nothing, which counts 0, and is not the same as missing."""
        if not is_run(Path(self.where)):
            return "; a query that finds nothing has [] as its prediction"
        name = self.task.id
        return (
            f"; a query that finds nothing has [] as its prediction in {name}.jsonl, which "
            f"'tldr-bench import trec FILE --task {name} --system NAME' writes"
        )

    def _report_strange(self, missing: list[str]) -> None:
        strange = list(self._strange.items())
        for example_id, line in strange[:LISTED]:
            near = _nearest(example_id, missing) or _nearest(example_id, self.task.by_id)
            hint = near or f": {self.task.id} has no such example"
            self.report.add(self.where, f"unknown id {shown(example_id)}{hint}", line)
        if rest := [example_id for example_id, _ in strange[LISTED:]]:
            count = counted(len(rest), "more prediction")
            least = "at least " if self.hopeless else ""
            self.report.add(self.where, f"{least}{count} for unknown ids: {_listed(rest)}")

    def _fits(self, example: Example, value: Value, line: int) -> bool:
        """Whether the prediction has the size (labels) or names documents (ranking) of its task."""
        problem = None
        if self.task.kind == "labels":
            problem = _label_problem(value, len(example.target))
        elif isinstance(value, tuple):
            strange = next((item for item in value if item not in self.task.pool), None)
            problem = None if strange is None else self.unknown_document(str(strange))
        if problem:
            self.report.add(self.where, f"example {shown(example.id)}: {problem}", line)
        return problem is None

    def unknown_document(self, name: str) -> str:
        """What to say of a document that is not in the pool; only the first few get a hint."""
        self._hints -= 1
        hint = _nearest(name, self.task.pool) if self._hints >= 0 else ""
        return f"ranks {shown(name)}, which is not among the task's {len(self.task.pool)} documents{hint}"


def _take_run(found: _Found, path: Path) -> None:
    """A TREC run: documents of a query by score, ties by id, both descending, as trec_eval does it.

    The rank column is not used, as trec_eval does not use it either.
    """
    scores: dict[str, dict[str, float]] = {}
    lines: dict[str, int] = {}
    for row in run_rows(path, found.task.kind, found.report):
        if found.hopeless:
            break
        if row.query not in found.task.by_id:
            found.note_strange(row.line, row.query)
            continue
        lines.setdefault(row.query, row.line)
        ranked = scores.setdefault(row.query, {})
        if row.document not in found.task.pool:
            found.report.add(found.where, found.unknown_document(row.document), row.line)
        elif row.document in ranked:
            message = f"ranks {shown(row.document)} twice for {shown(row.query)}"
            found.report.add(found.where, message, row.line)
        else:
            ranked[row.document] = row.score
    for query, ranked in scores.items():
        by_score = sorted(ranked, key=lambda name, ranked=ranked: (ranked[name], name))  # type: ignore[misc]
        found.take(lines[query], query, tuple(reversed(by_score)))


def _compact(value: Value) -> Value:
    """The same ranking with one object for each document, however many queries find it."""
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return tuple(sys.intern(str(item)) for item in value)
    return value


def _listed(ids: list[str]) -> str:
    return first_of([shown(each) for each in ids], LISTED)


def _nearest(name: str, known: Iterable[str]) -> str:
    """ ". Did you mean …?", or nothing. Compares with a few thousand ids of similar length at most."""
    name = name[:100]
    similar = (item for item in known if abs(len(item) - len(name)) <= 3)
    import difflib

    near = difflib.get_close_matches(name, islice(similar, 3000), n=1, cutoff=0.75)
    return f". Did you mean {shown(near[0])}?" if near else ""


def _label_problem(value: object, sentences: int) -> str | None:
    if isinstance(value, Selected):
        too_far = [position for position in value.positions if position >= sentences]
        return (
            f"selects sentence {too_far[0]}, but they are numbered 0 to {sentences - 1}"
            if too_far
            else None
        )
    length = len(value) if isinstance(value, tuple) else 0
    return None if length == sentences else f"expected {sentences} labels, got {length}"


def _pair(task: Task, example: Example, value: Any, leave_one_out: bool) -> Pair[Any, Any]:
    target: Any = example.target
    if isinstance(value, Selected):
        value = _as_labels(value, len(target))
    if leave_one_out and isinstance(value, str):
        # Without its copies; a reference that stands alone stays, for there is no other to judge by.
        target = tuple(text for text in target if text.split() != value.split()) or target
    if task.same:
        value = _one_of_equals(value, task.same)
    return Pair(example.id, value, target, example.source, example.references)


def _one_of_equals(ranking: Any, same: Mapping[str, str]) -> Ranking:
    """Documents with equal texts are one answer: the first of them that is ranked stands for all."""
    return tuple(dict.fromkeys(same.get(document, document) for document in ranking))


def _as_labels(selected: Selected, sentences: int) -> Labels:
    chosen = set(selected.positions)
    return tuple(int(position in chosen) for position in range(sentences))


_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _digests(pairs: tuple[Pair[Any, Any], ...], leave_one_out: bool) -> tuple[str, tuple[str, ...]]:
    """The digest of all predictions and those of their blocks; each is written as JSON once.

    The targets need not be in it: the task has them, and says with the prediction which is left out.
    """
    prefix = b"leave one out" if leave_one_out else b""
    whole, blocks = hashlib.sha256(prefix), []
    for start in range(0, len(pairs), BLOCK):
        rows = [[pair.id, pair.prediction] for pair in pairs[start : start + BLOCK]]
        content = "".join(_as_json(row) + "\n" for row in rows).encode()
        whole.update(content)
        blocks.append(hashlib.sha256(prefix + content).hexdigest())
    return "sha256:" + whole.hexdigest(), tuple(blocks) if len(blocks) > 1 else ()
