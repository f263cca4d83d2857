"""Results that the store knows whole: a file that was scored before is only read to see that it is the same.

A result depends on the file's bytes, the task, its metrics and the code. Kept under all of these,
it spares a large board the columns and intervals of every system that did not change. What could
not be computed may be computable now, so that a result that lacks something is never kept.
"""

from __future__ import annotations

from tldr_bench.result import Result
from tldr_bench.scoring import statistics_code
from tldr_bench.store import Store, key_of
from tldr_bench.submission import Submission
from tldr_bench.task import Task


def result_key(task: Task, submission: Submission, file: str) -> str:
    """Under which key a submission's result is kept; `file` is the key of what its file says."""
    # With their names: a metric that is called otherwise has its scores under other names.
    metrics = [[name, metric.signature] for name, metric in task.metrics.items()]
    rules = [task.id, task.spec.primary, metrics]
    return key_of("result", statistics_code(), file, submission.system, rules)


def known_result(key: str, store: Store) -> tuple[Result, float] | None:
    """The result under a key, and the seconds that it took; None when there is none to be trusted."""
    found = store.find(key)
    try:
        return None if found is None else (Result.again(found.body.decode()), found.seconds)
    except (ValueError, TypeError, KeyError):
        return None


def keep_result(key: str, result: Result, seconds: float, store: Store) -> None:
    """Keep a result, unless it lacks something."""
    if not result.not_computed:
        store.keep(key, result.to_json().encode(), seconds)
