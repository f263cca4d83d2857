"""Any metric of the `evaluate` library, from a folder of this machine or from the Hub at a commit."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tldr_bench.data import is_offline
from tldr_bench.errors import NotComputed, shown, unknown
from tldr_bench.files import read_bounded
from tldr_bench.json_text import Unreadable
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.reasons import called, in_words

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

ALLOW = "TLDR_BENCH_RUN_HUB_CODE"
"""Set to 1 by --run-hub-code: only then is code that comes from the Hub run."""
LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Evaluate(Metric[str, References]):
    """A score of a metric of the `evaluate` library, from its code: `evaluate.score`.

    Where the metric gives a list with a value for each example, the score is their mean, with an
    interval. Where it gives one figure for all, that is the score, without one: it is not known for
    some of the examples, and cannot be the task's primary score. True and false are no scores.
    """

    name: ClassVar[str] = "evaluate"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "2"
    title: ClassVar[str] = "A metric of evaluate"
    score_names: ClassVar[tuple[str, ...]] = ("score",)

    path: str = ""
    """A folder with the metric's script, starting with './', '../' or '/'; or its name on the Hub."""
    output: str = ""
    """Which of the metric's results is the score."""
    revision: str = ""
    """For a metric of the Hub: the commit, 40 digits."""
    config: str = ""
    """The metric's configuration, where it has several."""
    references: Literal["all", "first"] = field(default="all", metadata={"short": "refs"})
    """Whether the metric is given every reference of an example as a list, or the first as a text."""
    options: Mapping[str, str] = field(default_factory=dict)
    """More arguments of its `compute`; numbers, true and false are read as JSON."""
    plain: bool = False
    """Whether the score is shown as it is, such as a count, and not times 100. It moves no figure."""

    def __post_init__(self) -> None:
        local = is_local(self.path)
        if not self.path or not self.output:
            raise ValueError("expected 'path' (the metric) and 'output' (which of its results)")
        if local and self.revision:
            raise ValueError("'revision' is for metrics of the Hub; this path is a folder")
        if not local and not re.fullmatch(r"[0-9a-f]{40}", self.revision):
            raise ValueError(
                f"a metric of the Hub needs its 'revision', a commit of 40 digits, got "
                f"{shown(self.revision)}; a folder starts with './', '../' or '/'"
            )

    @property
    def plain_scores(self) -> frozenset[str]:  # type: ignore[override]
        """The score, where the task file says that it is a plain number."""
        return frozenset(self.score_names if self.plain else ())

    # A dataclass with a mapping cannot be hashed by its fields.
    def __hash__(self) -> int:
        return hash((self.path, self.output, self.revision))

    def measure(self, pairs: Sequence[Pair[str, References]]) -> Columns:
        """`value` per example; `whole` is 1 where it is one figure for all of them.

        Raises NotComputed for whatever the metric, its libraries or the network refuse.
        """
        import numpy as np

        value = self._value(pairs)
        whole = not isinstance(value, list)
        values = np.full(len(pairs), value) if whole else np.array(value, float)
        return {"value": values, "whole": np.full(len(pairs), float(whole))}

    def _value(self, pairs: Sequence[Pair[str, References]]) -> float | list[float]:
        if not pairs:
            return []
        found = _compute(self, pairs)
        if self.output not in found:
            raise NotComputed(
                f"{_called(self.path)}: {unknown('output', self.output, map(str, found))}"
            )
        value = found[self.output]
        listed = _builtin(value)
        figures = list(map(_builtin, listed)) if isinstance(listed, list | tuple) else [listed]
        if isinstance(listed, list | tuple) and len(figures) != len(pairs):
            raise NotComputed(
                f"{_called(self.path)}: {self.output} has {len(figures)} values for {len(pairs)} examples"
            )
        if not all(_is_number(figure) for figure in figures):
            raise NotComputed(
                f"{_called(self.path)}: {self.output} is {shown(listed)}, expected finite numbers"
            )
        numbers = [float(figure) for figure in figures]
        return numbers if isinstance(listed, list | tuple) else numbers[0]

    def aggregate(self, columns: Columns) -> dict[str, float]:
        """The mean of the values; of one figure for all, the figure."""
        import math

        values = columns["value"].tolist()
        return {"score": values[0] if columns["whole"][0] else math.fsum(values) / len(values)}

    def combine(self, means: Columns) -> Columns:
        """The mean value; undefined for parts of a set of which only the whole is known."""
        import numpy as np

        return {"score": np.where(means["whole"] > 0, np.nan, means["value"])}

    def is_whole(self, columns: Columns) -> bool:
        """Whether the metric gave one figure instead of a list."""
        return bool(columns["whole"].any())

    @property
    def signature(self) -> str:
        """Path, commit or digest of the code, and what it is called with; no path of this machine."""
        code = _digest(self.path) if is_local(self.path) else self.revision
        options = json.dumps(dict(sorted(self.options.items()))) if self.options else "-"
        parts = {
            "path": Path(self.path).name if is_local(self.path) else self.path,
            "code": code,
            "output": self.output,
            "config": self.config or "-",
            "refs": self.references,
            "options": options,
            "evaluate": version("evaluate"),
            "v": self.version,
        }
        return "|".join([self.name, *(f"{key}:{value}" for key, value in parts.items())])


def is_local(path: str) -> bool:
    """Whether a path is a folder of this machine by the way it is written."""
    return path.startswith(("./", "../", "/"))


def _called(path: str) -> str:
    """The metric in reasons: the Hub's name, or the folder's without where it lies."""
    return f"the metric in {called(Path(path))}" if is_local(path) else f"metric {path}"


def _builtin(value: Any) -> Any:
    """A number or array of NumPy or torch as Python's own; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def _is_number(value: object) -> bool:
    """Whether this can be a score. True and false are answers, not amounts: the metric has to say 1 or 0."""
    import math

    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _digest(path: str) -> str:
    """SHA-256 over the Python files of a folder."""
    digest = hashlib.sha256()
    with contextlib.suppress(Unreadable, OSError):
        for file in sorted(Path(path).glob("*.py")):
            digest.update(file.name.encode() + b"\0" + read_bounded(file, LIMIT))
    return f"sha256-{digest.hexdigest()}"


def _compute(metric: Evaluate, pairs: Sequence[Pair[str, References]]) -> Mapping[str, Any]:
    targets = [
        list(pair.target) if metric.references == "all" else pair.target[0] for pair in pairs
    ]
    options = {name: _plain(value) for name, value in metric.options.items()}
    module = _load(metric.path, metric.revision, metric.config, _digest(metric.path))
    said = [pair.prediction for pair in pairs]
    try:
        with _silent():
            found = module.compute(predictions=said, references=targets, **options)
    except Exception as error:  # noqa: BLE001 - code of others raises whatever it likes
        raise NotComputed(f"{_called(metric.path)} failed: {_said(error)}") from None
    if not isinstance(found, Mapping):
        raise NotComputed(f"{_called(metric.path)} gave {shown(found)}, expected results by name")
    return found


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


@lru_cache(maxsize=8)
def _load(path: str, revision: str, config: str, code: str) -> Any:  # noqa: ARG001 - new code, new load
    if is_local(path):
        if not (Path(path) / f"{Path(path).resolve().name}.py").is_file():
            name = f"{Path(path).resolve().name}.py"
            raise NotComputed(f"{_called(path)}: expected a folder with {name} in it")
    else:
        _may_run(path)
    import evaluate

    try:
        with _silent():
            return evaluate.load(path, config or None, revision=revision or None)
    except Exception as error:  # noqa: BLE001 - the errors of many libraries, and of the script
        raise NotComputed(f"{_called(path)} cannot be loaded: {_said(error)}") from None


def _may_run(path: str) -> None:
    """Code from the Hub is run only when somebody said so where the command was given."""
    if os.environ.get(ALLOW) != "1":
        raise NotComputed(
            f"metric {path} is code from the Hub, which is not run unless asked for: --run-hub-code"
        )
    if Path(path).exists():
        raise NotComputed(
            f"the folder {path} here would be taken for the Hub's metric: write ./{path}"
        )
    if is_offline():
        raise NotComputed(f"metric {path} is on the Hub, and the network is off")


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Code of others does not print among our results."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {in_words(error)}"
