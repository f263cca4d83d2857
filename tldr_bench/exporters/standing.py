"""Where one system stands: its row, and which systems it is and is not better than."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tldr_bench.board_tables import cells, shown_scores, with_interval
from tldr_bench.errors import first_of
from tldr_bench.exporters.formats import Files, Options, the_system
from tldr_bench.leaderboard import Board
from tldr_bench.tables import markdown as escaped
from tldr_bench.tables import markdown_table, plain, text_table

LISTED = 30


@dataclass(frozen=True)
class Standing:
    """One system among the others on the primary score."""

    better_than: list[str]
    worse_than: list[str]
    open: list[str]
    """Those from which the data cannot tell it apart."""


def standing(board: Board, place: int) -> Standing:
    """What the board's decisions about its primary score say of the system at this place."""
    decisions = board.decisions(board.task.spec.primary)
    found = Standing([], [], [])
    own = decisions.ranking.standings[place].rank
    for other, scored in enumerate(board.scored):
        rank = decisions.ranking.standings[other].rank
        if other == place or rank is None or own is None:
            continue
        if not decisions.pairs.of(place, other).significant:
            found.open.append(scored.submission.system)
        else:
            (found.better_than if own < rank else found.worse_than).append(scored.submission.system)
    return found


def text(board: Board, options: Options) -> Files:
    """For a terminal, or a block of plain text."""
    place = the_system(board, options)
    lines = [plain(_title(board, place)), "", _scores(board, place, text_table), ""]
    lines += [f"{word}: {plain(names)}" for word, names in _verdicts(board, place)]
    return {f"{board.task.id}.txt": "\n".join(lines) + "\n\n"}


def markdown(board: Board, options: Options) -> Files:
    """For a pull request's summary: the same, with the whole board below."""
    place = the_system(board, options)
    lines = [f"### {escaped(_title(board, place))}", "", _scores(board, place, markdown_table), ""]
    lines += [f"- **{word}**: {escaped(names)}" for word, names in _verdicts(board, place)]
    table = cells(board)
    lines += ["", "<details><summary>The whole board</summary>", ""]
    lines += [markdown_table(table.header, table.rows, right=table.right), "", "</details>"]
    return {f"{board.task.id}.md": "\n".join(lines) + "\n\n"}


def _title(board: Board, place: int) -> str:
    row = board.record.rows[place]
    return f"{row.name} ({row.system}) on {board.record.name} ({board.task.id}), {board.record.examples} examples"


Table = Callable[..., str]


def _scores(board: Board, place: int, table: Table) -> str:
    row = board.record.rows[place]
    rows = [
        [
            name,
            with_interval(row.scores[name], board.factor(name)),
            board.record.signatures[name.partition(".")[0]],
        ]
        for name in shown_scores(board)
        if name in row.scores
    ]
    rows += [[name, "not computed", reason] for name, reason in row.not_computed.items()]
    return table(["score", "value", "signature"], rows, right=[False, True, False])


def _verdicts(board: Board, place: int) -> list[tuple[str, str]]:
    """By the primary score: rank, and the others in three groups."""
    row = board.record.rows[place]
    primary = board.task.spec.primary
    if not board.ranked[place]:
        return [("rank", f"not ranked: a {'person' if row.type == 'human' else 'baseline'}")]
    if row.rank is None:
        return [("rank", f"none, without {primary}")]
    ranks = (
        str(row.rank_low) if row.rank_low == row.rank_high else f"{row.rank_low} to {row.rank_high}"
    )
    found, number = standing(board, place), sum(board.ranked)
    return [
        (f"rank by {primary}", f"{row.rank} of {number}; the data leaves open {ranks}"),
        ("better than", _listed(found.better_than)),
        ("not told apart from", _listed(found.open)),
        ("worse than", _listed(found.worse_than)),
    ]


def _listed(names: Sequence[str]) -> str:
    return first_of(names, LISTED) or "none"
