"""What the tests of the importers share: what every foreign file says, and two ways to read one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS

from tldr_bench.errors import SubmissionError
from tldr_bench.importers.foreign import Options
from tldr_bench.importers.load import Imported, import_file
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

SAID = {row["id"]: f"What {row['title']} says." for row in TINY_ROWS}
"""Paper -> the summary that the foreign files of these tests hold."""
SOURCES = {row["id"]: " ".join(row["source"]) for row in TINY_ROWS}


def task(name: str = "tiny-summary") -> Task:
    """A task of the workspace that the test runs in."""
    return Workspace(Path.cwd()).task(name)


def taken(form: str, path: Path, clean: Sequence[str] = (), **options: Any) -> Imported:
    """What an import into `tiny-summary` (or the task `into`) gives."""
    into = task(options.pop("into", "tiny-summary"))
    return import_file(into, form, path, Options(**options), clean)


def refused(form: str, path: Path, clean: Sequence[str] = (), **options: Any) -> str:
    """Every problem, a line each, of an import that must be refused."""
    with pytest.raises(SubmissionError) as caught:
        taken(form, path, clean, **options)
    return str(caught.value)


def predictions(imported: Imported) -> dict[str, Any]:
    """Id -> prediction of an import."""
    rows = map(json.loads, imported.predictions.split("\n")[:-1])
    return {row["id"]: row["prediction"] for row in rows}
