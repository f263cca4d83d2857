"""`rouge` against Google's rouge-score: the same numbers, compared with ==.

The number of random examples comes from the environment variable TLDR_BENCH_EXAMPLES.
"""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from rouge_score.rouge_scorer import RougeScorer

from tldr_bench.kinds import Pair
from tldr_bench.metrics import porter_nltk
from tldr_bench.metrics.porter import SUFFIXES_2, SUFFIXES_3, SUFFIXES_4
from tldr_bench.metrics.references import ReferenceRule
from tldr_bench.metrics.rouge import TYPES, Rouge, score_pair

thorough = settings(max_examples=int(os.environ.get("TLDR_BENCH_EXAMPLES", "300")), deadline=None)

SCORERS = {stemmer: RougeScorer(list(TYPES), use_stemmer=stemmer) for stemmer in (True, False)}
FOUR = list(Rouge.score_names)
FOUR_SCORERS = {stemmer: RougeScorer(FOUR, use_stemmer=stemmer) for stemmer in (True, False)}

WORDS = (
    *("the", "a", "of", "model", "models", "modelling", "modeled", "learning", "learned", "skies"),
    *("dying", "news", "proceed", "arrays", "argument", "agreement", "relational", "rationally"),
    *("3.14", "2", "2s", "1e-3", "K-means", "state-of-the-art", "don't", "GAN", "GANs", "sses"),
    *("\N{KELVIN SIGN}", "İstanbul", "naïve", "深度学习", "ies", "eed", "ing", ".", ",", "-", "<"),
    *("\r", "\t", "\0", "\1", "\x1c", "\u2028", "\ud800"),
)
# Few words, so that texts share some and repeat some; line breaks, because rougeLsum parts there.
sentences = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
paragraphs = st.lists(sentences, max_size=5).map("\n".join)
letters = st.text(alphabet="ab \n", max_size=40)
texts = st.one_of(sentences, paragraphs, letters, st.text(max_size=40))

ENDINGS = (
    *("s", "es", "ed", "ing", "eed", "ied", "ies", "y", "ll", "e", "at", "bl", "iz", "tt", "zz"),
    *("logi", "fulli", "ement", "ment", "ent", "ion"),
)
suffixes = st.sampled_from([*SUFFIXES_2, *SUFFIXES_3, *SUFFIXES_4, *ENDINGS])
words = st.builds(
    str.__add__,
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8),
    st.lists(suffixes, max_size=3).map("".join),
)


@thorough
@given(candidate=texts, reference=texts, stemmer=st.booleans())
def test_every_figure_of_a_pair(candidate: str, reference: str, stemmer: bool) -> None:
    """Precision, recall and F of all eleven variants are equal to the last bit."""
    expected = SCORERS[stemmer].score(reference, candidate)
    found = score_pair(candidate, reference, stemmer=stemmer)
    assert found == {name: tuple(score) for name, score in expected.items()}


def by_rouge_score(
    candidate: str, references: list[str], rule: ReferenceRule, stemmer: bool
) -> list[float]:
    """The four F figures under a rule, from rouge-score alone."""
    scorer = FOUR_SCORERS[stemmer]
    if rule == "best-each":
        return [score.fmeasure for score in scorer.score_multi(references, candidate).values()]
    rows = [
        [score.fmeasure for score in scorer.score(reference, candidate).values()]
        for reference in references
    ]
    if rule == "first":
        return rows[0]
    if rule == "mean":
        return [sum(column) / len(column) for column in zip(*rows, strict=True)]
    return max(rows, key=lambda row: row[0])


@thorough
@given(
    papers=st.lists(st.tuples(texts, st.lists(texts, min_size=1, max_size=4)), max_size=6),
    rule=st.sampled_from(["best-rouge1", "best-each", "first", "mean"]),
    stemmer=st.booleans(),
)
def test_every_measured_figure(
    papers: list[tuple[str, list[str]]], rule: ReferenceRule, stemmer: bool
) -> None:
    """The columns of several papers are equal to the last bit, under every rule for references."""
    pairs = [Pair(str(k), candidate, tuple(each)) for k, (candidate, each) in enumerate(papers)]
    columns = Rouge(references=rule, stemmer=stemmer).measure(pairs)
    found = [list(row) for row in zip(*(columns[name].tolist() for name in FOUR), strict=True)]
    assert found == [by_rouge_score(candidate, each, rule, stemmer) for candidate, each in papers]


@thorough
@given(st.lists(words, min_size=1, max_size=20))
def test_stems_are_nltks(chosen: list[str]) -> None:
    """Made-up words with every kind of ending get NLTK's stem."""
    nltk = PorterStemmer()
    assert [porter_nltk.stem(word) for word in chosen] == [nltk.stem(word) for word in chosen]


def test_stems_of_real_words_are_nltks(real_data: Path) -> None:
    """Every word of SciTLDR-A test gets NLTK's stem."""
    source = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_text(encoding="utf-8")
    found = set(re.findall("[a-z0-9]+", source.lower()))
    nltk = PorterStemmer()
    assert len(found) > 5000
    assert {w: porter_nltk.stem(w) for w in found} == {w: nltk.stem(w) for w in found}


@pytest.mark.parametrize("stemmer", [True, False])
@pytest.mark.parametrize("ends", [" ", "\n"])
def test_long_candidates(stemmer: bool, ends: str) -> None:
    """A candidate of 10,000 tokens, as one sentence or as 400, gets the same eleven figures."""
    rng = random.Random(7)
    long = [" ".join(rng.choices(WORDS, k=25)) for _ in range(400)]
    reference = ends.join(" ".join(rng.choices(WORDS, k=15)) for _ in range(4))
    expected = SCORERS[stemmer].score(reference, ends.join(long))
    found = score_pair(ends.join(long), reference, stemmer=stemmer)
    assert found == {name: tuple(score) for name, score in expected.items()}


@pytest.mark.parametrize("stemmer", [True, False])
def test_real_papers(real_data: Path, stemmer: bool) -> None:
    """First and last sentences against all references of SciTLDR-A test are equal to the last bit."""
    lines = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_text(encoding="utf-8").splitlines()
    papers = [
        (sentence, paper["target"])
        for paper in map(json.loads, lines)
        for sentence in (paper["source"][0], paper["source"][-1])
    ]
    pairs = [Pair(str(k), candidate, tuple(each)) for k, (candidate, each) in enumerate(papers)]
    columns = Rouge(stemmer=stemmer).measure(pairs)
    found = [list(row) for row in zip(*(columns[name].tolist() for name in FOUR), strict=True)]
    assert found == [by_rouge_score(*paper, "best-rouge1", stemmer) for paper in papers]
