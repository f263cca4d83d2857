"""What size costs: `python benchmarks/scale.py [--json] [--quick]`.

Large inputs: one prediction file of 10^3 to 10^6 made-up pairs, scored by ROUGE with `--jobs 1`:
CPU seconds, pairs a second, peak memory, and the exponent with which the time grows.
Large boards: 1,000 systems x 618 papers scored for the first time, then again with one system more.
Each figure is of a `tldr-bench` process of its own with an empty store at the start.
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
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (1_000, 10_000)
SYSTEMS, PAPERS = 1_000, 618
WORDS = 8


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
    nothing: float
    """CPU seconds of scoring one known system: the constant."""
    first: float
    again: float
    one_more: float
    peak_mib: float

    @property
    def share(self) -> float:
        """What one system more costs beyond the constant, as a share of the first run."""
        return max(0.0, self.one_more - self.nothing) / self.first


def board(systems: int, papers: int) -> Board:
    """Score a board, then one system more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task(folder, papers, 3, 20, ("rouge155", "rouge"))
        for number in range(systems):
            submission(folder, f"s{number:04}", papers, number, 20)
        first = command(["score", "--jobs", "1"], folder)
        nothing = command(["score", "s0000", "--jobs", "1"], folder)
        again = command(["score", "--jobs", "1"], folder)
        submission(folder, "another", papers, systems, 20)
        one_more = command(["score", "--jobs", "1"], folder)
    return Board(systems, papers, nothing.cpu, first.cpu, again.cpu, one_more.cpu, first.peak_mib)


def measure(quick: bool) -> dict[str, object]:
    """All figures, as plain values."""
    found = list(sizes(QUICK if quick else SIZES))
    large = board(100 if quick else SYSTEMS, PAPERS)
    return {
        "sizes": [{**asdict(size), "per_second": size.per_second} for size in found],
        "exponent": exponent(found),
        "board": {**asdict(large), "share": large.share},
    }


def rows(found: dict) -> Iterator[tuple[str, str, str]]:
    """What was measured, on what, and the figure."""
    for size in found["sizes"]:
        figure = f"{size['cpu']:.1f} s CPU, {size['per_second']:,.0f} pairs/s, {size['peak_mib']:.0f} MiB"
        yield "score one file (ROUGE)", f"{size['pairs']:,} pairs", figure
    yield "growth of its time", "pairs ** x, the steepest step", f"x = {found['exponent']:.2f}"
    large = found["board"]
    what = f"{large['systems']:,} systems x {large['papers']} papers"
    yield (
        "score a board, first run",
        what,
        f"{large['first']:.1f} s CPU, {large['peak_mib']:.0f} MiB",
    )
    yield "the same again", what, f"{100 * large['again'] / large['first']:.1f} % of the first"
    yield "one known system of it (the constant)", what, f"{large['nothing']:.2f} s CPU"
    more = f"{100 * large['share']:.2f} % of the first + the constant"
    yield "one system more", what, f"{large['one_more']:.2f} s CPU: {more}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    asked = parser.parse_args()
    found = measure(asked.quick)
    if asked.json:
        print(json.dumps(found, indent=2))
        return
    print("| what | on | figure |\n| --- | --- | --- |")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows(found)))


if __name__ == "__main__":
    main()
