"""Words, wherever no published figure has a definition of its own: search, overlap, forensics.

The others have their reasons: ROUGE knows `[a-z0-9]` only (`metrics.text`), `describe` keeps inner
hyphens and points as Newsroom does, and a length is counted between blanks, as people count it.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_NO_LETTER = re.compile(r"[\W_]+")


def words(text: str) -> list[str]:
    """Maximal runs of letters, digits and underscores, in lower case.

    >>> words("K-means, k_2")
    ['k', 'means', 'k_2']
    """
    return _WORD.findall(text.lower())


def letters(text: str) -> str:
    """Its letters and digits alone, in lower case: what two spellings of a title share.

    >>> letters("A Title: 2nd_part")
    'atitle2ndpart'
    """
    return _NO_LETTER.sub("", text.lower())
