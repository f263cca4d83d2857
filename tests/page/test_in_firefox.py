"""The website in Debian's Firefox: tables, addresses, marks and verdicts are as in Chromium."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from drive_firefox import Firefox, running_firefox, wait
from sites import PAGES, hostile_boards, hostile_site
from test_validate_in_browser import CASES, by_python, content, plain

from tldr_bench.analysis.compare_tables import points
from tldr_bench.page.script_json import script_json
from tldr_bench.workspace import Workspace

SYSTEMS = "return [...document.querySelectorAll('.lb tbody tr[data-i]')].map(row => +row.dataset.i)"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Firefox, started once."""
    with running_firefox(tmp_path_factory.mktemp("firefox")) as found:
        yield found


@pytest.fixture
def firefox(started: Firefox) -> Iterator[Firefox]:
    """A roomy window; afterwards no page may have left an error behind, nor a hostile script its mark."""
    started.chrome("Services.console.reset()")
    started.size(1300, 700)
    yield started
    assert started.js("return window.pwned") is None
    assert started.errors() == []


def test_an_error_on_a_page_is_noticed(firefox: Firefox, tmp_path: Path) -> None:
    """The check behind every test here can fail: an uncaught error of a page is found."""
    (tmp_path / "wrong.html").write_text("<!doctype html><script>nobody()</script>")
    firefox.driver.navigate((tmp_path / "wrong.html").as_uri())
    assert ["nobody is not defined" in error for error in wait(firefox.errors)] == [True]
    firefox.chrome("Services.console.reset()")


@pytest.mark.parametrize("width", [320, 390])
def test_every_kind_of_page_fits_a_telephone(width: int, firefox: Firefox) -> None:
    """No page scrolls sideways, each runs its script, and none has an uncaught error."""
    firefox.size(width, 700)
    for name in PAGES.values():
        firefox.open(name)
        assert firefox.js("return innerWidth") == width
        assert firefox.js("return document.documentElement.classList.contains('on')"), name
        wide, room = firefox.js(
            "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]"
        )
        assert wide <= room <= width, name
        assert firefox.errors() == [], name


@pytest.fixture
def page_with_gaps() -> Iterator[str]:
    """The front page where systems 0 and 3 have no second score."""
    html = (hostile_site() / "index.html").read_text("utf-8")
    found = re.search('(?<=id="data">).*?(?=</script>)', html, re.S)
    assert found
    data = json.loads(found[0])
    for part in ("ranks", "places", "marks"):
        data["scores"][1][part][0] = data["scores"][1][part][3] = 0
    path = hostile_site() / "gaps.html"
    path.write_text(html[: found.start()] + str(script_json(data)) + html[found.end() :], "utf-8")
    yield path.name
    path.unlink()


@pytest.mark.parametrize("gaps", [(), (0, 3)], ids=["whole", "gaps"])
def test_sorting_is_stable_and_keeps_gaps_last(
    gaps: tuple[int, ...], firefox: Firefox, page_with_gaps: str
) -> None:
    """Both ways ties stay in the order of the board and missing values stand at the end."""
    rows = json.loads((hostile_site() / "owls/leaderboard.json").read_text("utf-8"))["rows"]
    values = [row["scores"]["rouge155.rouge2"]["value"] for row in rows]
    assert len(set(values)) < len(values) == 8, "there are ties"
    firefox.open(page_with_gaps if gaps else "index.html")
    for direction, sign in (("descending", -1), ("ascending", 1)):
        firefox.click("th[data-sort='1'] button")
        order = sorted(range(8), key=lambda at: (at in gaps, 0 if at in gaps else sign * values[at]))  # fmt: skip
        assert firefox.js(SYSTEMS) == order
        shown = "return [...document.querySelectorAll('.lb tbody tr[data-i]')].map(row => row.cells[5].firstChild.textContent)"
        assert firefox.js(shown) == [points(values[at]) for at in order]
        head = "return document.querySelector(`th[data-sort='1']`).getAttribute('aria-sort')"
        assert firefox.js(head) == direction


def test_the_view_survives_a_reload(firefox: Firefox) -> None:
    """Sorting, search, a hidden group and the search field come back from the address alone."""
    view = """return [location.hash, document.querySelector('#q').value,
        document.querySelector('th.g1').checkVisibility(), document.querySelector('#count').innerText,
        [...document.querySelectorAll('.lb tbody tr[data-i]')].map(row => row.dataset.i)]"""
    firefox.open("index.html")
    for selector in ("th[data-sort='1'] button",) * 2 + ("[data-group='1']", "#half"):
        firefox.click(selector)
    firefox.driver.find_element("css selector", "#q").send_keys("la")
    before = firefox.js(view)
    assert {"dir=back", "q=la", "half=off"} < set(before[0][1:].split("&"))
    assert before[2] is False
    assert 0 < len(before[4]) < 8
    firefox.driver.refresh()
    assert firefox.js(view) == before
    firefox.open("index.html" + before[0])
    assert firefox.js(view) == before


def test_a_bad_address_breaks_nothing(firefox: Firefox) -> None:
    """What the address cannot mean is left out of the view: all eight systems are there."""
    firefox.open("index.html#sort=nothing&dir=%E0%A4%A&off=<script>&q=%20&type=x&=&half=on&open=%")
    assert sorted(firefox.js(SYSTEMS)) == list(range(8))


def test_the_three_markings_toggle(firefox: Firefox) -> None:
    """Each choice draws its own words and no others, under its own legend; a reload keeps the last."""
    drawn = """const marks = [...document.querySelectorAll('.out :is(.u, .b, .l, .n)')].map(mark =>
            [mark.matches(arguments[0]), getComputedStyle(mark).backgroundColor !== 'rgba(0, 0, 0, 0)']);
        return [document.querySelector('[name=mark]:checked').id, marks.some(mark => mark[1]),
            marks.every(mark => mark[0] === mark[1]),
            ...['.lr', '.ll', '.ls'].filter(name => document.querySelector(name).checkVisibility())]"""
    firefox.open("owls/examples/p2.html")
    for name, marks, legend in (("m2", ".l", ".ll"), ("m1", ".u, .b", ".lr"), ("m3", ".n", ".ls")):
        firefox.click(f"label[for={name}]")
        assert firefox.js(drawn, marks) == [name, True, True, legend]
    firefox.driver.refresh()
    assert firefox.js(drawn, ".n") == ["m3", True, True, ".ls"]


def test_the_heads_of_the_table_stay_in_sight(firefox: Firefox) -> None:
    """The page scrolls under the column heads; on a telephone, the frame under heads and names."""
    tops = """const [head, frame, row, name] = ['.lb thead tr:last-child th', '.scroll.big', '.lb tbody tr', '.lb tbody .sys']
        .map(part => document.querySelector(part).getBoundingClientRect());
        return [head.top, frame.top, row.top, name.left - frame.left].map(Math.round)"""
    firefox.open("index.html")
    firefox.js("scrollBy(0, document.querySelector('.lb tbody tr:nth-child(4)').getBoundingClientRect().top)")  # fmt: skip
    head, frame, row, _ = firefox.js(tops)
    assert head == 28, "below the line of groups, which is as high"
    assert max(frame, row) < 0
    firefox.size(390, 400)
    firefox.open("index.html")
    head, frame, row, name = firefox.js(tops)
    firefox.js("document.querySelector('.scroll.big').scrollTo(150, 60)")
    assert firefox.js(tops) == [head, frame, row - 60, name]


CHECK = """return window.tldrBenchCheck(arguments[0], Uint8Array.from(atob(arguments[1]), c => c.charCodeAt(0)),
    JSON.parse(document.querySelector('#tasks').textContent).tasks)"""


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_same_verdicts(case: dict[str, Any], firefox: Firefox, tmp_path: Path) -> None:
    """The table of cases that Chromium goes through: line, field and words are the tool's."""
    (tmp_path / case["name"]).write_bytes(content(case))
    if firefox.js("return !window.tldrBenchCheck"):
        firefox.open("submit.html")
    found = firefox.js(CHECK, case["name"], base64.b64encode(content(case)).decode())
    verdicts = [plain(item["line"], item["field"], item["message"]) for item in found]
    expected = by_python(Workspace(hostile_boards()[0]), tmp_path / case["name"])
    if expected and "after no task" in expected[0][2]:  # the workspace has shipped tasks too
        assert "after no task" in verdicts[0][2]
    else:
        assert verdicts == expected


def test_chosen_files_are_judged_as_by_the_command(
    firefox: Firefox, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    """Two files, put into the field by a script: the page shows the lines that the command prints."""
    good, bad = (next(c for c in CASES if c["why"] == why) for why in ("perfect", "labels"))
    files = {case["name"]: content(case) for case in (good, bad)}
    firefox.open("submit.html")
    choose = """const files = new DataTransfer(), field = document.querySelector('#files');
        for (const [name, data] of arguments[0])
            files.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name));
        field.files = files.files;
        field.dispatchEvent(new Event('change'))"""
    firefox.js(choose, [(name, base64.b64encode(data).decode()) for name, data in files.items()])
    wait(lambda: firefox.js("return !!document.querySelector('#verdict pre')"))
    shown = "return [...document.querySelectorAll(arguments[0])].map(part => part.textContent)"
    assert firefox.js(shown, ".file:not(.bad) > b") == ["owls.jsonl"]
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    workspace = ("--root", hostile_boards()[0], "--offline", "--limit", "0")
    assert cli("validate", tmp_path / good["name"], *workspace).rc == 0
    said = cli("validate", tmp_path / bad["name"], *workspace).err.splitlines()
    lines = [line.removeprefix(f"error: {tmp_path}/") for line in said]
    assert sorted(firefox.js(shown, ".file.bad li")) == sorted(lines[:-1])
    assert len(lines) == 12
