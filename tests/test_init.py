"""`init`: a new board in an empty folder that works at once, as a new user finds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import REPOSITORY, Answer

Cli = Callable[..., Answer]


@pytest.fixture
def board(tmp_path: Path, cli: Cli) -> Path:
    """A new board."""
    done = cli("init", "my-board", cwd=tmp_path)
    assert (done.rc, done.err) == (0, "")
    assert "cd my-board" in done.out
    return tmp_path / "my-board"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def without_bertscore(board: Path) -> None:
    """Take a metric out of the example task that takes long to load."""
    task = board / "tasks/mini-tldr/task.yaml"
    lines = task.read_text().splitlines(keepends=True)
    task.write_text("".join(line for line in lines if not line.startswith("  bertscore:")))


def test_a_new_board_has_all_its_parts(board: Path) -> None:
    """Tasks with their data, an example submission, the site's source, workflows and a README are there."""
    names = set(contents(board))
    assert names >= {
        "README.md",
        "requirements.txt",
        ".gitignore",
        ".github/workflows/submission.yml",
        ".github/workflows/comment.yml",
        ".github/workflows/board.yml",
        "tasks/mini-tldr/task.yaml",
        "tasks/mini/papers.jsonl",
        "submissions/example/submission.yaml",
        "submissions/example/mini-tldr.jsonl",
        "site/templates/base.html",
    }
    assert not [name for name in names if "__pycache__" in name or name.startswith("github")]


def test_the_words_in_its_files_are_filled_in(board: Path) -> None:
    """README and requirements carry the board's name and this version; no placeholder is left."""
    import tldr_bench

    found = contents(board)
    assert found["README.md"].startswith(b"# my-board\n")
    assert f"tldr-bench=={tldr_bench.__version__}" in found["requirements.txt"].decode()
    assert not [name for name, text in found.items() if b"@NAME@" in text or b"@VERSION@" in text]


def test_the_board_runs_and_verifies_at_once(board: Path, cli: Cli) -> None:
    """`validate`, `run` and then `verify` work offline."""
    without_bertscore(board)
    assert cli("validate", "submissions/example", "submissions/lead", cwd=board).rc == 0
    done = cli("run", "--offline", cwd=board)
    assert done.rc == 0, done.err
    assert "Example (cue phrase)" in (board / "_site/mini-tldr/index.html").read_text()
    assert (board / "submissions/example/results/mini-tldr.json").is_file()
    checked = cli("verify", "--strict", cwd=board)
    assert checked.rc == 0, checked.err


def test_two_boards_of_one_name_are_the_same(tmp_path: Path, cli: Cli) -> None:
    """The same command gives the same bytes."""
    for parent in ("one", "two"):
        (tmp_path / parent).mkdir()
        assert cli("init", "board", cwd=tmp_path / parent).rc == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_init_again_changes_nothing(board: Path, cli: Cli) -> None:
    """A second `init` over a finished board writes nothing."""
    before = contents(board)
    done = cli("init", ".", cwd=board)
    assert done.rc == 0
    assert done.out.startswith("0 files written")
    assert contents(board) == before


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git")
def test_a_new_board_commits_nothing_half_written(tmp_path: Path, cli: Cli) -> None:
    """What a killed writer leaves is ignored by git in a new board, as in tldr-bench's own repository."""
    assert cli("init", ".", cwd=tmp_path).rc == 0
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    names = ["submissions/x/.mini.jsonl.x1_y2z3w.tmp", "submissions/x/results/.mini.json.abc.tmp"]
    asked = ["git", "check-ignore", *names, "submissions/x/mini.jsonl"]
    for ignored in (tmp_path / ".gitignore", REPOSITORY / ".gitignore"):
        (tmp_path / ".gitignore").write_bytes(ignored.read_bytes())
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.split() == names, done.stderr


def test_init_writes_over_nothing(tmp_path: Path, cli: Cli) -> None:
    """Where files of other content stand, all of them are named and not one file is written."""
    (tmp_path / "README.md").write_text("my own\n")
    (tmp_path / ".gitignore").symlink_to(tmp_path / "elsewhere")
    done = cli("init", ".", cwd=tmp_path)
    assert done.rc == 1
    assert sorted(done.err.splitlines()) == [
        "error: .gitignore: exists already; a new board is not written over it",
        "error: README.md: exists already; a new board is not written over it",
    ]
    assert contents(tmp_path) == {"README.md": b"my own\n"}


def test_init_keeps_what_else_is_there(tmp_path: Path, cli: Cli) -> None:
    """A folder with other files, such as a fresh clone, takes a board beside them."""
    (tmp_path / "LICENSE").write_text("mine\n")
    assert cli("init", ".", cwd=tmp_path).rc == 0
    assert (tmp_path / "LICENSE").read_text() == "mine\n"


def test_init_into_a_file_is_wrong_usage(tmp_path: Path, cli: Cli) -> None:
    """A file is no folder."""
    (tmp_path / "x").write_text("")
    done = cli("init", "x", cwd=tmp_path)
    assert (done.rc, done.err) == (2, "error: x is not a folder\n")


def test_init_from_the_wheel(tmp_path: Path) -> None:
    """From the built wheel alone, in an empty folder: a board is made, and runs."""
    pytest.importorskip(
        "hatchling", reason="hatchling is not installed: no wheel can be built here"
    )
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(target)}
    for command in (["init", "board"], ["run", "--root", "board", "--offline"]):
        done = subprocess.run(
            [sys.executable, "-m", "tldr_bench", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        without_bertscore(tmp_path / "board")
    assert (tmp_path / "board/.github/workflows/submission.yml").is_file()
    assert (tmp_path / "board/_site/index.html").is_file()
