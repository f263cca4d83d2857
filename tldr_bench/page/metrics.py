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
    "bleu": "Papineni et al.: BLEU: a Method for Automatic Evaluation of Machine Translation, ACL 2002; sacrebleu.",
    "chrf": "Popović: chrF: character n-gram F-score for automatic MT evaluation, WMT 2015; sacrebleu.",
    "meteor": "Banerjee and Lavie: METEOR, ACL workshop on evaluation measures, 2005; nltk and WordNet.",
    "evaluate": "The metric's own code, from the Hub or from a folder, run by the evaluate library.",
    "selection": "Chin-Yew Lin: ROUGE, 2004, as in the official script 1.5.5, of the chosen sentences.",
    "specificity": "A search with BM25 (Robertson and Zaragoza, 2009), scored by reciprocal rank and recall.",
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
    "describe": (
        "It describes and does not rank: none of these figures is better high or low.",
        "Its words are runs of letters and digits, with hyphens, apostrophes, points and commas inside. "
        "Lengths in words elsewhere on this site are counted between blanks.",
        "A name or number is new here where the whole word is not in the source; the marks on the pages of "
        "papers compare stems, as ROUGE does, and can differ.",
    ),
    "bleu": (
        "It is made for whole corpora: one score from the counts of all papers, and no mean of theirs.",
        "It has no recall; what is too short is punished once, over all papers together.",
    ),
    "chrf": (
        "Runs of letters are shared by words that have nothing to do with each other: no text scores near 0.",
        "It is one score from the counts of all papers, and no mean of theirs.",
    ),
    "meteor": (
        "Other versions of METEOR (1.5 of 2014 in Java) give other figures.",
        "WordNet decides which words mean the same: its digest is in the signature.",
    ),
    "evaluate": (
        "What it measures is what its code does: read it before comparing.",
        "One figure for all papers has no interval, and ranks nobody.",
    ),
    "selection": (
        "Who chooses more sentences has more to share: compare choices of about the same length.",
        "It needs somebody's TLDRs, and labels F1 does not: the two can disagree.",
    ),
    "specificity": (
        "A text can find its paper and be wrong, or no sentence at all: rare words are enough.",
        "It depends on the other papers of the task: figures of different tasks cannot be compared.",
    ),
    "ranking": ("Equal texts in the pool count as one answer.",),
    "labels": (
        "Macro F1 rewards choosing every sentence; the rank goes by micro F1.",
        "The oracle's labels are themselves made by a rule, and some are wrong.",
    ),
}


NOT_HERE = ":not-here"
"""How a signature says that a part of it cannot be known on this machine."""


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
    missing: str
    """The parts of it that cannot be known where the page was made, for a sentence."""


@dataclass(frozen=True)
class MetricView:
    """A metric as the page shows it."""

    name: str
    title: str
    version: str
    text: tuple[Markup, ...]
    scores: str
    definitions: Markup
    """What its scores are, where the metric says so."""
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
        definitions=inline(" ".join(_field_texts(type(metric)).get("score_names", "").split())),
        source=SOURCES.get(metric.name, ""),
        parameters=tuple(_parameters(metric)),
        traps=TRAPS.get(metric.name, ()),
        uses=tuple(_uses(metric.name, boards)),
    )


def _uses(name: str, boards: Sequence[Board]) -> Iterator[Use]:
    for board in boards:
        for metric in board.task.metrics.values():
            if metric.name == name:
                signature, missing = shown_signature(metric.signature)
                yield Use(board.task.id, board.task.spec.name, signature, missing)


def shown_signature(signature: str) -> tuple[str, str]:
    """A signature with `…` for what is not at hand, such as a model's weights; and the names of that.

    >>> shown_signature("bertscore|weights:not-here|layer:8|v:1")
    ('bertscore|weights:…|layer:8|v:1', 'weights')
    """
    parts = signature.split("|")
    missing = [part.removesuffix(NOT_HERE) for part in parts if part.endswith(NOT_HERE)]
    shown = "|".join(part.replace(NOT_HERE, ":…") for part in parts)
    return shown, words.listed(missing) if missing else ""


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
