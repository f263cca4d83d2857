"""The words beside a system's name: what a reader should know before reading its figures."""

from __future__ import annotations

from dataclasses import dataclass

from tldr_bench.leaderboard import Board


@dataclass(frozen=True)
class Badge:
    """A word about a system that a reader should not miss."""

    text: str
    title: str


def badges(board: Board, number: int) -> list[Badge]:
    """What a reader should know of a system before reading its figures."""
    spec = board.scored[number].submission.spec
    found = []
    if spec.type == "baseline":
        found.append(Badge("baseline", "a simple rule, for comparison"))
    if spec.type == "human":
        found.append(Badge("human", "written by people; each text is scored against the others"))
    if spec.open_weights:
        found.append(Badge("open", "open weights: they can be downloaded"))
    if spec.trained_on == "unknown" and spec.type not in ("baseline", "human"):
        found.append(Badge("data unknown", "training data unknown: it may have seen the test data"))
    if spec.trained_on == "test":
        found.append(Badge("trained on test", "it has seen the test data"))
    return found
