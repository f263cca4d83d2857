"""A model's files made into a module that gives one layer's output, on any version of transformers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tldr_bench.errors import NotComputed
from tldr_bench.metrics.reasons import called, in_words

# The tokenizers that bert-score gives a leading space, by the names that configurations use.
_SPACED = {"RobertaTokenizer", "RobertaTokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast"}
_SPACED_TYPES = {"roberta", "roberta-prelayernorm", "data2vec-text", "ibert", "gpt2"}


def read_model(folder: Path) -> Any:
    import torch
    from transformers import AutoModel

    with _loading(folder):
        model, info = AutoModel.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name)
    if missing:
        raise NotComputed(f"the weights in {called(folder)} lack {missing[0]}: not this model's")
    return model.eval()


def read_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    with _loading(folder):
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)


@contextlib.contextmanager
def _loading(folder: Path) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the errors of three libraries, and of their parsers
        said = f"the model in {called(folder)} cannot be loaded: {in_words(error)}"
        raise NotComputed(said) from None


def cut(model: Any, layer: int, where: str) -> None:
    """Drop what lies above the layer: its output is then the model's. As bert-score does."""
    holders = [
        (getattr(model, "encoder", None), "layer"),
        (getattr(model, "transformer", None), "layer"),
    ]
    for holder, name in holders:
        layers = getattr(holder, name, None)
        if layers is None or isinstance(getattr(model, "decoder", None), type(holder)):
            continue
        if layer > len(layers):
            message = f"unknown layer {layer}. Did you mean {len(layers)}? The model in {where} has layers 0 to {len(layers)}"
            raise NotComputed(message)
        setattr(holder, name, layers[:layer])
        if hasattr(model, "pooler"):
            model.pooler = None
        return
    kind = model.config.model_type
    raise NotComputed(
        f"models of type {kind} are not supported: BERT, RoBERTa, DeBERTa, ELECTRA, MPNet and "
        "DistilBERT are"
    )


def use_onednn(model: Any) -> None:
    """Multiply by oneDNN where torch has it: in fp32 as exact as MKL, and on AMD twice as fast.

    torch calls it so itself in compiled models. Each row's result is the same whatever the others
    are, as long as there are two of them.
    """
    import torch

    multiply = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
    if multiply is None or not torch.backends.mkldnn.is_available():
        return
    for module in model.modules():
        if type(module) is torch.nn.Linear:
            module.forward = partial(_linear, multiply, module)


def _linear(multiply: Any, module: Any, x: Any) -> Any:
    return multiply(x, module.weight, module.bias, "none", [], "")


def most_tokens(tokenizer: Any, model: Any) -> int:
    """How many tokens the model has positions for."""
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    positions = model.config.max_position_embeddings
    if table is not None and getattr(table, "padding_idx", None) is not None:
        positions -= table.padding_idx + 1  # RoBERTa counts positions from there
    return int(min(tokenizer.model_max_length, positions))


def is_spaced(folder: Path) -> bool:
    """Whether bert-score, with transformers 4, puts a space in front of every text."""
    settings = _json(folder / "tokenizer_config.json")
    named = settings.get("tokenizer_class")
    if named:
        return named in _SPACED
    return _json(folder / "config.json").get("model_type") in _SPACED_TYPES


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and remarks of transformers."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
