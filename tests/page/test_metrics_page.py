"""The page of the metrics: every metric of the package is explained there, and signatures are what they seem."""

from __future__ import annotations

import json

import pytest
from conftest import TinyWorkspace
from sites import hostile_boards, rendered

from tldr_bench.execute import board_of
from tldr_bench.metrics import TABLE
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.page import render
from tldr_bench.page.metrics import SOURCES, TRAPS
from tldr_bench.page.words import THEME_NAMES, THEMES
from tldr_bench.workspace import Workspace


def test_no_metric_of_the_package_is_forgotten() -> None:
    """Each has the colour of a family, a source, and something to beware of."""
    assert set(THEMES) == set(SOURCES) == set(TRAPS) == set(TABLE)
    assert set(THEMES.values()) == set(THEME_NAMES)
    assert all(SOURCES.values())
    assert all(text.endswith(".") for texts in TRAPS.values() for text in texts)


def test_a_signature_does_not_show_what_is_not_here(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that are missing where the page is made are said to enter where they are."""
    monkeypatch.setattr(Rouge155, "identity", lambda _: ("weights:not-here", "tool:not-here"))
    tmp_workspace.submit(
        "one", "tiny-summary", [{"id": f"p{n}", "prediction": "x"} for n in range(1, 5)]
    )
    page = render([board_of(Workspace(tmp_workspace.root), "tiny-summary")])["metrics.html"]
    assert "not-here" not in page
    assert "|weights:…|tool:…|v:" in page
    assert "…: the digest or version of weights and tool, which enters where it is there" in page


def test_whole_signatures_stand_alone() -> None:
    """Where nothing is missing, nothing is said of it."""
    assert "the digest or version of" not in rendered()["metrics.html"]


def test_the_json_of_a_system_has_its_result_as_its_file_has_it() -> None:
    """One form of a result: that of `results/TASK.json`."""
    board = next(board for board in hostile_boards()[1] if board.task.id == "owls")
    result = board.scored[0].result
    found = json.loads(rendered()[f"owls/systems/{result.system}.json"])
    assert found["result"] == json.loads(result.to_json())


def test_the_marks_of_a_paper_say_by_which_rule(tmp_workspace: TinyWorkspace) -> None:
    """Where the board counts new names by whole words, the page that marks them by stems says so."""
    rows = [{"id": f"p{n}", "prediction": "x"} for n in range(1, 5)]
    tmp_workspace.submit("one", "tiny-summary", rows)
    note = '<a href="../../metrics.html#describe">compare whole words</a>'
    name = "tiny-summary/examples/p1.html"
    assert note not in render([board_of(Workspace(tmp_workspace.root), "tiny-summary")])[name]
    path = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    path.write_text(path.read_text().replace("  rouge155:\n", "  rouge155:\n  describe:\n"))
    assert note in render([board_of(Workspace(tmp_workspace.root), "tiny-summary")])[name]
