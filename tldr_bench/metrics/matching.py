"""Greedy matching: how well the tokens of one text are found again in another.

Zhang, Kishore, Wu, Weinberger and Artzi 2020, BERTScore: Evaluating Text Generation with BERT,
section 3: R = sum over the reference's tokens of weight * highest similarity to a token of the
candidate, P the other way around, F = 2PR / (P + R). As in the authors' package the special tokens
have no weight, but can be what another token is most similar to; and a token that resembles nothing
counts 0, not less. (There it is the padding that has similarity 0, so that the longest text of a
batch is treated otherwise. Here nothing depends on a batch.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tldr_bench.metrics.base import ratio
from tldr_bench.metrics.embeddings import Embedded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Weights = Callable[[NDArray[np.int32]], Floats]

DECIMALS = 6
"""Of what is kept: further ones differ between processors."""


def match(
    candidate: Embedded, references: Sequence[Embedded], weigh: Weights, specials: int
) -> Floats:
    """(3, references): F, precision and recall of a candidate against each of its references.

    All references are matched in one product. A text of special tokens alone scores 0.
    """
    import numpy as np

    sizes = [len(item.ids) for item in references]
    starts = np.cumsum([0, *sizes[:-1]])
    similarity = _products(candidate, references)
    np.maximum(similarity, 0, out=similarity)
    found = np.maximum.reduceat(similarity, starts, axis=1)  # (candidate tokens, references)
    own = weigh(candidate.ids)
    theirs = weigh(np.concatenate([item.ids for item in references]))
    precision = ratio(own @ found, np.full(len(sizes), own.sum()))
    kept = np.add.reduceat(theirs * similarity.max(axis=0), starts)
    recall = ratio(kept, np.add.reduceat(theirs, starts))
    says = (len(candidate.ids) > specials) & (np.array(sizes) > specials)
    both = precision + recall
    f = ratio(2 * precision * recall, both)
    return np.where(says, np.stack([f, precision, recall]), 0.0)


def _products(candidate: Embedded, references: Sequence[Embedded]) -> Any:
    """(candidate tokens, reference tokens): cosines, as torch multiplies them."""
    import numpy as np
    import torch

    theirs = np.concatenate([item.vectors for item in references])
    return (torch.from_numpy(candidate.vectors) @ torch.from_numpy(theirs).T).numpy()
