"""meta(task, judgements): how far each score of a task agrees with what people say.

The texts in a file of judgements are scored as they stand, so a new metric can be judged without a
submission. Beside every metric stands the number of words: a metric that agrees with people no
better than a ruler does has not shown that it measures anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tldr_bench.agreement import Estimate, Known, KnownScore
from tldr_bench.analysis.agreements import (
    Agreement,
    BySystem,
    Contest,
    MetaEvaluation,
    PairwiseAccuracy,
    Sample,
)
from tldr_bench.analysis.judged import Judged
from tldr_bench.errors import NotComputed
from tldr_bench.metrics.base import Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tldr_bench.metrics.base import Columns
    from tldr_bench.stats import Pairs

    Floats = NDArray[np.float64]

RESAMPLES = 2_000
"""Of the task's resamples, the first so many: a rank correlation takes a hundred times a mean's time."""
BLOCK = 250
"""Resamples that are worked on together."""
LENGTH = "words"
"""The name of the score that only counts words."""


def evaluate(judged: Judged, metrics: Mapping[str, Metric[Any, Any]]) -> Sample:
    """The agreement of every score of these metrics with the judgements, and of all pairs of scores."""
    scores, not_computed = _scores(judged, metrics)
    study = _Study(judged, {name: column for name, (column, _) in scores.items()})
    counts = Counter(row.system for row in judged.rows)
    return Sample(
        file=judged.file,
        what=judged.what,
        own=judged.own,
        rows=len(judged.rows),
        papers=len(set(judged.papers)),
        systems=dict(sorted(counts.items())),
        repeated=judged.repeated,
        left_out=judged.left_out,
        agreements=[study.agreement(name, signature) for name, (_, signature) in scores.items()],
        contests=list(study.contests()),
        not_computed=not_computed,
    )


def _scores(
    judged: Judged, metrics: Mapping[str, Metric[Any, Any]]
) -> tuple[dict[str, tuple[Floats, str]], dict[str, str]]:
    """Score -> one number per judged TLDR, and its signature; words first."""
    import numpy as np

    words = np.array([len(pair.prediction.split()) for pair in judged.pairs], float)
    found = {LENGTH: (words, "words: parted by white space")}
    not_computed: dict[str, str] = {}
    for name, metric in metrics.items():
        try:
            measured = _measured(judged, metric)
        except NotComputed as reason:
            not_computed[name] = str(reason)
            continue
        if metric.is_whole(measured):
            not_computed[name] = "gives one figure for all TLDRs and none for each"
            continue
        columns = metric.per_example(measured)
        found |= {
            f"{name}.{score}": (columns[score], metric.signature) for score in metric.score_names
        }
    return found, not_computed


def _measured(judged: Judged, metric: Metric[Any, Any]) -> Columns:
    """The columns of all rows, each measured among one system's texts of different papers, as on a board.

    What looks at all outputs together (`describe.near_twin`) would else take another system's text on
    the same paper, or a text that was judged twice, for an output that repeats itself.
    """
    import numpy as np

    columns: dict[str, Floats] = {}
    for places in judged.boards():
        for name, column in metric.measure([judged.pairs[place] for place in places]).items():
            columns.setdefault(name, np.zeros(len(judged.pairs)))[places] = column
    return columns


@dataclass
class _Study:
    """The columns of one sample, and everything resampled once."""

    judged: Judged
    columns: dict[str, Floats]

    def __post_init__(self) -> None:
        import numpy as np

        self.human = np.array([row.score for row in self.judged.rows])
        self.weights = self.judged.weights(RESAMPLES)
        self.once = np.ones((1, len(self.human)))
        self.resampled = {name: self._each(column) for name, column in self.columns.items()}
        self.by_length = {name: self._length(column) for name, column in self.columns.items()}

    def _each(self, column: Floats) -> dict[str, Floats]:
        """The coefficients, first of the data itself and then of every resample."""
        from tldr_bench.analysis import correlations

        kinds = {
            "pearson": correlations.pearson,
            "spearman": correlations.spearman,
            "kendall": correlations.kendall,
        }
        return {name: self._blocks(kind, column, self.human) for name, kind in kinds.items()}

    def _length(self, column: Floats) -> Floats:
        from tldr_bench.analysis.correlations import spearman

        return self._blocks(spearman, column, self.columns[LENGTH])

    def _blocks(self, kind: Any, x: Floats, y: Floats) -> Floats:
        import numpy as np

        parts = [kind(x, y, self.once)]
        for start in range(0, len(self.weights), BLOCK):
            parts.append(kind(x, y, self.weights[start : start + BLOCK].astype(float)))
        return np.concatenate(parts)

    # What is said of one score -------------------------------------------------------------------

    def agreement(self, name: str, signature: str) -> Agreement:
        """One score beside the judgements."""
        figures = self.resampled[name]
        defined = figures["pearson"][0] == figures["pearson"][0]
        return Agreement(
            score=name,
            signature=signature,
            pearson=self._estimate(figures["pearson"]),
            spearman=self._estimate(figures["spearman"]),
            kendall=self._estimate(figures["kendall"]),
            without_length=None if name == LENGTH else self._without_length(name),
            accuracy=self._accuracy(name),
            by_system=self._by_system(name),
            note=None if defined else self._undefined(),
        )

    def _undefined(self) -> str:
        what = "judgement" if len(set(self.human.tolist())) == 1 else "score"
        return f"every TLDR has the same {what}: nothing can agree"

    def _estimate(self, values: Floats) -> Estimate | None:
        """The coefficient with its interval; None where it is undefined."""
        from tldr_bench.stats import Interval, Samples, interval

        point = float(values[0])
        if point != point:
            return None
        papers = len(set(self.judged.papers))
        found = interval(Samples(values[None, 1:], papers, papers))
        if isinstance(found, Interval):
            return Estimate(value=point, low=found.low, high=found.high)
        return Estimate(value=point)

    def _without_length(self, name: str) -> Estimate | None:
        from tldr_bench.analysis.correlations import partial

        own, words = self.resampled[name]["spearman"], self.resampled[LENGTH]["spearman"]
        return self._estimate(partial(own, self.by_length[name], words))

    def _accuracy(self, name: str) -> PairwiseAccuracy | None:
        from tldr_bench.analysis.correlations import accuracy

        found = accuracy(self.columns[name], self.human, self.judged.papers)
        if found is None:
            return None
        return PairwiseAccuracy(
            value=found.value, epsilon=found.epsilon, pairs=found.pairs, ties=found.ties
        )

    def _by_system(self, name: str) -> BySystem | None:
        """Agreement of the systems' means; with two systems every coefficient is 1 or -1."""
        import numpy as np

        from tldr_bench.analysis.correlations import kendall, pearson, spearman

        systems = sorted({row.system for row in self.judged.rows})
        if len(systems) < 3:
            return None
        own = np.array([row.system for row in self.judged.rows])
        score, human = (
            np.array([float(np.mean(column[own == system])) for system in systems])
            for column in (self.columns[name], self.human)
        )
        once = np.ones((1, len(systems)))
        values = [float(kind(score, human, once)[0]) for kind in (pearson, spearman, kendall)]
        shown = [value if value == value else None for value in values]
        return BySystem(systems=len(systems), pearson=shown[0], spearman=shown[1], kendall=shown[2])

    # What is said of two -------------------------------------------------------------------------

    def contests(self) -> Iterator[Contest]:
        """Every two scores, by the one test of `stats` with Holm over all of them."""
        from tldr_bench.stats import Interval

        names = [name for name in self.columns if self._is_defined(name)]
        if len(names) < 2:
            return
        decided = self._decided(names)
        for a, b in combinations(range(len(names)), 2):
            pair = decided.of(a, b)
            bounded = pair.interval if isinstance(pair.interval, Interval) else None
            yield Contest(
                a=names[a],
                b=names[b],
                difference=pair.difference,
                low=bounded.low if bounded else None,
                high=bounded.high if bounded else None,
                p=pair.p,
                p_holm=pair.p_holm,
                significant=pair.significant,
                williams=self._williams(names[a], names[b]),
            )

    def _is_defined(self, name: str) -> bool:
        value = self.resampled[name]["spearman"][0]
        return bool(value == value)

    def _decided(self, names: Sequence[str]) -> Pairs:
        import numpy as np

        from tldr_bench.stats import Samples, decide

        table = np.stack([self.resampled[name]["spearman"] for name in names])
        papers = len(set(self.judged.papers))
        return decide(table[:, 0], Samples(table[:, 1:], papers, papers))

    def _williams(self, a: str, b: str) -> float | None:
        from tldr_bench.analysis.correlations import pearson, williams

        between = float(pearson(self.columns[a], self.columns[b], self.once)[0])
        one, other = (float(self.resampled[name]["pearson"][0]) for name in (a, b))
        return williams(one, other, between, len(self.human))


def known_from(evaluation: MetaEvaluation) -> Known | None:
    """What the first sample says; None where it has no words to compare with."""
    sample = evaluation.samples[0]
    words = next(item for item in sample.agreements if item.score == LENGTH)
    if words.kendall is None:
        return None
    scores = {
        item.score: KnownScore(
            signature=item.signature,
            kendall=item.kendall,
            spearman=item.spearman,
            without_length=item.without_length,
        )
        for item in sample.agreements
        if item.score != LENGTH and item.kendall is not None and item.spearman is not None
    }
    return Known(
        task=evaluation.task,
        file=sample.file,
        what=sample.what,
        rows=sample.rows,
        papers=sample.papers,
        words=words.kendall,
        scores=scores,
    )
