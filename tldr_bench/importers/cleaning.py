"""What people do to a model's answer before they call it a summary: by name, on request, counted.

Nothing here runs unless it is asked for, and each step says how many outputs it changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tldr_bench.errors import SubmissionError, unknown

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_THOUGHT_START = re.compile(r"<(?:think|thinking|reasoning)>", re.IGNORECASE)


def _think(text: str) -> str:
    """Without the blocks in which a model thinks aloud.

    An end without a start closes a block that the prompt had opened; a start without an end is a
    thought that was cut off, after which nothing was said.
    """
    rest = _THOUGHT.sub("", text)
    rest = _THOUGHT_END.split(rest)[-1]
    rest = _THOUGHT_START.split(rest)[0]
    return text if rest == text else rest.strip()


_PREFIX = re.compile(
    r"\s*(?:\*\*|__|#+\s*)?(?:tl\s*;?\s*dr|(?:(?:here(?:'s| is)|this is)\s+)?(?:the |a |an )?"
    r"(?:(?:one|single)[- ]sentence |brief |short |concise )?(?:summary|tldr|tl;dr)(?: of the (?:paper|abstract))?)"
    r"\s*(?:\*\*|__)?\s*[:\uff1a]\s*(?:\*\*|__)?\s*",
    re.IGNORECASE,
)


def _prefix(text: str) -> str:
    """Without an announcement such as `TL;DR:` or `Here is a one-sentence summary:` at the start."""
    found = _PREFIX.match(text)
    return text[found.end() :] if found else text


_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "`": "`"}


def _quotes(text: str) -> str:
    """Without one pair of quotation marks around the whole, if there are none of them inside."""
    whole = text.strip()
    if len(whole) < 2 or _QUOTES.get(whole[0]) != whole[-1]:
        return text
    inside = whole[1:-1]
    return text if whole[0] in inside or whole[-1] in inside else inside.strip()


_MARKDOWN: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\A\s*```[a-z]*\n(.*?)\n?```\s*\Z", re.DOTALL), r"\1"),
    (re.compile(r"^\s{0,3}(?:#{1,6}|>|[-*+]|\d{1,3}[.)])\s+", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\[([^\]\n]+)\]\([^)\s]+\)"), r"\1"),
)


def _markdown(text: str) -> str:
    """Without the marks of Markdown: fences, headings, list items, emphasis, code and links."""
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text


def _space(text: str) -> str:
    """On one line: every run of white space is one space, none at the ends."""
    return " ".join(text.split())


STEPS: Mapping[str, Callable[[str], str]] = {
    "think": _think,
    "markdown": _markdown,
    "prefix": _prefix,
    "quotes": _quotes,
    "space": _space,
}
"""Step -> what it does, in the order in which they are carried out whatever the order asked for."""


def check(names: Sequence[str]) -> None:
    """Raise SubmissionError for a step that does not exist."""
    for name in names:
        if name not in STEPS:
            raise SubmissionError(f"--clean: {unknown('step', name, STEPS)}")


def clean(texts: Sequence[str], names: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """The texts after these steps, and how many of them each step changed."""
    changed: dict[str, int] = {}
    result = list(texts)
    for name, step in STEPS.items():
        if name in names:
            after = [step(text) for text in result]
            changed[name] = sum(old != new for old, new in zip(result, after, strict=True))
            result = after
    return result, changed
