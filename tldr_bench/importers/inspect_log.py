"""Inspect logs: `.json`, and `.eval`, a zip with one member a sample, deflated or packed by Zstandard.

Only a log whose status is `success` is taken. Long texts are kept once, as attachments. An answer is a
text or a list of parts, of which the reasoning is no part of the output.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tldr_bench.errors import Report, SubmissionError, counted, path_name, shown
from tldr_bench.importers.foreign import (
    Foreign,
    Options,
    Output,
    as_object,
    as_text,
    chosen,
    expect,
    flat,
    read_json,
)

ATTACHMENT = "attachment://"

Sample = dict[str, Any]


def read(path: Path, options: Options, report: Report) -> Foreign:
    """The first choice of every sample in one epoch: the picked one, or the first."""
    header, samples = _log(path, report)
    if header or not report:  # what cannot be read has no status
        _check_status(header, path, report)
    report.raise_as(SubmissionError)
    epochs = sorted({int(sample.get("epoch", 1)) for sample in samples if _is_epoch(sample)})
    if not epochs:
        report.add(path_name(path), "holds no samples; was it written with --no-log-samples?")
        return Foreign((), "inspect")
    epoch = chosen("epoch", [str(number) for number in epochs], options.pick, str(epochs[0]))
    kept = [sample for sample in samples if str(sample.get("epoch", 1)) == epoch]
    dropped = []
    if len(epochs) > 1:
        count = counted(len(samples) - len(kept), "output")
        dropped.append(f"{count} of other epochs than {epoch}")
    reader = _Answers(path, report)
    outputs = [reader.output(sample) for sample in kept]
    run = as_object(header.get("eval"))
    return Foreign(
        outputs,
        "inspect",
        as_text(as_object(run.get("packages")).get("inspect_ai")),
        as_text(run.get("model")),
        (*dropped, *reader.dropped()),
    )


def _is_epoch(sample: Sample) -> bool:
    return isinstance(sample.get("epoch", 1), int)


def _log(path: Path, report: Report) -> tuple[dict[str, Any], list[Sample]]:
    """The log without its samples, and the samples."""
    if path.suffix == ".eval":
        from tldr_bench.importers.inspect_zip import read_log

        return read_log(path, report)
    log = expect(read_json(path), dict, "with 'eval' and 'samples'", path)
    samples = expect(log.get("samples") or [], list, "under 'samples'", path)
    return log, [expect(sample, dict, "for every sample", path) for sample in samples]


def _check_status(header: dict[str, Any], path: Path, report: Report) -> None:
    status = header.get("status")
    if status != "success":
        error = as_text(as_object(header.get("error")).get("message"))
        why = f" ({shown(error)})" if error else ""
        message = f"the run's status is {shown(status)}{why}; only a log with 'success' is complete"
        report.add(path_name(path), message)
    if header.get("invalidated"):
        report.add(path_name(path), "the log is marked as invalidated")


class _Answers:
    """Takes the answers out of samples, and counts what it leaves."""

    def __init__(self, path: Path, report: Report) -> None:
        self._where = path_name(path)
        self._report = report
        self._reasoning = 0
        self._choices = 0

    def dropped(self) -> Iterator[str]:
        """What was left out, in sentences."""
        if self._reasoning:
            yield f"the reasoning of {counted(self._reasoning, 'output')}"
        if self._choices:
            yield f"every choice but the first of {counted(self._choices, 'output')}"

    def output(self, sample: Sample) -> Output:
        """A sample's answer, with what says which example it is of."""
        place = f"sample {shown(sample.get('id'))}"
        attachments = as_object(sample.get("attachments"))
        if sample.get("error"):
            error = shown(as_object(sample["error"]).get("message"))
            self._report.add(self._where, f"{place} ended with an error: {error}")
        value = self._answer(sample, place, attachments)
        fields = {
            "id": sample.get("id"),
            "target": sample.get("target"),
            **flat(as_object(sample.get("metadata")), "metadata."),
        }
        resolved = {name: _resolved(item, attachments) for name, item in fields.items()}
        return Output(place, value, resolved, _prompt(sample, attachments))

    def _answer(self, sample: Sample, place: str, attachments: dict[str, Any]) -> str | None:
        output = as_object(sample.get("output"))
        choices = output.get("choices")
        if not isinstance(choices, list) or not choices:
            self._report.add(self._where, f"{place} has no output")
            return None
        self._choices += len(choices) > 1
        content = as_object(as_object(choices[0]).get("message")).get("content")
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        texts = [as_object(part).get("text") for part in parts if _type(part) == "text"]
        self._reasoning += any(_type(part) == "reasoning" for part in parts)
        other = next(
            (_type(part) for part in parts if _type(part) not in ("text", "reasoning")), None
        )
        found = [_resolved(text, attachments) for text in texts]
        if other is not None or not found or not all(isinstance(text, str) for text in found):
            what = f"a part of type {shown(other)}" if other else "no text"
            self._report.add(self._where, f"{place} has {what} in its answer")
            return None
        text = "\n".join(map(str, found))
        if text.startswith(ATTACHMENT):
            self._report.add(self._where, f"{place}: its text, an attachment, is not in the log")
        return text


def _prompt(sample: Sample, attachments: dict[str, Any]) -> str:
    """The text that the model was given, messages one after the other."""
    given = sample.get("input")
    if isinstance(given, str):
        return str(_resolved(given, attachments))
    texts = []
    for message in given if isinstance(given, list) else []:
        content = as_object(message).get("content")
        for part in content if isinstance(content, list) else [{"text": content}]:
            texts.append(_resolved(as_object(part).get("text"), attachments))
    return "\n".join(text for text in texts if isinstance(text, str))


def _resolved(value: Any, attachments: dict[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith(ATTACHMENT):
        return attachments.get(value.removeprefix(ATTACHMENT), value)
    return value


def _type(part: object) -> object:
    return as_object(part).get("type")
