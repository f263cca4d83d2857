"""The page of the metrics: what each measures, by which rules, and what it is blind to."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from tldr_bench.leaderboard import Board
from tldr_bench.metrics.base import Metric, parameters, short_name
from tldr_bench.page import words
from tldr_bench.page.prose import inline

SOURCES = {
    "rouge155": "Chin-Yew Lin: ROUGE: A Package for Automatic Evaluation of Summaries, 2004; the Perl script 1.5.5.",
    "rouge": "Google's rouge-score 0.1.2, the package behind most figures since 2020.",
    "bertscore": "Zhang et al.: BERTScore: Evaluating Text Generation with BERT, ICLR 2020.",
    "ranking": "The definitions of trec_eval; Järvelin and Kekäläinen, 2002, for nDCG.",
    "labels": "Precision, recall and F1 as in scikit-learn.",
    "describe": "Grusky et al.: Newsroom, NAACL 2018, for coverage, density and compression.",
}
TRAPS = {
    "rouge155": (
        "It counts words and does not know what they mean: a negated sentence scores as high.",
        "A constant sentence for every paper scores almost as high as the first sentence.",
        "Which reference counts (the best by ROUGE-1, or the mean) moves figures by many points: compare signatures.",
    ),
    "rouge": (
        "Its stemmer differs from the official script's: figures differ in the second decimal.",
        "Its rougeL and rougeLsum differ only for outputs of several lines.",
    ),
    "bertscore": ("Figures of different models, layers or baselines cannot be compared.",),
    "ranking": ("Equal texts in the pool count as one answer.",),
    "labels": (
        "Macro F1 rewards choosing every sentence; the rank goes by micro F1.",
        "The oracle's labels are themselves made by a rule, and some are wrong.",
    ),
}


@dataclass(frozen=True)
class Parameter:
    """One choice that a metric leaves open."""

    name: str
    short: str
    default: str
    text: Markup


@dataclass(frozen=True)
class Use:
    """A task that measures with the metric."""

    task: str
    task_name: str
    signature: str


@dataclass(frozen=True)
class MetricView:
    """A metric as the page shows it."""

    name: str
    title: str
    version: str
    text: tuple[Markup, ...]
    scores: str
    source: str
    parameters: tuple[Parameter, ...]
    traps: tuple[str, ...]
    uses: tuple[Use, ...]


def metric_views(boards: Sequence[Board]) -> tuple[MetricView, ...]:
    """Every metric that a task of the site uses, in the order of the tasks."""
    kinds: dict[str, Metric[Any, Any]] = {}
    for board in boards:
        for metric in board.task.metrics.values():
            kinds.setdefault(metric.name, metric)
    return tuple(_view(metric, boards) for metric in kinds.values())


def _view(metric: Metric[Any, Any], boards: Sequence[Board]) -> MetricView:
    text = textwrap.dedent(inspect.getdoc(type(metric)) or "")
    return MetricView(
        name=metric.name,
        title=metric.title,
        version=metric.version,
        text=tuple(inline(" ".join(part.split())) for part in text.split("\n\n")),
        scores=", ".join(words.long_name(f"{metric.name}.{score}") for score in metric.score_names),
        source=SOURCES.get(metric.name, ""),
        parameters=tuple(_parameters(metric)),
        traps=TRAPS.get(metric.name, ()),
        uses=tuple(_uses(metric.name, boards)),
    )


def _uses(name: str, boards: Sequence[Board]) -> Iterator[Use]:
    for board in boards:
        for metric in board.task.metrics.values():
            if metric.name == name:
                yield Use(board.task.id, board.task.spec.name, metric.signature)


def _parameters(metric: Metric[Any, Any]) -> Iterator[Parameter]:
    texts = _field_texts(type(metric))
    for field in parameters(metric):
        words_for = {True: "yes", False: "no", None: ""}
        default = field.default
        known = default if isinstance(default, (str, int, float)) else None
        text = words_for[known] if known is None or isinstance(known, bool) else str(known)
        yield Parameter(field.name, short_name(field), text, inline(texts.get(field.name, "")))


def _field_texts(kind: type) -> dict[str, str]:
    """The string under each field of a class, which Python itself throws away."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    except (OSError, TypeError, SyntaxError):
        return {}
    lines = body.body if isinstance(body, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(note.value.value)
        for field, note in pairwise(lines)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(note, ast.Expr)
        and isinstance(note.value, ast.Constant)
        and isinstance(note.value.value, str)
    }
