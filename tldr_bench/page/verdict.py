"""In plain words, from the decisions alone: what the data can and cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tldr_bench.leaderboard import Board, Row
from tldr_bench.page.units import sized, written
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
    score = f"{long_name(primary)} of {written(_value(best, primary), board.factor(primary))}"
    if len(ranked) == 1:
        return Verdict(best.name, f"is the only ranked system so far, with {score}.", "")
    rest = [_above(board, best), _order(board)]
    return Verdict(best.name, _leads(board, ranked, score), " ".join(filter(None, rest)))


def _leads(board: Board, ranked: Sequence[Row], score: str) -> str:
    """How sure it is that the first of these rows leads."""
    primary = board.task.spec.primary
    standings = board.decisions(primary).ranking.standings
    rows = zip(board.record.rows, standings, strict=True)
    tied = [row.name for row, item in rows if item.with_best][1:]
    first = _value(ranked[0], primary)
    equal = [row.name for row in ranked[1:] if _value(row, primary) == first]
    on = f"on these {counted(len(board.task.examples), NOUNS[board.task.kind])}"
    if not tied:
        others = "system" if all(board.ranked) else "ranked system"
        return f"leads with {score}, and every other {others} is significantly worse {on}."
    if equal:
        near = [name for name in tied if name not in equal]
        text = f"shares the {_best_end(board)} {score} with {listed(equal)} {on}."
        return text + (f" Not told apart from them: {listed(near)}." if near else "")
    return (
        f"has the {_best_end(board)} {score}, but {counted(len(tied), 'other system')} "
        f"{'is' if len(tied) == 1 else 'are'} not told apart from it {on}: {listed(tied)}."
    )


def _best_end(board: Board) -> str:
    return "lowest" if board.direction(board.task.spec.primary) == "lower" else "highest"


def _value(row: Row, score: str) -> float:
    return row.scores[score].value


def _above(board: Board, best: Row) -> str:
    """Rows that stand above the leader and are not ranked."""
    rows = board.record.rows
    better = "lower" if board.direction(board.task.spec.primary) == "lower" else "higher"
    names = [row.name for row in rows[: rows.index(best)]]
    if not names:
        return ""
    verbs = ("scores", "is") if len(names) == 1 else ("score", "are")
    return f"{listed(names)} {verbs[0]} {better}, but {verbs[1]} not ranked."


def _order(board: Board) -> str:
    pairs = board.decisions(board.task.spec.primary).pairs
    apart, total = int(pairs.significant.sum()), len(pairs.significant)
    pairs_of = "pair" if total == 1 else "pairs"
    told = "none is" if not apart else "1 is" if apart == 1 else f"{apart:,} are"
    text = f"Of {total:,} {pairs_of} of systems, {told} told apart."
    found = resolution(pairs, corrected=True)
    if found is None:
        return text
    size = sized(found, board.factor(board.task.spec.primary))
    return f"{text} A true difference of {size} would be told apart four times in five."
