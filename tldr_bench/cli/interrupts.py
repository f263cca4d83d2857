"""Ctrl-C, from the first moment of a command to its last: one line, and what was done is kept."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""


def end_it() -> None:
    """Ctrl-C ends the process at once: while modules are imported there is nothing to put in order,
    and an exception might be swallowed by what is half imported. An ignored Ctrl-C stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)


def raise_again() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt again: a command begins its work."""
    if signal.getsignal(signal.SIGINT) is interrupted:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupted(*_: object) -> None:
    """Say so, and end."""
    os.write(2, b"interrupted; what was done is kept\n")
    os._exit(INTERRUPTED)
