"""A new board: tasks, an example submission, the site's source, workflows, and a README for submitters.

The files of `board/` are copied as they are, except for two words that are put in: `@NAME@` and
`@VERSION@`. `github/` becomes `.github/`, `gitignore` becomes `.gitignore`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tldr_bench.baselines import description, predictions
from tldr_bench.errors import OutputError, Report, path_name
from tldr_bench.task import load_task
from tldr_bench.version import __version__
from tldr_bench.workspace import builtin
from tldr_bench.writing import write_atomic

BOARD = Path(__file__).parent / "board"
TASKS = ("mini", "mini-tldr", "mini-oracle", "mini-match")
"""The bundled tasks that a new board begins with: small, with their data, free to change."""
EXAMPLE_TASK = "mini-tldr"
EXAMPLES = {"example": "cue", "lead": "lead"}
"""Submission -> the baseline that makes its predictions."""


def create(folder: Path) -> list[Path]:
    """Write a new board into a folder, which may hold other files; returns what was written.

    Raises OutputError, and writes nothing, when a file of the board is there already with other content.
    """
    files = dict(_files(folder.resolve().name))
    report = Report()
    for name, content in files.items():
        path = folder / name
        if path.is_symlink() or (path.exists() and not _holds(path, content)):
            report.add(path_name(path), "exists already; a new board is not written over it")
    report.raise_as(OutputError)
    return [
        folder / name for name, content in files.items() if write_atomic(folder / name, content)
    ]


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _files(name: str) -> Iterator[tuple[str, bytes]]:
    """Path below the board -> content."""
    yield from _templates(name)
    for task in TASKS:
        yield from _copies(builtin("tasks") / task, f"tasks/{task}")
    yield from _copies(builtin("site"), "site")
    task_ = load_task(builtin("tasks") / EXAMPLE_TASK)
    for system, baseline in EXAMPLES.items():
        yield f"submissions/{system}/{EXAMPLE_TASK}.jsonl", predictions(baseline, task_).encode()
    yield "submissions/lead/submission.yaml", description("lead").encode()


def _templates(name: str) -> Iterator[tuple[str, bytes]]:
    for path, content in _copies(BOARD, ""):
        text = content.decode().replace("@NAME@", name).replace("@VERSION@", __version__)
        target = path.replace("github/", ".github/", 1) if path.startswith("github/") else path
        yield (".gitignore" if target == "gitignore" else target), text.encode()


def _copies(folder: Path, below: str) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder, in order; what Python and editors leave behind is none."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
        if path.is_file() and not hidden:
            yield str(Path(below) / inside), path.read_bytes()
