"""A table as text, Markdown, CSV or LaTeX. Cells may hold strangers' text: every form makes it inert."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Sequence

Cells = Sequence[str]

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Text that a terminal shows as it is: control and direction characters are escaped.

    >>> plain("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def text_table(header: Cells, rows: Sequence[Cells], *, right: Sequence[bool] = ()) -> str:
    """Aligned columns for a terminal; `right` says which columns are flush right."""
    table = [[plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(width(cell) for cell in column) for column in zip(*table, strict=True)]
    flush = [*right, *[False] * (len(header) - len(right))]
    lines = [
        "  ".join(_padded(*cell) for cell in zip(row, widths, flush, strict=True)).rstrip()
        for row in table
    ]
    rule = "  ".join("─" * size for size in widths).rstrip()
    return "\n".join([lines[0], rule, *lines[1:]])


def _padded(cell: str, size: int, to_right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if to_right else cell + space


def width(text: str) -> int:
    """Columns that the text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def markdown_table(header: Cells, rows: Sequence[Cells], *, right: Sequence[bool] = ()) -> str:
    """A GitHub-flavoured table."""
    flush = [*right, *[False] * (len(header) - len(right))]
    rule = ["---:" if to_right else "---" for to_right in flush]
    lines = [header, rule, *rows]
    escaped = [[_rule_or(markdown, cell) for cell in row] for row in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in escaped)


def _rule_or(escape: Callable[[str], str], cell: str) -> str:
    return cell if cell in {"---", "---:"} else escape(cell)


def markdown(text: str) -> str:
    """Text in which Markdown and HTML mean nothing."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)
    # Without these a bare address or a @name would become a link or call somebody.
    return text.replace("://", "&#58;//").replace("@", "&#64;").replace("www.", "www&#46;")


def csv_table(header: Cells, rows: Sequence[Cells]) -> str:
    """RFC 4180 with plain line feeds; a cell that a spreadsheet would run as a formula gets a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[csv_cell(cell) for cell in row] for row in rows])
    return out.getvalue()


def csv_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula and no terminal obeys; numbers stay numbers.

    >>> csv_cell("=1+1"), csv_cell("-1.5")
    ("'=1+1", '-1.5')
    """
    # Some spreadsheets take the wide forms of East Asian keyboards for the signs themselves.
    risky = unicodedata.normalize("NFKC", text).lstrip().startswith(("=", "+", "-", "@"))
    number = re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", text, re.ASCII)
    return "'" + plain(text) if risky and not number else plain(text)


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}


def latex(text: str) -> str:
    """Text in which nothing is a LaTeX command."""
    return "".join(_LATEX.get(character, character) for character in plain(text))
