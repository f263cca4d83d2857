"""`tldr-bench meta`: how far each metric agrees with human judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tldr_bench.cli.common import (
    FormatOption,
    OfflineOption,
    RootOption,
    note,
    open_workspace,
    print_errors,
)

if TYPE_CHECKING:
    from tldr_bench.analysis.agreements import MetaEvaluation, Sample
    from tldr_bench.analysis.judgements import Judgements
    from tldr_bench.errors import Report
    from tldr_bench.metrics.base import Metric
    from tldr_bench.task import Task
    from tldr_bench.workspace import Workspace


def meta(
    task: Annotated[str, typer.Argument(metavar="TASK")],
    judgements: Annotated[
        list[Path] | None,
        typer.Option(
            "--judgements",
            metavar="CSV",
            help="Columns id, system, score and, if you like, text; default: SciTLDR's own.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME", help="Judge by this column; several are summed."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="This metric instead of the task's."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Keep it in the task's folder, for the board to show.")
    ] = False,
    format: FormatOption = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Say how far each metric agrees with human judgements.

    Beside the metrics stands the length of the texts.
    """
    from tldr_bench.analysis.meta_tables import as_text
    from tldr_bench.errors import Report, TldrBenchError

    workspace = open_workspace(root, offline)
    loaded, report = workspace.task(task), Report()
    files = list(_files(loaded, judgements, column or []))
    found = _evaluation(workspace, loaded, files, metric, report)
    typer.echo(found.to_json() if format == "json" else as_text(found), nl=False)
    if write:
        _write(loaded, found)
    if report:
        raise typer.Exit(print_errors(TldrBenchError(list(dict.fromkeys(report.problems)))))


def _files(task: Task, paths: list[Path] | None, columns: Sequence[str]) -> Iterator[Judgements]:
    from tldr_bench.analysis.judgements import FILES, published_files, read_judgements
    from tldr_bench.errors import MissingData, Problem, UsageError

    if task.kind != "summary":
        raise UsageError(f"{task.id} is a {task.kind} task; people judged summaries")
    found = paths or [path for path in published_files() if _is_about(task, path)]
    if not found:
        message = (
            "no human judgements are here: give --judgements FILE.csv with columns id, system, score, "
            f"or for SciTLDR set TLDR_BENCH_DATA to a folder that holds {FILES[0]}"
        )
        raise MissingData([Problem(task.id, None, message)])
    for path in found:
        yield read_judgements(path, columns)


def _is_about(task: Task, path: Path) -> bool:
    """Whether a published file judges papers of this task."""
    from tldr_bench.analysis.judgements import read_judgements

    return any(row.id in task.by_id for row in read_judgements(path).rows)


def _evaluation(
    workspace: Workspace,
    task: Task,
    files: Sequence[Judgements],
    names: list[str] | None,
    report: Report,
) -> MetaEvaluation:
    from tldr_bench.analysis.agreements import MetaEvaluation

    metrics = _metrics(task, names)
    samples = [
        sample
        for judgements in files
        for sample in _samples(workspace, task, judgements, metrics, report)
    ]
    return MetaEvaluation(task=task.id, task_version=task.version, samples=samples)


def _samples(
    workspace: Workspace,
    task: Task,
    judgements: Judgements,
    metrics: Mapping[str, Metric[Any, Any]],
    report: Report,
) -> Iterator[Sample]:
    """One sample of a file; two where references were judged, whose edited copies are a question."""
    from tldr_bench.analysis.judged import join
    from tldr_bench.analysis.meta import evaluate
    from tldr_bench.errors import Report

    outputs = {} if judgements.has_texts else _outputs(workspace, task, judgements)
    equal = join(task, judgements, outputs, "equal", report)
    yield evaluate(equal, metrics)
    if equal.has_people:
        yield evaluate(join(task, judgements, outputs, "edited", Report()), metrics)


def _outputs(workspace: Workspace, task: Task, judgements: Judgements) -> dict[str, dict[str, str]]:
    """What the judged systems submitted, for a file without texts."""
    from tldr_bench.align import align

    known = set(workspace.systems())
    found = {}
    for system in sorted({row.system for row in judgements.rows} & known):
        submission = workspace.submission(system)
        if task.id in submission.files:
            pairs = align(task, submission).pairs
            found[system] = {pair.id: pair.prediction for pair in pairs}
    return found


def _metrics(task: Task, names: list[str] | None) -> Mapping[str, Metric[Any, Any]]:
    from tldr_bench.errors import MetricError, Report
    from tldr_bench.metrics import build

    if not names:
        return task.metrics
    report = Report()
    built = {name: build(name, {}, "--metric", name, report) for name in names}
    for name, metric in built.items():
        if metric is not None and metric.kind != task.kind:
            report.add("--metric", f"measures {metric.kind} tasks, not summaries", field=name)
    report.raise_as(MetricError)
    return {name: metric for name, metric in built.items() if metric is not None}


def _write(task: Task, found: MetaEvaluation) -> None:
    from tldr_bench.agreement import FILE
    from tldr_bench.analysis.meta import known_from
    from tldr_bench.errors import path_name
    from tldr_bench.writing import write_atomic

    known = known_from(found)
    if known is None:
        note("nothing to keep: every TLDR was judged the same")
        return
    path = task.folder / FILE
    changed = write_atomic(path, known.to_json())
    note(f"{'wrote' if changed else 'unchanged'} {path_name(path)}")
