"""What a reader makes of somebody's file: rows of a task, and an account of what became of each part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tldr_bench.data import Row
from tldr_bench.kinds import KindName

WHOLE = (
    "sources: one text each, in which no baseline can choose a sentence; "
    "'tldr-bench make-task columns FILE --out DIR --sentences blingfire' splits them"
)
"""A note on sources that nobody has split."""

NAMED = 5
"""How many of the parts left out for one reason are named before they are only counted."""


@dataclass
class Account:
    """What was found, what was left out and why; filled while the rows are read."""

    found: dict[str, int] = field(default_factory=dict)
    """What was counted -> how often."""
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """Reason -> the first parts left out for it."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Reason -> how many parts."""
    notes: list[str] = field(default_factory=list)
    """What the user of the task should know."""

    def count(self, what: str, times: int = 1) -> None:
        """Count something that was found."""
        self.found[what] = self.found.get(what, 0) + times

    def leave_out(self, part: str, reason: str) -> None:
        """Note a part that is not in the task."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        named = self.left_out.setdefault(reason, [])
        if len(named) < NAMED:
            named.append(part)

    def lines(self) -> list[str]:
        """The account in words, one fact a line."""
        lines = [f"{what}: {times}" for what, times in self.found.items()]
        for reason, named in self.left_out.items():
            more = self.dropped[reason] - len(named)
            listed = "; ".join(named) + (f"; and {more} more" if more else "")
            lines.append(f"left out, {reason}: {self.dropped[reason]} ({listed})")
        return lines + self.notes


@dataclass(frozen=True)
class Draft:
    """A task about to be written."""

    kind: KindName
    rows: Iterable[Row]
    """With the columns id, source, targets, labels, title; or id, query, document, …; streamed."""
    account: Account
    origin: str
    """Where the data came from, in one line."""
    description: str
    references: bool = True
    """Whether the rows of a labels task have TLDRs, too."""
