"""How fast tldr-bench starts: `python benchmarks/startup.py [--json] [--quick]`.

CPU seconds of whole processes, the best of several, as ratios to peers in the same run:
`tldr-bench --help` and `validate` of 618 lines to a bare `python -c pass`; a cold `tldr-bench
score` of 618 papers (ROUGE with intervals, sentence labels) to the same ROUGE figures through an
`evaluate` metric that calls rouge-score, as `evaluate.load("rouge")` does. The Hub's script cannot
be loaded offline, so the peer is a class with the same two calls; the figures are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from figures import Figure, show
from scale import sentence

PAPERS, TARGETS, WORDS = 618, 3, 20
HELP, VALIDATE, EVALUATE = 5.0, 12.0, 5.0
"""Budgets: at most so many starts of Python; at least so many times faster than `evaluate`."""

PEER = """
import json
import sys
from pathlib import Path

import datasets
import evaluate
from rouge_score import rouge_scorer


class Rouge(evaluate.Metric):
    def _info(self):
        text = datasets.Value("string")
        features = datasets.Features(predictions=text, references=datasets.Sequence(text))
        return evaluate.MetricInfo("rouge", "", features=features)

    def _compute(self, predictions, references):
        names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
        scorer = rouge_scorer.RougeScorer(names, use_stemmer=True)
        found = [scorer.score_multi(r, p) for p, r in zip(predictions, references)]
        return {name: sum(item[name].fmeasure for item in found) / len(found) for name in names}


rows = [json.loads(line) for line in Path("tasks/made-up/rows.jsonl").open()]
said = [json.loads(line) for line in Path("submissions/one/made-up.jsonl").open()]
figures = Rouge().compute(
    predictions=[row["prediction"] for row in said], references=[row["targets"] for row in rows]
)
print(json.dumps(figures))
"""


def cpu(command: Sequence[str], folder: Path, times: int) -> float:
    """The least CPU time of a process in so many runs; the first fills the disk's cache."""
    return min(_once(command, folder) for _ in range(times))


def _once(command: Sequence[str], folder: Path) -> float:
    environment = {**os.environ, "TLDR_BENCH_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    # An installed package has its bytecode; a checkout gets it in the first run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # An empty store each time: what is measured is a cold run.
    with tempfile.TemporaryDirectory() as store, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "TLDR_BENCH_CACHE": store},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)}: {said.read().decode()}")
    return usage.ru_utime + usage.ru_stime


def workspace(folder: Path) -> None:
    """618 made-up papers as a summary task and as a labels task, and one system."""
    import hashlib

    rows = [_paper(number) for number in range(PAPERS)]
    data = "".join(json.dumps(row) + "\n" for row in rows)
    digest = hashlib.sha256(data.encode()).hexdigest()
    _write(folder / "tasks/made-up/rows.jsonl", data)
    pinned = f"data: {{path: made-up/rows.jsonl, sha256: {digest}}}\n"
    for task, rest in {
        "made-up": "kind: summary\nmetrics: {rouge: {references: best-each}}\nprimary: rouge.rouge1\n",
        "made-up-labels": "kind: labels\nmetrics: {labels: {}}\nprimary: labels.f1\n",
    }.items():
        _write(folder / f"tasks/{task}/task.yaml", f"name: {task}\n{pinned}{rest}")
    said = [{"id": row["id"], "prediction": sentence(n, WORDS, 100)} for n, row in enumerate(rows)]
    chosen = [{"id": row["id"], "selected": [n % 3]} for n, row in enumerate(rows)]
    home = folder / "submissions/one"
    _write(home / "submission.yaml", "name: One\n")
    _write(home / "made-up.jsonl", "".join(json.dumps(row) + "\n" for row in said))
    _write(home / "made-up-labels.jsonl", "".join(json.dumps(row) + "\n" for row in chosen))


def _paper(number: int) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "source": [sentence(number, WORDS, variant) for variant in (50, 51, 52)],
        "labels": [1, 0, number % 2],
        "targets": [sentence(number, WORDS, variant) for variant in range(1, TARGETS + 1)],
    }


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def measure(quick: bool) -> list[Figure]:
    """All ratios, in one go."""
    times = 5 if quick else 15
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder)
        ours = [sys.executable, "-m", "tldr_bench"]
        asked = (
            [sys.executable, "-c", "pass"],
            [*ours, "--help"],
            [*ours, "validate", "submissions/one/made-up.jsonl"],
        )
        # Turn by turn, so that a busy spell of the machine meets all of them.
        turns = [[_once(command, folder) for command in asked] for _ in range(times)]
        bare, help_, validate = map(min, zip(*turns, strict=True))
        score = cpu([*ours, "score", "--jobs", "1"], folder, 5)
        peer = cpu([sys.executable, "-c", PEER], folder, 1 if quick else 3)
        _same_figures(folder)
    start = "python -c pass"
    return [
        Figure("`--help`", "", help_, "s", start, bare, help_ / bare, at_most=HELP),
        Figure(
            "`validate`",
            f"{PAPERS} lines",
            validate,
            "s",
            start,
            bare,
            validate / bare,
            at_most=VALIDATE,
        ),
        Figure(
            "cold `score`: ROUGE with intervals, labels",
            f"{PAPERS} papers, {TARGETS} references",
            score,
            "s",
            "ROUGE only, through evaluate and rouge-score",
            peer,
            peer / score,
            at_least=EVALUATE,
            note="the same figures",
        ),
    ]


def _same_figures(folder: Path) -> None:
    """The peer computes what we compute, to the last bit but the order of its sum."""
    answer = subprocess.check_output(
        [sys.executable, "-c", PEER], cwd=folder, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    ours = json.loads((folder / "submissions/one/results/made-up.json").read_text())["scores"]
    for name, value in json.loads(answer).items():
        if abs(ours[f"rouge.{name}"]["value"] - value) > 1e-12:
            raise SystemExit(f"{name}: {ours[f'rouge.{name}']['value']} here, {value} there")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="fewer runs of each")
    asked = parser.parse_args()
    show(measure(asked.quick), [], asked.json)


if __name__ == "__main__":
    main()
