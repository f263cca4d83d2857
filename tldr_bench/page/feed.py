"""feed.xml: new submissions and releases, as an Atom feed. Its dates come from what is told, not from a clock."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tldr_bench.leaderboard import Board
from tldr_bench.page.prose import Release
from tldr_bench.page.source import Theme
from tldr_bench.tables import plain

NEVER = "2000-01-01"
"""The date of what has none."""


@dataclass(frozen=True)
class Entry:
    """One entry of the feed."""

    date: str
    title: str
    file: str
    text: str


def feed(theme: Theme, boards: Sequence[Board], releases: Sequence[Release]) -> str:
    """The feed: the newest entry first."""
    entries = sorted(
        [*_submissions(boards), *_releases(releases)],
        key=lambda entry: (entry.date, entry.title, entry.file),
        reverse=True,
    )
    base = (theme.address or "").rstrip("/")
    updated = entries[0].date if entries else NEVER
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_text(theme.title)}</title>",
        f"<id>{_id(base, theme.title)}</id>",
        f"<updated>{updated}T00:00:00Z</updated>",
        f"<link href={quoteattr(base + '/' if base else 'index.html')}/>",
        f"<author><name>{_text(theme.title)}</name></author>",
        *(_entry(base, entry) for entry in entries),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _submissions(boards: Sequence[Board]) -> list[Entry]:
    return [
        Entry(
            date=spec.date.isoformat(),
            title=f"{spec.name} on {board.task.spec.name}",
            file=f"{board.task.id}/systems/{item.submission.system}.html",
            text=spec.notes or "",
        )
        for board in boards
        for item in board.scored
        if (spec := item.submission.spec).date is not None
    ]


def _releases(releases: Sequence[Release]) -> list[Entry]:
    return [
        Entry(item.date or NEVER, item.title, f"changelog.html#{item.anchor}", item.text)
        for item in releases
    ]


def _entry(base: str, entry: Entry) -> str:
    address = f"{base}/{entry.file}" if base else entry.file
    return (
        f"<entry><title>{_text(entry.title)}</title><id>{_id(base, entry.file)}</id>"
        f"<updated>{entry.date}T00:00:00Z</updated><link href={quoteattr(address)}/>"
        f"<summary>{_text(entry.text[:2000])}</summary></entry>"
    )


def _text(text: str) -> str:
    # XML has no way to write most control characters, so `plain` spells them out.
    return escape("\n".join(map(plain, text.split("\n"))))


def _id(base: str, name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"tldr-bench {base} {name}").urn
