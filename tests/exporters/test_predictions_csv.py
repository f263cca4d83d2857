"""`export predictions` and `import csv`: inert for spreadsheets and terminals, and the same text back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace, jsonl
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.importers.load import import_file
from tldr_bench.importers.quoting import quoted, unquoted
from tldr_bench.tables import plain
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]

HOSTILE = ("=1+1", "'=2", '\x1b[31m"red",\nnext', "-1.5")
"""A formula, one that is quoted already, a text that a terminal would obey, and a number."""

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "=+-@'\"\\ \n\t１＝", max_size=6
)


@given(text=TEXTS)
def test_any_text_comes_back_from_an_inert_cell(text: str) -> None:
    """What is quoted is no formula and holds nothing that a terminal obeys, and unquotes to the same text."""
    cell = quoted(text)
    assert unquoted(cell) == text
    assert plain(cell) == cell
    number = cell.lstrip("-").replace(".", "").isdecimal()
    assert number or not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_exported_predictions_come_back(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """An export in CSV, imported, is the submission's own file again, byte by byte, with its scores beside it."""
    rows = [
        {"id": row["id"], "prediction": text} for row, text in zip(TINY_ROWS, HOSTILE, strict=True)
    ]
    tmp_workspace.submit("owl", "tiny-summary", rows)
    done = cli("export", "predictions", "tiny-summary", "--system", "owl", "--out", ".")
    assert (done.rc, done.out) == (0, "wrote tiny-summary.predictions.csv\n")
    table = list(csv.DictReader(io.StringIO(Path("tiny-summary.predictions.csv").read_text())))
    assert [row["quoted_prediction"] for row in table] == [
        "'=1+1", "''=2", "'\"\\u001b[31m\\\"red\\\",\\nnext\"", "-1.5",
    ]  # fmt: skip
    assert all(0 <= float(row["rouge155.rouge1"]) <= 1 for row in table)
    back = cli("import", "csv", "tiny-summary.predictions.csv", "--task", "tiny-summary", "--system", "back")  # fmt: skip
    assert back.rc == 0, back.err
    assert "from tldr-bench export predictions" in back.out
    assert Path("submissions/back/tiny-summary.jsonl").read_text() == jsonl(rows)


@pytest.mark.parametrize("kind", ["tiny-labels", "tiny-ranking"])
def test_lists_come_back_too(tmp_workspace: TinyWorkspace, cli: Cli, kind: str) -> None:
    """Labels and rankings make the same journey."""
    tmp_workspace.submit("owl", kind, GOLD[kind])
    assert cli("export", "predictions", kind, "--system", "owl", "--out", ".").rc == 0
    task = Workspace(tmp_workspace.root).task(kind)
    found = import_file(task, "csv", Path(f"{kind}.predictions.csv"))
    assert found.predictions == jsonl(GOLD[kind])


def test_a_strangers_table_is_left_as_it_is(tmp_workspace: TinyWorkspace) -> None:
    """Quotes in a table of another tool are the author's: nothing is taken off."""
    said = ["'=1+1", "'tis", "''", '\'"x"']
    rows = zip((row["id"] for row in TINY_ROWS), said, strict=True)
    out = io.StringIO()
    csv.writer(out).writerows([("id", "prediction"), *rows])
    path = tmp_workspace.write("other.csv", out.getvalue())
    found = import_file(Workspace(tmp_workspace.root).task("tiny-summary"), "csv", path)
    texts = [row["prediction"] for row in map(json.loads, found.predictions.splitlines())]
    assert texts == said


def test_a_column_that_somebody_added_is_read_as_it_stands(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """Ids and predictions are unquoted, for they were quoted; a column beside them keeps its own quotes."""
    lines = ["id,quoted_prediction,edited"]
    lines += [f"'{row['id']},''{row['id']} said,'tis {row['id']}" for row in TINY_ROWS]
    tmp_workspace.write("sheet.csv", "\n".join(lines) + "\n")
    for field, says in ((), "'p1 said"), (("--field", "edited"), "'tis p1"):
        done = cli(
            "import", "csv", "sheet.csv", "--task", "tiny-summary", "--system", "back", "--force",
            *field,
        )  # fmt: skip
        assert done.rc == 0, done.err
        first = Path("submissions/back/tiny-summary.jsonl").read_text().splitlines()[0]
        assert json.loads(first) == {"id": "p1", "prediction": says}
