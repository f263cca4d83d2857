"""What the tests share: a small workspace, the published data, and the command as a user types it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

TINY_ROWS: tuple[dict[str, Any], ...] = (
    {
        "id": "p1",
        "title": "Owls at noon",
        "source": ["Owls hunt at night.", "We show that some hunt at noon.", "Mice are surprised."],
        "labels": [0, 1, 0],
        "targets": ["Some owls hunt at noon.", "A few owls hunt in daylight."],
    },
    {
        "id": "p2",
        "title": "Bridges of glass",
        "source": ["Glass breaks.", "A coating lets bridges of glass carry trains."],
        "labels": [0, 1],
        "targets": ["Coated glass carries trains."],
    },
    {
        "id": "p3",
        "title": "Naïve café maps",
        "source": [
            "Maps age.",
            "Cafés close.",
            "Phones notice closed cafés.",
            "So maps stay young.",
        ],
        "labels": [0, 0, 1, 1],
        "targets": ["Phones find closed cafés, which keeps maps young."],
    },
    {
        "id": "p4",
        "title": "Tides and clocks",
        "source": ["Clocks drift.", "Tides do not.", "A tide gauge sets a clock to the second."],
        "labels": [0, 0, 1],
        "targets": ["Tide gauges set clocks.", "Clocks can be set by the tide."],
    },
)
"""The four papers of the tiny tasks."""

_TASKS = {
    "tiny-summary": "kind: summary\nmetrics:\n  rouge155:\nprimary: rouge155.rouge1\n",
    "tiny-labels": "kind: labels\nmetrics:\n  labels:\nprimary: labels.f1\n",
    "tiny-ranking": (
        "kind: ranking\nfields: {query: title, document: targets}\n"
        "metrics:\n  ranking:\nprimary: ranking.mrr@10\n"
    ),
}

GOLD: Mapping[str, tuple[dict[str, Any], ...]] = {
    "tiny-summary": tuple({"id": r["id"], "prediction": r["targets"][0]} for r in TINY_ROWS),
    "tiny-labels": tuple({"id": r["id"], "prediction": r["labels"]} for r in TINY_ROWS),
    "tiny-ranking": tuple({"id": r["id"], "prediction": [r["id"]]} for r in TINY_ROWS),
}
"""A perfect prediction file for each tiny task, as rows."""


def jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@dataclass(frozen=True)
class TinyWorkspace:
    """A folder with the tasks `tiny-summary`, `tiny-labels` and `tiny-ranking`; it is the current one."""

    root: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file below the root, folders included; bytes arrive as they are."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def submit(
        self,
        system: str,
        task: str,
        predictions: Iterable[Mapping[str, Any]] | str | bytes,
        ending: str = ".jsonl",
    ) -> Path:
        """Write a prediction file, and a submission.yaml where there is none; returns the file."""
        if not (self.root / f"submissions/{system}/submission.yaml").exists():
            self.write(f"submissions/{system}/submission.yaml", f"name: {system}\n")
        content = predictions if isinstance(predictions, str | bytes) else jsonl(predictions)
        return self.write(f"submissions/{system}/{task}{ending}", content)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the user's cache, or uses the network."""
    monkeypatch.setenv("TLDR_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("TLDR_BENCH_OFFLINE", "1")


@pytest.fixture(scope="session")
def evaluate_modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The evaluate library copies scripts to a folder of the tests, one for all: Python imports it once."""
    import evaluate

    folder = str(tmp_path_factory.mktemp("modules"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate.config, "HF_MODULES_CACHE", folder)
        patch.syspath_prepend(folder)
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a tiny RoBERTa that reads 128 tokens; needs torch and transformers."""
    goldens = str(Path(__file__).resolve().parent / "goldens")
    sys.path.insert(0, goldens)
    import tiny_models

    sys.path.remove(goldens)
    return str(tiny_models.tiny_roberta(tmp_path_factory.mktemp("tiny") / "model"))


@pytest.fixture
def tmp_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyWorkspace:
    """A workspace with a tiny task of each kind and no submissions; the test runs inside it."""
    workspace = TinyWorkspace(tmp_path / "board")
    rows = jsonl(TINY_ROWS)
    workspace.write("tasks/tiny/rows.jsonl", rows)
    digest = hashlib.sha256(rows.encode()).hexdigest()
    for task, rest in _TASKS.items():
        data = f"name: {task}\ndata:\n  path: tiny/rows.jsonl\n  sha256: {digest}\n"
        workspace.write(f"tasks/{task}/task.yaml", data + rest)
    (workspace.root / "submissions").mkdir()
    monkeypatch.chdir(workspace.root)
    return workspace


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the published data sets; the test is skipped where it is not given."""
    folder = os.environ.get("TLDR_BENCH_DATA")
    if not folder or not (Path(folder) / "scitldr/SciTLDR-A/test.jsonl").is_file():
        pytest.skip("needs TLDR_BENCH_DATA: a folder with scitldr/SciTLDR-A/test.jsonl")
    return Path(folder).resolve()


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    rc: int
    out: str
    err: str


@pytest.fixture
def cli() -> Callable[..., Answer]:
    """Run `tldr-bench` with these arguments in a process of its own, in the current folder.

    `env` adds variables (None removes one), `cwd` moves; a traceback or a hang fails the test.
    """

    def run(
        *arguments: object, env: Mapping[str, str | None] | None = None, cwd: Path | None = None
    ) -> Answer:
        variables = {**os.environ, "PYTHONPATH": str(REPOSITORY), **(env or {})}
        done = subprocess.run(
            [sys.executable, "-m", "tldr_bench", *map(str, arguments)],
            capture_output=True,
            env={name: value for name, value in variables.items() if value is not None},
            cwd=cwd,
            timeout=120,
            check=False,
        )
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in answer.err, answer.err
        return answer

    return run
