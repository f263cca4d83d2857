"""explain: conventions side by side, published figures, and the words behind one score."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mini_boards import rouge_board, rouge_workspace

from tldr_bench.analysis.conventions import CONVENTIONS, RULES, SCORES, explain
from tldr_bench.analysis.explain_tables import as_text, paper_text, published_text
from tldr_bench.analysis.paper import ByProfile, PaperExplanation, explain_paper
from tldr_bench.analysis.published import published
from tldr_bench.errors import UsageError
from tldr_bench.execute import board_of
from tldr_bench.kinds import Pair
from tldr_bench.leaderboard import Board, rank
from tldr_bench.scoring import score
from tldr_bench.submission import Submission, SubmissionFile
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
MINI = ("lead", "oracle", "random", "title", "cue")


@pytest.fixture(scope="module")
def mini() -> Board:
    """The board of mini-tldr with five of its baselines."""
    return rouge_board(*MINI)


@pytest.fixture(scope="module")
def scitldr(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Board:
    """The board of SciTLDR-A with five baselines."""
    from tldr_bench.baselines import predictions

    folder = tmp_path_factory.mktemp("board")
    task = Workspace(ROOT).task("scitldr-a")
    metrics = {name: task.spec.metrics[name] for name in ("rouge155", "rouge")}
    task = replace(task, spec=task.spec.model_copy(update={"metrics": metrics}))
    scored = []
    for system in ("lead", "oracle", "random", "title"):
        path = folder / system / "scitldr-a.jsonl"
        path.parent.mkdir()
        path.write_text(predictions(system, task), encoding="utf-8")
        spec = SubmissionFile(name=system)
        scored.append(score(task, Submission(system, path.parent, spec, {"scitldr-a": path})))
    return rank(task, scored)


# Conventions -----------------------------------------------------------------------------------


def test_there_are_sixteen_conventions() -> None:
    """Two programs, with and without stemming, four rules: sixteen different signatures."""
    assert len({item.metric.signature for item in CONVENTIONS}) == 16
    assert set(RULES) == {"best-rouge1", "best-each", "first", "mean"}


OFFICIAL = {
    ("lead", "first"): (25.75, 9.32, 20.10),
    ("lead", "best-rouge1"): (31.27, 11.40, 24.07),
    ("lead", "mean"): (22.47, 5.94, 17.21),
    ("oracle", "first"): (42.20, 21.99, 34.72),
    ("oracle", "best-rouge1"): (44.32, 22.75, 35.93),
    ("oracle", "mean"): (30.47, 11.14, 23.88),
}
"""Printed by the official script on SciTLDR-A test; newlines were turned into spaces."""


@pytest.mark.parametrize(("system", "rule"), OFFICIAL)
def test_conventions_give_the_official_scripts_figures(
    scitldr: Board, system: str, rule: str
) -> None:
    """Under each rule of the official script, the explained figures are those that it printed."""
    found = explain(scitldr, system)
    (row,) = (item for item in found.figures if item.convention == f"rouge155, stemmed, {rule}")
    printed = tuple(round(100 * row.scores[name], 2) for name in SCORES)
    assert printed == pytest.approx(OFFICIAL[system, rule], abs=0.011)


def test_spread_is_from_the_lowest_to_the_highest(mini: Board) -> None:
    """The spread names the conventions with the lowest and the highest figure."""
    found = explain(mini, "lead")
    for item in found.spread:
        values = {row.convention: row.scores[item.score] for row in found.figures}
        assert item.low == min(values.values()) == values[item.low_convention]
        assert item.high == max(values.values()) == values[item.high_convention]


def test_the_boards_own_conventions_are_marked(mini: Board) -> None:
    """Exactly the conventions of the task's metrics are marked, and their figures are the board's."""
    found = explain(mini, "cue")
    used = {row.signature: row for row in found.figures if row.used}
    assert set(used) <= {metric.signature for metric in mini.task.metrics.values()}
    row = used[mini.task.metrics["rouge155"].signature]
    number = [item.submission.system for item in mini.scored].index("cue")
    assert row.scores["rouge1"] == mini.value(number, "rouge155.rouge1")


def test_neighbours_survive_only_if_no_convention_turns_them_around(mini: Board) -> None:
    """For every system and neighbour, the verdict follows from the sixteen pairs of figures."""
    systems = [item.submission.system for item in mini.scored]
    figures = {name: explain(mini, name) for name in systems}
    for name in systems:
        for item in figures[name].neighbours:
            own, other = figures[name].figures, figures[item.system].figures
            gaps = [
                a.scores[item.score] - b.scores[item.score] for a, b in zip(own, other, strict=True)
            ]
            wrong = sum(gap > 0 if item.side == "above" else gap < 0 for gap in gaps)
            assert item.survives == (wrong == 0)
            assert len(item.reversed_by) == wrong
    assert [item.side for item in figures[systems[0]].neighbours] == ["below"]


def test_equals_stay_neither_above_nor_below(tmp_path: Path) -> None:
    """A neighbour that says the same has the same score under all conventions, and that is said."""
    rouge_workspace(tmp_path, "lead")
    for name in ("first", "second"):
        shutil.copytree(tmp_path / "submissions/lead", tmp_path / "submissions" / name)
    board = board_of(Workspace(tmp_path), "mini-tldr")
    found = explain(board, board.scored[1].submission.system)
    assert [item.survives for item in found.neighbours] == [False, False]
    assert all(len(item.level_under) == 16 and not item.reversed_by for item in found.neighbours)
    said = as_text(found)
    assert "has the same score under all 16 conventions by rouge1" in said


def test_only_summaries_are_explained() -> None:
    """A labels task has no ROUGE conventions, and that is said."""
    workspace = Workspace(ROOT)
    task = workspace.task("mini-oracle")
    board = rank(task, [score(task, workspace.submission("lead"))])
    with pytest.raises(UsageError, match="mini-oracle is a labels task"):
        explain(board, "lead")


# Published figures -------------------------------------------------------------------------------


def test_a_systems_own_figures_are_recognised(scitldr: Board) -> None:
    """The official figures of the first sentence under `first` point to it and to that rule."""
    found = published(scitldr, ["25.75", "9.32", "20.10"])
    best = found.fits[0]
    assert best.identical == ["lead"]
    assert best.convention in {"rouge155, stemmed, first", "rouge, stemmed, first"}
    assert all("first" in fit.convention for fit in found.fits if fit.identical)


def test_catts_does_not_fit_the_mean_over_references(scitldr: Board) -> None:
    """43.8 ROUGE-1 lies 13 points above the marked sentence under `mean`, and fits the official rule."""
    found = published(scitldr, ["43.8", "20.9", "35.5"])
    fits = {fit.convention: fit for fit in found.fits}
    assert fits["rouge155, stemmed, best-rouge1"].consistent
    refused = fits["rouge155, stemmed, mean"]
    assert not refused.consistent
    assert refused.reasons == ["ROUGE-1 13.3 points above the best system (30.5)"]
    assert found.fits.index(refused) > found.fits.index(fits["rouge155, stemmed, best-rouge1"])


def test_impossible_proportions_do_not_fit(scitldr: Board) -> None:
    """ROUGE-2 as high as ROUGE-1 fits no convention, and the reason names ROUGE-2."""
    found = published(scitldr, ["40.0", "39.0", "40.0"])
    assert not any(fit.consistent for fit in found.fits)
    assert all(any("rouge2" in reason for reason in fit.reasons) for fit in found.fits)


@pytest.mark.parametrize(
    "figures", [["x", "1", "1"], ["nan", "1", "1"], ["101", "1", "1"], ["0E999999", "1", "1"]]
)
def test_figures_must_be_points(mini: Board, figures: list[str]) -> None:
    """What is no number of points from 0 to 100 is refused by name."""
    with pytest.raises(UsageError, match="--published: expected"):
        published(mini, figures)


def test_forms_name_every_convention(mini: Board) -> None:
    """The terminal's tables have a line for each convention."""
    texts = as_text(explain(mini, "lead")), published_text(published(mini, ["30", "10", "20"]))
    for text in texts:
        assert all(item.name in text for item in CONVENTIONS)


# One paper ---------------------------------------------------------------------------------------


def explained(prediction: str, *references: str, stemmer: bool = True) -> PaperExplanation:
    """One prediction beside these references."""
    task = Workspace(ROOT).task("mini-tldr")
    pair = Pair(task.examples[0].id, prediction, references)
    return explain_paper(task, "ours", pair, stemmer=stemmer)


def shared(profile: ByProfile, reference: int = 0) -> dict[str, list[str]]:
    """Score -> what the texts share."""
    return {item.score: item.shared for item in profile.references[reference].scores}


def test_words_bigrams_and_subsequence_by_hand() -> None:
    """On a pair worked out by hand, both programs name the shared words, bigrams and subsequence."""
    found = explained("The cat sat on the big mat", "the mat had the cat on it")
    for profile in found.profiles:
        by_score = shared(profile)
        assert by_score["rouge1"] == ["the", "cat", "on", "the", "mat"]
        assert by_score["rouge2"] == ["the cat"]
        assert by_score["rougeL"] == ["the", "cat", "on"]


def test_stems_match_and_words_are_shown() -> None:
    """Words match by their stem and are shown as written; without the stemmer they do not match."""
    with_stems = explained("Owls hunted arrays", "an owl hunts array").profiles
    assert [shared(item)["rouge1"] for item in with_stems][1] == ["owls", "hunted", "arrays"]
    without = explained("Owls hunted arrays", "an owl hunts array", stemmer=False).profiles
    assert [shared(item)["rouge1"] for item in without] == [[], []]


def test_the_best_reference_is_the_first_of_equals() -> None:
    """Of references with equal ROUGE-1 the first is marked, as the rule says."""
    found = explained("a b c", "x y z", "a b d", "a b e")
    for profile in found.profiles:
        assert [item.best for item in profile.references] == [False, True, False]


def test_shared_parts_make_the_score(scitldr: Board) -> None:
    """On real papers, what is listed as shared, counted, gives precision and recall of both programs."""
    pairs = _pairs(scitldr.task)
    for pair in pairs:
        found = explain_paper(scitldr.task, "lead", pair)
        for profile in found.profiles:
            size = len(profile.prediction_words)
            for reference in profile.references:
                for item, total in zip(reference.scores, (size, size - 1, size), strict=True):
                    expected = len(item.shared) / max(total, 1)
                    assert item.precision == pytest.approx(expected, abs=6e-6), (pair.id, item)


def _pairs(task: Task) -> list[Pair[Any, Any]]:
    """First sentences, every seventh paper; titles and sources with several sentences between them."""
    lead = [
        Pair(item.id, item.source[0].replace("\n", " "), item.target) for item in task.examples[::7]
    ]
    long = [
        Pair(item.id, " ".join(item.source).replace("\n", " "), item.target)
        for item in task.examples[3::50]
    ]
    return [*lead, *long]


def test_rules_are_those_of_the_metric(mini: Board) -> None:
    """The figures by rule equal what the board has for this paper."""
    measured = mini.scored[0].measurements["rouge155"].per_example()["rouge1"]
    task = mini.task
    from tldr_bench.align import align

    pair = align(task, mini.scored[0].submission).pairs[5]
    found = explain_paper(task, "x", pair)
    assert found.profiles[0].rules["best-rouge1"]["rouge1"] == measured[5]


def test_hostile_text_is_inert() -> None:
    """Terminal commands in a prediction or reference are shown escaped."""
    text = paper_text(explained("a \x1b[31m red owl", "red \u202eowl"))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_an_empty_prediction_shares_nothing() -> None:
    """Nothing said is nothing shared, and every figure is 0."""
    found = explained("", "an owl")
    for profile in found.profiles:
        assert all(item.f == 0 and not item.shared for item in profile.references[0].scores)
    assert "(nothing)" in paper_text(found)


def test_commands_print_json_and_name_the_nearest_paper(cli: Callable[..., Any]) -> None:
    """`explain --id` prints strict JSON, and a misspelt paper gets the nearest id."""
    asked = ("explain", "lead", "--task", "mini-tldr", "--root", ROOT)
    answer = cli(*asked, "--id", "glacier-lidar", "--format", "json")
    assert answer.rc == 0
    assert json.loads(answer.out)["schema"] == "tldr-bench/paper/1"
    missed = cli(*asked, "--id", "glacier-lida")
    assert missed.rc == 2
    assert "Did you mean 'glacier-lidar'?" in missed.err
