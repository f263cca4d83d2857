"""Rows of anybody's table: JSONL, JSON, CSV, TSV, Parquet, or a data set on the Hub; streamed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tldr_bench.data import NumberedRow, Row, is_offline
from tldr_bench.errors import DataError, Problem, Report, UsageError, path_name
from tldr_bench.files import (
    MAX_FILE,
    MIB,
    decode,
    file_sha256,
    iter_jsonl,
    open_regular,
    read_bounded,
)
from tldr_bench.json_text import Unreadable
from tldr_bench.table_files import json_rows, parquet_rows, text_rows

HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")
ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
PEEK = 100
"""Rows whose keys make the list of columns."""


@dataclass(frozen=True)
class Hub:
    """Which rows of a Hub data set."""

    config: str | None = None
    split: str | None = None
    revision: str | None = None

    def given(self) -> list[str]:
        """The options that were given, as they stand in a command."""
        return [f"--{name}" for name, value in vars(self).items() if value is not None]


@dataclass(frozen=True)
class Table:
    """A table that has been opened: its columns are known, its rows still to come."""

    where: str
    origin: str
    columns: tuple[str, ...]
    rows: Iterator[NumberedRow]


def open_table(name: str, hub: Hub = Hub(), limit: int | None = None) -> Table:
    """The table in this file or Hub data set. Raises UsageError or DataError."""
    path = Path(name)
    if path.exists() or name.endswith(ENDINGS):
        where = path_name(path)
        if hub.given():
            raise UsageError(
                f"{', '.join(hub.given())}: for data sets on the Hub; {name} is a file"
            )
        if limit is None:
            _refuse_large(path)
        rows, origin = _file_rows(path), f"{path.name} (SHA-256 {_digest(path)})"
    elif HUB_ID.match(name):
        where = name
        rows, origin = _hub_rows(name, hub)
    else:
        raise UsageError(
            f"{name} is neither a file ({', '.join(ENDINGS)}) nor a Hub id such as allenai/scitldr"
        )
    rows = rows if limit is None else islice(rows, limit)
    first = list(islice(rows, PEEK))
    if not first:
        raise DataError([Problem(where, None, "holds no rows")])
    columns = tuple(dict.fromkeys(key for _, row in first for key in row))
    return Table(where, origin, columns, _chained(first, rows))


def _refuse_large(path: Path) -> None:
    """Lines are read up to a limit; better said at once than after minutes."""
    if not path.name.endswith((".jsonl", ".ndjson")) or not path.is_file():
        return
    if path.stat().st_size > MAX_FILE:
        message = (
            f"is larger than the {MAX_FILE // MIB} MiB that a task's data may have; "
            "--limit ROWS takes the first ones"
        )
        raise DataError([Problem(path_name(path), None, message)])


def _chained(first: list[NumberedRow], rest: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    yield from first
    first.clear()
    yield from rest


def _digest(path: Path) -> str:
    try:
        return file_sha256(path)
    except Unreadable as error:
        raise DataError([Problem(path_name(path), None, str(error))]) from None


def _file_rows(path: Path) -> Iterator[NumberedRow]:
    where = path_name(path)
    try:
        if path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")):
            yield from _jsonl(path)
        elif path.suffix == ".json":
            yield from json_rows(decode(read_bounded(path)), where)
        elif path.suffix in {".csv", ".tsv"}:
            with open_regular(path) as file:
                yield from text_rows(file, where, "\t" if path.suffix == ".tsv" else ",")
        elif path.suffix == ".parquet":
            with open_regular(path) as file:
                yield from parquet_rows(file, where)
        else:
            message = f"is of no known form; expected a name that ends in {', '.join(ENDINGS)}"
            raise DataError([Problem(where, None, message)])
    except Unreadable as error:
        raise DataError([Problem(where, None, str(error))]) from None


def _jsonl(path: Path) -> Iterator[NumberedRow]:
    report = Report()
    for numbered in iter_jsonl(path, report):
        if report:
            break
        yield numbered
    report.raise_as(DataError)


# The Hub ---------------------------------------------------------------------------------------


def _hub_rows(name: str, hub: Hub) -> tuple[Iterator[NumberedRow], str]:
    """Rows, streamed without a copy in the cache, and the origin with its full commit."""
    if is_offline():
        raise UsageError(f"{name} is on the Hub, and this is offline: give a file instead")
    try:
        revision, splits, rows = _load(name, hub)
    except Exception as error:  # noqa: BLE001 - network, format and script errors of many libraries
        detail = " ".join(str(error).split())[:300]
        raise DataError([Problem(name, None, f"cannot be loaded from the Hub: {detail}")]) from None
    if rows is None:
        given = f"there is no split '{hub.split}'" if hub.split else "say which split"
        raise UsageError(f"{name}: {given}; it has: {', '.join(splits)} (--split NAME)")
    config = f", config {hub.config}" if hub.config else ""
    split = hub.split or splits[0]
    origin = f"https://huggingface.co/datasets/{name} at {revision}{config}, split {split}"
    return _numbered(rows), origin


def _load(name: str, hub: Hub) -> tuple[str, list[str], Any]:
    """Commit, names of the splits, and the rows of the wanted split (the only one, if unnamed)."""
    import datasets
    import huggingface_hub

    datasets.disable_progress_bars()
    for library in ("datasets", "huggingface_hub", "fsspec"):
        logging.getLogger(library).setLevel(logging.ERROR)
    revision = str(huggingface_hub.HfApi().dataset_info(name, revision=hub.revision).sha)
    loaded = datasets.load_dataset(name, hub.config, revision=revision, streaming=True)
    splits = list(loaded)
    wanted = hub.split or (splits[0] if len(splits) == 1 else None)
    return revision, splits, loaded[wanted] if wanted in splits else None


def _numbered(rows: Any) -> Iterator[NumberedRow]:
    for position, row in enumerate(rows, 1):
        plain: Row = dict(row)
        yield position, plain
