"""`tldr-bench build` and `serve`: the website."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import OfflineOption, RootOption, note, open_workspace
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from tldr_bench.execute import Plan
    from tldr_bench.leaderboard import Board
    from tldr_bench.workspace import Workspace

OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where the site goes; default: _site/.")
]


def build(
    out: OutOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say whether the site is current.")
    ] = False,
    snapshot: Annotated[
        str | None,
        typer.Option(
            "--snapshot", metavar="DATE", help="Also keep it as snapshots/DATE, for good."
        ),
    ] = None,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Build the website into _site/."""
    from tldr_bench.cli.score import report
    from tldr_bench.cli.work import stopping
    from tldr_bench.execute import default_store, plan, run_plan

    workspace = open_workspace(root, offline)
    folder = out or workspace.root / "_site"
    with stopping():
        todo = plan(workspace)
        runs = list(run_plan(workspace, todo, default_store()))
        if stays_as_it_is(folder, todo):
            raise typer.Exit(report(todo, runs, asked=False))
        boards = [run.board() for run in runs]
        if snapshot is not None:
            note(f"{write_snapshot(workspace, boards, _date(snapshot))}: kept")
        changed = write_site(workspace, boards, folder, check=check)
        note(f"{folder}: {counted(changed, 'file')} {'would change' if check else 'written'}")
        status = report(todo, runs, asked=False)
    raise typer.Exit(1 if check and changed else status)


def stays_as_it_is(folder: Path, todo: Plan) -> bool:
    """Whether the site is left alone, which is said: a task that could not be read would be gone
    from it. One whose data are not on this machine is left out, as in every other command.
    """
    if todo.unread:
        tasks = ", ".join(sorted(todo.unread))
        note(f"{folder}: left as it is, because it would lack what could not be read: {tasks}")
    return bool(todo.unread)


def _date(text: str) -> str:
    from tldr_bench.errors import UsageError

    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"--snapshot takes a date such as 2026-11-20, not {text[:40]!r}") from None


def write_site(
    workspace: Workspace, boards: Sequence[Board], folder: Path, *, check: bool = False
) -> int:
    """Make the folder hold the site of these boards and the snapshots; with `check`, only look.

    Returns how many files changed, came or went.
    """
    from tldr_bench.page.folder import count_changes, replace_site

    kept = _snapshots(workspace)
    files = _files(workspace, boards, list(kept), folder)
    for date, snapshot in kept.items():
        for path in snapshot.rglob("*"):
            if path.is_file():
                name = path.relative_to(snapshot).as_posix()
                files[f"snapshots/{date}/{name}"] = path.read_bytes()
    return count_changes(folder, files) if check else replace_site(folder, files)


def write_snapshot(workspace: Workspace, boards: Sequence[Board], date: str) -> Path:
    """Keep the site of these boards as `snapshots/DATE`. Raises UsageError where another one stands."""
    from tldr_bench.errors import UsageError
    from tldr_bench.page.folder import count_changes, replace_site

    folder = workspace.root / "snapshots" / date
    files = _files(workspace, boards, [], snapshot=date)
    if folder.exists() and count_changes(folder, files):
        raise UsageError(f"snapshots/{date} is there already and differs; a snapshot never changes")
    replace_site(folder, files)
    return folder


def _files(
    workspace: Workspace,
    boards: Sequence[Board],
    snapshots: Sequence[str],
    earlier: Path | None = None,
    snapshot: str | None = None,
) -> dict[str, bytes]:
    from tldr_bench.page import binary_assets, render

    changelog = _changelog(workspace)
    pages = render(
        boards,
        workspace.site,
        changelog=changelog,
        snapshots=snapshots,
        earlier=earlier,
        snapshot=snapshot,
    )
    files = {name: content.encode() for name, content in pages.items()}
    return files | binary_assets(workspace.site)


def _snapshots(workspace: Workspace) -> dict[str, Path]:
    """Date -> folder of every snapshot of the workspace."""
    folders = (workspace.root / "snapshots").glob("????-??-??")
    return {path.name: path for path in sorted(folders) if (path / "index.html").is_file()}


def _changelog(workspace: Workspace) -> str:
    from tldr_bench.errors import Problem, SiteError, path_name
    from tldr_bench.files import MAX_YAML, decode, read_bounded
    from tldr_bench.json_text import Unreadable

    path = workspace.root / "CHANGELOG.md"
    try:
        return decode(read_bounded(path, MAX_YAML)) if path.is_file() else ""
    except Unreadable as error:
        raise SiteError([Problem(path_name(path), error.line, str(error))]) from None


def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8000,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Show the built site on http://localhost."""
    from tldr_bench.errors import UsageError

    folder = open_workspace(root, offline).root / "_site"
    if not (folder / "index.html").is_file():
        raise UsageError(f"{folder} holds no site yet; run tldr-bench build first")
    with site_server(folder, port) as server:
        note(f"http://127.0.0.1:{server.server_port}/ (stop with Ctrl-C)")
        server.serve_forever()


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server for the files of a folder, for this machine only. Raises UsageError for a taken port."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from tldr_bench.errors import UsageError

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}") from None
