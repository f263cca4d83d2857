"""What `validate`, `score`, `run` and CI all hold a submission to: one set of rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tldr_bench.align import Aligned, align_file
from tldr_bench.errors import (
    MissingData,
    Problem,
    Report,
    SubmissionError,
    TldrBenchError,
    path_name,
)
from tldr_bench.submission import (
    Submission,
    import_hint,
    load_submission,
    of_no_task,
    prediction_files,
    task_of,
)
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

Look = Callable[[Task, Path, Aligned], None]
"""Called with each file that has no problems, to look at what it says."""


def validate_path(workspace: Workspace, path: Path, look: Look = lambda *_: None) -> list[Problem]:
    """Every problem of a submission folder, or of one prediction file inside or outside of one."""
    if path.is_dir():
        return validate_folder(workspace, path, look)
    task_id = task_of(path)
    if not os.path.lexists(path):
        return [Problem(path_name(path), None, "there is no such file or folder")]
    if task_id is None:
        expected = (
            "expected a submission folder or a file named <task>.jsonl, .jsonl.gz, .run or .run.gz"
        )
        return [Problem(path_name(path), None, expected + import_hint(path.name))]
    return _file_problems(workspace, task_id, path, look, leave_one_out=False)


def validate_folder(
    workspace: Workspace, folder: Path, look: Look = lambda *_: None
) -> list[Problem]:
    """Every problem of a submission folder: name, metadata, and each prediction file."""
    if above := _above_submissions(folder):
        return [above]
    try:
        submission = load_submission(folder)
    except SubmissionError as error:
        # Go on to the predictions all the same: everything there is to mend, at once.
        files = [] if folder.is_symlink() else prediction_files(folder, Report())
        return [*error.problems, *_all_files(workspace, dict(files), look)]
    return [*_no_files(submission), *_all_files(workspace, submission.files, look, submission)]


def _above_submissions(folder: Path) -> Problem | None:
    """What to say of a folder that is no submission but holds submissions, or a board."""
    if os.path.lexists(folder / "submission.yaml") or folder.is_symlink():
        return None
    for inside in (folder, folder / "submissions"):
        names = sorted(path_name(path.parent) for path in inside.glob("*/submission.yaml"))
        if names:
            message = (
                f"holds submissions and is none: name those to check, such as {names[0]}, "
                f"or all of them as {path_name(inside)}/*/"
            )
            return Problem(path_name(folder), None, message)
    return None


def _no_files(submission: Submission) -> list[Problem]:
    if submission.files:
        return []
    message = "has no predictions: expected a file named <task>.jsonl for at least one task"
    return [Problem(path_name(submission.folder), None, message)]


def _all_files(
    workspace: Workspace,
    files: Mapping[str, Path],
    look: Look,
    submission: Submission | None = None,
) -> list[Problem]:
    human = submission is not None and submission.spec.type == "human"
    return [
        problem
        for task_id, path in files.items()
        for problem in _file_problems(workspace, task_id, path, look, leave_one_out=human)
    ]


def _file_problems(
    workspace: Workspace, task_id: str, path: Path, look: Look, *, leave_one_out: bool
) -> list[Problem]:
    folders = workspace.task_folders()
    if task_id not in folders:
        return [of_no_task(path, task_id, folders)]
    try:
        task = workspace.task(task_id)
        look(task, path, align_file(task, path, leave_one_out=leave_one_out))
    except MissingData as error:
        return [Problem(path_name(path), None, f"cannot be checked: {error}")]
    except TldrBenchError as error:
        return list(error.problems) or [Problem(path_name(path), None, str(error))]
    return []
