"""HELM: run folders and `scenario_state.json`, in the shapes that it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import TINY_ROWS, TinyWorkspace
from foreign_cases import SAID, SOURCES, predictions, refused, taken


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


def test_helm_itself(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A run's state that HELM's own classes hold and its own function writes is read back."""
    state = pytest.importorskip(
        "helm.benchmark.adaptation.scenario_state", reason="crfm-helm is not installed"
    )
    from helm.benchmark.adaptation.adapter_spec import AdapterSpec
    from helm.benchmark.adaptation.request_state import RequestState
    from helm.benchmark.scenarios.scenario import CORRECT_TAG, Input, Instance, Output, Reference
    from helm.common.general import asdict_without_nones
    from helm.common.request import GeneratedOutput, Request, RequestResult, Thinking

    states = []
    for number, (paper, said) in enumerate(SAID.items()):
        references = [
            Reference(Output(text), [CORRECT_TAG]) for text in TINY_ROWS[number]["targets"]
        ]
        instance = Instance(Input(SOURCES[paper]), references, "test", id=f"id{number}")
        thought = Thinking("Hm, owls.") if number == 0 else None
        completion = GeneratedOutput(said, -1.5, [], thinking=thought)
        result = RequestResult(True, [], [completion], False, 0.5)
        request = Request(model="org/model", model_deployment="org/model", prompt="…")
        states.append(RequestState(instance, None, None, 0, None, request, result, 0, False))
    spec = AdapterSpec(method="generation", model="org/model")
    written = asdict_without_nones(state.ScenarioState(spec, states))
    (tmp_path / "scenario_state.json").write_text(json.dumps(written, indent=2))
    found = taken("helm", tmp_path)
    assert predictions(found) == SAID
    assert found.model == "org/model"
    assert found.record["dropped"] == ["the thinking of 1 output"]


def test_helm_thinking_is_left_out_and_counted(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """What a model thought stands beside its text and is no part of the output; the record says so."""
    states = json.loads(json.dumps(STATES))
    for item in states[:2]:
        item["result"]["completions"][0]["thinking"] = {"text": "Hm."}
    found = taken("helm", helm_run(tmp_path, states))
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["the thinking of 2 outputs"]


def test_what_is_no_json_is_named_by_its_line(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A file that was edited by hand is wrong in a line, which is said."""
    path = tmp_path / "scenario_state.json"
    path.write_text('{"request_states": [\n  1,\n  oops\n]}')
    assert refused("helm", path) == f"{path}:3: is not valid JSON: Expecting value at column 3"
