"""Killed at any call that changes a file, out of disk, I/O errors: nothing is torn, nothing is lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
RESULT = "submissions/alpha/results/tiny-summary.json"
NEW = "submissions/beta/results/tiny-summary.json"


@pytest.fixture(scope="session")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that injects the faults."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler and Linux, to inject faults with LD_PRELOAD")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = HERE / "faults.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@dataclass(frozen=True)
class Round:
    """One run with a fault, and the run after it."""

    at: int
    status: int
    said: str
    files: dict[str, str]
    """Of the workspace, after the fault."""
    after: dict[str, Any]


@pytest.fixture
def board(tmp_workspace: Any, cli: Callable[..., Any]) -> Path:
    """A workspace in which `alpha` has a result, which its predictions have since outgrown, and
    `beta` has none.
    """
    gold = [{"id": f"p{number}", "prediction": "Owls hunt at noon."} for number in range(1, 5)]
    tmp_workspace.submit("alpha", "tiny-summary", gold)
    store = {"TLDR_BENCH_CACHE": str(tmp_workspace.root / ".cache")}
    assert cli("score", env=store).rc == 0
    gold[0]["prediction"] = "Some owls hunt at noon."
    tmp_workspace.submit("alpha", "tiny-summary", gold)
    tmp_workspace.submit("beta", "tiny-summary", gold)
    return Path(tmp_workspace.root)


@pytest.fixture
def rounds(board: Path, preload: Path) -> Callable[..., Iterator[Round]]:
    """Runs `score` (or another command) with a fault at every call, or at every few."""

    def run(
        kind: int, *arguments: str, lasting: bool = False, first: int = 1, step: int = 1
    ) -> list[Round]:
        command = [sys.executable, str(HERE / "faulty.py"), str(board), str(kind)]
        command += [str(int(lasting)), str(first), str(step), *(arguments or ("score",))]
        done = subprocess.run(
            [*command, "--jobs", "1"],
            env={
                **os.environ,
                "LD_PRELOAD": str(preload),
                "PYTHONPATH": str(REPOSITORY),
                "TLDR_BENCH_CACHE": str(board / ".cache"),
            },
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [
            Round(
                item["at"],
                item["hurt"]["status"],
                item["hurt"]["said"],
                item["hurt"]["files"],
                item["after"],
            )
            for item in found
        ]

    return run


def expected(board: Path, cli: Callable[..., Any]) -> dict[str, str]:
    """The results of a run in which nothing goes wrong, in a copy of the workspace."""
    copy = board.with_name("undisturbed")
    shutil.copytree(board, copy)
    assert cli("score", "--root", copy, env={"TLDR_BENCH_CACHE": str(copy / ".cache")}).rc == 0
    return {name: (copy / name).read_text() for name in (RESULT, NEW)}


def check(found: list[Round], before: str, right: dict[str, str]) -> None:
    """After each fault the old result or the new one stands there whole; the next run completes."""
    for item in found:
        assert item.files[RESULT] in (before, right[RESULT]), f"torn at call {item.at}"
        assert item.files.get(NEW) in (None, right[NEW]), f"torn at call {item.at}"
        assert item.after["status"] == 0, f"after call {item.at}: {item.after['said']}"
        assert {name: item.after["files"][name] for name in right} == right


def test_a_kill_at_any_call_tears_nothing(board: Path, rounds: Any, cli: Any) -> None:
    """Killed before any write, sync, rename, … of `score`, old results stand and the next run ends well."""
    before, right = (board / RESULT).read_text(), expected(board, cli)
    assert before != right[RESULT]
    found = rounds(-1)
    check(found, before, right)
    assert len(found) > 20
    assert all(item.status == 137 for item in found)
    assert any(item.files[RESULT] == before for item in found)
    assert any(item.files[RESULT] == right[RESULT] for item in found)


@pytest.mark.parametrize(("fault", "step"), [("ENOSPC", 1), ("EIO", 3), ("EROFS", 3)])
def test_a_disk_that_fails_is_said_in_a_line(
    board: Path, rounds: Any, cli: Any, fault: str, step: int
) -> None:
    """From any call on, a full, broken or read-only disk gives exit 1 and a line per file, or only a slower run."""
    before, right = (board / RESULT).read_text(), expected(board, cli)
    found = rounds(getattr(errno, fault), lasting=True, step=step)
    check(found, before, right)
    reason = os.strerror(getattr(errno, fault))
    reason = reason[:1].lower() + reason[1:]
    for item in found:
        errors = [line for line in item.said.splitlines() if line.startswith("error:")]
        whole = item.files[RESULT] == right[RESULT] and item.files.get(NEW) == right[NEW]
        assert item.status in ((0, 1) if whole else (1,)), item.said
        assert bool(errors) == (item.status == 1)
        assert len(errors) <= 2
        assert all(re.search(rf"results.*: cannot be written: {reason}$", line) for line in errors)
        assert "Traceback" not in item.said
        assert "mistake of tldr-bench" not in item.said
    assert found[0].status == 1


def test_one_failed_call_loses_one_file_at_most(board: Path, rounds: Any, cli: Any) -> None:
    """An I/O error at one call: the other results are written all the same, and nothing half stays."""
    before, right = (board / RESULT).read_text(), expected(board, cli)
    found = rounds(errno.EIO)
    check(found, before, right)
    for item in found:
        written = (item.files[RESULT] == right[RESULT]) + (item.files.get(NEW) == right[NEW])
        assert written >= 1, f"call {item.at}"
        left = [name for name in item.files if name.endswith(".tmp")]
        assert not left, f"call {item.at}"


def test_a_site_is_never_torn(board: Path, rounds: Any) -> None:
    """Killed at calls all over `run`, every page is an old one or a new one, and the next run makes the site."""
    found = rounds(-1, "run", first=1, step=23)
    assert len(found) >= 4
    right = found[0].after["files"]
    pages = {name: text for name, text in right.items() if name.startswith("_site/")}
    assert pages
    for item in found:
        for name, text in item.files.items():
            if name in pages:
                assert text == pages[name], f"{name} torn at call {item.at}"
        assert item.after["status"] == 0, item.after["said"]
        assert {n: t for n, t in item.after["files"].items() if n in pages} == pages


def fill(path: Path) -> None:
    """Write until nothing more goes in."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_of_its_own(board: Path, cli: Any, tmp_path: Path) -> None:
    """On a real file system without room for the result: exit 1, one line, the old result intact."""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(small)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        shutil.copytree(board, small / "board", ignore=shutil.ignore_patterns(".cache"))
        before = (small / "board" / RESULT).read_text()
        fill(small / "filler")
        done = cli("score", "alpha", cwd=small / "board")
        assert done.rc == 1
        errors = [line for line in done.err.splitlines() if line.startswith("error:")]
        assert errors == [f"error: {RESULT}: cannot be written: no space left on device"]
        assert (small / "board" / RESULT).read_text() == before
        (small / "filler").unlink()
        assert cli("score", "alpha", cwd=small / "board").rc == 0
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_a_killed_writer_left_is_cleared_away(board: Path, cli: Any) -> None:
    """A temporary file in a results folder goes once it is an hour old; a younger one has a writer."""
    folder = board / "submissions/alpha/results"
    old, young = folder / ".tiny-summary.json.aaaa.tmp", folder / ".tiny-summary.json.bbbb.tmp"
    for path in (old, young):
        path.write_text("half")
    os.utime(old, (1e9, 1e9))
    assert cli("score").rc == 0
    assert (old.exists(), young.exists()) == (False, True)
