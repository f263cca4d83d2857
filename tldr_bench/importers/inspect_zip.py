"""Inspect's `.eval` files: zip archives, read member by member and never unpacked to the disk."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from tldr_bench.errors import Report, path_name
from tldr_bench.files import MIB, decode, open_regular
from tldr_bench.importers.foreign import MAX_DOCUMENT, parse
from tldr_bench.json_text import Unreadable

MAX_MEMBER = 64 * MIB
MAX_TOTAL = 2048 * MIB
"""Of all members together, unpacked."""
MAX_MEMBERS = 100_000
ZSTANDARD = 93
"""The number of the method in zip files (APPNOTE 6.3.8); Python's zipfile knows it from 3.14 on."""


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)
"""What damaged archives and their compressors raise."""


def read_log(path: Path, report: Report) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The header and the samples of a log; what cannot be read goes to the report."""
    where = path_name(path)
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            return _members(archive, file, where, report)
    except Unreadable as error:
        report.add(where, str(error))
    except _DAMAGE as error:
        report.add(where, f"is not a readable .eval file: {str(error)[:200]}")
    return {}, []


def _members(
    archive: zipfile.ZipFile, file: IO[bytes], where: str, report: Report
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    # Of members of one name the last counts, as in every zip tool.
    members = {info.filename: info for info in archive.infolist()[:MAX_MEMBERS]}
    if sum(info.file_size for info in members.values()) > MAX_TOTAL:
        raise Unreadable(f"unpacks to more than {MAX_TOTAL // MIB} MiB")
    name = "header.json" if "header.json" in members else "_journal/start.json"
    if name not in members:
        raise Unreadable("has no header.json: not a log of Inspect")
    header = _object(archive, file, members[name])
    if name != "header.json":
        header.setdefault("status", "started")
    samples: list[dict[str, Any]] = []
    kept = 0
    for name in sorted(members):
        if name.startswith("samples/") and name.endswith(".json"):
            try:
                samples.append(_slim(_object(archive, file, members[name])))
                kept += len(json.dumps(samples[-1]))
            except Unreadable as error:
                report.add(where, f"{name} {error}")
        if kept > MAX_DOCUMENT:
            raise Unreadable(f"its samples hold more than {MAX_DOCUMENT // MIB} MiB")
    return header, samples


def _slim(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample without its transcript, which is most of its size."""
    unused = ("events", "messages", "store", "model_usage", "events_data")
    return {name: value for name, value in sample.items() if name not in unused}


def _object(archive: zipfile.ZipFile, file: IO[bytes], info: zipfile.ZipInfo) -> dict[str, Any]:
    value = parse(decode(_content(archive, file, info)))
    if not isinstance(value, dict):
        raise Unreadable("is not a JSON object")
    return value


def _content(archive: zipfile.ZipFile, file: IO[bytes], info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise Unreadable("is encrypted")
    if info.compress_type == ZSTANDARD:
        content = _zstandard(file, info)
    else:
        with archive.open(info) as member:
            content = member.read(MAX_MEMBER + 1)
    if len(content) > MAX_MEMBER:
        raise Unreadable(f"is larger than the limit of {MAX_MEMBER // MIB} MiB")
    return content


_LOCAL = struct.Struct("<26xHH")
"""The local header: 26 bytes, then how long the name and the extra field after it are."""


def _zstandard(file: IO[bytes], info: zipfile.ZipInfo) -> bytes:
    import pyarrow as pa

    file.seek(info.header_offset)
    name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    file.seek(name + extra, 1)
    if info.compress_size > MAX_MEMBER:
        raise Unreadable(f"is larger than the limit of {MAX_MEMBER // MIB} MiB")
    packed = file.read(info.compress_size)
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        content = bytes(stream.read(min(info.file_size, MAX_MEMBER) + 1))
    if zlib.crc32(content) != info.CRC and len(content) <= MAX_MEMBER:
        raise Unreadable("is damaged: its checksum differs")
    return content
