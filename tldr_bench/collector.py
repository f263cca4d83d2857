"""Python's collector of cycles, put off while many rows are read.

Rows, examples and pairs make no cycles, so that reference counts alone free them. The collector
walks over all of them again and again all the same, the more often the more there are: time would
grow faster than the rows do.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """No collection inside. One that was switched off before stays off afterwards.

    The switch is the process's: with several threads, the first to leave ends the pause for all,
    which costs time and nothing else.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
