"""Measurements kept by content: the same question is never computed twice.

One file per entry, named by SHA-256 over all that it depends on. Each carries its own digest: an
entry that is cut, damaged or of another format is not believed but computed again. Files are
replaced whole and nothing is locked, so several processes and machines can share one folder, and a
dead one blocks nobody. Entries are not forced to the disk one by one: one that a power cut takes is
computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tldr_bench.errors import OutputError, Problem, UsageError, shown
from tldr_bench.files import MAX_FILE, reason
from tldr_bench.writing import ABANDONED, write_atomic

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

FORMAT = "tldr-bench/measurement/2"
ENDING = ".entry"
PACK = ".pack"
"""How the files of `others` end, which hold what models made of texts."""
MAX_ENTRY = MAX_FILE
"""Bytes of one entry; a larger one is not kept."""
LIMIT_NAME = "TLDR_BENCH_CACHE_LIMIT"
DAY = 24 * 3600
LIMIT = 2 * 1024**3
"""Bytes that a store holds unless TLDR_BENCH_CACHE_LIMIT says another number of MiB."""


@dataclass(frozen=True)
class Kept:
    """An entry of the store."""

    body: bytes
    seconds: float
    """What it cost to compute."""

    @property
    def columns(self) -> Columns:
        """The columns that the entry holds. Raises ValueError when it holds something else."""
        return unpack(self.body)


@dataclass(frozen=True)
class Store:
    """A folder of entries. Without a folder, nothing is kept."""

    folder: Path | None = None
    refused: list[str] = field(default_factory=list, compare=False, repr=False)
    """Why entries could not be written, the first reason only: work goes on without them."""
    others: tuple[Path, ...] = ()
    """Folders whose files count and are pruned with the entries: see `metrics.embeddings`."""

    def get(self, key: str) -> tuple[Columns, float] | None:
        """The columns kept under this key and the seconds that they cost.

        None when there are none that can be trusted.
        """
        found = self.find(key)
        try:
            return None if found is None else (found.columns, found.seconds)
        except (ValueError, TypeError):
            return None

    def put(self, key: str, columns: Columns, seconds: float = 0.0) -> None:
        """Keep these columns. A store that cannot be written makes work slower, never wrong."""
        if self.folder is not None:
            self.keep(key, pack(columns), seconds)

    def find(self, key: str) -> Kept | None:
        """The entry of this key, if there is one and it is as it was written."""
        if self.folder is None:
            return None
        try:
            header_line, _, body = _read(self._path(key)).partition(b"\n")
            header = json.loads(header_line.decode())
            if header["key"] != key or header["sha256"] != hashlib.sha256(body).hexdigest():
                return None
            return Kept(body, float(header["seconds"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def keep(self, key: str, body: bytes, seconds: float = 0.0) -> None:
        """Write an entry: a line of JSON (key, digest, cost), then the body."""
        if self.folder is None:
            return
        digest = hashlib.sha256(body).hexdigest()
        header = json.dumps({"key": key, "sha256": digest, "seconds": round(seconds, 6)})
        entry = header.encode() + b"\n" + body
        if len(entry) > MAX_ENTRY:
            return  # it would never be read back
        try:
            write_atomic(Path(self._path(key)), entry, durable=False)
        except OutputError as error:
            if not self.refused:
                self.refused.append(str(error))
        else:
            self.added()

    def added(self) -> None:
        """Say that there are new entries, written here or by a process that was started from here."""
        _grown.add(self)

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key}{ENDING}"

    def entries(self) -> Iterator[os.DirEntry[str]]:
        """Every file of the store, temporary ones of writers included."""
        for root in (self.folder, *self.others):
            for folder in _scan(root):
                yield from (file for file in _scan(Path(folder.path)) if file.is_file())

    def size(self) -> Size:
        """How much there is."""
        found = [stat for stat in map(_stat, self.entries()) if stat is not None]
        used = [stat.st_mtime for stat in found]
        total = sum(stat.st_size for stat in found)
        return Size(len(found), total, min(used, default=None), max(used, default=None))

    def keep_within(self, limit: int) -> Size | None:
        """Make room where there is more than `limit`: a quarter of it. Returns what was removed."""
        return self.prune(limit * 3 // 4) if self.size().bytes > limit else None

    def prune(self, limit: int) -> Size:
        """Remove the entries that were not used for longest until `limit` bytes are left.

        What dead writers left behind goes first. Safe beside running processes: an entry that is
        gone is computed again. What may not be removed stays (see `refused`). Returns what was removed.
        """
        files = [(_stat(file), Path(file.path)) for file in self.entries()]
        known = sorted(
            (stat.st_mtime, stat.st_size, path) for stat, path in files if stat is not None
        )
        total, removed, freed = sum(size for _, size, _ in known), 0, 0
        abandoned = time.time() - ABANDONED
        for used, size, path in known:
            whole = path.suffix in (ENDING, PACK)
            dead = not whole and used < abandoned
            if (dead or (total - freed > limit and whole)) and self._remove(path):
                removed, freed = removed + 1, freed + size
        return Size(removed, freed)

    def _remove(self, path: Path) -> bool:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            if not self.refused:
                self.refused.append(f"{path}: cannot be removed: {reason(error)}")
            return False
        return True


_grown: set[Store] = set()


def grown() -> list[Store]:
    """The stores to which this process added entries since this was last asked."""
    found = list(_grown)
    _grown.clear()
    return found


@dataclass(frozen=True)
class Size:
    """So many entries of so many bytes, used between these moments (seconds since 1970)."""

    entries: int
    bytes: int
    oldest: float | None = None
    newest: float | None = None


def size_limit() -> int:
    """Bytes that a store may hold: TLDR_BENCH_CACHE_LIMIT (in MiB), or 2 GiB. Raises UsageError."""
    given = os.environ.get(LIMIT_NAME, "").strip()
    if not given:
        return LIMIT
    if not given.isdecimal() or len(given) > 12:
        message = f"expected a whole number of MiB, such as 2048, got {shown(given)}"
        raise UsageError([Problem(LIMIT_NAME, None, message)])
    return int(given) * 1024**2


def measurement_key(task_version: str, predictions: str, signature: str) -> str:
    """The name of a measurement: SHA-256 over everything that it depends on."""
    return key_of(FORMAT, task_version, predictions, signature)


def key_of(*parts: object) -> str:
    """SHA-256 over the parts of a question, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def pack(columns: Columns) -> bytes:
    """A line of JSON (names, rows), then the columns as little-endian float64."""
    rows = len(next(iter(columns.values()))) if columns else 0
    header = json.dumps({"names": list(columns), "rows": rows}).encode()
    return header + b"\n" + b"".join(column.astype("<f8").tobytes() for column in columns.values())


def unpack(body: bytes) -> Columns:
    """The columns of `pack`. Raises ValueError for anything else."""
    import numpy as np

    header_line, _, data = body.partition(b"\n")
    header = json.loads(header_line.decode())
    if not isinstance(header, Mapping) or header.keys() != {"names", "rows"}:
        raise ValueError("not columns")
    table = np.frombuffer(data, "<f8").reshape(len(header["names"]), header["rows"])
    return dict(zip(header["names"], table.astype(float, copy=False), strict=True))


def _read(path: str) -> bytes:
    """An entry's bytes. Notes once a day that it is in use: `prune` takes those first that nobody uses."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        status = os.fstat(handle)
        if status.st_size > MAX_ENTRY:
            raise ValueError("too large for an entry")
        content = os.read(handle, status.st_size)
    finally:
        os.close(handle)
    if time.time() - status.st_mtime > DAY:
        with contextlib.suppress(OSError):
            os.utime(path)
    return content


def _scan(folder: Path | None) -> list[os.DirEntry[str]]:
    if folder is None:
        return []
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _stat(file: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return file.stat(follow_symlinks=False)
    except OSError:
        return None
