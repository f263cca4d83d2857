"""Ranking tasks: who is relevant, equal texts, judgements in TREC's forms, and trec_eval's figures."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer, TinyWorkspace

from tldr_bench.align import align_file
from tldr_bench.errors import DataError, SubmissionError, TaskError
from tldr_bench.kinds import Pair
from tldr_bench.metrics.ranking import Ranking
from tldr_bench.qrels import qrels_text, read_qrels, run_text
from tldr_bench.task import Task, TaskFile, make_task
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


def ranking(rows: list[dict[str, Any]]) -> Task:
    """A ranking task over these rows."""
    spec = TaskFile.model_validate(
        {
            "name": "r",
            "kind": "ranking",
            "data": {"path": "r.jsonl", "sha256": "0" * 64},
            "metrics": {"ranking": None},
            "primary": "ranking.mrr@10",
        }
    )
    return make_task("r", Path("r"), spec, list(enumerate(rows, 1)))


def test_a_row_without_a_query_only_adds_a_document() -> None:
    """Documents that nobody asks for are in the pool; gains are read from `relevant`."""
    task = ranking(
        [
            {"document_id": "d1", "document": "owls"},
            {"document_id": "d2", "document": "bats"},
            {"id": "q", "query": "night birds", "relevant": {"d1": 2, "d2": 0}},
        ]
    )
    assert list(task.pool) == ["d1", "d2"]
    assert [example.target for example in task.examples] == [{"d1": 2}]


def test_a_document_may_be_called_0() -> None:
    """Collections number their documents, and many begin with 0: that is a name like any other."""
    task = ranking(
        [
            {"document_id": 0, "document": "owls"},
            {"id": 1, "document": "bats"},
            {"id": 7, "query": "night birds", "relevant": [0]},
        ]
    )
    assert list(task.pool) == ["0", "1"]
    assert [example.target for example in task.examples] == [{"0": 1}]


def test_a_relevant_document_that_no_row_holds_is_named_with_its_line() -> None:
    """A judgement of nothing is an error of the data, not a query that cannot be answered."""
    with pytest.raises(DataError) as caught:
        ranking(
            [
                {"document_id": "d1", "document": "owls"},
                {"id": "q", "query": "x", "relevant": ["d9"]},
            ]
        )
    assert str(caught.value) == ("r.jsonl:2: document 'd9' is relevant to 'q', but no row holds it")


def test_two_texts_for_one_document_are_refused() -> None:
    """The same document id with another text is named; the same text again is not an error."""
    rows = [{"id": "a", "query": "x", "document_id": "d", "document": "one"}]
    assert len(ranking([*rows, {**rows[0], "id": "b"}]).pool) == 1
    with pytest.raises(DataError, match="document 'd' has another text on an earlier line"):
        ranking([*rows, {**rows[0], "id": "b", "document": "two"}])


def test_rows_without_any_query_say_which_column_was_looked_for() -> None:
    """A misspelt query column does not make an empty task in silence."""
    with pytest.raises(DataError, match="holds no queries: no row has a column 'query'"):
        ranking([{"id": "a", "quary": "x", "document": "one"}])


TWINS = [
    {"id": "a", "query": "first", "document": "the same  words"},
    {"id": "b", "query": "second", "document": "other words"},
    {"id": "c", "query": "third", "document": "the same words"},
]


def test_equal_texts_are_one_answer_whichever_is_found(tmp_workspace: TinyWorkspace) -> None:
    """Either twin at rank 1 is a full recall@1; naming both takes one place, not two."""
    task = ranking(TWINS)
    assert (dict(task.same), task.by_id["c"].target) == ({"c": "a"}, {"a": 1})
    rows = [
        {"id": "a", "prediction": ["c"]},
        {"id": "b", "prediction": ["a", "c", "b"]},
        {"id": "c", "prediction": ["b", "c", "a"]},
    ]
    path = tmp_workspace.write("r.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    pairs = align_file(task, path).pairs
    assert [pair.prediction for pair in pairs] == [("a",), ("a", "b"), ("b", "a")]
    columns = Ranking().measure(pairs)
    assert columns["recall@1"].tolist() == [1.0, 0.0, 0.0]
    assert columns["mrr@10"].tolist() == [1.0, 0.5, 0.5]


def test_a_document_ranked_twice_is_refused(tmp_workspace: TinyWorkspace) -> None:
    """The same id twice in a ranking is an error even though equal texts are merged."""
    path = tmp_workspace.write("r.jsonl", '{"id": "a", "prediction": ["b", "b"]}\n')
    with pytest.raises(SubmissionError, match="twice"):
        align_file(ranking(TWINS), path)


def test_a_query_that_finds_nothing_scores_0_and_stays_in_the_mean(
    tmp_workspace: TinyWorkspace,
) -> None:
    """One query of three answered perfectly is an MRR of a third."""
    found = {"a": [], "b": ["b"], "c": []}
    rows = [{"id": name, "prediction": ranked} for name, ranked in found.items()]
    path = tmp_workspace.write("r.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    pairs = align_file(ranking(TWINS), path).pairs
    assert Ranking().aggregate(Ranking().measure(pairs))["mrr@10"] == pytest.approx(
        1 / 3, abs=1e-15
    )


def made_up(seed: int) -> tuple[Task, str]:
    """A task of 30 queries over 40 documents with gains, and a run full of ties."""
    draw = random.Random(seed)
    documents = [f"d{draw.randrange(10**6)}" for _ in range(40)]
    rows: list[dict[str, Any]] = [
        {"document_id": name, "document": f"text of {name}"} for name in dict.fromkeys(documents)
    ]
    lines = []
    for number in range(30):
        relevant = {name: draw.choice([1, 1, 2, 3]) for name in draw.sample(documents, 3)}
        rows.append({"id": f"q{number}", "query": "x", "relevant": relevant})
        for name in draw.sample(documents, draw.randrange(1, 40)):
            lines.append(f"q{number} Q0 {name} 1 {draw.randrange(5) / 2} tag\n")
    return ranking(rows), "".join(lines)


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_trec_evals_ties_included(seed: int, tmp_workspace: TinyWorkspace) -> None:
    """nDCG@10, recall, MAP and reciprocal rank equal pytrec_eval's, with five distinct scores a query."""
    pytrec_eval = pytest.importorskip("pytrec_eval")
    task, run = made_up(seed)
    answered = {line.split()[0] for line in run.splitlines()}
    assert len(answered) == len(task.examples)
    qrels = read_qrels(tmp_workspace.write("q.qrels", qrels_text(task)))
    given: dict[str, dict[str, float]] = {}
    for query, _, document, _, score, _ in map(str.split, run.splitlines()):
        given.setdefault(query, {})[document] = float(score)
    names = {"ndcg_cut_10", "recall_1", "recall_5", "recall_10", "map", "recip_rank"}
    truth = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(given)
    pairs = align_file(task, tmp_workspace.write("r.run", run)).pairs
    columns = Ranking().measure(pairs)
    ours = {
        "ndcg_cut_10": "ndcg@10",
        "recall_1": "recall@1",
        "recall_5": "recall@5",
        "recall_10": "recall@10",
        "map": "map",
    }
    for theirs, name in ours.items():
        expected = [truth[pair.id][theirs] for pair in pairs]
        assert columns[name].tolist() == pytest.approx(expected, abs=1e-12)
    # trec_eval's reciprocal rank has no cutoff; ours is 0 beyond rank 10.
    expected = [one if (one := truth[pair.id]["recip_rank"]) >= 0.1 else 0.0 for pair in pairs]
    assert columns["mrr@10"].tolist() == pytest.approx(expected, abs=1e-12)


def test_a_run_written_by_us_is_read_back_in_the_same_order(tmp_workspace: TinyWorkspace) -> None:
    """Order survives the way out and in, for more documents than decimals could keep apart."""
    names = [f"d{number}" for number in range(3000)]
    rows = [{"document_id": name, "document": name} for name in names]
    task = ranking([*rows, {"id": "q", "query": "x", "relevant": ["d0"]}])
    pairs = [Pair("q", tuple(reversed(names)), {"d0": 1})]
    path = tmp_workspace.write("r.run", run_text(task, pairs, "us"))
    assert align_file(task, path).pairs[0].prediction == tuple(reversed(names))


def test_ids_with_spaces_cannot_go_into_trec_files() -> None:
    """Columns are separated by white space: such an id would silently become two."""
    task = ranking([{"id": "my query", "query": "x", "document": "y"}])
    with pytest.raises(TaskError, match="the id 'my query' has white space"):
        qrels_text(task)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q 0 d", "expected 4 columns (query 0 document gain), got 3"),
        ("q 0 d 1.5", "gain: expected a whole number, got '1.5'"),
        ("", "is empty: expected lines of 'query 0 document gain'"),
        ("q 0 d 1\nq 0 d 1", "judges 'd' twice for 'q'"),
    ],
)
def test_a_broken_qrels_file_is_refused(
    line: str, message: str, tmp_workspace: TinyWorkspace
) -> None:
    """Each way to be wrong is named."""
    path = tmp_workspace.write("x.qrels", line)
    with pytest.raises(DataError) as caught:
        read_qrels(path)
    assert message in str(caught.value)


def test_bm25_on_abstracts_gives_the_reference_figures(real_data: Path) -> None:
    """Abstract -> first TLDR over all 618: the figures of pytrec_eval, ir_measures and ranx."""
    from tldr_bench.baselines import predictions

    papers = Workspace(REPOSITORY).task("scitldr-a")
    task = ranking(
        [
            {"id": e.id, "query": " ".join(e.source), "document": e.target[0]}  # type: ignore[index]
            for e in papers.examples
        ]
    )
    rows = map(json.loads, predictions("bm25", task).splitlines())
    pairs = [
        Pair(row["id"], tuple(row["prediction"]), task.by_id[row["id"]].target) for row in rows
    ]
    scores = Ranking().aggregate(Ranking().measure(pairs))
    rounded = {name: round(value, 4) for name, value in scores.items()}
    expected = {"mrr@10": 0.8548, "recall@1": 0.8042, "recall@5": 0.9175, "ndcg@10": 0.8754}
    assert {name: rounded[name] for name in expected} == expected


def test_judgements_and_rankings_go_out_for_other_tools(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """`data qrels` and `data trec` print files from which pytrec_eval computes our figures."""
    pytrec_eval = pytest.importorskip("pytrec_eval")
    ranked = {"p1": ["p2", "p1"], "p2": ["p2"], "p3": ["p4", "p1", "p3"], "p4": ["p1"]}
    file = tmp_workspace.submit(
        "s", "tiny-ranking", [{"id": q, "prediction": r} for q, r in ranked.items()]
    )
    qrels = cli("data", "qrels", "tiny-ranking").out
    run = cli("data", "trec", "tiny-ranking", file).out
    assert run.splitlines()[0] == "p1 Q0 p2 1 2 s"
    judged: dict[str, dict[str, int]] = {}
    for query, _, document, gain in map(str.split, qrels.splitlines()):
        judged.setdefault(query, {})[document] = int(gain)
    given: dict[str, dict[str, float]] = {}
    for query, _, document, _, score, _ in map(str.split, run.splitlines()):
        given.setdefault(query, {})[document] = float(score)
    truth = pytrec_eval.RelevanceEvaluator(judged, {"map"}).evaluate(given)
    task = Workspace(tmp_workspace.root).task("tiny-ranking")
    ours = Ranking().measure(align_file(task, file).pairs)["map"].tolist()
    assert [truth[example.id]["map"] for example in task.examples] == ours
    assert ours == [0.5, 1.0, pytest.approx(1 / 3), 0.0]
