"""The website as text: what is on it, that it is inert, and that it says what the JSON says."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from conftest import TinyWorkspace
from sites import HOSTILE, SCRIPT, hostile_boards, rendered

import tldr_bench as tb
from tldr_bench.analysis.compare_tables import points
from tldr_bench.execute import board_of
from tldr_bench.page import render
from tldr_bench.page.verdict import verdict
from tldr_bench.workspace import Workspace


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of some."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in {"meta", "link", "br", "img", "input", "col"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.found if name in attributes]


def html_pages() -> dict[str, Elements]:
    return {name: Elements(text) for name, text in rendered().items() if name.endswith(".html")}


def test_equal_input_gives_equal_bytes() -> None:
    """The site is a function of the boards: rendering twice, in any order of boards, gives the same."""
    root, boards = hostile_boards()
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    again = render(boards[::-1], root / "site", changelog=changelog, earlier=root / "nothing-here")
    assert again == rendered()


def test_no_page_names_a_folder_of_this_machine() -> None:
    """Nothing of the machine that built it is in the site."""
    root, _ = hostile_boards()
    assert not [name for name, text in rendered().items() if str(root) in text or "/home/" in text]


def test_every_link_leads_somewhere() -> None:
    """Each relative address on a page, with its fragment, is a file of the site and an id in it."""
    pages, files = html_pages(), rendered().keys()
    ids = {name: set(page.attributes("id")) for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for address in [*page.attributes("href"), *page.attributes("src")]:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            path = (PurePosixPath(name).parent / unquote(parts.path)) if parts.path else name
            target = re.sub(r"[^/]+/\.\./", "", re.sub(r"[^/]+/\.\./", "", str(path)))
            anchor = parts.fragment and target in ids and parts.fragment not in ids[target]
            if target not in files or anchor:
                broken.append((name, address))
    assert broken == []


def test_pages_are_well_formed_and_ids_are_unique() -> None:
    """Every element is closed where it was opened, and no id occurs twice."""
    for name, page in html_pages().items():
        assert not page.wrong, (name, page.wrong)
        assert not page.open, (name, page.open)
        ids = page.attributes("id")
        assert len(ids) == len(set(ids)), name


def test_nothing_is_loaded_from_elsewhere_and_no_script_or_style_stands_inside() -> None:
    """Every page carries the policy, loads its own files only, and holds no inline script or style."""
    for name, page in html_pages().items():
        policy = [a["content"] for tag, a in page.found if a.get("http-equiv")]
        assert policy
        assert policy[0].startswith("default-src 'none'")
        assert "unsafe" not in policy[0]
        assert not page.attributes("style"), name
        assert not [key for _, a in page.found for key in a if key.startswith("on")], name
        for tag, attributes in page.found:
            assert tag != "style", name
            if tag == "script":
                assert attributes.get("type") == "application/json" or "src" in attributes
            if tag in {"script", "img", "link"}:
                address = attributes.get("src") or attributes.get("href", "")
                assert not urlsplit(address).scheme, name


def test_hostile_text_is_text() -> None:
    """Names, notes, outputs and titles never become an element, an attribute or a script."""
    for name, text in rendered().items():
        if name.endswith(".html"):
            assert SCRIPT not in text, name
            assert not [tag for tag, a in Elements(text).found if "onerror" in a or "onclick" in a]
            assert "<img src=x" not in text, name
            assert "<svg onload" not in text, name
    said = re.sub(r"<[^>]*>", "", rendered()["owls/examples/p1.html"])
    assert "{{ 7*7 }}" in said, "a template was filled in twice"


def test_only_allowed_addresses_become_links() -> None:
    """A contact that says javascript: stays text; the paper's https address is a link."""
    page = Elements(rendered()["owls/systems/plain.html"])
    assert "https://example.org/?a=1&b=0" in page.attributes("href")
    assert not [a for a in page.attributes("href") if a.startswith("javascript")]


def test_script_data_cannot_leave_its_element() -> None:
    """The JSON for scripts holds no character that HTML could take for its own."""
    for name in ("index.html", "submit.html"):
        blocks = re.findall(
            r'<script type="application/json"[^>]*>(.*?)</script>', rendered()[name], re.DOTALL
        )
        assert blocks
        for block in blocks:
            assert not set("<>&'") & set(block)
            json.loads(block)


def test_csv_latex_and_markdown_are_inert() -> None:
    """No cell is a formula, no name a LaTeX command, no name a Markdown link."""
    names = [row[4] for row in csv.reader(io.StringIO(rendered()["owls/leaderboard.csv"]))]
    assert not [cell for cell in names if cell.startswith(("=", "+", "-", "@"))]
    assert r"\input" not in rendered()["owls/leaderboard.tex"]
    assert "[x](javascript" not in rendered()["owls/leaderboard.md"]


def test_the_feed_is_xml_with_every_dated_submission() -> None:
    """feed.xml parses, is dated by what it tells, and names hostile systems as text."""
    space = {"a": "http://www.w3.org/2005/Atom"}
    feed = ElementTree.fromstring(rendered()["feed.xml"])  # noqa: S314 - our own file
    titles = [item.text or "" for item in feed.findall("a:entry/a:title", space)]
    assert len([title for title in titles if "on owls" in title]) == len(HOSTILE)
    assert feed.findtext("a:updated", None, space) == "2026-11-02T00:00:00Z"
    links = [item.get("href", "") for item in feed.findall(".//a:link", space)]
    assert not [link for link in links if urlsplit(link).path not in rendered()]


def test_the_page_says_what_the_json_says() -> None:
    """Every cell of the main table is the JSON's figure, rounded; so are CSV and LaTeX."""
    board = json.loads(rendered()["owls/leaderboard.json"])
    table = re.findall(r'<td class="v [^"]*"[^>]*>(?:<b>)?([\d.–]+)', rendered()["index.html"])
    names = ["rouge155.rouge1", "rouge155.rouge2", "rouge155.rougeL"]
    names += ["rouge.rouge1", "rouge.rouge2", "rouge.rougeL", "rouge.rougeLsum"]
    expected = [points(row["scores"][name]["value"]) for row in board["rows"] for name in names]
    assert table == expected
    rows = list(csv.DictReader(io.StringIO(rendered()["owls/leaderboard.csv"])))
    in_csv = [points(float(row[name])) for row in rows for name in names]
    assert in_csv == expected
    in_tex = re.findall(r"& (?:\\textbf\{)?(\d+\.\d\d)", rendered()["owls/leaderboard.tex"])
    assert in_tex == expected


def test_ranks_and_ranges_are_those_of_the_json() -> None:
    """Rank and range of each row on the page are the record's."""
    board = json.loads(rendered()["owls/leaderboard.json"])
    shown = re.findall(
        r'<td class="rk"><b>([\d–]+)</b>(?:<small>([\d–]+)</small>)?', rendered()["index.html"]
    )
    wanted = [
        (
            "–" if r["rank"] is None else str(r["rank"]),
            "" if r["rank_low"] == r["rank_high"] else f"{r['rank_low']}–{r['rank_high']}",
        )
        for r in board["rows"]
    ]
    assert shown == wanted


def test_tie_bars_join_exactly_the_ties_of_the_json() -> None:
    """The pieces of the bars, put together again, are the record's ties."""
    board = json.loads(rendered()["owls/leaderboard.json"])
    order = [row["system"] for row in board["rows"]]
    body = rendered()["index.html"].split("<tbody>")[1]
    cells = re.findall(r'<td class="ti">(.*?)</td>', body.split("</tbody>")[0])
    bars: list[list[str]] = []
    growing: dict[str, list[str]] = {}
    for system, cell in zip(order, cells, strict=True):
        for lane, part in re.findall(r'class="l(\d) (top|mid|end)"', cell):
            if part == "top":
                growing[lane] = []
                bars.append(growing[lane])
            growing[lane].append(system)
    assert bars == board["ties"]


def test_what_failed_is_named() -> None:
    """A submission that could not be scored stands under the table with its problem."""
    assert "Not scored" in rendered()["index.html"]
    assert "Broken" in rendered()["index.html"] or "broken" in rendered()["index.html"]


def test_index_json_lists_every_file_with_its_digest() -> None:
    """data/index.json has SHA-256 and size of each other file of the site."""
    import hashlib

    files = json.loads(rendered()["data/index.json"])["files"]
    assert files.keys() == rendered().keys() - {"data/index.json"}
    for name, entry in files.items():
        content = rendered()[name].encode()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_the_examples_record_has_every_output_with_its_scores() -> None:
    """An example's JSON holds source, targets, and each system's output with its own scores."""
    record = json.loads(rendered()["owls/examples/p1.json"])
    assert record["outputs"].keys() == HOSTILE.keys()
    scores = record["outputs"]["plain"]["scores"]
    assert 0 < scores["rouge155.rouge1"] <= 1
    assert record["labels"] == [0, 1, 0]


def test_the_means_of_the_example_pages_are_the_scores_of_the_board() -> None:
    """The per-paper figures average to the published score: nothing is computed in another way."""
    board = json.loads(rendered()["owls/leaderboard.json"])
    index = json.loads(rendered()["data/index.json"])["tasks"]["owls"]["examples"]
    records = [json.loads(rendered()[file]) for file in index.values()]
    for row in board["rows"]:
        values = [r["outputs"][row["system"]]["scores"]["rouge155.rouge1"] for r in records]
        assert sum(values) / len(values) == pytest.approx(row["scores"]["rouge155.rouge1"]["value"])


def test_without_boards_the_site_says_what_to_do() -> None:
    """An empty workspace gives a site too: it tells how to begin."""
    pages = tb.render([])
    assert "tldr-bench run" in pages["index.html"]


def test_a_single_system_is_shown_without_claims(tmp_workspace: TinyWorkspace) -> None:
    """One system: no bar, no tint, no comparison, and a sentence that says so."""
    tmp_workspace.submit("only", "tiny-summary", [
        {"id": f"p{n}", "prediction": "Owls hunt."} for n in range(1, 5)
    ])  # fmt: skip
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    assert verdict(board).text.startswith("is the only ranked system so far")
    page = render([board])["tiny-summary/index.html"]
    assert 'class="ti"></td>' in page
    assert " tied" not in page


def test_a_task_without_scored_systems_has_a_page(tmp_workspace: TinyWorkspace) -> None:
    """A board whose only submission failed shows the failure and an empty table."""
    tmp_workspace.submit("bad", "tiny-summary", [{"id": "nobody", "prediction": "x"}])
    page = render([board_of(Workspace(tmp_workspace.root), "tiny-summary")])["index.html"]
    assert "No system has this score yet." in page
    assert "unknown id" in page


def test_equal_systems_are_told_as_tied(tmp_workspace: TinyWorkspace) -> None:
    """Two systems with the same outputs share rank, range and bar, and the sentence says so."""
    rows = [{"id": f"p{n}", "prediction": "Owls hunt at noon."} for n in range(1, 5)]
    for system in ("one", "two"):
        tmp_workspace.submit(system, "tiny-summary", rows)
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    found = verdict(board)
    assert found.leader == "one"
    assert re.fullmatch(
        r"shares the highest ROUGE-1 of \d+\.\d\d with two on these four papers\.", found.text
    )
    assert found.rest == "Of 1 pair of systems, none is told apart."
    page = render([board])["tiny-summary/index.html"]
    assert page.count("<b>1</b><small>1–2</small>") == 2
