"""A submission: a folder with what submission.yaml says of a system, and its prediction files.

Everything here is a stranger's: read with bounds, never followed through links, never believed.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tldr_bench.errors import Problem, Report, SubmissionError, path_name, unknown
from tldr_bench.files import reason
from tldr_bench.records import Field, Record, parse_record
from tldr_bench.task import name_problem
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


ENDINGS = (".jsonl", ".jsonl.gz", ".run", ".run.gz")
FILES = f"submission.yaml, <task>{', <task>'.join(ENDINGS)}, README.md or results/<task>.json"
"""All that a submission's folder holds, in words."""
_TASK = "[a-z0-9][a-z0-9._-]{0,63}"
_FILE = re.compile(
    rf"(submission\.yaml|README\.md|{_TASK}({'|'.join(map(re.escape, ENDINGS))})|results/{_TASK}\.json)"
)


def belongs(path: str) -> bool:
    """Whether a path below a submission's folder is, by its name, one of its files.

    >>> belongs("results/mini-tldr.json"), belongs("mini-tldr.json")
    (True, False)
    """
    return bool(_FILE.fullmatch(path))


def task_of(file: Path) -> str | None:
    """The task that a prediction file is for, by its name: `mini-tldr.jsonl.gz` -> `mini-tldr`."""
    return _task_of(file.name)


def stray(name: str) -> str:
    """What to say of a file that is, by its name, none of a submission's."""
    return f"is none of the files of a submission: {FILES}{import_hint(name)}"


def import_hint(name: str) -> str:
    """What to do with a table, of which a submission has none; nothing for other files."""
    form = name.rpartition(".")[2].lower()
    if form not in ("csv", "tsv"):
        return ""
    return f"; move it elsewhere and bring it in with 'tldr-bench import {form}'"


def _task_of(name: str) -> str | None:
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end)), None)


def is_run(file: Path) -> bool:
    """Whether this is a TREC run rather than JSON Lines, by its name."""
    return file.name.removesuffix(".gz").endswith(".run")


def lacks(submission: Submission, task_id: str) -> Problem:
    """What to say of a submission without a file for a task."""
    message = f"has no predictions for {task_id}: expected {task_id}.jsonl"
    return Problem(path_name(submission.folder), None, message)


def of_no_task(path: Path, task_id: str, known: Iterable[str]) -> Problem:
    """What to say of a prediction file whose task there is not."""
    return Problem(
        path_name(path), None, f"is named after no task: {unknown('task', task_id, known)}"
    )


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
    return _predictions_among(folder, _listed(folder, report))


def _predictions_among(folder: Path, entries: Sequence[Entry]) -> list[tuple[str, Path]]:
    return [(task, folder / name) for name, _ in entries if (task := _task_of(name))]


def _prediction_files(folder: Path, report: Report) -> dict[str, Path]:
    files: dict[str, Path] = {}
    entries = _listed(folder, report)
    for task_id, path in _predictions_among(folder, entries):
        if task_id in files:
            message = f"there is {files[task_id].name} for the same task already; keep one"
            report.add(path_name(path), message)
        files[task_id] = path
    _report_strays(folder, entries, report)
    return files


def _report_strays(folder: Path, entries: Sequence[Entry], report: Report) -> None:
    """Links, and files that are none of a submission's: neither is ever read.

    Hidden ones are left alone: they are the machine's own, and `guard` keeps them out of a board.
    """
    for name, is_link in [*entries, *_results_among(folder, entries)]:
        if name == "submission.yaml" or ("/" not in name and _task_of(name)):
            continue  # looked at where it is read
        if is_link:
            own = "results are written into the submission's own folder only"
            only = own if name == "results" else "a submission is made of regular files only"
            report.add(path_name(folder / name), f"is a link; {only}")
        elif not belongs(name) and name != "results" and name.rpartition("/")[2][0] != ".":
            report.add(path_name(folder / name), stray(name))


Entry = tuple[str, bool]
"""The name of something in a folder, and whether it is a link."""


def _results_among(folder: Path, entries: Sequence[Entry]) -> list[Entry]:
    """What lies in results/; what cannot be listed there is told where it is written."""
    if ("results", False) not in entries:
        return []
    found = _listed(folder / "results", Report())
    return [(f"results/{name}", is_link) for name, is_link in found]


def _listed(folder: Path, report: Report) -> list[Entry]:
    """What lies in a folder, sorted by name."""
    try:
        with os.scandir(folder) as found:
            return sorted((entry.name, entry.is_symlink()) for entry in found)
    except OSError as error:
        report.add(path_name(folder), f"cannot be read: {reason(error)}")
        return []
