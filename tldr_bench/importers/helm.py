"""HELM: a run's folder, or the `scenario_state.json` in it.

Every request of the run is there: of perturbed instances, of several trials with other examples in
the prompt, of training instances. The ids (`id7`) are HELM's own numbering; instances are recognised
by their text. Fields without a value are left out of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, counted, path_name, shown
from tldr_bench.importers.foreign import (
    Foreign,
    Options,
    Output,
    as_list,
    as_object,
    chosen,
    expect,
    read_json,
)

FILE = "scenario_state.json"


def file_of(path: Path) -> Path:
    """The file that is read when a run's folder is given."""
    return path / FILE if path.is_dir() else path


def read(path: Path, options: Options, report: Report) -> Foreign:
    """The first completion of every unperturbed instance in one trial: the picked one, or the first."""
    path = file_of(path)
    state = expect(read_json(path), dict, "with 'request_states'", path)
    requests = expect(state.get("request_states"), list, "under 'request_states'", path)
    states = [(number, item) for number, item in enumerate(requests, 1) if isinstance(item, dict)]
    kept, dropped = _kept(states)
    trials = sorted({str(item.get("train_trial_index", 0)) for _, item in kept}, key=_number)
    if not kept:
        report.add(path_name(path), "holds no request for an unperturbed instance")
        return Foreign((), "HELM")
    trial = chosen("trial", trials, options.pick, trials[0])
    of_trial = [(n, item) for n, item in kept if str(item.get("train_trial_index", 0)) == trial]
    if len(trials) > 1:
        count = counted(len(kept) - len(of_trial), "request")
        dropped.append(f"{count} of other trials than {trial}")
    outputs = [_output(number, item, path, report) for number, item in of_trial]
    if any(len(_completions(item)) > 1 for _, item in of_trial):
        dropped.append("every completion but the first")
    thinking = sum(
        bool(as_object((_completions(item) or [None])[0]).get("thinking")) for _, item in of_trial
    )
    if thinking:
        dropped.append(f"the thinking of {counted(thinking, 'output')}")
    return Foreign(outputs, "HELM", model=_model(state, of_trial[0][1]), dropped=tuple(dropped))


def _number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdecimal() else 0, name)


Numbered = list[tuple[int, dict[str, Any]]]


def _kept(states: Numbered) -> tuple[Numbered, list[str]]:
    """The requests of unperturbed test instances, and what the others were."""
    kept: Numbered = []
    counts: dict[str, int] = {}
    for number, item in states:
        reason = _reason(item)
        if reason is None:
            kept.append((number, item))
        else:
            counts[reason] = counts.get(reason, 0) + 1
    return kept, [f"{counted(count, 'request')} {reason}" for reason, count in counts.items()]


def _reason(item: dict[str, Any]) -> str | None:
    """Why a request is none for a summary of an example."""
    instance = as_object(item.get("instance"))
    if instance.get("perturbation"):
        return "of perturbed instances"
    if instance.get("split") == "train":
        return "of training instances"
    if item.get("request_mode") == "calibration":
        return "for calibration"
    if item.get("reference_index") is not None:
        return "that only score a reference"
    return None


def _output(number: int, item: dict[str, Any], path: Path, report: Report) -> Output:
    instance = as_object(item.get("instance"))
    place = f"request {number}"
    result = as_object(item.get("result"))
    completions = _completions(item)
    text = as_object(completions[0]).get("text") if completions else None
    if not result.get("success", False) or not isinstance(text, str):
        why = shown(result.get("error", "no completion"))
        report.add(path_name(path), f"{place} has no output: {why}")
    source = as_object(instance.get("input")).get("text")
    fields = {
        "instance.id": instance.get("id"),
        "instance.input.text": source,
        "instance.references": _references(instance),
        **{f"extra_data.{k}": v for k, v in as_object(instance.get("extra_data")).items()},
    }
    return Output(place, text, fields, source if isinstance(source, str) else "")


def _completions(item: dict[str, Any]) -> list[Any]:
    return as_list(as_object(item.get("result")).get("completions"))


def _references(instance: dict[str, Any]) -> list[str]:
    """The references that are tagged as correct."""
    references = instance.get("references")
    texts = [
        as_object(item.get("output")).get("text")
        for item in as_list(references)
        if isinstance(item, dict) and "correct" in as_list(item.get("tags"))
    ]
    return [text for text in texts if isinstance(text, str)]


def _model(state: dict[str, Any], item: dict[str, Any]) -> str | None:
    for holder in (as_object(state.get("adapter_spec")), as_object(item.get("request"))):
        if isinstance(holder.get("model"), str) and holder["model"]:
            return str(holder["model"])
    return None
