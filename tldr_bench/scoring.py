"""score(task, submission): align, measure, aggregate, and say how sure the figures are."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_bench.align import align
from tldr_bench.errors import NotComputed
from tldr_bench.measuring import code_digest, measured, read_as
from tldr_bench.metrics.base import Metric
from tldr_bench.questions import Answer
from tldr_bench.result import RESULT, Measurement, Result, Score, Scored
from tldr_bench.store import Store, key_of
from tldr_bench.submission import Submission
from tldr_bench.tally import Tally
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns
    from tldr_bench.stats import Resamples, Samples

SYSTEMS_AT_ONCE = 64
"""Systems whose intervals are computed together: 80 KB each for a score."""


def score(task: Task, submission: Submission, store: Store | None = None) -> Scored:
    """Every score of a submission on a task, with intervals and the measurements behind them.

    Values are fractions. Raises SubmissionError with every problem when the predictions do not fit
    the task; a metric that cannot be computed here is named in `not_computed`, and the rest scored.
    """
    store = store or Store()
    aligned = align(task, submission)
    answer = Answer(read_as(aligned))
    for name, metric in task.metrics.items():
        try:
            answer.columns[name] = measured(
                task, aligned, answer.reading, metric, store, answer.tally
            )
        except NotComputed as reason:
            answer.not_computed[name] = str(reason)
    (scored,) = score_answers(task, [(submission, answer)], store, answer.tally)
    return scored


def score_answers(
    task: Task, answers: Sequence[tuple[Submission, Answer]], store: Store, tally: Tally
) -> list[Scored]:
    """The results of several systems on a task; their intervals are computed together."""
    answers = [(submission, _rankable(task, answer)) for submission, answer in answers]
    measurements = [_measurements(task, answer) for _, answer in answers]
    scores: list[dict[str, Score]] = [{} for _ in answers]
    for name, metric in task.metrics.items():
        having = [number for number, found in enumerate(measurements) if name in found]
        given = _with_intervals(
            task,
            metric,
            [measurements[number][name] for number in having],
            [_interval_key(task, metric, answers[number][1]) for number in having],
            store,
            tally,
        )
        for number, found in zip(having, given, strict=True):
            scores[number] |= {f"{name}.{score}": value for score, value in found.items()}
    return [
        _scored(task, submission, answer, measured, values)
        for (submission, answer), measured, values in zip(
            answers, measurements, scores, strict=True
        )
    ]


def _rankable(task: Task, answer: Answer) -> Answer:
    """The answer; but a board is not ranked by one figure for all examples: nothing tests differences."""
    name, _, score = task.spec.primary.partition(".")
    columns = answer.columns.get(name)
    if columns is None or not task.metrics[name].is_whole(columns):
        return answer
    rest = {key: item for key, item in answer.columns.items() if key != name}
    reason = (
        f"{name} gives one figure for all examples and none for each, which ranks nobody; "
        f"choose another 'primary' than {name}.{score}"
    )
    return replace(answer, columns=rest, not_computed={**answer.not_computed, name: reason})


def _measurements(task: Task, answer: Answer) -> dict[str, Measurement]:
    """In the order of the task's metrics, whoever answered first."""
    return {
        name: Measurement(metric, answer.columns[name])
        for name, metric in task.metrics.items()
        if name in answer.columns
    }


def _scored(
    task: Task,
    submission: Submission,
    answer: Answer,
    measurements: Mapping[str, Measurement],
    scores: dict[str, Score],
) -> Scored:
    result = Result.trusted(
        format=RESULT,
        task=task.id,
        task_version=task.version,
        system=submission.system,
        predictions=answer.reading.digest,
        examples=len(task.examples),
        scores=scores,
        signatures={name: item.metric.signature for name, item in measurements.items()},
        not_computed=answer.not_computed,
        notes={
            name: said
            for name, item in measurements.items()
            if (said := item.metric.remarks(item.columns))
        },
    )
    return Scored(submission, result, measurements)


# Values and intervals --------------------------------------------------------------------------


def _with_intervals(
    task: Task,
    metric: Metric[Any, Any],
    measurements: Sequence[Measurement],
    keys: Sequence[str],
    store: Store,
    tally: Tally,
) -> list[dict[str, Score]]:
    """Each system's scores by one metric; those that the store lacks are computed and kept."""
    figures = [_kept_figures(store, key, tally) for key in keys]
    missing = [number for number, found in enumerate(figures) if found is None]
    for start in range(0, len(missing), SYSTEMS_AT_ONCE):
        places = missing[start : start + SYSTEMS_AT_ONCE]
        with tally.stage("intervals"):
            began = time.perf_counter()
            resamples = resamples_of(task)
            made = _figures(metric, [measurements[place] for place in places], resamples)
            each = (time.perf_counter() - began) / len(places)
        for place, columns in zip(places, made, strict=True):
            figures[place] = columns
            store.put(keys[place], columns, each)
            tally.intervals += len(columns)
    return [{name: _score(*row) for name, row in _defined(found or {})} for found in figures]


def _figures(
    metric: Metric[Any, Any], systems: Sequence[Measurement], resamples: Resamples
) -> list[Columns]:
    """For each system: score name -> value, lower and upper bound; NaN where there is no interval."""
    from tldr_bench.stats import bootstrap

    columns = [item.columns for item in systems]
    samples = bootstrap(columns, metric.combine, resamples, of_sums=metric.of_sums)
    return [
        {name: _with_bounds(value, samples[name], number) for name, value in item.point.items()}
        for number, item in enumerate(systems)
    ]


def _with_bounds(value: float, samples: Samples, system: int) -> Any:
    import numpy as np

    from tldr_bench.stats import Interval, interval

    found = interval(samples, system)
    bounds = [found.low, found.high] if isinstance(found, Interval) else [np.nan, np.nan]
    return np.array([value, *bounds])


def _kept_figures(store: Store, key: str, tally: Tally) -> Columns | None:
    columns, seconds = store.get(key) or (None, 0.0)
    tally.saved += seconds
    return columns


def _defined(columns: Columns) -> Iterator[tuple[str, list[float]]]:
    """Each score with its bounds; one that is undefined is left out, and is not 0."""
    for name, column in columns.items():
        if not math.isnan(column[0]):
            yield name, column.tolist()


def _score(value: float, low: float, high: float) -> Score:
    if math.isnan(low):
        return Score.trusted(value=value, low=None, high=None)
    return Score.trusted(value=value, low=low, high=high)


def _interval_key(task: Task, metric: Metric[Any, Any], answer: Answer) -> str:
    """Intervals depend on the measurement, on the resamples, and on the code that makes them."""
    reading = [answer.reading.digest, *answer.reading.blocks]
    return key_of("figures", statistics_code(), task.version, metric.signature, reading)


@cache
def statistics_code() -> str:
    """A digest of the code that makes scores, intervals and decisions from measurements."""
    package = Path(__file__).parent
    return key_of(code_digest(package / "stats"), code_digest(package / "metrics"))


def resamples_of(task: Task) -> Resamples:
    """The resamples of a task: the same for all its systems and scores, which makes them paired."""
    return _drawn(len(task.examples), task.version, task.groups)


@lru_cache(maxsize=4)
def _drawn(examples: int, task_version: str, groups: tuple[int, ...] | None) -> Resamples:
    from tldr_bench.stats import draw

    return draw(examples, task_version, groups)
