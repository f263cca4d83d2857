"""make-task columns on data sets of the Hub: which commit, which split, and not without a network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from columns_files import Make, make
from conftest import Answer

from tldr_bench.errors import DataError, UsageError
from tldr_bench.make_task.tables import Hub, open_table

__all__ = ["make"]


class _Library(SimpleNamespace):
    """Stands in for `datasets` and `huggingface_hub`: two splits, one commit, no network."""

    def HfApi(self) -> Any:
        return SimpleNamespace(dataset_info=lambda *_, **__: SimpleNamespace(sha="c" * 40))

    def disable_progress_bars(self) -> None:
        return None

    def load_dataset(self, name: str, config: str | None, **options: Any) -> dict[str, Any]:
        assert options == {"revision": "c" * 40, "streaming": True}
        return {"train": [], "test": [{"abstract": f"{name} {config}", "tldr": "x"}]}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Hub with one data set."""
    monkeypatch.delenv("TLDR_BENCH_OFFLINE")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setitem(sys.modules, "datasets", _Library())  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "huggingface_hub", _Library())  # type: ignore[arg-type]


def test_a_hub_data_set_is_pinned_to_the_commit_it_was_read_at(hub: None) -> None:
    """The origin names data set, commit, config and split; the rows are streamed."""
    table = open_table("somebody/papers", Hub("small", "test"))
    assert table.origin == (
        f"https://huggingface.co/datasets/somebody/papers at {'c' * 40}, config small, split test"
    )
    assert list(table.rows) == [(1, {"abstract": "somebody/papers small", "tldr": "x"})]


def test_several_splits_of_a_hub_data_set_are_listed(hub: None) -> None:
    """Which split is never guessed among several."""
    with pytest.raises(UsageError) as caught:
        open_table("somebody/papers")
    assert str(caught.value) == (
        "somebody/papers: say which split; it has: train, test (--split NAME)"
    )


def test_offline_a_hub_id_says_so(make: Make, cli: Callable[..., Answer]) -> None:
    """No waiting for a network that must not be used."""
    done = cli("make-task", "columns", "somebody/papers", "--out", "mine", "--offline")
    assert done.rc == 2
    assert done.err == (
        "error: somebody/papers is on the Hub, and this is offline: give a file instead\n"
    )


def test_a_name_that_is_no_file_and_no_hub_id(tmp_path: Path) -> None:
    """A file that is not there is said to be missing; anything else is asked about."""
    with pytest.raises(DataError, match=r"papers\.csv: no such file or directory"):
        open_table(str(tmp_path / "papers.csv"))
    with pytest.raises(UsageError, match="is neither a file"):
        open_table("papers")
