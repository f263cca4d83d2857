"""SciTLDR whole: nine files, their pins, and the tasks made from them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tldr_bench.errors import DataError
from tldr_bench.task import Task, load_task
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]
NINE = [(v, s) for v in ("a", "aic", "fulltext") for s in ("-train", "-dev", "")]


def test_the_written_task_folders_are_current() -> None:
    """What scripts/scitldr_tasks.py would write stands in tasks/; else it names what does not."""
    done = subprocess.run(
        [sys.executable, REPOSITORY / "scripts/scitldr_tasks.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_of_the_nine_files_is_a_summary_task_and_two_labels_tasks() -> None:
    """27 tasks: three variants by three splits by TLDR, labels as shipped, labels corrected."""
    tasks = Workspace(REPOSITORY)
    kinds = {"": "summary", "-oracle": "labels", "-oracle-corrected": "labels"}
    for variant, split in NINE:
        for form, kind in kinds.items():
            spec = tasks.task_file(f"scitldr-{variant}{form}{split}")
            assert spec.kind == kind
            assert (spec.transform == "corrected-labels") == (form == "-oracle-corrected")
            assert spec.data.url
            assert "/5ccad9c00a60ad75c9e04abf7f27d0f53f983b20/" in spec.data.url


def test_every_file_has_a_pin_of_its_own() -> None:
    """Nine files, nine different digests, the same one in all tasks of a file."""
    tasks = Workspace(REPOSITORY)
    pins: dict[str, set[str]] = {}
    for task_id in tasks.task_folders():
        data = tasks.task_file(task_id).data
        if data.path and data.path.startswith("scitldr/"):
            pins.setdefault(data.path, set()).add(data.sha256 or data.git_blob or "")
    assert len(pins) == 9
    assert all(len(found) == 1 for found in pins.values())
    assert len(set.union(*pins.values())) == 9


def test_the_test_splits_git_blob_id_is_that_of_the_file_here(real_data: Path) -> None:
    """The git blob id that upstream publishes for SciTLDR-A test is what we compute for the file."""
    from tldr_bench.files import git_blob

    content = (real_data / "scitldr/SciTLDR-A/test.jsonl").read_bytes()
    assert git_blob(content) == "e942c3284688623574c1c7369ff632f836a176c6"


def paper(number: int, sentences: int, form: str) -> dict[str, Any]:
    """A made-up row in the shape of AIC or FullText."""
    source = [
        f"Sentence {at} of paper {number} speaks of topic{number}." for at in range(sentences)
    ]
    row: dict[str, Any] = {
        "source": source,
        "source_labels": [int(at == number % sentences) for at in range(sentences)],
        "rouge_scores": [0.0] * sentences,
        "paper_id": f"paper-{number}",
        "target": [f"It is about topic{number}.", "Another word on it."][: 1 + number % 2],
        "title": f"Title {number}",
    }
    return row | ({"ic": True} if form == "AIC" else {})


@pytest.mark.parametrize("form", ["AIC", "FullText"])
@pytest.mark.parametrize("suffix", ["", "-oracle", "-oracle-corrected"])
def test_a_file_in_the_shape_of_aic_and_fulltext_is_read_and_pinned_by_its_git_blob_id(
    form: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped task.yaml reads such rows; one changed byte is refused with both ids."""
    lines = "".join(json.dumps(paper(at, 12 + at, form)) + "\n" for at in range(5)).encode()
    blob = hashlib.sha1(f"blob {len(lines)}\0".encode() + lines, usedforsecurity=False).hexdigest()
    task_id = f"scitldr-{form.lower()}{suffix}-dev"
    text = (REPOSITORY / "tasks" / task_id / "task.yaml").read_text(encoding="utf-8")
    pinned = next(line for line in text.splitlines() if "git_blob" in line)
    folder = tmp_path / "tasks" / task_id
    folder.mkdir(parents=True)
    (folder / "task.yaml").write_text(text.replace(pinned, f"  git_blob: {blob}"), encoding="utf-8")
    data = tmp_path / f"data/scitldr/SciTLDR-{form}/dev.jsonl"
    data.parent.mkdir(parents=True)
    data.write_bytes(lines)
    monkeypatch.setenv("TLDR_BENCH_DATA", str(tmp_path / "data"))
    task = load_task(folder)
    assert [len(example.source) for example in task.examples] == [12, 13, 14, 15, 16]
    data.write_bytes(lines.replace(b"topic3", b"topic4", 1))
    with pytest.raises(DataError, match=f"git blob id is [0-9a-f]{{40}}, expected {blob}"):
        load_task(folder)


def task_of(folder: Path, rows: str, rest: str) -> Task:
    """A task over these rows."""
    folder.mkdir(parents=True)
    (folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    digest = hashlib.sha256(rows.encode()).hexdigest()
    head = f"name: x\nkind: ranking\ndata:\n  path: rows.jsonl\n  sha256: {digest}\n"
    (folder / "task.yaml").write_text(
        head + rest + "metrics:\n  ranking:\nprimary: ranking.map\n", encoding="utf-8"
    )
    return load_task(folder)


def test_emb_scitldr_is_the_same_task_from_fulltext_train_and_from_its_own_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built from paper rows in their order, or read as query, pos, idx, task_name: one version."""
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    papers = [paper(at, 4, "FullText") for at in range(6)]
    papers[4]["target"] = papers[1]["target"]
    emb = [
        {
            "query": " ".join(row["source"]),
            "pos": row["target"][0],
            "idx": at,
            "task_name": "scitldr",
        }
        for at, row in enumerate(papers)
    ]
    shipped = (REPOSITORY / "tasks/emb-scitldr/task.yaml").read_text(encoding="utf-8")
    fields = shipped[shipped.index("fields:") : shipped.index("metrics:")]
    built = task_of(tmp_path / "a", "".join(json.dumps(row) + "\n" for row in papers), fields)
    read = task_of(
        tmp_path / "b",
        "".join(json.dumps(row) + "\n" for row in emb),
        "fields: {id: idx, query: query, document: pos}\n",
    )
    assert built.version == read.version
    assert dict(built.same) == {"4": "1"}
    assert built.by_id["4"].target == {"1": 1}
    assert hub_task(tmp_path, emb, monkeypatch).version == read.version


def hub_task(folder: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task of a Hub data set with these rows: `datasets` takes a folder of that name for it."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "hub cache")
    monkeypatch.chdir(folder)
    data = folder / "somebody/emb/train.jsonl"
    data.parent.mkdir(parents=True)
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "c").mkdir()
    (folder / "c/task.yaml").write_text(
        f"name: x\nkind: ranking\ndata:\n  hub: somebody/emb\n  revision: {'c' * 40}\n  split: train\n"
        "fields: {id: idx, query: query, document: pos}\n"
        "metrics:\n  ranking:\nprimary: ranking.map\n",
        encoding="utf-8",
    )
    return load_task(folder / "c")


def test_every_tldr_is_a_query_for_its_own_paper(real_data: Path) -> None:
    """scitldr-a-match: 1,967 queries, 618 papers, paper/1 the author's TLDR."""
    task = Workspace(REPOSITORY).task("scitldr-a-match")
    papers = Workspace(REPOSITORY).task("scitldr-a")
    assert (len(task.examples), len(task.pool)) == (1967, 618)
    first = papers.examples[0]
    assert task.by_id[f"{first.id}/1"].source == (first.target[0],)  # type: ignore[index]
    assert task.by_id[f"{first.id}/2"].target == {first.id: 1}
    assert task.pool[first.id] == " ".join(first.source)
