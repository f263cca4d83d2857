"""Ctrl-C, from the first moment of a command to its last: one line, and what was done is kept."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""
PATIENCE = 2.0
"""Seconds in which a further Ctrl-C changes nothing: the first is being answered."""


def end_it() -> None:
    """Ctrl-C ends the process at once: while modules are imported there is nothing to put in order,
    and an exception might be swallowed by what is half imported. An ignored Ctrl-C stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)


def raise_again() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, once: a command begins its work."""
    if signal.getsignal(signal.SIGINT) is interrupted:
        signal.signal(signal.SIGINT, _first)


def _first(*_: object) -> None:
    hold_back()
    raise KeyboardInterrupt


def hold_back() -> None:
    """Stopping has begun. Somebody who presses Ctrl-C again and again does not disturb it; who does
    so later waits for something that hangs, and is let go.
    """
    import atexit
    import time

    begun = time.monotonic()

    def again(*_: object) -> None:
        if time.monotonic() - begun > PATIENCE:
            interrupted()

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, again)
        # The last steps of Python take its handlers away.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def interrupted(*_: object) -> None:
    """Say so, and end."""
    os.write(2, b"interrupted; what was done is kept\n")
    os._exit(INTERRUPTED)
