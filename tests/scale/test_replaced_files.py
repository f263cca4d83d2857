"""A file that is replaced while it is scored: what is known of one content is nothing of another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from boards import make_board

from tldr_bench import workers
from tldr_bench.errors import SubmissionError
from tldr_bench.execute import plan, run_task
from tldr_bench.measuring import answer
from tldr_bench.questions import Answer, Question, question
from tldr_bench.result import Result
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workers import InProcess, Processes
from tldr_bench.workspace import Workspace

PAPERS = 20


@pytest.fixture
def board(tmp_path: Path) -> Workspace:
    """One system, and a task with two metrics."""
    return Workspace(make_board(tmp_path / "board", 1, PAPERS, ("rouge155", "rouge")))


def file_of(board: Workspace) -> Path:
    """The prediction file."""
    return board.submissions / "s000/made-up.jsonl"


def other_content(path: Path) -> bytes:
    """Another file of predictions for the same papers."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return "".join(json.dumps({**row, "prediction": "other"}) + "\n" for row in rows).encode()


def scored(board: Workspace, store: Store, who: Any = None, task: Task | None = None) -> Result:
    """The result of the one system."""
    found = run_task(task or board.task("made-up"), plan(board).units, store, who, lean=True)
    return found.scored[0].result


def apart(task: Task, asked: Question) -> tuple[Question | None, Question | None]:
    """A question in two parts, as if one metric ran a model."""
    one, *rest = asked.metrics
    return replace(asked, metrics=(one,)), replace(asked, metrics=tuple(rest)) if rest else None


class Late(InProcess):
    """Somebody replaces the file before the first answer."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content = path, content

    def answers(self, *given: Any) -> Any:
        """As the others answer."""
        self.path.write_bytes(self.content)
        yield from super().answers(*given)


def test_what_the_store_knows_of_another_content_is_not_mixed_in(board: Workspace) -> None:
    """One metric known, the file replaced before the other is measured: the result is of the new file, and
    with the old one back, of the old one.
    """
    store, path, task = Store(board.root / ".store"), file_of(board), board.task("made-up")
    old, new = path.read_bytes(), other_content(path)
    answer(
        task, replace(question(task, plan(board).units[0].submission), metrics=("rouge155",)), store
    )
    mixed = scored(board, store, Late(path, new))
    assert mixed == scored(board, Store())
    assert mixed == scored(board, store)
    path.write_bytes(old)
    assert scored(board, store) == scored(board, Store())


def test_a_model_and_a_process_do_not_read_two_contents(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process found in the old file is no part of the answer about the new one."""
    path, task = file_of(board), board.task("made-up")
    asked = question(task, plan(board).units[0].submission)
    monkeypatch.setattr(workers, "split", apart)
    there = answer(task, replace(asked, metrics=("rouge155",)), Store())
    path.write_bytes(other_content(path))
    found = Processes(2)._completed(task, asked, Store(), there)
    fresh = answer(task, asked, Store())
    assert isinstance(found, Answer)
    assert found.reading == fresh.reading
    assert plain(found) == plain(fresh)


def plain(found: Answer) -> dict[str, dict[str, list[float]]]:
    """The columns as lists."""
    return {
        name: {column: values.tolist() for column, values in found.columns[name].items()}
        for name in sorted(found.columns)
    }


# On a cluster ----------------------------------------------------------------------------------


@pytest.mark.parametrize("contents", [1, 2, 3, 9])
def test_the_parts_of_a_question_are_of_one_content(
    board: Workspace, monkeypatch: pytest.MonkeyPatch, contents: int
) -> None:
    """Of a file in two parts, replaced up to twice while they are sent: the answer is of its last content,
    and so is what is kept. One that changes every time is refused in a line.
    """
    pytest.importorskip("distributed", reason="needs the extra: pip install 'tldr-bench[cluster]'")
    from machines import in_process

    from tldr_bench import cluster_run

    path, task = file_of(board), board.task("made-up")
    asked = question(task, plan(board).units[0].submission)
    texts = [path.read_bytes().replace(b'"}', b' %d"}' % number) for number in range(contents)]
    sent: list[bytes] = []

    def read(*_: object, **__: object) -> bytes:
        path.write_bytes(texts[min(len(sent), contents - 1)])
        sent.append(path.read_bytes())
        return sent[-1]

    monkeypatch.setattr(cluster_run, "split", apart)
    monkeypatch.setattr(cluster_run, "read_bounded", read)
    store = Store(board.root / ".store")
    with in_process(1) as (cluster, _):
        ((number, found),) = cluster.answers(task, {5: asked}, store)
    assert number == 5
    assert len(sent) == {1: 2, 2: 4, 3: 4, 9: 6}[contents]
    if contents == 9:
        assert isinstance(found, SubmissionError)
        assert str(found).endswith(
            "made-up.jsonl: changed while it was read, 3 times in a row; score it when it is done"
        )
        return
    fresh = answer(task, asked, Store())
    assert isinstance(found, Answer)
    assert (found.reading, plain(found)) == (fresh.reading, plain(fresh))
    assert (found.tally.files_read, found.tally.files_known) == (1, 0)
    for content in (*texts, texts[0]):
        path.write_bytes(content)
        assert scored(board, store, task=task) == scored(board, Store(), task=task)
