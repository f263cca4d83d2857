"""A build makes what is touched and takes the rest from the earlier one; the site is the same either way."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import TinyWorkspace
from sites import boards_of

from tldr_bench.analysis.compare import Comparisons
from tldr_bench.cli.build import write_site
from tldr_bench.execute import board_of
from tldr_bench.page import site
from tldr_bench.page.reuse import Earlier, board_key
from tldr_bench.workspace import Workspace

SUMMARIES = [{"id": f"p{number}", "prediction": "Owls hunt at noon."} for number in range(1, 5)]
OTHERS = [{"id": f"p{number}", "prediction": f"Glass carries {number}."} for number in range(1, 5)]
LABELS = [
    {"id": "p1", "prediction": [1, 0, 0]}, {"id": "p2", "prediction": [1, 0]},
    {"id": "p3", "prediction": [1, 0, 0, 0]}, {"id": "p4", "prediction": [1, 0, 0]},
]  # fmt: skip


def build(board: TinyWorkspace, out: str = "_site", *, check: bool = False) -> int:
    """Build in this process, so that its work can be counted."""
    workspace = Workspace(board.root)
    return write_site(workspace, boards_of(workspace), Path(out), check=check)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts pages by the folder that they are for, and pairs of systems that are compared."""
    found: Counter[str] = Counter()
    true_page, true_pair = site.rendered, Comparisons.of

    def page(source: Any, template: str, context: Any) -> str:
        found[str(context["file"]).rpartition("/")[0] or "."] += 1
        return true_page(source, template, context)

    def pair(self: Comparisons, *rest: Any) -> Any:
        found["pairs"] += 1
        return true_pair(self, *rest)

    monkeypatch.setattr(site, "rendered", page)
    monkeypatch.setattr(Comparisons, "of", pair)
    return found


@pytest.fixture
def built(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """A site of two tasks."""
    tmp_workspace.submit("one", "tiny-summary", SUMMARIES)
    tmp_workspace.submit("two", "tiny-summary", OTHERS)
    tmp_workspace.submit("one", "tiny-labels", LABELS)
    build(tmp_workspace)
    return tmp_workspace


def test_nothing_new_computes_no_page_of_a_task(built: TinyWorkspace, work: Counter[str]) -> None:
    """A second build and `--check` compare no systems and render only the few general pages."""
    before = contents(Path("_site"))
    build(built)
    assert build(built, check=True) == 0
    assert set(work) == {"."}
    assert work["."] == 2 * 4  # metrics, submit, changelog, about
    assert contents(Path("_site")) == before


def test_a_new_system_computes_the_pages_of_its_task_only(
    built: TinyWorkspace, work: Counter[str]
) -> None:
    """One more summariser: its task's pages once each, three pairs, and nothing of the labels."""
    built.submit("three", "tiny-summary", SUMMARIES)
    build(built)
    assert work == {
        ".": 5, "tiny-summary": 1, "tiny-summary/systems": 3, "tiny-summary/compare": 3,
        "tiny-summary/examples": 5, "pairs": 3,
    }  # fmt: skip


def test_an_incremental_build_equals_a_clean_one(built: TinyWorkspace) -> None:
    """After a new system, changed words of another, and one that went, both sites are byte for byte equal."""
    for change in (
        lambda: built.submit("three", "tiny-summary", SUMMARIES),
        lambda: built.submit("two", "tiny-summary", [*OTHERS[:3], {**OTHERS[3], "prediction": ""}]),
        lambda: built.write("submissions/one/submission.yaml", "name: Another name\n"),
        lambda: (built.root / "submissions/one/tiny-labels.jsonl").unlink(),
    ):
        change()
        build(built)
        build(built, "clean")
        assert contents(Path("_site")) == contents(Path("clean"))
        shutil.rmtree("clean")


@pytest.mark.parametrize(
    "damage",
    [
        lambda page: page.write_text("defaced"),
        lambda page: page.unlink(),
        lambda page: page.write_bytes(b"\xff"),
    ],
    ids=["changed", "gone", "no text"],
)
def test_what_was_changed_by_hand_is_not_believed(
    damage: Callable[[Path], Any], built: TinyWorkspace
) -> None:
    """A page whose digest is not the listed one is made again."""
    before = contents(Path("_site"))
    damage(Path("_site/tiny-summary/examples/p1.html").absolute())
    build(built)
    assert contents(Path("_site")) == before


def test_a_template_touches_every_page(built: TinyWorkspace, work: Counter[str]) -> None:
    """Another footer stands on all pages after the next build."""
    built.write("site/theme.yaml", "footer: Kept by owls.\n")
    build(built)
    assert work["tiny-labels/examples"] == 5
    assert "Kept by owls." in Path("_site/tiny-labels/examples/p1.html").read_text("utf-8")


def test_a_list_that_names_files_outside_is_not_read(tmp_path: Path) -> None:
    """A forged list cannot make a build publish another file of the machine."""
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "_site"
    (folder / "data").mkdir(parents=True)
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    (folder / "data/index.json").write_text(
        f'{{"keys": {{"t/": "k"}}, "files": {{"t/../../secret": {{"sha256": "{digest}"}}}}}}'
    )
    assert Earlier(folder).pages("t/", "k") is None
    assert Earlier(None).pages("t/", "k") is None
    for broken in ("[[[", '{"keys": 1, "files": []}', '{"keys": {"t/": "k"}, "files": 3}', "[]"):
        (folder / "data/index.json").write_text(broken)
        assert Earlier(folder).pages("t/", "k") is None


def test_the_key_knows_what_the_version_does_not(built: TinyWorkspace) -> None:
    """A paper's title moves no score, and stands on pages: with another one the key differs."""
    before = board_of(Workspace(built.root), "tiny-summary")
    first = before.task.examples[0]
    changed = board_of(Workspace(built.root), "tiny-summary")
    object.__setattr__(first, "title", "Another title")
    assert board_key(before) != board_key(changed)
    assert before.task.version == changed.task.version


def test_the_key_knows_how_far_scores_agree_with_people(built: TinyWorkspace) -> None:
    """What `meta --write` keeps stands in the page's Markdown table: with it, the key differs."""
    board = board_of(Workspace(built.root), "tiny-summary")
    before = board_key(board)
    estimate = {"value": 0.5, "low": None, "high": None}
    score = {"signature": "any", "kendall": estimate, "spearman": estimate, "without_length": None}
    known = {"task": "tiny-summary", "file": "f", "what": "people", "rows": 9, "papers": 3}
    known |= {"words": estimate, "scores": {"rouge.rouge1": score}}
    (board.task.folder / "agreement.json").write_text(json.dumps(known))
    assert board_key(board) != before
