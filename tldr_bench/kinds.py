"""The three kinds of task: what a prediction and a target look like, and the pair of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

KindName = Literal["summary", "labels", "ranking"]
KINDS: tuple[KindName, ...] = ("summary", "labels", "ranking")

Output = TypeVar("Output")
Target = TypeVar("Target")

Summary = str
"""What a system says of a paper: one text, possibly empty."""
References = tuple[str, ...]
"""What people said of it: one text or more; the first is the author's."""
Labels = tuple[int, ...]
"""One 0 or 1 per sentence of the source: prediction and target alike."""
Ranking = tuple[str, ...]
"""Document ids, best first."""
Relevance = Mapping[str, int]
"""Document id -> gain, for the relevant documents only."""


@dataclass(frozen=True, slots=True)
class Pair(Generic[Output, Target]):
    """One example with what a system predicted for it: all that a metric sees."""

    id: str
    prediction: Output
    target: Target
    source: tuple[str, ...] = ()
    """The sentences of the paper, or its text as one string."""
    references: References = ()
    """What people said of the paper, where the target is something else (labels)."""
