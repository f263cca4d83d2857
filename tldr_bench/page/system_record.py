"""A system for programs: the JSON beside its page."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tldr_bench.leaderboard import Board
from tldr_bench.stats import Interval


def system_record(board: Board, number: int) -> dict[str, object]:
    """The submission's words, its result as its file has it, its ranks, its pairs."""
    item = board.scored[number]
    return {
        "schema": "tldr-bench/system/1",
        "task": board.task.id,
        "system": item.submission.system,
        "submission": item.submission.spec.model_dump(mode="json", exclude_none=True),
        "result": json.loads(item.result.to_json()),
        "ranks": _ranks(board, number),
        "against": dict(_pair_records(board, number)),
    }


def _ranks(board: Board, number: int) -> dict[str, object]:
    scores = board.scored[number].result.scores
    known = [name for name in board.score_names if name in scores]
    standings = {name: board.decisions(name).ranking.standings[number] for name in known}
    return {
        name: {"rank": standing.rank, "low": standing.best, "high": standing.worst}
        for name, standing in standings.items()
    }


def _pair_records(board: Board, number: int) -> Iterator[tuple[str, dict[str, object]]]:
    pairs = board.decisions(board.task.spec.primary).pairs
    for other in map(int, pairs.systems if number in pairs.systems else ()):
        if other == number:
            continue
        pair = pairs.of(number, other)
        record: dict[str, object] = {
            "difference": pair.difference,
            "p": pair.p,
            "p_holm": pair.p_holm,
            "significant": pair.significant,
        }
        if isinstance(pair.interval, Interval):
            record |= {"low": pair.interval.low, "high": pair.interval.high}
        yield board.scored[other].submission.system, record
