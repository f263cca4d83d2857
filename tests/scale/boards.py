"""Made-up boards for the tests of this folder, by the hand that writes them for the benchmarks."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).parent.parent.parent


def benchmark(name: str) -> ModuleType:
    """A module of `benchmarks/`, which is no package that tests could import from."""
    path = REPOSITORY / "benchmarks" / f"{name}.py"
    # Where they find each other when they are run as scripts.
    sys.path += {str(path.parent)} - set(sys.path)
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


scale = benchmark("scale")


def make_board(
    folder: Path,
    systems: int,
    papers: int,
    metrics: Sequence[str] = ("rouge155",),
    targets: int = 1,
) -> Path:
    """A workspace with one task of made-up papers and so many systems; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    scale.task(folder, papers, targets, metrics=metrics)
    for number in range(systems):
        scale.submission(folder, f"s{number:03}", papers, number)
    return folder


def environment(folder: Path, store: str = ".cache") -> dict[str, str]:
    """The environment of a process that works on a board with a store of its own."""
    # An installed package has its bytecode; without it every start compiles the sources again.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PYTHONPATH": str(REPOSITORY),
        "TLDR_BENCH_CACHE": str(folder / store),
        "TLDR_BENCH_OFFLINE": "1",
    }


def start(
    folder: Path, *arguments: str, store: str = ".cache", limit: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """`tldr-bench …` in a process group of its own, running; `limit` is called in it beforehand."""
    return subprocess.Popen(
        [sys.executable, "-m", "tldr_bench", *arguments],
        cwd=folder,
        env=environment(folder, store),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
    )


def finish(process: subprocess.Popen[str], seconds: float = 120) -> tuple[int, str]:
    """The exit status, and what was said on stderr; a hang is killed and fails."""
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert "Traceback" not in said, said
    return process.returncode, said


def score(folder: Path, *arguments: str, store: str = ".cache") -> tuple[int, str]:
    """`tldr-bench score …`, to its end."""
    return finish(start(folder, "score", *arguments, store=store))


def results(folder: Path) -> dict[str, bytes]:
    """Every result file of a board."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.glob("submissions/*/results/*.json"))
    }


def entries(folder: Path, store: str = ".cache") -> list[Path]:
    """Every entry of a board's store."""
    return sorted((folder / store).rglob("*.entry"))


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true; fail when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def processes_of(group: int) -> list[int]:
    """The living processes of a group: their ids."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of) == group and state != "Z":
            found.append(int(path.parent.name))
    return found
