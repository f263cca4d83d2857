"""The site's folder: replaced whole, nobody else's files touched, snapshots for good."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import GOLD, Answer, TinyWorkspace

from tldr_bench.cli.build import site_server
from tldr_bench.errors import OutputError
from tldr_bench.page import folder as site_folder
from tldr_bench.page.folder import count_changes, replace_site

INDEX = "data/index.json"


def site(**pages: str) -> dict[str, bytes]:
    """Files with their list, as `render` gives them."""
    files = {name.replace("_", "/"): text.encode() for name, text in pages.items()}
    return {**files, INDEX: json.dumps({"files": dict.fromkeys(files, 0)}).encode()}


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "index.json"
    }


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """A second build counts and writes the changed pages; the others stay the same files."""
    out = tmp_path / "_site"
    assert replace_site(out, site(a="1", b_c="2")) == 3
    before = (out / "a").stat()
    assert replace_site(out, site(a="1", b_c="2")) == 0
    assert replace_site(out, site(a="1", b_c="3")) == 1
    after = (out / "a").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert contents(out) == {"a": "1", "b/c": "3"}


def test_what_is_gone_is_removed_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A page of an earlier build goes; a CNAME, a link and an empty folder of others stay."""
    out = tmp_path / "_site"
    replace_site(out, site(a="1", old="2"))
    (out / "CNAME").write_text("board.example.org")
    (out / "link").symlink_to("CNAME")
    (out / "empty").mkdir()
    assert replace_site(out, site(a="1")) == 2
    assert contents(out) == {"a": "1", "CNAME": "board.example.org", "link": "board.example.org"}
    assert (out / "link").is_symlink()
    assert (out / "empty").is_dir()


def test_a_list_that_names_files_outside_removes_nothing_there(tmp_path: Path) -> None:
    """A forged data/index.json cannot make a build remove files elsewhere."""
    out = tmp_path / "_site"
    (tmp_path / "precious").write_text("here")
    replace_site(out, site(a="1"))
    (out / INDEX).write_text(json.dumps({"files": {"../precious": 0, "/etc/passwd": 0}}))
    replace_site(out, site(a="2"))
    assert (tmp_path / "precious").read_text() == "here"


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    """A folder with somebody's files, or a file, is not overwritten: one clear line says so."""
    out = tmp_path / "home"
    out.mkdir()
    (out / "thesis.tex").write_text("x")
    with pytest.raises(OutputError, match="is not empty and holds no site of tldr-bench"):
        replace_site(out, site(a="1"))
    with pytest.raises(OutputError, match="is not a folder"):
        replace_site(out / "thesis.tex", site(a="1"))
    assert contents(out) == {"thesis.tex": "x"}


@pytest.mark.parametrize("stop_at", range(12))
def test_whatever_call_the_kill_hits_no_site_is_mixed(
    stop_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at any of its steps, a build leaves the old site or the new one; the next build mends it."""
    out, old, new = tmp_path / "_site", site(a="1", b="1", gone="1"), site(a="2", b="2", new="2")
    replace_site(out, old)
    steps = iter(range(100))

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **keywords: Any) -> Any:
            if next(steps) == stop_at:
                os._exit(9)
            return call(*arguments, **keywords)

        return step

    child = os.fork()
    if not child:
        monkeypatch.setattr(site_folder, "_place", counted(site_folder._place))
        monkeypatch.setattr(Path, "rename", counted(Path.rename))
        monkeypatch.setattr(site_folder.shutil, "rmtree", counted(site_folder.shutil.rmtree))
        replace_site(out, new)
        os._exit(0)
    os.waitpid(child, 0)
    wanted = [{k: v.decode() for k, v in files.items() if k != INDEX} for files in (old, new)]
    if out.exists():
        assert contents(out) in wanted
    replace_site(out, new)
    assert contents(out) == wanted[1]
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".old")] == []


def test_a_full_disk_leaves_the_old_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while writing is one clear line, and the site that stood there stands."""
    out = tmp_path / "_site"
    replace_site(out, site(a="1"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="cannot be written: no space left on device"):
        replace_site(out, site(a="2"))
    assert contents(out) == {"a": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize(("after", "stands"), [(1, "1"), (2, "2")])
def test_ctrl_c_between_the_two_renames_takes_no_site_away(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
    stands: str,
    stopped: type[BaseException],
) -> None:
    """Stopped after the first rename the old site stands, after the second the new one; nothing is left."""
    out = tmp_path / "_site"
    replace_site(out, site(a="1"))
    rename, calls = Path.rename, iter(range(1, 100))

    def interrupted(path: Path, target: Path) -> None:
        rename(path, target)
        if next(calls) == after:
            raise stopped

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(stopped):
        replace_site(out, site(a="2"))
    assert contents(out) == {"a": stands}
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


def test_check_counts_and_writes_nothing(tmp_path: Path) -> None:
    """Counting what a build would do touches nothing."""
    out = tmp_path / "_site"
    assert count_changes(out, site(a="1")) == 2
    assert not out.exists()


GOOD = [{"id": f"p{number}", "prediction": "Owls hunt at noon."} for number in range(1, 5)]
MORE = [{"id": f"p{number}", "prediction": "Glass carries trains."} for number in range(1, 5)]


def test_build_check_says_whether_the_site_is_current(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """`build --check` is 1 before the build and after a new submission, 0 in between."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    assert cli("build", "--check").rc == 1
    assert not Path("_site").exists()
    assert cli("build").rc == 0
    assert cli("build", "--check").rc == 0
    tmp_workspace.submit("two", "tiny-summary", MORE)
    assert cli("build", "--check").rc == 1


def test_a_broken_submission_fails_the_build_by_name(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """The site is built without it, names it, and the exit status is 1."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    tmp_workspace.submit("two", "tiny-summary", GOOD[:2])
    answer = cli("build")
    assert answer.rc == 1
    assert "submissions/two/tiny-summary.jsonl" in answer.err
    assert "Not scored" in Path("_site/index.html").read_text("utf-8")


@pytest.mark.parametrize("command", ["build", "run"])
@pytest.mark.parametrize("unread", ["tasks/tiny/rows.jsonl", "tasks/tiny-summary/task.yaml"])
def test_a_task_that_cannot_be_read_is_not_taken_off_the_site(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer], unread: str, command: str
) -> None:
    """Where a disk fails on a task the site stays byte for byte, the reason is told, and the status is 1."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    own = tmp_workspace.root / "tasks/labels"
    tmp_workspace.write("tasks/labels/task.yaml", "")
    shutil.copytree(tmp_workspace.root / "tasks/tiny-labels", own, dirs_exist_ok=True)
    text = (own / "task.yaml").read_text().replace("tiny/rows.jsonl", "labels/rows.jsonl")
    tmp_workspace.write("tasks/labels/task.yaml", text)
    shutil.copy(tmp_workspace.root / "tasks/tiny/rows.jsonl", own)
    tmp_workspace.submit("one", "labels", GOLD["tiny-labels"])
    assert cli("build").rc == 0
    before = contents(Path("_site"))
    assert "tiny-summary/index.html" in before
    tmp_workspace.submit("two", "labels", GOLD["tiny-labels"])
    code = (
        "import os, sys\n"
        "real = os.open\n"
        "def fail(path, *more, **named):\n"
        f"    if str(path).endswith({unread!r}):\n"
        "        raise OSError(5, 'Input/output error')\n"
        "    return real(path, *more, **named)\n"
        "os.open = fail\n"
        f"sys.argv = ['tldr-bench', {command!r}]\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"error: {unread}: input/output error" in done.stderr
    assert "_site: left as it is, because it would lack what could not be read: tiny-summary" in (
        done.stderr
    )
    assert contents(Path("_site")) == before
    assert cli("build").rc == 0
    assert contents(Path("_site")) != before


def test_a_task_whose_data_are_not_here_is_left_out(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Data that lie on another machine are no error: the site is of what is here, and that is said."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    text = (tmp_workspace.root / "tasks/tiny-labels/task.yaml").read_text()
    tmp_workspace.write("tasks/far/task.yaml", text.replace("tiny/rows.jsonl", "far/rows.jsonl"))
    tmp_workspace.submit("one", "far", GOLD["tiny-labels"])
    answer = cli("build")
    assert answer.rc == 0
    assert "skipped far: its data (far/rows.jsonl) is not on this machine" in answer.err
    assert Path("_site/tiny-summary/index.html").is_file()


def test_a_new_system_rewrites_what_it_touches_and_nothing_else(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Pages of another task, the metrics and the assets stay the same files."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    tmp_workspace.submit("one", "tiny-labels", [
        {"id": "p1", "prediction": [1, 0, 0]}, {"id": "p2", "prediction": [1, 0]},
        {"id": "p3", "prediction": [1, 0, 0, 0]}, {"id": "p4", "prediction": [1, 0, 0]},
    ])  # fmt: skip
    assert cli("build").rc == 0
    kept = [
        "tiny-labels/index.html",
        "tiny-labels/systems/one.html",
        "metrics.html",
        "assets/style.css",
    ]
    before = {name: (Path("_site") / name).stat().st_ino for name in kept}
    tmp_workspace.submit("two", "tiny-summary", MORE)
    assert cli("build").rc == 0
    assert {name: (Path("_site") / name).stat().st_ino for name in kept} == before
    assert Path("_site/tiny-summary/compare/one--two.html").is_file()


def test_a_snapshot_stands_for_good(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """`--snapshot` keeps a copy that later builds carry along, cite, and never change."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    assert cli("build", "--snapshot", "2026-11-20").rc == 0
    kept = contents(Path("snapshots/2026-11-20"))
    tmp_workspace.submit("two", "tiny-summary", MORE)
    assert cli("build").rc == 0
    assert contents(Path("_site/snapshots/2026-11-20")) == kept
    assert "snapshots/2026-11-20/index.html" in Path("_site/index.html").read_text("utf-8")
    again = cli("build", "--snapshot", "2026-11-20")
    assert again.rc == 2
    assert "a snapshot never changes" in again.err
    assert cli("build", "--snapshot", "yesterday").rc == 2


def test_every_page_of_a_snapshot_says_that_it_is_one(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Each names its date and leads to the current board; it cites itself; the board says nothing."""
    tmp_workspace.submit("one", "tiny-summary", GOOD)
    tmp_workspace.submit("two", "tiny-summary", MORE)
    assert cli("build", "--snapshot", "2026-11-20").rc == 0
    copy = Path("_site/snapshots/2026-11-20")
    pages = sorted(copy.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        text = page.read_text("utf-8")
        assert text.count("as it stood on 2026-11-20") == 1, page
        link = re.search(r'never changes, for citing. <a href="([^"]+)"', text)
        assert link is not None, page
        assert (page.parent / link[1]).resolve() == Path("_site/index.html").resolve(), page
    for page in set(Path("_site").rglob("*.html")) - set(pages):
        assert "as it stood on" not in page.read_text("utf-8"), page
    front = (copy / "index.html").read_text("utf-8")
    assert "Snapshot 2026-11-20" in front
    assert "The snapshot</a>" not in front
    assert cli("build", "--check").rc == 0
    assert cli("build", "--snapshot", "2026-11-20").rc == 0
    assert cli("build", "--check").rc == 0


def test_the_site_is_served_on_this_machine_only(tmp_path: Path) -> None:
    """`serve` answers on 127.0.0.1 with the file's bytes and type."""
    (tmp_path / "index.html").write_text("<p>board")
    with site_server(tmp_path, 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
            assert answer.read() == b"<p>board"
            assert answer.headers["Content-Type"] == "text/html"
        server.shutdown()


def test_serve_without_a_site_says_what_to_do(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """`serve` before `build` is a usage error with the way out."""
    assert tmp_workspace.root.is_dir()
    answer = cli("serve")
    assert answer.rc == 2
    assert "run tldr-bench build first" in answer.err
