"""How a score is written: fractions times 100, and as they are those that count something."""

from __future__ import annotations


def written(value: float, by: float) -> str:
    """A figure with two decimals: `31.27`."""
    return f"{by * value:z.2f}"


def signed(value: float, by: float) -> str:
    """A difference with its sign: `+1.20`, `−0.31`, `0.00`."""
    text = f"{by * value:+z.2f}"
    return text[1:] if text == "+0.00" else text.replace("-", "−")


def sized(value: float, by: float) -> str:
    """A difference in words: `1.20 points`; what is shown as it is has no such unit."""
    return f"{written(value, by)} points" if by == 100 else written(value, by)
