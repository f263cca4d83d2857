"""A task's texts as embeddings, a window of them at a time; and what their tokens weigh."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tldr_bench.kinds import Pair, References
from tldr_bench.metrics.embeddings import text_key
from tldr_bench.metrics.encoder import Encoder, embed, give_back_memory

if TYPE_CHECKING:
    from tldr_bench.metrics.matching import Weights

    Tokens = tuple[list[int], bool]

WINDOW = 96 * 1024 * 1024
"""Bytes of embeddings that are worked on at a time: what bounds the memory."""
PAIRS_AT_ONCE = 256


def embedded(encoder: Encoder, pairs: Sequence[Pair[str, References]]) -> Iterator[tuple[Any, ...]]:
    """Every pair with its candidate and references embedded; a window of them in memory at a time."""
    for window, texts in _windows(encoder, pairs):
        found = embed(encoder, texts)
        targets = {text for pair in window for text in pair.target}
        fresh = {text_key(text): found[text] for text in sorted(targets)}
        encoder.embeddings.keep(
            {key: item for key, item in fresh.items() if not encoder.embeddings.kept(key)}
        )
        for pair in window:
            yield pair, found[pair.prediction], [found[text] for text in pair.target]
        del found, fresh, texts
        give_back_memory()


def _windows(
    encoder: Encoder, pairs: Sequence[Pair[str, References]]
) -> Iterator[tuple[list[Pair[str, References]], dict[str, Tokens]]]:
    """Pairs with the tokens of their distinct texts, as many as WINDOW bytes of vectors hold."""
    room = WINDOW // (4 * encoder.embeddings.dimension)
    window: list[Pair[str, References]] = []
    texts: dict[str, Tokens] = {}
    used = 0
    for pair, own in _tokens(encoder, pairs):
        used += sum(len(ids) for text, (ids, _) in own.items() if text not in texts)
        if window and used > room:
            yield window, texts
            window, texts = [], {}
            used = sum(len(ids) for ids, _ in own.values())
        window.append(pair)
        texts.update(own)
    if window:
        yield window, texts


def _tokens(
    encoder: Encoder, pairs: Sequence[Pair[str, References]]
) -> Iterator[tuple[Pair[str, References], dict[str, Tokens]]]:
    """Every pair with the tokens of its texts."""
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        texts = list(dict.fromkeys(t for pair in some for t in (pair.prediction, *pair.target)))
        tokens = dict(zip(texts, encoder.tokens(texts), strict=True))
        for pair in some:
            yield pair, {text: tokens[text] for text in (pair.prediction, *pair.target)}


def weights(encoder: Encoder, pairs: Sequence[Pair[str, References]], *, idf: bool) -> Weights:
    """How much a token counts: 1, or log((N + 1) / (n + 1)) where n of N references hold it."""
    import numpy as np

    table = np.ones(encoder.vocabulary)
    table[list(encoder.unweighted)] = 0.0
    if idf:
        references = [text for pair in pairs for text in pair.target]
        holding = Counter(token for ids in _distinct(encoder, references) for token in ids)
        table[:] = math.log(len(references) + 1)
        for token, count in holding.items():
            table[token] = math.log((len(references) + 1) / (count + 1))
    return table.__getitem__


def _distinct(encoder: Encoder, texts: Sequence[str]) -> Iterator[set[int]]:
    """The set of tokens of each text."""
    for start in range(0, len(texts), PAIRS_AT_ONCE):
        for ids, _ in encoder.tokens(texts[start : start + PAIRS_AT_ONCE]):
            yield set(ids)
