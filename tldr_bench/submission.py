"""A submission: what submission.yaml says of a system, and what the system said of each example.

Everything here is a stranger's: read with bounds, never followed through links, never believed.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tldr_bench.errors import Problem, Report, SubmissionError, path_name, shown, unknown
from tldr_bench.files import iter_jsonl, reason
from tldr_bench.kinds import KindName, Labels, Ranking
from tldr_bench.records import Field, Record, parse_record
from tldr_bench.task import is_labels, name_problem
from tldr_bench.yaml_text import read_yaml

SystemType = Literal["extractive", "abstractive", "llm", "human", "baseline"]
WEB_ADDRESS = r"^https?://[^\s\x00-\x1f\x7f<>\"'`\\]+$"
"""Without a bound on its length, which costs 30 ms to compile: `max_length` bounds it."""

Text = str | None
Free = str | int | float | bool | dict[str, Any] | list[Any] | None
"""Free-form: a line of text or a mapping; shown, never interpreted."""


def _address() -> Any:
    return Field(
        default=None, pattern=WEB_ADDRESS, max_length=2000, description="a web address (https://…)"
    )


class SubmissionFile(Record):
    """submission.yaml."""

    name: str = Field(pattern=r"\S", max_length=200, description="some text")
    version: Text = Field(default=None, max_length=100)
    date: datetime.date | None = None
    authors: list[str] | str | None = None
    organization: Text = Field(default=None, max_length=200)
    contact: Text = Field(default=None, max_length=200)
    paper_url: Text = _address()
    code_url: Text = _address()
    model_url: Text = _address()
    model_id: Text = Field(default=None, max_length=200)
    model_revision: Text = Field(default=None, max_length=200)
    license: Text = Field(default=None, max_length=200)
    parameters: Free = None
    open_weights: bool | None = None
    type: SystemType | None = None
    input: Literal["abstract", "aic", "fulltext", "title"] | None = None
    trained_on: Literal["none", "train", "dev", "test", "unknown"] = "unknown"
    training_datasets: list[str] | str | None = None
    prompt: Text = None
    decoding: Free = None
    postprocessing: Free = None
    runs: int | None = Field(default=None, ge=1)
    seed: int | None = None
    notes: Text = None


@dataclass(frozen=True)
class Submission:
    """A system: its description, and where its predictions lie."""

    system: str
    folder: Path
    spec: SubmissionFile
    files: dict[str, Path]
    """Task id -> prediction file."""


@dataclass(frozen=True, slots=True)
class Selected:
    """Labels given as the positions (from 0) of the chosen sentences."""

    positions: tuple[int, ...]


Value = str | Labels | Selected | Ranking
"""What a system said of one example."""


ENDINGS = (".jsonl", ".jsonl.gz", ".run", ".run.gz")
_MEANT = re.compile(r"\.(jsonl|jsonlines|ndjson|run)(\.(gz|gzip|bz2|xz|zst|zip))?\Z", re.IGNORECASE)


def task_of(file: Path) -> str | None:
    """The task that a prediction file is for, by its name: `mini-tldr.jsonl.gz` -> `mini-tldr`."""
    return next((file.name.removesuffix(end) for end in ENDINGS if file.name.endswith(end)), None)


def is_run(file: Path) -> bool:
    """Whether this is a TREC run rather than JSON Lines, by its name."""
    return file.name.removesuffix(".gz").endswith(".run")


def load_submission(folder: Path) -> Submission:
    """The submission in this folder; its predictions are read later, task by task.

    Raises SubmissionError with every problem of name, metadata and files.
    """
    report = Report()
    name = Path(os.path.abspath(folder)).name  # noqa: PTH100 - `resolve` would follow links
    if folder.is_symlink():
        report.add(path_name(folder), "is a link; a submission is a folder of its own")
        report.raise_as(SubmissionError)
    if problem := name_problem(name):
        report.add(path_name(folder), problem)
    spec = _read_spec(folder, report)
    files = _prediction_files(folder, report)
    report.raise_as(SubmissionError)
    return Submission(name, folder, spec, files)


def _read_spec(folder: Path, report: Report) -> SubmissionFile:
    path = folder / "submission.yaml"
    where = path_name(path)
    try:
        if not os.path.lexists(path):
            message = (
                "is missing: a submission is a folder with submission.yaml and its predictions"
            )
            raise SubmissionError([Problem(where, None, message)])
        value, lines = read_yaml(path, SubmissionError, follow_links=False)
        return parse_record(SubmissionFile, value, where, lines, SubmissionError)
    except SubmissionError as error:
        report.problems.extend(error.problems)
        return SubmissionFile(name="?")


def prediction_files(folder: Path, report: Report) -> list[tuple[str, Path]]:
    """Task id and path of every prediction file in a folder, sorted by name."""
    return [(task, path) for path in _entries(folder, report) if (task := task_of(path))]


def _entries(folder: Path, report: Report) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        report.add(path_name(folder), f"cannot be read: {reason(error)}")
        return []


def _prediction_files(folder: Path, report: Report) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for task_id, path in prediction_files(folder, report):
        if task_id in files:
            message = f"there is {files[task_id].name} for the same task already; keep one"
            report.add(path_name(path), message)
        files[task_id] = path
    _report_strays(folder, report)
    return files


def _report_strays(folder: Path, report: Report) -> None:
    """Links, and files that were meant for predictions but are named as none: neither is ever read."""
    for path in _entries(folder, Report()):
        # Those are looked at where they are read, or written.
        if task_of(path) or path.name in ("submission.yaml", "results"):
            continue
        if path.is_symlink():
            report.add(path_name(path), "is a link; a submission is made of regular files only")
        elif _MEANT.search(path.name):
            expected = ", ".join(f"<task>{ending}" for ending in ENDINGS)
            report.add(path_name(path), f"is not read: expected a name such as {expected}")


# Predictions -----------------------------------------------------------------------------------


def prediction_rows(
    path: Path, kind: KindName, report: Report
) -> Iterator[tuple[int, str, Value | None]]:
    """Line, id and value of every prediction, as they come; what is not as promised is reported.

    A value that is reported already is None; a line without a usable id is left out.
    """
    where = path_name(path)
    line = 0
    for line, row in iter_jsonl(path, report, follow_links=False):
        example_id = _row_id(row, where, line, report)
        value = _row_value(row, kind, where, line, report)
        if example_id is not None:
            yield line, example_id, value
    if not line and not report:
        report.add(where, "is empty: expected one JSON object a line")


def _row_id(row: dict[str, Any], where: str, line: int, report: Report) -> str | None:
    value = row.get("id")
    if isinstance(value, str) and value:
        return value
    if "id" not in row:
        report.add(where, "has no 'id'; rows are matched by id, never by position", line)
    else:
        report.add(where, f"expected a non-empty string, got {shown(value)}", line, "id")
    return None


_KEYS: dict[KindName, tuple[str, ...]] = {
    "summary": ("id", "prediction"),
    "labels": ("id", "prediction", "selected"),
    "ranking": ("id", "prediction"),
}


def _row_value(
    row: dict[str, Any], kind: KindName, where: str, line: int, report: Report
) -> Value | None:
    strange = [key for key in row if key not in _KEYS[kind]]
    answered = any(key in row for key in _KEYS[kind] if key != "id")
    meant = "prediction" if len(strange) == 1 and not answered else None
    for key in strange:
        report.add(where, partial(unknown, "key", key, _KEYS[kind], meant), line)
    if kind == "labels" and "selected" in row:
        if "prediction" in row:
            report.add(where, "has both 'prediction' and 'selected'; give one", line)
        return _checked(row["selected"], _selected, where, line, "selected", report)
    if "prediction" not in row:
        if not strange:
            report.add(where, "has no 'prediction'", line)
        return None
    return _checked(row["prediction"], _PARSERS[kind], where, line, "prediction", report)


def _checked(
    value: Any,
    parse: Callable[[Any], Value],
    where: str,
    line: int,
    field: str,
    report: Report,
) -> Value | None:
    try:
        return parse(value)
    except ValueError as error:
        report.add(where, str(error), line, field)
        return None


def _summary(value: Any) -> str:
    if isinstance(value, str):
        return value
    hint = '; an empty prediction is ""' if value is None else ""
    raise ValueError(f"expected a text, got {shown(value)}{hint}")


def _labels(value: Any) -> Labels:
    if is_labels(value):
        return tuple(value)
    raise ValueError(f"expected a list of 0 and 1, one per sentence, got {shown(value)}")


def _selected(value: Any) -> Selected:
    good = isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
    if good and len(set(value)) == len(value):
        return Selected(tuple(value))
    raise ValueError(f"expected distinct sentence numbers counted from 0, got {shown(value)}")


def _ranking(value: Any) -> Ranking:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"expected a list of document ids, best first, got {shown(value)}")
    if len(set(value)) < len(value):
        raise ValueError(f"ranks {shown(_first_repeated(value))} twice")
    return tuple(value)


def _first_repeated(items: list[str]) -> str:
    seen: set[str] = set()
    return next(item for item in items if item in seen or seen.add(item))  # type: ignore[func-returns-value]


_PARSERS: dict[KindName, Callable[[Any], Value]] = {
    "summary": _summary,
    "labels": _labels,
    "ranking": _ranking,
}
