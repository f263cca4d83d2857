"""The workflows of this repository, and of the boards that `init` makes: what they may do, and what they do."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import REPOSITORY

OURS = REPOSITORY / ".github/workflows"
THEIRS = REPOSITORY / "tldr_bench/init/board/github/workflows"
ALL = sorted([*OURS.glob("*.yml"), *THEIRS.glob("*.yml")])
BOARDS = [OURS, THEIRS]
IDS = [str(path.relative_to(REPOSITORY)) for path in ALL]


def workflow(path: Path) -> dict[str, Any]:
    """A workflow as text values: `on` stays a word."""
    value = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - it makes only text
    assert isinstance(value, dict)
    return value


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in workflow(path)["jobs"].values():
        yield from job["steps"]


def step(path: Path, name: str) -> dict[str, Any]:
    (found,) = [item for item in steps(path) if item.get("name") == name]
    return found


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


# The scripts, run ---------------------------------------------------------------------------------


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


# The comment --------------------------------------------------------------------------------------

GH = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
arguments = sys.argv[2:]
path = arguments[0]
said = sys.stdin.read() if "--input" in arguments else None
with open(here / "calls.jsonl", "a") as log:
    log.write(json.dumps([arguments, said]) + "\\n")
if path.endswith("/pulls"):
    pulls = [{{"number": 7, "head": {{"sha": "abc"}}}}, {{"number": 8, "head": {{"sha": "other"}}}}]
    print(json.dumps(pulls))
elif path.endswith("/pulls/7/files"):
    print((here / "files.json").read_text())
elif path.endswith("/pulls/7"):
    print(json.dumps({{"head": {{"sha": (here / "now").read_text()}}}}))
elif path.endswith("/artifacts"):
    print(json.dumps({{"artifacts": [{{"id": 5, "name": "summary", "size_in_bytes": 900}}]}}))
elif path.endswith("/zip"):
    sys.stdout.buffer.write((here / "artifact.zip").read_bytes())
elif "-X" in arguments and arguments[arguments.index("-X") + 1] == "GET":
    print((here / "comments.json").read_text())
else:
    print("{{}}")
"""


SUBMITTED = [{"filename": "submissions/new/submission.yaml"}]


@pytest.fixture
def comment(tmp_path: Path) -> Any:
    """Run the comment's script on an artifact with this text, against a `gh` that only notes what it is told."""
    fake = tmp_path / "gh"
    fake.write_text(GH.format(python=sys.executable))
    fake.chmod(0o755)

    def run(
        text: bytes,
        sha: str = "abc",
        before: str = "[]",
        name: str = "summary.txt",
        files: list[dict[str, str]] = SUBMITTED,
        now: str = "abc",
    ) -> list[Any]:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(name, text)
        (tmp_path / "artifact.zip").write_bytes(archive.getvalue())
        (tmp_path / "comments.json").write_text(before)
        (tmp_path / "files.json").write_text(json.dumps(files))
        (tmp_path / "now").write_text(now)
        (tmp_path / "calls.jsonl").write_text("")
        (item,) = steps(THEIRS / "comment.yml")
        script = tmp_path / "script.py"
        script.write_text(item["run"])
        environment = {
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "REPOSITORY": "o/r",
            "RUN": "99",
            "CONCLUSION": "success",
            "HEAD_OWNER": "stranger",
            "HEAD_BRANCH": "x; touch owned",
            "HEAD_SHA": sha,
        }
        done = subprocess.run(
            [sys.executable, str(script)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert not (tmp_path / "owned").exists()
        calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
        return [(arguments, json.loads(said)) for arguments, said in calls if said]

    return run


def test_the_comment_says_what_the_check_found(comment: Any) -> None:
    """The text goes, as a block, to the pull request that has this commit and to no other."""
    ((arguments, said),) = comment(b"lead: 27.3\n")
    assert arguments[0] == "repos/o/r/issues/7/comments"
    assert "~~~~text\nlead: 27.3\n\n~~~~\n" in said["body"]
    assert "passed ([log](https://github.com/o/r/actions/runs/99))" in said["body"]


def test_a_second_run_changes_its_own_comment(comment: Any) -> None:
    """An earlier comment of the workflow is changed; a stranger's comment with the same mark is left alone."""
    marked = "<!-- tldr-bench -->\nold"
    mine = {"id": 11, "user": {"login": "github-actions[bot]"}, "body": marked}
    strangers = {"id": 12, "user": {"login": "stranger"}, "body": marked}
    ((arguments, _),) = comment(b"new", before=json.dumps([strangers, mine]))
    assert arguments[:3] == ["repos/o/r/issues/comments/11", "-X", "PATCH"]


def test_a_commit_of_no_open_pull_request_is_not_commented_on(comment: Any) -> None:
    """Without an open pull request of this commit nothing is written anywhere."""
    assert comment(b"x", sha="nobody's") == []


def test_hostile_text_stays_in_its_block(comment: Any) -> None:
    """Fences, mentions, HTML and control characters cannot leave the block, and a flood is cut."""
    evil = b"~~~~\n@everyone <img src=x> [a](javascript:b)\x1b[31m\xff\n" + b"~" * 100_000
    ((_, said),) = comment(evil)
    block = said["body"].partition("~~~~text\n")[2]
    inside, _, after = block.partition("~~~~")
    assert after == "\n"
    assert "\x1b" not in inside
    assert len(inside) < 25_000
    assert "@everyone <img src=x>" in inside


def test_an_artifact_of_another_shape_is_no_comment(comment: Any) -> None:
    """An archive without the expected file makes the job fail before anything is written."""
    with pytest.raises(AssertionError, match="no item named"):
        comment(b"x", name="../../summary.txt")


@pytest.mark.parametrize(
    "files",
    [
        [*SUBMITTED, {"filename": ".github/workflows/submission.yml"}],
        [{"filename": "submissions/a/x.yml", "previous_filename": ".github/workflows/board.yml"}],
        SUBMITTED * 100,
    ],
)
def test_a_check_that_was_changed_is_not_believed(
    comment: Any, files: list[dict[str, str]]
) -> None:
    """A pull request that may have changed its own check has not passed it, and its text is not shown."""
    ((_, said),) = comment(b"rank 1, better than all", files=files)
    assert "did not pass" in said["body"]
    assert "This changes more than a submission" in said["body"]
    assert "better than all" not in said["body"]


def test_a_pull_request_that_moved_on_is_not_commented_on(comment: Any) -> None:
    """Where the commit is another one by now, nothing is said about files that were not looked at."""
    assert comment(b"x", now="def") == []
