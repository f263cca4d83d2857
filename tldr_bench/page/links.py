"""Names of the site's files, and which addresses a page may link to."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

STEM_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f<>\"'`\\]{1,2000}", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def safe_url(text: str | None) -> str | None:
    """The address if a page may link to it (https, http, mailto), else None.

    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    return text if text is not None and _ADDRESS.fullmatch(text) else None


def file_names(ids: Iterable[str]) -> Mapping[str, str]:
    """Example id -> stem of its page: the id where that is a safe name, else a digest of it.

    Ids that differ only in case get a digest too: some file systems hold them for the same.

    >>> list(file_names(["p1", "../etc", "SJ1", "sj1"]).values())
    ['p1', 'x-f7f9121fdb53', 'x-7f783e265e77', 'x-28a0776d683c']
    """
    known = list(ids)
    times = Counter(text.casefold() for text in known)
    return {
        text: text
        if _PLAIN.fullmatch(text) and times[text.casefold()] == 1 and text.casefold() != "index"
        else "x-" + hashlib.sha256(text.encode()).hexdigest()[:12]
        for text in known
    }


def inside_site(name: str) -> bool:
    """Whether a file name from a list stays below the folder that the list is of.

    >>> inside_site("owls/index.html"), inside_site("../owls"), inside_site("/etc/passwd")
    (True, False, False)
    """
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def pair_name(one: str, other: str) -> str:
    """The stem of the page that compares two systems; the same whichever is named first.

    >>> pair_name("lead", "cue")
    'cue--lead'
    """
    first, second = sorted((one, other))
    name = f"{first}--{second}"
    if name.count("--") == 1 and not first.endswith("-") and not second.startswith("-"):
        return name
    # `a--b` against `c` must not meet `a` against `b--c`.
    return f"{name}--{hashlib.sha256(json.dumps([first, second]).encode()).hexdigest()[:8]}"
