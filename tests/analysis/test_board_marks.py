"""The board as people read it: rows without a rank, ties, daggers, and tables for papers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mini_boards import rouge_board, rouge_workspace

from tldr_bench.board_tables import as_latex, as_markdown, as_text
from tldr_bench.errors import UsageError
from tldr_bench.leaderboard import Board
from tldr_bench.stats import resolution

SYSTEMS = ("cue", "centrality")
BASELINES = ("lead", "oracle", "random", "title", "human")


@pytest.fixture(scope="module")
def mixed() -> Board:
    return rouge_board(*SYSTEMS, *BASELINES)


def ranks(board: Board) -> dict[str, tuple[Any, Any, Any]]:
    return {row.system: (row.rank, row.rank_low, row.rank_high) for row in board.record.rows}


def test_baselines_and_people_have_no_rank_among_systems(mixed: Board) -> None:
    """Systems are ranked among themselves; baselines and people keep place and scores, without rank."""
    found = ranks(mixed)
    assert {found[name] for name in BASELINES} == {(None, None, None)}
    assert sorted(found[name][0] for name in SYSTEMS) == [1, 2]
    assert all(row.scores for row in mixed.record.rows)
    order = [row.scores["rouge155.rouge1"].value for row in mixed.record.rows]
    assert order == sorted(order, reverse=True)


def test_baselines_are_ranked_when_asked(mixed: Board) -> None:
    """With everything ranked, ranks count all rows and the decisions stay the same."""
    everything = replace(mixed, rank_baselines=True)
    assert sorted(item[0] for item in ranks(everything).values()) == list(range(1, 8))
    one, other = (board.decisions("rouge155.rouge1").pairs for board in (mixed, everything))
    assert one.p_holm.tolist() == other.p_holm.tolist()


def test_a_board_of_baselines_is_ranked() -> None:
    """Where there is no system, every row has a rank: a new workspace is readable."""
    assert [item[0] for item in ranks(rouge_board("oracle", "lead")).values()] == [1, 2]


def test_ranges_and_ties_follow_the_decisions_among_ranked_rows(mixed: Board) -> None:
    """Rank ranges are counted from the board's own significant pairs, ranked rows only."""
    systems = [item.submission.system for item in mixed.scored]
    pairs = mixed.decisions("rouge155.rouge1").pairs
    for name in SYSTEMS:
        own = systems.index(name)
        others = [systems.index(other) for other in SYSTEMS if other != name]
        found = [pairs.of(own, other) for other in others]
        worse = sum(pair.significant and pair.difference < 0 for pair in found)
        better = sum(pair.significant and pair.difference > 0 for pair in found)
        assert ranks(mixed)[name][1:] == (1 + worse, len(SYSTEMS) - better)
    assert all(set(names) <= set(SYSTEMS) for names in mixed.record.ties)


def test_the_terminal_says_who_is_not_told_apart_and_what_could_be(mixed: Board) -> None:
    """Ties, the resolution of the task and the rule about baselines are written below the table."""
    everything = as_text(replace(mixed, rank_baselines=True))
    for names in replace(mixed, rank_baselines=True).record.ties:
        assert f"not told apart: {', '.join(names)}" in everything
    shown = resolution(mixed.decisions("rouge155.rouge1").pairs, corrected=True)
    assert shown is not None
    assert f"a true difference of {100 * shown:.2f} points would be told apart" in everything
    assert "--rank-baselines" in as_text(mixed)
    assert "--rank-baselines" not in everything


def test_daggers_are_the_boards_decisions(mixed: Board) -> None:
    """A dagger stands exactly where the board calls a row better, a double one where worse."""
    text = as_markdown(mixed, "lead", ["rouge155.rouge1"])
    systems = [item.submission.system for item in mixed.scored]
    pairs, base = mixed.decisions("rouge155.rouge1").pairs, systems.index("lead")
    for number, name in enumerate(systems):
        (line,) = (line for line in text.splitlines() if f"| {name} |" in line)
        pair = pairs.of(number, base) if number != base else None
        significant = pair is not None and pair.significant
        assert ("†" in line) == (significant and pair.difference > 0)  # type: ignore[union-attr]
        assert ("‡" in line) == (significant and pair.difference < 0)  # type: ignore[union-attr]


def test_bold_is_the_best_with_its_tie_group(mixed: Board) -> None:
    """In LaTeX exactly the rows not told apart from the best ranked one are bold."""
    lines = as_latex(mixed, only=["rouge155.rouge1"]).splitlines()
    standings = mixed.decisions("rouge155.rouge1").ranking.standings
    for row, standing in zip(mixed.record.rows, standings, strict=True):
        (line,) = (line for line in lines if row.name in line.partition("&")[0])
        assert (r"\textbf" in line) == standing.with_best


def test_latex_is_balanced_and_carries_its_signatures(mixed: Board) -> None:
    """The table has booktabs' three rules, balanced braces and dollars, equal columns, and signatures."""
    text = as_latex(mixed, "lead", intervals=True)
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    bare = re.sub(r"\\[{}$&%_]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    rows = [line for line in bare.splitlines() if line.endswith(r"\\")]
    assert len({line.count("&") for line in rows}) == 1
    assert r"rouge155\textbar{}refs:best-rouge1" in text
    assert r"$\pm$" in text
    assert r"$\pm$" not in as_latex(mixed, "lead")


def test_columns_can_be_chosen_by_score_or_metric(mixed: Board) -> None:
    """`--score` takes a score or a metric; another name is answered with the nearest."""
    assert r"System & rouge155.rouge2 \\" in as_latex(mixed, only=["rouge155.rouge2"])
    assert "rouge.rouge1" not in as_markdown(mixed, only=["rouge155"])
    with pytest.raises(UsageError, match="Did you mean 'rouge155"):
        as_latex(mixed, only=["rouge15"])


def test_an_unknown_baseline_is_named(mixed: Board) -> None:
    """`--against` a row that is not there is refused with the nearest name."""
    with pytest.raises(UsageError, match=r"--against: unknown system 'laed'\. Did you mean 'lead'"):
        as_markdown(mixed, "laed")


def test_the_command_ranks_baselines_when_asked(cli: Callable[..., Any], tmp_path: Path) -> None:
    """`leaderboard --rank-baselines` gives every row a rank; without it baselines have null."""
    root = rouge_workspace(tmp_path, "cue", "lead", "oracle")
    asked = ("leaderboard", "mini-tldr", "--root", root, "--format", "json")
    rows = json.loads(cli(*asked).out)["rows"]
    assert {row["rank"] is None for row in rows if row["type"] == "baseline"} == {True}
    rows = json.loads(cli(*asked, "--rank-baselines").out)["rows"]
    assert all(row["rank"] for row in rows)
