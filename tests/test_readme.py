"""The README's commands and code run as they are printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """Every `tldr-bench …` line of the shell blocks, without its comment."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [re.sub(r"\s+#.*", "", line) for line in lines if line.startswith("tldr-bench ")]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A clone's workspace in which somebody has put their own system."""
    shutil.copytree(ROOT / "submissions", tmp_path / "submissions")
    shutil.copytree(ROOT / "submissions" / "lead", tmp_path / "submissions" / "my-system")
    return tmp_path


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TLDR_BENCH_CACHE": str(folder / ".cache"),
        "TLDR_BENCH_OFFLINE": "1",
    }
    if data := os.environ.get("TLDR_BENCH_DATA"):
        environment["TLDR_BENCH_DATA"] = str(Path(data).resolve())
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_works(command: str, workspace: Path) -> None:
    """Each tldr-bench command that the README prints ends without an error, offline."""
    if "fetch scitldr" in command and not os.environ.get("TLDR_BENCH_DATA"):
        pytest.skip("TLDR_BENCH_DATA is not set: the published test set is not here")
    done = run([sys.executable, "-m", "tldr_bench", *command.split()[1:]], workspace)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_the_python_example_works(workspace: Path) -> None:
    """The Python block of the README runs and prints a score and a rank."""
    (code,) = blocks("python")
    done = run([sys.executable, "-c", code], workspace)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Score(value=0.2")
    assert done.stdout.splitlines()[-1] == "1"


def test_the_readme_names_every_make_target_that_it_needs() -> None:
    """The two commands on top are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.MULTILINE)
    assert targets == ["leaderboard", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_the_readme_quotes_only_what_was_measured() -> None:
    """Every row of its table of speeds stands in the last whole run of `make bench`, to the letter."""
    section = README.partition("## Fast")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    measured = (ROOT / "benchmarks/results/latest.md").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 2
    assert set(rows) <= set(measured)
    assert not re.search(r"\d ×", section.replace("\n".join(rows), ""))
