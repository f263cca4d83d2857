"""WordNet as nltk reads it, from a folder with its files: METEOR takes synonyms from there.

Looked for, in this order: where the task says, where WNSEARCHDIR says (WordNet's own variable), among
nltk's data, and where Debian's package wordnet-base has it.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from tldr_bench.errors import NotComputed
from tldr_bench.metrics.models import cached_sha256
from tldr_bench.metrics.reasons import called, in_words

PARTS = ("noun", "verb", "adj", "adv")
FILES = tuple(f"{kind}.{part}" for part in PARTS for kind in ("data", "index")) + tuple(
    f"{part}.exc" for part in PARTS
)
"""The files that synonyms and base forms come from."""
VARIABLE = "WNSEARCHDIR"
DEBIAN = Path("/usr/share/wordnet")
INSTALL = f"apt-get install wordnet-base, or name a folder with WordNet's files (data.noun, …) in {VARIABLE}"
_LEXNAMES = 45

lock = threading.Lock()
"""Held while a reader is used: it moves about in its files."""


def find(given: str) -> Path | None:
    """The folder with WordNet's files, or None. A folder that was named is the only one looked at."""
    named = given or os.environ.get(VARIABLE, "")
    places = [Path(named).expanduser()] if named else [*_nltk_places(), DEBIAN]
    return next((folder for folder in places if _is_whole(folder)), None)


def must_find(given: str) -> Path:
    """As `find`; raises NotComputed with the way to get it."""
    folder = find(given)
    if folder is not None:
        return folder
    named = given or os.environ.get(VARIABLE, "")
    if named:
        lacking = next(name for name in FILES if not (Path(named).expanduser() / name).is_file())
        by = "the task" if given else VARIABLE
        raise NotComputed(
            f"the folder {called(Path(named))} that {by} names is not WordNet: it lacks {lacking}"
        )
    raise NotComputed(f"WordNet is not on this machine: {INSTALL}")


def _nltk_places() -> list[Path]:
    """Where nltk keeps its data: as `nltk.data.path`, without its import."""
    given = os.environ.get("NLTK_DATA", "").split(os.pathsep)
    usual = [Path.home() / "nltk_data", Path("/usr/share/nltk_data"), Path("/usr/lib/nltk_data")]
    return [folder / "corpora/wordnet" for folder in [*map(Path, filter(None, given)), *usual]]


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def sha256(folder: Path) -> str:
    """SHA-256 over the digests of its files: the same wherever they lie."""
    digests = [f"{name} {cached_sha256(folder / name)}\n" for name in FILES]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


@lru_cache(maxsize=2)
def read(folder: Path) -> Any:
    """nltk's reader of this folder. Raises NotComputed where the files are not what they seem."""
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader
    from nltk.data import SeekableUnicodeStreamReader

    class Reader(WordNetCorpusReader):  # type: ignore[misc]
        """With the files in memory, and without the names of the authors' files.

        Debian leaves the names out, and METEOR does not read them.
        """

        def open(self, file: str) -> Any:
            names = "".join(f"{n:02} {n:02} 0\n" for n in range(_LEXNAMES)).encode()
            content = names if file == "lexnames" else (folder / file).read_bytes()
            return SeekableUnicodeStreamReader(io.BytesIO(content), "utf-8")

        def map_wn(self, version: str = "wordnet") -> None:
            """No other version is mapped to this one."""

    nltk.data.path.append(str(folder.resolve()))  # nltk refuses a folder that is not in this list
    try:
        # Any reader of other languages will do: without one, nltk warns that there are none.
        return Reader(str(folder.resolve()), omw_reader=())
    except Exception as error:  # noqa: BLE001 - nltk asserts, indexes and converts
        said = f"{type(error).__name__}: {in_words(error)}"
        raise NotComputed(f"{called(folder)} cannot be read as WordNet: {said}") from None
