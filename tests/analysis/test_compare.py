"""compare: two systems on the same papers, as their board decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mini_boards import rouge_board
from scipy import stats as scipy_stats

from tldr_bench.analysis.bands import bands
from tldr_bench.analysis.compare import Comparisons, compare
from tldr_bench.analysis.compare_tables import as_latex, as_markdown, as_text, verdict
from tldr_bench.errors import UsageError
from tldr_bench.execute import board_of
from tldr_bench.leaderboard import Board, rank
from tldr_bench.page.examples import Examples
from tldr_bench.page.wins import wins_of
from tldr_bench.scoring import score
from tldr_bench.workspace import Workspace

MINI = ("lead", "oracle", "random")


@pytest.fixture(scope="module")
def mini() -> Board:
    """The board of mini-tldr with three baselines."""
    return rouge_board(*MINI)


def columns(board: Board, system: str, score: str) -> Any:
    metric, _, name = score.partition(".")
    scored = next(item for item in board.scored if item.submission.system == system)
    return scored.measurements[metric].per_example()[name]


def test_difference_is_the_mean_of_paired_differences(mini: Board) -> None:
    """The difference of every score is the plain mean of a minus b, and turns around with them."""
    one, other = compare(mini, "oracle", "lead"), compare(mini, "lead", "oracle")
    for found, back in zip(one.scores, other.scores, strict=True):
        if found.difference is None or found.low is None or found.high is None:
            assert found.note
            continue
        gaps = columns(mini, "oracle", found.score) - columns(mini, "lead", found.score)
        assert found.difference == pytest.approx(np.mean(gaps))
        assert back.difference == -found.difference
        assert (back.low, back.high) == (-found.high, -found.low)
        assert (back.wins, back.losses) == (found.losses, found.wins)


def test_p_value_agrees_with_a_permutation_test(mini: Board) -> None:
    """The pair's own p-value is that of scipy's paired permutation test, up to resampling noise."""
    found = compare(mini, "oracle", "lead").of("rouge155.rouge2")
    gaps = columns(mini, "oracle", "rouge155.rouge2") - columns(mini, "lead", "rouge155.rouge2")
    reference = scipy_stats.permutation_test(
        (gaps,),
        np.mean,
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(1),
    )
    assert found.p == pytest.approx(reference.pvalue, abs=0.02)


def test_comparison_repeats_the_boards_decisions(mini: Board) -> None:
    """p after Holm and the verdict are those of the board's pairs, for every score and pair."""
    systems = [item.submission.system for item in mini.scored]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        found = compare(mini, systems[a], systems[b])
        for item in found.scores:
            if item.difference is None:
                continue
            pair = mini.decisions(item.score).pairs.of(a, b)
            assert (item.p_holm, item.significant) == (pair.p_holm, pair.significant)
            named = pair.significant and item.direction != "none"
            assert (item.better is not None) == named
            assert (item.wins is None) == (item.direction == "none")


def test_wins_ties_and_losses_count_every_paper(mini: Board) -> None:
    """Wins, ties and losses are counted on the papers' own scores and add up to all of them."""
    found = compare(mini, "oracle", "lead").of("rouge155.rouge1")
    gaps = columns(mini, "oracle", "rouge155.rouge1") - columns(mini, "lead", "rouge155.rouge1")
    assert found.wins == int(sum(gap > 0 for gap in gaps))
    assert found.ties == int(sum(gap == 0 for gap in gaps))
    assert found.wins + found.ties + found.losses == 48  # type: ignore[operator]


def test_bands_part_the_papers_and_recompute_the_score(mini: Board) -> None:
    """Each division holds every paper once, and weighted band differences give the whole difference."""
    found = compare(mini, "oracle", "lead")
    for by in {band.by for band in found.bands}:
        parts = [band for band in found.bands if band.by == by]
        assert sum(part.examples for part in parts) == 48
        whole = sum(part.difference * part.examples for part in parts) / 48
        assert whole == pytest.approx(found.of(found.score).difference)
    assert {band.by for band in found.bands} == {"source length", "references"}


def test_bands_keep_equal_lengths_together(mini: Board) -> None:
    """No source length occurs in two bands."""
    lengths = [sum(len(text.split()) for text in item.source) for item in mini.task.examples]
    parts = [band for band in bands(mini.task) if band.by == "source length"]
    seen = [{lengths[place] for place in part.places} for part in parts]
    assert len(parts) == 3
    assert not seen[0] & seen[1]
    assert not seen[1] & seen[2]


def test_papers_that_moved_most_come_first_with_both_texts(mini: Board) -> None:
    """The ten largest differences are shown, largest first, with what both systems said."""
    found = compare(mini, "oracle", "lead")
    gaps = np.abs(
        columns(mini, "oracle", "rouge155.rouge1") - columns(mini, "lead", "rouge155.rouge1")
    )
    sizes = [abs(paper.difference) for paper in found.moved]
    assert sizes == sorted(gaps.tolist(), reverse=True)[:10]
    first = mini.task.by_id[found.moved[0].id]
    assert found.moved[0].output_b == first.source[0]
    assert found.moved[0].output_a in first.source
    assert found.moved[0].targets == list(first.target)  # type: ignore[arg-type]


def test_page_and_single_comparison_are_one(mini: Board) -> None:
    """Many comparisons from one cache equal comparisons made one at a time."""
    cached = Comparisons(mini)
    assert cached.of("lead", "random") == compare(mini, "lead", "random")
    assert cached.of("oracle", "random") == compare(mini, "oracle", "random")


def test_json_is_canonical_and_named(mini: Board) -> None:
    """The JSON form is strict, names its schema, and is the same bytes each time."""
    text = compare(mini, "oracle", "lead").to_json()
    assert text == compare(mini, "oracle", "lead").to_json()
    assert json.loads(text)["schema"] == "tldr-bench/comparison/1"


def test_forms_show_the_same_figures(mini: Board) -> None:
    """Text, Markdown and LaTeX show the difference of the primary score with the same digits."""
    found = compare(mini, "oracle", "lead")
    shown = f"{100 * found.of(found.score).difference:.2f}"  # type: ignore[operator]
    assert shown in as_text(found)
    assert shown in as_markdown(found)
    assert shown in as_latex(found)
    assert r"\toprule" in as_latex(found)


def test_unknown_system_gets_the_nearest_name(mini: Board) -> None:
    """A misspelt system is answered with the one that was meant."""
    with pytest.raises(UsageError, match="Did you mean 'oracle'"):
        compare(mini, "lead", "oracel")


def test_a_system_is_not_compared_with_itself(mini: Board) -> None:
    """Comparing a system with itself is refused, since every figure would be 0."""
    with pytest.raises(UsageError, match="compared with itself"):
        compare(mini, "lead", "lead")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task_version": "sha256:other"}, "task version .* beside sha256:other"),
        (
            {"signatures": {"rouge155": "rouge155|v:0"}},
            r"signature of rouge155 .* beside rouge155\|v:0",
        ),
    ],
)
def test_results_of_different_versions_are_refused(
    mini: Board, change: dict[str, Any], said: str
) -> None:
    """Two results of unlike task versions or signatures are refused, and the difference is named."""
    strange = replace(mini.scored[1], result=mini.scored[1].result.model_copy(update=change))
    board = Board(mini.task, (mini.scored[0], strange))
    with pytest.raises(UsageError, match=said):
        compare(board, *(item.submission.system for item in board.scored))


def write(folder: Path, rows: dict[str, str], *metrics: str) -> Workspace:
    """A workspace with a task of the given papers: id -> target, which is the source too."""
    import hashlib

    data = "".join(
        json.dumps({"id": name, "source": [text], "targets": [text]}) + "\n"
        for name, text in rows.items()
    )
    home = folder / "tasks" / "t"
    home.mkdir(parents=True)
    (home / "rows.jsonl").write_text(data)
    digest = hashlib.sha256(data.encode()).hexdigest()
    (home / "task.yaml").write_text(
        f"name: T\nkind: summary\ndata: {{path: t/rows.jsonl, sha256: {digest}}}\n"
        f"metrics: {{{', '.join(metrics or ('rouge155',))}}}\nprimary: rouge155.rouge1\n"
    )
    return Workspace(folder)


def submit(workspace: Workspace, system: str, said: dict[str, str]) -> None:
    """A submission with these predictions."""
    folder = workspace.submissions / system
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(f"name: {system}\n")
    lines = (json.dumps({"id": name, "prediction": text}) + "\n" for name, text in said.items())
    (folder / "t.jsonl").write_text("".join(lines))


def test_one_example_has_no_interval_and_says_so(tmp_path: Path) -> None:
    """With one paper there is a difference but no interval, p is 1, and the reason is given."""
    workspace = write(tmp_path, {"p": "owls hunt at noon"})
    submit(workspace, "a", {"p": "owls hunt"})
    submit(workspace, "b", {"p": "mice"})
    found = compare(board_of(workspace, "t"), "a", "b").of("rouge155.rouge1")
    assert found.difference == pytest.approx(2 / 3, abs=1e-5)
    assert (found.low, found.high, found.p, found.better) == (None, None, 1.0, None)
    assert found.note == "one example: nothing to resample"


def test_all_ties_are_ties(tmp_path: Path) -> None:
    """Two systems that say the same are tied on every paper: difference 0, p 1, nothing moved."""
    said = {f"p{number}": f"owl number {number}" for number in range(6)}
    workspace = write(tmp_path, said)
    submit(workspace, "a", said)
    submit(workspace, "b", said)
    found = compare(board_of(workspace, "t"), "a", "b")
    item = found.of("rouge155.rouge1")
    assert (item.difference, item.p, item.p_holm, item.better) == (0.0, 1.0, 1.0, None)
    assert (item.wins, item.ties, item.losses) == (0, 6, 0)
    assert found.moved == []
    assert "not told apart" in as_text(found)


def test_rounding_is_no_win(tmp_path: Path) -> None:
    """Two ways to one fraction differ in the last bit: that is a tie, here and in the win matrix."""
    said = {f"p{number}": f"owl number {number}" for number in range(6)}
    workspace = write(tmp_path, said)
    for system in ("a", "b"):
        submit(workspace, system, dict.fromkeys(said, "owl number"))
    board = board_of(workspace, "t")
    noisy = replace(board.scored[1], measurements=nudged(board.scored[1].measurements))
    board = rank(board.task, [board.scored[0], noisy])
    found = compare(board, "b", "a")
    assert (found.scores[0].wins, found.scores[0].ties, found.scores[0].losses) == (0, 6, 0)
    assert found.moved == []
    assert wins_of(board).shares.tolist() == [[0, 0], [0, 0]]
    assert {row.best for row in Examples(board).entries()} == {"a and b"}


def nudged(measurements: Any) -> Any:
    """The same measurements, each figure one bit up: what another order of the same sums gives."""
    return {
        name: replace(
            item, columns={key: np.nextafter(column, 2) for key, column in item.columns.items()}
        )
        for name, item in measurements.items()
    }


def test_a_difference_of_nothing_has_no_sign(tmp_path: Path) -> None:
    """Two systems that say the same are 0.00 apart, whichever is named first, and never -0.00."""
    said = {f"p{number}": f"owl number {number}" for number in range(6)}
    workspace = write(tmp_path, said)
    submit(workspace, "a", said)
    submit(workspace, "b", said)
    board = board_of(workspace, "t")
    for names in (("a", "b"), ("b", "a")):
        found = compare(board, *names)
        assert "-0.0" not in found.to_json() + as_text(found) + as_latex(found)


def test_holm_is_over_the_systems_that_have_the_score(mini: Board) -> None:
    """Where one of three systems lacks a score, its pairs are none of those that are corrected for."""
    found = compare(without_rouge(mini), "lead", "oracle")
    assert (found.of("rouge155.rouge1").pairs, found.of("rouge.rouge1").pairs) == (3, 1)
    assert "after Holm over the 3 pairs of the board" in verdict(found, "rouge155.rouge1")
    assert "over the only pair of systems that have the score" in verdict(found, "rouge.rouge1")
    assert "over all pairs of systems that have the score" in as_text(found)
    assert "over all pairs of systems that have the score" in as_markdown(found)


def test_a_text_that_says_nothing_is_not_described(tmp_path: Path) -> None:
    """What is undefined for a system is missing with the reason, in bands too, and is never 0."""
    said = {f"p{number}": f"owl number {number}" for number in range(6)}
    workspace = write(tmp_path, said, "rouge155", "describe")
    submit(workspace, "a", said)
    submit(workspace, "mute", dict.fromkeys(said, ""))
    found = compare(board_of(workspace, "t"), "a", "mute", "describe.coverage")
    item = found.of("describe.coverage")
    assert (item.b, item.difference) == (None, None)
    assert item.note == "mute: undefined, there is nothing to make it from"
    assert found.bands == []


def without_rouge(board: Board) -> Board:
    """The board, its third system without `rouge`."""
    third = board.scored[2]
    scores = {
        name: item for name, item in third.result.scores.items() if not name.startswith("rouge.")
    }
    poor = replace(
        third,
        measurements={name: item for name, item in third.measurements.items() if name != "rouge"},
        result=third.result.model_copy(
            update={"scores": scores, "not_computed": {"rouge": "no model here"}}
        ),
    )
    return rank(board.task, [*board.scored[:2], poor])


def test_missing_scores_stay_missing(mini: Board) -> None:
    """A score that one system lacks is shown as missing with its reason, never as zero."""
    board = without_rouge(mini)
    third = board.scored[2].submission.system
    found = compare(board, "lead", third).of("rouge.rouge1")
    assert (found.difference, found.p, found.better) == (None, None, None)
    assert found.note == f"{third}: no model here"
    for form in (as_text, as_markdown):
        printed = form(compare(board, "lead", third))
        assert "–" in printed
        assert "no model here" in printed


def test_names_cannot_break_a_table(tmp_path: Path) -> None:
    """A system's name with LaTeX and terminal commands comes out inert."""
    said = {"p": "owls hunt", "q": "mice hide"}
    workspace = write(tmp_path, said)
    submit(workspace, "a", said)
    submit(workspace, "b", {"p": "owls", "q": "hide"})
    (workspace.submissions / "a" / "submission.yaml").write_text(
        'name: "\\\\input{x} \\e[31m | evil"\n'
    )
    found = compare(board_of(workspace, "t"), "a", "b")
    assert r"\input" not in as_latex(found)
    assert "\x1b" not in as_text(found)
    assert r"\| evil" in as_markdown(found)
    assert "[31m | evil" not in as_markdown(found)


def test_labels_and_rankings_are_compared_too() -> None:
    """Tasks of the other kinds compare by micro F1 or MRR, and show sentences or documents."""
    root = Path(__file__).resolve().parents[2]
    for task_id, systems in (
        ("mini-oracle", ("oracle", "lead")),
        ("mini-match", ("bm25", "random")),
    ):
        workspace = Workspace(root)
        task = workspace.task(task_id)
        board = rank(task, [score(task, workspace.submission(name)) for name in systems])
        found = compare(board, *systems)
        assert found.of(found.score).better == systems[0]
        assert found.moved[0].output_a
        assert found.moved[0].targets[0]


def test_require_better_speaks_to_ci(cli: Callable[..., Any], tmp_path: Path) -> None:
    """`--require-better` exits 0 for a significantly better A and 1, with the reason, otherwise."""
    workspace = write(tmp_path, {f"p{n}": f"owl number {n} hunts" for n in range(40)})
    submit(workspace, "good", {f"p{n}": f"owl number {n} hunts" for n in range(40)})
    submit(workspace, "poor", {f"p{n}": "mice" if n % 3 else "owl" for n in range(40)})
    asked = ("--task", "t", "--root", tmp_path, "--require-better")
    assert cli("compare", "good", "poor", *asked).rc == 0
    refused = cli("compare", "poor", "good", *asked)
    assert refused.rc == 1
    assert "poor is not significantly better: good is better than poor by" in refused.err
