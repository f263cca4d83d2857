"""What a run did: how much was measured, how much was known already, and where the time went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields


@dataclass
class Tally:
    """Counts of measurements (one metric on one example) and seconds by stage."""

    computed: int = 0
    """Measurements made in this run."""
    reused: int = 0
    """Measurements that the store held."""
    saved: float = 0.0
    """Seconds that the reused measurements, intervals and decisions took when they were made."""
    intervals: int = 0
    """Scores whose interval was computed in this run."""
    decisions: int = 0
    """Scores on which every two systems were compared in this run."""
    decisions_known: int = 0
    """Scores whose comparisons the store held."""
    files_read: int = 0
    """Prediction files that were read and checked."""
    files_known: int = 0
    """Prediction files that the store knew, byte for byte."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Stage -> seconds; those of several processes added up."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside towards a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.spend(name, time.perf_counter() - start)

    def spend(self, name: str, seconds: float) -> None:
        """Count so many seconds towards a stage."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def spent(self, name: str) -> float:
        """The seconds of a stage so far."""
        return self.seconds.get(name, 0.0)

    def all_spent(self) -> float:
        """The seconds of all stages so far, and those that were saved."""
        return sum(self.seconds.values()) + self.saved

    def add(self, other: Tally) -> None:
        """Count what another tally counted."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, seconds in other.seconds.items():
            self.spend(name, seconds)


COUNTS = tuple(each.name for each in fields(Tally) if each.name != "seconds")
