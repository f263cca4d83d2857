"""Strict readers, canonical writers: JSON, YAML, digests and files that are replaced whole."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.errors import OutputError, Report, TaskError, TldrBenchError, shown, unknown
from tldr_bench.files import git_blob, iter_jsonl, open_regular, read_bounded, sha256
from tldr_bench.json_text import Unreadable, canonical_json, parse_json
from tldr_bench.writing import write_atomic
from tldr_bench.yaml_text import parse_yaml, read_yaml

REFUSED = {
    '{"a": 1, "a": 1}': "has the key 'a' twice",
    '{"b": {"a": 1, "a": 2}}': "has the key 'a' twice",
    "NaN": "holds NaN, which is not JSON",
    "[Infinity]": "holds Infinity, which is not JSON",
    "-Infinity": "holds -Infinity, which is not JSON",
    "1e999": "holds a number that is too long or too large: '1e999'",
    "1." + "0" * 40: "holds a number that is too long or too large: '1." + "0" * 40 + "'",
    "9" * 33: "holds a number of 33 digits",
    '"\\ud800"': "holds half of a surrogate pair (\\ud800 to \\udfff)",
    '{"\\udfff": 1}': "holds half of a surrogate pair (\\ud800 to \\udfff)",
    "[" * 33 + "]" * 33: "is nested deeper than 32 levels",
    '{"a":' * 33 + "1" + "}" * 33: "is nested deeper than 32 levels",
    "[" * 100_000: "is nested deeper than 32 levels",
    '["' + '\\"[' * 40: "is not valid JSON: unterminated string starting at column 2",
    "": "is not valid JSON: expected value at column 1",
    "{} {}": "is not valid JSON: extra data at column 4",
    "{'a': 1}": "is not valid JSON: expected property name enclosed in double quotes at column 2",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    """Duplicate keys, NaN, lone surrogates, endless numbers and depths are refused with a reason."""
    with pytest.raises(Unreadable) as error:
        parse_json(text)
    assert str(error.value) == REFUSED[text]


ACCEPTED = [
    "[" * 32 + "]" * 32,
    json.dumps("[{" * 100 + '\\"' + "]" * 100),
    '{"a": {"a": 1}, "b": [1.5e3, -0.0, true, null, "\\u00e9\\ud83d\\ude00"]}',
    " [ ] ",
    "9" * 32,
    json.dumps(["[]"] * 1000),
    json.dumps([[]] * 1000),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_strict_json_is_read_as_python_reads_it(text: str) -> None:
    """What is left means the same as to any JSON parser; brackets in texts are no depth."""
    assert parse_json(text) == json.loads(text)


def test_canonical_json_is_one_form_and_inert() -> None:
    """Sorted keys, two spaces, one newline; nothing that a terminal obeys; and it reads back the same."""
    value = {"b": ["\x1b[31m\x9b\u202e\u2028\x7f\ufeff", "é🦉"], "a": 1.5}
    text = canonical_json(value)
    assert text == (
        '{\n  "a": 1.5,\n  "b": [\n    "\\u001b[31m\\u009b\\u202e\\u2028\\u007f\\ufeff",\n    "é🦉"\n'
        "  ]\n}\n"
    )
    assert json.loads(text) == value


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(ANY_JSON)
def test_canonical_json_has_the_bytes_of_the_standard_library(value: Any) -> None:
    """Layout, order and numbers are those of `json.dumps`; only what a terminal obeys is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"
    assert canonical_json(value) == "".join(
        f"\\u{ord(character):04x}" if _obeyed(character) else character for character in text
    )


def _obeyed(character: str) -> bool:
    marks = (
        "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )
    return "\x7f" <= character <= "\x9f" or character in marks or "\ud800" <= character <= "\udfff"


def test_canonical_json_refuses_nan() -> None:
    """A figure that is no number cannot be written at all."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_yaml_keeps_text_and_lines() -> None:
    """Scalars stay as they are written, but for null; every value knows its line."""
    text = "version: 1.10\nlanguage: no\nempty:\ntilde: ~\nquoted: '~'\nlist:\n  - 0x1F\n  - 2024-01-01\n"
    value, lines = parse_yaml(text, "x.yaml", TaskError)
    assert value == {
        "version": "1.10",
        "language": "no",
        "empty": None,
        "tilde": None,
        "quoted": "~",
        "list": ["0x1F", "2024-01-01"],
    }
    assert lines["quoted",] == 5
    assert lines["list", 1] == 8


def test_yaml_in_a_wrong_encoding_names_the_line(tmp_path: Path) -> None:
    """A Latin-1 letter on the third line is reported there."""
    path = tmp_path / "x.yaml"
    path.write_bytes("name: x\n# fine\nnotes: naïve\n".encode("latin-1"))
    with pytest.raises(TaskError) as error:
        read_yaml(path, TaskError)
    assert str(error.value) == f"{path}:3: is not UTF-8: byte 0xef at column 10"


def test_digests_are_those_of_the_usual_tools(tmp_path: Path) -> None:
    """`sha256` is sha256sum's figure, `git_blob` what `git hash-object` prints."""
    content = b"tldr\n"
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sha256(content) == "sha256:" + hashlib.sha256(content).hexdigest()
    blob = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
    assert git_blob(content) == blob.stdout.strip()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """A reader of a file that is being replaced sees the old bytes or the new ones, nothing else."""
    path = tmp_path / "folder/file"
    old, new = b"a" * 300_000, b"b" * 300_000
    write_atomic(path, old)
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            write_atomic(path, new)
            write_atomic(path, old)

    thread = threading.Thread(target=replace)
    thread.start()
    seen = {read_bounded(path) for _ in range(200)}
    stop.set()
    thread.join()
    assert seen <= {old, new}
    assert [item.name for item in path.parent.iterdir()] == ["file"]


def test_an_equal_file_is_left_alone(tmp_path: Path) -> None:
    """Writing the same bytes again changes neither the file nor its time; other bytes do."""
    path = tmp_path / "file"
    assert write_atomic(path, "one")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert not write_atomic(path, "one")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert write_atomic(path, "two")


def test_a_failed_write_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses at the last moment, the old file stays and nothing lies beside it."""
    path = tmp_path / "file"
    write_atomic(path, "old")

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError) as error:
        write_atomic(path, "new")
    assert str(error.value) == f"{path}: cannot be written: input/output error"
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """Writing over a link replaces the link, even if its target has the same bytes."""
    (tmp_path / "target").write_text("text")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert write_atomic(tmp_path / "link", "text")
    assert not (tmp_path / "link").is_symlink()


def test_a_file_that_turns_into_a_link_before_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at and what is opened are held to the same rule: a swap in between helps nobody."""
    path, secret = tmp_path / "file", tmp_path / "secret"
    path.write_text("mine")
    secret.write_text("not mine")
    opened = os.open

    def swap(name: object, flags: int) -> int:
        path.unlink()
        path.symlink_to(secret)
        return opened(path, flags)

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(Unreadable):
        open_regular(path, follow_links=False)


def test_messages_quote_what_strangers_wrote() -> None:
    """Names of strangers are quoted, cut and escaped; JSON values look as in the file."""
    assert shown("\x1b[2J\n\u202e\udcff") == r"'\x1b[2J\n\u202e\udcff'"
    assert shown("x" * 1000) == "'" + "x" * 58 + "…"
    assert [shown(value) for value in (None, True, [0, None, "é"])] == [
        "null",
        "true",
        '[0, null, "\\u00e9"]',
    ]
    assert (
        unknown("key", "outptu", ["id", "output"]) == "unknown key 'outptu'. Did you mean 'output'?"
    )
    assert unknown("key", "x", []) == "unknown key 'x'"


def test_a_report_keeps_the_first_problems_and_counts_on() -> None:
    """A report is bounded: beyond the limit nothing is kept, made or lost sight of."""
    report = Report(limit=2)
    for line in range(5):
        report.add("file", "wrong" if line < 2 else lambda: pytest.fail("made for nothing"), line)
    with pytest.raises(TldrBenchError) as error:
        report.raise_as(TldrBenchError)
    assert str(error.value) == (
        "file:0: wrong\nfile:1: wrong\nfile: has 2 problems or more; the rest was not looked at"
    )
    assert report.omitted == 3


def test_lines_are_streamed(tmp_path: Path) -> None:
    """A reader that stops after the first line has not read the file."""
    path = tmp_path / "big.jsonl"
    path.write_text('{"a": 1}\n' + "not json\n" * 1000)
    report = Report()
    assert next(iter_jsonl(path, report)) == (1, {"a": 1})
    assert not report
