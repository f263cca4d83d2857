"""Embeddings kept by content: a text is encoded once by a model, however many systems are scored.

Packs of many texts, each a file that is written whole and then never changed. A text's entry carries
a checksum: a damaged one is not believed but computed again. Files can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_bench.errors import OutputError
from tldr_bench.files import MIB, open_regular
from tldr_bench.json_text import Unreadable
from tldr_bench.writing import write_atomic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "tldr-bench/embeddings/1"
MAX_HEADER = 64 * MIB
PACK = 16 * MIB
DAY = 24 * 3600
IN_MEMORY = 192 * MIB
"""Bytes of embeddings that a process keeps at hand."""


@dataclass(frozen=True, eq=False, slots=True)
class Embedded:
    """A text as a model reads it."""

    ids: NDArray[np.int32]
    """(tokens,): the vocabulary's numbers, special tokens included."""
    vectors: NDArray[np.float32]
    """(tokens, dimension): of length 1 each."""
    cut: bool
    """Whether the text was longer than the model reads."""

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.ids.nbytes + self.vectors.nbytes)


@dataclass(frozen=True, slots=True)
class _Place:
    pack: Path
    offset: int
    tokens: int
    cut: bool
    checksum: int


def text_key(text: str) -> str:
    """The name of a text in the store: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Embeddings:
    """What one model made of texts: the latest in memory, the lasting ones in a folder."""

    folder: Path | None
    """The folder of this model alone; None keeps nothing beyond the process."""
    dimension: int
    in_memory: int = IN_MEMORY
    _recent: OrderedDict[str, Embedded] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _places: dict[str, _Place] | None = None

    def get(self, key: str) -> Embedded | None:
        """The embeddings under this key, or None when there are none that can be trusted."""
        found = self._recent.get(key)
        if found is not None:
            self._recent.move_to_end(key)
            return found
        found = self._read(key)
        if found is not None:
            self.remember(key, found)
        return found

    def remember(self, key: str, embedded: Embedded) -> None:
        """Keep these in memory, until newer ones need the room."""
        if key not in self._recent:
            self._recent[key] = embedded
            self._bytes += embedded.size
        while self._bytes > self.in_memory and len(self._recent) > 1:
            _, oldest = self._recent.popitem(last=False)
            self._bytes -= oldest.size

    def keep(self, texts: Mapping[str, Embedded]) -> None:
        """Keep these in the folder. A folder that cannot be written makes work slower, never wrong."""
        if self.folder is None:
            return
        for some in _pieces(texts):
            self._keep(self.folder, some)

    def _keep(self, folder: Path, texts: Mapping[str, Embedded]) -> None:
        content = _pack(texts, self.dimension)
        path = folder / f"{hashlib.sha256(content).hexdigest()[:32]}.pack"
        with contextlib.suppress(OutputError):
            write_atomic(path, content)
            self._index().update(_read_header(path, self.dimension))

    def kept(self, key: str) -> bool:
        """Whether the folder has an entry under this key."""
        return key in self._index()

    def _index(self) -> dict[str, _Place]:
        if self._places is None:
            self._places = {}
            for path in sorted(self.folder.glob("*.pack")) if self.folder else ():
                self._places.update(_read_header(path, self.dimension))
        return self._places

    def _read(self, key: str) -> Embedded | None:
        place = self._index().get(key)
        if place is None:
            return None
        try:
            return _unpack(key, place, self.dimension)
        except (Unreadable, OSError, ValueError):
            del self._index()[key]
            return None


def _pieces(texts: Mapping[str, Embedded]) -> Iterator[dict[str, Embedded]]:
    """The texts in parts of PACK bytes, and a text's more: a pack is put together in memory."""
    part: dict[str, Embedded] = {}
    size = 0
    for key, item in texts.items():
        part[key] = item
        size += item.size
        if size > PACK:
            yield part
            part, size = {}, 0
    if part:
        yield part


def _pack(texts: Mapping[str, Embedded], dimension: int) -> bytes:
    """A line of JSON (key, tokens, cut and checksum of each text), then ids and vectors of each."""
    bodies = [
        item.ids.astype("<i4").tobytes() + item.vectors.astype("<f4").tobytes()
        for item in texts.values()
    ]
    entries = [
        [key, len(item.ids), item.cut, _checksum(key, body)]
        for (key, item), body in zip(texts.items(), bodies, strict=True)
    ]
    header = {"format": FORMAT, "dimension": dimension, "texts": entries}
    return json.dumps(header).encode() + b"\n" + b"".join(bodies)


def _checksum(key: str, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(key.encode()))


def _read_header(path: Path, dimension: int) -> dict[str, _Place]:
    """Where each text of a pack lies; nothing for a file that is no pack.

    Notes once a day that it is in use: what nobody uses is removed first when room is made.
    """
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)
    try:
        with open_regular(path) as file:
            line = file.readline(MAX_HEADER)
            header = json.loads(line)
            if header["format"] != FORMAT or header["dimension"] != dimension:
                return {}
            entries = [(str(k), int(n), bool(c), int(s)) for k, n, c, s in header["texts"]]
    except (Unreadable, OSError, ValueError, KeyError, TypeError):
        return {}
    places, offset = {}, len(line)
    for key, tokens, cut, checksum in entries:
        places[key] = _Place(path, offset, tokens, cut, checksum)
        offset += tokens * 4 * (1 + dimension)
    return places


def _unpack(key: str, place: _Place, dimension: int) -> Embedded:
    import numpy as np

    size = place.tokens * 4 * (1 + dimension)
    with open_regular(place.pack) as file:
        file.seek(place.offset)
        body = file.read(size)
    if len(body) != size or _checksum(key, body) != place.checksum:
        raise ValueError("damaged")
    split = 4 * place.tokens
    ids = np.frombuffer(body[:split], "<i4").astype(np.int32)
    vectors = np.frombuffer(body[split:], "<f4").astype(np.float32).reshape(-1, dimension)
    return Embedded(ids, vectors, place.cut)
