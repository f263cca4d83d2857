"""The figures of rankings, against figures by hand, trec_eval and the published data."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tldr_bench.align import align_file
from tldr_bench.kinds import Pair
from tldr_bench.metrics.ranking import Ranking
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace


def scores(*pairs: tuple[list[str], dict[str, int]]) -> dict[str, float]:
    """The scores of (ranking, relevance) pairs."""
    metric = Ranking()
    made = [Pair(str(n), tuple(ranked), relevant) for n, (ranked, relevant) in enumerate(pairs)]
    return metric.aggregate(metric.measure(made))


def test_one_known_item_by_hand() -> None:
    """The relevant document in third place: 1/3, 1/log2(4), and recall from five on."""
    found = scores((["x", "y", "a", "z"], {"a": 1}))
    assert found == {
        "mrr@10": 1 / 3,
        "ndcg@10": 1 / 2,
        "recall@1": 0.0,
        "recall@5": 1.0,
        "recall@10": 1.0,
        "map": 1 / 3,
    }


def test_beyond_the_tenth_place_nothing_counts_but_average_precision() -> None:
    """A document in eleventh place is found by average precision only."""
    found = scores(([*map(str, range(10)), "a"], {"a": 1}))
    assert found == {**dict.fromkeys(Ranking.score_names, 0.0), "map": 1 / 11}


def test_graded_relevance_by_hand() -> None:
    """nDCG has linear gains over log2(rank + 1), and the best possible order in its denominator."""
    found = scores((["b", "x", "a"], {"a": 3, "b": 1, "c": 2}))
    gained = 1 / math.log2(2) + 3 / math.log2(4)
    best = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert found["ndcg@10"] == pytest.approx(gained / best)
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["map"] == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_an_empty_ranking_is_zero_and_stays_in_the_mean() -> None:
    """A query that finds nothing counts 0 among the others."""
    assert scores(([], {"a": 1}), (["a"], {"a": 1}))["mrr@10"] == 1 / 2


NAMES = {
    "mrr@10": "recip_rank",
    "ndcg@10": "ndcg_cut_10",
    "recall@1": "recall_1",
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "map": "map",
}


def trec_eval(
    qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> dict[str, float]:
    """trec_eval's means over the queries; its reciprocal rank has no cutoff, so the run is cut for it."""
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec-eval-terrier is not installed")
    evaluator = pytrec_eval.RelevanceEvaluator(
        qrels, {"recip_rank", "ndcg_cut.10", "recall.1,5,10", "map"}
    )
    each = evaluator.evaluate(run).values()
    return {name: sum(item[theirs] for item in each) / len(qrels) for name, theirs in NAMES.items()}


def test_agrees_with_trec_eval() -> None:
    """On random graded judgements and rankings of ten, every figure is trec_eval's."""
    dice = random.Random(3)
    names = [f"d{number}" for number in range(15)]
    qrels, run, pairs = {}, {}, []
    for query in map(str, range(200)):
        qrels[query] = {name: dice.randint(1, 3) for name in dice.sample(names, dice.randint(1, 6))}
        ranked = dice.sample(names, dice.randint(1, 10))
        run[query] = {name: float(-place) for place, name in enumerate(ranked)}
        pairs.append((ranked, qrels[query]))
    assert scores(*pairs) == pytest.approx(trec_eval(qrels, run), abs=1e-12)


def run_scores(run: str, tmp_workspace: Any) -> dict[str, tuple[str, ...]]:
    path = tmp_workspace.submit("system", "tiny-ranking", run, ".run")
    task = Workspace(tmp_workspace.root).task("tiny-ranking")
    return {pair.id: pair.prediction for pair in align_file(task, path).pairs}


REST = "p2 Q0 p2 1 1 t\np3 Q0 p3 1 1 t\np4 Q0 p4 1 1 t\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (1.00000001, 1.0), (1.0, 1.00000001), (-1.0, -2.0)],
)
def test_a_run_is_sorted_as_trec_eval_sorts_it(
    first: float, second: float, tmp_workspace: Any
) -> None:
    """By score in single precision, ties by document id, both descending; the rank column is not used."""
    run = f"p1 Q0 p1 1 {first!r} t\np1 Q0 p2 2 {second!r} t\n{REST}"
    ours = run_scores(run, tmp_workspace)["p1"]
    theirs = trec_eval({"q": {"p1": 1}}, {"q": {"p1": first, "p2": second}})["mrr@10"]
    assert 1 / (ours.index("p1") + 1) == theirs


def test_a_run_and_a_json_file_of_the_same_order_are_the_same(tmp_workspace: Any) -> None:
    """Whatever the form, the same rankings have the same digest."""
    task = Workspace(tmp_workspace.root).task("tiny-ranking")
    run = tmp_workspace.submit(
        "a", "tiny-ranking", f"p1 Q0 p1 2 5 t\np1 Q0 p3 1 7 t\n{REST}", ".run"
    )
    rows = [{"id": "p1", "prediction": ["p3", "p1"]}]
    rows += [{"id": name, "prediction": [name]} for name in ("p2", "p3", "p4")]
    json = tmp_workspace.submit("b", "tiny-ranking", rows)
    assert align_file(task, run) == align_file(task, json)


def test_bm25_has_the_known_figures(real_data: Path, tmp_path: Path) -> None:
    """BM25 from abstract to first target on SciTLDR-A has the figures that three other tools gave."""
    import json

    from tldr_bench.baselines import predictions
    from tldr_bench.task import TaskFile, make_task

    lines = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row["source"], row["target"] = " ".join(row["source"]), row["target"][0]
    spec = TaskFile.model_validate(
        {
            "name": "Find the TLDR",
            "kind": "ranking",
            "data": {"path": "x.jsonl", "sha256": "0" * 64},
            "fields": {"id": "paper_id", "query": "source", "document": "target"},
            "metrics": {"ranking": None},
            "primary": "ranking.mrr@10",
        }
    )
    task: Task = make_task("match", tmp_path, spec, enumerate(rows, 1))
    path = tmp_path / "match.jsonl"
    path.write_text(predictions("bm25", task), "utf-8")
    metric = Ranking()
    pairs = align_file(task, path).pairs
    found = metric.aggregate(metric.measure(pairs))
    expected = {"mrr@10": 0.8548, "recall@1": 0.8042, "recall@5": 0.9175, "ndcg@10": 0.8754}
    assert {name: round(found[name], 4) for name in expected} == expected
    assert round(found["recall@1"] * 618) == 497
