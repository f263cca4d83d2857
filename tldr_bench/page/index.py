"""data/index.json: what there is, for programs, with the SHA-256 of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tldr_bench.files import sha256
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board
from tldr_bench.page.links import file_names

MANIFEST = "data/index.json"
SCHEMA = "tldr-bench/site/1"


def site_index(
    boards: Sequence[Board],
    pages: Mapping[str, str],
    binary: Mapping[str, bytes],
    snapshots: Sequence[str],
    keys: Mapping[str, str],
) -> str:
    """The index as canonical JSON; `keys` are those of `reuse`, by part of the site."""
    contents = {name: text.encode() for name, text in pages.items()} | dict(binary)
    files = {
        name: {"sha256": sha256(content).removeprefix("sha256:"), "bytes": len(content)}
        for name, content in contents.items()
    }
    tasks = {board.task.id: _task(board) for board in boards}
    return canonical_json(
        {
            "schema": SCHEMA,
            "tasks": tasks,
            "snapshots": list(snapshots),
            "files": files,
            "keys": dict(keys),
        }
    )


def _task(board: Board) -> dict[str, Any]:
    task = board.task
    return {
        "name": task.spec.name,
        "version": task.version,
        "primary": task.spec.primary,
        "leaderboard": f"{task.id}/leaderboard.json",
        "systems": {
            item.submission.system: f"{task.id}/systems/{item.submission.system}.json"
            for item in board.scored
        },
        "examples": {
            example_id: f"{task.id}/examples/{file}.json"
            for example_id, file in file_names(task.by_id).items()
        },
    }
