"""What a Parquet file says of itself, asked in a process of its own: `python -m … NAME…` with the file as input.

pyarrow ends the whole process where the description of a column is damaged, instead of raising.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PATIENCE = 60
"""Seconds for a description; a thousand columns take one."""


@dataclass(frozen=True)
class Sizes:
    """The size of the wanted columns, before any of them is unpacked."""

    rows: int
    groups: int
    values: int
    bytes: int
    """Uncompressed, and all values of a fixed length at their full length."""
    paths: list[str]
    """The columns themselves: those of an object are several."""


def sizes(content: bytes, wanted: Sequence[str]) -> Sizes:
    """The sizes of the wanted columns of a file. Raises ValueError where it cannot say."""
    # -P: no module of the folder that somebody happens to stand in.
    command = [sys.executable, "-P", "-m", __name__, *wanted]
    try:
        done = subprocess.run(  # noqa: S603 - this very module
            command, input=content, capture_output=True, timeout=PATIENCE, check=True
        )
        return Sizes(**json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError, TypeError):
        raise ValueError("what it says of its columns is damaged") from None


def _read(content: bytes, wanted: Sequence[str]) -> Sizes:
    import pyarrow as pa
    from pyarrow import parquet

    about = parquet.read_metadata(pa.BufferReader(content))
    leaves = {
        number: about.schema.column(number)
        for number in range(about.num_columns)
        if any(f"{about.schema.column(number).path}.".startswith(f"{name}.") for name in wanted)
    }
    chunks: list[tuple[Any, Any]] = [
        (leaf, about.row_group(group).column(number))
        for group in range(about.num_row_groups)
        for number, leaf in leaves.items()
    ]
    return Sizes(
        rows=about.num_rows,
        groups=about.num_row_groups,
        values=sum(chunk.num_values for _, chunk in chunks),
        bytes=sum(
            chunk.total_uncompressed_size + chunk.num_values * max(0, leaf.length)
            for leaf, chunk in chunks
        ),
        paths=[leaf.path for leaf in leaves.values()],
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_read(sys.stdin.buffer.read(), sys.argv[1:]))))
