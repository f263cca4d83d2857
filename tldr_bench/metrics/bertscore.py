"""BERTScore: how close the words of two texts are in a model's eyes, as the bert-score package has it.

Equal, to 1e-5 for every pair, to bert-score 0.3.13 on transformers 4.57: the libraries that papers
used. On transformers 5 that package crashes on empty text and reads the first word of a text wrongly
for RoBERTa, so texts are encoded here; its baselines are used as they are.

Where the package has no usable answer, ours differs: a text such as "[SEP]" is read as its
characters (there: NaN), a text is read to 512 tokens at most (there: as long as memory lasts), and a
ratio of nothing to nothing is 0 (there: NaN). Two more things differ by choice: a token that
resembles nothing always counts 0 (there: in all texts of a batch but the longest), and of several
references the one with the best F counts, unless `references` says otherwise (there: `best-each`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, ClassVar, Literal

from tldr_bench.errors import NotComputed
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics import models, rescaling
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.references import combined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns
    from tldr_bench.metrics.encoder import Encoder

    Floats = NDArray[np.float64]

Rule = Literal["best-f1", "best-each", "first", "mean"]
"""Which of the figures against several references count.

- `best-f1`: precision, recall and F of the reference with the highest F, the first of equals.
- `best-each`: the highest of each, be it from different references. What bert-score returns.
- `first`: those against the first reference, the author's own.
- `mean`: the arithmetic mean over the references.
"""


@dataclass(frozen=True)
class BertScore(Metric[str, References]):
    """Precision, recall and F of greedy matching (Zhang et al. 2020).

    An empty prediction scores 0 (before rescaling), as in the package.
    """

    name: ClassVar[str] = "bertscore"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "BERTScore"
    score_names: ClassVar[tuple[str, ...]] = ("precision", "recall", "f1")
    uses_model: ClassVar[bool] = True

    model: str = "roberta-large"
    """A name of `models.MODELS`, a name on the Hub with its revision, or a folder."""
    layer: int | None = None
    """Whose output is compared; 0 is what the first layer reads. Default: the model's usual one."""
    references: Rule = field(default="best-f1", metadata={"short": "refs"})
    """How several references make one score."""
    idf: bool = False
    """Whether a token counts by its inverse document frequency among the task's references."""
    rescale: bool = False
    """Whether figures are (x - b) / (1 - b), with b what unrelated sentences score."""
    baseline: str = ""
    """A file of baselines in the package's format; default: the one that the package ships."""
    revision: str = ""
    """The commit on the Hub, 40 digits; default: the one of `models.MODELS`."""
    sha256: str = ""
    """What the weights must be; others are refused."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16 is faster, and moves single pairs by 1e-3."""

    def __post_init__(self) -> None:
        problem = models.problem(self.model, self.revision, self.layer, self.sha256)
        if problem:
            raise ValueError(problem)
        if self.baseline and not self.rescale:
            raise ValueError("'baseline' is given, but not 'rescale: yes'")

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """F, precision and recall per example; whether it is empty; how many of its texts were cut."""
        import numpy as np

        from tldr_bench.metrics import matching, windows

        offset = self._baseline()
        encoder = self._encoder()
        rows: list[tuple[float, ...]] = []
        with _memory(self.model):
            weigh = windows.weights(encoder, pairs, idf=self.idf)
            for pair, candidate, references in windows.embedded(encoder, pairs):
                found = matching.match(candidate, references, weigh, encoder.specials)
                chosen = _chosen(found, self.references)
                empty = not pair.prediction.strip()
                rows.append((*chosen, empty, candidate.cut + sum(r.cut for r in references)))
        table = np.array(rows, float).reshape(len(pairs), 5)
        table[:, :3] = ((table[:, :3] - offset) / (1 - offset)).round(matching.DECIMALS)
        return dict(zip(("f1", "precision", "recall", "empty", "cut"), table.T, strict=True))

    def combine(self, means: Columns) -> Columns:
        """The three figures; what is only counted is told by `remarks`."""
        return {name: means[name] for name in self.score_names}

    @classmethod
    def missing(cls, **parameters: str) -> str | None:
        """What this metric with this `model` and `revision` lacks here."""
        from tldr_bench.metrics import encoder

        model = parameters.get("model", cls.model)
        try:
            encoder.require_libraries(model)
            models.must_find(model, parameters.get("revision", ""))
        except NotComputed as reason:
            return str(reason)
        return None

    def remarks(self, columns: Columns) -> str:
        """Empty predictions, and texts that are longer than the model reads."""
        empty, cut = int(columns["empty"].sum()), int(columns["cut"].sum())
        said = [
            f"{empty} empty {_plural('prediction', empty)} scored as nothing said" if empty else "",
            f"{cut} {_plural('text', cut)} read only as far as the model reads" if cut else "",
        ]
        return "; ".join(filter(None, said))

    @property
    def signature(self) -> str:
        """Model, revision, weights and everything else that moves a figure; no path of this machine."""
        folder = models.find(self.model, self.revision)
        vocabulary = models.vocabulary_sha256(folder)[:12] if folder else ""
        parts = {
            "model": self.model if not models.is_folder(self.model) else "folder",
            "revision": models.revision_of(self.model, self.revision) or "-",
            "weights": models.weights_shown(self.model, folder, self.sha256),
            "vocabulary": vocabulary or "not-here",
            "layer": models.layer_of(self.model, self.layer),
            "idf": "references" if self.idf else "no",
            "rescale": self._rescaling(),
            "refs": self.references,
            "precision": self.precision,
            **{name: _version(name) for name in models.LIBRARIES},
            "v": self.version,
        }
        return "|".join([self.name, *(f"{key}:{value}" for key, value in parts.items())])

    def _rescaling(self) -> str:
        if not self.rescale:
            return "no"
        try:
            return ",".join(f"{value:g}" for value in self._baseline())
        except NotComputed:
            return "not-here"

    def _baseline(self) -> Floats:
        """What unrelated sentences score: F, precision, recall; zeros without rescaling."""
        import numpy as np

        if not self.rescale:
            return np.zeros(3)
        layer = models.layer_of(self.model, self.layer)
        precision, recall, f = rescaling.read(self.model, layer, self.baseline)
        return np.array([f, precision, recall])

    def _encoder(self) -> Encoder:
        from tldr_bench.metrics import encoder

        encoder.require_libraries(self.model)
        folder = models.must_find(self.model, self.revision)
        models.check(self.model, folder, self.sha256)
        layer = models.layer_of(self.model, self.layer)
        with _memory(self.model):
            return encoder.load(folder, layer, self.precision, encoder.choose_device())


def _chosen(found: Floats, rule: Rule) -> list[float]:
    """F, precision and recall of one example, from those against each reference."""
    import numpy as np

    count = np.array([found.shape[1]])
    # The rule of `references` that takes everything from where the first row is highest.
    name = "best-rouge1" if rule == "best-f1" else rule
    chosen: list[float] = combined(found, count, name)[:, 0].tolist()
    return chosen


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


@cache
def _version(name: str) -> str:
    try:
        return version(name).partition("+")[0]  # "+cpu" says how it was built
    except PackageNotFoundError:
        return "not-here"


@contextlib.contextmanager
def _memory(model: str) -> Iterator[None]:
    """What there is no memory for is not computed."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and "memory" not in text:
            raise
        raise NotComputed(
            f"not enough memory for {models.called(model)}: free some, give --device cpu, or take a smaller "
            "model"
        ) from None
