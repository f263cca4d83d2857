"""The metrics: one explicit table. Each module is imported when its metric is asked for."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.metadata
import inspect
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tldr_bench.errors import MetricError, Report, shown, unknown
from tldr_bench.metrics.base import Metric
from tldr_bench.metrics.reasons import in_words

TABLE: Mapping[str, str] = {
    "rouge155": "tldr_bench.metrics.rouge155:Rouge155",
    "rouge": "tldr_bench.metrics.rouge:Rouge",
    "bertscore": "tldr_bench.metrics.bertscore:BertScore",
    "describe": "tldr_bench.metrics.describe:Describe",
    "bleu": "tldr_bench.metrics.sacrebleu_metrics:Bleu",
    "chrf": "tldr_bench.metrics.sacrebleu_metrics:Chrf",
    "meteor": "tldr_bench.metrics.meteor:Meteor",
    "evaluate": "tldr_bench.metrics.external:Evaluate",
    "labels": "tldr_bench.metrics.labels:Labels",
    "selection": "tldr_bench.metrics.selection:Selection",
    "specificity": "tldr_bench.metrics.specificity:Specificity",
    "ranking": "tldr_bench.metrics.ranking:Ranking",
}
"""Metric name -> module:class. A new metric is a module and one line here."""

ENTRY_POINTS = "tldr_bench.metrics"
"""The entry-point group by which other packages add metrics."""


def known_metrics() -> dict[str, str]:
    """Every metric by name: those of the table, then those of other packages (which cannot replace one)."""
    found = {
        point.name: point.value for point in importlib.metadata.entry_points(group=ENTRY_POINTS)
    }
    return {**found, **TABLE}


def metric_class(name: str) -> type[Metric[Any, Any]]:
    """The class of a metric. Raises MetricError for an unknown name."""
    known = TABLE if name in TABLE else known_metrics()
    if name not in known:
        raise MetricError(unknown("metric", name, known))
    module, _, attribute = known[name].partition(":")
    found = _imported(module, attribute) if name in TABLE else _brought(name, module, attribute)
    if not (inspect.isclass(found) and issubclass(found, Metric)):
        raise MetricError(f"{known[name]} is not a Metric")
    return found


def _imported(module: str, attribute: str) -> Any:
    return functools.reduce(getattr, attribute.split("."), importlib.import_module(module))


def _brought(name: str, module: str, attribute: str) -> Any:
    """The class of another package's entry point. Raises MetricError where it cannot be had."""
    points = importlib.metadata.entry_points(group=ENTRY_POINTS, name=name)
    package = next((point.dist.name for point in points if point.dist), "a package")
    try:
        return _imported(module, attribute)
    except Exception as error:  # noqa: BLE001 - a package of others may fail in any way
        raise MetricError(
            f"metric {shown(name)} comes from {package} (entry point {name} = {module}:{attribute}), "
            f"which cannot be imported: {type(error).__name__}: {in_words(error)}"
        ) from None


def build(
    name: str, parameters: Mapping[str, Any], where: str, field: str, report: Report
) -> Metric[Any, Any] | None:
    """The metric with these parameters (text as in YAML, or values); problems go to the report.

    A parameter called `metric` names the metric, when the scores are to go by another `name`: so a
    task can have one metric twice.
    """
    parameters = dict(parameters)
    try:
        kind = metric_class(str(parameters.pop("metric", name)))
    except MetricError as error:
        report.add(where, str(error), field=field)
        return None
    names = [item.name for item in dataclasses.fields(kind)]
    for key in [key for key in parameters if key not in names]:
        report.add(where, unknown(f"parameter of {kind.name}", key, names), field=field)
        del parameters[key]
    return _validated(kind, parameters, where, field, report)


def _validated(
    kind: type[Metric[Any, Any]],
    parameters: Mapping[str, Any],
    where: str,
    field: str,
    report: Report,
) -> Metric[Any, Any] | None:
    from tldr_bench.checked import Found, check

    found: list[Found] = []
    hints = typing.get_type_hints(kind)
    values = {name: check(hints[name], value, (name,), found) for name, value in parameters.items()}
    required = [item.name for item in dataclasses.fields(kind) if _is_required(item)]
    found += [Found((name,), "is missing") for name in required if name not in parameters]
    for item in found:
        report.add(where, item.in_words(), field=".".join([field, *map(str, item.at[:1])]))
    if found:
        return None
    try:
        return kind(**values)
    except ValueError as problem:  # about several parameters together
        report.add(where, str(problem), field=field)
        return None


def _is_required(parameter: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return parameter.default is missing and parameter.default_factory is missing


EVALUATE_MODULE = Path(__file__).parent / "evaluate_module"
"""The folder that gives our metrics to the `evaluate` library: `evaluate.load(str(EVALUATE_MODULE), "rouge155")`."""


def available() -> list[tuple[str, str | None]]:
    """Every metric, and why it cannot be computed here with the command that mends it; None where it can.

    BERTScore is listed once for each model that is known by name. Nothing is loaded or fetched.
    """
    from tldr_bench.metrics.models import MODELS

    found = [(name, _missing(name, {})) for name in sorted(known_metrics()) if name != "bertscore"]
    models = [(f"bertscore ({model})", _missing("bertscore", {"model": model})) for model in MODELS]
    return [*found, *models]


def _missing(name: str, parameters: Mapping[str, Any]) -> str | None:
    try:
        kind = metric_class(name)
        return kind.missing(**parameters)
    except MetricError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a package of others may fail in any way
        return f"{type(error).__name__}: {error}"
