"""Bounded, strict readers: everything that is read from the disk comes through here.

Files may come from strangers. A reader never follows a link when told not to, never reads more than
its limit, never guesses an encoding, and says file, line and column of what is wrong.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from tldr_bench.errors import Report, path_name, shown
from tldr_bench.json_text import Unreadable, parse_json

MIB = 1024 * 1024
MAX_FILE = 256 * MIB
"""Bytes of one data or prediction file; of a compressed one, unpacked."""
MAX_LINE = 1 * MIB
MAX_LINES = 10_000_000
MAX_YAML = 1 * MIB


# Reading ---------------------------------------------------------------------------------------


def open_regular(path: Path, *, follow_links: bool = True) -> IO[bytes]:
    """Open a regular file for reading; a pipe, device, folder (or link) raises Unreadable."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        # Looked at before it is opened, because opening a device can do something by itself;
        # and again afterwards, because somebody may have put something else there meanwhile.
        mode = path.stat(follow_symlinks=follow_links).st_mode
        _expect_regular(mode)
        handle = os.open(path, flags)
    except OSError as error:
        raise Unreadable(reason(error)) from None
    try:
        _expect_regular(os.fstat(handle).st_mode)
    except Unreadable:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def _expect_regular(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise Unreadable("is a link; only regular files are read")
    if stat.S_ISDIR(mode):
        raise Unreadable("is a folder; expected a file")
    if not stat.S_ISREG(mode):
        raise Unreadable("is not a regular file")


def reason(error: OSError) -> str:
    """An operating-system error in plain words.

    >>> reason(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    text = error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]


def read_bounded(path: Path, limit: int = MAX_FILE, *, follow_links: bool = True) -> bytes:
    """The bytes of a regular file of at most `limit` bytes."""
    with open_regular(path, follow_links=follow_links) as file:
        try:
            content = file.read(limit + 1)
        except OSError as error:
            raise Unreadable(reason(error)) from None
    if len(content) > limit:
        raise Unreadable(f"is larger than the limit of {limit // MIB} MiB")
    return content


def decode(content: bytes) -> str:
    """UTF-8 text, a byte-order mark dropped; anything else raises Unreadable with line and column."""
    _refuse_utf16(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `error.object` is the content without its byte-order mark.
        before = error.object[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        byte = error.object[error.start]
        message = f"is not UTF-8: byte 0x{byte:02x} at column {column}"
        raise Unreadable(message, line) from None


def _refuse_utf16(content: bytes) -> None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is UTF-16; save it as UTF-8")


def iter_lines(
    path: Path, report: Report, *, follow_links: bool = True
) -> Iterator[tuple[int, str]]:
    """Line number and text of every non-blank line of a text file, plain or gzip; streamed.

    A line that cannot be read is reported and skipped; a broken file ends the iteration.
    """
    where = path_name(path)
    try:
        with open_regular(path, follow_links=follow_links) as raw:
            yield from lines_of(raw, where, report, packed=path.suffix == ".gz")
    except Unreadable as error:
        _cut(report, where, str(error))


def lines_of(
    raw: IO[bytes], where: str, report: Report, *, packed: bool
) -> Iterator[tuple[int, str]]:
    """As `iter_lines`, from an open file, which `where` names in messages."""
    try:
        yield from _lines(_unpacked(raw) if packed else raw, where, report)
    except Unreadable as error:
        _cut(report, where, str(error))
    except EOFError:
        _cut(report, where, "is cut short: the compressed data has no end")
    except zlib.error as error:
        _cut(report, where, f"is not gzip, or damaged: {error}")
    except OSError as error:
        damaged = packed and error.errno is None  # gzip's own, which says nothing of the disk
        text = (
            f"is not gzip, or damaged: {error}" if damaged else f"cannot be read: {reason(error)}"
        )
        _cut(report, where, text)


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    import gzip  # with what it imports it takes as long as reading a file of usual size

    return cast(IO[bytes], gzip.GzipFile(fileobj=raw))


def _cut(report: Report, where: str, message: str) -> None:
    report.add(where, message)
    report.cut = True


def _lines(file: IO[bytes], where: str, report: Report) -> Iterator[tuple[int, str]]:
    read = 0
    number = 0
    while chunk := file.readline(MAX_LINE + 1):
        if not number:
            _refuse_utf16(chunk)  # one mistake of the whole file
        number += 1
        read += len(chunk)
        _within_limits(read, number)
        if report.full:
            report.cut = True
            return
        if len(chunk) > MAX_LINE:
            report.add(where, f"is longer than the limit of {MAX_LINE // MIB} MiB a line", number)
            read += _skip_line(file)
            _within_limits(read, number)
            continue
        try:
            text = _decode_line(chunk, number)
        except Unreadable as error:
            report.add(where, str(error), number)
            continue
        if text and not text.isspace():
            yield number, text.rstrip("\r\n")


def _within_limits(read: int, number: int) -> None:
    if read > MAX_FILE:
        raise Unreadable(f"is larger than the limit of {MAX_FILE // MIB} MiB")
    if number > MAX_LINES:
        raise Unreadable(f"has more lines than the limit of {MAX_LINES}")


def _skip_line(file: IO[bytes]) -> int:
    skipped = 0
    while chunk := file.readline(MAX_LINE):
        skipped += len(chunk)
        if chunk.endswith(b"\n") or skipped > MAX_FILE:
            break
    return skipped


def _decode_line(chunk: bytes, number: int) -> str:
    if number == 1:
        return decode(chunk)
    try:
        return chunk.decode()
    except UnicodeDecodeError:
        return decode(chunk)


def iter_jsonl(
    path: Path, report: Report, *, follow_links: bool = True
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line of a JSON Lines file; problems go to the report."""
    lines = iter_lines(path, report, follow_links=follow_links)
    return objects(lines, path_name(path), report)


def objects(
    lines: Iterator[tuple[int, str]], where: str, report: Report
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON object on every line."""
    for number, text in lines:
        try:
            row = parse_json(text)
        except Unreadable as error:
            report.add(where, str(error), number)
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            report.add(where, f"expected a JSON object {{…}}, got {shown(row)}", number)


# Digests ---------------------------------------------------------------------------------------


def sha256(content: bytes) -> str:
    """`sha256:<64 hexadecimal digits>`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def file_sha256(path: Path, *, follow_links: bool = True) -> str:
    """SHA-256 of a file as 64 hexadecimal digits; read in pieces."""
    with open_regular(path, follow_links=follow_links) as file:
        digest = hashlib.sha256()
        while piece := file.read(MIB):
            digest.update(piece)
        return digest.hexdigest()


def git_blob(content: bytes) -> str:
    """What `git hash-object` prints: SHA-1 over a header with the length, then the content."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
