"""`tldr-bench run`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tldr_bench.cli.build import stays_as_it_is, write_site
from tldr_bench.cli.common import (
    ClusterOption,
    DeviceOption,
    HubCodeOption,
    JobsOption,
    LogOption,
    OfflineOption,
    ProfileOption,
    RootOption,
    allow,
    note,
    open_workspace,
)
from tldr_bench.cli.data import bring_all
from tldr_bench.cli.score import report, score_all, summary
from tldr_bench.cli.work import working
from tldr_bench.errors import counted


def run(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the site goes; default: _site/.")
    ] = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    log: LogOption = "text",
    profile: ProfileOption = False,
    device: DeviceOption = None,
    run_hub_code: HubCodeOption = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Get the data, score every submission, build the site.

    A submission is scored on every task that it has a file for.
    """
    allow(device, run_hub_code)
    workspace = open_workspace(root, offline)
    bring_all(workspace)
    with working(jobs, cluster, log, profile) as work:
        runs, todo = score_all(workspace, work)
        for done in runs:
            typer.echo(summary(done) + "\n")
        status = report(todo, runs, asked=False)
        folder = out or workspace.root / "_site"
        if runs and not stays_as_it_is(folder, todo):
            with work.tally.stage("build site"):
                changed = write_site(workspace, [done.board() for done in runs], folder)
            note(f"site: {folder / 'index.html'} ({counted(changed, 'file')} written)")
    raise typer.Exit(status)
