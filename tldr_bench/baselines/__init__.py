"""Systems that need no model: they say what a score is worth.

Each is a real submission, written in the form that everybody else submits in. A function per kind
of task gives one example's prediction; nothing here looks at targets except the oracles and `human`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tldr_bench.baselines import graphs, rankings, sentences, texts
from tldr_bench.baselines.base import Baseline as Baseline
from tldr_bench.baselines.base import Predictor as Predictor
from tldr_bench.baselines.sentences import extractive, positional
from tldr_bench.baselines.texts import CONSTANT as CONSTANT
from tldr_bench.errors import UsageError, unknown
from tldr_bench.task import Task

BASELINES: Mapping[str, Baseline] = {
    "lead": Baseline(
        "First sentence",
        "baseline",
        "The first sentence of the source.",
        positional(sentences.lead(1)),
    ),
    "title": Baseline("Title", "baseline", "The paper's title.", {"summary": texts.title}, "title"),
    "constant": Baseline(
        "Constant sentence",
        "baseline",
        "The same sentence for every paper: what a score gives for nothing.",
        {"summary": texts.constant},
        None,
    ),
    "random": Baseline(
        "Random",
        "baseline",
        "A sentence (or an order of the documents) drawn by a hash of the example's id.",
        {**positional(sentences.any_one), "ranking": rankings.shuffled},
    ),
    "oracle": Baseline(
        "Oracle",
        "baseline",
        "Looks at the answer: the sentence that the data marks (or the relevant documents).",
        {**positional(sentences.marked, sentences.need_labels), "ranking": rankings.relevant},
    ),
    "human": Baseline(
        "Human (one reference left out)",
        "human",
        "The first reference of each paper, scored against the others; where a paper has only one, "
        "the title that its authors gave it.",
        {"summary": texts.human},
    ),
    "centrality": Baseline(
        "Centrality",
        "extractive",
        "The sentence most similar to the other sentences and the title (degree centrality on tf-idf).",
        extractive(sentences.central),
    ),
    "cue": Baseline(
        "Cue phrase",
        "extractive",
        "The first sentence that announces a contribution (we present, here we show, …), else the "
        "most central one.",
        extractive(sentences.cued),
    ),
    "bm25": Baseline(
        "BM25",
        "baseline",
        "rank_bm25's Okapi with its defaults over lower-cased words; ties by document id.",
        {"ranking": rankings.bm25},
    ),
    "tfidf": Baseline(
        "tf-idf",
        "baseline",
        "Cosine of scikit-learn's tf-idf vectors with their defaults; ties by document id.",
        {"ranking": rankings.tfidf},
    ),
    "embedding": Baseline(
        "Embedding (MiniLM)",
        "baseline",
        "Cosine of sentence embeddings by all-MiniLM-L6-v2, first 256 tokens; ties by document id.",
        {"ranking": rankings.embedding},
    ),
    "textrank": Baseline(
        "TextRank",
        "extractive",
        "The sentence with the highest PageRank among sentences joined by shared words (networkx).",
        extractive(graphs.textrank),
    ),
    "lexrank": Baseline(
        "LexRank",
        "extractive",
        "The sentence with the highest PageRank among sentences joined by tf-idf cosines (networkx).",
        extractive(graphs.lexrank),
    ),
    "oracle-closest": Baseline(
        "Oracle (closest sentence)",
        "baseline",
        "Looks at the answer: the sentence with the highest ROUGE-1 against any reference.",
        extractive(sentences.closest, sentences.need_tldrs),
    ),
}

LEAD = re.compile(r"lead-([1-9]\d?)")


def _named(name: str) -> Baseline | None:
    """The baseline of this name; `lead-2`, `lead-3`, … say how many sentences they take."""
    counted = LEAD.fullmatch(name)
    if not counted:
        return BASELINES.get(name)
    count = int(counted[1])
    notes = f"The first {count} sentences of the source." if count > 1 else BASELINES["lead"].notes
    title = f"First {count} sentences" if count > 1 else BASELINES["lead"].title
    return Baseline(title, "baseline", notes, positional(sentences.lead(count)))


def baseline_for(name: str, task: Task) -> Baseline:
    """The baseline of this name. Raises UsageError if it is unknown or not for this kind of task."""
    baseline = _named(name)
    if baseline is None:
        raise UsageError(unknown("baseline", name, [*BASELINES, "lead-2", "lead-3"]))
    if task.kind not in baseline.makers:
        fitting = ", ".join(
            sorted(key for key, item in BASELINES.items() if task.kind in item.makers)
        )
        raise UsageError(
            f"baseline '{name}' is not for {task.kind} tasks. For {task.id}: {fitting}"
        )
    return baseline


def predictions(name: str, task: Task) -> str:
    """The prediction file of a baseline, one JSON object a line, in the task's order."""
    predict = baseline_for(name, task).makers[task.kind](task)
    rows = ({"id": example.id, "prediction": predict(example)} for example in task.examples)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def description(name: str) -> str:
    """The submission.yaml of a baseline."""
    baseline = _named(name)
    if baseline is None:
        raise UsageError(unknown("baseline", name, BASELINES))
    lines = {
        "name": baseline.title,
        "type": baseline.type,
        "input": baseline.input,
        "trained_on": "none",
        "notes": baseline.notes,
    }
    return "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items() if value
    )
