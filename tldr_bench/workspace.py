"""A workspace: the folder with `tasks/`, `submissions/` and `site/` that tldr-bench works on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.errors import (
    OutputError,
    Problem,
    SubmissionError,
    UsageError,
    path_name,
    unknown,
)
from tldr_bench.files import reason
from tldr_bench.result import Result
from tldr_bench.submission import Submission, load_submission
from tldr_bench.task import Task, TaskFile, load_task, read_task_file

PACKAGE = Path(__file__).parent


def builtin(part: str) -> Path:
    """The `tasks` or `site` that tldr-bench ships: inside the wheel, or beside the package in a clone."""
    inside = PACKAGE / "builtin" / part
    return inside if inside.is_dir() else PACKAGE.parent / part


@dataclass(frozen=True)
class Workspace:
    """Finds tasks and submissions by name; the workspace's own tasks come before the built-in ones."""

    root: Path

    @property
    def submissions(self) -> Path:
        return self.root / "submissions"

    @property
    def site(self) -> Path:
        """The workspace's own site source; what it lacks is taken from the built-in one."""
        return self.root / "site"

    def task_folders(self) -> dict[str, Path]:
        """Task id -> folder, sorted by id; a folder without task.yaml holds only data."""
        found: dict[str, Path] = {}
        for tasks in (builtin("tasks"), self.root / "tasks"):
            found.update({path.parent.name: path.parent for path in tasks.glob("*/task.yaml")})
        if (self.root / "task.yaml").is_file():  # a task's folder is a workspace of that one task
            found[self.root.resolve().name] = self.root.resolve()
        return dict(sorted(found.items()))

    def task_folder(self, task_id: str) -> Path:
        """The folder of a task. Raises UsageError, naming the nearest known one."""
        folders = self.task_folders()
        if task_id not in folders:
            raise UsageError(unknown("task", task_id, folders))
        return folders[task_id]

    def task_file(self, task_id: str) -> TaskFile:
        """What a task's task.yaml says; its data need not be here."""
        return read_task_file(self.task_folder(task_id))[0]

    def task(self, task_id: str) -> Task:
        """A task with its examples, verified. Raises TaskError or DataError."""
        return load_task(self.task_folder(task_id))

    def systems(self) -> list[str]:
        """The names of the submissions' folders, sorted."""
        if not self.submissions.is_dir():
            return []
        try:
            with os.scandir(self.submissions) as found:
                folders = [entry.name for entry in found if entry.is_dir()]
        except OSError as error:
            problem = Problem(path_name(self.submissions), None, f"cannot be read: {reason(error)}")
            raise SubmissionError([problem]) from None
        return sorted(name for name in folders if not name.startswith("."))

    def system_name(self, typed: str) -> str:
        """The system that somebody means by its name or by its folder, as Tab completes it.

        The folder's path begins here or at the root. What is no such path is given back as it is.
        """
        if Path(typed).name == typed:
            return typed
        home = os.path.realpath(self.submissions)
        for start in (Path.cwd(), self.root):
            folder = Path(os.path.abspath(start / typed))  # noqa: PTH100 - `resolve` would follow its link
            if os.path.realpath(folder.parent) == home:
                return folder.name
        return typed

    def submission(self, system: str) -> Submission:
        """A submission by name. Raises UsageError for an unknown one, SubmissionError for a bad one."""
        folder = self.submissions / system
        # Asked of the disk by this one name: a board may have thousands of others.
        if folder.name != system or system.startswith(".") or not folder.is_dir():
            raise UsageError(unknown("submission", system, self.systems()))
        return load_submission(folder)

    def result_path(self, system: str, task_id: str) -> Path:
        """Where a result is kept."""
        return self.submissions / system / "results" / f"{task_id}.json"

    def write_result(self, result: Result) -> bool:
        """Write a result to its place; False when it stands there already. Raises OutputError."""
        path = self.result_path(result.system, result.task)
        if path.parent.is_symlink():  # a submission's folder is a stranger's: it may point anywhere
            message = "is a link; results are written into the submission's own folder only"
            raise OutputError([Problem(path_name(path.parent), None, message)])
        from tldr_bench.writing import write_atomic  # `validate` has no use for it

        return write_atomic(path, result.to_json())


def workspace_of(task: Task) -> Workspace:
    """The workspace that a task's folder lies in: there its other splits are found by their names."""
    folder = task.folder
    return Workspace(folder.parent.parent if folder.parent.name == "tasks" else folder)


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that has `tasks/` or `submissions/`; else `start`."""
    for folder in (start, *start.parents):
        if (folder / "submissions").is_dir() or (folder / "tasks").is_dir():
            return folder
    return start
