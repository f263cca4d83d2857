"""`tldr-bench explain`: which convention, which words, which reference gave a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import FormatOption, OfflineOption, RootOption, open_workspace

if TYPE_CHECKING:
    from tldr_bench.analysis.paper import PaperExplanation
    from tldr_bench.workspace import Workspace

Form = Literal["table", "json"]


def explain(
    task: Annotated[str, typer.Option("--task", metavar="ID", help="On this task.")],
    system: Annotated[str | None, typer.Argument(metavar="[SYSTEM]")] = None,
    paper: Annotated[
        str | None, typer.Option("--id", metavar="PAPER", help="Show what gave this paper's score.")
    ] = None,
    published: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--published", metavar="R1 R2 RL", help="A paper's figures, in points."),
    ] = None,
    no_stemmer: Annotated[
        bool, typer.Option("--no-stemmer", help="With --id: compare the words as they are.")
    ] = False,
    format: FormatOption = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """Show what gave a figure: which convention, which words.

    A system is shown under every ROUGE convention; with --id, one paper with what gave its score.
    With --published, show which conventions a paper's three figures are consistent with.
    """
    from tldr_bench.cli.without_effect import refuse
    from tldr_bench.errors import UsageError

    if paper is None:
        refuse({"--no-stemmer": no_stemmer}, "for one paper, named with --id, only")
    workspace = open_workspace(root, offline)
    system = system and workspace.system_name(system)
    if published is not None:
        if system is not None or paper is not None:
            raise UsageError("--published is about figures; leave SYSTEM and --id out")
        typer.echo(_published(workspace, task, published, format), nl=False)
    elif system is None:
        raise UsageError("name a SYSTEM, or give --published R1 R2 RL")
    elif paper is None:
        typer.echo(_everywhere(workspace, task, system, format), nl=False)
    else:
        found = _paper(workspace, task, system, paper, stemmer=not no_stemmer)
        typer.echo(_printed_paper(found, format), nl=False)


def _published(workspace: Workspace, task: str, figures: tuple[str, str, str], form: Form) -> str:
    from tldr_bench.analysis.explain_tables import published_text
    from tldr_bench.analysis.published import published
    from tldr_bench.execute import board_of

    found = published(board_of(workspace, task), figures)
    return found.to_json() if form == "json" else published_text(found)


def _everywhere(workspace: Workspace, task: str, system: str, form: Form) -> str:
    from tldr_bench.analysis.conventions import explain
    from tldr_bench.analysis.explain_tables import as_text
    from tldr_bench.execute import board_of

    workspace.submission(system)
    found = explain(board_of(workspace, task), system)
    return found.to_json() if form == "json" else as_text(found)


def _paper(
    workspace: Workspace, task_id: str, system: str, paper: str, *, stemmer: bool
) -> PaperExplanation:
    from tldr_bench.align import align
    from tldr_bench.analysis.conventions import refuse_other_kinds
    from tldr_bench.analysis.paper import explain_paper
    from tldr_bench.errors import UsageError, unknown

    task, submission = workspace.task(task_id), workspace.submission(system)
    refuse_other_kinds(task)
    if paper not in task.by_id:
        raise UsageError(f"{task_id}: {unknown('example', paper, task.by_id)}")
    pair = next(pair for pair in align(task, submission).pairs if pair.id == paper)
    return explain_paper(task, system, pair, stemmer=stemmer)


def _printed_paper(found: PaperExplanation, form: Form) -> str:
    from tldr_bench.analysis.explain_tables import paper_text

    return found.to_json() if form == "json" else paper_text(found)
