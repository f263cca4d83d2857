"""What these tests share: mini-tldr with ROUGE alone, as a task and as a workspace; no model is loaded."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tldr_bench.leaderboard import Board, rank
from tldr_bench.scoring import score
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
METRICS = "metrics:\n  rouge155:\n  rouge:\nprimary: rouge155.rouge1\n"


def rouge_task() -> Task:
    """mini-tldr with its two ROUGE profiles only."""
    task = Workspace(ROOT).task("mini-tldr")
    metrics = {name: task.spec.metrics[name] for name in ("rouge155", "rouge")}
    return replace(task, spec=task.spec.model_copy(update={"metrics": metrics}))


def rouge_board(*systems: str) -> Board:
    """The board of that task with some of the shipped submissions."""
    task, workspace = rouge_task(), Workspace(ROOT)
    return rank(task, [score(task, workspace.submission(name)) for name in systems])


def rouge_workspace(folder: Path, *systems: str) -> Path:
    """A workspace whose mini-tldr has ROUGE only, with some of the shipped submissions."""
    digest = Workspace(ROOT).task_file("mini-tldr").data.sha256
    shutil.copytree(ROOT / "tasks/mini", folder / "tasks/mini")
    (folder / "tasks/mini-tldr").mkdir()
    (folder / "tasks/mini-tldr/task.yaml").write_text(
        "name: Mini\nkind: summary\nfields: {targets: targets, labels: labels}\n"
        f"data: {{path: mini/papers.jsonl, sha256: {digest}}}\n{METRICS}"
    )
    for system in systems:
        (folder / "submissions" / system).mkdir(parents=True)
        for name in ("submission.yaml", "mini-tldr.jsonl"):
            shutil.copy(ROOT / "submissions" / system / name, folder / "submissions" / system)
    return folder
