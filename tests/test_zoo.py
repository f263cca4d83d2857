"""A zoo of broken inputs: each way to be wrong has a folder, or a row in a table, with its whole message."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import socket
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, TinyWorkspace, jsonl

from tldr_bench.errors import TldrBenchError
from tldr_bench.tables import plain
from tldr_bench.validation import validate_path
from tldr_bench.workspace import Workspace

ZOO = Path(__file__).parent / "zoo"
SUMMARY = jsonl(GOLD["tiny-summary"])
FILE = "submissions/broken/tiny-summary.jsonl"


def cages(part: str) -> list[str]:
    return sorted(path.name for path in (ZOO / part).iterdir() if path.is_dir())


def expected(part: str, case: str) -> str:
    return (ZOO / part / case / "expected.txt").read_text("utf-8")


def found(path: str | Path) -> str:
    """What `validate` prints, without its "error: "."""
    lines = [plain(str(item)) for item in validate_path(Workspace(Path.cwd()), Path(path))]
    return "".join(line + "\n" for line in lines)


@pytest.mark.parametrize("case", cages("submissions"))
def test_every_broken_submission_gets_its_whole_message(
    case: str, tmp_workspace: TinyWorkspace
) -> None:
    """A wrong submission is refused with file, line, field, what was expected and the nearest name."""
    folder = tmp_workspace.root / "submissions" / "sub"
    shutil.copytree(ZOO / "submissions" / case, folder, ignore=shutil.ignore_patterns("expected*"))
    assert found("submissions/sub") == expected("submissions", case).replace(
        "SUB", "submissions/sub"
    )


@pytest.mark.parametrize("case", cages("tasks"))
def test_every_broken_task_gets_its_whole_message(
    case: str, tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong task.yaml, or data that are not as promised, is refused with file, line and field."""
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    folder = tmp_workspace.root / "tasks" / case
    shutil.copytree(ZOO / "tasks" / case, folder, ignore=shutil.ignore_patterns("expected*"))
    rows = folder / "rows.jsonl"
    data = rows if rows.exists() else tmp_workspace.root / "tasks/tiny/rows.jsonl"
    text = (folder / "task.yaml").read_text().replace("CASE", case)
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    (folder / "task.yaml").write_text(text.replace("DIGEST", digest))
    with pytest.raises(TldrBenchError) as error:
        _ = Workspace(tmp_workspace.root).task(case).metrics
    actual = "".join(plain(str(item)) + "\n" for item in error.value.problems)
    assert actual.replace(digest, "DIGEST") == expected("tasks", case)


BYTES = {
    "UTF-16": (SUMMARY.encode("utf-16"), "{file}: is UTF-16; save it as UTF-8\n"),
    "Latin-1": (
        SUMMARY.encode("latin-1"),
        "{file}: 1 example of tiny-summary without a prediction: 'p3'\n"
        "{file}:3: is not UTF-8: byte 0xe9 at column 51\n",
    ),
    "a line that is too long": (
        SUMMARY + json.dumps({"id": "p5", "prediction": "x" * 1024 * 1024}),
        "{file}:5: is longer than the limit of 1 MiB a line\n",
    ),
    "binary": (
        b"\x00\x01\x02\xff",
        "{file}:1: is not UTF-8: byte 0xff at column 4\n",
    ),
    "NUL bytes": (
        b"\x00" * 10,
        "{file}:1: is not valid JSON: expected value at column 1\n",
    ),
}


@pytest.mark.parametrize("case", BYTES)
def test_bytes_that_are_no_json_lines_are_refused(case: str, tmp_workspace: TinyWorkspace) -> None:
    """Other encodings, binary files and endless lines are named, and nothing is guessed."""
    content, message = BYTES[case]
    tmp_workspace.submit("broken", "tiny-summary", content)
    assert found("submissions/broken") == message.format(file=FILE)


def test_utf16_is_one_problem_however_many_lines(tmp_workspace: TinyWorkspace) -> None:
    """A file in a wrong encoding is one thing to mend, not one per line."""
    tmp_workspace.submit("broken", "tiny-summary", (SUMMARY * 100).encode("utf-16"))
    assert found("submissions/broken").count("\n") == 1


PACKED = gzip.compress(SUMMARY.encode(), mtime=0)
GZIP = {
    "cut short": (PACKED[:-12], "{file}: is cut short: the compressed data has no end\n"),
    "not gzip": (
        SUMMARY.encode(),
        "{file}: is not gzip, or damaged: Not a gzipped file (b'{{\"')\n",
    ),
    "checksum": (
        PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:],
        "{file}: is not gzip, or damaged: CRC check failed 0x0 != "
        f"{int.from_bytes(PACKED[-8:-4], 'little'):#x}\n",
    ),
    "garbage behind": (
        PACKED + b"garbage",
        "{file}: is not gzip, or damaged: Not a gzipped file (b'ga')\n",
    ),
}


@pytest.mark.parametrize("case", GZIP)
def test_damaged_gzip_is_refused(case: str, tmp_workspace: TinyWorkspace) -> None:
    """A compressed file that is cut, damaged or none at all is refused whole, with one message."""
    content, message = GZIP[case]
    tmp_workspace.submit("broken", "tiny-summary", content, ".jsonl.gz")
    assert found("submissions/broken") == message.format(file=FILE + ".gz")


@pytest.mark.parametrize("content", [b"\0", b"\n"], ids=["one line", "blank lines"])
def test_a_gzip_bomb_stops_at_the_limit(
    content: bytes, tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a small file unpacks to is bounded, be it one endless line or nothing but line ends."""
    monkeypatch.setattr("tldr_bench.files.MAX_FILE", 8 * 1024 * 1024)
    monkeypatch.setattr("tldr_bench.files.MAX_LINES", 1_000_000)
    bomb = gzip.compress(content * 9 * 1024 * 1024, 1)
    tmp_workspace.submit("broken", "tiny-summary", bomb, ".jsonl.gz")
    limit = {
        b"\0": "is larger than the limit of 8 MiB",
        b"\n": "has more lines than the limit of 1000000",
    }
    assert f"{FILE}.gz: {limit[content]}\n" in found("submissions/broken")


def test_a_file_of_nothing_but_problems_is_not_read_to_its_end(
    tmp_workspace: TinyWorkspace,
) -> None:
    """After ten thousand problems the reader stops, says so, and claims nothing about the rest."""
    tmp_workspace.submit("broken", "tiny-summary", "{}\n" * 50_000)
    lines = found("submissions/broken").splitlines()
    assert len(lines) == 10_001
    assert lines[-1] == f"{FILE}: has 10000 problems or more; the rest was not looked at"
    assert not any("without a prediction" in line for line in lines)


def a_link(path: Path) -> None:
    secret = path.parent.parent / "secret.jsonl"
    secret.write_text(SUMMARY)
    path.symlink_to(secret)


def a_socket(path: Path) -> None:
    # The name of a socket must be short: made nearby, then moved.
    here = Path("s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(here))
    here.rename(path)


LINK = "is a link; only regular files are read"
SPECIAL = {
    "link": (a_link, LINK),
    "loop": (lambda path: path.symlink_to(path.name), LINK),
    "dangling link": (lambda path: path.symlink_to("/does/not/exist"), LINK),
    "device": (lambda path: path.symlink_to("/dev/zero"), LINK),
    "folder": (Path.mkdir, "is a folder; expected a file"),
    "pipe": (os.mkfifo, "is not a regular file"),
    "socket": (a_socket, "is not a regular file"),
}


@pytest.mark.parametrize("name", ["tiny-summary.jsonl", "submission.yaml"])
@pytest.mark.parametrize("case", SPECIAL)
def test_only_regular_files_of_the_submissions_own_folder_are_read(
    case: str, name: str, tmp_workspace: TinyWorkspace
) -> None:
    """Links, pipes, devices and folders in the place of a file are refused, and nobody waits for them."""
    make, message = SPECIAL[case]
    file = tmp_workspace.submit("broken", "tiny-summary", SUMMARY).with_name(name)
    file.unlink()
    make(file)
    assert found("submissions/broken") == f"submissions/broken/{name}: {message}\n"


def test_a_link_in_the_place_of_a_submission_is_refused(tmp_workspace: TinyWorkspace) -> None:
    """A submission's folder cannot stand for another folder on the scorer's machine."""
    tmp_workspace.write("elsewhere/submission.yaml", "name: Elsewhere\n")
    (tmp_workspace.root / "submissions/broken").symlink_to(tmp_workspace.root / "elsewhere")
    message = "submissions/broken: is a link; a submission is a folder of its own\n"
    assert found("submissions/broken") == message


NAME = "expected a folder name of up to 64 of a-z, 0-9, '.', '_', '-', a letter or digit first"
FOLDERS = {
    "Upper": NAME,
    "with space": NAME,
    "-dash": NAME,
    "_x": NAME,
    "x" * 65: NAME,
    "naïve": NAME,
    "a\nb": NAME,
    "nul": "has a name that Windows does not allow; choose another",
    "com1.v2": "has a name that Windows does not allow; choose another",
    "dot.": "has a name that Windows does not allow; choose another",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_name_that_is_no_good_everywhere_is_refused(
    name: str, tmp_workspace: TinyWorkspace
) -> None:
    """Names become files and web addresses: only those that work on every system pass."""
    tmp_workspace.submit(name, "tiny-summary", SUMMARY)
    tmp_workspace.write(f"submissions/{name}/submission.yaml", "name: Example\n")
    assert found(f"submissions/{name}") == plain(f"submissions/{name}: {FOLDERS[name]}") + "\n"


def test_a_file_name_that_is_not_utf8_is_shown_not_obeyed(tmp_workspace: TinyWorkspace) -> None:
    """Bytes that are no text cannot stop the report from being printed."""
    folder = tmp_workspace.submit("broken", "tiny-summary", SUMMARY).parent
    (folder / "tiny-\udcff.jsonl").write_text(SUMMARY)
    found("submissions/broken").encode("utf-8")
    assert "submissions/broken/tiny-\\udcff.jsonl: is named after no task" in found(
        "submissions/broken"
    )


def test_what_is_not_there_is_said_to_be_not_there(tmp_workspace: TinyWorkspace) -> None:
    """A path that names nothing, and a file that is no prediction file, each have their message."""
    assert found("submissions/gone") == "submissions/gone: there is no such file or folder\n"
    tmp_workspace.write("notes.txt", "hello")
    assert found("notes.txt") == (
        "notes.txt: expected a submission folder or a file named <task>.jsonl, .jsonl.gz, .run or "
        ".run.gz\n"
    )


ACCEPTED = {
    "byte-order mark": b"\xef\xbb\xbf" + SUMMARY.encode(),
    "CRLF": SUMMARY.replace("\n", "\r\n").encode(),
    "no newline at the end": SUMMARY.rstrip("\n").encode(),
    "blank lines": ("\n" + SUMMARY.replace("\n", "\n \n\r\n")).encode(),
    "other spacing": SUMMARY.replace('": ', '"  :\t').encode(),
    "escaped letters": jsonl(
        {"prediction": row["prediction"], "id": row["id"]} for row in GOLD["tiny-summary"]
    )
    .replace("é", "\\u00e9")
    .encode(),
    "an empty prediction": jsonl({"id": row["id"], "prediction": ""} for row in TINY_ROWS).encode(),
    "brackets in texts": SUMMARY.replace("Coated", "[" * 40 + '\\"{').encode(),
    "a pair of surrogates": SUMMARY.replace("Coated", "\\ud83d\\ude00").encode(),
}


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("case", ACCEPTED)
def test_what_only_looks_different_is_accepted(
    case: str, ending: str, tmp_workspace: TinyWorkspace
) -> None:
    """Byte-order marks, line ends, blank lines, compression and spelling of JSON are nobody's mistake."""
    content = ACCEPTED[case]
    packed = gzip.compress(content) if ending.endswith("gz") else content
    tmp_workspace.submit("fine", "tiny-summary", packed, ending)
    assert found("submissions/fine") == ""


def test_a_run_is_accepted_in_any_order_of_its_lines(tmp_workspace: TinyWorkspace) -> None:
    """A TREC run needs no order, and its numbers may be written in any usual way."""
    run = "p2 Q0 p1 9 -1.5E-3 t\np1\tQ0  p1 1 +.5 t\np3 0 p2 0 3. t\np4 Q0 p4 1 7 t\n"
    tmp_workspace.submit("fine", "tiny-ranking", run, ".run")
    assert found("submissions/fine") == ""
