"""Tiny encoders of random weights with a byte-level vocabulary: the same bytes wherever they are built.

Used by the tests and by `make_bertscore.py`, which runs with other versions of the libraries.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

PAPERS = Path(__file__).resolve().parents[2] / "tasks/mini/papers.jsonl"

ROBERTA: dict[str, Any] = {
    "model_type": "roberta",
    "architectures": ["RobertaModel"],
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 96,
    "max_position_embeddings": 130,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
}
DEBERTA: dict[str, Any] = {
    "model_type": "deberta",
    "architectures": ["DebertaModel"],
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 96,
    "max_position_embeddings": 512,
    "max_relative_positions": -1,
    "relative_attention": True,
    "pos_att_type": ["c2p", "p2c"],
    "position_biased_input": False,
    "type_vocab_size": 0,
    "layer_norm_eps": 1e-7,
    "pad_token_id": 0,
}
ROBERTA_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
DEBERTA_SPECIALS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")


def tiny_roberta(folder: Path) -> Path:
    """A RoBERTa of three layers that reads 128 tokens."""
    names = dict(zip(("cls", "pad", "sep", "unk", "mask"), ROBERTA_SPECIALS, strict=True))
    names |= {"bos": "<s>", "eos": "</s>"}
    settings = {"tokenizer_class": "RobertaTokenizer", "model_max_length": 128}
    return _build(folder, ROBERTA, ROBERTA_SPECIALS, names, settings)


def tiny_deberta(folder: Path) -> Path:
    """A DeBERTa of three layers whose tokenizer, as the published ones, states no greatest length."""
    names = dict(zip(("pad", "cls", "sep", "unk", "mask"), DEBERTA_SPECIALS, strict=True))
    names |= {"bos": "[CLS]", "eos": "[SEP]"}
    return _build(folder, DEBERTA, DEBERTA_SPECIALS, names, {"tokenizer_class": "DebertaTokenizer"})


def _build(
    folder: Path,
    config: dict[str, Any],
    specials: tuple[str, ...],
    names: dict[str, str],
    settings: dict[str, Any],
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = _vocabulary(specials)
    tokens = {f"{name}_token": token for name, token in names.items()}
    _write(folder / "vocab.json", json.dumps(vocabulary, ensure_ascii=False))
    _write(folder / "merges.txt", "#version: 0.2\n" + "\n".join(merges) + "\n")
    _write(folder / "config.json", json.dumps({**config, "vocab_size": len(vocabulary)}))
    _write(folder / "tokenizer_config.json", json.dumps({**settings, **tokens}))
    _write(folder / "special_tokens_map.json", json.dumps(tokens))
    _write_weights(folder)
    return folder


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _vocabulary(specials: tuple[str, ...]) -> tuple[dict[str, int], list[str]]:
    """Byte-level tokens, and merges that build the 400 commonest words of mini from their letters."""
    characters = _byte_characters()
    merges: dict[tuple[str, str], None] = {}
    for word in _common_words(400):
        pieces = "".join(characters[byte] for byte in word.encode())
        for end in range(1, len(pieces)):
            merges[pieces[:end], pieces[end]] = None
    tokens = [*specials, *sorted(characters), *dict.fromkeys(a + b for a, b in merges)]
    numbers = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return numbers, [f"{a} {b}" for a, b in merges]


def _common_words(most: int) -> list[str]:
    rows = [json.loads(line) for line in PAPERS.read_text("utf-8").splitlines()]
    text = " ".join(sentence for row in rows for sentence in (*row["source"], *row["targets"]))
    counts = Counter(re.findall(r" ?[A-Za-z]+", text))
    return sorted(counts, key=lambda word: (-counts[word], word))[:most]


def _byte_characters() -> list[str]:
    """The printable character for each byte, as in GPT-2's vocabulary: others move beyond 255."""
    kept = {*range(33, 127), *range(161, 173), *range(174, 256)}
    moved = iter(range(256, 512))
    return [chr(byte if byte in kept else next(moved)) for byte in range(256)]


def _write_weights(folder: Path) -> None:
    """Weights drawn for each parameter from its name: no library's own start, which changes."""
    import numpy as np
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoModel

    model = AutoModel.from_config(AutoConfig.from_pretrained(folder))
    weights = {}
    for name, value in model.state_dict().items():
        if "position_ids" in name or "token_type_ids" in name or "pooler" in name:
            continue
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        drawn = np.random.Generator(np.random.PCG64(seed)).standard_normal(tuple(value.shape))
        center = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        weights[name] = torch.from_numpy((center + 0.15 * drawn).astype("float32"))
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
