"""Markdown out of a reader's summary: the words stay, formulas stay as they are."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"(\$\$.+?\$\$|\$[^$]+\$)", re.DOTALL)
_RULES: tuple[tuple[str, str], ...] = (
    (r"!\[[^\]]*\]\([^)]*\)", " "),  # a picture
    (r"https?://\S+\.(?:png|jpe?g|gif|svg)\b", " "),  # a picture by its address
    (r"\[([^\]]+)\]\([^)\s]*\)", r"\1"),  # a link keeps its words
    (r"(?:^|(?<=\s))#{1,6}\s+", " "),  # a heading keeps its words
    (r"(?:^|(?<=\s))-{3,}(?=\s|$)", " "),  # a rule
    (r"\*{2,}", ""),  # bold
    (r"(?<![\w*\\])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1"),  # italic
    (r"`([^`]+)`", r"\1"),
    (r"\\([*_#`\[\]])", r"\1"),  # an escaped sign
)


def plain_words(text: str) -> str:
    """The text without Markdown, on one line."""
    parts = _FORMULA.split(text)
    # split() puts the formulas at the odd places.
    stripped = [part if at % 2 else _without_marks(part) for at, part in enumerate(parts)]
    return " ".join("".join(stripped).split())


def _without_marks(text: str) -> str:
    for pattern, replacement in _RULES:
        text = re.sub(pattern, replacement, text)
    return text
