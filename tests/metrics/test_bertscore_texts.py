"""What bertscore makes of texts: bad input, batches and windows, the store of embeddings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs pip install 'tldr-bench[bertscore]'")
pytest.importorskip("transformers", reason="needs pip install 'tldr-bench[bertscore]'")

from tldr_bench.kinds import Pair
from tldr_bench.metrics import embeddings, encoder, windows
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


@pytest.mark.parametrize("said", ["", "  \n"])
def test_an_empty_prediction_scores_nothing(tiny: str, said: str) -> None:
    """Empty and blank predictions have 0 for all three figures, as has a blank reference."""
    for item in (pair(said, TARGET), pair(TARGET, said)):
        found = BertScore(model=tiny, layer=2).measure([item])
        assert [found[name][0] for name in ("precision", "recall", "f1")] == [0, 0, 0]


@pytest.mark.parametrize("said", ["\x00", "\x1b[31m", "\u202e", "\u200b"])
def test_control_characters_have_figures(tiny: str, said: str) -> None:
    """Control characters give finite figures."""
    found = BertScore(model=tiny, layer=2).measure([pair(said, TARGET)])
    assert np.isfinite(found["f1"]).all()


def test_what_was_empty_or_cut_is_told(tiny: str) -> None:
    """The remarks count empty predictions and texts that are longer than the model reads."""
    metric = BertScore(model=tiny, layer=2)
    found = metric.measure(
        [pair("", TARGET), pair("owls " * 20_000, TARGET), pair("Owls.", TARGET)]
    )
    assert metric.remarks(found) == (
        "1 empty prediction scored as nothing said; 1 text read only as far as the model reads"
    )
    assert metric.remarks(metric.measure([pair("Owls.", TARGET)])) == ""


def test_the_result_tells_what_was_empty(tiny: str, tmp_workspace: Any) -> None:
    """A result file notes empty predictions beside the scores, and says nothing where there are none."""
    import tldr_bench as tb

    task = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    text = task.read_text().replace(
        "  rouge155:\n", f"  rouge155:\n  bertscore: {{model: {tiny}, layer: 2}}\n"
    )
    task.write_text(text)
    for system, said in (("quiet", ""), ("loud", "Owls.")):
        rows = [{"id": f"p{n}", "prediction": said if n == 1 else "Owls."} for n in range(1, 5)]
        tmp_workspace.submit(system, "tiny-summary", rows)
        folder = tmp_workspace.root / "submissions" / system
        scored = tb.score(tb.load_task(task.parent), tb.load_submission(folder))
        assert "bertscore.f1" in scored.result.scores
        noted = json.loads(scored.result.to_json()).get("notes")
        assert noted == (
            {"bertscore": "1 empty prediction scored as nothing said"} if not said else None
        )


@pytest.mark.parametrize("said", ["[SEP]", "[CLS]", "<s>", "</s>", "<pad>", "<mask> </s> <s>"])
def test_the_names_of_special_tokens_are_plain_text(tiny: str, said: str) -> None:
    """A prediction cannot choose tokens that do not count: its figures are those of any other text."""
    found = BertScore(model=tiny, layer=2).measure([pair(said, TARGET, said)])
    assert found["f1"][0] == pytest.approx(1.0, abs=1e-6)
    tokens = BertScore(model=tiny, layer=2)._encoder().tokens([said])[0][0]
    assert not {0, 1, 2, 4} & set(tokens[1:-1])


def test_a_long_prediction_is_cut_to_what_the_model_reads(tiny: str) -> None:
    """100,000 characters are read as the first 128 tokens of them."""
    text = "owls hunt " * 10_000
    [(ids, cut)] = BertScore(model=tiny, layer=2)._encoder().tokens([text])
    assert (len(ids), cut) == (128, True)


def test_figures_do_not_depend_on_what_else_is_there(tiny: str) -> None:
    """A pair scores the same alone, among others, in another order, and from the store."""
    words = [
        "some",
        "owls",
        "hunt",
        "at",
        "noon",
        "while",
        "mice",
        "sleep",
        "and",
        "bridges",
        "of",
        "glass",
        "carry",
        "trains",
    ]
    texts = [" ".join(words[start:stop]) for start in range(6) for stop in range(8, 14)]
    pairs = [pair(text, *texts[number % 5 : number % 5 + 3]) for number, text in enumerate(texts)]
    metric = BertScore(model=tiny, layer=2)
    together = metric.measure(pairs)
    encoder.load.cache_clear()
    shutil.rmtree(metric._encoder().embeddings.folder or "")
    encoder.load.cache_clear()
    backwards = metric.measure(pairs[::-1])
    for name in ("precision", "recall", "f1"):
        alone = [float(metric.measure([item])[name][0]) for item in pairs]
        assert np.abs(together[name] - alone).max() < 1e-5
        assert np.abs(together[name] - backwards[name][::-1]).max() < 1e-5


def test_small_windows_change_nothing(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only a few texts fit into memory at a time, every pair has the same figures."""
    pairs = [pair(f"Owl {n} hunts.", f"Owls hunt at {n}.", TARGET) for n in range(40)]
    metric = BertScore(model=tiny, layer=2, idf=True)
    expected = metric.measure(pairs)
    encoder.load.cache_clear()
    monkeypatch.setattr(windows, "WINDOW", 40_000)
    monkeypatch.setattr(windows, "PAIRS_AT_ONCE", 7)
    parts = list(windows._windows(metric._encoder(), pairs))
    assert len(parts) > 3
    assert [item for window, _ in parts for item in window] == pairs
    found = metric.measure(pairs)
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_memory_keeps_only_what_fits(tiny: str) -> None:
    """What is kept in memory stays below its bound; the oldest goes first."""
    kept = embeddings.Embeddings(None, 4, in_memory=200)
    for number in range(20):
        vectors = np.ones((2, 4), np.float32)
        kept.remember(str(number), embeddings.Embedded(np.zeros(2, np.int32), vectors, False))
    assert kept.get("0") is None
    assert kept.get("19") is not None
    assert kept._bytes <= 200


# The store -------------------------------------------------------------------------------------


def counted(metric: BertScore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts the encoder is given from now on, call by call."""
    counts: list[int] = []
    loaded = metric._encoder()
    real = type(loaded).encode

    def encode(self: Any, texts: Any) -> Any:
        counts.append(len(texts))
        return real(self, texts)

    monkeypatch.setattr(type(loaded), "encode", encode)
    return counts


def test_references_are_encoded_once(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second system's run, in this process or another, encodes its own texts alone."""
    metric = BertScore(model=tiny, layer=2)
    counts = counted(metric, monkeypatch)
    metric.measure([pair("One.", TARGET, "Mice."), pair("One.", TARGET)])
    assert counts == [3]
    metric.measure([pair("Two.", TARGET, "Mice.")])
    encoder.load.cache_clear()
    metric.measure([pair("Three.", TARGET, "Mice.")])
    assert counts == [3, 1, 1]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "no pack"])
def test_a_damaged_entry_is_computed_again(
    tiny: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-written or changed store entry is not believed: the figures stay what they are."""
    metric = BertScore(model=tiny, layer=2)
    pairs = [pair("One.", TARGET, "Mice."), pair("Two.", "Bridges of glass.")]
    expected = metric.measure(pairs)
    folder = metric._encoder().embeddings.folder
    assert folder is not None
    [file] = folder.glob("*.pack")
    content = bytearray(file.read_bytes())
    content[-5] ^= 0x55
    damaged = {"cut": content[:-7], "flip": content, "empty": b"", "no pack": b"{}\n"}[damage]
    file.write_bytes(bytes(damaged))
    encoder.load.cache_clear()
    counts = counted(metric, monkeypatch)
    found = metric.measure(pairs)
    assert all(np.array_equal(found[name], expected[name]) for name in expected)
    assert counts[0] > 2  # the candidates, and what was damaged
