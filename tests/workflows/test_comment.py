"""What is said under a pull request, and what is not believed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from workflow_files import THEIRS, steps

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
