"""describe: the figures of papers on extractiveness, worked out by hand."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.kinds import Pair
from tldr_bench.metrics.describe import Describe, names, words
from tldr_bench.metrics.fragments import Runs, fragments
from tldr_bench.metrics.near_twins import ALIKE, jaccard, near_twins, triples
from tldr_bench.stats import Interval, bootstrap, draw, interval

SOURCE = (
    "Owls hunt at night, as 1,024 studies say.",
    "We show that some owls hunt at noon.",
    "Mice in Oslo are surprised.",
)


def pairs_of(
    said: Sequence[str], source: tuple[str, ...] = SOURCE
) -> list[Pair[str, tuple[str, ...]]]:
    return [Pair(str(n), text, ("reference",), source) for n, text in enumerate(said)]


def describe(*said: str, source: tuple[str, ...] = SOURCE) -> dict[str, float]:
    metric = Describe()
    return metric.aggregate(metric.measure(pairs_of(said, source)))


def test_figures_worked_out_by_hand() -> None:
    """For one summary, every figure is what pencil and paper give."""
    # owls hunt at noon | (yet) | mice | (sleep): fragments of 4 and 1 words; the source has 21 words.
    found = describe("Owls hunt at noon, yet mice sleep.")
    assert found["words"] == 7
    assert found["compression"] == pytest.approx(21 / 7)
    assert found["coverage"] == pytest.approx(5 / 7)
    assert found["density"] == pytest.approx((16 + 1) / 7)
    assert found["novelty1"] == pytest.approx(2 / 7)
    assert found["novelty2"] == pytest.approx(3 / 6)
    assert found["copied"] == 0


def test_a_copied_sentence() -> None:
    """A sentence of the source, whatever its case and punctuation, is a copy: nothing in it is new."""
    found = describe("we show that some owls hunt at noon")
    assert found["copied"] == 1
    assert (found["coverage"], found["density"], found["novelty1"]) == (1, 8, 0)
    assert describe("We show that some owls hunt at noon. Mice.")["copied"] == 0


def test_a_source_of_one_string_has_sentences_too() -> None:
    """Where the source is one text, a copied sentence is found all the same."""
    assert describe("Mice in Oslo are surprised.", source=(" ".join(SOURCE),))["copied"] == 1


def test_empty_predictions_are_left_out_of_the_means() -> None:
    """An empty prediction has no words, and no part in figures that it cannot have."""
    alone, both = describe("Owls hunt."), describe("Owls hunt.", "")
    assert both["words"] == alone["words"] / 2
    assert all(both[name] == alone[name] for name in Describe.score_names if name != "words")


def test_nothing_said_has_no_figures() -> None:
    """Of no text at all there are 0 words, and neither coverage nor any other figure, on the whole
    and on resamples; one text in many leaves the figures of some resamples undefined."""
    found = describe("", "  ")
    assert found.pop("words") == 0
    assert all(math.isnan(value) for value in found.values())
    columns = Describe().measure(pairs_of(["Owls hunt.", *[""] * 9]))
    samples = bootstrap([columns], Describe().combine, draw(10, "a task"))
    assert not isinstance(interval(samples["coverage"], 0), Interval)
    assert isinstance(interval(samples["words"], 0), Interval)
    assert Describe().per_example(columns)["coverage"].tolist() == [1.0] + [0.0] * 9


def test_a_single_word_has_no_pairs() -> None:
    """The share of new word pairs is over predictions that have any."""
    assert describe("Owls.", "Owls sleep.")["novelty2"] == 1


def test_numbers_and_names_that_the_source_lacks() -> None:
    """A new number or name is found; one of the source, written in another way, is not new."""
    assert describe("1024 studies.")["new_number"] == 0
    assert describe("1025 studies.")["new_number"] == 1
    assert describe("Mice live in Oslo.")["new_name"] == 0
    assert describe("Mice live in Bergen.")["new_name"] == 1
    assert names("BERT reads. The iPhone of Ann-Marie does not.") == ["bert", "iphone", "ann-marie"]


def test_near_identical_outputs() -> None:
    """Outputs that repeat one another for different papers are found; others are not."""
    template = "in this paper we propose a new and simple method that learns from data for "
    assert describe(template + "owls", template + "mice", "Owls hunt.")["near_twin"] == 2 / 3
    assert describe("Same.", "same", "Other.")["near_twin"] == 2 / 3
    assert describe("", "", "Owls.")["near_twin"] == 0


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=12).map(tuple), max_size=12))
def test_near_twins_are_those_of_comparing_every_two(texts: list[tuple[str, ...]]) -> None:
    """The index finds exactly the pairs that comparing all texts with all others finds."""
    plain = [
        bool(text)
        and any(
            jaccard(triples(text), triples(other)) >= ALIKE
            for number, other in enumerate(texts)
            if number != place and other
        )
        for place, text in enumerate(texts)
    ]
    assert near_twins(texts) == plain


def slow_fragments(summary: list[str], source: list[str]) -> list[int]:
    """The procedure of Grusky et al. 2018, figure 3, as it is printed: every start of both texts."""
    found, i = [], 0
    while i < len(summary):
        best = 0
        for j in range(len(source)):
            length = 0
            while (
                i + length < len(summary)
                and j + length < len(source)
                and summary[i + length] == source[j + length]
            ):
                length += 1
            best = max(best, length)
        if best:
            found.append(best)
        i += max(best, 1)
    return found


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=40))
def test_fragments_are_those_of_the_paper(summary: list[str], source: list[str]) -> None:
    """The linear procedure finds the fragments of the published quadratic one."""
    assert fragments(Runs(summary).longest_in(source)) == slow_fragments(summary, source)


def test_hostile_texts_are_not_slow() -> None:
    """A repetitive prediction of 100,000 words beside a repetitive source takes seconds, not hours."""
    generator = random.Random(1)
    source = (" ".join("ab"[generator.randrange(50) == 0] for _ in range(20_000)),)
    start = time.process_time()
    describe("a " * 100_000, source=source)
    assert time.process_time() - start < 20


def test_words() -> None:
    """Words keep inner hyphens, points and apostrophes, of any script."""
    assert words("GPT-4's naïve 3.5 café-bar… _x_ 北京!") == (
        "gpt-4's", "naïve", "3.5", "café-bar", "x", "北京",
    )  # fmt: skip


def test_it_describes_and_does_not_rank() -> None:
    """No figure has a better direction, and counts are shown as they are."""
    assert Describe.direction == "none"
    assert {"words", "compression", "density"} == Describe.plain_scores


def full_text(number: int) -> tuple[str, ...]:
    """A made-up paper of 6,000 words in 240 sentences."""
    generator = random.Random(number)
    return tuple(
        " ".join(f"w{int(1.0015 ** generator.randrange(6000))}" for _ in range(25)) + "."
        for _ in range(240)
    )


def test_sources_that_are_kept_take_little_room() -> None:
    """A full text of 6,000 words that is kept takes less than half a megabyte, not three."""
    import tracemalloc

    from tldr_bench.metrics.describe import _Sources

    texts = [full_text(number) for number in range(4)]
    kept = _Sources(100_000)
    tracemalloc.start()
    for text in texts:
        kept.get(text)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(texts) < 500_000


def test_sources_are_kept_up_to_a_number_of_words() -> None:
    """What is kept is bounded by words, however long the texts are; the one used longest ago goes first."""
    from tldr_bench.metrics.describe import _Sources

    kept = _Sources(most=12)
    first, second, third = (("one two three",), ("four five six",), ("a b c d e",))
    found = kept.get(first)
    kept.get(second)
    assert kept.get(first) is found
    kept.get(third)
    assert list(kept._kept) == [first, third]
    assert kept.get(first) is found
    long = (" ".join("x" * 50),)
    assert len(kept.get(long).words) == 50
    assert list(kept._kept) == [long]
