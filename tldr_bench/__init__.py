"""tldr-bench: exact, offline evaluation and an honest leaderboard for one-sentence summaries.

    import tldr_bench as tb

    task = tb.load_task("mini-tldr")                            # Task: examples, metrics, version
    lead = tb.load_submission("submissions/lead")               # Submission: metadata, prediction files
    oracle = tb.load_submission("submissions/oracle")
    scored = [tb.score(task, each) for each in (lead, oracle)]  # Scored: .result.scores, fractions
    board = tb.rank(task, scored)                               # Board: .record.rows, ranks with ranges
    tb.compare(board, "lead", "oracle")                         # Comparison: differences, p, papers
    tb.explain(board, "lead")                                   # Explanation: every ROUGE convention
    pages = tb.render([board])                                  # {file name: content} of the website

Everything that the user can mend is raised as a `TldrBenchError` with the list of `problems`.
"""

from __future__ import annotations

from tldr_bench.version import __version__

TYPE_CHECKING = False  # importing typing for it would cost as much as answering --help

if TYPE_CHECKING:
    from typing import Any

    from tldr_bench.api import compare, explain, load_submission, load_task, rank, render, score
    from tldr_bench.errors import (
        DataError,
        MetricError,
        MissingData,
        NotComputed,
        OutputError,
        Problem,
        SiteError,
        SubmissionError,
        TaskError,
        TldrBenchError,
        UsageError,
    )

__all__ = [
    "DataError",
    "MetricError",
    "MissingData",
    "NotComputed",
    "OutputError",
    "Problem",
    "SiteError",
    "SubmissionError",
    "TaskError",
    "TldrBenchError",
    "UsageError",
    "__version__",
    "compare",
    "explain",
    "load_submission",
    "load_task",
    "rank",
    "render",
    "score",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    # Imported when first used: `import tldr_bench` stays cheap, and so does the command line.
    if name not in __all__:
        raise AttributeError(f"module 'tldr_bench' has no attribute {name!r}")
    import importlib

    home = "errors" if name[0].isupper() else "api"
    return getattr(importlib.import_module(f"tldr_bench.{home}"), name)
