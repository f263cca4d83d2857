"""The measurements of a prediction file: taken from the store, or made block by block and kept.

What is measured is cut into blocks of 4,096 examples where the metric allows it. A block is what
is kept under one key, what one worker is given, and what a kill can lose; its size is fixed, so
that neither keys nor figures depend on how many workers there are.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tldr_bench.align import BLOCK, Aligned, align_file
from tldr_bench.collector import paused
from tldr_bench.errors import NotComputed
from tldr_bench.files import MAX_FILE, file_sha256
from tldr_bench.json_text import Unreadable
from tldr_bench.kinds import Pair
from tldr_bench.metrics.base import Metric
from tldr_bench.questions import Answer, Question, Reading
from tldr_bench.store import Kept, Store, key_of, measurement_key
from tldr_bench.tally import Tally
from tldr_bench.task import Task

if TYPE_CHECKING:
    from tldr_bench.metrics.base import Columns

Pairs = Sequence[Pair[Any, Any]]
Spread = Callable[[Metric[Any, Any], Iterable[Pairs]], Iterable["tuple[Columns, float]"]]
"""Measures blocks, here or elsewhere: the columns of each, in order, and the seconds it took."""


def measure_here(
    metric: Metric[Any, Any], blocks: Iterable[Pairs]
) -> Iterator[tuple[Columns, float]]:
    """Measure block after block in this process."""
    for pairs in blocks:
        start = time.perf_counter()
        with paused():
            columns = metric.measure(pairs)
        yield columns, time.perf_counter() - start


# Known already ---------------------------------------------------------------------------------


def recall(
    task: Task, asked: Question, store: Store, file: str | None
) -> tuple[Answer | None, Question | None]:
    """What the store knows, without reading a single prediction; and what is left to ask.

    `file` is what `asked_file_key` says of the file; None where it cannot be read or nothing is kept.
    """
    reading = None if file is None else _kept_reading(store.find(file))
    if reading is None:
        return None, asked
    found = Answer(reading, tally=Tally(files_known=1))
    rest = tuple(name for name in asked.metrics if not _recalled(task, name, store, found))
    return found, replace(asked, metrics=rest) if rest else None


def _recalled(task: Task, name: str, store: Store, answer: Answer) -> bool:
    """Take a metric's columns from the store into the answer; False when they have to be measured."""
    metric = task.metrics[name]
    try:
        keys = block_keys(task, answer.reading, metric)
        found = [_usable(store, key, rows) for key, rows in keys]
        kept = [item for item in found if item is not None]
        if len(kept) < len(found):
            _must_be_possible(metric)
            return False
    except NotComputed as reason:
        answer.not_computed[name] = str(reason)
        return True
    answer.columns[name] = _joined([columns for columns, _ in kept])
    answer.tally.reused += len(task.examples)
    answer.tally.saved += sum(seconds for _, seconds in kept)
    return True


def _must_be_possible(metric: Metric[Any, Any]) -> None:
    """Raises NotComputed for what cannot be measured here: no prediction has to be read to know it."""
    if reason := metric.lacking():
        raise NotComputed(reason)


def _usable(store: Store, key: str, rows: int) -> tuple[Columns, float] | None:
    """The columns kept under a key and what they cost, if they are of the expected length."""
    found = store.get(key)
    if found is None or not found[0] or any(len(column) != rows for column in found[0].values()):
        return None
    return found


def asked_file_key(task: Task, asked: Question) -> str | None:
    """The key of what the file says, by its bytes; None where it cannot be read."""
    try:
        if asked.path.stat().st_size > MAX_FILE:
            return None
        digest = file_sha256(asked.path, follow_links=False)
    except (OSError, Unreadable):
        return None
    return file_key(task, asked, digest)


def file_key(task: Task, asked: Question, digest: str) -> str:
    """The key of what a file says: its name, its bytes, what it is read for and by which code."""
    return key_of("reading", reader(), task.version, digest, asked.path.name, asked.leave_one_out)


@cache
def reader() -> str:
    """A digest of the code that reads prediction files: when it changes, they are read again."""
    return code_digest(Path(__file__).parent)


def code_digest(folder: Path) -> str:
    """SHA-256 over the modules of a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _kept_reading(found: Kept | None) -> Reading | None:
    try:
        digest, *blocks = json.loads(found.body) if found else [""]
    except ValueError:
        return None
    return Reading(digest, tuple(blocks)) if digest else None


# Read and measured -----------------------------------------------------------------------------


def answer(task: Task, asked: Question, store: Store, spread: Spread = measure_here) -> Answer:
    """Read and check the file, and measure what the store does not hold.

    Raises SubmissionError with every problem of the predictions.
    """
    before = asked_file_key(task, asked) if store.folder else None
    tally = Tally(files_read=1)
    with tally.stage("read predictions"):
        aligned = align_file(task, asked.path, leave_one_out=asked.leave_one_out)
        reading = read_as(aligned)
    found = Answer(reading, tally=tally)
    for name in asked.metrics:
        try:
            found.columns[name] = measured(
                task, aligned, reading, task.metrics[name], store, tally, spread
            )
        except NotComputed as reason:
            found.not_computed[name] = str(reason)
    # Kept only if these were the bytes that were read: a file may be replaced meanwhile.
    if before is not None and before == asked_file_key(task, asked):
        keep_reading(before, reading, store)
    return found


def keep_reading(key: str, reading: Reading, store: Store) -> None:
    """Keep what a file says under the key of the file."""
    store.keep(key, json.dumps([reading.digest, *reading.blocks]).encode())


def read_as(aligned: Aligned) -> Reading:
    """The digests of what was read."""
    return Reading(aligned.digest, aligned.blocks)


def _blocks(pairs: Pairs) -> list[Pairs]:
    return [pairs[start : start + BLOCK] for start in range(0, len(pairs), BLOCK)]


def block_keys(task: Task, reading: Reading, metric: Metric[Any, Any]) -> list[tuple[str, int]]:
    """Under which keys a measurement is kept, and how many examples each holds."""
    examples, signature = len(task.examples), metric.signature
    if not (metric.by_row and reading.blocks):
        return [(measurement_key(task.version, reading.digest, signature), examples)]
    return [
        (
            measurement_key(task.version, f"{number}:{digest}", signature),
            min(BLOCK, examples - number * BLOCK),
        )
        for number, digest in enumerate(reading.blocks)
    ]


def measured(
    task: Task,
    aligned: Aligned,
    reading: Reading,
    metric: Metric[Any, Any],
    store: Store,
    tally: Tally,
    spread: Spread = measure_here,
) -> Columns:
    """A metric's columns: what is kept is taken, the rest is measured and kept at once."""
    keys = block_keys(task, reading, metric)
    blocks = _blocks(aligned.pairs) if len(keys) > 1 else [aligned.pairs]
    parts: list[Columns | None] = []
    for key, rows in keys:
        found = _usable(store, key, rows)
        parts.append(found[0] if found else None)
        tally.reused += rows if found else 0
        tally.saved += found[1] if found else 0.0
    missing = [place for place, part in enumerate(parts) if part is None]
    if missing:
        _must_be_possible(metric)
    results = spread(metric, (blocks[place] for place in missing))
    for place, (columns, seconds) in zip(missing, results, strict=True):
        _refuse_undefined(metric, columns)
        store.put(keys[place][0], columns, seconds)
        parts[place] = columns
        tally.computed += keys[place][1]
        tally.spend(f"measure {metric.name}", seconds)
    return _joined([part for part in parts if part is not None])


def _refuse_undefined(metric: Metric[Any, Any], columns: Columns) -> None:
    """A figure that is no number is no figure: it would spread into means, intervals and files."""
    import numpy as np

    for name, column in columns.items():
        if not np.isfinite(column).all():
            raise NotComputed(f"{metric.name} gave no finite number for some examples ({name})")


def keep_answer(task: Task, answer: Answer, store: Store) -> None:
    """Keep what was measured where the store could not be reached."""
    for name, columns in answer.columns.items():
        metric = task.metrics[name]
        seconds = answer.tally.seconds.get(f"measure {metric.name}", 0.0)
        start = 0
        for key, rows in block_keys(task, answer.reading, metric):
            part = {column: values[start : start + rows] for column, values in columns.items()}
            store.put(key, part, seconds * rows / len(task.examples))
            start += rows


def _joined(parts: Sequence[Columns]) -> Columns:
    """Blocks one below the other."""
    if len(parts) == 1:
        return parts[0]
    import numpy as np

    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
