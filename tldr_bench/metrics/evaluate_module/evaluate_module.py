"""tldr-bench's metrics as a module of the `evaluate` library.

    import evaluate
    from tldr_bench.metrics import EVALUATE_MODULE

    rouge = evaluate.load(str(EVALUATE_MODULE), "rouge155")
    rouge.compute(predictions=["A cat."], references=[["The cat.", "A dog."]])
    {'rouge1': 0.5, …, 'signature': 'rouge155|refs:best-rouge1|…'}

The configuration names the metric; parameters are given to `compute`. `sources` (a list of sentences
for each prediction) is for metrics that look at them, such as `describe`.
"""

# mypy: disable-error-code="misc, no-untyped-def, no-untyped-call, type-arg"

import datasets
import evaluate

from tldr_bench.errors import MetricError, Report
from tldr_bench.kinds import Pair
from tldr_bench.metrics import build


class TldrBench(evaluate.Metric):
    """One metric of tldr-bench for summaries."""

    def _info(self):
        text = datasets.Value("string")
        several = {"predictions": text, "references": datasets.Sequence(text)}
        return evaluate.MetricInfo(
            description=__doc__,
            citation="",
            inputs_description="predictions: texts; references: a list of texts, or a text, for each.",
            features=[
                datasets.Features(several),
                datasets.Features({"predictions": text, "references": text}),
            ],
        )

    def _compute(self, predictions, references, sources=None, **parameters):
        name = "rouge155" if self.config_name == "default" else self.config_name
        report = Report()
        metric = build(name, parameters, "evaluate", name, report)
        report.raise_as(MetricError)
        if metric is None or metric.kind != "summary":
            raise MetricError(
                f"{name} does not measure summaries, and only these can be given here"
            )
        sources = sources or [()] * len(predictions)
        pairs = [
            Pair(str(number), said, _texts(targets), tuple(source))
            for number, (said, targets, source) in enumerate(
                zip(predictions, references, sources, strict=True)
            )
        ]
        return {**metric.aggregate(metric.measure(pairs)), "signature": metric.signature}


def _texts(targets):
    return (targets,) if isinstance(targets, str) else tuple(targets)
