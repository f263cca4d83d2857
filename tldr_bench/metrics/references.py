"""Several references, one score: the rules in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ReferenceRule = Literal["best-rouge1", "best-each", "first", "mean"]
"""Which of the scores against several references count:

- `best-rouge1`: all scores of the reference with the highest ROUGE-1 F, the first of equals. The
  rule of SciTLDR's own script.
- `best-each`: the highest value of each score, be it from different references. The rule of
  rouge-score's `score_multi`.
- `first`: the scores against the first reference, the author's own.
- `mean`: the arithmetic mean over the references.
"""


def combined(
    values: NDArray[np.float64], counts: NDArray[np.int64], rule: ReferenceRule
) -> NDArray[np.float64]:
    """One value per score and example, shape (scores, examples).

    `values` has the shape (scores, references), ROUGE-1 first, the references of an example side by
    side; `counts` says how many each example has, one or more.
    """
    import numpy as np

    starts = np.cumsum(counts) - counts
    if not counts.size:
        return values
    if rule == "first":
        return values[:, starts]
    if rule == "best-each":
        return np.maximum.reduceat(values, starts, axis=1)
    if rule == "mean":
        example = np.repeat(np.arange(len(counts)), counts)
        # Added from left to right, as the figures of the official script were averaged.
        return np.array([np.bincount(example, row) for row in values]) / counts
    return values[:, _first_best(values[0], starts, counts)]


def _first_best(
    values: NDArray[np.float64], starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The index of the highest value of each example, the first of equals."""
    import numpy as np

    best = np.flatnonzero(values == np.repeat(np.maximum.reduceat(values, starts), counts))
    return best[np.searchsorted(best, starts)]
