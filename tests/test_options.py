"""Options that would do nothing are wrong usage: 2, and one line that names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace, jsonl

Cli = Callable[..., Answer]

QRELS = ("--documents", "docs.csv", "--qrels", "j.qrels")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--split", "test"), "--split: for data sets on the Hub; rows.jsonl is a file"),
        (("--config", "a", "--revision", "b"), "--config, --revision: for data sets on the Hub"),
        ((*QRELS, "--kind", "ranking"), "--kind: nothing that --qrels reads"),
        ((*QRELS, "--skip-bad", "--oracle-text"), "--skip-bad, --oracle-text: nothing that --qrels"),
        ((*QRELS, "--target", "targets"), "--target: nothing that --qrels reads"),
        (("--oracle-text", "--kind", "labels"), "--kind: --oracle-text makes a summary task"),
        (("--kind", "summary", "--query", "title"), "--query: a summary task has no such column"),
        (("--query", "title", "--document", "source", "--sentences", "syntok"), "--sentences: a ranking"),
    ],
)  # fmt: skip
def test_make_task(options: tuple[str, ...], says: str, cli: Cli, tmp_path: Path) -> None:
    """What a file, a collection, or a kind of task does not take is refused, and nothing is written."""
    (tmp_path / "rows.jsonl").write_text(jsonl(TINY_ROWS))
    (tmp_path / "docs.csv").write_text("id,text\np1,owls\n")
    (tmp_path / "j.qrels").write_text("p1 0 p1 1\n")
    done = cli("make-task", "columns", "rows.jsonl", "--out", "mine", *options, cwd=tmp_path)
    refused(done, says)
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("option", ["--against", "--score", "--intervals"])
def test_leaderboard(tmp_workspace: TinyWorkspace, cli: Cli, form: str, option: str) -> None:
    """Marks, chosen scores and intervals are in the forms for papers; in the others they are refused."""
    tmp_workspace.submit("gold", "tiny-labels", GOLD["tiny-labels"])
    value = () if option == "--intervals" else ("gold",)
    done = cli("leaderboard", "tiny-labels", "--format", form, option, *value)
    refused(done, f"{option}: for --format ")


@pytest.mark.parametrize(
    ("form", "option"),
    [
        ("csv", "--pick"),
        ("lines", "--id-field"),
        ("trec", "--id-field"),
        ("gem", "--field"),
        ("csv", "--ids"),
    ],
)
def test_import(tmp_workspace: TinyWorkspace, cli: Cli, form: str, option: str) -> None:
    """What a format has nothing to do with is refused before the file is read."""
    assert tmp_workspace.root
    done = cli("import", form, "none", "--task", "tiny-summary", "--system", "me", option, "x")
    refused(done, f"{option}: nothing that the format {form} takes")


@pytest.mark.parametrize("rest", [("gold",), ("--published", "1", "2", "3")])
def test_explain(tmp_workspace: TinyWorkspace, cli: Cli, rest: tuple[str, ...]) -> None:
    """Only one paper's words can be compared without the stemmer: a system's or a paper's figures cannot."""
    tmp_workspace.submit("gold", "tiny-summary", GOLD["tiny-summary"])
    done = cli("explain", *rest, "--task", "tiny-summary", "--no-stemmer")
    refused(done, "--no-stemmer: for one paper, named with --id, only")


def refused(done: Answer, says: str) -> None:
    """Wrong usage, in one line."""
    assert (done.rc, done.out) == (2, "")
    assert done.err.startswith(f"error: {says}")
    assert len(done.err.splitlines()) == 1
