"""`rouge155` against what the official script printed: every figure, every decimal.

The goldens are output of Perl ROUGE-1.5.5 behind files2rouge. They lie beside the published data.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from tldr_bench.kinds import Pair
from tldr_bench.metrics import porter155
from tldr_bench.metrics.references import ReferenceRule
from tldr_bench.metrics.rouge155 import Rouge155, score_pair

CONSTANT = "In this paper we propose a new method for learning deep neural networks."

SYSTEMS = {
    "lead1": lambda paper: paper["source"][0],
    "title": lambda paper: paper["title"],
    "constant": lambda _: CONSTANT,
    "label": lambda paper: paper["source"][paper["source_labels"].index(1)],
    "last": lambda paper: paper["source"][-1],
}

Papers = Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def goldens(real_data: Path) -> Path:
    """The folder with the output of the official script."""
    folder = real_data / "goldens"
    if not folder.is_dir():
        pytest.skip("needs TLDR_BENCH_DATA with a folder goldens/ (output of the official script)")
    return folder


@pytest.fixture(scope="module")
def papers(real_data: Path) -> Papers:
    """SciTLDR-A test by paper id, in the order of the file."""
    lines = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_text(encoding="utf-8").splitlines()
    return {paper["paper_id"]: paper for paper in map(json.loads, lines)}


def rows(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def pairs(papers: Papers, system: str) -> list[Pair[str, tuple[str, ...]]]:
    return [
        Pair(key, SYSTEMS[system](paper), tuple(paper["target"])) for key, paper in papers.items()
    ]


def recall_precision_f(candidate: str, reference: str, stemmer: bool) -> dict[str, list[float]]:
    figures = score_pair(candidate, reference, stemmer=stemmer)
    names = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}
    return {names[name]: [prf.recall, prf.precision, prf.f] for name, prf in figures.items()}


def test_stems_are_those_of_the_script(goldens: Path) -> None:
    """All 7,073 words of the data get the stem that the script gave them."""
    lines = (goldens / "rouge155_stems.tsv").read_text(encoding="utf-8").splitlines()
    expected = dict(line.split("\t") for line in lines)
    found = {word: porter155.stem(word) if len(word) > 3 else word for word in expected}
    assert len(expected) == 7073
    assert found == expected


@pytest.mark.parametrize(("column", "stemmer"), [("stemmed", True), ("unstemmed", False)])
def test_hard_pairs_score_as_in_the_script(goldens: Path, column: str, stemmer: bool) -> None:
    """1,500 pairs full of stray periods, tags, hyphens and accents get the script's R, P and F."""
    lines = (goldens / "rouge155_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    hard = list(map(json.loads, lines))
    different = [
        pair
        for pair in hard
        if recall_precision_f(pair["candidate"], pair["reference"], stemmer) != pair[column]
    ]
    assert len(hard) == 1500
    assert different == []


def test_real_pairs_score_as_in_the_script(goldens: Path, papers: Papers) -> None:
    """Five systems against every reference of SciTLDR-A test get the script's R, P and F."""
    different, number = [], 0
    for row in rows(goldens / "rouge155_test.tsv", "\t"):
        paper = papers[row["paper_id"]]
        candidate, reference = SYSTEMS[row["system"]](paper), paper["target"][int(row["target"])]
        found = recall_precision_f(candidate, reference, stemmer=True)
        keys = (("ROUGE-1", "r1"), ("ROUGE-2", "r2"), ("ROUGE-L", "rl"))
        expected = {name: [float(row[f"{key}_{x}"]) for x in "rpf"] for name, key in keys}
        number += 1
        if found != expected:
            different.append((row, found))
    assert number == 5 * 1967
    assert different == []


@pytest.mark.parametrize(
    ("rule", "column"), [("first", "author"), ("best-rouge1", "multi-max"), ("mean", "multi-mean")]
)
def test_rules_for_references_are_the_scripts(
    goldens: Path, papers: Papers, rule: ReferenceRule, column: str
) -> None:
    """For 618 papers, each rule gives to the last bit what SciTLDR's own script wrote for it."""
    official = list(rows(goldens / "official_lead1_test.csv", ","))
    columns = Rouge155(references=rule).measure(pairs(papers, "lead1"))
    assert len(official) == 618
    for score, name in (("rouge1", "R1"), ("rouge2", "R2"), ("rougeL", "RL")):
        expected = [float(row[f"{name}||{column}||lead.hypo"]) for row in official]
        assert columns[score].tolist() == expected


@pytest.mark.parametrize(
    ("system", "rule", "expected"),
    [
        ("lead1", "first", (25.75, 9.32, 20.10)),
        ("lead1", "best-rouge1", (31.27, 11.40, 24.07)),
        ("lead1", "mean", (22.47, 5.94, 17.21)),
        ("label", "first", (42.20, 21.99, 34.72)),
        ("label", "best-rouge1", (44.32, 22.75, 35.93)),
        ("label", "mean", (30.47, 11.14, 23.88)),
    ],
)
def test_corpus_means_are_the_published_ones(
    papers: Papers, system: str, rule: ReferenceRule, expected: tuple[float, ...]
) -> None:
    """The corpus figures in points are those of the real program, within their two decimals."""
    metric = Rouge155(references=rule)
    scores = metric.aggregate(metric.measure(pairs(papers, system)))
    points = [100 * scores[name] for name in metric.score_names]
    assert points == pytest.approx(expected, abs=0.0051, rel=0)


def test_a_maximum_per_score_is_a_convention_of_its_own(papers: Papers) -> None:
    """`best-each` keeps ROUGE-1 and lifts ROUGE-2 and ROUGE-L by about 0.9 points."""
    assert "best-each" in get_args(ReferenceRule)
    each, best = Rouge155(references="best-each"), Rouge155()
    of_each, of_best = (m.aggregate(m.measure(pairs(papers, "lead1"))) for m in (each, best))
    assert of_each["rouge1"] == of_best["rouge1"]
    assert 100 * (of_each["rouge2"] - of_best["rouge2"]) == pytest.approx(0.9, abs=0.1)
    assert 100 * (of_each["rougeL"] - of_best["rougeL"]) == pytest.approx(0.9, abs=0.1)
