"""What scores, metrics, systems and papers are called on a page. A name that is not listed here is shown as it is."""

from __future__ import annotations

from collections.abc import Sequence

from tldr_bench.kinds import KindName
from tldr_bench.leaderboard import Board
from tldr_bench.submission import SubmissionFile

NOUNS: dict[KindName, str] = {"summary": "paper", "labels": "paper", "ranking": "query"}
"""What one example of a task is: a search task has a query for every TLDR, several for a paper."""

SHORT = {
    "rouge1": "R-1",
    "rouge2": "R-2",
    "rougeL": "R-L",
    "rougeLsum": "R-Lsum",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "macro_f1": "Macro F1",
    "exact_match": "Exact",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "map": "MAP",
    "words": "Words",
    "compression": "Compr.",
    "novelty1": "New 1g",
    "novelty2": "New 2g",
    "coverage": "Cover.",
    "density": "Density",
    "copied": "Copied",
    "near_twin": "Twins",
    "new_number": "New no.",
    "new_name": "New name",
}
LONG = {
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "rougeLsum": "ROUGE-Lsum",
    "f1": "F1",
    "macro_f1": "macro F1",
    "exact_match": "exact match",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
    "recall@1": "recall@1",
    "recall@5": "recall@5",
    "recall@10": "recall@10",
    "map": "mean average precision",
    "words": "words",
    "compression": "compression",
    "novelty1": "new words",
    "novelty2": "new word pairs",
    "coverage": "coverage",
    "density": "density",
    "copied": "copied outputs",
    "near_twin": "near twins among outputs",
    "new_number": "outputs with a new number",
    "new_name": "outputs with a new name",
}
THEMES = {
    "rouge155": "overlap",
    "rouge": "overlap",
    "bertscore": "meaning",
    "bleu": "overlap",
    "chrf": "overlap",
    "meteor": "overlap",
    "evaluate": "other",
    "selection": "overlap",
    "labels": "labels",
    "specificity": "search",
    "ranking": "search",
    "describe": "form",
}
THEME_NAMES = {
    "overlap": "Overlap",
    "meaning": "Meaning",
    "labels": "Labels",
    "search": "Search",
    "form": "Form",
    "other": "Other",
}
TYPES = {
    "extractive": "extractive",
    "abstractive": "abstractive",
    "llm": "language model",
    "human": "human",
    "baseline": "baseline",
}
INPUTS = {
    "abstract": "reads the abstract",
    "aic": "reads abstract, introduction and conclusion",
    "fulltext": "reads the full text",
    "title": "reads the title",
}


def short_name(score: str) -> str:
    """A score in the head of a column: `rouge155.rouge1` -> `R-1`."""
    name = score.partition(".")[2]
    return SHORT.get(name, name)


def long_name(score: str) -> str:
    """A score in a sentence: `rouge155.rouge1` -> `ROUGE-1`."""
    name = score.partition(".")[2]
    return LONG.get(name, name)


def theme_of(board: Board, metric: str) -> str:
    """The family that a metric's columns are coloured by."""
    return THEMES.get(board.task.metrics[metric].name, "other")


def metric_title(board: Board, metric: str) -> str:
    """What people call a metric; with the name it goes by in the task where that differs."""
    found = board.task.metrics[metric]
    return found.title if metric == found.name else f"{found.title}: {metric}"


def plain_names(board: Board, scores: Sequence[str]) -> str:
    """Which of these scores are shown as they are, in a sentence; nothing where all are times 100."""
    plain = [long_name(score) for score in scores if board.factor(score) != 100]
    return listed(plain) if plain else ""


def paper_title(title: str, example_id: str) -> str:
    """A paper's title on one line; its id where it has none."""
    return " ".join(title.split()) or example_id


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line."""
    line = " ".join(text.split())
    end = line.find(". ")
    return line if end < 0 else line[: end + 1]


def recipe(spec: SubmissionFile) -> str:
    """One line about a system: the first sentence of its notes, else what it reads and learned from."""
    if spec.notes:
        return first_sentence(spec.notes)
    facts = [TYPES.get(spec.type or ""), INPUTS.get(spec.input or ""), _training(spec)]
    return ", ".join(fact for fact in facts if fact)


def _training(spec: SubmissionFile) -> str:
    if spec.trained_on in ("none", "unknown"):
        return ""
    return f"trained on the {spec.trained_on} split"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a sentence: `a, b and c`; from `most` on, `a, b, c and 9 more`.

    >>> listed(["a", "b", "c"]), listed(list("abcdefg"), most=3)
    ('a, b and c', 'a, b and 5 more')
    """
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else " and ".join([", ".join(names[:-1]), names[-1]])


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(number: int, noun: str) -> str:
    """`one system`, `three systems`, `1,204 papers`."""
    word = _SMALL[number] if number < len(_SMALL) else f"{number:,}"
    return f"{word} {noun}" if number == 1 else f"{word} {plural(noun)}"


def plural(noun: str) -> str:
    """`papers`, `queries`."""
    return f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
