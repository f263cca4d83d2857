"""What the check of a pull request does: its scripts, run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from workflow_files import OURS, THEIRS, step


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def pull_request(tmp_path: Path) -> Path:
    """A folder as the check sees it: `board` and `head`, clones of one repository, and a runner's temporary folder."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    head = tmp_path / "head"
    (head / "submissions/old").mkdir(parents=True)
    (head / "submissions/old/submission.yaml").write_text("name: Old\n")
    git(head, "init", "--quiet", "--initial-branch=main")
    git(head, "add", ".")
    git(head, "commit", "--quiet", "-m", "base")
    shutil.copytree(head, tmp_path / "board")
    tool = tmp_path / "runner/venv/bin/tldr-bench"
    tool.parent.mkdir(parents=True)
    command = f'PYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m tldr_bench "$@"'
    tool.write_text(f"#!/bin/sh\n{command}\n")
    tool.chmod(0o755)
    return tmp_path


def run_step(
    folder: Path, name: str, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run one step of the check as the runner does: bash with -e and pipefail."""
    script = step(THEIRS / "submission.yml", name)["run"]
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(folder / "runner"),
        "GITHUB_OUTPUT": str(folder / "output"),
        **variables,
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def guard(folder: Path) -> subprocess.CompletedProcess[str]:
    """Commit what stands in `head`, and run the guard on it."""
    head = folder / "head"
    base = git(head, "rev-parse", "HEAD")
    git(head, "add", "--all")
    git(head, "commit", "--quiet", "--allow-empty", "-m", "change")
    new = git(head, "rev-parse", "HEAD")
    return run_step(folder, "One submission folder, and nothing else", {"BASE": base, "HEAD": new})


def submit(folder: Path, name: str, content: str = "x") -> None:
    path = folder / "head" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_one_folder_passes_and_is_copied(pull_request: Path) -> None:
    """A change of one submission is named, and its folder alone is put into the board."""
    submit(pull_request, "submissions/new/submission.yaml", "name: New\n")
    submit(pull_request, "submissions/new/mini-tldr.jsonl")
    submit(pull_request, "submissions/new/results/mini-tldr.json")
    done = guard(pull_request)
    assert done.returncode == 0, done.stderr
    assert (pull_request / "output").read_text() == "system=new\n"
    copied = run_step(pull_request, "Put that folder, as data, into the board", {"SYSTEM": "new"})
    assert copied.returncode == 0, copied.stderr
    assert (pull_request / "board/submissions/new/mini-tldr.jsonl").read_text() == "x"
    assert not (pull_request / "head").exists()


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["submissions/a/submission.yaml", "submissions/b/submission.yaml"], "expected one submission in a pull request, got a, b"),
        (["submissions/a/submission.yaml", "tldr_bench/scoring.py"], "'tldr_bench/scoring.py': a submission may change files in submissions/<system>/ only"),
        ([".github/workflows/submission.yml"], "may change files in submissions/<system>/ only"),
        (["tasks/mini-tldr/task.yaml"], "may change files in submissions/<system>/ only"),
        (["submissions/x.yaml"], "may change files in submissions/<system>/ only"),
        (["submissions/Bad Name/submission.yaml"], "expected a folder name"),
        (["submissions/a/sitecustomize.py"], "is none of the files of a submission"),
        (["submissions/a/.gitattributes"], "is none of the files of a submission"),
        (["submissions/a/Submission.yaml"], "is none of the files of a submission"),
        (["submissions/a/MINI-TLDR.jsonl"], "is none of the files of a submission"),
        (["submissions/con/submission.yaml"], "has a name that Windows does not allow"),
        (["submissions/a/results/../../b.json"], "may change"),
        (["submissions/a/results/deep/x.json"], "is none of the files of a submission"),
        ([], "nothing was changed"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(pull_request: Path, names: list[str], says: str) -> None:
    """Two submissions, code, workflows, tasks, stray files and strange names are refused by path."""
    for name in names:
        submit(pull_request, name)
    done = guard(pull_request)
    assert done.returncode != 0
    assert says in done.stderr
    assert not (pull_request / "output").exists()


def test_a_path_cannot_speak_to_the_runner(pull_request: Path) -> None:
    """A file name with a line break and a workflow command in it is shown as text on one line."""
    submit(pull_request, "submissions/a\n::error::owned\n/x.jsonl")
    done = guard(pull_request)
    assert done.returncode != 0
    assert not [line for line in done.stderr.splitlines() if line.startswith("::")]
    assert re.fullmatch(r"::stop-commands::[0-9a-f-]{36}\n", done.stdout)


def test_what_the_guard_says_is_no_command(pull_request: Path) -> None:
    """A file name with the runner's old form of commands in it is said where commands are stopped."""
    submit(pull_request, "submissions/a/##[set-output name=system]b.jsonl")
    done = guard(pull_request)
    assert done.returncode != 0
    assert "##[set-output" in done.stderr
    assert re.fullmatch(r"::stop-commands::[0-9a-f-]{36}\n", done.stdout)


def test_a_submission_that_is_there_already_is_pointed_out(pull_request: Path) -> None:
    """Changing somebody's submission, and not a new one, is told to those who look at the pull request."""
    submit(pull_request, "submissions/new/submission.yaml")
    assert "notice" not in guard(pull_request).stdout
    git(pull_request / "head", "reset", "--quiet", "--hard", "HEAD~1")
    submit(pull_request, "submissions/old/mini-tldr.jsonl")
    assert "::notice::old is on the board already: this changes it\n" in guard(pull_request).stdout


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("folder", [OURS, THEIRS])
def test_wrong_results_fail_after_the_table_is_made(
    folder: Path, verified: bool, tmp_path: Path
) -> None:
    """Results are compared whether or not any came along; the summary is written before it fails."""
    step = (folder / "submission.yml").read_text().split("- name: Validate and score", 1)[1]
    script = step.split("run: |\n", 1)[1].split("\n\n", 1)[0]
    script = re.sub(r"offline\(\) \{.*?\n +\}\n", "", script, flags=re.DOTALL)
    (tmp_path / "submissions/new").mkdir(parents=True)
    stand_in = (
        f'offline() {{ echo "$1" >> said; [ "$1" != verify ] || {str(verified).lower()}; }}\n'
    )
    done = subprocess.run(
        ["bash", "-euc", stand_in + script],
        cwd=tmp_path,
        env={**os.environ, "SYSTEM": "new", "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == (0 if verified else 1), done.stderr
    said = ["validate", "verify", "score", "export", "export"]
    assert (tmp_path / "said").read_text().split() == said
    assert (tmp_path / "summary.txt").exists()


def test_a_renamed_folder_of_somebody_else_is_refused(pull_request: Path) -> None:
    """Moving another's submission to one's own name is a change of two."""
    (pull_request / "head/submissions/old").rename(pull_request / "head/submissions/mine")
    assert "expected one submission in a pull request, got mine, old" in guard(pull_request).stderr


def test_a_folder_that_is_a_link_is_not_copied(pull_request: Path) -> None:
    """A link in the place of the folder brings nothing into the board."""
    (pull_request / "head/submissions/new").symlink_to("/etc")
    copied = run_step(pull_request, "Put that folder, as data, into the board", {"SYSTEM": "new"})
    assert copied.returncode == 0
    assert not (pull_request / "board/submissions/new").exists()


def test_a_withdrawn_submission_leaves_the_board(pull_request: Path) -> None:
    """A pull request that deletes a submission is said to do so."""
    shutil.rmtree(pull_request / "head/submissions/old")
    assert guard(pull_request).returncode == 0
    run_step(pull_request, "Put that folder, as data, into the board", {"SYSTEM": "old"})
    assert not (pull_request / "board/submissions/old").exists()
    assert (pull_request / "runner/summary.txt").read_text() == "old is taken off the board\n"
