"""The store makes it faster, never different: what is damaged, stale or half written is not believed."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from tldr_bench.store import Store, measurement_key

KEY = measurement_key("sha256:task", "sha256:predictions", "metric|v:1")
COLUMNS = {"f1": np.array([0.1, 0.2, 1 / 3]), "hits": np.array([1.0, 0.0, 2.0])}


def kept(folder: Path) -> Path:
    """The one file of the store."""
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    return path


def equal(found: object) -> bool:
    assert isinstance(found, dict)
    return list(found) == list(COLUMNS) and all(
        np.array_equal(found[name], column) for name, column in COLUMNS.items()
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
