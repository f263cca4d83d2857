"""Tables for people and programs: aligned, and inert whatever a stranger called a system."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.tables import (
    csv_cell,
    csv_table,
    latex,
    markdown,
    markdown_table,
    plain,
    text_table,
    width,
)

OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")


@given(st.text(st.characters()))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Whatever the text, control, direction and surrogate characters are shown as escapes."""
    assert not OBEYED.search(plain(text))
    assert not OBEYED.search(csv_cell(text))
    plain(text).encode("utf-8")


def test_plain_leaves_letters_alone() -> None:
    """Letters, marks and emoji of any script stay as they are."""
    text = "naïve 概要 עברית العربية 🦉 e\u0301"
    assert plain(text) == text


def test_columns_are_aligned_for_wide_letters() -> None:
    """Letters that take two columns of a terminal are counted as two, combining marks as none."""
    assert (width("ab"), width("概要"), width("e\u0301"), width("🦉")) == (2, 4, 1, 2)
    table = text_table(
        ["name", "score"], [["概要", "1.00"], ["abcd", "10.00"]], right=[False, True]
    )
    assert table.splitlines() == [
        "name  score",
        "────  ─────",
        "概要   1.00",
        "abcd  10.00",
    ]


def test_no_line_ends_in_spaces() -> None:
    """Empty last cells leave no trace in a terminal's copy and paste."""
    table = text_table(["a", ""], [["x", ""], ["yy", "z"]])
    assert all(line == line.rstrip() for line in table.splitlines())


FORMULAS = ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1+1", "\n@x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    """A spreadsheet gets a quote in front of everything that it would run."""
    (row,) = csv.reader(io.StringIO(csv_table(["x"], [[text]]).split("\n", 1)[1]))
    assert row[0].startswith("'")


@pytest.mark.parametrize("text", ["-1.5", "0.25", "-0.0", "1e-05", "2.5e-08", "plain", "a=b"])
def test_numbers_and_words_are_not_quoted(text: str) -> None:
    """Numbers, negative and small ones too, stay numbers in a CSV file."""
    assert csv_cell(text) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_csv_reads_back_with_as_many_cells(rows: list[list[str]]) -> None:
    """Commas, quotes and line ends inside cells never make more cells or rows."""
    found = list(csv.reader(io.StringIO(csv_table(["a", "b"], rows), newline="")))
    assert [len(row) for row in found] == [2] * (len(rows) + 1)


@given(st.text())
def test_markdown_cells_stay_in_their_cell(text: str) -> None:
    """No text opens another cell, a tag, a link, a mention or a line of its own."""
    (line,) = markdown_table(["x"], [[text]]).split("\n")[2:]
    inside = line[2:-2]
    assert not re.search(r"(?<!\\)(\\\\)*\|", inside)
    assert not re.search(r"[<>\n]|@\w|://|www\.", inside)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*\[\]]", inside)


def test_markdown_by_hand() -> None:
    """Every character that means something is escaped once."""
    assert markdown("a|b *c* <b> [x](http://y) @me") == (
        "a\\|b \\*c\\* &lt;b&gt; \\[x\\]\\(http&#58;//y\\) &#64;me"
    )


@given(st.text())
def test_latex_holds_no_command(text: str) -> None:
    """Every special character of LaTeX arrives as the text that it is."""
    left = re.sub(
        r"\\(text(backslash|asciitilde|asciicircum|less|greater|bar|quotedbl)\{\}|[&%$#_{}])",
        "",
        latex(text),
    )
    assert not set(left) & set("\\{}$&#^_~%")
