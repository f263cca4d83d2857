"""Texts made ready for comparison: a text as a short string with one character per token.

Every distinct stem gets a code point of its own, so that code for strings serves for tokens. A word
is stemmed once, and a reference is read once, however many systems are scored against it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from string import ascii_letters, digits
from typing import NamedTuple

Token = str | int
"""One character for each distinct stem; an integer once the code points are used up."""
Tokens = Sequence[Token]
"""A string wherever every token is a character, else a list."""
Lines = Callable[[str], str]
"""How a profile parts a text: into the same text with a sentence per line."""
Stem = Callable[[str], str]
"""Word -> stem, both of `[a-z0-9]`."""

# What is remembered before everything is forgotten: the first is some 65 MB, the second 60 MB.
MAX_WORD_CHARACTERS = 2_000_000
MAX_REFERENCE_CHARACTERS = 20_000_000

# The ends are words too, so that many texts are read in one go. Their bytes and their characters
# are kept for them: no text, once it is ASCII, has such bytes.
_SENTENCE_END, _TEXT_END = b"\xfe", b"\xff"
_SENTENCE_MARK, _TEXT_MARK = "\0", "\1"

_KEPT = frozenset((ascii_letters + digits).encode() + _SENTENCE_END + _TEXT_END)
_WORDS = bytes(code if code in _KEPT else ord(" ") for code in range(256)).lower()
"""For every byte: a letter in lower case, a digit, an end; all else is a space."""


class Text(NamedTuple):
    """A text as a profile reads it. Comparable only with texts of the same lexicon."""

    tokens: Tokens
    sentences: Sequence[Tokens]
    """The tokens again, sentence by sentence; a sentence without tokens is left out."""


class Vocabulary(dict[bytes, Token]):
    """Word -> token. Words with the same stem share a token; a new word is added when looked up."""

    def __init__(self, stem: Stem | None, code_points: int = sys.maxunicode + 1) -> None:
        super().__init__({_SENTENCE_END: _SENTENCE_MARK, _TEXT_END: _TEXT_MARK})
        self.characters = 0
        """Summed length of the words: what bounds the memory."""
        self._stem = stem
        self._code_points = code_points
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    def __missing__(self, word: bytes) -> Token:
        stem = word.decode("ascii")
        if self._stem and len(stem) > 3:  # both tools leave shorter words alone
            stem = self._stem(stem)
        with self._lock:  # two threads must not give one token to two stems
            token = self._tokens.setdefault(stem, self._next())
        self[word] = token
        self.characters += len(word)
        return token

    def _next(self) -> Token:
        number = len(self._tokens) + 2
        return chr(number) if number < self._code_points else number


class Lexicon:
    """The words that were met and the references that were read, in one numbering of the stems."""

    def __init__(self, lines: Lines, vocabulary: Vocabulary) -> None:
        self._lines = lines
        self._vocabulary = vocabulary
        self._kept: dict[tuple[str, ...], list[Text]] = {}
        self._kept_characters = 0

    @property
    def full(self) -> bool:
        """Whether it has grown enough to be thrown away."""
        return (
            self._vocabulary.characters > MAX_WORD_CHARACTERS
            or self._kept_characters > MAX_REFERENCE_CHARACTERS
        )

    def read(self, texts: Sequence[str]) -> list[Text]:
        """Texts made ready, and not kept: maximal runs of `[a-z0-9]`, in lower case, as tokens."""
        lines = [self._lines(text).encode("ascii", "replace") for text in texts]
        joined = b" \xff ".join(lines).replace(b"\n", b" \xfe ")
        tokens = _packed(map(self._vocabulary.__getitem__, joined.translate(_WORDS).split()))
        return list(map(_text, _parted(tokens, _TEXT_MARK))) if texts else []

    def references(self, texts: tuple[str, ...]) -> list[Text]:
        """The references of a paper made ready, and kept for the next system."""
        kept = self._kept.get(texts)
        if kept is None:
            kept = self._kept[texts] = self.read(texts)
            self._kept_characters += sum(map(len, texts)) + 1
        return kept


def _text(tokens: Tokens) -> Text:
    if _SENTENCE_MARK not in tokens:
        return Text(tokens, [tokens] if tokens else [])
    sentences = [sentence for sentence in _parted(tokens, _SENTENCE_MARK) if sentence]
    return Text(_packed(chain.from_iterable(sentences)), sentences)


def _packed(tokens: Iterable[Token]) -> Tokens:
    listed = list(tokens)
    try:
        return "".join(listed)  # type: ignore[arg-type]  # integers are what the except is for
    except TypeError:
        return listed


def _parted(tokens: Tokens, mark: str) -> Sequence[Tokens]:
    """What lies between the marks, as `str.split` does it."""
    if isinstance(tokens, str):
        return tokens.split(mark)
    marks = [place for place, token in enumerate(tokens) if token == mark]
    ends = zip([-1, *marks], [*marks, len(tokens)], strict=True)
    return [_packed(tokens[before + 1 : after]) for before, after in ends]


class Reader:
    """Reads texts as one profile does, and forgets everything when it remembers too much."""

    def __init__(self, lines: Lines, stem: Stem | None) -> None:
        self._lines = lines
        self._stem = stem
        self._lexicon = self._empty()

    def lexicon(self) -> Lexicon:
        """The lexicon to read candidates *and* their references with.

        Ask anew for every batch: a full lexicon is replaced here, and nowhere else, so that the
        texts of a pair always share their numbering, in every thread.
        """
        if self._lexicon.full:
            self._lexicon = self._empty()
        return self._lexicon

    def _empty(self) -> Lexicon:
        return Lexicon(self._lines, Vocabulary(self._stem))
