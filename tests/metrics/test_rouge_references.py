"""What both ROUGE profiles make of several references, of none, and of their parameters."""

from __future__ import annotations

import pytest

from tldr_bench.errors import MetricError, NotComputed
from tldr_bench.kinds import Pair
from tldr_bench.metrics.references import ReferenceRule
from tldr_bench.metrics.rouge import Rouge, score_pair
from tldr_bench.metrics.rouge155 import Rouge155

BOTH = pytest.mark.parametrize("profile", [Rouge, Rouge155])

PREDICTION = "a b c d"
# ROUGE-1 is 0.5 for the first, 0.75 for both others; ROUGE-2 is 1/3, 0 and 2/3.
REFERENCES = ("a b x y", "c b a x", "x b c d")


@BOTH
@pytest.mark.parametrize(
    ("rule", "rouge1", "rouge2"),
    [
        ("first", 0.5, 1 / 3),
        ("best-rouge1", 0.75, 0.0),  # the first of two equals
        ("best-each", 0.75, 2 / 3),
        ("mean", 2 / 3, 1 / 3),
    ],
)
def test_rules_by_hand(
    profile: type[Rouge | Rouge155], rule: ReferenceRule, rouge1: float, rouge2: float
) -> None:
    """Each rule picks what its definition says, also when other papers stand around it."""
    other = Pair("other", "z", ("z", "y"))
    columns = profile(references=rule).measure([other, Pair("p", PREDICTION, REFERENCES), other])
    assert columns["rouge1"][1] == pytest.approx(rouge1, abs=1e-5)
    assert columns["rouge2"][1] == pytest.approx(rouge2, abs=1e-5)


@BOTH
def test_columns_are_one_float_per_example(profile: type[Rouge | Rouge155]) -> None:
    """The columns are the scores, in float64, with one row per example and not per reference."""
    pairs = [Pair("p", PREDICTION, REFERENCES), Pair("q", "", ("x",))]
    columns = profile().measure(pairs)
    assert tuple(columns) == profile.score_names
    assert {(str(column.dtype), column.shape) for column in columns.values()} == {("float64", (2,))}


@BOTH
@pytest.mark.parametrize("rule", ["first", "best-rouge1", "best-each", "mean"])
def test_no_examples_are_no_rows(profile: type[Rouge | Rouge155], rule: ReferenceRule) -> None:
    """Without pairs every column is there, and empty."""
    columns = profile(references=rule).measure([])
    assert [(name, len(column)) for name, column in columns.items()] == [
        (name, 0) for name in profile.score_names
    ]


@BOTH
def test_an_example_without_references_is_named(profile: type[Rouge | Rouge155]) -> None:
    """No reference is no score: the examples are named, and none is given a zero."""
    pairs = [Pair("good", "a", ("a",)), Pair("bare", "a", ())]
    with pytest.raises(NotComputed, match=r"^1 examples without a reference: 'bare'$"):
        profile().measure(pairs)


@BOTH
def test_gold_is_not_beaten(profile: type[Rouge | Rouge155]) -> None:
    """A prediction that is a reference scores 1 under the rules that take the best reference."""
    for rule in ("best-rouge1", "best-each"):
        columns = profile(references=rule).measure([Pair("p", REFERENCES[2], REFERENCES)])
        assert {float(column[0]) for column in columns.values()} == {1.0}


def test_signatures_name_the_parameters() -> None:
    """The rule and the stemmer are part of the signature, under their short names."""
    assert Rouge155().signature == "rouge155|refs:best-rouge1|stem:yes|v:1"
    assert Rouge("mean", False).signature == "rouge|refs:mean|stem:no|v:1"


def test_an_unknown_variant_is_refused() -> None:
    """rouge-score knows rouge1 to rouge9, rougeL and rougeLsum; the message says what was meant."""
    with pytest.raises(MetricError, match="Did you mean 'rougeLsum'"):
        score_pair("a", "a", ["rougeLsun"])
    with pytest.raises(MetricError, match="unknown kind of ROUGE 'rouge0'"):
        score_pair("a", "a", ["rouge0"])
