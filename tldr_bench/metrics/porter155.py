"""Porter's stemmer as the official script ROUGE-1.5.5 has it.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, in the script's reading. It
differs from the paper, and from NLTK's stemmer, in what counts as consonant-vowel-consonant, in a
final `y` (arrays -> arrai) and in the order of step 4 (argument -> argum).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tldr_bench.metrics.porter import SUFFIXES_2, SUFFIXES_3, SUFFIXES_4, ending

# A consonant run may begin with `y`, a vowel run too: what `y` is depends on its neighbours.
_CONSONANTS = "[^aeiou][^aeiouy]*"
_VOWELS = "[aeiouy][aeiou]*"

_HAS_VOWEL = re.compile(f"(?:{_CONSONANTS})?[aeiouy]")
_ABOVE_0 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}")
"""m > 0, where m counts the pairs of a vowel run and a consonant run."""
_EXACTLY_1 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}(?:{_VOWELS})?$")
_ABOVE_1 = re.compile(f"(?:{_CONSONANTS})?(?:{_VOWELS}{_CONSONANTS}){{2}}")
_CONSONANT_VOWEL_CONSONANT = re.compile(f"{_CONSONANTS}[aeiouy][^aeiouwxy]$")
"""Asked of the whole stem, not of its end."""
_DOUBLED = re.compile(r"([^aeiouylsz])\1$")

_STEP_2 = SUFFIXES_2 | {"logi": "log"}
_ENDS_IN_2, _ENDS_IN_3 = ending(_STEP_2), ending(SUFFIXES_3)
_ENDS_IN_4 = ending(SUFFIXES_4)


def stem(word: str) -> str:
    """The stem of a lower-case word of `[a-z0-9]`. The script asks for it above three letters only.

    >>> stem("arrays"), stem("argument"), stem("relational")
    ('arrai', 'argum', 'relat')
    """
    if len(word) < 3:
        return word
    # An initial y is a consonant throughout; in upper case it escapes the lists of vowels.
    initial_y = word.startswith("y")
    word = "Y" + word[1:] if initial_y else word
    word = _final_y(_past(_plural(word)))
    word = _replace(word, _ENDS_IN_2, _STEP_2)
    word = _replace(word, _ENDS_IN_3, SUFFIXES_3)
    word = _tidy(_drop(word))
    return "y" + word[1:] if initial_y else word


def _plural(word: str) -> str:
    """Step 1a: -sses -> -ss, -ies -> -i, and a final s goes, unless it is doubled."""
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and word[-2] != "s" else word


def _past(word: str) -> str:
    """Step 1b: -eed -> -ee above m = 0; -ed and -ing go where a vowel stands before them."""
    if word.endswith("eed"):
        return word[:-1] if _ABOVE_0.match(word[:-3]) else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix) and _HAS_VOWEL.match(word[: -len(suffix)]):
            return _mended(word[: -len(suffix)])
    return word


def _mended(stem: str) -> str:
    """What is left after -ed and -ing as a word: conflat -> conflate, hopp -> hop, fil -> file."""
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if _DOUBLED.search(stem):
        return stem[:-1]
    return stem + "e" if _CONSONANT_VOWEL_CONSONANT.match(stem) else stem


def _final_y(word: str) -> str:
    """Step 1c: a final y becomes i whenever a vowel stands anywhere before it."""
    return word[:-1] + "i" if word.endswith("y") and _HAS_VOWEL.match(word[:-1]) else word


def _replace(word: str, ending: re.Pattern[str], table: Mapping[str, str]) -> str:
    """Steps 2 and 3: the longest suffix of the table is replaced, above m = 0."""
    found = ending.search(word)
    if found and _ABOVE_0.match(word[: found.start()]):
        return word[: found.start()] + table[found.group()]
    return word


def _drop(word: str) -> str:
    """Step 4, above m = 1: one suffix of the list, then -ment, then -ent or else -ion after s or t."""
    found = _ENDS_IN_4.search(word)
    if found and _ABOVE_1.match(word[: found.start()]):
        word = word[: found.start()]
    word = _without(word, "ment")
    if word.endswith("ent"):
        return _without(word, "ent")
    return _without(word, "ion") if word.endswith(("sion", "tion")) else word


def _without(word: str, suffix: str) -> str:
    stem = word.removesuffix(suffix)
    return stem if _ABOVE_1.match(stem) else word


def _tidy(word: str) -> str:
    """Step 5: a final e goes above m = 1, or at m = 1 after other than consonant-vowel-consonant; ll -> l."""
    if word.endswith("e"):
        stem = word[:-1]
        short = _EXACTLY_1.match(stem) and not _CONSONANT_VOWEL_CONSONANT.match(stem)
        word = stem if short or _ABOVE_1.match(stem) else word
    return word[:-1] if word.endswith("ll") and _ABOVE_1.match(word) else word
