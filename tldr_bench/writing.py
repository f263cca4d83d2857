"""Durable writers: a file is replaced whole, and what was written outlasts a power cut."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from tldr_bench.errors import OutputError, Problem, path_name
from tldr_bench.files import reason

TEMPORARY = ".tmp"
ABANDONED = 3600
"""Seconds after which a temporary file has no writer any more: it died."""


def write_atomic(path: Path, content: str | bytes, *, durable: bool = True) -> bool:
    """Replace a file whole and durably; a reader sees the old bytes or the new ones, nothing else.

    Returns False, and leaves the file alone, when it already holds these bytes. What can be made
    again need not be durable: it is whole for every reader, but a power cut may take it.
    Raises OutputError when the folder or disk refuses.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if _holds(path, data):
            return False
        _make_folder(path.parent)
        _replace(path, data, durable)
    except OSError as error:
        raise OutputError(
            [Problem(path_name(path), None, f"cannot be written: {reason(error)}")]
        ) from None
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Whether this is a file of these bytes, and no link to one."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    same = stat.S_ISREG(found.st_mode) and found.st_size == len(data)
    return same and path.read_bytes() == data


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that a power cut does not forget the new ones."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _replace(path: Path, data: bytes, durable: bool) -> None:
    import tempfile

    handle, temporary = tempfile.mkstemp(TEMPORARY, f".{path.name[:60]}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)  # noqa: PTH105 - the temporary name is a string
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without this a power cut may forget a rename."""
    # Not every system can open or sync a folder; a disk that fails is another matter.
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise


def remove_abandoned(folder: Path) -> None:
    """Remove the temporary files of writers that were killed: those that are an hour old."""
    with contextlib.suppress(OSError), os.scandir(folder) as files:
        for file in files:
            temporary = file.name.startswith(".") and file.name.endswith(TEMPORARY)
            if temporary and time.time() - file.stat(follow_symlinks=False).st_mtime > ABANDONED:
                os.unlink(file.path)  # noqa: PTH108 - the entry's path is a string
