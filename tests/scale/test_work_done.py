"""How much work a figure costs, counted: instructions that Python executes, never seconds.

The counts are the same however busy the machine is. What is compiled counts nothing here: for that there
is one ratio of CPU times, to rouge-score in the same process, with a wide margin.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from boards import make_board

from tldr_bench.execute import plan, run_task
from tldr_bench.kinds import Pair
from tldr_bench.measuring import answer
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.questions import question
from tldr_bench.store import Store
from tldr_bench.workspace import Workspace

TALL = 1.05
"""The exponent that work may grow with: 1 is in proportion."""


def instructions(work: Callable[[], object]) -> int:
    """Bytecode instructions that a call executes in this thread."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(cost: Callable[[int], int], small: int, large: int) -> float:
    """The exponent x of cost ~ size ** x between two sizes."""
    return math.log(cost(large) / cost(small)) / math.log(large / small)


def pairs_of(board: Path) -> list[Pair[str, tuple[str, ...]]]:
    """What the first system says, and the references."""
    said, rows = (
        [json.loads(line) for line in (board / name).read_text().splitlines()]
        for name in ("submissions/s000/made-up.jsonl", "tasks/made-up/rows.jsonl")
    )
    return [
        Pair(row["id"], one["prediction"], tuple(row["targets"]))
        for one, row in zip(said, rows, strict=True)
    ]


def test_a_quadratic_piece_of_code_is_seen() -> None:
    """The guard itself: a loop over pairs has exponent 1, a loop over pairs of pairs has 2."""
    once = growth(lambda size: instructions(lambda: [2 * n for n in range(size)]), 200, 800)
    twice = growth(
        lambda size: instructions(lambda: [n for _ in range(size) for n in range(size)]), 50, 200
    )
    assert once == pytest.approx(1, abs=0.05)
    assert twice == pytest.approx(2, abs=0.05)
    assert once <= TALL < twice


def test_scoring_a_file_is_work_in_proportion_to_its_lines(tmp_path: Path) -> None:
    """From file to columns: four times the lines are at most about four times the instructions."""

    def cost(papers: int) -> int:
        board = make_board(tmp_path / str(papers), 1, papers, ("rouge155", "rouge"))
        task = Workspace(board).task("made-up")
        asked = question(task, Workspace(board).submission("s000"))
        # The first time is for what is derived from the task once, in a store that forgets.
        answer(task, asked, Store())
        return instructions(lambda: answer(task, asked, Store()))

    assert growth(cost, 200, 800) <= TALL


def test_scoring_a_board_is_work_in_proportion_to_its_systems(tmp_path: Path) -> None:
    """From plan to results, intervals included: four times the systems, about four times the work."""

    def cost(systems: int) -> int:
        board = Workspace(make_board(tmp_path / str(systems), systems, 40))
        task = board.task("made-up")
        run_task(task, plan(board).units[:1], Store())  # what is derived from the task once
        return instructions(lambda: run_task(task, plan(board).units, Store()))

    assert growth(cost, 10, 40) <= TALL


def test_a_known_board_is_little_work(tmp_path: Path) -> None:
    """With everything in the store, a run executes at most a 25th of the instructions that filled it."""
    board = Workspace(make_board(tmp_path / "board", 4, 600, ("rouge155", "rouge")))
    task = board.task("made-up")
    store = Store(tmp_path / "store")
    first = instructions(lambda: run_task(task, plan(board).units, store, lean=True))
    again = instructions(lambda: run_task(task, plan(board).units, store, lean=True))
    assert again <= first / 25


@pytest.mark.parametrize("metric", [Rouge(), Rouge155()], ids=["rouge", "rouge155"])
def test_rouge_is_a_fraction_of_the_work_of_rouge_score(tmp_path: Path, metric: Any) -> None:
    """The same pairs, the same process: a twentieth of rouge-score's instructions and of its CPU time, or less.

    Measured are about a hundredth; see benchmarks/results.
    """
    from rouge_score.rouge_scorer import RougeScorer

    pairs = pairs_of(make_board(tmp_path, 1, 200))
    theirs = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)

    def peer() -> None:
        for pair in pairs:
            theirs.score(pair.target[0], pair.prediction)

    def own() -> None:
        metric.measure(pairs)

    own()
    peer()
    assert instructions(own) <= instructions(peer) / 20
    assert min(cpu(own) for _ in range(5)) <= min(cpu(peer) for _ in range(3)) / 20


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start
