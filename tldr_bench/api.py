"""The functions of `import tldr_bench as tb`."""

from __future__ import annotations

from pathlib import Path

from tldr_bench.analysis.compare import compare
from tldr_bench.analysis.conventions import explain
from tldr_bench.errors import UsageError
from tldr_bench.leaderboard import rank
from tldr_bench.page import render
from tldr_bench.scoring import score
from tldr_bench.submission import Submission
from tldr_bench.submission import load_submission as _load_submission
from tldr_bench.task import Task
from tldr_bench.task import load_task as _load_task
from tldr_bench.workspace import Workspace, find_root

__all__ = ["compare", "explain", "load_submission", "load_task", "rank", "render", "score"]


def load_task(task: str | Path, root: Path | None = None) -> Task:
    """A task by id (built in, or of the workspace at `root`), or from a folder with task.yaml.

    Its data are verified against their digest. Raises TaskError, DataError, or UsageError for an
    unknown id.
    """
    folder = Path(task)
    if (folder / "task.yaml").is_file():
        return _load_task(folder)
    return Workspace(root or find_root(Path.cwd())).task(str(task))


def load_submission(folder: str | Path) -> Submission:
    """A submission from its folder; its predictions are read when it is scored.

    Raises SubmissionError with every problem of its name, metadata and files, and UsageError where
    there is no such folder.
    """
    if not Path(folder).is_dir():
        raise UsageError(f"{folder} is not a folder")
    return _load_submission(Path(folder))
