"""The workflows of this repository and of the boards that `init` makes, as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from conftest import REPOSITORY

OURS = REPOSITORY / ".github/workflows"
THEIRS = REPOSITORY / "tldr_bench/init/board/github/workflows"
ALL = sorted([*OURS.glob("*.yml"), *THEIRS.glob("*.yml")])
BOARDS = [OURS, THEIRS]
IDS = [str(path.relative_to(REPOSITORY)) for path in ALL]


def workflow(path: Path) -> dict[str, Any]:
    """A workflow as text values: `on` stays a word."""
    value = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - it makes only text
    assert isinstance(value, dict)
    return value


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in workflow(path)["jobs"].values():
        yield from job["steps"]


def step(path: Path, name: str) -> dict[str, Any]:
    (found,) = [item for item in steps(path) if item.get("name") == name]
    return found
