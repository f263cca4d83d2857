"""Specificity: a TLDR must find its own paper, and no text can do so for many papers at once."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import Pair
from tldr_bench.metrics.bm25 import Bm25
from tldr_bench.metrics.specificity import Specificity
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]
PAPERS = ("owls hunt at night", "bridges of glass carry trains", "tides set clocks at night")


def pairs(*tldrs: str, sources: tuple[str, ...] = PAPERS) -> list[Pair[str, tuple[str, ...]]]:
    """One pair per paper."""
    return [Pair(str(n), said, ("x",), (sources[n],)) for n, said in enumerate(tldrs)]


def test_bm25_by_hand() -> None:
    """Two documents, one query word in each: idf and length norm written out."""
    index = Bm25(["a a b", "b c"])
    idf_a, idf_b = math.log(1 + 1.5 / 1.5), math.log(1 + 0.5 / 2.5)
    long, short = 1.5 * (0.25 + 0.75 * 3 / 2.5), 1.5 * (0.25 + 0.75 * 2 / 2.5)
    first = idf_a * 2 / (2 + long) + idf_b * 1 / (1 + long)
    assert index.scores("A b") == pytest.approx([first, idf_b * 1 / (1 + short)], abs=1e-6)
    assert index.scores("zebra").tolist() == [0.0, 0.0]


def test_bm25_gives_the_scores_of_bm25s() -> None:
    """The library bm25s with method "lucene" and the same parameters gives the same numbers."""
    bm25s = pytest.importorskip("bm25s")
    texts = [f"{text} {'night ' * n}" for n, text in enumerate(PAPERS * 4)]
    library = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    library.index([text.split() for text in texts], show_progress=False)
    query = "owls set the night on glass night"
    ours = Bm25(texts).scores(query)
    assert ours == pytest.approx(library.get_scores(query.split()), abs=1e-5)


def test_a_tldr_that_finds_its_paper_scores_1() -> None:
    """Words of the own paper only: first among all."""
    columns = Specificity().measure(pairs("hunt owls", "glass trains", "clocks"))
    assert columns["mrr@10"].tolist() == [1.0, 1.0, 1.0]
    assert columns["recall@1"].tolist() == [1.0, 1.0, 1.0]


def test_saying_of_one_paper_what_is_true_of_another_is_not_specific() -> None:
    """The neighbours' TLDRs find the neighbours, not the own paper."""
    columns = Specificity().measure(pairs("glass trains", "clocks", "owls"))
    assert columns["recall@1"].tolist() == [0.0, 0.0, 0.0]
    # None shares a word with its own paper, so none has found it at any rank.
    assert columns["mrr@10"].tolist() == [0.0, 0.0, 0.0]


def test_ties_stand_before_the_own_paper() -> None:
    """A word that two equally long papers share finds neither first: rank 2 for both."""
    columns = Specificity().measure(
        pairs("night", "night", "", sources=("at night", "by night", "tides"))
    )
    assert columns["mrr@10"].tolist() == [0.5, 0.5, 0.0]
    assert columns["recall@1"].tolist() == [0.0, 0.0, 0.0]


def test_papers_with_equal_texts_are_one() -> None:
    """A twin of the own paper is no competitor."""
    twins = ("owls hunt", "owls  hunt", "tides")
    columns = Specificity().measure(pairs("owls", "owls", "tides", sources=twins))
    assert columns["recall@1"].tolist() == [1.0, 1.0, 1.0]


def test_without_sources_it_is_not_computed() -> None:
    """There is nothing to find, which is not a zero."""
    with pytest.raises(NotComputed, match="the task has no sources to find"):
        Specificity().measure([Pair("a", "x", ("y",), ())])


def test_on_real_papers_people_are_found_and_a_constant_is_not(real_data: Path) -> None:
    """SciTLDR-A test: authors' TLDRs find 9 of 10 papers first, one sentence for all finds 1 in 618."""
    task = Workspace(REPOSITORY).task("scitldr-a")
    metric = Specificity()

    def scores(constant: str | None) -> dict[str, float]:
        said = [constant or str(example.target[0]) for example in task.examples]  # type: ignore[index]
        return metric.aggregate(
            metric.measure(
                [
                    Pair(example.id, text, (), example.source)
                    for example, text in zip(task.examples, said, strict=True)
                ]
            )
        )

    people = scores(None)
    gamed = scores("We propose a new method for this problem and show that it improves.")
    assert people["recall@1"] > 0.9
    # However well one text does on some papers, the sum of 1/r over ten ranks bounds it.
    assert gamed["mrr@10"] <= float(np.sum(1 / np.arange(1, 11))) / 618
    assert gamed["recall@1"] <= 1 / 618
