"""What the tests of `make-task columns` share: a command on a file, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer

Make = Callable[..., Answer]


@pytest.fixture
def make(tmp_path: Path, cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> Make:
    """Write a file and run `make-task columns` on it, into the folder `mine`."""
    monkeypatch.chdir(tmp_path)

    def run(name: str, content: str | bytes, *options: str) -> Answer:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return cli("make-task", "columns", name, "--out", "mine", *options)

    return run


def written(tmp_path: Path) -> list[dict[str, Any]]:
    """The rows of the task that was made."""
    text = (tmp_path / "mine/mine.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
