"""lm-evaluation-harness: its `samples_*.jsonl`, in the shapes that it writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS, TinyWorkspace, jsonl
from foreign_cases import SAID, SOURCES, predictions, refused, taken


def lm_eval_row(number: int, said: str, filter_name: str = "none") -> dict[str, Any]:
    """A row of `samples_*.jsonl` as lm-eval 0.4.13 writes it; `doc_id` is the row number."""
    row = TINY_ROWS[number]
    return {
        "doc_id": number,
        "doc": {"paper_id": row["id"], "source": row["source"], "target": row["targets"]},
        "target": str(row["targets"]),
        "arguments": {
            "gen_args_0": {"arg_0": f"{SOURCES[row['id']]}\nTL;DR:", "arg_1": {"until": ["\n"]}}
        },
        "resps": [[f" {said}"]],
        "filtered_resps": [said],
        "filter": filter_name,
        "metrics": ["rouge1"],
        "doc_hash": "0" * 64,
        "prompt_hash": "1" * 64,
        "target_hash": "2" * 64,
        "rouge1": float("nan"),
    }


def samples(folder: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A file of samples under the name that lm-eval gives it."""
    path = folder / "samples_tiny_2026-01-31T09-30-00.123456.jsonl"
    path.write_text(jsonl(rows))
    return path


SAMPLES = [lm_eval_row(number, said) for number, said in enumerate(SAID.values())]


def test_lm_eval_rows_are_matched_by_the_document(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Rows in any order are matched by a field of `doc`, with NaN among their metrics."""
    found = taken("lm-eval", samples(tmp_path, SAMPLES[::-1]))
    assert predictions(found) == SAID
    assert found.record["matched_by"] == "the id in doc.paper_id"


def test_lm_eval_doc_id_is_no_id(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """In a task whose ids are the numbers 0 to 3, a shuffled run is matched by its source and not by `doc_id`."""
    rows = [{**row, "id": str(number)} for number, row in enumerate(TINY_ROWS)]
    import hashlib

    text = (tmp_workspace.root / "tasks/tiny/rows.jsonl").read_text()
    tmp_workspace.write("tasks/tiny/rows.jsonl", jsonl(rows))
    spec = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    digests = [hashlib.sha256(part.encode()).hexdigest() for part in (text, jsonl(rows))]
    spec.write_text(spec.read_text().replace(*digests))
    shuffled = [{**row, "doc_id": 3 - number} for number, row in enumerate(SAMPLES)]
    found = taken("lm-eval", samples(tmp_path, shuffled))
    assert list(predictions(found).values()) == list(SAID.values())
    assert found.record["matched_by"] == "the text of the source"


def test_lm_eval_prompt_alone_is_enough(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Without any useful field, the source inside the prompt says which paper it is."""
    rows = [{**row, "doc": {"number": row["doc_id"]}} for row in SAMPLES]
    for row, paper in zip(rows, TINY_ROWS, strict=True):
        prompt = f"Summarise.\n\n{' '.join(paper['source'])} And more words.\n\nTL;DR:"
        row["arguments"] = {"gen_args_0": {"arg_0": prompt, "arg_1": {}}}
    assert predictions(taken("lm-eval", samples(tmp_path, rows))) == SAID


def test_lm_eval_prompt_with_two_sources_is_ambiguous(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A prompt that holds the sources of two papers of the task belongs to neither."""
    rows = [{**row, "doc": {"number": row["doc_id"]}} for row in SAMPLES]
    both = f"{SOURCES['p1']} {SOURCES['p3']}"
    rows[0]["arguments"] = {"gen_args_0": {"arg_0": both, "arg_1": {}}}
    message = refused("lm-eval", samples(tmp_path, rows))
    assert "no output for 1 of tiny-summary's examples" in message
    assert "line 1 is of no example" in message


def test_lm_eval_has_a_row_for_every_filter(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of two filters `none` is taken and the other's rows are counted; --pick takes the other."""
    other = [lm_eval_row(n, said.upper(), "shout") for n, said in enumerate(SAID.values())]
    path = samples(tmp_path, [*SAMPLES, *other])
    found = taken("lm-eval", path)
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["4 rows of filter 'shout'"]
    picked = taken("lm-eval", path, pick="shout")
    assert predictions(picked) == {name: text.upper() for name, text in SAID.items()}
    assert "after lm-eval's filter 'shout'" in str(picked.record["dropped"])
    assert "unknown filter 'shot'. Did you mean 'shout'?" in refused("lm-eval", path, pick="shot")


def test_lm_eval_filters_without_a_raw_one(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Two filters, neither of them `none`: one must be picked."""
    rows = [
        lm_eval_row(number, said + name, name)
        for name in ("strict", "flexible")
        for number, said in enumerate(SAID.values())
    ]
    assert "more than one filter: choose with --pick: 'strict', 'flexible'" in refused(
        "lm-eval", samples(tmp_path, rows)
    )


def test_lm_eval_appends(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A run appended to the same file is only counted if it says the same, and refused if it does not."""
    found = taken("lm-eval", samples(tmp_path, [*SAMPLES, *SAMPLES]))
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["4 outputs that only repeated another one"]
    other = [lm_eval_row(0, "Something else.")]
    message = refused("lm-eval", samples(tmp_path, [*SAMPLES, *other]))
    assert (
        "two different outputs for 'p1': line 1 and line 5. Does the file hold more than one run?"
        in message
    )


def test_lm_eval_choices_are_no_summaries(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Log-likelihoods of choices and several texts for a document are named with their line."""
    rows = [dict(row) for row in SAMPLES]
    rows[1]["filtered_resps"] = [["-3.5", "False"], ["-2.0", "True"]]
    rows[2]["filtered_resps"] = [["one", "two"]]
    message = refused("lm-eval", samples(tmp_path, rows))
    assert ":2: filtered_resps: expected one generated text" in message
    assert ":3: filtered_resps: expected one generated text" in message


def test_lm_eval_results_beside_the_samples(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Version and model come from the results file of the same run."""
    path = samples(tmp_path, SAMPLES)
    about = {"lm_eval_version": "0.4.13", "model_name": "org/model", "results": {}}
    (tmp_path / "results_2026-01-31T09-30-00.123456.json").write_text(json.dumps(about))
    found = taken("lm-eval", path)
    assert (found.record["tool"], found.model) == ("lm-eval 0.4.13", "org/model")


def test_lm_eval_other_jsonl(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """JSON Lines of something else are not taken for samples."""
    path = samples(tmp_path, [{"id": "p1", "prediction": "x"}])
    assert "not a row of lm-eval's samples; its keys are " in refused("lm-eval", path)


def test_lm_eval_itself(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """What lm-eval's own tracker writes to the disk is read back."""
    tracker = pytest.importorskip(
        "lm_eval.loggers.evaluation_tracker", reason="lm-eval is not installed"
    )
    writer = tracker.EvaluationTracker(output_path=str(tmp_path))
    writer.general_config_tracker.model_name_sanitized = "org__model"
    writer.date_id = "2026-01-31T09-30-00.123456"
    rows = [
        {**row, "arguments": [tuple(row["arguments"]["gen_args_0"].values())], "target": []}
        for row in SAMPLES
    ]
    writer.save_results_samples("tiny", rows)
    (path,) = tmp_path.rglob("samples_*.jsonl")
    assert predictions(taken("lm-eval", path)) == SAID


def test_rows_without_a_filter_are_those_of_the_raw_one(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Where another filter is picked, rows that name none are counted under the name that stands for none."""
    rows = [lm_eval_row(number, said) for number, said in enumerate(SAID.values())]
    for row in rows:
        del row["filter"]
    strict = [lm_eval_row(number, said, "strict") for number, said in enumerate(SAID.values())]
    path = tmp_path / "samples_tiny.jsonl"
    path.write_text(jsonl([*rows, *strict]))
    found = taken("lm-eval", path, pick="strict")
    assert found.record["dropped"][0] == "4 rows of filter 'none'"
