"""tldr-bench: exact, offline evaluation and an honest leaderboard for one-sentence summaries.

    import tldr_bench as tb

    task = tb.load_task("mini-tldr")                        # Task: examples, metrics, version
    submission = tb.load_submission("submissions/lead")     # Submission: metadata, prediction files
    scored = tb.score(task, submission)                     # Scored: .result.scores, fractions
    board = tb.rank(task, [scored])                         # Board: .record.rows, ranks with ranges
    tb.compare(board, "lead", "oracle")                     # Comparison: differences, p, papers
    tb.explain(board, "lead")                               # Explanation: every ROUGE convention
    pages = tb.render([board])                              # {file name: content} of the website

Everything that the user can mend is raised as a `TldrBenchError` with the list of `problems`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tldr_bench.errors import (
    DataError,
    MetricError,
    NotComputed,
    Problem,
    SubmissionError,
    TaskError,
    TldrBenchError,
)
from tldr_bench.version import __version__

if TYPE_CHECKING:
    from tldr_bench.api import compare, explain, load_submission, load_task, rank, render, score


_LAZY = ("load_task", "load_submission", "score", "rank", "compare", "explain", "render")

__all__ = [
    "DataError",
    "MetricError",
    "NotComputed",
    "Problem",
    "SubmissionError",
    "TaskError",
    "TldrBenchError",
    "__version__",
    "compare",
    "explain",
    "load_submission",
    "load_task",
    "rank",
    "render",
    "score",
]


def __getattr__(name: str) -> Any:
    # Imported when first used: `import tldr_bench` stays cheap, and so does the command line.
    if name in _LAZY:
        from tldr_bench import api

        return getattr(api, name)
    raise AttributeError(f"module 'tldr_bench' has no attribute {name!r}")
