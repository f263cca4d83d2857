"""Receipts: in a few digests, what a result was made from, so that anybody can check it later, or elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tldr_bench.errors import DataError, Problem, SubmissionError, path_name
from tldr_bench.files import file_sha256, sha256
from tldr_bench.json_text import Unreadable
from tldr_bench.records import Field, Record, read_json_record
from tldr_bench.result import Result
from tldr_bench.submission import Submission
from tldr_bench.task import Task


class Receipt(Record):
    """What a result was made from, and what came out."""

    system: str
    task: str
    data: str
    """The task's version: SHA-256 over its kind and examples."""
    predictions: str
    """SHA-256 of the predictions' content, whatever the order of the rows."""
    file: str
    """SHA-256 of the prediction file as it lies on the disk."""
    signatures: dict[str, str]
    scores: dict[str, float]
    digest: str
    """SHA-256 of all of the above as one line of JSON with sorted keys."""


class Receipts(Record):
    """What `verify --receipts` writes."""

    format: Literal["tldr-bench/receipts/1"] = Field(
        default="tldr-bench/receipts/1", alias="schema"
    )
    receipts: list[Receipt]


def receipt_of(task: Task, submission: Submission, result: Result) -> Receipt:
    """What this result was made from. Raises SubmissionError when the file cannot be read any more."""
    plain: dict[str, Any] = {
        "system": result.system,
        "task": result.task,
        "data": result.task_version,
        "predictions": result.predictions,
        "file": f"sha256:{_digest_of(submission.files[task.id])}",
        "signatures": result.signatures,
        "scores": {name: item.value for name, item in result.scores.items()},
    }
    return Receipt(**plain, digest=_digest(plain))


def _digest_of(path: Path) -> str:
    try:
        return file_sha256(path)
    except Unreadable as error:
        raise SubmissionError([Problem(path_name(path), None, str(error))]) from None


def _digest(plain: Mapping[str, Any]) -> str:
    return sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode())


def read_receipts(path: Path) -> Receipts:
    """A file of receipts. Raises DataError when it is none, or when one does not fit its digest."""
    found = read_json_record(Receipts, path)
    for receipt in found.receipts:
        plain = receipt.model_dump(exclude={"digest"})
        if _digest(plain) != receipt.digest:
            message = f"the receipt of {receipt.system} on {receipt.task} does not fit its digest"
            raise DataError([Problem(path_name(path), None, message)])
    return found


def compared(today: Sequence[Receipt], known: Receipts, where: str) -> list[Problem]:
    """Where today's receipts are not those of an earlier check, each figure and digest by name."""
    by_name = {(item.system, item.task): item for item in today}
    problems = []
    for earlier in known.receipts:
        now = by_name.get((earlier.system, earlier.task))
        about = f"{earlier.system} on {earlier.task}"
        if now is None:
            problems.append(Problem(where, None, f"{about}: was not computed in this check"))
        elif now.digest != earlier.digest:
            problems += [
                Problem(where, None, f"{about}: {name}: was {old}, is {new}")
                for name, old, new in _differences(earlier, now)
            ]
    return problems


def _differences(earlier: Receipt, now: Receipt) -> Iterator[tuple[str, Any, Any]]:
    for name in ("data", "predictions", "file"):
        if getattr(earlier, name) != getattr(now, name):
            yield name, getattr(earlier, name), getattr(now, name)
    for part in ("signatures", "scores"):
        old, new = getattr(earlier, part), getattr(now, part)
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield name, old.get(name, "nothing"), new.get(name, "nothing")
