"""lighteval: tables of details of both forms, in the shapes that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS, TinyWorkspace
from foreign_cases import SAID, SOURCES, predictions, refused, taken


def parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as lighteval saves them."""
    import pyarrow as pa
    from pyarrow import parquet as writer

    path = folder / "details_custom|tiny|0_2026-01-31T09-30-00.123456.parquet"
    writer.write_table(pa.Table.from_pylist(rows), path)
    return path


def detail(number: int, texts: list[str], specific: Any = None) -> dict[str, Any]:
    """A row of lighteval 0.9 and later; `doc.id` is the row number."""
    row = TINY_ROWS[number]
    return {
        "doc": {
            "query": f"{SOURCES[row['id']]}\nTL;DR:",
            "choices": row["targets"],
            "gold_index": [0],
            "specific": specific,
            "id": str(number),
            "task_name": "custom|tiny",
        },
        "model_response": {
            "text": texts,
            "text_post_processed": None,
            "input_tokens": [1, 2],
            "logprobs": [],
        },
        "metric": {"rouge1": 0.5},
    }


def old_detail(number: int, texts: list[str], specific: Any = None) -> dict[str, Any]:
    """A row of lighteval before 0.9: everything is a text, lists as Python prints them."""
    row = TINY_ROWS[number]
    plain = {
        "example": SOURCES[row["id"]],
        "full_prompt": f"{SOURCES[row['id']]}\nTL;DR:",
        "gold": row["targets"],
        "metrics": {"rouge1": 0.5},
        "predictions": texts,
        "specifics": specific or {},
        "truncated": 0,
    }
    return {name: str(value) for name, value in plain.items()}


@pytest.mark.parametrize("make", [detail, old_detail])
def test_lighteval(tmp_workspace: TinyWorkspace, tmp_path: Path, make: Any) -> None:
    """Both forms are read; papers are recognised by the source in the prompt."""
    said = {**SAID, "p1": 'It\'s "odd"\\n: a\nb'}
    rows = [make(number, [text]) for number, text in enumerate(said.values())]
    found = taken("lighteval", parquet(tmp_path, rows[::-1]))
    assert predictions(found) == said
    assert found.record["matched_by"] == "the text of the source"


@pytest.mark.parametrize(("make", "name"), [(detail, "specific"), (old_detail, "specifics")])
def test_lighteval_specific(
    tmp_workspace: TinyWorkspace, tmp_path: Path, make: Any, name: str
) -> None:
    """An id that the task put into its documents is used."""
    rows = [
        make(number, [text], {"paper_id": paper})
        for number, (paper, text) in enumerate(SAID.items())
    ]
    found = taken("lighteval", parquet(tmp_path, rows))
    assert predictions(found) == SAID
    assert found.record["matched_by"] == f"the id in {name}.paper_id"


def test_lighteval_samples(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of several samples the first is taken, and that is written down; --pick counts from 1."""
    rows = [detail(number, [text, text.upper()]) for number, text in enumerate(SAID.values())]
    path = parquet(tmp_path, rows)
    found = taken("lighteval", path)
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["all samples of an example but number 1"]
    assert predictions(taken("lighteval", path, pick="2"))["p1"] == SAID["p1"].upper()


def test_lighteval_post_processed_text_is_not_taken_in_silence(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """What lighteval cleaned is left, and that is written down: cleaning is asked for by name."""
    rows = [
        detail(number, [f"<think>hm</think>{said}"]) for number, said in enumerate(SAID.values())
    ]
    for row, said in zip(rows, SAID.values(), strict=True):
        row["model_response"]["text_post_processed"] = [said]
    path = parquet(tmp_path, rows)
    found = taken("lighteval", path)
    assert predictions(found)["p1"].startswith("<think>")
    assert "post-processed" in str(found.record["dropped"])
    assert predictions(taken("lighteval", path, clean=["think"])) == SAID


def test_lighteval_evaluates_nothing(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A text that looks like Python is a text: nothing of it is run, however deep it is nested."""
    evil = "[__import__('os').system('touch owned')]"
    rows = [old_detail(number, [said]) for number, said in enumerate(SAID.values())]
    rows[0]["predictions"] = evil
    rows[1]["predictions"] = "[" * 50_000
    found = predictions(taken("lighteval", parquet(tmp_path, rows)))
    assert (found["p1"], found["p2"]) == (evil, "[" * 50_000)
    assert not Path("owned").exists()


def test_lighteval_other_tables(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Parquet of something else, and what is no Parquet, are refused in a line."""
    assert "has neither 'doc' and 'model_response' nor 'predictions'" in refused(
        "lighteval", parquet(tmp_path, [{"doc": "x"}])
    )
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 not really")
    assert "is not a readable Parquet file" in refused("lighteval", path)


def test_a_text_that_is_meant_in_every_row_does_not_burst(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Half a kilobyte of Parquet that unpacks to 400 MiB, a dictionary's one text in each row, is refused."""
    import pyarrow as pa
    from pyarrow import parquet as writer

    rows = 400
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x" * 1024 * 1024])
    path = tmp_path / "details.parquet"
    table = pa.table({"predictions": text, "specifics": ["{}"] * rows})
    writer.write_table(table, path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 2000
    assert "unpacks to more than 256 MiB" in refused("lighteval", path)


def test_lighteval_itself(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A table of details that lighteval's own tracker collects and saves is read back."""
    tracker = pytest.importorskip(
        "lighteval.logging.evaluation_tracker", reason="lighteval is not installed"
    )
    from lighteval.logging.info_loggers import DetailsLogger
    from lighteval.models.dummy.dummy_model import DummyModelConfig
    from lighteval.models.model_output import ModelResponse
    from lighteval.tasks.requests import Doc, SamplingMethod

    logger = DetailsLogger()
    for number, (paper, said) in enumerate(SAID.items()):
        prompt = f"{SOURCES[paper]}\nTL;DR:"
        doc = Doc(prompt, TINY_ROWS[number]["targets"], 0, id=str(number), task_name="custom|tiny")
        doc.sampling_methods = [SamplingMethod.GENERATIVE]
        response = ModelResponse(input=prompt, text=[said])
        logger.details["custom|tiny|0"].append(logger.Detail(doc, response, {"rouge1": 0.5}))
    writer = tracker.EvaluationTracker(output_dir=str(tmp_path), save_details=True)
    writer.details_logger = logger
    writer.general_config_logger.model_name = "org/model"
    writer.general_config_logger.model_config = DummyModelConfig()
    writer.save()
    (path,) = tmp_path.rglob("details_*.parquet")
    assert predictions(taken("lighteval", path)) == SAID
