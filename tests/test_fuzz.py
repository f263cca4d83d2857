"""Whatever bytes come in: a submission is read or refused, never a traceback, never a long wait."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import GOLD, REPOSITORY, TinyWorkspace, jsonl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tldr_bench.align import align_file
from tldr_bench.errors import SubmissionError, TaskError, TldrBenchError
from tldr_bench.json_text import Unreadable, parse_json
from tldr_bench.records import parse_record
from tldr_bench.submission import load_submission
from tldr_bench.task import Task, TaskFile
from tldr_bench.workspace import Workspace
from tldr_bench.yaml_text import parse_yaml

BOUNDED = settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
IDS = st.sampled_from(["p1", "p2", "p3", "p4"]) | st.text(max_size=3)
LISTS = st.lists(st.sampled_from([0, 1, 2, True, 1.0, "p1", "p2", None, -1]), max_size=5)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS | VALUES,
        "prediction": VALUES | LISTS,
        "selected": VALUES | LISTS,
        "x": VALUES,
    },
)
LINES = ROWS.map(lambda row: json.dumps(row, ensure_ascii=True).encode()) | st.binary(max_size=30)


@pytest.fixture
def tasks(tmp_workspace: TinyWorkspace) -> dict[str, Task]:
    workspace = Workspace(tmp_workspace.root)
    return {name: workspace.task(name) for name in GOLD}


def named(error: TldrBenchError) -> None:
    """An error lists its problems, each of them in one line."""
    assert error.problems
    assert all("\n" not in str(problem) for problem in error.problems)


def scored_or_refused(task: Task, content: bytes, ending: str) -> None:
    path = Path(f"{task.id}{ending}")
    path.write_bytes(content)
    try:
        aligned = align_file(task, path)
    except SubmissionError as error:
        named(error)
        return
    assert [pair.id for pair in aligned.pairs] == [example.id for example in task.examples]


@BOUNDED
@given(lines=st.lists(LINES, max_size=6), ending=st.sampled_from([b"\n", b"\r\n", b"", b"\n\n"]))
def test_any_lines_are_scored_or_refused(
    lines: list[bytes], ending: bytes, tasks: dict[str, Task]
) -> None:
    """Rows of any shape and lines of any bytes give pairs for every example, or named problems."""
    for task in tasks.values():
        scored_or_refused(task, ending.join(lines) + ending, ".jsonl")


@BOUNDED
@given(
    place=st.integers(0, 400),
    bite=st.integers(0, 40),
    put=st.binary(max_size=10),
    pack=st.booleans(),
)
def test_any_damage_is_scored_or_refused(
    place: int, bite: int, put: bytes, pack: bool, tasks: dict[str, Task]
) -> None:
    """A good file with any bytes cut out and put in, packed or not, is read or refused."""
    for name, task in tasks.items():
        content = jsonl(GOLD[name]).encode()
        content = gzip.compress(content) if pack else content
        damaged = content[:place] + put + content[place + bite :]
        scored_or_refused(task, damaged, ".jsonl.gz" if pack else ".jsonl")


COLUMNS = st.sampled_from(
    ["p1", "p2", "p3", "p4", "Q0", "1", "0.5", "nan", "1e999", "\x1b", "é", "1_0", "-"]
)


@BOUNDED
@given(
    rows=st.lists(st.lists(COLUMNS, min_size=5, max_size=7), max_size=8), tail=st.binary(max_size=5)
)
def test_any_run_is_scored_or_refused(
    rows: list[list[str]], tail: bytes, tasks: dict[str, Task]
) -> None:
    """TREC runs of any columns are read or refused."""
    content = "\n".join(" ".join(row) for row in rows).encode() + tail
    scored_or_refused(tasks["tiny-ranking"], content, ".run")


YAML = st.text(
    st.sampled_from("nametypdcorig: -[]{}&*!|>'\"#%@`\\\n\t\x00é\x85\u2028🦉~<?,0123"), max_size=60
) | st.sampled_from(
    ["name: ", "name: x\n", "authors:\n- ", "date: ", "runs: ", "decoding: {"]
).flatmap(lambda start: st.text(max_size=20).map(lambda rest: start + rest))


@BOUNDED
@given(text=YAML)
def test_any_submission_yaml_is_read_or_refused(text: str, tmp_workspace: TinyWorkspace) -> None:
    """A submission.yaml of any text gives a description or named problems."""
    folder = tmp_workspace.root / "submissions/fuzzed"
    tmp_workspace.write("submissions/fuzzed/submission.yaml", text.encode("utf-8", "surrogatepass"))
    try:
        assert load_submission(folder).spec.name.strip()
    except SubmissionError as error:
        named(error)


@BOUNDED
@given(content=st.binary(max_size=60))
def test_any_bytes_as_submission_yaml(content: bytes, tmp_workspace: TinyWorkspace) -> None:
    """Even bytes that are no text are refused as a submission.yaml, and nothing else happens."""
    tmp_workspace.write("submissions/fuzzed/submission.yaml", content)
    try:
        load_submission(tmp_workspace.root / "submissions/fuzzed")
    except SubmissionError as error:
        named(error)


@BOUNDED
@given(text=YAML, value=VALUES)
def test_any_task_yaml_is_read_or_refused(text: str, value: Any) -> None:
    """A task.yaml of any text, and a value of any shape in its place, is a task or a TaskError."""
    for make in (
        lambda: parse_yaml(text, "task.yaml", TaskError),
        lambda: ({"name": "x", "data": value, "metrics": value, "fields": value}, {}),
    ):
        try:
            found, lines = make()
            parse_record(TaskFile, found, "task.yaml", lines, TaskError)
        except TaskError as error:
            named(error)


@settings(max_examples=300, deadline=1000)
@given(text=st.text(st.sampled_from('[]{}",:\\u0d8e1-.NaIfinty \n'), max_size=80))
def test_strict_json_accepts_only_json(text: str) -> None:
    """What our reader accepts, Python's accepts with the same meaning; the rest is Unreadable."""
    try:
        found = parse_json(text)
    except Unreadable:
        return
    assert json.dumps(found) == json.dumps(json.loads(text))


def test_the_fuzzer_reads_its_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `benchmarks/fuzz.py` starts from reaches every reader, and every reader accepts a whole file."""
    monkeypatch.syspath_prepend(REPOSITORY)
    from benchmarks.fuzz_readers import Readers

    readers = Readers(tmp_path)
    accepted = {
        readers.names[seed[0]]
        for seed in readers.seeds(REPOSITORY / "tests/zoo/submissions")
        if readers(seed)
    }
    assert accepted == set(readers.names) - {"result", "receipts"}
    assert not any(
        readers(bytes([place]) + b"\xff")
        for place in range(len(readers.names))
        if readers.names[place] != "lines"
    )
