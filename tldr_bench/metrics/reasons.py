"""Reasons why a metric was not computed: they stand in results, which are committed and read by everybody.

So they name a folder or file by its last part, and hold no path of the machine that they arose on.
"""

from __future__ import annotations

import re
from pathlib import Path

from tldr_bench.errors import shown

_QUOTED = re.compile(r"""(['"])(?:~|[A-Za-z]:)?[/\\][^'"\n]*[/\\]([^'"/\\\n]*)\1""")
_PLAIN = re.compile(r"""(?<![\w:/\\.>)\]])(?:~|[A-Za-z]:)?[/\\](?:[^\s'"/\\:;,]+[/\\])+""")
"""Folders in front of a name; not those of an address, which follow a colon or a letter."""


def called(path: Path) -> str:
    """A file or folder by its last part, quoted.

    >>> called(Path("/home/ann/metrics/length"))
    "'length'"
    """
    return shown(path.name or path.resolve().name)


def in_words(error: BaseException) -> str:
    """What an error of somebody else's code says: on one line, cut, and without folders of this machine.

    >>> in_words(OSError("no file /home/ann/model/a.bin"))
    'no file a.bin'
    """
    text = " ".join(str(error).replace("file://", "").split())
    text = _QUOTED.sub(r"\1\2\1", text)
    # A folder's name may hold blanks, at which a pattern would stop.
    for folder in sorted({str(Path.home()), str(Path.cwd())}, key=len, reverse=True):
        if len(Path(folder).parts) > 1:
            text = text.replace(f"{folder}/", "/./")
    return _PLAIN.sub("", text)[:200]
