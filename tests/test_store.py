"""The store makes it faster, never different: what is damaged, stale or half written is not believed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import GOLD, TinyWorkspace

from tldr_bench.errors import UsageError
from tldr_bench.store import LIMIT, Store, measurement_key, size_limit

KEY = measurement_key("sha256:task", "sha256:predictions", "metric|v:1")
COLUMNS = {"f1": np.array([0.1, 0.2, 1 / 3]), "hits": np.array([1.0, 0.0, 2.0])}


def kept(folder: Path) -> Path:
    """The one file of the store."""
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    return path


def equal(found: object) -> bool:
    assert isinstance(found, tuple)
    columns, _ = found
    return list(columns) == list(COLUMNS) and all(
        np.array_equal(columns[name], column) for name, column in COLUMNS.items()
    )


def test_what_is_kept_comes_back_bit_for_bit(tmp_path: Path) -> None:
    """Columns come back with their names, their order and every bit."""
    Store(tmp_path).put(KEY, COLUMNS)
    assert equal(Store(tmp_path).get(KEY))


def test_the_key_depends_on_everything(tmp_path: Path) -> None:
    """Another task version, other predictions or another signature is another question."""
    Store(tmp_path).put(KEY, COLUMNS)
    parts = ["sha256:task", "sha256:predictions", "metric|v:1"]
    for number in range(3):
        other = [part + "x" if place == number else part for place, part in enumerate(parts)]
        assert Store(tmp_path).get(measurement_key(*other)) is None


def test_a_damaged_entry_is_not_believed(tmp_path: Path) -> None:
    """Whichever byte is changed, and wherever the entry is cut, it is as if there were none."""
    store = Store(tmp_path)
    store.put(KEY, COLUMNS)
    path = kept(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        found = store.get(KEY)
        assert found is None or equal(found), place
        path.write_bytes(whole[:place])
        assert store.get(KEY) is None, place
    path.write_bytes(whole)
    assert equal(store.get(KEY))


def test_an_entry_under_another_name_is_not_believed(tmp_path: Path) -> None:
    """An entry that was copied to another key answers nothing."""
    store = Store(tmp_path)
    store.put(KEY, COLUMNS)
    other = measurement_key("other", "predictions", "metric")
    path = kept(tmp_path)
    target = Path(str(path).replace(KEY, other).replace(f"/{KEY[:2]}/", f"/{other[:2]}/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    assert store.get(other) is None


def test_a_store_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """A file in the place of its folder: nothing is kept, nothing is raised."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    store = Store(blocked)
    store.put(KEY, COLUMNS)
    assert store.get(KEY) is None


def test_without_a_folder_nothing_is_kept() -> None:
    """A store without a folder forgets at once."""
    store = Store()
    store.put(KEY, COLUMNS)
    assert store.get(KEY) is None


def test_several_writers_and_readers_share_a_folder(tmp_path: Path) -> None:
    """Whoever reads while others write sees a whole entry or none."""
    store = Store(tmp_path)
    wrong: list[object] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            Store(tmp_path).put(KEY, COLUMNS)
            for path in tmp_path.rglob("*"):
                if KEY in path.name and path.is_file():
                    path.unlink(missing_ok=True)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for _ in range(300):
        found = store.get(KEY)
        if found is not None and not equal(found):
            wrong.append(found)
    stop.set()
    for writer in writers:
        writer.join()
    assert wrong == []


# Room ------------------------------------------------------------------------------------------


def test_the_limit_is_a_number_of_mebibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers are MiB, nothing is 2 GiB, and anything else is told as a mistake of the caller."""
    for given, limit in (("", LIMIT), (" 3 ", 3 * 1024**2), ("0", 0)):
        monkeypatch.setenv("TLDR_BENCH_CACHE_LIMIT", given)
        assert size_limit() == limit
    for given in ("²", "2GB", "-1", "1.5", "9" * 5000):
        monkeypatch.setenv("TLDR_BENCH_CACHE_LIMIT", given)
        with pytest.raises(
            UsageError, match=r"^TLDR_BENCH_CACHE_LIMIT: expected a whole number of MiB"
        ):
            size_limit()


def test_a_wrong_limit_is_told_before_the_work(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any]
) -> None:
    """`score` ends with status 2 and one line, before anything is scored."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    answer = cli("score", env={"TLDR_BENCH_CACHE_LIMIT": "2GB"})
    assert answer.rc == 2
    assert "TLDR_BENCH_CACHE_LIMIT: expected a whole number of MiB, such as 2048, got '2GB'" in (
        answer.err
    )
    assert not (tmp_workspace.root / "submissions/good/results").exists()


def test_what_may_not_be_removed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of somebody else is left where it is, and that is told instead of raised."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    store = Store(tmp_path)
    store.put(KEY, COLUMNS)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert store.prune(0).entries == 0
    assert store.refused == [f"{kept(tmp_path)}: cannot be removed: permission denied"]


def test_embeddings_count_and_go_with_the_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packs of embeddings are part of the store's size, and make room when they were unused for longest."""
    from tldr_bench.execute import default_store

    monkeypatch.setenv("TLDR_BENCH_CACHE", str(tmp_path))
    store = default_store()
    store.put(KEY, COLUMNS)
    pack = tmp_path / "embeddings/model/0.pack"
    pack.parent.mkdir(parents=True)
    pack.write_bytes(b"x" * 5000)
    os.utime(pack, (1e9, 1e9))
    assert (store.size().entries, store.size().bytes > 5000) == (2, True)
    assert store.prune(1000).bytes == 5000
    assert not pack.exists()
    assert store.get(KEY) is not None
    assert store.prune(0).entries == 1
    assert store.size().entries == 0


def test_embeddings_in_use_are_not_the_first_to_go(tmp_path: Path) -> None:
    """Looking into a pack of yesterday notes that it is in use; the texts are still found."""
    from tldr_bench.metrics.embeddings import Embedded, Embeddings, text_key

    one = Embedded(np.zeros(2, np.int32), np.zeros((2, 3), np.float32), False)
    Embeddings(tmp_path, 3).keep({text_key("a"): one})
    os.utime(kept(tmp_path), (1e9, 1e9))
    assert Embeddings(tmp_path, 3).kept(text_key("a"))
    assert kept(tmp_path).stat().st_mtime > 1e9 + 1


def test_what_could_not_be_read_back_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry above the limit of the reader is not kept, one of just that size is, and comes back."""
    import tldr_bench.store as module

    Store(tmp_path).put(KEY, COLUMNS)
    size = kept(tmp_path).stat().st_size
    for limit, files in ((size, 1), (size - 1, 0)):
        Store(tmp_path).prune(0)
        monkeypatch.setattr(module, "MAX_ENTRY", limit)
        Store(tmp_path).put(KEY, COLUMNS)
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == files
        assert (Store(tmp_path).get(KEY) is not None) == bool(files)


@pytest.mark.parametrize("command", ["leaderboard tiny-summary", "export csv", "build", "score"])
def test_whichever_command_fills_the_store_makes_room(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any], command: str
) -> None:
    """A command that made the store larger than its limit leaves it smaller, and says so."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    cache = tmp_workspace.root / ".cache"
    bounded = {"TLDR_BENCH_CACHE": str(cache), "TLDR_BENCH_CACHE_LIMIT": "0"}
    answer = cli(*command.split(), env=bounded)
    assert answer.rc == 0
    assert "the store was full: " in answer.err
    assert not list(cache.rglob("*.entry"))


def test_a_command_that_adds_nothing_looks_at_no_store(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any]
) -> None:
    """A board from a full store is printed without a look through the store."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    cache = tmp_workspace.root / ".cache"
    assert cli("leaderboard", "tiny-summary", env={"TLDR_BENCH_CACHE": str(cache)}).rc == 0
    before = sorted(cache.rglob("*.entry"))
    bounded = {"TLDR_BENCH_CACHE": str(cache), "TLDR_BENCH_CACHE_LIMIT": "0"}
    answer = cli("leaderboard", "tiny-summary", env=bounded)
    assert (answer.rc, answer.err) == (0, "")
    assert sorted(cache.rglob("*.entry")) == before != []


@pytest.mark.parametrize("size", ["inf", "1e400", "nan"])
def test_a_size_that_is_no_number_of_mebibytes_is_wrong_usage(
    cli: Callable[..., Any], size: str
) -> None:
    """`cache prune --size inf` says what is expected, exits with 2 and removes nothing."""
    answer = cli("cache", "prune", "--size", size)
    assert (answer.rc, answer.out) == (2, "")
    assert "--size" in answer.err
    assert "mistake of tldr-bench" not in answer.err


def test_a_prune_that_removes_nothing_it_should_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cache prune` of a store that may not be changed says why, and its status is 1."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "def refuse(*_, **__):\n    raise OSError(30, 'Read-only file system')\n"
        "Path.unlink = refuse\n"
        "sys.argv = ['tldr-bench', 'cache', 'prune', '--size', '0']\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    monkeypatch.setenv("TLDR_BENCH_CACHE", str(tmp_path))
    Store(tmp_path / "measurements").put(KEY, COLUMNS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(
        r"error: .*\.entry: cannot be removed: read-only file system\n", done.stderr
    )
    assert kept(tmp_path).is_file()
