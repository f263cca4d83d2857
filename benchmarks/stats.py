"""How long the statistics of a board take, and how much memory: `python benchmarks/stats.py`.

Prints a Markdown table, or with --json one JSON document. Each case runs in a process of its own on
made-up scores that share the papers' difficulty: all pairs of all systems on one score, from
columns to ranks. CPU seconds are of all threads together; peak memory is of the whole process.

Not called statistics.py: that would hide the standard library's module from every script beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from tldr_bench.stats import bootstrap, decide, draw, interval, rank

CASES = ((1, 618), (12, 618), (100, 618), (1000, 618), (12, 10_000), (12, 1_000_000))
"""Systems and examples; 618 papers are SciTLDR-A's test set."""
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


def table(rows: list[dict[str, float]]) -> str:
    """The figures as Markdown."""
    head = ["systems", "examples", *STEPS, "CPU seconds", "peak MiB"]
    lines = ["| " + " | ".join(head) + " |", "|" + " ---: |" * len(head)]
    for row in rows:
        seconds = [f"{row[name]:.3f}" for name in (*STEPS, "total")]
        cells = [f"{row['systems']:,}", f"{row['examples']:,}", *seconds, f"{row['peak_mib']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure every case, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--case", nargs=2, type=int, metavar=("SYSTEMS", "EXAMPLES"))
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(measure(*asked.case)))
        return
    rows = [in_own_process(*case) for case in CASES]
    print(
        json.dumps({"numpy": np.__version__, "cases": rows}, indent=2)
        if asked.json
        else table(rows)
    )


if __name__ == "__main__":
    main()
