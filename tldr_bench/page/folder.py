"""The site's folder: replaced whole, so that nobody ever finds half of one site and half of another.

A new folder is built beside the old one and takes its place. Files that did not change are the same
files (hard links); files that no build wrote are carried over. Which files a build wrote stands in
`data/index.json`, and nothing else is ever removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from tldr_bench.errors import OutputError, Problem, path_name
from tldr_bench.files import reason
from tldr_bench.page.index import MANIFEST
from tldr_bench.page.links import inside_site
from tldr_bench.writing import ABANDONED, sync_folder

NEW = ".new."
"""Stands in the names of folders that are being built, or removed."""


def count_changes(folder: Path, files: Mapping[str, bytes]) -> int:
    """How many files a build would write or remove."""
    gone = earlier_files(folder) - files.keys()
    return len(gone) + sum(not _holds(folder / name, content) for name, content in files.items())


def replace_site(folder: Path, files: Mapping[str, bytes]) -> int:
    """Put the site into the folder; returns how many files were written or removed.

    Raises OutputError when the folder holds something that is no site, or the disk refuses; the old
    site then stands as it stood.
    """
    folder = folder.absolute()
    with _alone(folder.parent):
        return _replaced(folder, files)


def _replaced(folder: Path, files: Mapping[str, bytes]) -> int:
    _finish_earlier(folder)
    _remove_abandoned(folder)
    _refuse_strangers(folder)
    kept = {name for name, content in files.items() if _holds(folder / name, content)}
    changes = len(files) - len(kept) + len(earlier_files(folder) - files.keys())
    if not changes:
        return 0
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _swap_in(folder, files, kept)
    except OSError as error:
        message = f"cannot be written: {reason(error)}"
        raise OutputError([Problem(path_name(folder), None, message)]) from None
    return changes


def earlier_files(folder: Path) -> set[str]:
    """The files that an earlier build wrote, by its own list."""
    try:
        listed = json.loads((folder / MANIFEST).read_bytes())["files"]
        return {name for name in listed if inside_site(name)} | {MANIFEST}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _refuse_strangers(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not earlier_files(folder):
        message = "is not empty and holds no site of tldr-bench; choose another --out"
        raise OutputError([Problem(path_name(folder), None, message)])
    if folder.exists() and not folder.is_dir():
        raise OutputError([Problem(path_name(folder), None, "is not a folder")])


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _finish_earlier(folder: Path) -> None:
    """After an interruption between the two renames the old site is still whole: put it back."""
    old = _old(folder)
    if not old.is_dir():
        return
    if not folder.exists():
        old.rename(folder)
    elif earlier_files(old):
        _discard(folder)


def _discard(folder: Path) -> None:
    """Remove the old site. It gets another name first: half of it must not be taken for a site."""
    if not _old(folder).is_dir():
        return
    with contextlib.suppress(OSError):
        trash = _beside(folder)
        _old(folder).rename(trash / "old")
        shutil.rmtree(trash, ignore_errors=True)


def _beside(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}{NEW}", dir=folder.parent))


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed builds left: those folders that are an hour old."""
    with contextlib.suppress(OSError), os.scandir(folder.parent) as found:
        for entry in found:
            ours = entry.name.startswith(f".{folder.name}{NEW}") and entry.is_dir()
            if ours and time.time() - entry.stat().st_mtime > ABANDONED:
                shutil.rmtree(entry.path, ignore_errors=True)


@contextlib.contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """One build at a time, where the system can lock a folder; the system frees a dead one's lock."""
    try:
        import fcntl

        handle = os.open(parent, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _swap_in(folder: Path, wanted: Mapping[str, bytes], kept: Set[str]) -> None:
    new = _beside(folder)
    try:
        new.chmod(0o755)
        if folder.is_dir():
            _carry_over(folder, new, earlier_files(folder) | wanted.keys())
        for name, content in wanted.items():
            if name in kept and not (folder / name).is_symlink():
                _link(folder / name, new / name)
            else:
                _place(new / name, content)
        for inside in [new, *(path for path in new.rglob("*") if path.is_dir())]:
            sync_folder(inside)
        _swap(folder, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _carry_over(folder: Path, new: Path, known: set[str]) -> None:
    """What other people put into the folder stays there."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                (new / name).mkdir(parents=True, exist_ok=True)
        elif name not in known:
            _link(path, new / name)


def _place(new: Path, content: bytes) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:  # some file systems have no hard links
        shutil.copy2(old, new, follow_symlinks=False)


def _swap(folder: Path, new: Path) -> None:
    """Two renames. Stopped between them (by Ctrl-C, too), the first is undone: here, or by the next
    build where this one was killed.
    """
    try:
        if folder.is_dir():
            folder.rename(_old(folder))
        new.rename(folder)
    except BaseException:
        with contextlib.suppress(OSError):
            _finish_earlier(folder)
        raise
    sync_folder(folder.parent)
    _discard(folder)
