"""What the submit page needs to check a file in the browser: ids and sizes of every task's examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from tldr_bench.leaderboard import Board
from tldr_bench.page.table import script_json
from tldr_bench.submission import SubmissionFile

MOST_IDS = 20_000
"""A page with more ids would be slow to load; larger tasks are checked in the pull request."""


def for_script(boards: Sequence[Board]) -> Markup:
    """Task -> kind, ids, and what a prediction must fit: sentences per example, documents."""
    return script_json({"tasks": {board.task.id: _task(board) for board in boards}})


def _task(board: Board) -> dict[str, Any]:
    task = board.task
    found: dict[str, Any] = {"kind": task.kind}
    if len(task.examples) + len(task.pool) <= MOST_IDS:
        found["ids"] = [example.id for example in task.examples]
        if task.kind == "labels":
            found["sizes"] = [len(example.target) for example in task.examples]
        if task.kind == "ranking" and list(task.pool) != found["ids"]:
            found["pool"] = list(task.pool)
    return found


def known_keys() -> tuple[str, ...]:
    """The keys of submission.yaml."""
    return tuple(SubmissionFile.model_fields)
