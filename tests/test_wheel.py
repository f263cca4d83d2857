"""What `pip install .` puts elsewhere works without the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the built wheel, and nothing else, was installed."""
    pytest.importorskip(
        "hatchling", reason="hatchling is not installed: no wheel can be built here"
    )
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    target = folder / "site-packages"
    subprocess.run([*install, "--target", str(target), str(wheel)], check=True, capture_output=True)
    return target


def tldr_bench(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "TLDR_BENCH_CACHE": str(folder / ".cache"),
        "TLDR_BENCH_OFFLINE": "1",
    }
    command = [sys.executable, "-m", "tldr_bench", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def test_the_wheel_carries_tasks_and_the_sites_source(installed: Path) -> None:
    """The built-in tasks with their data and the site's templates lie inside the installed package."""
    builtin = installed / "tldr_bench" / "builtin"
    assert (builtin / "tasks" / "mini" / "papers.jsonl").is_file()
    assert (builtin / "tasks" / "scitldr-a" / "task.yaml").is_file()
    assert list((builtin / "site").rglob("*.html*"))


def test_the_main_job_runs_from_the_wheel_in_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    """From an empty folder: a baseline is written, `run` scores it and builds a page about it."""
    wrote = tldr_bench(installed, tmp_path, "baseline", "lead", "--task", "mini-tldr")
    assert wrote.returncode == 0, wrote.stderr
    done = tldr_bench(installed, tmp_path, "run")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "submissions/lead/results/mini-tldr.json").is_file()
    assert "First sentence" in (tmp_path / "_site/mini-tldr/index.html").read_text(encoding="utf-8")


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    """These tests look at the installed copy and not at the repository."""
    command = [sys.executable, "-c", "import tldr_bench; print(tldr_bench.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith(str(installed))
