"""`tldr-bench tasks`: which tasks there are, and what each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tldr_bench.cli.common import (
    FormatOption,
    OfflineOption,
    RootOption,
    open_workspace,
    print_errors,
)
from tldr_bench.errors import Problem, TldrBenchError

if TYPE_CHECKING:
    from tldr_bench.workspace import Workspace


def tasks(
    task_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this task.")] = None,
    format: FormatOption = "table",
    root: RootOption = None,
    offline: OfflineOption = False,
) -> None:
    """List the tasks, or show one: data, metrics, signatures."""
    from tldr_bench.json_text import canonical_json

    workspace = open_workspace(root, offline)
    if task_id:
        card = _card(workspace, task_id)
        typer.echo(canonical_json(card) if format == "json" else _one(card) + "\n", nl=False)
        return
    cards, broken = _cards(workspace)
    typer.echo(canonical_json(cards) if format == "json" else _list(cards) + "\n", nl=False)
    if broken:
        raise typer.Exit(print_errors(TldrBenchError(broken)))


def _cards(workspace: Workspace) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Every task that can be read, and what is wrong with the others."""
    cards: list[dict[str, Any]] = []
    broken: list[Problem] = []
    for task_id in workspace.task_folders():
        try:
            cards.append(_card(workspace, task_id))
        except TldrBenchError as error:
            broken.extend(error.problems)
    return cards, broken


def _card(workspace: Workspace, task_id: str) -> dict[str, Any]:
    from tldr_bench.data import find_file
    from tldr_bench.task import build_metrics

    folder = workspace.task_folder(task_id)
    spec = workspace.task_file(task_id)
    metrics = build_metrics(task_id, folder, spec)
    here = find_file(spec.data, folder)
    return {
        "id": task_id,
        **spec.model_dump(exclude={"metrics", "data"}, mode="json"),
        "data": spec.data.model_dump(exclude_none=True),
        "data_here": spec.data.hub is not None or here is not None,
        "metrics": {name: metric.signature for name, metric in metrics.items()},
        "scores": [
            f"{name}.{score}" for name, metric in metrics.items() for score in metric.score_names
        ],
    }


def _list(cards: list[dict[str, Any]]) -> str:
    from tldr_bench.tables import text_table

    rows = [
        [
            card["id"],
            card["kind"],
            card["primary"],
            "here" if card["data_here"] else "to fetch",
            card["name"],
        ]
        for card in cards
    ]
    return text_table(["task", "kind", "ranked by", "data", "name"], rows)


def _one(card: dict[str, Any]) -> str:
    from tldr_bench.tables import plain

    place = (
        card["data"].get("path") or f"{card['data'].get('hub')} at {card['data'].get('revision')}"
    )
    digest = card["data"].get("sha256") or card["data"].get("git_blob") or ""
    state = (
        "on this machine" if card["data_here"] else f"not here: tldr-bench data fetch {card['id']}"
    )
    lines = [
        f"{card['id']}: {card['name']} ({card['kind']})",
        *([card["description"]] if card["description"] else []),
        "",
        f"data      {place} ({state})",
        f"digest    {digest}",
        f"license   {card['license'] or 'not stated'}",
        f"ranked by {card['primary']}",
        "metrics",
        *(f"  {name}: {signature}" for name, signature in card["metrics"].items()),
    ]
    return "\n".join(map(plain, lines))
