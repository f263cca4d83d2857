"""Start-up and growth, as ratios of CPU time within one run: never seconds, never a clock."""

from __future__ import annotations

import gc
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
from boards import REPOSITORY, benchmark, environment, make_board, scale

from tldr_bench.measuring import answer
from tldr_bench.questions import Question, question
from tldr_bench.store import Store
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace


def starts_of_python(folder: Path, *command: str, times: int = 15) -> float:
    """The CPU time of a command, counted in starts of a Python that does nothing.

    The least of several runs each, turn by turn, so that a busy spell of the machine meets both.
    """
    turns = [(cpu(folder, *command), cpu(folder, "-c", "pass")) for _ in range(times)]
    ours, bare = zip(*turns, strict=True)
    return min(ours) / min(bare)


def cpu(folder: Path, *command: str) -> float:
    """The CPU time of a command."""
    import os

    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_help_costs_five_starts_of_python_at_most(tmp_path: Path) -> None:
    """`--help` takes at most five times the CPU time of a Python that does nothing."""
    assert starts_of_python(tmp_path, "-m", "tldr_bench", "--help") <= 5


def test_the_prepared_help_is_current() -> None:
    """The file from which `--help` is answered holds what the command line would print."""
    command = [sys.executable, "-m", "tldr_bench", "--help"]
    fresh = {**environment(REPOSITORY), "TLDR_BENCH_FRESH_HELP": "1", "COLUMNS": "80"}
    printed = subprocess.run(command, capture_output=True, check=True, env=fresh).stdout
    assert (REPOSITORY / "tldr_bench/cli/help.txt").read_bytes() == printed, (
        "renew it: TLDR_BENCH_FRESH_HELP=1 COLUMNS=80 tldr-bench --help > tldr_bench/cli/help.txt"
    )


def test_a_narrow_terminal_gets_a_help_of_its_own() -> None:
    """With fewer columns than the prepared text has, the lines are wrapped for them."""
    command = [sys.executable, "-m", "tldr_bench", "--help"]
    narrow = {**environment(REPOSITORY), "COLUMNS": "50"}
    printed = subprocess.run(command, capture_output=True, check=True, env=narrow, text=True).stdout
    assert "score" in printed
    assert max(map(len, printed.splitlines())) <= 50


def test_validate_is_a_few_starts_of_python(tmp_path: Path) -> None:
    """`validate` of 618 lines: a guard a little above the eleven starts of Python that it takes."""
    board = make_board(tmp_path, 1, 618)
    path = "submissions/s000/made-up.jsonl"
    assert starts_of_python(board, "-m", "tldr_bench", "validate", path) <= 14


def test_validate_imports_none_of_the_slow_libraries(tmp_path: Path) -> None:
    """A plain `validate` needs no typer, no pydantic and no numpy, which cost most of its start."""
    board = make_board(tmp_path, 1, 20)
    code = (
        "import sys\n"
        "sys.argv = ['tldr-bench', 'validate', 'submissions/s000']\n"
        "from tldr_bench.cli.start import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "slow = {'typer', 'click', 'pydantic', 'numpy', 'platformdirs', 'tempfile', 'gzip'}\n"
        "print(sorted(slow & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=board,
        env=environment(board),
    )
    assert done.stderr.splitlines()[-1] == "[]", done.stderr


def test_time_grows_with_the_pairs_and_not_faster(tmp_path: Path) -> None:
    """Eight times the pairs cost about eight times the CPU time: the exponent is at most 1.1.

    The least of several runs each, turn by turn, so that a busy spell of the machine meets both.
    """
    asked = {}
    for pairs in (100, 4_000, 32_000):  # the first one is for what is loaded once
        board = make_board(tmp_path / str(pairs), 1, pairs)
        task = Workspace(board).task("made-up")
        asked[pairs] = task, question(task, Workspace(board).submission("s000"))
    seconds = dict.fromkeys(asked, math.inf)
    for _ in range(7):
        for pairs, (task, each) in asked.items():
            seconds[pairs] = min(seconds[pairs], _seconds(task, each))
    assert math.log(seconds[32_000] / seconds[4_000]) / math.log(8) <= 1.1


def test_reading_does_not_pause_the_collector_for_good(tmp_path: Path) -> None:
    """The collector of cycles runs again after a file was read, and stays off where it was off."""
    task = Workspace(make_board(tmp_path, 1, 20)).task("made-up")
    asked = question(task, Workspace(tmp_path).submission("s000"))
    assert gc.isenabled()
    answer(task, asked, Store())
    assert gc.isenabled()
    gc.disable()
    try:
        answer(task, asked, Store())
        assert not gc.isenabled()
    finally:
        gc.enable()


def _seconds(task: Task, asked: Question) -> float:
    start = time.process_time()
    answer(task, asked, Store())
    return time.process_time() - start


def test_the_scale_benchmark_says_what_it_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its table and its JSON name sizes, exponent and the cost of one system more; costs are positive."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    found = list(scale.figures(list(scale.sizes((50, 100))), scale.board(3, 20)))
    json.dumps([figure.as_json() for figure in found], allow_nan=False)
    assert all(figure.ours > 0 for figure in found if figure.unit == "s")
    assert [figure.what for figure in found] == [
        "score one file (ROUGE), start-up included",
        "score one file (ROUGE), start-up included",
        "growth of its time",
        "score a board, first run",
        "the same again",
        "that one system alone: the constant",
        "one system more",
        *(f"of which: {step}" for step in scale.STEPS),
    ]


def test_the_exponent_is_that_of_the_steepest_step() -> None:
    """By hand: 10 times the pairs in 10 times the time, then in 100 times the time, is exponent 2."""
    sizes = [scale.Size(10, 1.0, 1), scale.Size(100, 10.0, 1), scale.Size(1000, 1000.0, 1)]
    assert scale.exponent(sizes) == pytest.approx(2.0)
    assert scale.exponent(sizes[:2]) == pytest.approx(1.0)


def test_every_benchmark_is_run_by_make_bench() -> None:
    """`python -m benchmarks` knows every script of the folder that makes figures."""
    main = benchmark("__main__")
    every = (REPOSITORY / "benchmarks").glob("[!_]*.py")
    scripts = {
        path.stem for path in every if "from figures import Figure, show" in path.read_text("utf-8")
    }
    assert set(main.BENCHMARKS) == scripts
