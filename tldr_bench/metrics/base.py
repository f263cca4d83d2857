"""What a metric is: measure every example first, aggregate second.

`measure` turns pairs into columns of numbers, one row per example. Everything that is said about a
system afterwards (its score, the interval, a comparison with another system) is made from the
*means* of those columns, over all examples or over a resample of them, by one function, `combine`
(from their sums, where a formula asks how large they are: `of_sums`).
A metric therefore never writes a loop over resamples, and gets intervals and paired tests for free.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal

from tldr_bench.kinds import KindName, Output, Pair, Target

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[np.float64]]
    """Column name -> one number per example (or, in `combine`, per resample)."""

Direction = Literal["higher", "lower", "none"]
"""Which values are better; "none" describes without ranking."""


@dataclass(frozen=True)
class Metric(ABC, Generic[Output, Target]):
    """A metric is a frozen dataclass: its fields are its parameters and make its signature.

    A field's metadata may give `short` (its name in the signature).
    """

    name: ClassVar[str]
    """The name in task.yaml and in front of every score, such as `rouge155`."""
    kind: ClassVar[KindName]
    """The kind of task that it measures."""
    version: ClassVar[str]
    """Raised whenever a change moves a published number."""
    title: ClassVar[str]
    """What people call it, such as "ROUGE (official script)"."""
    score_names: ClassVar[tuple[str, ...]]
    """The scores that it gives, in the order in which they are shown."""
    direction: ClassVar[Direction] = "higher"
    plain_scores: ClassVar[frozenset[str]] = frozenset()
    """Scores that are plain numbers, such as a count of words: shown as they are, not times 100."""
    by_row: ClassVar[bool] = False
    """Whether each example is measured for itself, to the last bit: then work can be cut anywhere."""
    of_sums: ClassVar[bool] = False
    """Whether `combine` takes sums, not means: its formula depends on how large the counts are."""
    uses_model: ClassVar[bool] = False
    """Whether measuring runs a neural model: it is loaded once a process, on a GPU where there is one."""

    @abstractmethod
    def measure(self, pairs: Sequence[Pair[Output, Target]]) -> Columns:
        """Columns of float64, each of length `len(pairs)`, in the order of `pairs`.

        Raises NotComputed when it cannot be computed here, with the reason and the way to mend it.
        """

    def combine(self, means: Columns) -> Columns:
        """Scores from the means of the columns; works on scalars and on arrays of resamples alike.

        By default the columns are the scores. A corpus-level score such as micro F1 is a function
        of means of counts: override this then. NaN says that a score is undefined on a resample.
        """
        return means

    def aggregate(self, columns: Columns) -> dict[str, float]:
        """The scores over all examples; NaN for one that is undefined. Means are exactly rounded sums over N."""
        import numpy as np

        totals: Any = {
            name: np.float64(math.fsum(column.tolist()) / (1 if self.of_sums else len(column)))
            for name, column in columns.items()
        }
        return {name: float(value) for name, value in self.combine(totals).items()}

    def per_example(self, columns: Columns) -> Columns:
        """The scores of every example on its own, as arrays of one number per example."""
        return self.combine(columns)

    @classmethod
    def missing(cls, **parameters: str) -> str | None:
        """Why it cannot be computed on this machine, and the command that mends it; None if it can.

        Asked by `doctor`: looks only, and neither loads nor fetches anything.
        """
        del parameters
        return None

    def lacking(self) -> str | None:
        """What `missing` says of this metric with its own parameters."""
        return self.missing(**{field.name: getattr(self, field.name) for field in parameters(self)})

    def remarks(self, columns: Columns) -> str:
        """What a reader of these figures must know, such as texts that were cut; empty for nothing."""
        del columns
        return ""

    def is_whole(self, columns: Columns) -> bool:
        """Whether these are one figure for all examples together, so that nothing is known of a part."""
        del columns
        return False

    @cached_property
    def signature(self) -> str:
        """`name|parameter:value|…|v:version`: equal signatures mean comparable figures."""
        parts = [self.name]
        parts += [
            f"{short_name(field)}:{_shown(getattr(self, field.name))}" for field in parameters(self)
        ]
        return "|".join([*parts, *self.identity(), f"v:{self.version}"])

    def identity(self) -> Sequence[str]:
        """More parts of the signature, for what the fields do not say (a model's digest, a tool's version)."""
        return ()


def ratio(part: Any, whole: Any) -> Any:
    """part / whole, and 0 where the whole is 0; for scalars and arrays of one shape alike."""
    import numpy as np

    return np.divide(part, whole, out=np.zeros_like(whole, dtype=float), where=whole != 0)


def parameters(
    metric: Metric[Any, Any] | type[Metric[Any, Any]],
) -> tuple[dataclasses.Field[Any], ...]:
    """The parameters of a metric, in the order of its signature."""
    return dataclasses.fields(metric)


def short_name(field: dataclasses.Field[Any]) -> str:
    """What a parameter is called in the signature."""
    short = field.metadata.get("short", field.name)
    return str(short)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
