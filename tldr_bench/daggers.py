"""Which rows of a board are significantly better or worse than a named one, as its decisions say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board

BETTER, WORSE = "†", "‡"

Marks = Mapping[tuple[int, str], str]
"""Row and score -> † or ‡."""


def marks_against(board: Board, against: str | None, scores: Sequence[str]) -> Marks:
    """What is significantly better or worse than a named row. Raises UsageError for an unknown one."""
    systems = [item.submission.system for item in board.scored]
    if against is None:
        return {}
    if against not in systems:
        raise UsageError(f"--against: {unknown('system', against, systems)}")
    base, found = systems.index(against), {}
    for name in scores:
        pairs, direction = board.decisions(name).pairs, board.direction(name)
        taking_part = set(pairs.systems.tolist())
        if base not in taking_part or direction == "none":
            continue
        for number in taking_part - {base}:
            pair = pairs.of(number, base)
            if pair.significant:
                ahead = (pair.difference > 0) == (direction == "higher")
                found[number, name] = BETTER if ahead else WORSE
    return found


def note_against(board: Board, against: str | None, scores: Sequence[str]) -> list[str]:
    """What the marks of these scores mean."""
    if against is None:
        return []
    counts = {board.decisions(name).pairs.count for name in scores}
    many = (
        f"{min(counts)} pairs" if len(counts) == 1 else "all pairs of systems that have the score"
    )
    return [
        f"{BETTER} significantly better, {WORSE} significantly worse than {against} "
        f"(paired bootstrap, p ≤ 0.05 after Holm over {many})"
    ]
