"""Files made to break a reader, each in a process of its own: refused in a line, soon, small, and quietly."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, TinyWorkspace, jsonl

MIB = 1024 * 1024
SECONDS = 60
MEMORY = 1536 * MIB
OUTPUT = 256 * 1024

Monster = Callable[[Path], None]
"""Puts itself in the place of a file."""


def content(data: bytes | str) -> Monster:
    return lambda path: (
        path.write_bytes(data if isinstance(data, bytes) else data.encode()) and None
    )


def members(unpacked: bytes, times: int) -> Monster:
    """A gzip file of so many equal members, of which any one is small."""
    return content(gzip.compress(unpacked, 9) * times)


def hole(size: int) -> Monster:
    """A file of this size that takes no place on the disk."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


ROW = '{"id": "p1", "prediction": %s}\n'
LONG = 1_000_000
"""Characters that still fit on one line."""

PREDICTIONS: dict[str, tuple[str, Monster, str]] = {
    "gzip of one endless line": (".jsonl.gz", members(b"\0" * MIB, 2000), "is longer than the limit"),
    "gzip of nothing but line ends": (".jsonl.gz", members(b"\n" * MIB, 2000), "has more lines than the limit"),
    "gzip in gzip in gzip": (".jsonl.gz", content(gzip.compress(gzip.compress(b"\0" * MIB * 8))), "is not"),
    "a hundred thousand empty gzips": (".jsonl.gz", members(b"", 100_000), "is empty"),
    "ten gigabytes": (".jsonl", hole(10 * 1024 * MIB), "is longer than the limit"),
    "brackets": (".jsonl", content(ROW % ("[" * LONG)), "is nested deeper than 32 levels"),
    "braces": (".jsonl", content('{"a":' * (LONG // 5)), "is nested deeper than 32 levels"),
    "quotes and backslashes": (".jsonl", content('"\\' * (LONG // 2)), "is not valid JSON"),
    "digits": (".jsonl", content(ROW % ("9" * LONG)), "holds a number of 1000000 digits"),
    "exponent": (".jsonl", content(ROW % "1e999999999"), "too long or too large"),
    "fraction": (".jsonl", content(ROW % ("0." + "3" * LONG)), "too long or too large"),
    "one key many times": (".jsonl", content("{" + '"a":1,' * (LONG // 7) + '"b":1}'), "twice"),
    "many keys": (".jsonl", content("{" + ",".join(f'"{n}":1' for n in range(90_000)) + "}"), "unknown key"),
    "many ids": (".jsonl", content("".join(f'{{"id":"{n}","prediction":""}}\n' for n in range(500_000))), "unknown id"),
    "long ids that are nearly right": (".jsonl", content((ROW.replace("p1", "p1" * 200_000) % '""') * 30), "unknown id"),
    "terminal": (".jsonl", content('{"\x9b31m\u202e": 1, "id": "\\u001b[2J\\u001b]0;owned\\u0007", "prediction": ""}\n'), "unknown"),
    "columns": (".run", content("p1 " * (LONG // 3) + "\n" + "p1 Q0 p1 1 " + "9" * LONG + " t\n"), "6 columns"),
    "a run of many lines": (".run", content("".join(f"p1 Q0 p{n} 1 {n} t\n" for n in range(300_000))), "the rest was not looked at"),
}  # fmt: skip

DESCRIPTIONS: dict[str, tuple[Monster, str]] = {
    "flow lists": (content("name: " + "[" * LONG), "is nested deeper than 32 levels"),
    "block lists": (content("- " * (LONG // 2)), "is nested deeper than 32 levels"),
    "complex keys": (content("? " * (LONG // 2)), "has a key that is not plain text"),
    "aliases": (
        content("a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a]\n" for n in range(9))),
        "anchor",
    ),
    "keys": (content("".join(f"k{n}: 1\n" for n in range(20_000))), "unknown key"),
    "one key": (content("name: x\n" * 30_000), "twice"),
    "one long key": (content("k" * LONG + ": 1\n"), ""),
    "quotes": (content("name: '" + "''" * (LONG // 2)), "is not valid YAML"),
    "percent": (content("%" * LONG), "is not valid YAML"),
    "large": (hole(3 * 1024 * MIB), "is larger than the limit of 1 MiB"),
    "terminal": (content('name: "\\e[2J"\n"\\e]0;owned\\a": 1\n'), "unknown key"),
}


def run(folder: Path, *arguments: str) -> tuple[int, str, int]:
    """Exit status, all that was printed, and the most memory in bytes; the clock stops a hang."""
    command = [sys.executable, "-m", "tldr_bench", *arguments]

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * MIB, 64 * MIB))

    printed = folder / "printed.txt"
    with printed.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, preexec_fn=bounded)
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return process.returncode, printed.read_text(), used.ru_maxrss * unit


def refused(folder: Path, *arguments: str) -> str:
    """What is printed about a monster, which must be little, harmless, and soon there."""
    status, text, memory = run(folder, *arguments)
    assert status == 1, text[-2000:]
    assert "Traceback" not in text
    assert "a mistake of tldr-bench" not in text
    assert len(text) < OUTPUT
    assert text.count("\n") < 700
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
    assert not set("\x7f\x9b\u202e") & set(text)
    assert memory < MEMORY
    return text


@pytest.mark.parametrize("name", PREDICTIONS)
def test_monstrous_predictions_are_refused(name: str, tmp_workspace: TinyWorkspace) -> None:
    """Bombs, endless lines, deep nesting, long numbers and floods of ids end soon, in little memory, with a message."""
    ending, make, says = PREDICTIONS[name]
    task = "tiny-ranking" if ending == ".run" else "tiny-summary"
    path = tmp_workspace.submit("monster", task, "", ending)
    path.unlink()
    make(path)
    assert says in refused(tmp_workspace.root, "validate", "submissions/monster")


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_monstrous_descriptions_are_refused(name: str, tmp_workspace: TinyWorkspace) -> None:
    """The same for submission.yaml: nesting, aliases, floods of keys, escapes, and size."""
    make, says = DESCRIPTIONS[name]
    path = tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"])
    make(path.with_name("submission.yaml"))
    assert says in refused(tmp_workspace.root, "validate", "submissions/monster")


def test_a_folder_of_thousands_of_files_is_refused(tmp_workspace: TinyWorkspace) -> None:
    """A flood of files for tasks that do not exist is named up to the limit and counted."""
    folder = tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"]).parent
    for number in range(3000):
        (folder / f"tiny-{number}.jsonl").touch()
    text = refused(tmp_workspace.root, "validate", "submissions/monster")
    assert text.endswith("and 2800 more problems in 2800 files\n\n3000 problems in 3000 files\n")


def test_names_that_differ_in_case_are_no_names(tmp_workspace: TinyWorkspace) -> None:
    """Files that would be one on another system do not pass: a task's name is written in one way only."""
    tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"])
    tmp_workspace.submit("monster", "Tiny-Summary", GOLD["tiny-summary"])
    text = refused(tmp_workspace.root, "validate", "submissions/monster")
    assert "unknown task 'Tiny-Summary'. Did you mean 'tiny-summary'?" in text


@pytest.mark.parametrize("command", [("validate", "submissions/monster"), ("score", "monster")])
def test_nothing_in_a_folder_is_passed_over(
    tmp_workspace: TinyWorkspace, command: tuple[str, ...]
) -> None:
    """Links, and files that are none of a submission's, are named; README.md, hidden files and results are left alone."""
    folder = tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"]).parent
    (folder / "README.md").write_text("notes")
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "results").mkdir()
    assert run(tmp_workspace.root, *command)[0] == 0
    strays = ("tiny-labels.JSONL", "tiny-labels.jsonl.bz2", "tiny-labels.ndjson", "tiny-summary.json",
              "run.py", "Submission.yaml", "results/tiny-summary.txt", "results/x.tmp.json~")  # fmt: skip
    for name in strays:
        (folder / name).touch()
    links = ("link", "results/tiny-summary.json")
    for name in links:
        (folder / name).unlink(missing_ok=True)  # `score` has written a result there
        (folder / name).symlink_to("/etc/passwd")
    text = refused(tmp_workspace.root, *command)
    for name in links:
        assert f"monster/{name}: is a link; a submission is made of regular files only\n" in text
    for name in strays:
        assert f"monster/{name}: is none of the files of a submission: submission.yaml, " in text


def test_the_guard_and_the_validator_know_the_same_files(tmp_workspace: TinyWorkspace) -> None:
    """What `validate` says of a file's name in a submission's folder, `guard` says of a change of it."""
    from tldr_bench.errors import SubmissionError
    from tldr_bench.init.guard import guarded

    names = ("README.md", "results/tiny-summary.json", "tiny-summary.json", "results/deep.txt",
             "notes.txt", "x.jsonl.zip", "SUBMISSION.yaml")  # fmt: skip
    folder = tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"]).parent
    (folder / "results").mkdir()
    for name in names:
        (folder / name).touch()
    _, text, _ = run(tmp_workspace.root, "validate", "submissions/monster")
    for name in names:
        try:
            refused_by_guard = guarded([f"submissions/monster/{name}"]) != "monster"
        except SubmissionError:
            refused_by_guard = True
        assert (f"monster/{name}: " in text) == refused_by_guard, name


def test_results_behind_a_link_are_not_read(tmp_workspace: TinyWorkspace) -> None:
    """`verify` names a result that is a link, and says nothing of what it points at."""
    folder = tmp_workspace.submit("monster", "tiny-summary", GOLD["tiny-summary"]).parent
    (folder / "results").mkdir()
    secret = tmp_workspace.write("secret.json", '{"password-of-the-scorer": 1}')
    (folder / "results/tiny-summary.json").symlink_to(secret)
    text = refused(tmp_workspace.root, "verify", "monster")
    assert "results/tiny-summary.json: is a link; " in text
    assert "password" not in text


def test_predictions_of_a_megabyte_are_scored(tmp_workspace: TinyWorkspace) -> None:
    """The longest texts that are allowed are scored within the same bounds of time and memory."""
    rows = [{"id": row["id"], "prediction": "owls hunt " * 100_000} for row in TINY_ROWS]
    tmp_workspace.submit("monster", "tiny-summary", jsonl(rows))
    status, text, memory = run(tmp_workspace.root, "score", "monster", "--jobs", "1")
    assert status == 0, text
    assert memory < MEMORY


FOREIGN: dict[str, tuple[str, bytes, str]] = {
    "objects": ("gem", b'{"tasks": {"a": [' + b"{}," * 2_100_000 + b"1]}}", "holds more than 4,000,000 values"),
    "rows": ("summeval", (b'{"decoded":[' + b"[]," * 250_000 + b"1]}\n") * 9, ":8: is larger than the limit of 128 MiB or 4,000,000 values"),
    "cells": ("csv", b"id,prediction\n" + b"a,b\n" * 1_100_000, "has more than 2,000,000 cells"),
    "lines": ("lines", b"\n" * 2_100_000, "has more than 2,000,000 lines"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_of_very_many_values_is_refused(
    case: str, tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Small values take a hundred times their place in memory, so a foreign file may hold so many and no more."""
    form, data, says = FOREIGN[case]
    path = tmp_path / "file"
    path.write_bytes(data)
    text = refused(tmp_workspace.root, "import", form, str(path), "--task", "tiny-summary", "--system", "x")  # fmt: skip
    assert says in text
