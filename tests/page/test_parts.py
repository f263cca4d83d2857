"""The small parts of the page, each on its own: names, axes, figures, marks, sentences, prose."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import TinyWorkspace
from markupsafe import Markup
from sites import HOSTILE, hostile_boards, rendered

import tldr_bench.page
from tldr_bench.analysis.bands import bands as band_list
from tldr_bench.analysis.compare import compare
from tldr_bench.execute import board_of
from tldr_bench.leaderboard import Board, rank
from tldr_bench.page import marks, render
from tldr_bench.page.cite import citation
from tldr_bench.page.columns import shown_at_first
from tldr_bench.page.compare import compared
from tldr_bench.page.compare_figures import difference_per_paper
from tldr_bench.page.example import MOST_TEXT, ExampleView, example_views
from tldr_bench.page.example import _found as found_documents
from tldr_bench.page.examples import Examples
from tldr_bench.page.links import file_names, pair_name, safe_url
from tldr_bench.page.marks import common_path, mark, read
from tldr_bench.page.papers import paper_figures
from tldr_bench.page.prose import inline, releases
from tldr_bench.page.scales import enclosing
from tldr_bench.page.source import Theme
from tldr_bench.page.svg import element
from tldr_bench.page.system_card import plain_value
from tldr_bench.page.table import main_table
from tldr_bench.page.units import signed
from tldr_bench.page.verdict import verdict
from tldr_bench.page.wins import win_matrix, wins_of
from tldr_bench.page.words import counted, listed
from tldr_bench.workspace import Workspace

MODULES = [
    f"tldr_bench.page.{found.name}" for found in pkgutil.iter_modules(tldr_bench.page.__path__)
]


def owls() -> Board:
    return next(board for board in hostile_boards()[1] if board.task.id == "owls")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    """What a docstring shows is what the function gives."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", " https://x", "https://x y", "data:text/html,x", "//evil.example",
        "https://x\n", "https://\u0000x", "JaVaScRiPt:alert(1)", "ftp://x", "https://x'y", "", None,
    ],
)  # fmt: skip
def test_other_addresses_are_no_links(address: str | None) -> None:
    """Only https, http and mailto without blanks, quotes or control characters become links."""
    assert safe_url(address) is None


@pytest.mark.parametrize(
    "address", ["https://x.example/a?b=c&d=é", "HTTP://X", "mailto:a@b.example"]
)
def test_allowed_addresses_are_links(address: str) -> None:
    """Ordinary addresses pass unchanged."""
    assert safe_url(address) == address


def test_example_ids_become_safe_names_of_their_own() -> None:
    """No id leaves its folder, hides, collides on a case-blind disk, or takes the index's place."""
    ids = [
        "p1",
        "P1",
        "../x",
        "a/b",
        ".hidden",
        "index",
        "INDEX",
        "é",
        "a" * 81,
        "a b",
        "",
        "ok-1.2_x",
    ]
    names = file_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert all(
        name.replace("-", "").replace(".", "").replace("_", "").isalnum() for name in names.values()
    )
    assert names["ok-1.2_x"] == "ok-1.2_x"


def test_pairs_never_share_a_page() -> None:
    """Names with hyphens in them do not make two pairs meet in one file."""
    systems = ["a", "a--b", "b--c", "c", "a-", "-b".strip("-"), "b"]
    pairs = {frozenset((one, other)) for one in systems for other in systems if one != other}
    assert len({pair_name(*pair) for pair in pairs}) == len(pairs)


def test_large_boards_have_pages_for_the_pairs_that_readers_want() -> None:
    """All pairs of a small board have a page."""
    assert len(compared(owls())) == 8 * 7 / 2


def test_elements_escape_whatever_they_are_given() -> None:
    """Text and attributes alike; Markup passes, because it was escaped before."""
    drawn = element("text", '<b a="1">', Markup("<i/>"), x='"><script>', y=-0.04)
    assert drawn == '<text x="&#34;&gt;&lt;script&gt;" y="0">&lt;b a=&#34;1&#34;&gt;<i/></text>'


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.3], 0.3, 0.4),
        ([0, 100], 0, 100),
        ([-5, 7], -5, 10),
        ([1e-9, 2e-9], 1e-9, 2e-9),
        ([], 0, 1),
    ],
)
def test_an_axis_encloses_its_values(values: list[float], low: float, high: float) -> None:
    """Ends are round and hold every value; equal values and none at all have an axis too."""
    axis = enclosing(values)
    assert axis.low == pytest.approx(low)
    assert axis.high >= high or axis.high == pytest.approx(high)
    assert all(0 <= axis.share(value) <= 1 for value in values)
    assert axis.ticks[0] == pytest.approx(axis.low)
    assert axis.ticks[-1] == pytest.approx(axis.high)


def test_records_are_frozen() -> None:
    """A template cannot change what it shows."""
    with pytest.raises(FrozenInstanceError):
        main_table(owls()).primary = "x"  # type: ignore[misc]


# Figures -----------------------------------------------------------------------------------------


def test_figures_for_papers_are_svg_with_title_and_description() -> None:
    """Each file is XML by itself, says what it is, and holds hostile names as text."""
    figures = paper_figures(owls())
    assert sorted(figures) == ["owls-length.svg", "owls-wins.svg"]
    space = {"s": "http://www.w3.org/2000/svg"}
    for text in figures.values():
        drawing = ElementTree.fromstring(text)  # noqa: S314 - our own drawing
        assert drawing.findtext("s:title", None, space)
        assert drawing.findtext("s:desc", None, space)
        assert not drawing.findall(".//s:script", space)
        assert any(HOSTILE["script"][:10] in (item.text or "") for item in drawing.iter())


def test_a_small_win_matrix_is_as_large_as_its_names_and_cells() -> None:
    """Three systems: 3 × 31 px of cells, the longest name beside them, and no room for 22 letters."""
    board = next(board for board in hostile_boards()[1] if board.task.id == "owl-search")
    short = [
        replace(
            item,
            submission=replace(
                item.submission, spec=item.submission.spec.model_copy(update={"name": "Owls"})
            ),
        )
        for item in board.scored
    ]
    board = rank(board.task, short)
    figure = win_matrix(board, wins_of(board), frozenset())
    assert figure is not None
    drawn = ElementTree.fromstring(str(figure.drawing))  # noqa: S314 - our own drawing
    width, height = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    assert drawn.attrib["viewBox"] == f"0 0 {width:g} {height:g}"
    assert 93 + 30 < width < 93 + 80
    assert 93 + 30 < height < 93 + 60


def test_a_search_task_has_queries_not_papers() -> None:
    """Sentence, win matrix and comparison count what the task has: several queries may be one paper's."""
    board = next(board for board in hostile_boards()[1] if board.task.id == "owl-search")
    board = replace(board, rank_baselines=True)
    assert f"these {counted(len(board.task.examples), 'query')}" in verdict(board).text
    wins = win_matrix(board, wins_of(board), frozenset())
    assert wins is not None
    assert wins.caption.startswith("% of queries on which")
    found = compare(board, *[item.submission.system for item in board.scored[:2]])
    drawn = difference_per_paper(board, found, np.array([0.1, -0.1]))
    assert drawn.header[-1] == "Queries"
    assert "papers" not in drawn.title + drawn.description + drawn.caption


def test_win_shares_add_up() -> None:
    """Wins of one, wins of the other and ties are all papers; nobody beats itself."""
    wins = wins_of(owls())
    assert all(wins.share(n, n) == 0 for n in wins.systems)
    assert all(wins.share(a, b) + wins.share(b, a) <= 1 for a in wins.systems for b in wins.systems)
    assert wins.share(0, 7) == 1


def test_the_columns_at_first_show_one_metric_of_every_family() -> None:
    """A second metric of a family waits for its button while another family still has room."""
    counts = {"rouge155": 3, "rouge": 4, "bertscore": 3, "describe": 10}
    themes = {"rouge155": "overlap", "rouge": "overlap", "bertscore": "meaning", "describe": "form"}
    assert shown_at_first(counts, themes) == {"rouge155", "bertscore"}
    assert shown_at_first({"labels": 12}, {"labels": "labels"}) == {"labels"}


def examples_of(task: str) -> list[ExampleView]:
    board = next(board for board in hostile_boards()[1] if board.task.id == task)
    return list(example_views(Examples(board)))


def test_an_answer_to_a_query_is_a_list_of_documents() -> None:
    """One a line with its place, marked where it is relevant; the page speaks of a query, not a source."""
    view = next(view for view in examples_of("owl-search") if view.id == "p2")
    assert (view.headings.given, view.headings.did) == ("Query", "found")
    said = {item.system: str(item.html) for item in view.outputs}
    assert said["plain"].startswith("1. p2 (relevant): ")
    assert "\n" not in said["plain"]
    page = rendered()["owl-search/examples/p2.html"]
    assert "<h2>Query</h2>" in page
    assert "Source" not in page


def test_a_query_has_no_oracle() -> None:
    """The labels of a row are of a summary or labels task; `mini-match` reads the same rows."""
    workspace = Workspace(Path(__file__).parents[2])
    for task_id, some in (("mini-tldr", True), ("mini-match", False)):
        board = rank(workspace.task(task_id), [])
        assert any(s.oracle for view in example_views(Examples(board)) for s in view.source) is some


def test_long_documents_are_shortened_and_the_rest_is_counted() -> None:
    """Five documents are shown, on one line each, with 200 characters at most."""
    task = SimpleNamespace(pool={f"d{n}": "owl\n" * 100 for n in range(9)})
    pair = SimpleNamespace(prediction=[f"d{n}" for n in range(9)], target={"d1": 1})
    lines = found_documents(task, pair).split("\n")  # type: ignore[arg-type]
    assert lines[-1] == "and 4 more"
    assert [line.split(" ")[0] for line in lines[:5]] == ["1.", "2.", "3.", "4.", "5."]
    assert lines[1].startswith("2. d1 (relevant): owl owl")
    assert len(lines[0]) == len("1. d0: ") + 200
    assert lines[0].endswith("…")


def test_chosen_sentences_have_the_numbers_of_the_source() -> None:
    """As the page numbers the source: from 1, one a line."""
    view = next(view for view in examples_of("owl-labels") if view.id == "p1")
    said = {item.system: str(item.html) for item in view.outputs}
    assert said["plain"] == "2. We show that some hunt at noon."
    assert said["script"].startswith("1. Owls number 1 hunt at night.\n2. We show")


def test_the_first_order_of_outputs_is_the_first_to_choose() -> None:
    """Outputs stand by the task's primary score, and so the choice of orders begins with it."""
    view = examples_of("owl-labels")[0]
    assert view.sorts[0] == "F1"
    keys = [float(item.keys.split(" ")[0]) for item in view.outputs]
    assert keys == sorted(keys, reverse=True)


def test_equally_good_systems_share_a_paper() -> None:
    """The list of papers names no single best system where several have the same score."""
    board = next(board for board in hostile_boards()[1] if board.task.id == "owl-search")
    shared = {entry.best for entry in Examples(board).entries()}
    names = [item.submission.spec.name for item in board.scored[:2]]
    assert shared == {" and ".join(names)}


def test_every_page_says_which_words_it_counts() -> None:
    """Lengths are counted between blanks everywhere, and each page with a length says so."""
    pages = ("index.html", "owls/examples/p2.html", "owls/compare/plain--script.html", "about.html")
    assert [name for name in pages if "between blanks" not in rendered()[name]] == []


def test_the_scores_of_a_description_are_defined_on_the_page_of_the_metrics(
    tmp_workspace: TinyWorkspace,
) -> None:
    """Each of its figures has a definition, and its words are told from those of the lengths."""
    path = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    text = path.read_text("utf-8").replace("  rouge155:\n", "  rouge155:\n  describe:\n")
    path.write_text(text, "utf-8")
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    page = render([board])["metrics.html"]
    assert "compression: words of the source for each" in page
    assert "Its words are runs of letters and digits" in page


# Marks -------------------------------------------------------------------------------------------


def test_marks_say_what_is_shared() -> None:
    """u: in the reference; b: in a pair of words; l: on the path; n and x: not in the source."""
    found = mark(
        read("Glass bridges carry 40 trains."),
        [read("nothing here"), read("A glass bridge carries trains.")],
        {"bridg", "of", "glass", "carri", "train"},
    )
    assert found.reference == 1
    assert found.html == (
        '<i class="u b l">Glass bridges carry</i> <i class="n x">40</i> <i class="u l">trains</i>.'
    )
    assert found.strange == ("40",)


def test_a_huge_output_is_cut_on_the_page_and_only_its_beginning_is_marked(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 100,000 characters 4,000 are read, marked and shown, and the page says where the rest is."""
    rows = [
        {"id": f"p{number}", "prediction": "Owls hunt at 12. " * 5_900} for number in range(1, 5)
    ]
    tmp_workspace.submit("one", "tiny-summary", rows)
    board, lengths, true = board_of(Workspace(tmp_workspace.root), "tiny-summary"), [], marks.read

    def counted(text: str) -> marks.Words:
        lengths.append(len(text))
        return true(text)

    monkeypatch.setattr(marks, "read", counted)
    page = render([board])["tiny-summary/examples/p1.html"]
    assert max(lengths) == MOST_TEXT
    assert len(page) < 60_000
    assert "the whole text" in page


def test_marking_takes_one_step_a_word() -> None:
    """Every word is looked at a fixed number of times: twice the words are twice the lookups."""

    class Counting(frozenset[str]):
        asked = 0

        def __contains__(self, word: object) -> bool:
            Counting.asked += 1
            return super().__contains__(word)

    found = []
    for times in (100, 200):
        Counting.asked = 0
        mark(read("Owls hunt at 12. " * times), [read("owls hunt")], Counting(["noon"]))
        found.append(Counting.asked)
    assert found[1] == 2 * found[0] <= 2 * 200 * 4


def test_marks_of_nothing() -> None:
    """An empty output, and one beside an empty reference, have no marks and do not fail."""
    assert mark(read(""), [read("a b")], {"a"}).html == ""
    assert mark(read("a"), [read("")], {"a"}).html == "a"
    assert mark(read("a"), [], set()).html == '<i class="n">a</i>'


def test_marked_text_is_escaped_and_whole() -> None:
    """Without its tags the marked text is the output, escaped."""
    text = '<b>Owls</b> & "mice" hunt\' at 12'
    html = mark(read(text), [read("owls hunt")], {"mice"}).html
    assert html.striptags() == text


def test_the_path_is_a_longest_common_subsequence() -> None:
    """The marked words stand in both texts in this order, and no longer path exists."""
    assert len(common_path("abcbdab", "bdcaba")) == 4
    assert common_path("", "abc") == set()


# Sentences ---------------------------------------------------------------------------------------


def test_a_leader_that_stands_alone_is_said_to_lead(tmp_workspace: TinyWorkspace) -> None:
    """When every other system is significantly worse, the sentence says so."""
    board = owls()
    apart = [
        n
        for n, item in enumerate(board.decisions("rouge155.rouge1").ranking.standings)
        if not item.with_best
    ]
    assert tmp_workspace.root.is_dir()
    without = rank(board.task, [board.scored[0], *[board.scored[n] for n in apart]])
    assert "is significantly worse on these 12 papers." in verdict(without).text
    kept = [
        item for item in without.scored if item.submission.spec.type not in ("baseline", "human")
    ]
    said = verdict(rank(board.task, kept)).text
    assert "every other system is significantly worse" in said


def test_small_words() -> None:
    """Numbers up to ten are words, lists are sentences, differences have a real minus sign."""
    assert counted(1, "paper") == "one paper"
    assert counted(12345, "paper") == "12,345 papers"
    assert counted(2, "query") == "two queries"
    assert listed(["a"]) == "a"
    assert signed(-0.00314, 100) == "−0.31"
    assert signed(-0.000001, 100) == "0.00"
    assert plain_value({"a": [True, None], "b": 0.5}) == "a: yes, None, b: 0.5"


def test_a_score_that_was_not_computed_is_a_dash_with_its_reason() -> None:
    """Missing is not zero: a dash, last on the board, without rank, in no figure."""
    board = owls()
    first = board.scored[0]
    scores = {k: v for k, v in first.result.scores.items() if not k.startswith("rouge155")}
    result = first.result.model_copy(
        update={"scores": scores, "not_computed": {"rouge155": "no <model> here"}}
    )
    measured = {"rouge": first.measurements["rouge"]}
    lacking = replace(first, result=result, measurements=measured)
    table = main_table(rank(board.task, [lacking, *board.scored[1:]]))
    last = table.lines[-1]
    assert (last.name, last.rank, last.value) == (first.submission.spec.name, "–", "–")
    assert last.cells[0].title == "no <model> here"
    pages = render([rank(board.task, [lacking, *board.scored[1:]])])
    assert "no &lt;model&gt; here" in pages[f"owls/systems/{first.submission.system}.html"]


def test_scores_that_count_are_not_multiplied(tmp_workspace: TinyWorkspace) -> None:
    """Words are shown as words; shares as points."""
    path = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    text = path.read_text("utf-8").replace("  rouge155:\n", "  rouge155:\n  describe:\n")
    path.write_text(text, "utf-8")
    rows = [{"id": f"p{number}", "prediction": "Owls hunt at noon"} for number in range(1, 5)]
    for system in ("one", "two"):
        tmp_workspace.submit(system, "tiny-summary", rows)
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    columns = [column.score for column in main_table(board).columns]
    cells = dict(zip(columns, main_table(board).lines[0].cells, strict=True))
    assert cells["describe.words"].value == "4.00"
    assert not cells["describe.words"].best
    assert "4.00" in render([board])["tiny-summary/compare/one--two.html"]


# Prose -------------------------------------------------------------------------------------------


def test_a_changelog_becomes_sections_with_dates() -> None:
    """Headings, lists that go on over lines, bold, code and links; anything else is text."""
    found = releases(
        "# All\n\nx\n\n## 1.1 (2026-11-02)\n\n- a `b`\n  **c**\n- <d>\n\ntext\n\n## 1.0\n"
    )
    assert [(item.title, item.date) for item in found] == [
        ("1.1 (2026-11-02)", "2026-11-02"),
        ("1.0", None),
    ]
    assert found[0].html == (
        "<ul><li>a <code>b</code> <b>c</b></li><li>&lt;d&gt;</li></ul>\n<p>text</p>"
    )


def test_bold_prose_holds_code() -> None:
    """`**a `b`**` is bold with code in it, and what is neither stays text."""
    assert inline("**a `<b>`**: c") == "<b>a <code>&lt;b&gt;</code></b>: c"
    assert inline("**a `b**`") == "<b>a `b</b>`"


def test_links_in_prose_pass_the_list() -> None:
    """An address that no page may link to leaves its words."""
    assert inline("[x](javascript:alert(1))") == "x)"
    assert inline("[x](https://a.example)") == '<a href="https://a.example" rel="noopener">x</a>'


def test_the_citation_names_the_snapshot_and_the_data() -> None:
    """BibTeX with the latest snapshot's address and year, and the version of the data."""
    theme = Theme(title="Owls & Co", address="https://board.example/")
    found = citation(theme, [owls()], ["2026-11-20", "2025-01-01"])
    assert found.file == "snapshots/2026-11-20/index.html"
    assert r"title = {Owls \& Co}" in found.bibtex
    assert "year = {2026}" in found.bibtex
    assert owls().task.version.removeprefix("sha256:")[:12] in found.bibtex
    assert "https://board.example/snapshots/2026-11-20/index.html" in found.bibtex
    assert citation(Theme(), [], []).bibtex.startswith("@misc{tldrbench,")


# Work --------------------------------------------------------------------------------------------


def test_a_build_resamples_each_metric_once(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many scores and pages there are, the decisions of a metric take one pass of resampling."""
    import tldr_bench.stats

    rows = [{"id": f"p{number}", "prediction": "Owls hunt at noon"} for number in range(1, 5)]
    for system in ("one", "two"):
        tmp_workspace.submit(system, "tiny-summary", rows)
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    bands = len(band_list(board.task))
    passes = []
    true = tldr_bench.stats.bootstrap

    def counted(columns: Any, *rest: Any, **options: Any) -> Any:
        passes.append(len(columns))
        return true(columns, *rest, **options)

    monkeypatch.setattr(tldr_bench.stats, "bootstrap", counted)
    render([board])
    assert passes == [2] * (1 + bands), "all systems at once: its one metric, then every band"
