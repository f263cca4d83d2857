"""Inspect: logs as JSON and as .eval archives, in the shapes that it writes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS, TinyWorkspace
from foreign_cases import SAID, SOURCES, predictions, refused, taken


def sample(number: int, content: Any, epoch: int = 1, **more: Any) -> dict[str, Any]:
    """A sample as Inspect writes it, with `metadata` from the data set."""
    row = TINY_ROWS[number]
    message = {"id": "m", "content": content, "source": "generate", "role": "assistant"}
    return {
        "id": number + 1,
        "epoch": epoch,
        "input": SOURCES[row["id"]],
        "target": row["targets"],
        "messages": [],
        "output": {
            "model": "org/model",
            "choices": [{"message": message, "stop_reason": "stop"}],
            "completion": "not this",
        },
        "scores": {"rouge": {"value": float("nan")}},
        "metadata": {"paper_id": row["id"]},
        "store": {},
        "attachments": {},
        **more,
    }


def inspect_log(samples: list[dict[str, Any]], status: str = "success") -> dict[str, Any]:
    """A log of version 2."""
    packages = {"inspect_ai": "0.3.285"}
    run = {"task": "tiny", "model": "org/model", "packages": packages, "config": {"epochs": 1}}
    return {"version": 2, "status": status, "eval": run, "results": {}, "samples": samples}


def as_json(folder: Path, log: dict[str, Any]) -> Path:
    """The log as one JSON file."""
    path = folder / "2026-01-31T09-30-00_tiny_abc.json"
    path.write_text(json.dumps(log))
    return path


def as_eval(folder: Path, log: dict[str, Any], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """The log as a zip with one member a sample."""
    path = folder / "2026-01-31T09-30-00_tiny_abc.eval"
    header = {name: value for name, value in log.items() if name != "samples"}
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": log["eval"]}))
        for item in log["samples"]:
            name = f"samples/{item['id']}_epoch_{item['epoch']}.json"
            archive.writestr(name, json.dumps(item))
        archive.writestr("summaries.json", "[]")
        archive.writestr("header.json", json.dumps(header))
    return path


ANSWERS = [sample(number, said) for number, said in enumerate(SAID.values())]


@pytest.mark.parametrize("write", [as_json, as_eval])
def test_inspect_log(tmp_workspace: TinyWorkspace, tmp_path: Path, write: Any) -> None:
    """Both kinds of log give the same; `metadata` is used, and the numbers of the samples are not."""
    found = taken("inspect", write(tmp_path, inspect_log(ANSWERS[::-1])))
    assert predictions(found) == SAID
    assert found.record["matched_by"] == "the id in metadata.paper_id"
    assert (found.record["tool"], found.model) == ("inspect 0.3.285", "org/model")


@pytest.mark.parametrize("status", ["started", "error", "cancelled"])
def test_inspect_status(tmp_workspace: TinyWorkspace, tmp_path: Path, status: str) -> None:
    """A log of a run that did not succeed is refused, complete or not."""
    for path in (
        as_json(tmp_path, inspect_log(ANSWERS, status)),
        as_eval(tmp_path, inspect_log(ANSWERS, status)),
    ):
        assert f"the run's status is '{status}'" in refused("inspect", path)


def test_inspect_without_a_header_is_still_running(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """An .eval file that was never finished has only its journal: it counts as started."""
    path = tmp_path / "x.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    assert "the run's status is 'started'" in refused("inspect", path)


def test_inspect_content_parts(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of an answer in parts the texts are taken and the reasoning is left, and counted."""
    parts = [
        {"type": "reasoning", "reasoning": "Hm, owls.", "signature": "x"},
        {"type": "text", "text": SAID["p1"]},
    ]
    found = taken("inspect", as_json(tmp_path, inspect_log([sample(0, parts), *ANSWERS[1:]])))
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["the reasoning of 1 output"]
    image = [{"type": "image", "image": "data:…"}]
    message = refused("inspect", as_json(tmp_path, inspect_log([sample(0, image), *ANSWERS[1:]])))
    assert "sample 1 has a part of type 'image' in its answer" in message


def test_inspect_attachments(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Texts that are kept as attachments are put back, in answers and in inputs; a lost one is named."""
    kept = {"aa": SAID["p1"], "bb": SOURCES["p1"]}
    one = sample(0, "attachment://aa", input="attachment://bb", attachments=kept, metadata={})
    rest = [{**item, "metadata": {}} for item in ANSWERS[1:]]
    found = taken("inspect", as_json(tmp_path, inspect_log([one, *rest])))
    assert predictions(found) == SAID
    lost = sample(0, "attachment://cc", attachments=kept)
    message = refused("inspect", as_json(tmp_path, inspect_log([lost, *ANSWERS[1:]])))
    assert "sample 1: its text, an attachment, is not in the log" in message


def test_inspect_epochs(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of several epochs the first is taken and the others are counted; --pick takes another."""
    second = [sample(number, said.upper(), 2) for number, said in enumerate(SAID.values())]
    path = as_eval(tmp_path, inspect_log([*second, *ANSWERS]))
    found = taken("inspect", path)
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["4 outputs of other epochs than 1"]
    assert predictions(taken("inspect", path, pick="2"))["p1"] == SAID["p1"].upper()
    assert "unknown epoch '3'. Known: 1, 2" in refused("inspect", path, pick="3")


def test_inspect_failed_sample(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A sample that ended with an error, or without an output, is named."""
    broken = [
        sample(0, "x", error={"message": "boom", "traceback": "…"}),
        sample(1, "x", output={"model": "m", "choices": [], "completion": ""}),
    ]
    message = refused("inspect", as_json(tmp_path, inspect_log([*broken, *ANSWERS[2:]])))
    assert "sample 1 ended with an error: 'boom'" in message
    assert "sample 2 has no output" in message


def test_inspect_chat_input(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """The source inside a conversation identifies a paper when there is no metadata."""
    samples = [
        {
            **item,
            "metadata": {},
            "target": "",
            "input": [
                {"role": "system", "content": "You summarise."},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": f"Paper: {item['input']} End."}],
                },
            ],
        }
        for item in ANSWERS
    ]
    assert predictions(taken("inspect", as_json(tmp_path, inspect_log(samples)))) == SAID


def test_inspect_zip_that_lies_about_its_size(
    tmp_workspace: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that unpacks to more than the limit is refused, and nothing is unpacked beyond it."""
    from tldr_bench.importers import inspect_zip

    monkeypatch.setattr(inspect_zip, "MAX_MEMBER", 2000)
    big = sample(0, "x" * 3000)
    path = as_eval(tmp_path, inspect_log([big, *ANSWERS[1:]]))
    assert "samples/1_epoch_1.json is larger than the limit" in refused("inspect", path)
    monkeypatch.setattr(inspect_zip, "MAX_TOTAL", 2000)
    assert "unpacks to more than" in refused("inspect", path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"{}"])
def test_inspect_broken_zip(tmp_workspace: TinyWorkspace, tmp_path: Path, content: bytes) -> None:
    """What is no zip is refused in one line, and nothing is said of a status that nobody could read."""
    path = tmp_path / "x.eval"
    path.write_bytes(content)
    said = refused("inspect", path)
    assert "is not a readable .eval file" in said
    assert "status" not in said


def test_inspect_itself(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Logs that Inspect writes are read back: as JSON, and as .eval with members packed by Zstandard."""
    log = pytest.importorskip("inspect_ai.log", reason="inspect-ai is not installed")
    value = log.EvalLog.model_validate(
        {
            "version": 2,
            "status": "success",
            "eval": {
                "eval_id": "e", "run_id": "r", "created": "2026-01-31T09:30:00+00:00",
                "task": "tiny", "task_id": "t", "task_version": 0, "dataset": {"samples": 4},
                "model": "org/model", "config": {}, "packages": {"inspect_ai": "0.3"},
            },
            "samples": [{**item, "scores": {}} for item in ANSWERS],
        }
    )  # fmt: skip
    for ending in ("json", "eval"):
        path = tmp_path / f"log.{ending}"
        log.write_eval_log(value, str(path))
        assert predictions(taken("inspect", path)) == SAID
