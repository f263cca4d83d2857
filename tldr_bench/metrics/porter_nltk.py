"""Porter's stemmer as NLTK has it by default, which is what rouge-score calls.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with NLTK's extensions: a
table of irregular words and a few changed rules. It stands here because NLTK takes half a second to
import; the tests compare the two word by word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tldr_bench.metrics.porter import SUFFIXES_2, SUFFIXES_3, SUFFIXES_4, ending

_IRREGULAR = {
    "sky": "sky",
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "news": "news",
    "innings": "inning",
    "inning": "inning",
    "outings": "outing",
    "outing": "outing",
    "cannings": "canning",
    "canning": "canning",
    "howe": "howe",
    "proceed": "proceed",
    "exceed": "exceed",
    "succeed": "succeed",
}

_VOWELS = frozenset("aeiou")

_STEP_2 = SUFFIXES_2 | {"fulli": "ful"}
_ENDS_IN_2, _ENDS_IN_3 = ending(_STEP_2), ending(SUFFIXES_3)
_ENDS_IN_4 = ending([*SUFFIXES_4, "ment", "ent", "ion"])


def stem(word: str) -> str:
    """The stem of a lower-case word of `[a-z0-9]`. rouge-score asks for it above three characters only.

    >>> stem("arrays"), stem("argument"), stem("skies")
    ('array', 'argument', 'sky')
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    word = _final_y(_past(_plural(word)))
    word = _replace(_step_2(word), _ENDS_IN_3, SUFFIXES_3)
    return _final_ll(_final_e(_drop(word)))


def _shape(word: str) -> str:
    """`c` for a consonant and `v` for a vowel; y is a vowel after a consonant, and a consonant else."""
    shape: list[str] = []
    previous = "v"
    for letter in word:
        vowel = letter in _VOWELS or (letter == "y" and previous == "c")
        previous = "v" if vowel else "c"
        shape.append(previous)
    return "".join(shape)


def _measure(stem: str) -> int:
    """Porter's m: how often a run of vowels is followed by a run of consonants."""
    return _shape(stem).count("vc")


def _consonant_vowel_consonant(stem: str) -> bool:
    """Porter's *o, and in NLTK also a vowel and a consonant that are the whole stem."""
    shape = _shape(stem)
    return (shape.endswith("cvc") and stem[-1] not in "wxy") or shape == "vc"


def _plural(word: str) -> str:
    """Step 1a: -sses -> -ss, -ies -> -i (dies -> die), and a final s goes, unless it is doubled."""
    if word.endswith("ies") and len(word) == 4:
        return word[:-1]
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    """Step 1b: -ied -> -i (died -> die), -eed -> -ee above m = 0, -ed and -ing go after a vowel."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        stem = word.removesuffix(suffix)
        if stem != word and "v" in _shape(stem):
            return _mended(stem)
    return word


def _mended(stem: str) -> str:
    """What is left after -ed and -ing as a word: conflat -> conflate, hopp -> hop, fil -> file."""
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if stem[-2:-1] == stem[-1] and _shape(stem).endswith("c"):
        return stem if stem[-1] in "lsz" else stem[:-1]
    return stem + "e" if _measure(stem) == 1 and _consonant_vowel_consonant(stem) else stem


def _final_y(word: str) -> str:
    """Step 1c: a final y becomes i after a consonant, but not after a single one (spy -> spi, by)."""
    if word.endswith("y") and len(word) > 2 and _shape(word[:-1]).endswith("c"):
        return word[:-1] + "i"
    return word


def _step_2(word: str) -> str:
    """Step 2: -alli goes first, and what it leaves is tried again; -logi counts its l to the stem."""
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    if word.endswith("logi"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replace(word, _ENDS_IN_2, _STEP_2)


def _replace(word: str, ending: re.Pattern[str], table: Mapping[str, str]) -> str:
    """Steps 2 and 3: the longest suffix of the table is replaced, above m = 0."""
    found = ending.search(word)
    if found and _measure(word[: found.start()]) > 0:
        return word[: found.start()] + table[found.group()]
    return word


def _drop(word: str) -> str:
    """Step 4: the longest suffix of the list goes, above m = 1; -ion only after s or t."""
    found = _ENDS_IN_4.search(word)
    if not found or (found.group() == "ion" and not word.endswith(("sion", "tion"))):
        return word
    stem = word[: found.start()]
    return stem if _measure(stem) > 1 else word


def _final_e(word: str) -> str:
    """Step 5a: a final e goes above m = 1, or at m = 1 after other than consonant-vowel-consonant."""
    stem = word.removesuffix("e")
    measure = _measure(stem)
    if measure > 1 or (measure == 1 and not _consonant_vowel_consonant(stem)):
        return stem
    return word


def _final_ll(word: str) -> str:
    """Step 5b: a final ll becomes l above m = 1."""
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
