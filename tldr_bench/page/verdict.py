"""In plain words, from the decisions alone: what the data can and cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tldr_bench.leaderboard import Board, Row
from tldr_bench.page.units import written
from tldr_bench.page.words import NOUNS, counted, listed, long_name
from tldr_bench.stats import resolution


@dataclass(frozen=True)
class Verdict:
    """Who leads, and how sure that is."""

    leader: str
    """The name to set in bold; empty where nobody leads."""
    text: str
    """What follows the name."""
    rest: str
    """How much of the whole order holds."""


def verdict(board: Board) -> Verdict:
    """The sentence on top of a board."""
    primary = board.task.spec.primary
    ranked = [row for row in board.record.rows if row.rank is not None]
    if not ranked:
        return Verdict("", "No system has this score yet.", "")
    best = ranked[0]
    score = f"{long_name(primary)} of {written(best.scores[primary].value)}"
    if len(ranked) == 1:
        return Verdict(best.name, f"is the only ranked system so far, with {score}.", "")
    standings = board.decisions(primary).ranking.standings
    rows = zip(board.record.rows, standings, strict=True)
    tied = [row.name for row, item in rows if item.with_best][1:]
    on = f"on these {counted(len(board.task.examples), NOUNS[board.task.kind])}"
    if not tied:
        others = "system" if all(board.ranked) else "ranked system"
        text = f"leads with {score}, and every other {others} is significantly worse {on}."
    else:
        text = (
            f"has the highest {score}, but {counted(len(tied), 'other system')} "
            f"{'is' if len(tied) == 1 else 'are'} not told apart from it {on}: {listed(tied)}."
        )
    rest = [_above(board.record.rows, best), _order(board)]
    return Verdict(best.name, text, " ".join(filter(None, rest)))


def _above(rows: Sequence[Row], best: Row) -> str:
    """Rows that stand above the leader and are not ranked."""
    names = [row.name for row in rows[: rows.index(best)]]
    if not names:
        return ""
    verbs = ("scores", "is") if len(names) == 1 else ("score", "are")
    return f"{listed(names)} {verbs[0]} higher, but {verbs[1]} not ranked."


def _order(board: Board) -> str:
    pairs = board.decisions(board.task.spec.primary).pairs
    apart, total = int(pairs.significant.sum()), len(pairs.significant)
    text = f"Of {total:,} pairs of systems, {apart:,} are told apart."
    found = resolution(pairs, corrected=True)
    if found is None:
        return text
    return f"{text} A true difference of {written(found)} points would be found four times in five."
