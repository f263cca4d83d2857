"""Where a task's rows come from: a file, a URL pinned by digest, or a Hub data set at a revision.

Whatever the way, the digest that task.yaml gives is checked at *every* load.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

from tldr_bench.errors import DataError, MissingData, Problem, Report, path_name, shown
from tldr_bench.files import git_blob, lines_of, objects, read_bounded, sha256
from tldr_bench.json_text import Unreadable
from tldr_bench.records import Field, Record

Row = dict[str, Any]
NumberedRow = tuple[int, Row]
"""A row and its 1-based line in the file (its position, for data without lines)."""

FORMATS = {
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}


def _outside(path: str) -> str | None:
    """What is wrong with a path that leaves the data folder."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        return f"expected a path below the data folder, without '..', got {shown(path)}"
    return None


class Source(Record):
    """The `data:` part of task.yaml."""

    path: str | None = Field(
        default=None,
        pattern=r"^[^\x00-\x1f\x7f\\]+$",
        description="a file name, with / between folders",
        check=_outside,
    )
    """The file, below TLDR_BENCH_DATA, the task's folder, the tasks folder, or the cache."""
    url: str | None = Field(
        default=None, pattern=r"^https://\S+$", description="an https:// address"
    )
    """Where `data fetch` gets that file."""
    sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="64 digits of 0-9 and a-f"
    )
    """Digest of the file, or of the rows of a Hub data set (one JSON object a line, keys sorted)."""
    git_blob: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{40}$", description="40 digits of 0-9 and a-f"
    )
    """What `git hash-object` prints for the file, where only that is published."""
    hub: str | None = Field(
        default=None, pattern=r"^[\w.-]+(/[\w.-]+)?$", description="a name such as allenai/scitldr"
    )
    """A data set on the Hugging Face Hub, such as `allenai/scitldr`."""
    revision: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{40}$",
        description="a full commit: 40 digits of 0-9 and a-f",
    )
    """The commit of the Hub data set, in full."""
    config: str | None = None
    split: str | None = None
    format: Literal["jsonl", "csv", "tsv", "parquet"] | None = None
    """Read from the file's name when left out."""

    def problem(self) -> str | None:
        """A source is one place, and pinned."""
        if (self.path is None) == (self.hub is None):
            return "expected either 'path' (with or without 'url') or 'hub'"
        if self.hub and not (self.revision and self.split):
            return "a Hub data set needs 'revision' (a full commit) and 'split'"
        if self.path and not (self.sha256 or self.git_blob):
            return "a file needs 'sha256' (or 'git_blob'), so that a change is noticed"
        return None

    @property
    def file_format(self) -> str:
        """The format of the file: as given, or as its name says."""
        name = self.path or ""
        guessed = (form for ending, form in FORMATS.items() if name.endswith(ending))
        return self.format or next(guessed, "jsonl")


def data_folder() -> Path | None:
    """The folder that TLDR_BENCH_DATA names."""
    folder = os.environ.get("TLDR_BENCH_DATA")
    return Path(folder) if folder else None


def cache_folder() -> Path:
    """Where downloads and measurements are kept: TLDR_BENCH_CACHE or the platform's cache folder."""
    folder = os.environ.get("TLDR_BENCH_CACHE")
    if folder:
        return Path(folder)
    import platformdirs

    return Path(platformdirs.user_cache_dir("tldr-bench"))


def is_offline() -> bool:
    """Whether TLDR_BENCH_OFFLINE or HF_HUB_OFFLINE forbids the network."""
    names = ("TLDR_BENCH_OFFLINE", "HF_HUB_OFFLINE")
    return any(os.environ.get(name, "").lower() in {"1", "true", "yes", "on"} for name in names)


def _places(source: Source, task_folder: Path) -> Iterator[Path]:
    """Where the file of a source may lie, in the order in which it is looked for."""
    if source.path is None:
        return
    if (folder := data_folder()) is not None:
        yield folder / source.path
    yield task_folder / source.path
    yield task_folder.parent / source.path
    # Last, and asked for only then: the library that knows the platform's folder is not imported in vain.
    yield cache_folder() / "data" / source.path


def find_file(source: Source, task_folder: Path) -> Path | None:
    """The first place that holds the file, not yet checked."""
    return next((path for path in _places(source, task_folder) if path.is_file()), None)


def verify(path: Path, source: Source) -> None:
    """Raise DataError unless the file has the digest that the task promises."""
    verified(path, source)


def verified(path: Path, source: Source) -> bytes:
    """The content of a file that has the digest that the task promises. Raises DataError.

    Read once, so that the bytes that were checked are the bytes that are used.
    """
    where = path_name(path)
    try:
        content = read_bounded(path)
    except Unreadable as error:
        raise DataError([Problem(where, None, str(error))]) from None
    if source.sha256:
        _same("SHA-256", sha256(content).removeprefix("sha256:"), source.sha256, where)
    if source.git_blob:
        _same("git blob id", git_blob(content), source.git_blob, where)
    return content


def _same(name: str, actual: str, expected: str, where: str) -> None:
    if actual != expected:
        message = (
            f"is not the file that the task was made from: its {name} is {actual}, "
            f"expected {expected}. Restore it, or remove it and fetch it again"
        )
        raise DataError([Problem(where, None, message)])


def read_rows(task_id: str, source: Source, task_folder: Path) -> Iterator[NumberedRow]:
    """The rows of a task's data, verified first. Raises DataError when missing or changed."""
    if source.hub:
        return iter(_hub_rows(task_id, source))
    path = find_file(source, task_folder)
    if path is None:
        raise MissingData([Problem(task_id, None, missing_file(task_id, source))])
    return parsed(verified(path, source), path, source.file_format)


def missing_file(task_id: str, source: Source) -> str:
    """What to do when the file is nowhere."""
    fetch = f"run 'tldr-bench data fetch {task_id}', or " if source.url else ""
    return (
        f"its data ({source.path}) is not on this machine: {fetch}set TLDR_BENCH_DATA to a folder "
        f"that holds {source.path}"
    )


def parsed(content: bytes, path: Path, file_format: str) -> Iterator[NumberedRow]:
    """The rows in the content of a data file; raises DataError where it is not of its format."""
    where, file = path_name(path), io.BytesIO(content)
    if file_format == "jsonl":
        return _jsonl_rows(file, where, packed=path.suffix == ".gz")
    from tldr_bench.table_files import parquet_rows, text_rows

    if file_format == "parquet":
        return parquet_rows(file, where)
    return text_rows(file, where, "\t" if file_format == "tsv" else ",")


def _jsonl_rows(file: IO[bytes], where: str, *, packed: bool) -> Iterator[NumberedRow]:
    report = Report()
    yield from objects(lines_of(file, where, report, packed=packed), where, report)
    report.raise_as(DataError)


# The Hub ---------------------------------------------------------------------------------------


def _datasets() -> Any:
    """The `datasets` library, without its progress bars, and offline where we are."""
    import datasets
    from huggingface_hub import constants

    if is_offline():
        # Both read HF_HUB_OFFLINE when they are imported, which somebody may have done before us.
        constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    datasets.disable_progress_bars()
    return datasets


def _hub_rows(task_id: str, source: Source) -> list[NumberedRow]:
    datasets = _datasets()
    try:
        rows = datasets.load_dataset(
            source.hub, source.config, split=source.split, revision=source.revision
        )
    except Exception as error:  # noqa: BLE001 - network, cache and format errors of many libraries
        detail = " ".join(str(error).split())[:300]
        offline = " (offline)" if is_offline() else ""
        message = f"data set {source.hub} at {source.revision} cannot be loaded{offline}: {detail}"
        raise DataError([Problem(task_id, None, message)]) from None
    numbered: list[NumberedRow] = list(enumerate(map(dict, rows), 1))
    if source.sha256:
        rows_sha256 = sha256(rows_content([row for _, row in numbered])).removeprefix("sha256:")
        _same("SHA-256 of the rows", rows_sha256, source.sha256, str(source.hub))
    return numbered


def rows_content(rows: list[Row]) -> bytes:
    """The bytes whose SHA-256 pins the rows of a Hub data set."""
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in rows)
    return "".join(line + "\n" for line in lines).encode()
