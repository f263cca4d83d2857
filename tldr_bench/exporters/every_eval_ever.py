"""Every Eval Ever, schema 0.3: a record for each system, as the shared data store of evaluations takes it.

`data/<task>/<developer>/<model>/<uuid>.json`; the name is a UUID made from the record, so that equal
records have equal names.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import Any

from tldr_bench.exporters.formats import Files, Options, systems
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board
from tldr_bench.result import Score, Scored
from tldr_bench.submission import SubmissionFile
from tldr_bench.version import __version__

SCHEMA_VERSION = "0.3.0"
FRACTIONS = ("rouge", "rouge155", "labels", "ranking")
"""Metrics whose scores lie between 0 and 1; of others the bounds are not known."""
RESAMPLES = 10_000


def records(board: Board, options: Options) -> Files:
    """One record for each system; scores without a direction, which rank nothing, are left out."""
    files: Files = {}
    for place in systems(board, options):
        record = _record(board, board.scored[place], options)
        digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
        name = uuid.UUID(bytes=digest[:16], version=4)
        developer, model = record["model_info"]["id"].split("/")
        files[f"data/{board.task.id}/{developer}/{model}/{name}.json"] = canonical_json(record)
    return files


def _record(board: Board, scored: Scored, options: Options) -> dict[str, Any]:
    model = _model(scored.submission.system, scored.submission.spec)
    stamp = str(options.timestamp)
    source = {
        "source_name": f"tldr-bench: {board.task.spec.name}",
        "source_type": "evaluation_run",
        "source_organization_name": options.organization or "unknown",
        "evaluator_relationship": "third_party",
        "additional_details": {"predictions": scored.result.predictions},
    }
    if options.url:
        source["source_organization_url"] = options.url
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{board.task.id}/{model['id']}/{stamp}",
        "retrieved_timestamp": stamp,
        "source_metadata": source,
        "eval_library": {"name": "tldr-bench", "version": __version__},
        "model_info": model,
        "evaluation_results": [
            _result(board, name, score)
            for name, score in scored.result.scores.items()
            if board.direction(name) != "none"
        ],
    }


def _model(system: str, spec: SubmissionFile) -> dict[str, Any]:
    named = re.fullmatch(r"([\w.-]+)/([\w.-]+)", spec.model_id or "", re.ASCII)
    developer = named.group(1) if named else _slug(spec.organization) or "independent"
    weights = {True: "open_weights", False: "closed_weights", None: "unknown"}[spec.open_weights]
    told = {
        "submission": system,
        "type": spec.type,
        "input": spec.input,
        "trained_on": spec.trained_on,
        "revision": spec.model_revision,
        "paper": spec.paper_url,
        "code": spec.code_url,
    }
    return {
        "name": spec.name,
        "id": spec.model_id if named else f"{developer}/{system}",
        "developer": developer,
        "additional_details": {
            "deployment_type": "unknown",
            "model_availability": weights,
            **{name: value for name, value in told.items() if value},
        },
    }


def _slug(text: str | None) -> str:
    """A name that may be a folder: `Allen Institute` -> `allen-institute`."""
    return re.sub(r"[^a-z0-9]+", "-", (text or "").lower()).strip("-")[:60]


def _result(board: Board, name: str, score: Score) -> dict[str, Any]:
    metric = name.partition(".")[0]
    bounds = (0, 1) if metric in FRACTIONS else ("-Infinity", "Infinity")
    return {
        "evaluation_result_id": f"{board.task.id}/{name}",
        "evaluation_name": board.task.spec.name,
        "source_data": _source_data(board),
        "metric_config": {
            "evaluation_description": board.task.spec.description,
            "metric_id": name,
            "metric_name": name,
            "metric_unit": "proportion" if metric in FRACTIONS else "unknown",
            "lower_is_better": board.direction(name) == "lower",
            "score_type": "continuous",
            "min_score": bounds[0],
            "max_score": bounds[1],
            "additional_details": {"signature": board.record.signatures[metric]},
        },
        "score_details": {"score": score.value, "uncertainty": _uncertainty(board, score)},
    }


def _uncertainty(board: Board, score: Score) -> dict[str, Any]:
    known: dict[str, Any] = {"num_samples": len(board.task.examples)}
    if score.low is not None and score.high is not None:
        known["num_bootstrap_samples"] = RESAMPLES
        known["confidence_interval"] = {
            "lower": score.low,
            "upper": score.high,
            "confidence_level": 0.95,
            "method": f"percentile {'cluster ' if board.task.groups else ''}bootstrap",
        }
    return known


def _source_data(board: Board) -> dict[str, Any]:
    data = board.task.spec.data
    common = {
        "dataset_name": board.task.id,
        "additional_details": {"examples": board.task.version},
    }
    if data.hub:
        hub = {"source_type": "hf_dataset", "hf_repo": data.hub, "hf_split": data.split}
        return {**common, **hub, "samples_number": len(board.task.examples)}
    if data.url:
        return {**common, "source_type": "url", "url": [data.url]}
    return {**common, "source_type": "other"}
