"""`tldr-bench import`: predictions from the files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tldr_bench.cli.common import OfflineOption, ReplaceOption, RootOption, open_workspace
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from tldr_bench.importers.load import Imported


def import_(
    format: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="lines, csv, tsv, trec, gem, lm-eval, helm, inspect, lighteval or summeval.",
        ),
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The tool's file (HELM: the run's folder).")
    ],
    task: Annotated[str, typer.Option("--task", metavar="ID", help="The task that it is for.")],
    system: Annotated[
        str, typer.Option("--system", metavar="NAME", help="The submission's folder name.")
    ],
    pick: Annotated[
        str | None,
        typer.Option(
            "--pick",
            help="Which of several in the file: lm-eval filter, HELM trial, inspect epoch, GEM data "
            "set, lighteval sample, SummEval model_id.",
        ),
    ] = None,
    id_field: Annotated[
        str | None, typer.Option("--id-field", help="The field that holds the examples' ids.")
    ] = None,
    field: Annotated[
        str | None, typer.Option("--field", help="csv, tsv: the column that holds the outputs.")
    ] = None,
    ids: Annotated[
        Path | None, typer.Option("--ids", help="lines: a file with the id of each line.")
    ] = None,
    clean: Annotated[
        list[str] | None,
        typer.Option(
            "--clean",
            metavar="STEP",
            help="Clean the outputs, and say so in submission.yaml: think (blocks), markdown, prefix "
            "('TL;DR:'), quotes, space. May be repeated; without it nothing is changed.",
        ),
    ] = None,
    force: ReplaceOption = False,
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Turn another tool's outputs into a submission.

    What fits no example, or is missing, is refused.
    """
    from tldr_bench.errors import UsageError
    from tldr_bench.importers.foreign import Options
    from tldr_bench.importers.load import READERS, import_file
    from tldr_bench.task import name_problem

    if format not in READERS:
        from tldr_bench.errors import unknown

        raise UsageError(unknown("format", format, READERS))
    if problem := name_problem(system):
        raise UsageError(f"--system: {problem}")
    told = {"--pick": pick, "--id-field": id_field, "--field": field, "--ids": ids}
    for option, value in told.items():
        if value is not None and format in _NOT_FOR[option]:
            raise UsageError(f"{option}: nothing that the format {format} takes")
    workspace = open_workspace(root, offline)
    options = Options(pick, id_field, field, ids)
    imported = import_file(workspace.task(task), format, file, options, clean or ())
    _write(workspace.submissions / system, task, imported, force)


_ONE = ("lines", "csv", "tsv", "trec")
_TOOLS = ("gem", "lm-eval", "helm", "inspect", "lighteval", "summeval")
_NOT_FOR = {
    "--pick": _ONE,
    "--id-field": ("lines", "trec"),
    "--field": ("lines", "trec", *_TOOLS),
    "--ids": ("csv", "tsv", "trec", *_TOOLS),
}
"""Option -> the formats in which it would be passed over in silence."""


def _write(folder: Path, task: str, imported: Imported, force: bool) -> None:
    """Write the predictions and the record of where they come from; say both."""
    from tldr_bench.errors import OutputError, Problem, SubmissionError, path_name
    from tldr_bench.files import decode, read_bounded
    from tldr_bench.importers.record import new_description, with_import
    from tldr_bench.json_text import Unreadable
    from tldr_bench.writing import remove_abandoned, write_atomic

    path = folder / f"{task}.jsonl"
    if path.exists() and not force and path.read_bytes() != imported.predictions.encode():
        message = "exists with other content; give --force to replace it"
        raise OutputError([Problem(path_name(path), None, message)])
    about = folder / "submission.yaml"
    try:
        found = decode(read_bounded(about, follow_links=False)) if about.exists() else None
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(about), error.line, str(error))]) from None
    text = new_description(folder.name, imported.model) if found is None else found
    described = with_import(text, path_name(about), task, imported.record)
    remove_abandoned(folder)
    write_atomic(path, imported.predictions)
    write_atomic(about, described)
    typer.echo(_summary(path_name(path), imported))


def _summary(path: str, imported: Imported) -> str:
    """What was imported, how its rows were recognised, and what was left out or changed."""
    record = imported.record
    count = imported.predictions.count("\n")
    lines = [
        f"wrote {path}: {counted(count, 'prediction')} from {record['tool']}",
        f"matched by {record['matched_by']}",
    ]
    for name in ("filled", "dropped", "cleaned"):
        values = record.get(name, [])
        lines += [
            f"{name}: {value}" for value in (values if isinstance(values, list) else [values])
        ]
    return "\n".join(lines)
