"""An option that would be passed over in silence is wrong usage: somebody believes that it does something."""

from __future__ import annotations

from collections.abc import Mapping

from tldr_bench.errors import UsageError


def refuse(given: Mapping[str, object], why: str) -> None:
    """Raise UsageError, naming every one of these options that was given."""
    names = [name for name, value in given.items() if value]
    if names:
        raise UsageError(f"{', '.join(names)}: {why}")
