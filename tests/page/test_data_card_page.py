"""The section about a task's data: what the command counts, which papers leak, and what nobody looked at."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from sites import SCRIPT, browser, hostile_boards, hostile_site, rendered

from tldr_bench.card import card
from tldr_bench.card_text import facts
from tldr_bench.page.data_card import data_card
from tldr_bench.task import Task
from tldr_bench.workspace import workspace_of


def task(name: str) -> Task:
    """A task of the hostile board."""
    return next(board.task for board in hostile_boards()[1] if board.task.id == name)


def text_of(page: str) -> str:
    """The text of a page of the site, tags left out."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", rendered()[page])).split())


@pytest.mark.parametrize("name", ["owls", "owl-labels", "owl-search"])
def test_the_page_holds_every_fact_of_the_card(name: str) -> None:
    """Each line that `card` prints about a task stands on its page."""
    made = card(task(name), workspace_of(task(name)).task)
    for fact, value in facts(made):
        assert f"{fact[0].upper()}{fact[1:]} {value}" in text_of(f"{name}/index.html")


def test_near_twins_stand_on_the_board_with_the_way_around_them() -> None:
    """The line names number, papers, split and filter, on the task's page and on the front page.

    The first paper is in train, and every second one says nearly the same.
    """
    shared = task("owls").examples[0].id
    twins = {row.twin for row in data_card(task("owls")).twins if row.id == shared}
    assert twins == {SCRIPT}
    for page in ("owls/index.html", "index.html"):
        text = text_of(page)
        assert "Near twins in owl-train: 6 of 12 papers (p10, p2, p4, p6, p8, " in text
        assert "tldr-bench leaderboard owls --without-leaked" in text


def test_a_split_that_is_not_at_hand_is_not_called_clean() -> None:
    """No data, no verdict: the page says what to fetch, and offers no filter that would be refused."""
    text = text_of("owl-labels/index.html")
    assert (
        "Near twins in owl-dev: not checked, its data are not at hand (tldr-bench data fetch owl-dev)"
        in text
    )
    assert "--without-leaked" not in text
    assert data_card(task("owl-labels")).without == ""


def test_pages_kept_from_an_earlier_build_learn_of_new_data(tmp_path: Path) -> None:
    """When a split's data arrive, the page is made anew although no score has moved."""
    from sites import boards_of, make_workspace

    from tldr_bench.page.reuse import board_key

    workspace = make_workspace(tmp_path)
    board = next(board for board in boards_of(workspace) if board.task.id == "owl-labels")
    before = board_key(board)
    (tmp_path / "tasks/owl/train.jsonl").rename(tmp_path / "tasks/owl/dev.jsonl")
    assert board_key(board) != before
    assert data_card(board.task).leakage[0].startswith("near twins in owl-dev: 6 of 12 papers")


def test_a_search_says_nothing_of_leakage() -> None:
    """Queries are not papers that a system could have learned from."""
    assert data_card(task("owl-search")).leakage == ()
    assert "Near twins" not in text_of("owl-search/index.html")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_kept_out_of_the_open_section(theme: Any, width: int) -> None:
    """axe-core finds no violation with the section opened, and it fits a narrow window."""
    axe = pytest.importorskip("axe_playwright_python")
    context = browser().new_context(
        color_scheme=theme, viewport={"width": width, "height": 900}, offline=True
    )
    page = context.new_page()
    page.goto(hostile_site().as_uri() + "/owls/index.html")
    page.locator("#card + details summary").click()
    assert page.locator("#card + details table").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run({preload: false}).then(result => result.violations)")
    context.close()
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []
