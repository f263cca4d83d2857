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


def site(files: dict[str, str], folder: str = "_site/") -> dict[str, str]:
    """The pages among the files of a workspace."""
    return {name.removeprefix(folder): t for name, t in files.items() if name.startswith(folder)}


def outdated_site(board: Path, cli: Any) -> dict[str, str]:
    """Build the site, then change what it shows; returns its pages."""
    assert cli("run", "--jobs", "1", env={"TLDR_BENCH_CACHE": str(board / ".cache")}).rc == 0
    path = board / "submissions/beta/tiny-summary.jsonl"
    path.write_text(path.read_text().replace("Some owls", "Few owls"))
    return site({str(p.relative_to(board)): p.read_text("utf-8", "backslashreplace")
                 for p in board.rglob("*") if p.is_file()})  # fmt: skip


def whole(item: Round, old: dict[str, str], new: dict[str, str]) -> bool:
    """Whether there is one site, all old or all new; between two renames it waits beside its place."""
    found = site(item.files)
    return found in (old, new) or (not found and site(item.files, "._site.old/") == old)


def test_a_site_is_replaced_whole(board: Path, rounds: Any, cli: Any) -> None:
    """Killed at calls all over `run`, the site is the old one or the new one; the next run makes the new one."""
    old = outdated_site(board, cli)
    found = rounds(-1, "run", first=3, step=31)
    new = site(found[0].after["files"])
    assert old != new
    for item in found:
        assert whole(item, old, new), f"torn at call {item.at}"
        assert item.after["status"] == 0, f"after call {item.at}: {item.after['said']}"
        assert site(item.after["files"]) == new, f"after call {item.at}"
    stages = [site(item.files) for item in found]
    assert old in stages
    assert new in stages


@pytest.mark.parametrize(
    ("kind", "lasting"),
    [(-1, False), (errno.EIO, False), (errno.ENOSPC, True), (errno.EROFS, True)],
    ids=["killed", "one EIO", "full from then on", "read-only from then on"],
)
def test_a_site_is_whole_whichever_call_fails(
    preload: Path, tmp_path: Path, kind: int, lasting: bool
) -> None:
    """A small site is replaced with a fault at every single call: it is old or new, never mixed, and the
    next build makes the new one and leaves nothing of the old one.
    """
    script = [sys.executable, str(HERE / "faulty_site.py"), str(tmp_path / "folder")]
    preloaded = {**os.environ, "LD_PRELOAD": str(preload), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*script, str(kind), str(int(lasting))],
        env=preloaded,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 20
    for item in found:
        # Killed between the two renames, the old site waits beside its place.
        waits = (item["site"], item["old"]) == ("none", "old")
        assert item["site"] in ("old", "new") or waits, item
        assert item["said"] != "done" or item["site"] == "new", item
        assert item["said"] == "died" if kind == -1 else item["said"] in ("done", "refused"), item
        assert (item["after"], item["left"]) == ("new", []), item
    assert {"old", "new"} <= {item["site"] for item in found}


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO", "EROFS"])
def test_a_site_on_a_disk_that_fails(board: Path, rounds: Any, cli: Any, fault: str) -> None:
    """From any call on: exit 1 and a line for each of what could not be written, and a whole site."""
    old = outdated_site(board, cli)
    found = rounds(getattr(errno, fault), "run", lasting=True, first=3, step=61)
    new = site(found[0].after["files"])
    for item in found:
        assert whole(item, old, new), f"torn at call {item.at}"
        errors = [line for line in item.said.splitlines() if line.startswith("error:")]
        assert bool(errors) == (item.status == 1), item.said
        assert all(": cannot be written: " in line for line in errors), errors
        assert "mistake of tldr-bench" not in item.said
        assert site(item.files) == new or item.status == 1, f"call {item.at}"
        assert item.after["status"] == 0, item.after["said"]
        assert site(item.after["files"]) == new
    assert any(item.status == 1 for item in found)


def test_what_a_killed_build_left_is_cleared_away(board: Path, cli: Any) -> None:
    """A half-built site beside the site goes once it is an hour old; a younger one has a builder."""
    assert cli("run").rc == 0
    folders = board / "._site.new.aaaa", board / "._site.new.bbbb"
    for folder in folders:
        (folder / "papers").mkdir(parents=True)
    os.utime(folders[0], (1e9, 1e9))
    assert cli("build").rc == 0
    assert [folder.exists() for folder in folders] == [False, True]


def test_runs_at_once_leave_one_whole_site(board: Path, cli: Any) -> None:
    """Four processes that build the same site at once all end well, and it is that of one alone."""
    store = {**os.environ, "TLDR_BENCH_CACHE": str(board / ".cache")}
    for _ in range(2):
        shutil.rmtree(board / "_site", ignore_errors=True)
        command = [sys.executable, "-m", "tldr_bench", "run", "--jobs", "1"]
        at_once = [
            subprocess.Popen(command, cwd=board, env=store, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for _ in range(4)
        ]  # fmt: skip
        said = [process.communicate(timeout=120)[1] for process in at_once]
        assert [process.returncode for process in at_once] == [0] * 4, said
        assert cli("build", "--check", env={"TLDR_BENCH_CACHE": str(board / ".cache")}).rc == 0
        left = [path.name for path in board.iterdir() if path.name.startswith("._site")]
        assert not left


def fill(path: Path) -> None:
    """Write until nothing more goes in."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_of_its_own(board: Path, cli: Any, tmp_path: Path) -> None:
    """On a real file system without room for the result: exit 1, one line, the old result intact."""
    with small_disk(tmp_path / "small", "96k") as small:
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


def test_a_site_on_a_full_disk_of_its_own(board: Path, cli: Any, tmp_path: Path) -> None:
    """On a real file system that is full, then read-only: exit 1, one line, the old site intact."""
    outdated_site(board, cli)
    with small_disk(tmp_path / "small", "2m") as small:
        shutil.copytree(board, small / "board", ignore=shutil.ignore_patterns(".cache"))
        before = pages(small / "board/_site")
        assert cli("score", cwd=small / "board").rc == 0
        fill(small / "filler")
        for reason in ("no space left on device", "read-only file system"):
            done = cli("build", cwd=small / "board")
            assert done.rc == 1
            errors = [line for line in done.err.splitlines() if line.startswith("error:")]
            assert len(errors) == 1
            assert errors[0].endswith(f"_site: cannot be written: {reason}")
            assert pages(small / "board/_site") == before
            remount = ["mount", "-o", "remount,ro", str(small)]
            subprocess.run(remount, check=True, capture_output=True)
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True, capture_output=True)
        (small / "filler").unlink()
        assert cli("build", cwd=small / "board").rc == 0
        assert pages(small / "board/_site") != before


def pages(folder: Path) -> dict[str, bytes]:
    """Every file of a site."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of so many bytes; skips where this user may not mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("changed", [True, False])
def test_what_a_killed_writer_left_is_cleared_away(board: Path, cli: Any, changed: bool) -> None:
    """A temporary file in a results folder goes once it is an hour old; a younger one has a writer."""
    if not changed:
        assert cli("score").rc == 0
    folder = board / "submissions/alpha/results"
    old, young = folder / ".tiny-summary.json.aaaa.tmp", folder / ".tiny-summary.json.bbbb.tmp"
    for path in (old, young):
        path.write_text("half")
    os.utime(old, (1e9, 1e9))
    assert cli("score").rc == 0
    assert (old.exists(), young.exists()) == (False, True)


def test_what_a_killed_import_left_is_cleared_away(board: Path, cli: Any) -> None:
    """The next import into the submission removes it, even one that changes nothing."""
    (board / "said.txt").write_text("Owls hunt at noon.\n" * 4)
    command = ("import", "lines", "said.txt", "--task", "tiny-summary", "--system", "new")
    assert cli(*command).rc == 0
    folder = board / "submissions/new"
    old, young = folder / ".tiny-summary.jsonl.aaaa.tmp", folder / ".tiny-summary.jsonl.bbbb.tmp"
    for path in (old, young):
        path.write_text("half")
    os.utime(old, (1e9, 1e9))
    assert cli(*command).rc == 0
    assert (old.exists(), young.exists()) == (False, True)
