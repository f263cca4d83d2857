"""Precision, recall and F1 of labels, against figures by hand, scikit-learn and the published data."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tldr_bench.kinds import Pair
from tldr_bench.metrics.labels import Labels
from tldr_bench.task import Example
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


def scores(*pairs: tuple[list[int], list[int]]) -> dict[str, float]:
    """The scores of (prediction, target) pairs."""
    metric = Labels()
    made = [Pair(str(n), tuple(said), tuple(true)) for n, (said, true) in enumerate(pairs)]
    return metric.aggregate(metric.measure(made))


def test_several_positives_by_hand() -> None:
    """Two papers: 3 sentences chosen, 4 positive, 2 hits; micro 2/3, 2/4, 4/7; macro of 1/2 and 2/3."""
    found = scores(([1, 1, 0, 0], [1, 0, 1, 0]), ([0, 1, 0], [0, 1, 1]))
    assert found == pytest.approx(
        {
            "precision": 2 / 3,
            "recall": 2 / 4,
            "f1": 4 / 7,
            "macro_f1": (2 / 4 + 2 / 3) / 2,
            "exact_match": 0.0,
        }
    )


def test_one_choice_of_one_positive_makes_all_micro_figures_equal() -> None:
    """With one positive and one choice per paper, precision, recall, F1 and exact match are one figure."""
    found = scores(([1, 0], [1, 0]), ([0, 1, 0], [1, 0, 0]), ([0, 1], [0, 1]))
    assert {found[name] for name in ("precision", "recall", "f1", "exact_match")} == {2 / 3}


def test_an_empty_prediction_counts_zero_and_stays_in_the_denominator() -> None:
    """Nothing chosen: no precision is invented, the positives are missed, and exact match is 0."""
    assert scores(([0, 0], [1, 0])) == dict.fromkeys(Labels.score_names, 0.0)
    assert scores(([0, 0], [1, 0]), ([1], [1]))["recall"] == 1 / 2
    assert scores(([0, 0], [1, 0]), ([1], [1]))["precision"] == 1.0


def test_nothing_to_find_and_nothing_chosen_is_right() -> None:
    """A paper without positives in which nothing was chosen is an exact match with F1 1."""
    found = scores(([0, 0], [0, 0]))
    assert (found["macro_f1"], found["exact_match"]) == (1.0, 1.0)
    assert (found["precision"], found["recall"], found["f1"]) == (0.0, 0.0, 0.0)


def test_of_one_paper_there_is_one_f1() -> None:
    """On its own a paper has the F1 of the paper, which is 1 where nothing was to be found or chosen."""
    rows = [([0, 0], [0, 0]), ([1, 0], [0, 0]), ([1, 1], [1, 0])]
    pairs = [Pair(str(n), *map(tuple, row)) for n, row in enumerate(rows)]
    metric = Labels()
    found = metric.per_example(metric.measure(pairs))
    assert found["f1"].tolist() == found["macro_f1"].tolist() == [1, 0, 2 / 3]


def test_agrees_with_scikit_learn() -> None:
    """On random labels, micro figures are scikit-learn's over all sentences, macro F1 its samples average."""
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    dice = random.Random(7)
    pairs = []
    for _ in range(200):
        size = dice.randint(1, 12)
        pairs.append(
            (
                [int(dice.random() < 0.3) for _ in range(size)],
                [1] + [int(dice.random() < 0.2) for _ in range(size - 1)],
            )
        )
    found = scores(*pairs)
    said = np.concatenate([said for said, _ in pairs])
    true = np.concatenate([true for _, true in pairs])
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(true, said, average="binary")
    each = [metrics.f1_score(true, said, zero_division=0) for said, true in pairs]
    assert found["precision"] == pytest.approx(precision, abs=1e-15)
    assert found["recall"] == pytest.approx(recall, abs=1e-15)
    assert found["f1"] == pytest.approx(f1, abs=1e-15)
    assert found["macro_f1"] == pytest.approx(np.mean(each), abs=1e-15)
    assert found["exact_match"] == np.mean([said == true for said, true in pairs])


CHOICES = {
    "first sentence": (lambda _: {0}, (0.190939, 0.190939, 0.190939)),
    "first two": (lambda _: {0, 1}, (0.1618, 0.3236, 0.2157)),
    "last": (lambda labels: {len(labels) - 1}, (0.1003, 0.1003, 0.1003)),
    "everything": (lambda labels: set(range(len(labels))), (0.1272, 1.0, 0.2257)),
    "nothing": (lambda _: set(), (0.0, 0.0, 0.0)),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_the_known_figures_of_scitldr(choice: str, real_data: Path) -> None:
    """Trivial choices on SciTLDR-A test have the micro P, R and F1 that were measured independently."""
    choose, expected = CHOICES[choice]

    def predicted(example: Example) -> list[int]:
        chosen = choose(example.target)
        return [int(position in chosen) for position in range(len(example.target))]

    task = Workspace(REPOSITORY).task("scitldr-a-oracle")
    found = scores(*((predicted(item), list(item.target)) for item in task.examples))
    digits = 6 if choice == "first sentence" else 4
    assert tuple(round(found[name], digits) for name in ("precision", "recall", "f1")) == expected


def test_select_everything_beats_the_first_sentence_on_macro_f1_only_by_chance(
    real_data: Path,
) -> None:
    """Averaged per paper, "everything" scores 0.2546 and the first sentence 0.1909: why tasks rank by micro."""
    task = Workspace(REPOSITORY).task("scitldr-a-oracle")
    everything = scores(*(([1] * len(item.target), list(item.target)) for item in task.examples))
    assert round(everything["macro_f1"], 4) == 0.2546


def test_intervals_of_micro_figures_come_from_counts() -> None:
    """Micro F1 of a resample is made from its summed counts, not from a mean of ratios."""
    metric = Labels()
    columns = metric.measure([Pair("a", (1, 0, 0, 0), (1, 0, 0, 0)), Pair("b", (1, 1), (0, 1))])
    means = {
        name: np.array([column[0], column[1], column.mean()]) for name, column in columns.items()
    }
    assert metric.combine(means)["f1"].tolist() == [1.0, 2 / 3, 4 / 5]
