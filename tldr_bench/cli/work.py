"""The work of `score` and `run`: who does it, what is kept when it is stopped, what is said of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tldr_bench.cli import interrupts
from tldr_bench.cli.common import log, log_as, logging, note
from tldr_bench.errors import OutputError, Problem, UsageError, counted
from tldr_bench.tally import Tally

if TYPE_CHECKING:
    from tldr_bench.result import Scored
    from tldr_bench.store import Store
    from tldr_bench.workers import Workers
    from tldr_bench.workspace import Workspace

STOPPED = 128 + signal.SIGTERM
"""The exit status of a program that was told to stop."""


@dataclass
class Work:
    """One run's workers and store, and what it did so far."""

    workers: Workers
    store: Store
    tally: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    """Results that could not be written."""
    written: int = 0
    """Results so far."""
    changed: list[tuple[str, str]] = field(default_factory=list)
    """Task and system of the results that are new: these are looked at for what seems wrong."""

    def keep(self, workspace: Workspace, scored: Scored) -> None:
        """Write a result as soon as it is there; what cannot be written does not stop the others."""
        from tldr_bench.writing import remove_abandoned

        with self.tally.stage("write results"):
            try:
                changed = workspace.write_result(scored.result)
            except OutputError as error:
                self.problems.extend(error.problems)
                return
            path = workspace.result_path(scored.result.system, scored.result.task)
            remove_abandoned(path.parent)
            if changed:
                self.changed.append((scored.result.task, scored.result.system))
        self._show()
        log("scored", task=scored.result.task, system=scored.result.system, changed=changed)

    def _show(self) -> None:
        """Count for somebody who is watching."""
        self.written += 1
        if sys.stderr.isatty() and not logging() and not os.environ.get("CI"):
            print(f"\r{self.written} scored\x1b[K", end="", file=sys.stderr, flush=True)

    def hide(self) -> None:
        """Take the count away, so that what is said next stands alone."""
        if self.written and sys.stderr.isatty() and not logging() and not os.environ.get("CI"):
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def working(
    jobs: int | None,
    cluster: str | None,
    form: Literal["text", "json"] = "text",
    profile: bool = False,
) -> Iterator[Work]:
    """Workers as the command line asks for them; says at the end what was done and what was reused."""
    from tldr_bench.execute import default_store
    from tldr_bench.store import size_limit

    log_as(form)
    size_limit()  # a mistake in it is told before the work, not after it
    start = time.perf_counter()
    with stopping(), _workers(jobs, cluster) as workers:
        work = Work(workers, default_store())
        yield work
    _say_of_store(work)
    _say(work, time.perf_counter() - start, profile)


@contextmanager
def _workers(jobs: int | None, cluster: str | None) -> Iterator[Workers]:
    from tldr_bench.workers import Processes, cores

    if cluster is None:
        with Processes(jobs or cores()) as processes:
            yield processes
        return
    try:
        from tldr_bench.cluster import Cluster
    except ImportError as error:
        message = f"{error}; pip install 'tldr-bench[cluster]'"
        raise UsageError([Problem("--cluster", None, message)]) from None
    with Cluster(cluster, jobs, note) as machines:
        yield machines


@contextmanager
def stopping() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: in order, and what is done is kept."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        interrupts.hold_back()
        sys.exit(STOPPED)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except SystemExit as ended:
        if ended.code == STOPPED:
            note("stopped; what was done is kept")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _say_of_store(work: Work) -> None:
    """Say why measurements were not kept; otherwise the command looks for room at its end."""
    if work.store.refused:
        note(f"measurements are not kept: {work.store.refused[0]}")
    elif work.tally.computed:
        work.store.added()


def _say(work: Work, seconds: float, profile: bool) -> None:
    tally = work.tally
    if logging():
        log("done", seconds=round(seconds, 3), **_figures(tally))
        return
    share = 100 * tally.reused / max(1, tally.computed + tally.reused)
    text = f"made {tally.computed:,} measurements and reused {tally.reused:,} ({share:.1f} %)"
    if tally.saved >= 0.1:
        text += f", which saved {tally.saved:,.1f} s"
    text += f"; read {tally.files_read} of {counted(tally.files_read + tally.files_known, 'file')}"
    if decisions := tally.decisions + tally.decisions_known:
        text += f"; compared all systems on {tally.decisions} of {decisions} scores"
    note(text)
    if profile:
        note(_profile(tally, seconds))


def _figures(tally: Tally) -> dict[str, Any]:
    import dataclasses

    figures = dataclasses.asdict(tally)
    stages = {name: round(spent, 3) for name, spent in sorted(figures.pop("seconds").items())}
    return {**figures, "saved": round(tally.saved, 3), "stages": stages}


def _profile(tally: Tally, seconds: float) -> str:
    from tldr_bench.tables import text_table

    stages = sorted(tally.seconds.items(), key=lambda item: -item[1])
    rows = [[name, f"{spent:.3f}"] for name, spent in [*stages, ("in all, by the clock", seconds)]]
    return text_table(["stage", "seconds"], rows, right=[False, True])
