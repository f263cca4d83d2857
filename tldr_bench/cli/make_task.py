"""`tldr-bench make-task`: a task from somebody's data."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tldr_bench.cli.common import OfflineOption, note

if TYPE_CHECKING:
    from tldr_bench.make_task.draft import Draft

app = typer.Typer(
    help="Turn data into a task folder that `run` takes at once.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PageArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The saved page, as text.")]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="The task's folder; its name becomes the id.")
]
NameOption = Annotated[str | None, typer.Option("--name", help="What the task is called.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace another task that is there.")]
KindOption = Annotated[
    Literal["summary", "labels", "ranking"] | None,
    typer.Option("--kind", help="What kind of task; default: as the columns suggest."),
]


def _column(flag: str, what: str) -> Any:
    return typer.Option(f"--{flag}", metavar="COLUMN", help=what)


@app.command()
def columns(
    file: Annotated[
        str, typer.Argument(metavar="FILE|HUB_ID", help="JSONL, CSV, TSV, Parquet, or a Hub id.")
    ],
    out: OutOption,
    source: Annotated[str | None, _column("source", "The text or its sentences.")] = None,
    target: Annotated[str | None, _column("target", "The TLDR, or a list of them.")] = None,
    labels: Annotated[str | None, _column("labels", "0 or 1 for each sentence.")] = None,
    query: Annotated[str | None, _column("query", "What is searched with.")] = None,
    document: Annotated[str | None, _column("document", "What is to be found.")] = None,
    id: Annotated[str | None, _column("id", "The name of each row.")] = None,
    title: Annotated[str | None, _column("title", "The paper's title.")] = None,
    kind: KindOption = None,
    sentences: Annotated[
        Literal["blingfire", "pysbd", "syntok"] | None,
        typer.Option(
            "--sentences",
            help="Split sources that are one text with this library; with labels, each "
            "by the first of the three that gives as many sentences as labels.",
        ),
    ] = None,
    oracle_text: Annotated[
        bool,
        typer.Option("--oracle-text", help="Make the sentence that the labels mark the target."),
    ] = False,
    documents: Annotated[
        str | None, typer.Option("--documents", metavar="FILE", help="With --qrels: the documents.")
    ] = None,
    qrels: Annotated[
        Path | None, typer.Option("--qrels", metavar="FILE", help="TREC judgements of the queries.")
    ] = None,
    config: Annotated[str | None, typer.Option("--config", help="Of the Hub data set.")] = None,
    split: Annotated[str | None, typer.Option("--split", help="Of the Hub data set.")] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="Of the Hub data set.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first rows.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave rows with problems out instead of refusing.")
    ] = False,
    name: NameOption = None,
    force: ForceOption = False,
    offline: OfflineOption = False,
) -> None:
    """From a table with one row per paper (or query)."""
    from tldr_bench.cli.without_effect import refuse
    from tldr_bench.errors import UsageError
    from tldr_bench.make_task.columns import Wishes, read_columns
    from tldr_bench.make_task.guess import Columns
    from tldr_bench.make_task.judged import read_judged
    from tldr_bench.make_task.tables import Hub, open_table

    if offline:
        os.environ["TLDR_BENCH_OFFLINE"] = "1"
    if (documents is None) != (qrels is None):
        raise UsageError("--documents and --qrels go together")
    if qrels is not None:
        refuse(
            {
                "--source": source, "--target": target, "--labels": labels, "--title": title,
                "--kind": kind, "--sentences": sentences, "--skip-bad": skip_bad,
                "--oracle-text": oracle_text,
            },
            "nothing that --qrels reads",
        )  # fmt: skip
    if oracle_text and kind not in (None, "summary"):
        raise UsageError(f"--kind: --oracle-text makes a summary task, and no {kind} task")
    table = open_table(file, Hub(config, split, revision), limit)
    asked = Columns(id, source, target, labels, title, query, document)
    if documents is not None and qrels is not None:
        draft, guessed = read_judged(table, open_table(documents), qrels, asked)
    else:
        kind = "summary" if oracle_text else kind
        wishes = Wishes(kind, skip_bad, sentences, oracle_text)
        draft, guessed = read_columns(table, asked, wishes)
    if guessed:
        note("guessed: " + ", ".join(f"{role} = {column!r}" for role, column in guessed.items()))
    _write(out, draft, name, force)


@app.command()
def shortscience(
    file: PageArgument, out: OutOption, name: NameOption = None, force: ForceOption = False
) -> None:
    """From a ShortScience page: abstract -> shortest summary."""
    from tldr_bench.make_task.shortscience import read_shortscience

    _write(out, read_shortscience(file), name, force)


@app.command()
def blog(
    file: PageArgument, out: OutOption, name: NameOption = None, force: ForceOption = False
) -> None:
    """From a blog: post -> closing summary, or title."""
    from tldr_bench.make_task.blog import read_blog

    _write(out, read_blog(file), name, force)


@app.command("query-dump")
def query_dump(
    file: PageArgument,
    out: OutOption,
    kind: Annotated[
        Literal["ranking", "summary"],
        typer.Option("--kind", help="ranking: title -> paper; summary: abstract -> title."),
    ] = "ranking",
    name: NameOption = None,
    force: ForceOption = False,
) -> None:
    """From search results: title -> paper, or abstract -> title."""
    from tldr_bench.make_task.query_dump import read_query_dump

    _write(out, read_query_dump(file, kind), name, force)


STEP = 10_000
"""Rows between two signs of life."""


def _watched(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows, counted on stderr: in place for somebody watching, every 200,000 in a log."""
    number = 0
    watching = sys.stderr.isatty()
    for number, row in enumerate(rows, 1):
        if watching and number % STEP == 0:
            print(f"\r{number:,} rows", end="", file=sys.stderr, flush=True)
        elif number % (20 * STEP) == 0:
            note(f"{number:,} rows …")
        yield row
    if watching and number >= STEP:
        print("\r", end="", file=sys.stderr)


def _write(out: Path, draft: Draft, name: str | None, force: bool) -> None:
    from tldr_bench.errors import path_name
    from tldr_bench.make_task.first_run import prepare
    from tldr_bench.make_task.write import write_task
    from tldr_bench.tables import plain

    written = write_task(out, draft, name=name, force=force, watch=_watched)
    for line in draft.account.lines():
        typer.echo(plain(f"  {line}"))
    state = "wrote" if written.changed else "unchanged"
    typer.echo(f"{state} {path_name(out)}: {draft.kind} task '{written.task_id}'")
    for line in prepare(written, draft):
        typer.echo(plain(line))
