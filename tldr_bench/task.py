"""A task: what task.yaml says, and the examples that it is about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_bench.collector import paused
from tldr_bench.data import NumberedRow, Source, read_rows
from tldr_bench.errors import DataError, Problem, Report, TaskError, path_name, unknown
from tldr_bench.kinds import KindName, Labels, References, Relevance
from tldr_bench.records import Field, Record, parse_record
from tldr_bench.rows import Example as Example
from tldr_bench.rows import Fields as Fields
from tldr_bench.rows import RowReader
from tldr_bench.rows import is_labels as is_labels
from tldr_bench.transforms import TransformName, group_column, transformed
from tldr_bench.yaml_text import Lines, read_yaml

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Metric

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""Names of tasks and systems: they become folders, files and web addresses."""
RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
"""Names that mean a device on Windows, whatever ending they have."""


class TaskFile(Record):
    """task.yaml."""

    name: str = Field(min_length=1, max_length=200)
    kind: KindName
    description: str = ""
    data: Source
    fields: Fields = Fields()
    transform: TransformName | None = None
    """What is done with the rows before they become examples."""
    splits: list[str] = Field(default_factory=list)
    """Tasks with the other splits of the same data: where near twins of our papers may be."""
    metrics: dict[str, dict[str, Any] | None] = Field(min_length=1)
    primary: str
    license: str = ""
    homepage: str = Field(
        default="", pattern=r"^(https://\S+)?$", description="an https:// address"
    )
    citation: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Task:
    """A task with its examples, verified and parsed."""

    id: str
    folder: Path
    spec: TaskFile
    examples: tuple[Example, ...]
    pool: Mapping[str, str] = field(default_factory=dict)
    """Document id -> text: what a ranking task chooses from."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Document id -> the first document of the same text, for repeated texts: they are one answer."""

    @property
    def kind(self) -> KindName:
        return self.spec.kind

    @cached_property
    def by_id(self) -> Mapping[str, Example]:
        """Examples by id, in the order of the data."""
        return {example.id: example for example in self.examples}

    @cached_property
    def groups(self) -> tuple[int, ...] | None:
        """A number for the group of each example, from 0 as they come; None where no two share one.

        Whole groups are resampled (see `stats.resample`).
        """
        if not any(example.group for example in self.examples):
            return None
        return _together(example.group or example.id for example in self.examples)

    def groups_at(self, places: Iterable[int]) -> tuple[int, ...] | None:
        """The same for the examples at these places, as a task of their own would have them."""
        groups = self.groups
        return None if groups is None else _together(groups[place] for place in places)

    @cached_property
    def version(self) -> str:
        """SHA-256 over kind and examples: it moves when, and only when, a score or its interval could."""
        digest = hashlib.sha256(self.kind.encode())
        for example in self.examples:
            fields = [example.id, example.source, _plain(example.target)]
            fields += [example.references] if example.references else []
            fields += [{"group": example.group}] if example.group else []
            digest.update(json.dumps(fields, ensure_ascii=False).encode())
        for document in self.pool.items():
            digest.update(json.dumps(document, ensure_ascii=False).encode())
        return "sha256:" + digest.hexdigest()

    @cached_property
    def metrics(self) -> Mapping[str, Metric[Any, Any]]:
        """The metrics by the name in front of their scores. Raises TaskError."""
        return build_metrics(self.id, self.folder, self.spec)


def numbered(names: Iterable[Hashable]) -> tuple[int, ...]:
    """A number for each name, from 0 in the order in which they first come."""
    known: dict[Hashable, int] = {}
    return tuple(known.setdefault(name, len(known)) for name in names)


def _together(names: Iterable[Hashable]) -> tuple[int, ...] | None:
    """Their numbers; None where all names differ, so that each stands alone."""
    numbers = numbered(names)
    return numbers if len(set(numbers)) < len(numbers) else None


def _plain(target: References | Labels | Relevance) -> Any:
    return sorted(target.items()) if isinstance(target, Mapping) else target


# task.yaml -------------------------------------------------------------------------------------


def read_task_file(folder: Path) -> tuple[TaskFile, Lines]:
    """What task.yaml in this folder says, and on which line; metrics are not built yet."""
    path = folder / "task.yaml"
    if problem := name_problem(folder.name):
        raise TaskError([Problem(path_name(folder), None, problem)])
    value, lines = read_yaml(path, TaskError)
    return parse_record(TaskFile, value, path_name(path), lines, TaskError), lines


def name_problem(name: str) -> str | None:
    """What is wrong with the name of a task's or system's folder, if anything."""
    if not re.fullmatch(NAME_PATTERN, name):
        return (
            "expected a folder name of up to 64 of a-z, 0-9, '.', '_', '-', a letter or digit first"
        )
    if name.partition(".")[0] in RESERVED or name.endswith("."):
        return "has a name that Windows does not allow; choose another"
    return None


def build_metrics(task_id: str, folder: Path, spec: TaskFile) -> Mapping[str, Metric[Any, Any]]:
    """The task's metrics with their parameters, checked: names, values, kind, primary score."""
    from tldr_bench.metrics import build

    path = folder / "task.yaml"
    where = path_name(path)
    report = Report()
    metrics: dict[str, Metric[Any, Any]] = {}
    for name, parameters in spec.metrics.items():
        given = _from_here(parameters or {}, folder)
        metric = build(name, given, where, f"metrics.{name}", report)
        if metric is not None and metric.kind != spec.kind:
            message = f"measures {metric.kind} tasks; {task_id} is a {spec.kind} task"
            report.add(where, message, field=f"metrics.{name}")
        elif metric is not None:
            metrics[name] = metric
    if problem := _primary_problem(spec, metrics):
        report.add(where, problem, field="primary")
    _with_lines(report, path).raise_as(TaskError)
    return metrics


def _from_here(parameters: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """A path that begins with a dot starts at the task's folder, wherever the command is run."""
    return {
        name: str((folder / value).absolute())
        if isinstance(value, str) and value.startswith(("./", "../"))
        else value
        for name, value in parameters.items()
    }


def _primary_problem(spec: TaskFile, metrics: Mapping[str, Metric[Any, Any]]) -> str | None:
    name, _, score = spec.primary.partition(".")
    if name in spec.metrics and name not in metrics:
        return None  # that metric has a problem of its own, which is reported already
    if name in metrics and score in metrics[name].score_names:
        describes = metrics[name].direction == "none"
        return f"{spec.primary} only describes: it ranks nobody" if describes else None
    scores = [f"{key}.{score}" for key, item in metrics.items() for score in item.score_names]
    return unknown("score", spec.primary, scores)


def _with_lines(report: Report, path: Path) -> Report:
    """Look up the lines of the fields with problems; only an unhappy author waits for it."""
    if not report or not path.is_file():
        return report
    _, lines = read_yaml(path, TaskError)
    located = Report()
    for problem in report.problems:
        keys = tuple((problem.field or "").split("."))
        line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
        located.add(problem.where, problem.message, line, problem.field)
    return located


# Examples --------------------------------------------------------------------------------------


def load_task(folder: Path) -> Task:
    """The task in this folder with its examples. Raises TaskError or DataError."""
    spec, _ = read_task_file(folder)
    with paused():
        rows = read_rows(folder.name, spec.data, folder)
        return make_task(folder.name, folder, spec, rows)


def make_task(task_id: str, folder: Path, spec: TaskFile, rows: Iterable[NumberedRow]) -> Task:
    """A task from rows. Raises DataError with every row that is not as promised."""
    where = spec.data.path or spec.data.hub or task_id
    group = group_column(spec.transform, spec.fields)
    reader = RowReader(where, spec.kind, spec.fields, group)
    rows = transformed(spec.transform, rows, spec.fields, reader.where, reader.report)
    examples = tuple(filter(None, (reader.example(line, row) for line, row in rows)))
    if not examples and not reader.report:
        reader.report.add(reader.where, _no_examples(spec))
    reader.check_relevant(examples)
    reader.report.raise_as(DataError)
    if spec.kind == "ranking":
        return _ranking_task(task_id, folder, spec, examples, reader.documents)
    return Task(task_id, folder, spec, examples)


def _ranking_task(
    task_id: str,
    folder: Path,
    spec: TaskFile,
    examples: tuple[Example, ...],
    documents: Mapping[str, str],
) -> Task:
    """Every relevant document is in the pool; equal texts are one answer, whichever is found."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for document_id, text in documents.items():
        known = first.setdefault(" ".join(text.split()), document_id)
        if known != document_id:
            same[document_id] = known
    if same:
        examples = tuple(replace(item, target=_merged(item.target, same)) for item in examples)
    return Task(task_id, folder, spec, examples, documents, same)


def _merged(relevance: Any, same: Mapping[str, str]) -> Relevance:
    """Relevance by the first document of each text; of several gains the highest."""
    merged: dict[str, int] = {}
    for document_id, gain in relevance.items():
        document_id = same.get(document_id, document_id)
        merged[document_id] = max(gain, merged.get(document_id, gain))
    return merged


def _no_examples(spec: TaskFile) -> str:
    if spec.kind == "ranking":
        return f"holds no queries: no row has a column '{spec.fields.query}'"
    return "holds no examples"
