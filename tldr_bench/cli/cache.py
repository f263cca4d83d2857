"""`tldr-bench cache`: what is kept between runs, and making room."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import note

if TYPE_CHECKING:
    from tldr_bench.store import Size

app = typer.Typer(
    help="Show or shrink the store of measurements and embeddings that makes a second run fast.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

MIB = 1024**2
DAY = 24 * 3600


@app.command()
def info(
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to print.")
    ] = "text",
) -> None:
    """Say where the store is, how much it holds, and when that was last used."""
    from tldr_bench.execute import default_store
    from tldr_bench.store import size_limit

    store = default_store()
    size, limit = store.size(), size_limit()
    if format == "json":
        figures = {"entries": size.entries, "bytes": size.bytes, "limit": limit}
        typer.echo(json.dumps({"folder": str(store.folder), **figures}, indent=2))
        return
    typer.echo(f"folder   {store.folder}")
    typer.echo(f"entries  {size.entries:,}")
    typer.echo(f"size     {size.bytes / MIB:,.1f} MiB of {limit / MIB:,.0f} MiB")
    typer.echo(f"used     {_when(size)}")


def _when(size: Size) -> str:
    if size.oldest is None or size.newest is None:
        return "never"
    oldest, newest = (
        max(0, int((time.time() - used) / DAY)) for used in (size.oldest, size.newest)
    )
    return f"between {oldest} and {newest} days ago" if oldest > newest else f"{newest} days ago"


@app.command()
def prune(
    size: Annotated[
        float | None,
        typer.Option(
            "--size",
            min=0,
            metavar="MIB",
            help="Leave so many MiB; default: TLDR_BENCH_CACHE_LIMIT, or 2048. 0 empties the store.",
        ),
    ] = None,
) -> None:
    """Remove what was not used for longest; it is computed again when it is asked for."""
    from tldr_bench.execute import default_store
    from tldr_bench.store import size_limit

    limit = size_limit() if size is None else int(size * MIB)
    store = default_store()
    removed, left = store.prune(limit), store.size()
    if store.refused:
        note(store.refused[0])
    typer.echo(
        f"removed {removed.entries:,} entries ({removed.bytes / MIB:,.1f} MiB); "
        f"{left.entries:,} are left ({left.bytes / MIB:,.1f} MiB)"
    )
