"""make-task columns on long texts and many rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from columns_files import Make, make, written
from conftest import jsonl

from tldr_bench.errors import DataError
from tldr_bench.make_task.guess import Columns
from tldr_bench.make_task.tables import open_table

__all__ = ["make"]


def test_a_source_of_150000_characters(make: Make, tmp_path: Path) -> None:
    """A long text is taken whole; a row of more than a megabyte is refused by its line."""
    long = "word " * 30_000
    assert make("p.jsonl", jsonl([{"abstract": long, "tldr": "x"}])).rc == 0
    assert written(tmp_path)[0]["source"] == long
    done = make("p.jsonl", jsonl([{"abstract": long * 8, "tldr": "x"}]), "--force")
    assert done.rc == 1
    assert "is longer than the limit of 1 MiB a line" in done.err


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Ten times the rows take the same memory but for ids: under 200 bytes a row, well below the rows' size."""
    import tracemalloc

    from tldr_bench.make_task.columns import Wishes, read_columns
    from tldr_bench.make_task.write import write_task

    def peak(number: int) -> int:
        path = tmp_path / f"{number}.jsonl"
        row = (
            '{"id": "paper-%d", "abstract": "' + "words and more words " * 20 + '", "tldr": "x"}\n'
        )
        path.write_text("".join(row % at for at in range(number)))
        tracemalloc.start()
        draft, _ = read_columns(open_table(str(path)), Columns(), Wishes())
        write_task(tmp_path / f"task-{number}", draft)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    few, many = peak(1_000), peak(10_000)
    assert (many - few) / 9_000 < 200


def test_a_file_beyond_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    """Before the first row is read; with --limit its first rows are taken."""
    path = tmp_path / "large.jsonl"
    path.write_text('{"abstract": "Owls hunt.", "tldr": "Owls."}\n')
    with path.open("r+b") as file:
        file.truncate(257 * 2**20)  # a hole: it takes no place on the disk
    with pytest.raises(DataError) as caught:
        open_table(str(path))
    assert str(caught.value).endswith(
        "is larger than the 256 MiB that a task's data may have; --limit ROWS takes the first ones"
    )
    assert len(list(open_table(str(path), limit=1).rows)) == 1
