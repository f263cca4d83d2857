"""What the page tests share: a small board full of hostile text, built once, and a browser to look at it."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tldr_bench.cli.build import write_site
from tldr_bench.execute import plan, run_plan
from tldr_bench.leaderboard import Board
from tldr_bench.store import Store
from tldr_bench.workspace import Workspace

SCRIPT = "<script>window.pwned=1</script>"
HOSTILE = {
    "plain": "A plain system",
    "script": f"{SCRIPT}<img src=x onerror=window.pwned=1>",
    "quotes": '"\' onmouseover="window.pwned=1" x=\'',
    "arabic": "\u202eمرحبا بالعالم\u202c <b>x</b>",
    "long": "word " * 39 + "end",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "latex": r"\input{/etc/passwd} $x$ %",
    "markdown": "[x](javascript:alert(1)) | `a` <!-- -->",
}
"""System -> a name that wants to be something else."""

OUTPUTS = {
    "script": SCRIPT + "</title></style></textarea>{{ 7*7 }}",
    "quotes": "Owls' \"noon\" & <i onclick='x'>glass</i>\x07",
    "arabic": "\u202eكلام\u202c owls hunt at noon 12",
    "long": "owls " * 400,
    "latex": "",
}

_ROWS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": f"p{number}" if number else 'x"><svg onload=alert(1)>/../' + "é",
        "title": f"Owls at noon {number}" if number != 2 else SCRIPT,
        "source": [
            f"Owls number {number} hunt at night.",
            "We show that some hunt at noon." if number % 2 else SCRIPT + " Glass breaks at noon.",
            "Mice are surprised & hide.",
        ],
        "labels": [0, 1, 0],
        "targets": [f"Some owls hunt at noon {number}.", "A few owls hunt in daylight."],
    }
    for number in range(12)
)
_TASKS = {
    "owls": "kind: summary\nsplits: [owl-train]\nmetrics:\n  rouge155:\n  rouge:\nprimary: rouge155.rouge1\n",
    "owl-labels": "kind: labels\nsplits: [owl-dev]\nmetrics:\n  labels:\nprimary: labels.f1\n",
    "owl-search": (
        "kind: ranking\nfields: {query: title, document: targets}\n"
        "metrics:\n  ranking:\nprimary: ranking.mrr@10\n"
    ),
}


_TWINS = (
    {**_ROWS[0], "id": SCRIPT},
    {"id": "t2", "title": "None", "source": ["Nothing is alike."], "targets": ["x"]},
)
"""The train split of the owls: the first paper is in it too. The dev split is not at hand."""


def write(root: Path, name: str, content: str) -> None:
    """Write a file below a folder."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def lines(predictions: Mapping[str, Any]) -> str:
    """Predictions as JSON Lines."""
    rows = ({"id": key, "prediction": value} for key, value in predictions.items())
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def make_workspace(root: Path) -> Workspace:
    """The hostile board: three tasks, eight systems on the first, some on the others, one that fails."""
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _ROWS)
    write(root, "tasks/owl/rows.jsonl", rows)
    digest = hashlib.sha256(rows.encode()).hexdigest()
    for task, rest in _TASKS.items():
        data = f"data:\n  path: owl/rows.jsonl\n  sha256: {digest}\n"
        write(root, f"tasks/{task}/task.yaml", f"name: {task} {SCRIPT}\n{data}{rest}")
    twins = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _TWINS)
    write(root, "tasks/owl/train.jsonl", twins)
    for split in ("train", "dev"):
        digest = hashlib.sha256(twins.encode()).hexdigest()
        data = f"data:\n  path: owl/{split}.jsonl\n  sha256: {digest}\n"
        rest = _TASKS["owls"].replace("splits: [owl-train]\n", "")
        write(root, f"tasks/owl-{split}/task.yaml", f"name: {split}\n{data}{rest}")
    for place, (system, name) in enumerate(HOSTILE.items()):
        submit(root, system, name, place)
    write(root, "submissions/broken/submission.yaml", "name: Broken\n")
    write(root, "submissions/broken/owls.jsonl", '{"id": "nobody", "prediction": ""}\n')
    write(root, "CHANGELOG.md", f"# Changes\n\n## 1.0 (2026-11-02)\n\n- **Moved** {SCRIPT}\n")
    return Workspace(root)


def submit(root: Path, system: str, name: str, place: int) -> None:
    """One system: the further down the list, the less of the reference it says."""
    spec = {
        "name": name,
        "type": ["llm", "baseline", "human", "abstractive"][place % 4],
        "open_weights": place % 2 == 0,
        "date": f"2026-10-{place + 1:02d}",
        "notes": f"Note of {name}. {SCRIPT}",
        "paper_url": f"https://example.org/?a=1&b={place}",
        "contact": "javascript:alert(1)",
        "decoding": {"temperature": 0.5, SCRIPT: [1, True]},
    }
    # JSON is YAML, and says exactly what is meant.
    write(root, f"submissions/{system}/submission.yaml", json.dumps(spec))
    predictions = {
        row["id"]: OUTPUTS.get(
            system, " ".join(row["targets"][0].split()[: 5 - place % 4] + ["noon"] * (number % 3))
        )
        for number, row in enumerate(_ROWS)
    }
    write(root, f"submissions/{system}/owls.jsonl", lines(predictions))
    if place < 3:
        labels = {row["id"]: [int(place == 1), 1, int(place == 2)] for row in _ROWS}
        write(root, f"submissions/{system}/owl-labels.jsonl", lines(labels))
        ranking = {row["id"]: [row["id"]] if place < 2 else [] for row in _ROWS}
        write(root, f"submissions/{system}/owl-search.jsonl", lines(ranking))


def boards_of(workspace: Workspace) -> list[Board]:
    """The boards of all its own tasks."""
    todo = plan(workspace)
    return [run.board() for run in run_plan(workspace, todo, Store())]


@lru_cache(maxsize=1)
def hostile_boards() -> tuple[Path, tuple[Board, ...]]:
    """The root of the hostile board and its boards; made once."""
    root = Path(tempfile.mkdtemp(prefix="tldr-bench-page-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root, tuple(boards_of(make_workspace(root)))


@lru_cache(maxsize=1)
def hostile_site() -> Path:
    """The folder with its site."""
    root, boards = hostile_boards()
    write_site(Workspace(root), boards, root / "_site")
    return root / "_site"


@lru_cache(maxsize=1)
def rendered() -> dict[str, str]:
    """The pages as text."""
    site = hostile_site()
    return {
        path.relative_to(site).as_posix(): path.read_text("utf-8")
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


PAGES = {
    "front": "index.html",
    "task": "owl-labels/index.html",
    "system": "owls/systems/script.html",
    "compare": "owls/compare/plain--script.html",
    "examples": "owls/examples/index.html",
    "example": "owls/examples/p2.html",
    "example of labels": "owl-labels/examples/p1.html",
    "example of a search": "owl-search/examples/p1.html",
    "metrics": "metrics.html",
    "submit": "submit.html",
    "changelog": "changelog.html",
    "about": "about.html",
}
"""One page of each kind."""

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@lru_cache(maxsize=1)
def _started() -> Any:
    """A browser, or why there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "the page tests need playwright: pip install playwright"
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        return "the page tests need a browser: apt-get install chromium"
    playwright = sync_playwright().start()
    found = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
    atexit.register(playwright.stop)
    atexit.register(found.close)
    return found


def browser() -> Any:
    """Chromium, started once; without one the test is skipped, and says why."""
    found = _started()
    if isinstance(found, str):
        pytest.skip(found)
    return found
