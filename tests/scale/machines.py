"""A Dask cluster in the process of a test, for what a real one does only when somebody is unlucky."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import LocalCluster

from tldr_bench.cluster import Cluster


@contextmanager
def in_process(workers: int) -> Iterator[tuple[Cluster, list[str]]]:
    """A scheduler with so many workers, as tldr-bench sees it, and what it said of it.

    When it says that it waits for a worker, one joins.
    """
    said: list[str] = []
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
    ) as machines:

        def say(text: str) -> None:
            said.append(text)
            machines.scale(1)

        with Cluster(machines.scheduler_address, None, say) as cluster:
            yield cluster, said
