"""Download a task's file: bounded, resumed where it was cut, verified before it counts."""

from __future__ import annotations

import contextlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from tldr_bench.data import Source, cache_folder, find_file, is_offline, missing_file, verify
from tldr_bench.errors import DataError, MissingData, OutputError, Problem, path_name
from tldr_bench.files import MAX_FILE, MIB, reason

PIECE = 64 * 1024
TIMEOUT = 30
"""Seconds without a byte before a connection counts as dead."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here, and the bytes that there will be where the server says."""


def fetch_file(
    task_id: str, source: Source, task_folder: Path, progress: Progress = lambda *_: None
) -> Path:
    """The verified file of a task: the one that is here, or a download into the cache.

    Raises MissingData when it is nowhere and cannot be fetched, DataError when it is another file.
    """
    found = find_file(source, task_folder)
    if found is None:
        found = _download(task_id, source, progress)
    verify(found, source)
    return found


def _download(task_id: str, source: Source, progress: Progress) -> Path:
    if source.url is None or source.path is None:
        raise MissingData([Problem(task_id, None, missing_file(task_id, source))])
    if is_offline():
        message = f"{missing_file(task_id, source)} (offline: nothing was fetched)"
        raise MissingData([Problem(task_id, None, message)])
    target = cache_folder() / "data" / source.path
    part = part_of(target)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not target.is_file():  # another process may have fetched it while this one waited
                with part.open("ab") as file:
                    _receive(source.url, file, progress)
                _accept(part, target, source)
    except _Cut as cut:
        raise MissingData([Problem(task_id, None, f"{cut}{_kept(part)}")]) from None
    except OSError as error:
        problem = Problem(path_name(part), None, f"cannot be written: {reason(error)}")
        raise OutputError([problem]) from None
    return target


def part_of(target: Path) -> Path:
    """Where the part of a download that has come is kept, until it is whole."""
    return target.with_name(target.name + ".part")


class _Cut(Exception):
    """The other side gave no file, or not all of it."""


def _kept(part: Path) -> str:
    size = part.stat().st_size if part.exists() else 0
    return f"; {size} bytes are kept, the next fetch goes on from there" if size else ""


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait for another process that fetches the same file; its end, however it comes, lets us go on."""
    with target.with_name(target.name + ".lock").open("ab") as file:
        with contextlib.suppress(ImportError, OSError):  # Windows and some network disks have none
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _accept(part: Path, target: Path, source: Source) -> None:
    """Give the download its name if it is the right file; a wrong one is not kept."""
    try:
        verify(part, source)
    except DataError:
        part.unlink(missing_ok=True)
        raise
    os.replace(part, target)  # noqa: PTH105 - Path.replace is the same call


def _receive(url: str, file: IO[bytes], progress: Progress) -> None:
    """Append what is still missing of `url` to a file that is open for appending. Raises _Cut."""
    try:
        with _response(url, os.fstat(file.fileno()).st_size) as response:
            if response.status == 416:  # nothing is missing: the digest tells whether it is right
                return
            if response.status != 206:
                file.truncate(0)
            have, total = _sizes(file, response)
            for piece in _pieces(response):
                have += len(piece)
                if have > MAX_FILE:
                    file.truncate(0)
                    raise _Cut(f"{url} is larger than the limit of {MAX_FILE // MIB} MiB")
                file.write(piece)
                progress(have, total)
    except _NETWORK as error:
        cause = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise _Cut(f"{url} cannot be fetched: {cause}") from None
    if total is not None and have < total:
        raise _Cut(f"{url} cannot be fetched: the connection was cut after {have} of {total} bytes")


_NETWORK = (http.client.HTTPException, ValueError)
"""What an answer that is none, or an address that cannot be one, raises; all else is _Cut at once."""


def _response(url: str, have: int) -> Any:
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - https only, see Source.url
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416:
            return error
        error.close()
        raise _Cut(f"{url} cannot be fetched: HTTP {error.code} {error.reason}") from None
    except OSError as error:
        raise _Cut(f"{url} cannot be fetched: {getattr(error, 'reason', error)}") from None


def _sizes(file: IO[bytes], response: Any) -> tuple[int, int | None]:
    have = os.fstat(file.fileno()).st_size
    length = response.headers.get("Content-Length")
    return have, have + int(length) if length and length.isdigit() else None


def _pieces(response: Any) -> Iterator[bytes]:
    try:
        while piece := response.read(PIECE):
            yield piece
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(f"{response.url} was cut: {str(error) or type(error).__name__}") from None
