"""How fast ROUGE is, next to the tools that compute it too: `python benchmarks/rouge.py`.

Prints a Markdown table, or with --json one JSON document; --quick takes every eighth paper. Every scorer gets the same pairs in the
same process on one core: five systems (first, second and last sentence, labelled sentence, title)
against every reference of the papers. These are SciTLDR-A test where TLDR_BENCH_DATA names a folder
with `scitldr/SciTLDR-A/test.jsonl`, else the mini papers of this repository.

Time is CPU time of all threads. The scorers take turns, for several rounds; the table has the first
round of each, and the best of the others. Warm after the first round of tldr-bench are the stems of
words, and the references, which are kept from system to system. Candidates are read every time. They
come with all references of their paper, as in a task, or, in the rows "one reference each", as a
pair per reference, as the other tools get them.

`rouge_tools` has the tools, `rouge_official` the official program.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Read when the libraries are loaded: one thread, and no network.
os.environ["RAYON_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_EVALUATE_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"

from figures import Figure, show
from rouge_official import PERL_PAPERS, official_or_reason
from rouge_tools import Board, Figures, Scorer, Types, google, installed, of_scores, one_each

from tldr_bench.kinds import Pair

REPOSITORY = Path(__file__).resolve().parent.parent
GOAL = 40
"""At least so many times as fast as rouge-score, both profiles."""


@dataclass(frozen=True)
class Row:
    """What a scorer took."""

    scorer: Scorer
    pairs_per_second: float
    first_round: float
    """Pairs per second too."""
    figures: str


def papers() -> tuple[str, list[dict[str, Any]]]:
    """The name of the data, and its papers with the keys source, label, title and targets."""
    folder = os.environ.get("TLDR_BENCH_DATA")
    path = Path(folder or "", "scitldr/SciTLDR-A/test.jsonl")
    if folder and path.is_file():
        name, labels, targets = "SciTLDR-A test", "source_labels", "target"
    else:
        path = REPOSITORY / "tasks/mini/papers.jsonl"
        name, labels, targets = "the mini papers", "labels", "targets"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return name, [{**row, "label": row[labels].index(1), "targets": row[targets]} for row in rows]


def boards(read: Sequence[dict[str, Any]]) -> list[Board]:
    """The five systems, with one pair per paper each."""
    choices: list[Callable[[dict[str, Any]], str]] = [
        lambda paper: paper["source"][0],
        lambda paper: paper["source"][:2][-1],
        lambda paper: paper["source"][-1],
        lambda paper: paper["source"][paper["label"]],
        lambda paper: paper["title"],
    ]
    return [
        [Pair(str(k), choose(paper), tuple(paper["targets"])) for k, paper in enumerate(read)]
        for choose in choices
    ]


def best_rouge1(figures: Figures, board: Board, types: Types) -> Figures:
    """The figures of each paper's reference with the highest ROUGE-1 F, from those of all pairs."""
    total = len(figures) // len(types)
    chosen, start = [], 0
    for pair in board:
        places = range(start, start + len(pair.target))
        chosen.append(max(places, key=lambda place: figures[place]))
        start += len(pair.target)
    return [figures[k * total + place] for k in range(len(types)) for place in chosen]


def measured(rounds: int, systems: Sequence[Board]) -> tuple[list[Row], list[str]]:
    """A row per scorer that is installed, and a line for each that is not."""
    found, missing = installed()
    singles = [one_each(board) for board in systems]
    pairs = sum(map(len, singles))
    seconds: dict[Scorer, list[float]] = {scorer: [] for scorer, _ in found}
    for _ in range(rounds + 1):
        for scorer, run in found:
            gc.collect()  # or one scorer pays for what another left behind
            start = time.process_time()
            for board in singles if scorer.one_each else systems:
                run(board)
            seconds[scorer].append(time.process_time() - start)
    expected = cache(lambda types: [of_scores(google(types)(one), types) for one in singles])
    rows = [
        Row(
            scorer,
            pairs / min(seconds[scorer][1:]),
            pairs / seconds[scorer][0],
            compared(scorer, run, systems, expected),
        )
        for scorer, run in found
    ]
    return rows, missing


def compared(
    scorer: Scorer,
    run: Callable[[Board], Any],
    systems: Sequence[Board],
    expected: Callable[[Types], list[Figures]],
) -> str:
    """Whether the figures are those of rouge-score, compared with ==."""
    if scorer.figures is None:
        return "another profile" if "155" in scorer.name else "means only"
    for board, right in zip(systems, expected(scorer.types), strict=True):
        said = scorer.figures(run(one_each(board) if scorer.one_each else board), scorer.types)
        wanted = right if scorer.one_each else best_rouge1(right, board, scorer.types)
        if said != wanted:
            return "other figures"
    return "the same figures"


def figures(rows: Sequence[Row], on: str) -> list[Figure]:
    """Ours next to each of the others with the same number of scores."""
    found = []
    for row in rows:
        if not row.scorer.name.startswith("tldr-bench"):
            continue
        for peer in rows:
            if peer.scorer.types != row.scorer.types or peer.scorer.name.startswith("tldr-bench"):
                continue
            if row.scorer.name.endswith("each") and peer.scorer.name != "rouge-score":
                continue
            found.append(
                Figure(
                    f"`{row.scorer.name.removeprefix('tldr-bench ')}`, {len(row.scorer.types)} scores",
                    on,
                    row.pairs_per_second,
                    "pairs/s",
                    peer.scorer.name,
                    peer.pairs_per_second,
                    row.pairs_per_second / peer.pairs_per_second,
                    at_least=goal_against(peer.scorer.name),
                    note=f"first round {row.first_round:,.0f} pairs/s; {row.figures}",
                )
            )
    return found


def goal_against(peer: str) -> float | None:
    """What was promised."""
    return GOAL if peer == "rouge-score" else 1 if peer.startswith("rouge-score-rs") else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Pairs per CPU second of ROUGE scorers.")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds after the first")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="every eighth paper, one round")
    asked = parser.parse_args()
    name, read = papers()
    systems = boards(read[::8] if asked.quick else read)
    rows, missing = measured(1 if asked.quick else asked.rounds, systems)
    pairs = sum(len(pair.target) for board in systems for pair in board)
    found = figures(rows, f"{name}, {pairs:,} pairs of five systems, one core")
    program, reasons = official_or_reason(systems, 5 if asked.quick else PERL_PAPERS)
    show([*found, *program], missing + reasons, asked.json)


if __name__ == "__main__":
    main()
