"""A board that ranks by a plain number of its metric: no page and no table multiplies it by 100."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sites import boards_of, lines, write

from tldr_bench.analysis.compare import compare
from tldr_bench.analysis.compare_tables import as_text as comparison_text
from tldr_bench.analysis.resolution import resolution_of
from tldr_bench.board_tables import as_text
from tldr_bench.cli.score import summary
from tldr_bench.execute import plan, run_plan
from tldr_bench.kinds import KindName, Pair, References
from tldr_bench.leaderboard import Board
from tldr_bench.metrics import TABLE
from tldr_bench.metrics.base import Direction, Metric
from tldr_bench.page import render
from tldr_bench.store import Store
from tldr_bench.workspace import Workspace

LENGTHS = {"short": (3, 5), "middle": (7, 9), "long": (20, 25)}
"""System -> how many words it says of every even paper, and of every odd one."""
PAPERS = 12


@dataclass(frozen=True)
class Brevity(Metric[str, References]):
    """How many words a summary has: the fewer, the better."""

    name: ClassVar[str] = "brevity"
    kind: ClassVar[KindName] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Brevity"
    direction: ClassVar[Direction] = "lower"
    score_names: ClassVar[tuple[str, ...]] = ("spent", "share")
    plain_scores: ClassVar[frozenset[str]] = frozenset({"spent"})

    def measure(self, pairs: Sequence[Pair[str, References]]) -> dict[str, Any]:
        """The number of words, and its share of 50."""
        import numpy as np

        counts = np.array([len(pair.prediction.split()) for pair in pairs], float)
        return {"spent": counts, "share": counts / 50}


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    """Three systems on a task whose primary score is a plain number, the least of which is best."""
    monkeypatch.setitem(TABLE, "brevity", "test_plain_scores:Brevity")  # type: ignore[arg-type]
    rows = "".join(
        json.dumps({"id": f"p{n}", "title": f"Owls {n}", "source": ["Owls hunt."] * (1 + n % 6),
                    "targets": ["Owls hunt at noon."]}) + "\n"
        for n in range(PAPERS)
    )  # fmt: skip
    digest = hashlib.sha256(rows.encode()).hexdigest()
    write(tmp_path, "tasks/owl/rows.jsonl", rows)
    write(
        tmp_path, "tasks/owls/task.yaml",
        f"name: Owls\nkind: summary\ndata:\n  path: owl/rows.jsonl\n  sha256: {digest}\n"
        "metrics:\n  brevity:\nprimary: brevity.spent\n",
    )  # fmt: skip
    for system, counts in LENGTHS.items():
        write(tmp_path, f"submissions/{system}/submission.yaml", f"name: {system.title()}\n")
        said = {f"p{n}": " ".join(["owl"] * counts[n % 2]) for n in range(PAPERS)}
        write(tmp_path, f"submissions/{system}/owls.jsonl", lines(said))
    return Workspace(tmp_path)


def board_of(workspace: Workspace) -> Board:
    return boards_of(workspace)[0]


def text_of(page: str) -> str:
    """What a reader sees of a page, on one line."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", bare).split())


@pytest.fixture
def pages(workspace: Workspace) -> dict[str, str]:
    """Every page as text for readers."""
    found = render([board_of(workspace)])
    return {name: text_of(page) for name, page in found.items() if name.endswith(".html")}


def test_the_sentence_on_top_says_the_number(pages: dict[str, str]) -> None:
    """4 words on average are said to be 4.00, the difference that can be seen is in no points."""
    assert "Short leads with spent of 4.00, and every other" in pages["owls/index.html"]
    size = re.search(r"A true difference of ([\d.]+) would be told", pages["owls/index.html"])
    assert size is not None
    assert 0 < float(size[1]) < 20
    assert "points are 100 × the score; spent as it is" in pages["owls/index.html"]


def test_the_figure_against_length_says_the_number(pages: dict[str, str]) -> None:
    """The table under the figure has 22.50, as both the length and the score."""
    assert re.search(r"Long 22\.5 22\.50 ±", pages["owls/index.html"])


def test_a_pair_says_the_number_everywhere(pages: dict[str, str]) -> None:
    """Lead, every score, bands, papers and the figures: 4 less 8 is −4.00, not −400.00."""
    page = pages["owls/compare/middle--short.html"]
    assert "Short is better than Middle by 4.00 of spent" in page
    assert "4.00 8.00 −4.00" in page
    assert "Owls 0 3.00 7.00 −4.00" in page
    assert "00.00" not in page.replace("100.00", "")
    assert "share Brevity 8.00 16.00 −8.00" in page
    assert re.search(r"share, Brevity −8\.00", page)


def test_a_system_and_a_paper_say_the_number(pages: dict[str, str]) -> None:
    """Differences from others, papers that stand out, and the list of papers are in words."""
    page = pages["owls/systems/long.html"]
    assert "Values are 100 × the score; spent as it is." in page
    assert "Short +18.50" in page
    entry = "Owls 0 10.00 3.00 20.00 17.00 Short"
    assert entry in pages["owls/examples/index.html"]


def test_tables_say_what_is_not_times_100(workspace: Workspace) -> None:
    """The terminal's tables name the scores that are as they are; `score` prints the number itself."""
    board = board_of(workspace)
    assert "points = 100 × score (brevity.spent: as they are)" in as_text(board)
    assert "points" not in as_text(board).splitlines()[-2]
    found = comparison_text(compare(board, "short", "long"))
    assert "points = 100 × score (brevity.spent: as they are);" in found
    runs: list[Any] = list(run_plan(workspace, plan(workspace), Store()))
    assert re.search(r"^long +22\.50", summary(runs[0]), re.M)


def test_the_boards_power_is_in_the_number(workspace: Workspace) -> None:
    """`doctor` multiplies what the board can show by 1 for words, and by 100 for shares."""
    found = resolution_of(workspace, "owls")
    assert found is not None
    assert found.shown_times == 1
    path = workspace.root / "tasks/owls/task.yaml"
    path.write_text(path.read_text().replace("brevity.spent", "brevity.share"))
    shares = resolution_of(workspace, "owls")
    assert shares is not None
    assert shares.shown_times == 100


def test_a_board_of_shares_says_points_only(workspace: Workspace) -> None:
    """Where every score is a fraction, nothing is said of others."""
    path = workspace.root / "tasks/owls/task.yaml"
    path.write_text(
        path.read_text().replace(
            "  brevity:\nprimary: brevity.spent", "  rouge155:\nprimary: rouge155.rouge1"
        )
    )
    board = board_of(workspace)
    assert "points = 100 × score; ± half" in as_text(board)
    assert "points are 100 × the score Near" in text_of(render([board])["owls/index.html"])
