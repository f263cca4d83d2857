"""chrF and BLEU are those of sacrebleu."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sacrebleu", reason="needs the package sacrebleu")

import sacrebleu

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import Pair
from tldr_bench.metrics import sacrebleu_metrics
from tldr_bench.metrics.sacrebleu_metrics import Bleu, Chrf
from tldr_bench.stats import bootstrap, draw

PAPERS = Path(__file__).resolve().parents[2] / "tasks/mini/papers.jsonl"


@pytest.fixture(scope="module")
def pairs() -> list[Pair[str, tuple[str, ...]]]:
    """The first sentences of mini's papers, an empty one among them, with one to four references."""
    rows = [json.loads(line) for line in PAPERS.read_text("utf-8").splitlines()]
    found = [Pair(row["id"], row["source"][0], tuple(row["targets"])) for row in rows]
    return [*found, Pair("empty", "", ("Something.",))]


def streams(pairs: list[Any]) -> list[list[str | None]]:
    most = max(len(pair.target) for pair in pairs)
    return [[p.target[n] if n < len(p.target) else None for p in pairs] for n in range(most)]


CASES = [
    (Bleu(), {"tokenize": "13a"}),
    (Bleu(lowercase=True, tokenize="char"), {"lowercase": True, "tokenize": "char"}),
    (Bleu(smooth="none"), {"smooth_method": "none"}),
    (Chrf(), {}),
    (Chrf(word_order=2, lowercase=True), {"word_order": 2, "lowercase": True}),
]


@pytest.mark.parametrize(("metric", "arguments"), CASES)
def test_the_corpus_has_the_tools_score(metric: Any, arguments: Any, pairs: Any) -> None:
    """The score of all examples is, to the last bit, what sacrebleu gives for the corpus."""
    kind = sacrebleu.metrics.BLEU if isinstance(metric, Bleu) else sacrebleu.metrics.CHRF
    for some in (pairs, pairs[:2], pairs[-1:]):
        tool = kind(**arguments)
        expected = tool.corpus_score([p.prediction for p in some], streams(some)).score / 100
        assert metric.aggregate(metric.measure(some))["score"] == expected


@pytest.mark.parametrize(
    ("metric", "arguments"), [*CASES, (Bleu(smooth="add-k"), {"smooth_method": "add-k"})]
)
@pytest.mark.parametrize("said", ["its first sentence", "the same of every paper"])
def test_a_resample_has_the_tools_score(metric: Any, arguments: Any, said: str, pairs: Any) -> None:
    """A resample is scored as the corpus that holds its papers as often as they were drawn."""
    if said.startswith("the same"):
        pairs = [replace(pair, prediction="We present a new method.") for pair in pairs]
    kind = sacrebleu.metrics.BLEU if isinstance(metric, Bleu) else sacrebleu.metrics.CHRF
    resamples = draw(len(pairs), "a task", count=39)
    columns = metric.measure(pairs)
    samples = bootstrap([columns], metric.combine, resamples, of_sums=metric.of_sums)["score"]
    for weights, value in zip(resamples.weights, samples.values[0], strict=True):
        drawn = [pair for pair, times in zip(pairs, weights, strict=True) for _ in range(times)]
        expected = kind(**arguments).corpus_score([p.prediction for p in drawn], streams(drawn))
        assert value == pytest.approx(expected.score / 100, abs=1e-12)


def test_an_example_on_its_own(pairs: Any) -> None:
    """chrF of one example is sacrebleu's for that sentence."""
    found = Chrf().combine(Chrf().measure(pairs))["score"]
    for value, pair in zip(found, pairs, strict=True):
        expected = sacrebleu.sentence_chrf(pair.prediction, list(pair.target)).score / 100
        assert value == pytest.approx(expected, abs=1e-12)


def test_signatures() -> None:
    """The signature names the tool's version and every parameter."""
    assert (
        Bleu().signature == f"bleu|lc:no|tok:13a|smooth:exp|sacrebleu:{sacrebleu.__version__}|v:2"
    )
    assert "nw:2" in Chrf(word_order=2).signature


def test_without_the_tool(pairs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without sacrebleu nothing is computed, and the command that installs it is named."""
    sacrebleu_metrics._tool.cache_clear()
    monkeypatch.setattr(sacrebleu_metrics, "PACKAGE", "no_such_package")
    with pytest.raises(NotComputed, match="not installed: pip install"):
        Bleu().measure(pairs)
    assert Bleu().signature.endswith("no_such_package:not-here|v:2")
    assert Bleu.missing()


def test_impossible_orders() -> None:
    """Orders that make no sense are refused."""
    with pytest.raises(ValueError, match="char_order 1 to 20"):
        Chrf(char_order=0)
