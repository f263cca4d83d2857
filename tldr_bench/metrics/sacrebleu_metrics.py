"""chrF and BLEU as sacrebleu computes them."""

from __future__ import annotations

import importlib.util
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics.base import Metric

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

INSTALL = "pip install 'tldr-bench[text-metrics]'"
PACKAGE = "sacrebleu"


@dataclass(frozen=True)
class SacreBleu(Metric[str, References]):
    """A corpus-level metric of sacrebleu: its counts per example, and its score from their sums.

    The score is the library's own for the whole corpus, as a fraction. An example's own figure, and
    that of a resample, is the same formula over the sums of their counts.
    """

    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    of_sums: ClassVar[bool] = True
    score_names: ClassVar[tuple[str, ...]] = ("score",)

    @abstractmethod
    def arguments(self) -> dict[str, Any]:
        """What the library's class is built with."""

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """The library's sufficient statistics, a column each. Raises NotComputed without the library."""
        import numpy as np

        tool = _tool(self.name, tuple(sorted(self.arguments().items())))
        most = max((len(pair.target) for pair in pairs), default=1)
        # The library takes streams: the first reference of every example, the second, … or None.
        streams = [
            [pair.target[n] if n < len(pair.target) else None for pair in pairs]
            for n in range(most)
        ]
        counts = tool._extract_corpus_statistics([pair.prediction for pair in pairs], streams)
        table = np.array(counts, float).reshape(len(pairs), -1)
        return {f"count{number:02}": column for number, column in enumerate(table.T)}

    def combine(self, means: Columns) -> Columns:
        """The library's score of each set of summed counts, over 100: smoothing looks at their size."""
        import numpy as np

        tool = _tool(self.name, tuple(sorted(self.arguments().items())))
        table = np.array([means[name] for name in sorted(means)])
        counts = table.reshape(len(table), -1).T.tolist()
        scores = [tool._compute_score_from_stats(row).score / 100 for row in counts]
        return {"score": np.array(scores).reshape(table.shape[1:])}

    @classmethod
    def missing(cls, **parameters: str) -> str | None:
        """Whether the library lacks here."""
        del parameters
        here = importlib.util.find_spec(PACKAGE) is not None
        return None if here else f"{PACKAGE} is not installed: {INSTALL}"

    def identity(self) -> Sequence[str]:
        """The library's version."""
        found = importlib.util.find_spec(PACKAGE)
        return [f"{PACKAGE}:{version(PACKAGE) if found else 'not-here'}"]


@dataclass(frozen=True)
class Bleu(SacreBleu):
    """BLEU (Papineni et al. 2002), all references of a paper at once, as sacrebleu computes it."""

    name: ClassVar[str] = "bleu"
    version: ClassVar[str] = "2"
    title: ClassVar[str] = "BLEU (sacrebleu)"

    lowercase: bool = field(default=False, metadata={"short": "lc"})
    """Whether case is ignored."""
    tokenize: Literal["13a", "intl", "char", "none"] = field(
        default="13a", metadata={"short": "tok"}
    )
    """How a text is parted into words."""
    smooth: Literal["exp", "floor", "add-k", "none"] = "exp"
    """What is done for an order of n-grams without a match."""

    def arguments(self) -> dict[str, Any]:
        """The arguments of `sacrebleu.metrics.BLEU`."""
        return {
            "lowercase": self.lowercase,
            "tokenize": self.tokenize,
            "smooth_method": self.smooth,
            "force": True,  # no remark on texts that look tokenised
        }


@dataclass(frozen=True)
class Chrf(SacreBleu):
    """chrF (Popović 2015; chrF++ with `word_order: 2`), the best reference of each paper."""

    name: ClassVar[str] = "chrf"
    title: ClassVar[str] = "chrF (sacrebleu)"

    char_order: int = field(default=6, metadata={"short": "nc"})
    """Longest run of characters."""
    word_order: int = field(default=0, metadata={"short": "nw"})
    """Longest run of words; 2 makes it chrF++."""
    beta: int = 2
    """How many times recall counts as much as precision."""
    lowercase: bool = field(default=False, metadata={"short": "lc"})
    """Whether case is ignored."""

    def __post_init__(self) -> None:
        if not (1 <= self.char_order <= 20 and 0 <= self.word_order <= 10 and self.beta >= 1):
            raise ValueError("expected char_order 1 to 20, word_order 0 to 10, beta 1 or more")

    def arguments(self) -> dict[str, Any]:
        """The arguments of `sacrebleu.metrics.CHRF`."""
        return {
            "char_order": self.char_order,
            "word_order": self.word_order,
            "beta": self.beta,
            "lowercase": self.lowercase,
        }


@lru_cache(maxsize=16)
def _tool(name: str, arguments: tuple[tuple[str, Any], ...]) -> Any:
    reason = SacreBleu.missing()
    if reason:
        raise NotComputed(reason)
    from sacrebleu.metrics import BLEU, CHRF

    return {"bleu": BLEU, "chrf": CHRF}[name](**dict(arguments))
