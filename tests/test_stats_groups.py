"""Examples that belong together: whole groups are resampled, and the scores stay where they were."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TinyWorkspace, jsonl
from scipy import stats as scipy_stats

from tldr_bench.analysis.band_differences import BandDifferences
from tldr_bench.baselines import predictions
from tldr_bench.decisions import Decider
from tldr_bench.leaderboard import Board, rank
from tldr_bench.result import Score
from tldr_bench.scoring import resamples_of, score
from tldr_bench.stats import (
    NoInterval,
    Resamples,
    Samples,
    bootstrap,
    decide,
    draw,
    interval,
    units_of,
)
from tldr_bench.stats.resample import resampled_means
from tldr_bench.store import Store
from tldr_bench.submission import load_submission
from tldr_bench.subset import without
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

PAPERS = 24
WORDS = ("owl", "bat", "fox", "elk", "hen", "cat", "dog", "eel", "ant", "bee", "cow", "ram")


def sizes_to_groups(sizes: Any) -> list[int]:
    return np.repeat(np.arange(len(sizes)), sizes).tolist()


def by_scipy(column: Any, groups: Any) -> tuple[float, float]:
    """The 95 % bounds of a mean over examples from scipy, which draws pairs of (sum, size)."""
    found = scipy_stats.bootstrap(
        (np.bincount(groups, weights=column), np.bincount(groups).astype(float)),
        lambda sums, sizes, axis: sums.sum(axis=axis) / sizes.sum(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=9999,
        batch=1000,
        rng=np.random.default_rng(3),
    )
    return tuple(found.confidence_interval)


# Draws -------------------------------------------------------------------------------------------


def test_a_resample_is_whole_groups() -> None:
    """By hand: three groups are drawn as three examples are, and a mean is one over what was drawn."""
    groups = [0, 1, 1, 2, 0, 1]
    resamples, three = draw(6, "tiny", groups, count=60), draw(3, "tiny", count=60)
    assert resamples.weights.tolist() == three.weights.tolist()
    column = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    means = resampled_means([np.array(column)], resamples)[0]
    for times, mean in zip(three.weights.tolist(), means.tolist(), strict=True):
        drawn = [
            value for value, group in zip(column, groups, strict=True) for _ in range(times[group])
        ]
        assert mean == sum(drawn) / len(drawn)
    assert (resamples.examples, resamples.units, units_of(6, groups)) == (6, 3, 3)


@pytest.mark.parametrize("most_units", [10_000, 30])
def test_groups_of_one_are_no_groups(most_units: int) -> None:
    """Where each example is a group of its own, every bit is what it is without groups; by cells too."""
    columns = [{"f": row} for row in np.random.default_rng(1).random((3, 101))]
    plain, grouped = (
        bootstrap(columns, lambda m: m, draw(101, "s", groups, most_units=most_units))["f"]
        for groups in (None, range(101))
    )
    assert plain.values.tobytes() == grouped.values.tobytes()
    assert (plain.units, plain.examples) == (grouped.units, grouped.examples)


def test_very_many_groups_are_dealt_whole() -> None:
    """No group is parted between cells, each of which has as many groups, to one."""
    groups = sizes_to_groups(np.random.default_rng(2).integers(1, 5, 1007))
    resamples = draw(len(groups), "cells", groups, count=50, most_units=100)
    dealt = {*zip(groups, resamples.unit.tolist(), strict=True)}
    assert len(dealt) == 1007
    assert {*np.bincount([cell for _, cell in dealt])} == {10, 11}


@pytest.mark.parametrize("most_units", [10_000, 4])
def test_sums_stay_exact_when_a_large_group_is_drawn_again_and_again(most_units: int) -> None:
    """One group of 991 among nine of 1: each mean is the rounded quotient of whole numbers below 2**53."""
    groups = sizes_to_groups([991] + [1] * 9)
    resamples = draw(1000, "exact", groups, count=60, most_units=most_units)
    exponent = 53 - int(resamples.most_examples).bit_length()
    column = np.random.default_rng(4).integers(0, 2**exponent, 1000) / 2.0**exponent
    unit = resamples.unit
    heaviest = 0
    for weights, mean in zip(
        resamples.weights, resampled_means([column], resamples)[0], strict=True
    ):
        times = weights[unit].tolist()
        total = sum(n * Fraction(x) for n, x in zip(times, column.tolist(), strict=True))
        assert mean == float(total / sum(times))
        heaviest = max(heaviest, sum(times))
    assert 1000 < heaviest <= resamples.most_examples


@pytest.mark.parametrize("groups", [[0, 1], [0, 2, 2], [1, 1, 2], [-1, 0, 1]])
def test_groups_that_are_none_are_refused(groups: list[int]) -> None:
    """Every example has a group, and the groups are numbered from 0 without a gap."""
    with pytest.raises(ValueError, match="no groups of 3 examples"):
        draw(3, "s", groups)


def test_one_group_has_no_interval() -> None:
    """Three queries about one paper are one observation: nothing varies, and nothing is claimed."""
    one, two = np.array([0.1, 0.9, 0.4]), np.array([0.2, 0.3, 0.1])
    samples = bootstrap([{"f": one}, {"f": two}], lambda m: m, draw(3, "s", [0, 0, 0]))["f"]
    assert isinstance(interval(samples), NoInterval)
    assert decide([one.mean(), two.mean()], samples).p.tolist() == [1.0]


# What it is for ----------------------------------------------------------------------------------


def test_a_null_alarms_at_its_level_only_when_groups_are_drawn() -> None:
    """Two equal systems with differences shared within a paper: one test in 20 errs, not one in 7."""
    rng, boards = np.random.default_rng(30), 600
    groups = np.array(sizes_to_groups([2, 3, 4] * 20))
    gaps = rng.normal(size=(boards, 60))[:, groups] * 0.7 + rng.normal(size=(boards, len(groups)))

    def alarms(resamples: Resamples) -> float:
        values = resampled_means(gaps, resamples)
        level = np.zeros(resamples.count)
        wrong = 0
        for gap, row in zip(gaps, values, strict=True):
            samples = Samples(np.stack([row, level]), len(groups), resamples.units)
            wrong += bool(decide([float(gap.mean()), 0.0], samples).p[0] <= 0.05)
        return wrong / boards

    by_groups = alarms(draw(len(groups), "null", groups.tolist(), count=2000))
    assert by_groups == pytest.approx(0.05, abs=0.027)  # three standard errors
    assert alarms(draw(len(groups), "null", count=2000)) > 0.1


def test_intervals_are_those_of_scipys_cluster_bootstrap() -> None:
    """Bounds of a mean over unequal groups agree with scipy's within Monte Carlo noise."""
    rng = np.random.default_rng(31)
    groups = sizes_to_groups(rng.integers(1, 6, 200))
    column = rng.normal(size=200)[groups] + rng.normal(size=len(groups))
    samples = bootstrap([{"f": column}], lambda m: m, draw(len(groups), "s", groups))["f"]
    found, (low, high) = interval(samples), by_scipy(column, groups)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03 * (high - low))


# Tasks -------------------------------------------------------------------------------------------


@pytest.fixture
def match(tmp_workspace: TinyWorkspace) -> Task:
    """24 papers with one to three TLDRs, each of which is a query for its paper."""
    rows = [
        {
            "id": f"p{n}",
            "source": [f"{WORDS[n % 12]} and {WORDS[n * 5 % 12]} number {n} meet."],
            "targets": [
                f"{WORDS[n % 12]} {'meets ' * k}{n if k else ''}" for k in range(1 + n % 3)
            ],
        }
        for n in range(PAPERS)
    ]
    data = jsonl(rows)
    tmp_workspace.write("tasks/tiny-match/rows.jsonl", data)
    digest = hashlib.sha256(data.encode()).hexdigest()
    tmp_workspace.write(
        "tasks/tiny-match/task.yaml",
        f"name: m\nkind: ranking\ndata: {{path: rows.jsonl, sha256: {digest}}}\ntransform: find-paper\n"
        "metrics:\n  ranking:\nprimary: ranking.mrr@10\n",
    )
    return Workspace(tmp_workspace.root).task("tiny-match")


def board_of(task: Task, root: Path, systems: tuple[str, ...] = ("bm25", "random")) -> Board:
    scored = []
    for name in systems:
        folder = root / "submissions" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "submission.yaml").write_text(f"name: {name}\n", "utf-8")
        (folder / f"{task.id}.jsonl").write_text(predictions(name, task), "utf-8")
        scored.append(score(task, load_submission(folder)))
    return rank(task, scored)


def papers_of(task: Task) -> list[int]:
    """The number of each query's paper, from the ids alone."""
    names = [example.id.rsplit("/", 1)[0] for example in task.examples]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def test_the_queries_of_a_paper_are_a_group(match: Task) -> None:
    """`find-paper` says so; tasks with an example per paper have no groups."""
    assert match.groups == tuple(papers_of(match))
    assert (resamples_of(match).units, len(match.examples)) == (PAPERS, 48)
    workspace = Workspace(match.folder.parents[1])
    assert all(workspace.task(name).groups is None for name in ("tiny-summary", "mini-match"))


def test_the_version_covers_groups_where_there_are_any(match: Task) -> None:
    """The same queries as independent ones are another task: its intervals would be others."""
    loose = replace(match, examples=tuple(replace(e, group="") for e in match.examples))
    assert loose.groups is None
    assert loose.version != match.version


def test_a_score_stays_and_its_interval_is_that_of_papers(match: Task, tmp_path: Path) -> None:
    """The value is the plain mean over queries; the bounds are scipy's for whole papers."""
    measured = board_of(match, tmp_path).scored[0]
    column = measured.measurements["ranking"].columns["mrr@10"]
    found: Score = measured.result.scores["ranking.mrr@10"]
    assert found.value == pytest.approx(float(np.mean(column)), abs=1e-12)
    low, high = by_scipy(column, papers_of(match))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.04 * (high - low))


def test_kept_decisions_know_how_many_papers_there_are(match: Task, tmp_path: Path) -> None:
    """What comes from the store counts papers as what is decided anew; other groups are asked anew."""
    columns: Any = [{"mrr@10": row} for row in np.random.default_rng(5).random((3, 48))]
    values = {"ranking.mrr@10": [float(c["mrr@10"].mean()) for c in columns]}
    systems = [dict.fromkeys(names(match), c["mrr@10"]) for c in columns]
    first, again = (
        Decider(match, Store(tmp_path)).decide("ranking", systems, values)["ranking.mrr@10"]
        for _ in range(2)
    )
    assert (first.units, first.examples) == (again.units, again.examples) == (PAPERS, 48)
    assert first.p.tobytes() == again.p.tobytes()
    loose = replace(match, examples=tuple(replace(e, group="") for e in match.examples))
    asked = Decider(loose, Store(tmp_path))
    assert asked.decide("ranking", systems, values)["ranking.mrr@10"].units == 48
    assert asked.tally.decisions_known == 0


def names(task: Task) -> list[str]:
    return list(task.metrics["ranking"].score_names)


def test_a_part_of_a_task_keeps_the_groups_of_what_it_keeps(match: Task, tmp_path: Path) -> None:
    """A board without some queries, and a band of them, resample the papers that they have left."""
    board = board_of(match, tmp_path)
    left = without(board, {"p1/1", "p2/1", "p2/2", "p3/1"})
    assert resamples_of(left.task).units == PAPERS - 1
    assert left.decisions("ranking.mrr@10").pairs.units == PAPERS - 1
    differences = BandDifferences(board, [0, 1])
    one, two = (item.measurements["ranking"].columns["mrr@10"] for item in board.scored)
    grouped = 0
    for at, band in enumerate(differences.bands):
        found = differences.of(0, 1, "ranking.mrr@10", at)
        _, papers = np.unique(np.array(papers_of(match))[list(band.places)], return_inverse=True)
        gap = (one - two)[list(band.places)]
        low, high = by_scipy(gap, papers)
        assert (found.low, found.high) == pytest.approx((low, high), abs=0.06 * (high - low))
        grouped += len(set(papers)) < len(papers)
    assert grouped


def test_published_data_keeps_its_values_and_has_wider_intervals(
    real_data: Path, tmp_path: Path
) -> None:
    """bm25 on scitldr-a-match: MRR@10 81.13 as before, within ±1.7 and not ±1.53; 618 papers."""
    task = Workspace(Path(__file__).resolve().parents[1]).task("scitldr-a-match")
    measured = board_of(task, tmp_path, ("bm25",)).scored[0]
    found = measured.result.scores["ranking.mrr@10"]
    assert resamples_of(task).units == 618
    assert round(100 * found.value, 2) == 81.13
    column = measured.measurements["ranking"].columns["mrr@10"]
    low, high = by_scipy(column, papers_of(task))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03 * (high - low))
    alone = bootstrap([{"f": column}], lambda m: m, draw(len(column), "alone"))["f"]
    narrow = interval(alone)
    assert (narrow.high - narrow.low) / 2 == pytest.approx(0.0153, abs=0.0003)
    assert 1.08 < (found.high - found.low) / (narrow.high - narrow.low) < 1.17
