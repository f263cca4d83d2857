"""What the workflows of this repository, and of the boards that `init` makes, may do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from workflow_files import ALL, BOARDS, IDS, OURS, THEIRS, step, steps, workflow


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_no_workflow_runs_strangers_code_with_rights(path: Path) -> None:
    """No workflow is triggered by `pull_request_target`, reads a secret, or inherits them."""
    text = path.read_text()
    assert "pull_request_target" not in text
    assert "secrets" not in re.sub(r"#.*", "", text)


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_rights_are_given_job_by_job(path: Path) -> None:
    """A workflow has no rights of its own; each job names those it needs, and a time limit."""
    found = workflow(path)
    assert found["permissions"] == {}
    for job in found["jobs"].values():
        assert isinstance(job["permissions"], dict)
        assert int(job["timeout-minutes"]) <= 60


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_actions_are_pinned_by_full_commit(path: Path) -> None:
    """Every action is one of GitHub's own, pinned by a full commit with its version beside it."""
    lines = [line for line in path.read_text().splitlines() if re.search(r"\buses:", line)]
    for line in lines:
        assert re.search(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_no_expression_stands_inside_a_script(path: Path) -> None:
    """What GitHub puts into a workflow reaches scripts as variables, never as text of the script."""
    for item in steps(path):
        assert "${{" not in item.get("run", "")


@pytest.mark.parametrize("path", ALL, ids=IDS)
def test_checkouts_leave_no_credentials(path: Path) -> None:
    """No checkout leaves its token in the folder."""
    for item in steps(path):
        if item.get("uses", "").startswith("actions/checkout@"):
            assert item["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("folder", BOARDS, ids=["ours", "theirs"])
def test_a_submission_is_checked_without_rights(folder: Path) -> None:
    """The check of a pull request may read the repository and nothing more."""
    found = workflow(folder / "submission.yml")
    assert found["on"] == {"pull_request": {"paths": ["submissions/**"]}}
    assert [job["permissions"] for job in found["jobs"].values()] == [{"contents": "read"}]


@pytest.mark.parametrize("folder", BOARDS, ids=["ours", "theirs"])
def test_code_is_the_bases_and_only_data_the_heads(folder: Path) -> None:
    """What is installed comes from the base; the head is looked at by git and cp, and removed before anything reads it."""
    found = list(steps(folder / "submission.yml"))
    refs = {item["with"]["path"]: item["with"]["ref"] for item in found[:2]}
    assert refs == {
        "board": "${{ github.event.pull_request.base.sha }}",
        "head": "${{ github.event.pull_request.head.sha }}",
    }
    for item in found:
        for line in item.get("run", "").splitlines():
            if re.search(r"\bhead\b", line):
                assert re.match(r"\s*(git -C head diff|if \[ ! -L|cp -RP|rm -rf head)", line), line
        if "pip install" in item.get("run", ""):
            assert re.search(
                r"-r board/requirements.txt|-c board/constraints.txt ./board", item["run"]
            )


@pytest.mark.parametrize("folder", BOARDS, ids=["ours", "theirs"])
def test_the_scorer_has_no_network(folder: Path) -> None:
    """Every call of the tool that sees the submission goes through `unshare --net` with an empty environment."""
    script = step(folder / "submission.yml", "Validate and score, without a network")["run"]
    body = script.split("}", 1)
    assert "unshare --net" in body[0]
    assert "--no-new-privs" in body[0]
    assert "env -i" in body[0]
    assert "tldr-bench" not in body[1]
    assert len(re.findall(r"\boffline (validate|verify|score|export)", body[1])) == 5


@pytest.mark.parametrize("folder", BOARDS, ids=["ours", "theirs"])
def test_only_the_comment_may_comment(folder: Path) -> None:
    """The comment runs after the check, apart from it, checks nothing out, and may do nothing else."""
    found = workflow(folder / "comment.yml")
    assert found["on"] == {"workflow_run": {"workflows": ["Submission"], "types": ["completed"]}}
    assert workflow(folder / "submission.yml")["name"] == "Submission"
    (job,) = found["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not [item for item in job["steps"] if "uses" in item]


@pytest.mark.parametrize("folder", BOARDS, ids=["ours", "theirs"])
def test_only_the_last_job_can_publish(folder: Path) -> None:
    """Verification, build and publication are three jobs in a row; only the last has rights on Pages, and runs no script."""
    jobs = workflow(folder / "board.yml")["jobs"]
    rights = {name: (job.get("needs"), job["permissions"]) for name, job in jobs.items()}
    assert rights == {
        "verify": (None, {"contents": "read"}),
        "build": ("verify", {"contents": "read"}),
        "publish": ("build", {"pages": "write", "id-token": "write"}),
    }
    assert 'tldr-bench" verify --offline --receipts' in (THEIRS / "board.yml").read_text()
    assert all("run" not in item for item in jobs["publish"]["steps"])


def test_boards_and_this_repository_do_the_same() -> None:
    """The workflows that `init` writes are those that run here, but for where tldr-bench comes from."""
    for path in THEIRS.glob("*.yml"):
        theirs = path.read_text().replace(
            "-r board/requirements.txt", "-c board/constraints.txt ./board"
        )
        theirs = theirs.replace("-r requirements.txt", "-c constraints.txt .")
        assert theirs == (OURS / path.name).read_text()


def test_zizmor_has_nothing_to_say() -> None:
    """zizmor, offline and pedantic, finds nothing in the workflows and the action."""
    tool = Path(sys.executable).with_name("zizmor")
    if not tool.exists():
        pytest.skip("zizmor is not installed (pip install zizmor)")
    command = [str(tool), "--offline", "--no-progress", "--persona=pedantic"]
    done = subprocess.run(
        [*command, *map(str, ALL), str(REPOSITORY / "action.yml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


def test_the_action_takes_inputs_as_variables() -> None:
    """The composite action puts no input into the text of a script, and installs itself from its own commit."""
    found = workflow(REPOSITORY / "action.yml")
    assert found["runs"]["using"] == "composite"
    for item in found["runs"]["steps"]:
        assert "${{" not in item["run"]
        assert item["shell"] == "bash"
    assert found["runs"]["steps"][0]["env"] == {"ACTION": "${{ github.action_path }}"}


@pytest.mark.parametrize("path", [*ALL, REPOSITORY / "action.yml"], ids=[*IDS, "action.yml"])
def test_commands_are_stopped_where_a_submission_is_quoted(path: Path) -> None:
    """Every script that lets the tool speak of a submission stops the runner's commands first, by a random word."""
    scripts = re.findall(r"run: \|\n((?:(?: {8,}.*)?\n)+)", path.read_text() + "\n")
    for script in scripts:
        lines = [line.strip() for line in script.splitlines()]
        speaks = [
            number
            for number, line in enumerate(lines)
            if re.match(
                r'(if .*then )?(offline|"\$tool"|.*/tldr-bench") (verify|score|run)\b', line
            )
            or re.search(r'tldr-bench" guard "', line)
        ]
        if speaks:
            stops = [
                number
                for number, line in enumerate(lines)
                if line == "quiet" or (line.startswith('echo "::stop-commands::$'))
            ]
            assert min(stops, default=len(lines)) < min(speaks), script
