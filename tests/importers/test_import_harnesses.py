"""Files of lm-eval, HELM, Inspect and lighteval, in the shapes that these tools write."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS, TinyWorkspace, jsonl
from foreign_cases import SAID, SOURCES, predictions, refused, taken

# lm-eval -----------------------------------------------------------------------------------------


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


# HELM --------------------------------------------------------------------------------------------


def request(number: int, said: str, **more: Any) -> dict[str, Any]:
    """A request state as HELM writes it: fields without a value are left out."""
    row = TINY_ROWS[number]
    instance = {
        "input": {"text": SOURCES[row["id"]]},
        "references": [{"output": {"text": text}, "tags": ["correct"]} for text in row["targets"]]
        + [{"output": {"text": "A wrong one."}, "tags": []}],
        "split": "test",
        "id": f"id{100 - number}",
        **more.pop("instance", {}),
    }
    return {
        "instance": instance,
        "train_trial_index": 0,
        "request": {"model": "org/model", "prompt": "…", "num_completions": 1},
        "result": {
            "success": True,
            "embedding": [],
            "completions": [{"text": said, "logprob": -1.5, "tokens": []}],
            "cached": False,
        },
        "num_train_instances": 0,
        "prompt_truncated": False,
        **more,
    }


def helm_run(folder: Path, states: list[dict[str, Any]]) -> Path:
    """A run's folder with its `scenario_state.json`."""
    run = folder / "summarization_tiny:model=org_model"
    run.mkdir(exist_ok=True)
    state = {
        "adapter_spec": {"method": "generation", "model": "org/model"},
        "request_states": states,
    }
    (run / "scenario_state.json").write_text(json.dumps(state, indent=2))
    return run


STATES = [request(number, said) for number, said in enumerate(SAID.values())]


def test_helm_folder_and_file(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A run's folder and the file in it give the same; instances are recognised by their text."""
    run = helm_run(tmp_path, STATES[::-1])
    found = taken("helm", run)
    assert predictions(found) == SAID == predictions(taken("helm", run / "scenario_state.json"))
    assert found.record["matched_by"] == "the text of the source"
    assert found.model == "org/model"


def test_helm_perturbations_trials_and_training_instances_are_left_out(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Only unperturbed test instances of the first trial count; every other request is accounted for."""
    typos = {"perturbation": {"name": "misspelling", "robustness": True}}
    states = [
        *STATES,
        *(request(number, "typo", instance=typos) for number in range(4)),
        *(request(number, "again", train_trial_index=1) for number in range(4)),
        request(0, "train", instance={"split": "train"}),
        request(1, "scored", reference_index=0),
        request(2, "calibrated", request_mode="calibration"),
    ]
    found = taken("helm", helm_run(tmp_path, states))
    assert predictions(found) == SAID
    assert found.record["dropped"] == [
        "4 requests of perturbed instances",
        "1 request of training instances",
        "1 request that only score a reference",
        "1 request for calibration",
        "4 requests of other trials than 0",
    ]
    picked = taken("helm", helm_run(tmp_path, states), pick="1")
    assert set(predictions(picked).values()) == {"again"}


def test_helm_only_correct_references_identify(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Without a usable source, a reference tagged `correct` identifies; an untagged one never does."""
    other = {"input": {"text": "cut"}}
    states = [request(number, said, instance=other) for number, said in enumerate(SAID.values())]
    found = taken("helm", helm_run(tmp_path, states))
    assert predictions(found) == SAID
    assert found.record["matched_by"] == "a reference in instance.references"
    for state in states:
        for reference in state["instance"]["references"]:
            reference["tags"] = []
    assert "no output for 4" in refused("helm", helm_run(tmp_path, states))


def test_helm_failed_request(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A request that failed is named with its error; it is not an empty summary."""
    broken = request(2, "")
    broken["result"] = {"success": False, "completions": [], "error": "timeout", "embedding": []}
    message = refused("helm", helm_run(tmp_path, [*STATES[:2], broken, STATES[3]]))
    assert "request 3 has no output: 'timeout'" in message


def test_helm_other_json(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A JSON file of another shape, an empty folder, and a missing one are refused in a line."""
    path = tmp_path / "x.json"
    path.write_text("[]")
    assert "expected an object with 'request_states', got []" in refused("helm", path)
    assert "scenario_state.json: no such file or directory" in refused("helm", tmp_path)
    assert "there is no such file or folder" in refused("helm", tmp_path / "nowhere")


# Inspect -----------------------------------------------------------------------------------------


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
    """What is no zip is refused in a line."""
    path = tmp_path / "x.eval"
    path.write_bytes(content)
    assert "is not a readable .eval file" in refused("inspect", path)


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


# lighteval ---------------------------------------------------------------------------------------


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
