"""METEOR as nltk computes it: words matched as they are, by stem, and by WordNet's synonyms."""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics import wordnet
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.reasons import called

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

PACKAGE = "nltk"
INSTALL = "pip install 'tldr-bench[text-metrics]'"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Meteor(Metric[str, References]):
    """METEOR (Banerjee and Lavie 2005; parameters of Lavie and Agarwal 2007), the best reference of each paper.

    nltk's `meteor_score`, with its weights: (1 - 0.5 (chunks / matches)^3) PR / (0.9 P + 0.1 R). Texts
    become words by nltk's `word_tokenize(text, preserve_line=True)`: full stops within a text stay
    with their words, for which `evaluate`'s module needs a model of sentence ends. nltk looks for
    synonyms by stem, and so misses those of words such as "automobile" (automobil); its figures are
    the ones that people report. An empty prediction scores 0.
    """

    name: ClassVar[str] = "meteor"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "METEOR (nltk)"
    score_names: ClassVar[tuple[str, ...]] = ("score",)
    by_row: ClassVar[bool] = True

    wordnet: str = ""
    """A folder with WordNet's files (data.noun, …); default: WNSEARCHDIR, nltk's data, Debian's."""
    sha256: str = ""
    """What `wordnet.sha256` must give for them; others are refused."""
    alpha: float = 0.9
    """Weight of precision in the harmonic mean; recall has the rest."""
    beta: float = 3.0
    """Exponent of the penalty for matches that are torn apart."""
    gamma: float = 0.5
    """Most that this penalty takes away."""

    def __post_init__(self) -> None:
        if self.sha256 and not SHA256.fullmatch(self.sha256):
            raise ValueError(f"expected a SHA-256 of 64 hexadecimal digits, got {self.sha256!r}")
        inside = 0 < self.alpha < 1 and 0 <= self.gamma <= 1
        if not (inside and self.beta >= 0 and math.isfinite(self.beta)):
            raise ValueError("expected alpha between 0 and 1, beta 0 or more, gamma 0 to 1")

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """The score of each example. Raises NotComputed without nltk, WordNet, or the promised one."""
        import numpy as np

        reason = self.missing(wordnet=self.wordnet)
        if reason:
            raise NotComputed(reason)
        reader = self._reader()
        with wordnet.lock:
            found = [self._score(reader, pair) for pair in pairs]
        return {"score": np.array(found, float)}

    def _score(self, reader: Any, pair: Pair[str, References]) -> float:
        from nltk.translate.meteor_score import meteor_score

        targets = [_words(target) for target in pair.target]
        weights = {"alpha": self.alpha, "beta": self.beta, "gamma": self.gamma}
        return float(meteor_score(targets, _words(pair.prediction), wordnet=reader, **weights))

    def _reader(self) -> Any:
        folder = wordnet.must_find(self.wordnet)
        actual = wordnet.sha256(folder)
        if self.sha256 and actual != self.sha256:
            raise NotComputed(
                f"the WordNet in {called(folder)} is not the promised one: it has SHA-256 "
                f"{actual}, expected {self.sha256}"
            )
        with wordnet.lock:
            return wordnet.read(folder)

    @classmethod
    def missing(cls, **parameters: str) -> str | None:
        """Whether nltk or WordNet lacks here."""
        if importlib.util.find_spec(PACKAGE) is None:
            return f"{PACKAGE} is not installed: {INSTALL}"
        try:
            wordnet.must_find(parameters.get("wordnet", ""))
        except NotComputed as reason:
            return str(reason)
        return None

    @property
    def signature(self) -> str:
        """The weights, WordNet's digest and nltk's version; no path of this machine."""
        here = importlib.util.find_spec(PACKAGE) is not None
        parts = {
            "alpha": f"{self.alpha:g}",
            "beta": f"{self.beta:g}",
            "gamma": f"{self.gamma:g}",
            "tok": "treebank",
            "wordnet": self._wordnet_shown(),
            PACKAGE: version(PACKAGE) if here else "not-here",
            "v": self.version,
        }
        return "|".join([self.name, *(f"{key}:{value}" for key, value in parts.items())])

    def _wordnet_shown(self) -> str:
        """Its digest; but none where it is refused, so that no measurement is found under it."""
        folder = wordnet.find(self.wordnet)
        if folder is None:
            return "not-here"
        actual = wordnet.sha256(folder)
        return "refused" if actual != (self.sha256 or actual) else f"sha256-{actual}"


def _words(text: str) -> list[str]:
    """Words and marks of a text, as the Penn Treebank parts them."""
    from nltk.tokenize import word_tokenize

    return list(word_tokenize(text, preserve_line=True))
