"""What size costs: `python benchmarks/scale.py [--json] [--quick]`.

Large inputs: one prediction file of 10^3 to 10^6 made-up pairs, scored by ROUGE with `--jobs 1`:
CPU seconds, pairs a second, peak memory, and the exponent with which the time grows.
Large boards: 1,000 systems x 618 papers scored for the first time, then again with one system more.
Each figure is of a `tldr-bench` process of its own with an empty store at the start. What takes about
a second is run three times, and the least counts: what else the machine does comes on top.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from figures import Figure, show

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (1_000, 10_000)
SYSTEMS, PAPERS = 1_000, 618
TIMES = 3
QUICK_SYSTEMS = 50
WORDS = 8
STEPS = {
    "read and check its file": ("read predictions",),
    "measure two ROUGE profiles": ("measure rouge155", "measure rouge"),
    "values and intervals of seven scores": ("intervals",),
    "look for what seems wrong": ("look for what seems wrong",),
}
"""Steps of a first run and their names in --profile."""
EXPONENT, ONE_MORE = 1.1, 0.01
"""Goals: growth of the time, and the share of the first run that one system more costs."""


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    cpu: float
    """Seconds of all its threads and children."""
    peak_mib: float
    """The largest memory of one process."""
    said: str
    """What it wrote to stderr."""


def command(arguments: Sequence[str], folder: Path) -> Cost:
    """Run tldr-bench in a folder, with the store beside it."""
    environment = {
        **os.environ,
        "TLDR_BENCH_CACHE": str(folder / ".cache"),
        "TLDR_BENCH_OFFLINE": "1",
    }
    # An installed package has its bytecode; a checkout gets it in the first run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tldr_bench", *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read()
    if process.returncode:
        raise SystemExit(f"tldr-bench {' '.join(arguments)}: {said}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


# Made-up papers --------------------------------------------------------------------------------


def _vocabulary() -> list[str]:
    """200,000 words of running text: 20,000 different ones, common ones more often (Zipf)."""
    chance = random.Random(0)
    letters = "abcdefghiklmnoprstuvw"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(20_000)]
    return chance.choices(words, [1 / rank for rank in range(1, len(words) + 1)], k=200_000)


TEXT = _vocabulary()


def sentence(number: int, words: int, variant: int = 0) -> str:
    """So many words about paper `number`; variants of a paper share half of them or more."""
    chance = random.Random(number * 1_000_003 + variant)
    about = random.Random(number).randrange(len(TEXT) - words)
    start = chance.randrange(len(TEXT) - words)
    own = chance.randrange(words // 2 + 1) if variant else 0
    return " ".join(TEXT[about + own : about + words] + TEXT[start : start + own])


def task(
    folder: Path,
    examples: int,
    targets: int,
    words: int = WORDS,
    metrics: Sequence[str] = ("rouge155",),
) -> None:
    """A workspace with one summary task of made-up papers."""
    (folder / "tasks/made-up").mkdir(parents=True)
    digest = hashlib.sha256()
    with (folder / "tasks/made-up/rows.jsonl").open("wb") as file:
        for number in range(examples):
            texts = [sentence(number, words, variant) for variant in range(1, targets + 1)]
            row = {"id": f"p{number}", "source": sentence(number, words), "targets": texts}
            line = json.dumps(row).encode() + b"\n"
            digest.update(line)
            file.write(line)
    (folder / "tasks/made-up/task.yaml").write_text(
        "name: Made up\nkind: summary\n"
        f"data: {{path: made-up/rows.jsonl, sha256: {digest.hexdigest()}}}\n"
        f"metrics: {{{', '.join(f'{name}: {{}}' for name in metrics)}}}\n"
        "primary: rouge155.rouge1\n"
    )
    (folder / "submissions").mkdir()


def submission(folder: Path, system: str, examples: int, seed: int, words: int = WORDS) -> None:
    """A system that says something made up of every paper."""
    home = folder / "submissions" / system
    home.mkdir()
    (home / "submission.yaml").write_text(f"name: {system}\n")
    rows = (
        json.dumps({"id": f"p{number}", "prediction": sentence(number, words, 100 + seed)})
        for number in range(examples)
    )
    with (home / "made-up.jsonl").open("w") as file:
        file.writelines(row + "\n" for row in rows)


# What is measured ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """One prediction file of so many pairs."""

    pairs: int
    cpu: float
    peak_mib: float

    @property
    def per_second(self) -> float:
        """Pairs a CPU second."""
        return self.pairs / self.cpu


def sizes(pairs: Sequence[int]) -> Iterator[Size]:
    """Score one file of each size; start-up is part of it."""
    for count in pairs:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            task(folder, count, 1)
            submission(folder, "one", count, 7)
            cost = command(["score", "--jobs", "1"], folder)
        yield Size(count, cost.cpu, cost.peak_mib)


def exponent(found: Sequence[Size]) -> float:
    """The largest growth between neighbouring sizes: time ~ pairs ** exponent. 1 is in proportion."""
    return max(
        math.log(after.cpu / before.cpu) / math.log(after.pairs / before.pairs)
        for before, after in pairwise(found)
    )


@dataclass(frozen=True)
class Board:
    """A board scored for the first time, again, and again with one system more."""

    systems: int
    papers: int
    alone: float
    """CPU seconds of scoring one new system on a board of its own: the constant."""
    first: float
    again: float
    one_more: float
    peak_mib: float
    stages: dict[str, float]
    """Of the first run, by the clock."""

    def each(self, *stages: str) -> float:
        """CPU milliseconds a system that stages took: the run's, shared out as its clock was."""
        part = sum(self.stages[stage] for stage in stages) / sum(self.stages.values())
        return 1000 * part * self.first / self.systems

    @property
    def share(self) -> float:
        """What one system more costs beyond the constant, as a share of the first run."""
        return max(0.0, self.one_more - self.alone) / self.first


def board(systems: int, papers: int) -> Board:
    """Score a board, then one system more; and that one alone, where there is nothing else."""
    with tempfile.TemporaryDirectory() as name:
        more = range(systems, systems + TIMES)
        alone = min(_one_more(_board(Path(name) / f"{one}", papers), papers, one) for one in more)
        folder = _board(Path(name) / "board", papers)
        for number in range(systems):
            submission(folder, f"s{number:04}", papers, number, 20)
        first = command(["score", "--jobs", "1", "--log", "json"], folder)
        again = min(command(["score", "--jobs", "1"], folder).cpu for _ in range(TIMES))
        one_more = min(_one_more(folder, papers, one) for one in more)
    stages = json.loads(first.said.splitlines()[-1])["stages"]
    return Board(systems, papers, alone, first.cpu, again, one_more, first.peak_mib, stages)


def _board(folder: Path, papers: int) -> Path:
    """A board without systems."""
    task(folder, papers, 3, 20, ("rouge155", "rouge"))
    return folder


def _one_more(folder: Path, papers: int, number: int) -> float:
    """CPU seconds of scoring a board after a new system came."""
    submission(folder, f"s{number:04}", papers, number, 20)
    return command(["score", "--jobs", "1"], folder).cpu


def figures(found: Sequence[Size], large: Board) -> Iterator[Figure]:
    """What was measured, with its goals."""
    for size in found:
        on = f"{size.pairs:,} short pairs, {size.per_second:,.0f} a second, {size.peak_mib:.0f} MiB"
        yield Figure("score one file (ROUGE), start-up included", on, size.cpu, "s")
    steps = f"time ~ pairs ** x, the steepest step of {found[0].pairs:,} to {found[-1].pairs:,}"
    yield Figure("growth of its time", steps, exponent(found), "", at_most=EXPONENT)
    what = f"{large.systems:,} systems × {large.papers} papers, two metrics"
    peak = f"{what}, {large.peak_mib:.0f} MiB"
    first = ("the first run", large.first)
    yield Figure("score a board, first run", peak, large.first, "s")
    yield Figure("the same again", what, large.again, "s", *first, large.again / large.first)
    yield Figure("that one system alone: the constant", what, large.alone, "s")
    constant = "; the ratio is without the constant"
    more = what + constant
    yield Figure(
        "one system more", more, large.one_more, "s", *first, large.share, at_most=ONE_MORE
    )
    one = f"a system of the first run at {large.papers} papers; its CPU shared out by --profile"
    for step, stages in STEPS.items():
        yield Figure(f"of which: {step}", one, large.each(*stages), "ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    asked = parser.parse_args()
    found = list(sizes(QUICK if asked.quick else SIZES))
    large = board(QUICK_SYSTEMS if asked.quick else SYSTEMS, PAPERS)
    show(list(figures(found, large)), [], asked.json)


if __name__ == "__main__":
    main()
