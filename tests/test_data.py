"""A task's data: found, verified at every load, and read as the `datasets` library reads them."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, TinyWorkspace

from tldr_bench.data import Source, parsed, read_rows, verified
from tldr_bench.errors import DataError, MissingData
from tldr_bench.workspace import Workspace


def rows_of_datasets(path: Path, cache: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(cache), keep_in_memory=True
    )
    return [dict(row) for row in loaded]


def ours(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in parsed(path.read_bytes(), path, "jsonl")]


@pytest.mark.filterwarnings("ignore")
def test_our_rows_of_mini_are_those_of_datasets(tmp_path: Path) -> None:
    """Our strict JSON Lines reader and datasets.load_dataset give equal rows for the bundled data."""
    path = REPOSITORY / "tasks/mini/papers.jsonl"
    assert ours(path) == rows_of_datasets(path, tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_our_rows_of_scitldr_are_those_of_datasets(real_data: Path, tmp_path: Path) -> None:
    """The same for the published SciTLDR-A test split: 618 rows, every column."""
    path = real_data / "scitldr/SciTLDR-A/test.jsonl"
    found = ours(path)
    assert len(found) == 618
    assert found == rows_of_datasets(path, tmp_path)


def test_the_facts_of_scitldr(real_data: Path) -> None:
    """The test split has the counts of its description: targets, positives, line breaks, letters."""
    task = Workspace(REPOSITORY).task("scitldr-a")
    counts = [len(item.target) for item in task.examples]
    assert {number: counts.count(number) for number in set(counts)} == {2: 83, 3: 339, 4: 196}
    assert sum(counts) == 1967
    assert {sum(item.labels) for item in task.examples} == {1}
    sentences = [text for item in task.examples for text in item.source]
    targets = [text for item in task.examples for text in item.target]
    assert sum("\n" in text for text in sentences) == 834
    assert sum(not text.isascii() for text in targets) == 16
    assert sum(not "".join(item.source).isascii() for item in task.examples) == 59
    assert len({(item.id, text) for item in task.examples for text in item.target}) == 1967


def source(content: bytes, path: str = "tiny/rows.jsonl", **more: str) -> Source:
    return Source(path=path, sha256=hashlib.sha256(content).hexdigest(), **more)


LINE = b'{"id": "a"}\n'


def test_the_folders_are_looked_in_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLDR_BENCH_DATA comes first, then the task's own folder, then the tasks' folder, then the cache."""
    monkeypatch.setenv("TLDR_BENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TLDR_BENCH_CACHE", str(tmp_path / "cache"))
    task = tmp_path / "tasks/example"
    task.mkdir(parents=True)
    places = [tmp_path / "data", task, tmp_path / "tasks", tmp_path / "cache/data"]
    for number, place in reversed(list(enumerate(places))):
        content = b'{"id": "%d"}\n' % number
        (place / "tiny").mkdir(parents=True, exist_ok=True)
        (place / "tiny/rows.jsonl").write_bytes(content)
        rows = list(read_rows("example", source(content), task))
        assert rows == [(1, {"id": str(number)})]


def test_nothing_is_read_that_was_not_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is swapped after the check cannot be read in its place: it is read once."""
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    path = tmp_path / "tasks/tiny/rows.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(LINE)
    rows = read_rows("x", source(LINE), tmp_path / "tasks/x")
    path.write_bytes(b'{"id": "swapped"}\n')
    assert list(rows) == [(1, {"id": "a"})]
    with pytest.raises(DataError, match="is not the file that the task was made from"):
        read_rows("x", source(LINE), tmp_path / "tasks/x")


def test_both_digests_are_checked_where_both_are_given(tmp_path: Path) -> None:
    """A right SHA-256 does not excuse a wrong git blob id."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(LINE)
    assert verified(path, source(LINE)) == LINE
    with pytest.raises(DataError, match="its git blob id is"):
        verified(path, source(LINE, git_blob="0" * 40))


def test_packed_rows_are_read(tmp_path: Path) -> None:
    """A .jsonl.gz is read as what it unpacks to."""
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(LINE))
    assert list(parsed(path.read_bytes(), path, "jsonl")) == [(1, {"id": "a"})]


def test_missing_data_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to get the data is in the message."""
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    with pytest.raises(MissingData) as error:
        read_rows("far", source(LINE, url="https://example.org/x"), tmp_path)
    assert str(error.value) == (
        "far: its data (tiny/rows.jsonl) is not on this machine: run 'tldr-bench data fetch far', or "
        "set TLDR_BENCH_DATA to a folder that holds tiny/rows.jsonl"
    )


@pytest.mark.filterwarnings("ignore")
def test_a_hub_data_set_that_cannot_be_had_is_one_clear_line(tmp_path: Path) -> None:
    """Offline and not in the cache: the data set, its revision and the reason, no traceback."""
    place = Source(hub="nobody/nothing", revision="0" * 40, split="test")
    with pytest.raises(DataError) as error:
        read_rows("far", place, tmp_path)
    (problem,) = error.value.problems
    assert problem.message.startswith(
        f"data set nobody/nothing at {'0' * 40} cannot be loaded (offline): "
    )


class Rows(list[dict[str, Any]]):
    """Stands for a data set of the Hub, which this test must not ask."""


@pytest.mark.filterwarnings("ignore")
def test_the_rows_of_a_hub_data_set_are_verified_at_every_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest is that of the rows as sorted JSON lines; other rows are refused, whatever the revision."""
    datasets = pytest.importorskip("datasets")
    rows = Rows([{"id": "a", "targets": ["é"]}])
    asked: list[Any] = []

    def load(*arguments: Any, **options: Any) -> Rows:
        asked.append((arguments, options))
        return rows

    monkeypatch.setattr(datasets, "load_dataset", load)
    lines = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    place = Source(hub="a/b", revision="1" * 40, split="test", sha256=digest)
    assert list(read_rows("x", place, tmp_path)) == [(1, rows[0])]
    assert asked == [(("a/b", None), {"split": "test", "revision": "1" * 40})]
    rows[0]["id"] = "b"
    with pytest.raises(DataError, match="its SHA-256 of the rows is"):
        read_rows("x", place, tmp_path)


def test_a_version_moves_when_a_score_could(tmp_workspace: TinyWorkspace) -> None:
    """A description changes no version, an example's text does."""
    workspace = Workspace(tmp_workspace.root)
    before = workspace.task("tiny-summary").version
    path = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    path.write_text(path.read_text() + "description: Said better.\n")
    assert workspace.task("tiny-summary").version == before
    data = tmp_workspace.root / "tasks/tiny/rows.jsonl"
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    data.write_text(data.read_text().replace("Mice", "Rats"))
    path.write_text(path.read_text().replace(digest, hashlib.sha256(data.read_bytes()).hexdigest()))
    assert workspace.task("tiny-summary").version != before


def test_what_has_no_text_is_no_reference(tmp_workspace: TinyWorkspace) -> None:
    """An empty text among a paper's targets is left out: nothing is scored against it."""
    path = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    data = tmp_workspace.root / "tasks/tiny/rows.jsonl"
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    targets = Workspace(tmp_workspace.root).task("tiny-summary").examples[0].target
    rows = [json.loads(line) for line in data.read_text("utf-8").splitlines()]
    rows[0]["targets"] += ["", " \n"]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    path.write_text(path.read_text().replace(digest, hashlib.sha256(data.read_bytes()).hexdigest()))
    assert Workspace(tmp_workspace.root).task("tiny-summary").examples[0].target == targets
