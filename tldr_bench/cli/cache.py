"""`tldr-bench cache`: what is kept between runs, and making room."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tldr_bench.cli.common import note
from tldr_bench.errors import counted

if TYPE_CHECKING:
    from tldr_bench.store import Size

app = typer.Typer(
    help="Show or shrink the store that makes a second run fast. It holds measurements and embeddings.",
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
    """Say where the store is, what it holds, and when it was used."""
    from tldr_bench.execute import default_store
    from tldr_bench.store import size_limit

    store = default_store()
    size, limit = store.size(), size_limit()
    if format == "json":
        used = {"oldest_use": _iso(size.oldest), "newest_use": _iso(size.newest)}
        figures = {"entries": size.entries, "bytes": size.bytes, "limit": limit, **used}
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
    whole = counted(oldest, "day")
    return f"between {newest} and {whole} ago" if oldest > newest else f"{whole} ago"


def _iso(moment: float | None) -> str | None:
    """Seconds since 1970 as `2026-11-21T14:09:22Z`."""
    return None if moment is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


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
    """Remove what was not used for longest.

    It is computed again when it is asked for.
    """
    from tldr_bench.errors import OutputError, UsageError
    from tldr_bench.execute import default_store
    from tldr_bench.store import size_limit

    if size is not None and not math.isfinite(size):
        raise UsageError(f"--size: expected a number of MiB, such as 2048, got {size}")
    limit = size_limit() if size is None else int(size * MIB)
    store = default_store()
    removed, left = store.prune(limit), store.size()
    typer.echo(
        f"removed {_entries(removed.entries)} ({removed.bytes / MIB:,.1f} MiB); "
        f"left: {_entries(left.entries)} ({left.bytes / MIB:,.1f} MiB)"
    )
    if store.refused:
        raise OutputError(store.refused[0])


def make_room() -> None:
    """Keep the stores that this command added to within their bounds, and say so."""
    from tldr_bench.store import grown, size_limit

    for store in grown():
        removed = store.keep_within(size_limit())
        if removed is not None:
            note(f"the store was full: {_entries(removed.entries)} removed, longest unused first")
