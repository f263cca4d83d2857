"""Bring a task's file here: from a folder that somebody fetched, or over a network that breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tldr_bench.data import Source, cache_folder, verified
from tldr_bench.errors import DataError, MissingData, Problem, path_name
from tldr_bench.fetch import Progress, fetch_file, part_of
from tldr_bench.writing import write_atomic

TRIES = 5
"""How often a download is taken up again by itself; each time it must have come further."""


def bring(
    task_id: str, source: Source, task_folder: Path, progress: Progress = lambda *_: None
) -> Path:
    """As `fetch_file`, but a connection that is cut is taken up again where it was cut.

    Raises what `fetch_file` raises once nothing more comes, or after the last try.
    """
    part = part_file(source)
    have = -1
    for _ in range(TRIES - 1):
        try:
            return fetch_file(task_id, source, task_folder, progress)
        except MissingData:
            now = part.stat().st_size if part and part.is_file() else 0
            if now <= max(have, 0):
                raise
            have = now
    return fetch_file(task_id, source, task_folder, progress)


def part_file(source: Source) -> Path | None:
    """Where the part of a source's download that has come is kept."""
    return part_of(cache_folder() / "data" / source.path) if source.path else None


def take(task_id: str, source: Source, folder: Path) -> Path:
    """Copy a task's file from a folder (a clone, a download by hand) into the cache, verified.

    It may lie there as in the task's own path, or in any shorter form of it. Raises MissingData when
    no such file is there, DataError when one is and is another.
    """
    if source.path is None:
        raise MissingData([Problem(task_id, None, "its data is a Hub data set, not a file")])
    found = [path for path in _places(folder, Path(source.path)) if path.is_file()]
    if not found:
        looked = ", ".join(map(path_name, _places(folder, Path(source.path))))
        raise MissingData(
            [
                Problem(
                    task_id,
                    None,
                    f"no file of its data in {path_name(folder)}: looked for {looked}",
                )
            ]
        )
    content, target = _first_right(found, source), cache_folder() / "data" / source.path
    write_atomic(target, content)
    return target


def _places(folder: Path, path: Path) -> Iterator[Path]:
    """`folder/scitldr/SciTLDR-A/test.jsonl`, `…/SciTLDR-A/test.jsonl`, in the repository's folder, `…/test.jsonl`."""
    for start in range(len(path.parts)):
        tail = Path(*path.parts[start:])
        yield folder / tail
        if len(tail.parts) > 1:
            yield folder / "SciTLDR-Data" / tail


def _first_right(found: list[Path], source: Source) -> bytes:
    problems: list[Problem] = []
    for path in found:
        try:
            return verified(path, source)
        except DataError as error:
            problems.extend(error.problems)
    raise DataError(problems)
