"""How long the statistics of a board take, and how much memory: `python benchmarks/stats.py`.

Prints a Markdown table, or with --json one JSON document; --quick leaves large boards out. Each case runs
in a process of its own on made-up scores that share the papers' difficulty: all pairs of all systems on
one score, from columns to ranks. CPU seconds are of all threads together; peak memory is of the process.

The peer is SciPy with as many resamples: `bootstrap` of each system's mean and a `permutation_test` of each
pair. It is measured on a few systems and pairs, and multiplied: all pairs of 1,000 systems would take days.

Not called statistics.py: that would hide the standard library's module from every script beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from itertools import combinations
from math import comb

import numpy as np
from figures import Figure, show

from tldr_bench.stats import RESAMPLES, bootstrap, decide, draw, interval, rank

CASES = ((1, 618), (12, 618), (100, 618), (1000, 618), (12, 10_000), (12, 1_000_000))
"""Systems and examples; 618 papers are SciTLDR-A's test set."""
QUICK = ((12, 618), (100, 618))
GOALS = {(12, 618): 0.5, (1000, 618): 60.0}
"""CPU seconds at most."""
PEAK = 2048
"""MiB at most, for 1,000 systems."""
STEPS = ("draw", "bootstrap", "intervals", "pairs", "ranks")


def made_up(systems: int, examples: int) -> list[dict[str, np.ndarray]]:
    """One column per system, in [0, 1]."""
    rng = np.random.default_rng(1)
    difficulty = rng.beta(2, 3, examples)
    moved = (difficulty + rng.normal(rng.normal(0, 0.02), 0.12, examples) for _ in range(systems))
    return [{"score": np.clip(column, 0, 1)} for column in moved]


def measure(systems: int, examples: int) -> dict[str, float]:
    """CPU seconds of each step, their sum, and the peak memory in MiB."""
    columns = made_up(systems, examples)
    scores = [float(system["score"].mean()) for system in columns]
    clock = [time.process_time()]

    def tick() -> None:
        clock.append(time.process_time())

    resamples = draw(examples, "benchmark 1")
    tick()
    samples = bootstrap(columns, lambda means: means, resamples)["score"]
    tick()
    for system in range(systems):
        interval(samples, system)
    tick()
    pairs = decide(scores, samples)
    tick()
    rank(scores, pairs)
    tick()
    seconds = dict(zip(STEPS, np.diff(clock).tolist(), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = {"systems": systems, "examples": examples}
    return {**size, **seconds, "total": sum(seconds.values()), "peak_mib": peak}


def in_own_process(systems: int, examples: int) -> dict[str, float]:
    """`measure` in a fresh process, so that one case's memory is not another's."""
    command = [sys.executable, __file__, "--case", str(systems), str(examples)]
    measured: dict[str, float] = json.loads(subprocess.check_output(command))
    return measured


def scipy_seconds(examples: int) -> tuple[float, float]:
    """What SciPy takes for one system's interval, and for the test of one pair: the mean of three."""
    from scipy.stats import bootstrap as interval_of
    from scipy.stats import permutation_test

    columns = [system["score"] for system in made_up(3, examples)]
    start = time.process_time()
    for column in columns:
        interval_of((column,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=1)
    middle = time.process_time()
    for pair in combinations(columns, 2):
        permutation_test(
            pair,
            lambda one, other, axis: np.mean(one - other, axis=axis),
            permutation_type="samples",
            n_resamples=RESAMPLES,
            vectorized=True,
            batch=1000,
            rng=1,
        )
    return (middle - start) / 3, (time.process_time() - middle) / 3


def figures(measured: list[dict[str, float]]) -> tuple[list[Figure], list[str]]:
    """Each case, next to SciPy where that is installed and the size is that of real data."""
    found, missing = [], []
    try:
        one, pair = scipy_seconds(618)
    except ImportError as error:
        one = pair = 0.0
        missing.append(f"statistics through SciPy: {error}")
    for case in measured:
        systems, examples = int(case["systems"]), int(case["examples"])
        peer = systems * one + comb(systems, 2) * pair if examples == 618 else 0.0
        steps = ", ".join(f"{name} {case[name]:.2f}" for name in STEPS)
        found.append(
            Figure(
                "intervals, all pairs, ranks",
                f"{systems:,} systems × {examples:,} papers, one score",
                case["total"],
                "s",
                "scipy bootstrap + permutation_test, multiplied" if peer else "",
                peer or None,
                note=f"{case['peak_mib']:.0f} MiB; {steps} s",
                ratio=peer / case["total"] if peer else None,
                at_most=GOALS.get((systems, examples)),
                absolute=True,
            )
        )
        if systems == 1000:
            size = f"{systems:,} systems × {examples:,} papers"
            found.append(Figure("its peak memory", size, case["peak_mib"], "MiB", at_most=PEAK))
    return found, missing


def main() -> None:
    """Measure every case, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="no large boards")
    parser.add_argument("--case", nargs=2, type=int, metavar=("SYSTEMS", "EXAMPLES"))
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(measure(*asked.case)))
        return
    measured = [in_own_process(*case) for case in (QUICK if asked.quick else CASES)]
    show(*figures(measured), asked.json)


if __name__ == "__main__":
    main()
