"""How a score is written: fractions times 100, and as they are those that count something."""

from __future__ import annotations


def written(value: float, by: float = 100.0) -> str:
    """A figure with two decimals: `31.27`."""
    return f"{by * value:.2f}"


def signed(value: float, by: float = 100.0) -> str:
    """A difference with its sign: `+1.20`, `−0.31`, `0.00`."""
    text = f"{by * value:+.2f}"
    return text[1:] if text in ("+0.00", "-0.00") else text.replace("-", "−")
