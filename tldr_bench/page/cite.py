"""How to cite the board: the latest snapshot, which does not change any more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tldr_bench.leaderboard import Board
from tldr_bench.page.source import Theme
from tldr_bench.tables import latex
from tldr_bench.version import __version__


@dataclass(frozen=True)
class Citation:
    """An entry for a bibliography, and where it points at."""

    bibtex: str
    file: str | None
    """The snapshot's front page, if there is a snapshot that is not this copy itself."""


def citation(
    theme: Theme, boards: Sequence[Board], snapshots: Sequence[str], own: str | None = None
) -> Citation:
    """The entry; `snapshots` are dates, the latest first. The copy of the date `own` cites itself."""
    date = own or (snapshots[0] if snapshots else None)
    file = f"snapshots/{date}/index.html" if date else None
    name = re.sub(r"[^a-z0-9]", "", theme.title.lower()) or "board"
    data = ", ".join(
        f"{board.task.id} {board.task.version.removeprefix('sha256:')[:12]}" for board in boards[:4]
    )
    about = f"tldr-bench {__version__}; {data}" if data else f"tldr-bench {__version__}"
    fields = {
        "title": latex(theme.title),
        "note": latex(f"Snapshot {date}; {about}" if date else about),
        **({"year": date[:4]} if date else {}),
        **_address(theme, file),
    }
    lines = [f"  {key} = {{{value}}}" for key, value in fields.items()]
    key = f"{name}{date[:4]}" if date else name
    return Citation("@misc{" + key + ",\n" + ",\n".join(lines) + "\n}", None if own else file)


def _address(theme: Theme, file: str | None) -> dict[str, str]:
    if theme.address is None:
        return {}
    return {"url": latex(theme.address.rstrip("/") + "/" + (file or ""))}
