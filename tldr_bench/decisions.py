"""The decisions about every two systems on one score, kept by content: nothing is decided twice."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tldr_bench.scoring import resamples_of, statistics_code
from tldr_bench.store import Store, key_of
from tldr_bench.tally import Tally
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns
    from tldr_bench.stats import Pairs, Samples

    Systems = Sequence[Columns | None]
    """The columns of each system, by one metric; None where it was not computed."""


@dataclass(frozen=True)
class Decider:
    """Takes the decisions of one board, or finds them in the store."""

    task: Task
    store: Store = field(default_factory=Store)
    tally: Tally = field(default_factory=Tally, compare=False)

    def decide(
        self, metric: str, systems: Systems, values: Mapping[str, Sequence[float | None]]
    ) -> dict[str, Pairs]:
        """Score name -> the decisions about it, for scores of one metric and their values by system.

        The metric is resampled once, however many of its scores are not known yet.
        """
        keys = self._keys(metric, systems, values) if self.store.folder else {}
        found = {score: self._kept(keys.get(score), values[score]) for score in values}
        made: dict[str, Pairs] = {score: pairs for score, pairs in found.items() if pairs}
        self.tally.decisions_known += len(made)
        if rest := {score: values[score] for score in values if score not in made}:
            made |= self._decided(metric, systems, rest, keys)
        return made

    def _decided(
        self,
        metric: str,
        systems: Systems,
        values: Mapping[str, Sequence[float | None]],
        keys: Mapping[str, str],
    ) -> dict[str, Pairs]:
        from tldr_bench.stats import EVIDENCE, bootstrap, decide

        made: dict[str, Pairs] = {}
        with self.tally.stage("decide"):
            start = time.perf_counter()
            resamples = resamples_of(self.task)
            how = self.task.metrics[metric]
            samples = bootstrap(systems, how.combine, resamples, of_sums=how.of_sums)
            each = (time.perf_counter() - start) / len(values)
            for score, points in values.items():
                start = time.perf_counter()
                of_score = samples.get(score.partition(".")[2]) or self._nothing(len(points))
                made[score] = pairs = decide(points, of_score)
                if score in keys:
                    columns = {name: getattr(pairs, name) for name in EVIDENCE}
                    self.store.put(keys[score], columns, each + time.perf_counter() - start)
                self.tally.decisions += 1
        return made

    def _nothing(self, systems: int) -> Samples:
        """The resamples of a score that no system has."""
        import numpy as np

        from tldr_bench.stats import Samples

        resamples = resamples_of(self.task)
        nobody = np.full((systems, resamples.count), np.nan)
        return Samples(nobody, resamples.examples, resamples.units)

    def _keys(
        self, metric: str, systems: Systems, values: Mapping[str, Sequence[float | None]]
    ) -> dict[str, str]:
        """Decisions depend on what was measured, on the scores, and on the code that takes them."""
        digest = hashlib.sha256()
        for columns in systems:
            digest.update(json.dumps(None if columns is None else list(columns)).encode())
            for column in (columns or {}).values():
                digest.update(column.astype("<f8").tobytes())
        measured = digest.hexdigest()
        signature = self.task.metrics[metric].signature
        return {
            score: key_of(
                "decisions",
                statistics_code(),
                self.task.version,
                signature,
                score,
                measured,
                [None if point is None else float(point).hex() for point in points],
            )
            for score, points in values.items()
        }

    def _kept(self, key: str | None, points: Sequence[float | None]) -> Pairs | None:
        found = self.store.get(key) if key else None
        if found is None:
            return None
        kept, seconds = found
        from tldr_bench.stats import as_pairs, units_of

        examples, groups = len(self.task.examples), self.task.groups
        try:
            pairs = as_pairs(points, examples, units_of(examples, groups), kept)
        except ValueError:  # the columns of something else
            return None
        self.tally.saved += seconds
        return pairs
