"""A saved page as lines of text."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from tldr_bench.errors import DataError, Problem, path_name
from tldr_bench.files import MAX_FILE, decode, read_bounded, sha256
from tldr_bench.json_text import Unreadable


def read_text(path: Path) -> str:
    """The text of a saved page, with plain line ends. Raises DataError."""
    try:
        text = decode(read_bounded(path, MAX_FILE))
    except Unreadable as error:
        raise wrong(path, str(error)) from None
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise wrong(path, "is a page's source (HTML); save the page as text and give that file")
    if not text.strip():
        raise wrong(path, "is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def origin(path: Path, what: str) -> str:
    """`what` from this very file. Raises DataError."""
    try:
        digest = sha256(read_bounded(path, MAX_FILE)).removeprefix("sha256:")
    except Unreadable as error:
        raise wrong(path, str(error)) from None
    return f"{what} {path.name} (SHA-256 {digest})"


def wrong(path: Path, message: str) -> DataError:
    """What is wrong with the file as a whole."""
    return DataError([Problem(path_name(path), None, message)])


def one_line(text: str) -> str:
    """The text with every run of white space (no-break spaces, too) as one space."""
    return " ".join(text.split())


class Ids:
    """Ids made from titles: readable, and never the same twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, title: str) -> str:
        """`Spiking Boltzmann Machines` -> `spiking-boltzmann-machines`, with -2, -3, … where taken."""
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "untitled"
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name)
        return name
