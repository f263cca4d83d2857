"""The command line as a whole: start-up, exit codes, streams, interruptions, and where it may stand."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import GOLD, REPOSITORY, TinyWorkspace

Cli = Callable[..., Any]
HEAVY = (
    "datasets",
    "evaluate",
    "numpy",
    "torch",
    "transformers",
    "pandas",
    "pyarrow",
    "scipy",
    "rich",
)
COMMANDS = [
    "run",
    "tasks",
    "data",
    "validate",
    "score",
    "leaderboard",
    "baseline",
    "build",
    "serve",
]


def modules_after(*arguments: str, cwd: Path | None = None) -> set[str]:
    """The top-level modules that a command has imported when it ends."""
    code = (
        "import sys, atexit\n"
        f"sys.argv = ['tldr-bench', *{list(arguments)!r}]\n"
        "atexit.register(lambda: print('|'.join(sys.modules), file=sys.stderr))\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split("|")}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["score", "--help"], ["data", "fetch", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """`--help` answers at once: it imports no numpy, datasets, evaluate or torch."""
    assert modules_after(*arguments).isdisjoint(HEAVY)


def test_validate_imports_nothing_heavy(tmp_workspace: TinyWorkspace) -> None:
    """A prediction file is checked without numpy and without the libraries of the Hub."""
    for task, rows in GOLD.items():
        tmp_workspace.submit("good", task, rows)
    assert modules_after("validate", "submissions/good").isdisjoint(HEAVY)


def test_tasks_imports_nothing_heavy() -> None:
    """Listing the tasks, signatures included, needs no numpy."""
    assert modules_after("tasks", cwd=REPOSITORY).isdisjoint(HEAVY)


def test_import_is_light() -> None:
    """`import tldr_bench` alone imports no numpy, and offers its functions all the same."""
    code = "import sys, tldr_bench as tb; print('numpy' in sys.modules, callable(tb.score))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_help_names_every_command(cli: Cli) -> None:
    """`--help` lists all commands, and each has a help of its own; both exit with 0."""
    answer = cli("--help")
    assert answer.rc == 0
    for command in COMMANDS:
        assert f"\n  {command} " in answer.out
    assert cli("leaderboard", "--help").rc == 0


def test_no_command_shows_the_help(cli: Cli) -> None:
    """Without a command, the help is shown, with the status of a wrong command line."""
    answer = cli()
    assert answer.rc == 2
    assert "Usage: " in answer.out + answer.err


WRONG_USAGE = {
    "an unknown command": (["scor"], "No such command 'scor'"),
    "an unknown option": (["score", "--tsk", "x"], "No such option: --tsk"),
    "an unknown task": (
        ["leaderboard", "tiny-sumary"],
        "error: unknown task 'tiny-sumary'. Did you mean 'tiny-summary'?\n",
    ),
    "an unknown task of score": (
        ["score", "--task", "mini-tdlr"],
        "error: unknown task 'mini-tdlr'. Did you mean 'mini-tldr'?\n",
    ),
    "an unknown task of data": (
        ["data", "path", "mini"],
        "error: unknown task 'mini'. Did you mean 'mini-tldr'?\n",
    ),
    "an unknown system": (
        ["score", "goood"],
        "error: unknown submission 'goood'. Did you mean 'good'?\n",
    ),
    "a system by another path": (
        ["score", "../submissions/good"],
        "error: unknown submission '../submissions/good'. Known: good\n",
    ),
    "an unknown baseline": (
        ["baseline", "leed", "--task", "mini-tldr"],
        "error: unknown baseline 'leed'. Did you mean 'lead'?\n",
    ),
    "a baseline of another kind": (
        ["baseline", "bm25", "--task", "tiny-summary"],
        "error: baseline 'bm25' is not for summary tasks. For tiny-summary: ",
    ),
    "a root that is none": (["tasks", "--root", "gone"], "error: --root gone is not a folder\n"),
    "a misspelt device": (
        ["score", "good", "--device", "cudda"],
        "error: --device: unknown device 'cudda'. Did you mean 'cuda'?\n",
    ),
    "an unknown format": (
        ["leaderboard", "tiny-summary", "--format", "xml"],
        "'xml' is not one of",
    ),
}


@pytest.mark.parametrize("case", WRONG_USAGE)
def test_a_wrong_command_line_exits_with_2(
    case: str, tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """What the command line names and does not exist is said, with the nearest name, and exits with 2."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    arguments, message = WRONG_USAGE[case]
    answer = cli(*arguments)
    assert (answer.rc, answer.out) == (2, "")
    assert message in answer.err


def test_wrong_input_exits_with_1_and_the_rest_is_done(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """One bad submission is reported with all its problems; the good one is scored, and the exit is 1."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    tmp_workspace.submit("bad", "tiny-summary", GOLD["tiny-summary"][:2])
    answer = cli("score")
    assert answer.rc == 1
    assert (
        "error: submissions/bad/tiny-summary.jsonl: 2 examples of tiny-summary without a "
        "prediction: 'p3', 'p4'\n"
    ) in answer.err
    assert (tmp_workspace.root / "submissions/good/results/tiny-summary.json").is_file()
    assert not (tmp_workspace.root / "submissions/bad/results").exists()


def test_it_works_from_a_folder_below_and_with_root(
    tmp_workspace: TinyWorkspace, cli: Cli, tmp_path: Path
) -> None:
    """The workspace is found from any folder inside it, and `--root` names it from anywhere."""
    folder = tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"]).parent
    here = cli("leaderboard", "tiny-summary")
    assert here.rc == 0
    assert cli("leaderboard", "tiny-summary", cwd=folder) == here
    elsewhere = cli("leaderboard", "tiny-summary", "--root", tmp_workspace.root, cwd=tmp_path)
    assert elsewhere == here
    assert cli("validate", ".", cwd=folder).out == "1 checked, no problems\n"


def test_a_reader_that_stops_early_is_no_error(tmp_workspace: TinyWorkspace) -> None:
    """`tldr-bench … | head -1` ends quietly, with status 0, when the pipe is closed."""
    for number in range(40):
        tmp_workspace.submit(f"system-{number}", "tiny-labels", GOLD["tiny-labels"])
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tldr_bench", "leaderboard", "tiny-labels"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_ends_cleanly(tmp_workspace: TinyWorkspace) -> None:
    """An interrupted command says so in one line, without a traceback, and exits with 130."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    code = (
        "import tldr_bench.workspace as w, sys, time\n"
        "def wait(*_):\n    print('here', flush=True); time.sleep(60)\n"
        "w.load_task = wait\n"
        "sys.argv = ['tldr-bench', 'leaderboard', 'tiny-summary']\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"here\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, b"", b"interrupted; what was done is kept\n")


@pytest.mark.parametrize("module", ["tldr_bench.errors", "tldr_bench.cli.checking"])
def test_ctrl_c_while_modules_are_imported_ends_cleanly(module: str, tmp_path: Path) -> None:
    """The first moments of a command are imports: an interrupt there is one line and 130, too."""
    code = (
        "import importlib.abc, os, signal, sys\n"
        "class Interrupt(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "sys.argv = ['tldr-bench', 'validate', 'nothing']\n"
        "from tldr_bench.cli.start import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    said = b"interrupted; what was done is kept\n"
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", said)


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("2", "2")])
def test_matrices_take_one_thread(given: str | None, expected: str, tmp_path: Path) -> None:
    """numpy is imported with one thread for its matrices, unless the user says another number."""
    code = (
        "import os, sys\n"
        "class Numpy:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'numpy':\n"
        "            print(os.environ.get('OPENBLAS_NUM_THREADS')); sys.stdout.flush(); os._exit(0)\n"
        "sys.meta_path.insert(0, Numpy())\n"
        f"sys.argv = ['tldr-bench', 'score', '--root', {str(REPOSITORY)!r}, '--task', 'mini-tldr']\n"
        "from tldr_bench.cli.start import main\n"
        "main()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TLDR_BENCH_CACHE": str(tmp_path)}
    env.pop("OPENBLAS_NUM_THREADS", None)
    env |= {"OPENBLAS_NUM_THREADS": given} if given else {}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout == f"{expected}\n", done.stderr


@pytest.mark.parametrize(
    "line",
    [
        ["a"],
        ["a", "b.jsonl", "--format", "json"],
        ["--format", "github", "a", "--limit", "3", "--offline"],
        ["--limit", "0", "--limit", "7", "a", "--root", "there"],
    ],
)
def test_a_plain_command_line_is_read_as_typer_reads_it(
    line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`validate` reads plain arguments by itself: it calls the same function with the same values."""
    from tldr_bench.cli import checking, main

    calls: list[tuple[Any, ...]] = []

    def check(
        paths: Any, format: Any = "text", limit: Any = 200, root: Any = None, offline: Any = False
    ) -> int:
        calls.append((list(paths), format, limit, root, offline))
        return 0

    monkeypatch.setattr(checking, "check", check)
    with pytest.raises(SystemExit):
        main.app(["validate", *line])
    monkeypatch.setattr(checking, "plain_arguments", lambda _: None)
    with pytest.raises(SystemExit):
        main.app(["validate", *line])
    assert len(calls) == 2
    assert calls[0] == calls[1]


@pytest.mark.parametrize(
    "line",
    [[], ["--help"], ["a", "--format=json"], ["a", "--format", "xml"], ["a", "--limit", "-1"],
     ["a", "--root"], ["--", "a"], ["a", "--frmat", "json"], [""]],
)  # fmt: skip
def test_any_other_command_line_is_left_to_typer(line: list[str]) -> None:
    """Mistakes, help and other ways of writing are typer's: its messages stay the only ones."""
    from tldr_bench.cli.checking import plain_arguments

    assert plain_arguments(line) is None


def test_a_mistake_of_ours_is_one_line_without_a_traceback(tmp_workspace: TinyWorkspace) -> None:
    """Even a bug shows no traceback: it says that it is one, and how to report it."""
    code = (
        "import tldr_bench.workspace as w, sys\n"
        "w.load_task = lambda *_: 1 / 0\n"
        "sys.argv = ['tldr-bench', 'leaderboard', 'tiny-summary']\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "error: a mistake of tldr-bench, not yours: ZeroDivisionError: division by zero. Please "
        "report it, with what TLDR_BENCH_TRACEBACK=1 shows\n"
    )


@pytest.mark.parametrize(
    ("no_color", "expected"), [(None, b"\x1b[1;31merror:\x1b[0m"), ("1", b"error:")]
)
def test_colours_are_for_terminals_that_want_them(
    no_color: str | None, expected: bytes, tmp_workspace: TinyWorkspace
) -> None:
    """Errors are red on a terminal, and plain where NO_COLOR is set."""
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": no_color or ""}
    terminal, end = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "tldr_bench", "leaderboard", "nothing"], stderr=end, env=variables
    )
    assert child.wait(timeout=30) == 2
    os.close(end)
    assert os.read(terminal, 10_000).startswith(expected)
    os.close(terminal)


def test_no_colours_in_files(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """What is redirected holds no escape sequences."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    for arguments in (["leaderboard", "tiny-summary"], ["validate", "nothing"], ["--help"]):
        answer = cli(*arguments, env={"NO_COLOR": None, "FORCE_COLOR": None})
        assert "\x1b" not in answer.out + answer.err


def test_output_is_utf8_whatever_the_locale(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """A locale that lacks a character neither changes a byte of the output nor ends in an error."""
    tmp_workspace.write("submissions/naive/submission.yaml", "name: Naïve 概要 🦉\n")
    tmp_workspace.submit("naive", "tiny-summary", GOLD["tiny-summary"])
    usual = cli("leaderboard", "tiny-summary")
    assert "Naïve 概要 🦉" in usual.out
    strange = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert cli("leaderboard", "tiny-summary", env=strange) == usual
    assert cli("leaderboard", "tiny-summary", env={"PYTHONIOENCODING": "ascii"}) == usual


def test_a_cache_that_cannot_be_written_makes_it_slower_only(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """A file where the cache folder should be does not stop the scorer, or change its result."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    usual = cli("leaderboard", "tiny-summary", "--format", "json")
    blocked = tmp_workspace.write("a-file", "in the way")
    answer = cli(
        "leaderboard", "tiny-summary", "--format", "json", env={"TLDR_BENCH_CACHE": str(blocked)}
    )
    assert (answer.rc, answer.out) == (0, usual.out)


def test_an_output_that_cannot_be_written_is_one_clear_line(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """A file where a folder is expected: exit 1, one line, and the other results are written."""
    for system in ("blocked", "free"):
        tmp_workspace.submit(system, "tiny-summary", GOLD["tiny-summary"])
    tmp_workspace.write("submissions/blocked/results", "a file")
    answer = cli("score")
    assert answer.rc == 1
    assert (
        "error: submissions/blocked/results/tiny-summary.json: cannot be written: "
    ) in answer.err
    assert (tmp_workspace.root / "submissions/free/results/tiny-summary.json").is_file()
    assert (tmp_workspace.root / "submissions/blocked/results").read_text() == "a file"


def test_results_never_leave_the_submissions_folder(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """A link in the place of the results' folder cannot make the scorer write somewhere else."""
    folder = tmp_workspace.submit("sly", "tiny-summary", GOLD["tiny-summary"]).parent
    (tmp_workspace.root / "victim").mkdir()
    (folder / "results").symlink_to(tmp_workspace.root / "victim")
    answer = cli("score")
    assert answer.rc == 1
    assert (
        "error: submissions/sly/results: is a link; results are written into the submission's own "
        "folder only\n"
    ) in answer.err
    assert list((tmp_workspace.root / "victim").iterdir()) == []


def test_a_full_disk_leaves_the_earlier_result_alone(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """When a result cannot be written, the one that stood there stays, byte for byte."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    assert cli("score").rc == 0
    path = tmp_workspace.root / "submissions/good/results/tiny-summary.json"
    before = path.read_bytes()
    tmp_workspace.submit(
        "good", "tiny-summary", [{**row, "prediction": "x"} for row in GOLD["tiny-summary"]]
    )
    code = (
        "import os, errno, sys\n"
        "def full(*_):\n    raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "os.fsync = full\n"
        "sys.argv = ['tldr-bench', 'score']\n"
        "from tldr_bench.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TLDR_BENCH_CACHE": "/dev/null/none"},
        check=False,
    )
    assert done.returncode == 1
    assert (
        "error: submissions/good/results/tiny-summary.json: cannot be written: no space left on "
        "device\n"
    ) in done.stderr
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_json_output_is_strict_json(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """Everything printed with `--format json` is read by a strict parser."""
    tmp_workspace.submit("good", "tiny-summary", GOLD["tiny-summary"])
    for arguments in (["tasks"], ["leaderboard", "tiny-summary"], ["validate", "submissions/good"]):
        answer = cli(*arguments, "--format", "json")
        json.loads(answer.out, parse_constant=lambda name: pytest.fail(name))
