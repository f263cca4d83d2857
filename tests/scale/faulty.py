"""Run a tldr-bench command again and again, each time with a fault at another call that changes a file.

Started by the tests with `faults.c` preloaded:

    python faulty.py FOLDER KIND LASTING FIRST STEP ARGUMENTS…

KIND is -1 (die) or an errno. FOLDER is a workspace with its store in `.cache`. Each round starts
from what FOLDER held at first. Prints a JSON line for each round: the call, the exit status, what
was said, the files; and the same of a second run, without a fault, in what the first one left.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import shutil
import sys
from pathlib import Path

from tldr_bench.cli.main import main

faults = ctypes.CDLL(None)


def files(folder: Path) -> dict[str, str]:
    """Every file outside the store, with its content."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8", errors="backslashreplace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


def run(folder: Path, at: int, kind: int, lasting: int, arguments: list[str]) -> dict[str, object]:
    """The command in a process of its own, with a fault at its `at`-th call (0: none)."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        said = io.StringIO()
        sys.stdout, sys.stderr = io.StringIO(), said
        sys.argv = ["tldr-bench", *arguments]
        faults.faults_arm(str(folder).encode(), at, kind if at else 0, lasting)
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        os.write(send, json.dumps([status, said.getvalue(), faults.faults_calls()]).encode())
        os._exit(status)
    os.close(send)
    answer = b"".join(iter(lambda: os.read(receive, 1 << 16), b""))
    os.close(receive)
    os.waitpid(child, 0)
    status, said, calls = json.loads(answer or '[137, "", 0]')
    return {"status": status, "said": said, "calls": calls, "files": files(folder)}


def warm_up(folder: Path, arguments: list[str]) -> None:
    """Run the command once in this process, elsewhere: what it imports and derives, forks inherit."""
    elsewhere = folder.with_name(folder.name + "-warm")
    shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.copytree(folder, elsewhere)
    os.chdir(elsewhere)
    said, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), io.StringIO(), io.StringIO()
    sys.argv = ["tldr-bench", *arguments]
    store = os.environ["TLDR_BENCH_CACHE"]
    os.environ["TLDR_BENCH_CACHE"] = str(elsewhere / ".cache")
    with contextlib.suppress(SystemExit):
        main()
    os.environ["TLDR_BENCH_CACHE"] = store
    sys.stdout, sys.stderr = said


def restore(folder: Path, kept: Path) -> None:
    """Make a folder hold what it held at first."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(kept, folder, dirs_exist_ok=True)


def rounds() -> None:
    """One round after the other, until a run is over before its fault comes."""
    folder = Path(sys.argv[1]).resolve()
    kind, lasting, first, step = map(int, sys.argv[2:6])
    arguments = sys.argv[6:]
    warm_up(folder, arguments)
    os.chdir(folder)
    kept = folder.with_name(folder.name + "-kept")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, symlinks=True)
    at = first
    while True:
        restore(folder, kept)
        hurt = run(folder, at, kind, lasting, arguments)
        if hurt["status"] == 0 and hurt["calls"] < at:
            restore(folder, kept)
            return
        after = run(folder, 0, 0, 0, arguments)
        print(json.dumps({"at": at, "hurt": hurt, "after": after}), flush=True)
        at += step


rounds()
