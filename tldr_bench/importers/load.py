"""import_file: a foreign file -> a prediction file for a task, or one report of why not."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tldr_bench.align import Aligned, align_file
from tldr_bench.errors import Problem, Report, SubmissionError, path_name, shown, unknown
from tldr_bench.files import file_sha256
from tldr_bench.importers import cleaning, gem, trec
from tldr_bench.importers.foreign import Foreign, Options, Output
from tldr_bench.importers.helm import file_of
from tldr_bench.importers.matching import Match, match
from tldr_bench.json_text import Unreadable
from tldr_bench.kinds import KindName
from tldr_bench.tables import plain
from tldr_bench.task import Task
from tldr_bench.writing import write_atomic

READERS: Mapping[str, str] = {
    "lines": "lines:read",
    "csv": "table:read_csv",
    "tsv": "table:read_tsv",
    "trec": "trec:read",
    "gem": "gem:read",
    "lm-eval": "lm_eval:read",
    "helm": "helm:read",
    "inspect": "inspect_log:read",
    "lighteval": "lighteval:read",
    "summeval": "summeval:read",
}
"""Format -> module:function. A new format is a module and one line here."""

MISPLACED = ("misplaced", "other-split", "sorted")
"""Suspicions for which a file without ids is refused."""


@dataclass(frozen=True)
class Imported:
    """What came of a foreign file."""

    predictions: str
    """The prediction file: one JSON object a line, in the task's order."""
    record: dict[str, Any]
    """How it came about, for submission.yaml."""
    model: str | None
    """The model that the file names."""


def import_file(
    task: Task,
    form: str,
    path: Path,
    options: Options | None = None,
    clean: Sequence[str] = (),
) -> Imported:
    """The predictions in a file of another tool.

    Raises SubmissionError with every problem: what cannot be read, what belongs to no example or to
    two, which examples are left without an output, and outputs without ids that seem to be in another
    order than the task's.
    """
    cleaning.check(clean)
    options = options or Options()
    report = Report()
    where = path_name(path)
    foreign = _read(task, form, path, options, report)
    report.raise_as(SubmissionError)
    matched, foreign = _matched(task, foreign, options, where, report)
    report.raise_as(SubmissionError)
    outputs = [matched.outputs[example.id] for example in task.examples]
    values, changed = _values(task.kind, outputs, clean, where, report)
    report.raise_as(SubmissionError)
    rows = [
        {"id": example.id, "prediction": value}
        for example, value in zip(task.examples, values, strict=True)
    ]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    aligned = _aligned(task, content, outputs, where)
    if foreign.positional:
        _refuse_misplaced(task, aligned, where)
    record = _record(form, path, foreign, matched, changed, len(task.examples))
    return Imported(content, record, foreign.model)


def _read(task: Task, form: str, path: Path, options: Options, report: Report) -> Foreign:
    if form not in READERS:
        raise SubmissionError(unknown("format", form, READERS))
    if not path.exists():
        raise SubmissionError([Problem(path_name(path), None, "there is no such file or folder")])
    if form == "trec":
        return trec.read(path, task)
    module, _, function = READERS[form].partition(":")
    reader = getattr(importlib.import_module(f"tldr_bench.importers.{module}"), function)
    foreign: Foreign = reader(path, options, report)
    return foreign


def _matched(
    task: Task, foreign: Foreign, options: Options, where: str, report: Report
) -> tuple[Match, Foreign]:
    """Every example's output; by position only where a file has nothing else."""
    if not foreign.positional:
        trial = Report()
        found = match(task, foreign, options.id_field, where, trial)
        ordered = gem.in_order(foreign, len(task.examples)) if trial else None
        if ordered is None:
            report.problems += trial.problems
            return found, foreign
        foreign = ordered
    if len(foreign.outputs) != len(task.examples):
        blank = sum(not str(output.value).strip() for output in foreign.outputs)
        also = f" ({blank} of them blank)" if blank else ""
        report.add(
            where,
            f"has {len(foreign.outputs)} outputs{also}, {task.id} has {len(task.examples)} examples: "
            "a file without ids must have exactly one for each",
        )
        return Match(""), foreign
    ids = [example.id for example in task.examples]
    return Match(
        "the order of the task's examples", dict(zip(ids, foreign.outputs, strict=True))
    ), foreign


# Values ------------------------------------------------------------------------------------------


def _values(
    kind: KindName, outputs: Sequence[Output], clean: Sequence[str], where: str, report: Report
) -> tuple[list[Any], dict[str, int]]:
    """The predictions, cleaned if they are texts, and how many each step of cleaning changed."""
    for output in outputs:
        if not isinstance(output.value, str) and (
            kind == "summary" or not isinstance(output.value, list)
        ):
            report.add(where, f"{output.place}: expected a text, got {shown(output.value)}")
        elif isinstance(output.value, str) and not _is_unicode(output.value):
            report.add(where, f"{output.place} holds half of a surrogate pair")
    values = [output.value for output in outputs]
    if report or kind == "summary":
        return cleaning.clean(values, clean) if not report else (values, {})
    if clean:
        raise SubmissionError(f"--clean is for summaries; this is a {kind} task")
    return [_listed(output, where, report) for output in outputs], {}


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _listed(output: Output, where: str, report: Report) -> Any:
    """Labels or a ranking, which most formats can only hold as a JSON list in a text."""
    if isinstance(output.value, list):
        return output.value
    try:
        value = json.loads(output.value)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        message = f"{output.place}: expected a list such as [0, 1, 0], got {shown(output.value)}"
        report.add(where, message)
    return value


# Checks ------------------------------------------------------------------------------------------


def _aligned(task: Task, content: str, outputs: Sequence[Output], where: str) -> Aligned:
    """The predictions as they would be scored, by the rules that hold for every submission."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{task.id}.jsonl"
        write_atomic(path, content, durable=False)
        try:
            return align_file(task, path)
        except SubmissionError as error:
            raise SubmissionError(
                [_located(problem, outputs, where) for problem in error.problems]
            ) from None


def _located(problem: Problem, outputs: Sequence[Output], where: str) -> Problem:
    """A problem of the written file as one of the file that was read."""
    if problem.line is None or problem.line > len(outputs):
        return Problem(where, None, problem.message, problem.field)
    return Problem(where, None, f"{outputs[problem.line - 1].place}: {problem.message}")


def _refuse_misplaced(task: Task, aligned: Aligned, where: str) -> None:
    from tldr_bench.analysis.forensics import suspicions

    report = Report()
    for suspicion in suspicions(task, aligned):
        if suspicion.kind in MISPLACED:
            report.add(where, f"the order does not fit {task.id}: {suspicion.message}")
    report.raise_as(SubmissionError)


def _record(
    form: str,
    path: Path,
    foreign: Foreign,
    matched: Match,
    changed: Mapping[str, int],
    examples: int,
) -> dict[str, Any]:
    """What submission.yaml says of this import."""
    try:
        digest = file_sha256(file_of(path))
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(path), None, str(error))]) from None
    record: dict[str, Any] = {
        "format": form,
        "tool": f"{foreign.tool} {foreign.version}" if foreign.version else foreign.tool,
        "file": path.name,
        "sha256": digest,
        "matched_by": matched.way,
        **({"filled": list(foreign.filled)} if foreign.filled else {}),
        "dropped": [*foreign.dropped, *matched.dropped] or "nothing",
        "cleaned": [f"{step}: {number} of {examples} outputs" for step, number in changed.items()]
        or "nothing",
    }
    return {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    return [plain(item) for item in value] if isinstance(value, list) else plain(value)
