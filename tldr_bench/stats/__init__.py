"""Intervals, paired tests, rank ranges, tie bars and power: one source of truth for all of them.

    resamples = draw(examples, seed=task_version)          once for a task
    samples = bootstrap(columns of systems, combine, resamples)[score name]
    interval(samples, system)                              a system's own 95 % interval
    pairs = decide(scores, samples)                        every two systems, Holm over all pairs
    rank(scores, pairs, direction)                         ranks, their ranges, tie bars
    resolution(pairs)                                      the difference that the task can show

Read on in that order: `exact` (sums that are the same on every machine), `resample`, `intervals`,
`student`, `pairs`, `ranking`, `power`. The scores themselves are the caller's plain means; nothing
here estimates them anew. Equal input gives equal bits, on every machine.
"""

from tldr_bench.stats.intervals import Interval, NoInterval, interval
from tldr_bench.stats.pairs import ALPHA, EVIDENCE, Pair, Pairs, as_pairs, decide, holm
from tldr_bench.stats.power import POWER, detectable, resolution
from tldr_bench.stats.ranking import Direction, Ranking, Standing, rank
from tldr_bench.stats.resample import (
    RESAMPLES,
    Columns,
    Combine,
    Resamples,
    Samples,
    bootstrap,
    draw,
    units_of,
)

__all__ = [
    "ALPHA",
    "EVIDENCE",
    "POWER",
    "RESAMPLES",
    "Columns",
    "Combine",
    "Direction",
    "Interval",
    "NoInterval",
    "Pair",
    "Pairs",
    "Ranking",
    "Resamples",
    "Samples",
    "Standing",
    "as_pairs",
    "bootstrap",
    "decide",
    "detectable",
    "draw",
    "holm",
    "interval",
    "rank",
    "resolution",
    "units_of",
]
