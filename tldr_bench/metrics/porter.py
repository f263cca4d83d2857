"""The suffixes of Porter's stemmer: what its two readings have in common.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SUFFIXES_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
}
"""Step 2: what is put in a suffix's place. `bli` is `abli` in the paper."""

SUFFIXES_3 = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
"""Step 3, in the same way."""

SUFFIXES_4 = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement"),
    *("ou", "ism", "ate", "iti", "ous", "ive", "ize"),
)
"""Step 4: suffixes that go altogether, without `ment`, `ent` and `ion`, on which the readings differ."""


def ending(suffixes: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of the suffixes at the end of a word: a search tries every start in turn."""
    return re.compile(f"(?:{'|'.join(suffixes)})$")
