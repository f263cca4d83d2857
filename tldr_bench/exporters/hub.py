"""Results for a model's page on the Hugging Face Hub.

Two forms: `.eval_results/<task>.yaml`, which the Hub shows and ranks, and the older `model-index`, which
goes into the head of README.md. Values are points: 100 × score (counts as they are), four decimals.
"""

from __future__ import annotations

from typing import Any

from tldr_bench.errors import UsageError
from tldr_bench.exporters.formats import Files, Options, the_system
from tldr_bench.leaderboard import Board
from tldr_bench.result import Score


def results(board: Board, options: Options) -> Files:
    """One system's results in both forms. `.eval_results` needs the data set's name on the Hub."""
    place = the_system(board, options)
    dataset = options.dataset or board.task.spec.data.hub
    files: Files = {"model-index.yaml": _yaml(_model_index(board, place, dataset))}
    if dataset:
        entry = _entry(board, place, dataset, options)
        files[f".eval_results/{board.task.id}.yaml"] = _yaml([entry])
    return files


def _entry(board: Board, place: int, dataset: str, options: Options) -> dict[str, Any]:
    row = board.record.rows[place]
    primary = board.task.spec.primary
    if primary not in row.scores:
        raise UsageError(f"{row.system} has no {primary}: there is nothing to publish")
    data = board.task.spec.data
    about: dict[str, Any] = {"id": dataset, "task_id": board.task.id}
    if data.hub == dataset and data.revision:
        about["revision"] = data.revision
    signature = board.record.signatures[primary.partition(".")[0]]
    entry: dict[str, Any] = {
        "dataset": about,
        "value": _points(board, primary, row.scores[primary]),
    }
    if options.url:
        entry["source"] = {"url": options.url, "name": "tldr-bench"}
    entry["notes"] = f"{primary}, points; {signature}"
    return entry


def _model_index(board: Board, place: int, dataset: str | None) -> dict[str, Any]:
    row = board.record.rows[place]
    data = board.task.spec.data
    about = {"name": board.task.spec.name, "type": dataset or board.task.id}
    if data.split:
        about["split"] = data.split
    metrics = [
        {
            "type": _type(name),
            "name": name,
            "value": _points(board, name, score),
            "args": {"signature": board.record.signatures[name.partition(".")[0]]},
        }
        for name, score in row.scores.items()
        if board.direction(name) != "none"
    ]
    kind = {"summary": "summarization", "labels": "text-classification", "ranking": "text-ranking"}
    result = {"task": {"type": kind[board.task.kind]}, "dataset": about, "metrics": metrics}
    return {"model-index": [{"name": row.name, "results": [result]}]}


_TYPES = {
    "rouge155": "rouge",
    "labels.precision": "precision",
    "labels.recall": "recall",
    "labels.f1": "f1",
    "labels.macro_f1": "f1",
    "labels.exact_match": "exact_match",
}
"""What the Hub calls a metric, or one of its scores, where it is not our metric's name."""


def _type(score: str) -> str:
    metric = score.partition(".")[0]
    return _TYPES.get(score) or _TYPES.get(metric, metric)


def _points(board: Board, name: str, score: Score) -> float:
    return round(board.factor(name) * score.value, 4)


def _yaml(value: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    return text


def push(files: Files, repository: str) -> list[str]:
    """Upload `.eval_results` to a model's repository on the Hub; returns what was uploaded.

    Uses the login of `huggingface_hub`. Called by an explicit --push only.
    """
    from huggingface_hub import upload_file

    chosen = [name for name in files if name.startswith(".eval_results/")]
    if not chosen:
        raise UsageError(
            "name the data set on the Hub with --dataset: without it nothing is pushed"
        )
    for name in chosen:
        content = files[name]
        upload_file(
            path_or_fileobj=content.encode() if isinstance(content, str) else content,
            path_in_repo=name,
            repo_id=repository,
            commit_message=f"Results of tldr-bench: {name}",
        )
    return chosen
