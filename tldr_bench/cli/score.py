"""`tldr-bench score`: write what each system scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
    print_errors,
    print_warnings,
)
from tldr_bench.cli.work import Work, working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tldr_bench.errors import Problem
    from tldr_bench.execute import Plan, TaskRun
    from tldr_bench.submission import Submission
    from tldr_bench.workspace import Workspace

MOST_LOOKED_AT = 10_000
"""Examples of a task whose submissions are looked at for what seems wrong."""

TaskOption = Annotated[
    list[str] | None, typer.Option("--task", metavar="ID", help="Only this task.")
]


def score(
    systems: Annotated[list[str] | None, typer.Argument(metavar="[SYSTEM…]")] = None,
    task: TaskOption = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    log: LogOption = "text",
    profile: ProfileOption = False,
    device: DeviceOption = None,
    run_hub_code: HubCodeOption = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Score submissions, and write their results.

    They go to submissions/<system>/results/<task>.json. A system is named by its folder in submissions/.
    """
    allow(device, run_hub_code)
    workspace = open_workspace(root, offline)
    with working(jobs, cluster, log, profile) as work:
        runs, todo = score_all(workspace, work, systems, task, lean=True)
    for run in runs:
        typer.echo(summary(run))
    raise typer.Exit(report(todo, runs, asked=bool(systems or task)))


def score_all(
    workspace: Workspace,
    work: Work,
    systems: list[str] | None = None,
    task_ids: list[str] | None = None,
    *,
    lean: bool = False,
) -> tuple[list[TaskRun], Plan]:
    """Score what is asked for and write the results; what cannot be scored stays in the plan.

    A `lean` run keeps no measurements in memory: it cannot make a board.
    """
    from functools import partial

    from tldr_bench.execute import plan, run_plan

    for task_id in task_ids or []:
        workspace.task_folder(task_id)
    systems = [workspace.system_name(typed) for typed in systems or ()]
    with work.tally.stage("look around"):
        todo = plan(workspace, systems, task_ids)
    keep = partial(work.keep, workspace)
    runs = list(run_plan(workspace, todo, work.store, work.workers, keep, work.tally, lean=lean))
    work.hide()
    todo.problems.extend(work.problems)
    with work.tally.stage("look for what seems wrong"):
        print_warnings(_warnings(runs, {*work.changed}, systems))
    return runs, todo


def _warnings(
    runs: list[TaskRun], changed: set[tuple[str, str]], asked: list[str]
) -> Iterator[Problem]:
    """What looks wrong in the submissions that are new, or were asked for by name.

    Of a very large task nothing is looked at by the way: `doctor SYSTEM` does it.
    """
    for run in runs:
        names = [item.submission.system for item in run.scored]
        looked_at = {name for name in names if name in asked or (run.task.id, name) in changed}
        if looked_at and len(run.task.examples) <= MOST_LOOKED_AT:
            from tldr_bench.analysis.warn import warnings_among

            yield from warnings_among(run.task, _beside(run, looked_at), sorted(looked_at))


def _beside(run: TaskRun, looked_at: set[str]) -> list[Submission]:
    """These submissions and those that may say the same: reading a thousand others takes long."""
    said = {item.result.predictions for item in run.scored if item.submission.system in looked_at}
    return [
        item.submission
        for item in run.scored
        # The human row is scored against other references, and has another digest than its copies.
        if item.result.predictions in said or item.submission.spec.type == "human"
    ]


def report(todo: Plan, runs: list[TaskRun], *, asked: bool) -> int:
    """Print what could not be scored, every problem of it; returns the exit status."""
    from tldr_bench.errors import Problem, TldrBenchError

    failed = [problem for run in runs for found in run.failed.values() for problem in found]
    problems = list(dict.fromkeys([*todo.problems, *failed]))
    for task_id, reason in todo.without_data.items():
        if asked:
            problems.append(Problem(task_id, None, reason.removeprefix(f"{task_id}: ")))
        else:
            note(f"skipped {reason}")
    if not todo.units and not problems:
        problems.append(
            Problem("submissions", None, "nothing to score: no prediction file was found")
        )
    return print_errors(TldrBenchError(problems)) if problems else 0


def summary(run: TaskRun) -> str:
    """One line a system: its primary score in points, and what is to say of it; then what holds for all."""
    from tldr_bench.leaderboard import factor_of
    from tldr_bench.tables import plain, text_table

    primary = run.task.spec.primary
    said = [{**item.result.not_computed, **item.result.notes} for item in run.scored]
    for_all = dict(set.intersection(*({*found.items()} for found in said))) if said else {}
    rows = []
    for scored, found in zip(run.scored, said, strict=True):
        own = (f"{name}: {why}" for name, why in found.items() if name not in for_all)
        score = scored.result.scores.get(primary)
        shown = f"{factor_of(run.task, primary) * score.value:z.2f}" if score else "–"
        rows.append([scored.submission.system, shown, "; ".join(own)])
    table = text_table([run.task.id, primary, ""], rows, right=[False, True, False])
    return "\n".join([table, *(plain(f"{name}: {why}") for name, why in sorted(for_all.items()))])
