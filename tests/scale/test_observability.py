"""What a run says of itself: as text, as JSON lines, and where the time went."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from boards import finish, make_board, results, score, start


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """Two systems on one task."""
    return make_board(tmp_path / "board", 2, 20)


def test_the_summary_says_what_was_measured_and_what_reused(board: Path) -> None:
    """The last line of a run counts measurements made and reused, and files read."""
    assert score(board)[1].splitlines()[-1] == (
        "made 40 measurements and reused 0 (0.0 %); read 2 of 2 files"
    )
    assert re.fullmatch(
        r"made 0 measurements and reused 40 \(100\.0 %\)(, which saved [\d.]+ s)?; read 0 of 2 files",
        score(board)[1].splitlines()[-1],
    )


def test_json_lines_are_json_and_nothing_else(board: Path) -> None:
    """With `--log json` every line of stderr is an object with an event, errors included."""
    (board / "submissions/s001/made-up.jsonl").write_text('{"id": "p0", "predicton": "x"}\n')
    status, said = score(board, "--log", "json")
    events = [json.loads(line) for line in said.splitlines()]
    assert status == 1
    assert all(isinstance(event["event"], str) for event in events)
    errors = [event for event in events if event["event"] == "error"]
    (misspelt,) = [event for event in errors if "predicton" in event["message"]]
    assert (misspelt["where"], misspelt["line"]) == ("submissions/s001/made-up.jsonl", 1)
    scored = [event for event in events if event["event"] == "scored"]
    assert [(event["system"], event["changed"]) for event in scored] == [("s000", True)]
    (done,) = [event for event in events if event["event"] == "done"]
    assert done["computed"] == 20
    assert done["stages"]["measure rouge155"] > 0


def test_profile_names_the_stages(board: Path) -> None:
    """`--profile` lists seconds by stage, and the whole by the clock last."""
    said = score(board, "--profile")[1]
    rows = [line.rsplit(maxsplit=1) for line in said.splitlines() if "  " in line][2:]
    stages = {name.strip(): float(seconds) for name, seconds in rows}
    assert {"read data", "read predictions", "measure rouge155", "intervals"} <= stages.keys()
    assert list(stages)[-1] == "in all, by the clock"
    assert sum(stages.values()) - stages["in all, by the clock"] <= stages["in all, by the clock"]


def test_no_figure_depends_on_how_it_is_logged(board: Path) -> None:
    """Results are the same bytes with and without logging and profile."""
    score(board)
    plain = results(board)
    for path in board.glob("submissions/*/results/*"):
        path.unlink()
    score(board, "--log", "json", "--profile")
    assert results(board) == plain


def test_a_second_run_compares_no_systems_again(board: Path) -> None:
    """`run` keeps what it found out about every two systems; the next one compares nobody."""
    first = finish(start(board, "run"))
    site = {path: path.read_bytes() for path in (board / "_site").rglob("*.html")}
    second = finish(start(board, "run"))
    assert (first[0], second[0]) == (0, 0)
    assert "; compared all systems on 3 of 3 scores\n" in first[1]
    assert not re.search(r"compared all systems on [1-9]", second[1])
    assert {path: path.read_bytes() for path in (board / "_site").rglob("*.html")} == site
