"""What commands say: many problems by place, folders for names, none and one, help and version at a glance."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOLD, REPOSITORY, Answer, TinyWorkspace

import tldr_bench as tb
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]
BROKEN = 13


@pytest.fixture
def broken(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """Thirteen submissions of which every one alone has hundreds of problems."""
    for number in range(BROKEN):
        tmp_workspace.submit(f"bad-{number:02}", "tiny-summary", "{}\n" * 300)
    return tmp_workspace


@pytest.mark.parametrize("command", [("score",), ("run", "--offline")])
def test_no_submission_hides_the_others(
    broken: TinyWorkspace, cli: Cli, command: tuple[str, ...]
) -> None:
    """Of thirteen broken submissions each has its heading, its kinds of problems, and its count."""
    answer = cli(*command)
    lines = answer.err.splitlines()
    assert answer.rc == 1
    for number in range(BROKEN):
        file = f"submissions/bad-{number:02}/tiny-summary.jsonl"
        assert lines.count(f"{file}: 600 problems of 2 kinds") == 1
        assert lines.count(f"error: {file}:1: has no 'prediction'") == 1
    assert lines.count("       the same 299 more times on lines 2-300") == 2 * BROKEN
    assert f"{600 * BROKEN} problems in {BROKEN} places" in lines


def test_programs_get_every_problem(broken: TinyWorkspace, cli: Cli) -> None:
    """`--log json` groups nothing and leaves nothing out."""
    answer = cli("score", "--log", "json")
    events = [json.loads(line) for line in answer.err.splitlines()]
    assert sum(event["event"] == "error" for event in events) == 600 * BROKEN


def test_a_bad_table_is_said_by_kind(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """`import` of a table with many uneven rows shows the first of them, and the lines of the others."""
    table = tmp_workspace.write("out.csv", "id,prediction\n" + "p1,a,b\n" * 100)
    answer = cli("import", "csv", table, "--task", "tiny-summary", "--system", "me")
    assert answer.rc == 1
    assert answer.err.splitlines()[-4:] == [
        "error: out.csv:2: expected 2 cells, got 3",
        "       the same 99 more times on lines 3-101",
        "",
        "100 problems in 1 place",
    ]


@pytest.fixture
def good(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """Two good systems of the same figures."""
    for name in ("good", "fair"):
        tmp_workspace.submit(name, "tiny-summary", GOLD["tiny-summary"])
    return tmp_workspace


@pytest.mark.parametrize(
    ("typed", "below"),
    [
        ("submissions/good/", "."),
        ("submissions/good", "."),
        ("./submissions/good", "."),
        ("good/", "submissions"),
        ("../good", "submissions/fair"),
        (".", "submissions/good"),
        ("submissions/good/", "tasks"),
    ],
)
def test_a_folder_stands_for_its_system(
    good: TinyWorkspace, monkeypatch: pytest.MonkeyPatch, typed: str, below: str
) -> None:
    """The path of a submission's folder, from here or from the root, is the system's name."""
    monkeypatch.chdir(good.root / below)
    assert Workspace(good.root).system_name(typed) == "good"
    assert Workspace(Path("/") / good.root.resolve().relative_to("/")).system_name(typed) == "good"


@pytest.mark.parametrize(
    "typed", ["good", "..", "", "nobody", "other/good", "submissions/good/tiny-summary.jsonl", "/"]
)
def test_a_name_stays_a_name(good: TinyWorkspace, typed: str) -> None:
    """A name, and a path that is no submission's folder, are given back as they are."""
    good.write("good/submission.yaml", "name: a folder of the same name elsewhere\n")
    assert Workspace(good.root).system_name(typed) == typed


@pytest.mark.parametrize(
    "command",
    [
        ("score", "{}"),
        ("verify", "{}"),
        ("doctor", "{}"),
        ("explain", "{}", "--task", "tiny-summary"),
        ("compare", "{}", "fair", "--task", "tiny-summary"),
        ("compare", "fair", "{}", "--task", "tiny-summary"),
        ("export", "standing", "tiny-summary", "--system", "{}"),
        ("leaderboard", "tiny-summary", "--format", "markdown", "--against", "{}"),
    ],
)
def test_every_command_takes_the_folder(
    good: TinyWorkspace, cli: Cli, command: tuple[str, ...]
) -> None:
    """With the folder's path a command prints what it prints with the name."""
    assert cli("score").rc == 0
    by_name = cli(*(part.format("good") for part in command))
    assert by_name.rc == 0, by_name.err
    by_path = cli(*(part.format("submissions/good/") for part in command))
    assert (by_path.rc, by_path.out) == (by_name.rc, by_name.out)


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_an_empty_board_says_so(tmp_workspace: TinyWorkspace, cli: Cli, form: str) -> None:
    """`leaderboard` of a task without submissions says that there are none, beside the output."""
    assert tmp_workspace.root
    answer = cli("leaderboard", "tiny-summary", "--format", form)
    assert (answer.rc, answer.err) == (
        0,
        "tiny-summary: no submission has predictions for it yet\n",
    )


def test_cache_info_as_json_says_when_it_was_used(
    good: TinyWorkspace, cli: Cli, tmp_path: Path
) -> None:
    """Oldest and newest use are moments in UTC, and null while nothing is kept."""
    env = {"TLDR_BENCH_CACHE": str(tmp_path / "new")}
    empty = json.loads(cli("cache", "info", "--format", "json", env=env).out)
    assert (empty["oldest_use"], empty["newest_use"]) == (None, None)
    assert cli("score", env=env).rc == 0
    found = json.loads(cli("cache", "info", "--format", "json", env=env).out)
    for name in ("oldest_use", "newest_use"):
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[name])
    assert "used     0 days ago" in cli("cache", "info", env=env).out


def test_one_is_not_many(good: TinyWorkspace, cli: Cli) -> None:
    """One other system, one file and one reference are said in the singular."""
    assert "beside 1 other system\n" in cli("doctor", "good", "--format", "table").out
    assert "read 1 of 1 file\n" in cli("score", "good").err + "\n"
    bands = cli("compare", "good", "fair", "--task", "tiny-summary").out
    assert "1 reference " in bands
    assert "1 references" not in bands


@pytest.mark.parametrize("group", [(), ("data",), ("cache",), ("make-task",)])
def test_the_help_cuts_no_sentence(cli: Cli, group: tuple[str, ...]) -> None:
    """At 80 columns every command is described by a whole sentence."""
    listed = cli(*group, "--help", env={"COLUMNS": "80"}).out.partition("Commands:\n")[2]
    lines = listed.splitlines()
    assert len(lines) >= 2
    assert all(re.fullmatch(r"  [a-z-]+ +[A-Z].*[^.]\.", line) for line in lines), listed


@pytest.mark.parametrize("arguments", [("--version",), ("--version", "--help"), ("--version", "x")])
def test_the_version(cli: Cli, arguments: tuple[str, ...]) -> None:
    """`--version` prints name and version, whatever stands behind it."""
    answer = cli(*arguments)
    assert (answer.rc, answer.out, answer.err) == (0, f"tldr-bench {tb.__version__}\n", "")


def test_the_version_is_cheap() -> None:
    """`--version` alone imports neither typer nor anything of ours but its start."""
    code = (
        "import sys; sys.argv = ['tldr-bench', '--version']\n"
        "from tldr_bench.cli.start import main; main()\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('tldr_bench', 'typer'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == (
        "tldr_bench tldr_bench.cli tldr_bench.cli.start tldr_bench.version"
    )


def test_the_help_of_export_says_what_is_about_a_whole_task(cli: Cli) -> None:
    """Exactly the formats that refuse --system stand under `about a whole task`; every other one elsewhere."""
    from tldr_bench.exporters.formats import FORMATS, WHOLE

    text = " ".join(cli("export", "--help", env={"COLUMNS": "300"}).out.split())
    whole, rest = re.search(  # type: ignore[union-attr]
        r"About a whole task, without --system: (.*?)\. (About every system.*?)\)\. ", text
    ).groups()
    names = set(re.findall(r"[a-z]+(?:-[a-z]+)*", whole))
    assert names & FORMATS.keys() == WHOLE
    assert FORMATS.keys() - WHOLE == set(re.findall(r"[a-z]+(?:-[a-z]+)*", rest)) & FORMATS.keys()
    assert "parquet (a row per prediction)" in rest


def test_dir_shows_the_functions() -> None:
    """`dir(tldr_bench)`, and so completion, names everything that the package offers."""
    assert set(tb.__all__) <= set(dir(tb))
    assert "__doc__" in dir(tb)


def test_the_example_of_the_package_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example in the package's docstring does as it says: two systems ranked, compared and shown."""
    for name in ("tasks/mini", "tasks/mini-tldr", "submissions/lead", "submissions/oracle"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    task = tmp_path / "tasks/mini-tldr/task.yaml"
    task.write_text(re.sub("  bertscore: .*\n", "", task.read_text("utf-8")), "utf-8")  # slow
    monkeypatch.chdir(tmp_path)
    example = "\n".join(re.findall(r"^    (\S.*)$", tb.__doc__ or "", re.MULTILINE))
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - our own text
    board, pages = names["board"], names["pages"]
    assert [row.system for row in board.record.rows] == ["oracle", "lead"]  # type: ignore[attr-defined]
    assert "index.html" in pages  # type: ignore[operator]
