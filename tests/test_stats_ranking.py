"""Ranks, rank ranges and tie bars (`tldr_bench.stats.ranking`)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.stats import Pairs, Standing, rank


def judged(scores: list[float | None], significant: set[tuple[int, int]]) -> Pairs:
    """Decisions in which exactly these pairs of systems are significantly different."""
    systems = [place for place, score in enumerate(scores) if score is not None]
    couples = list(itertools.combinations(systems, 2))
    nothing = np.zeros(len(couples))
    first, second = (np.array([pair[side] for pair in couples], dtype=np.int64) for side in (0, 1))
    verdicts = np.array([pair in significant for pair in couples], dtype=bool)
    return Pairs(
        np.array(systems, dtype=np.int64), 9, 9, first, second,
        nothing, nothing, nothing, nothing, nothing, nothing, verdicts,
    )  # fmt: skip


@st.composite
def boards(draw: st.DrawFn) -> tuple[list[float | None], set[tuple[int, int]]]:
    """Scores with ties and gaps, and any significant pairs among unequal ones."""
    scores = draw(st.lists(st.sampled_from([None, 1.0, 2.0, 3.0, 4.0, 5.0]), max_size=8))
    couples = [
        (a, b)
        for a, b in itertools.combinations(range(len(scores)), 2)
        if None not in (scores[a], scores[b]) and scores[a] != scores[b]
    ]
    return scores, set(draw(st.lists(st.sampled_from(couples)))) if couples else set()


def test_a_board_by_hand() -> None:
    """Four systems, 0 > 1 > 2 > 3, of which 0 beats 2 and 3, and 1 beats 3."""
    scores = [40.0, 39.0, 38.0, 37.0]
    ranking = rank(scores, judged(scores, {(0, 2), (0, 3), (1, 3)}))
    assert ranking.order == (0, 1, 2, 3)
    assert ranking.standings == (
        Standing(1, 1, 2, with_best=True),
        Standing(2, 1, 3, with_best=True),
        Standing(3, 2, 4, with_best=False),
        Standing(4, 3, 4, with_best=False),
    )
    assert ranking.bars == ((0, 1), (1, 2), (2, 3))


def test_lower_may_be_better() -> None:
    """The same decisions, read with the other direction, turn the board around."""
    scores = [40.0, 39.0, 38.0, 37.0]
    ranking = rank(scores, judged(scores, {(0, 2), (0, 3)}), "lower")
    assert ranking.order == (3, 2, 1, 0)
    assert ranking.standings[0] == Standing(4, 3, 4, with_best=False)
    assert ranking.standings[3] == Standing(1, 1, 3, with_best=True)
    assert ranking.bars == ((0, 2), (2, 3))


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_missing_scores_sort_last(direction: str) -> None:
    """Whatever the direction, systems without a score come last and have no rank."""
    scores = [None, 2.0, None, 1.0]
    ranking = rank(scores, judged(scores, set()), direction)
    assert ranking.order == ((1, 3, 0, 2) if direction == "higher" else (3, 1, 0, 2))
    assert ranking.standings[0] == Standing(None, None, None, with_best=False)
    assert ranking.standings[1].worst == 2
    assert ranking.bars == ((0, 1),)


def test_equal_scores_share_a_rank() -> None:
    """1, 2, 2, 4: equals share the better rank and the next one is skipped."""
    scores = [3.0, 5.0, 4.0, 4.0]
    standings = rank(scores, judged(scores, set())).standings
    assert [standing.rank for standing in standings] == [4, 1, 2, 2]


def test_all_equal() -> None:
    """A board of equals has rank 1 throughout, ranges 1 to n, and one bar."""
    ranking = rank([0.5] * 3, judged([0.5] * 3, set()))
    assert set(ranking.standings) == {Standing(1, 1, 3, with_best=True)}
    assert ranking.bars == ((0, 2),)


def test_empty_boards() -> None:
    """No systems, one system and no scores at all are boards too, without bars."""
    assert rank([], judged([], set())).order == ()
    assert rank([1.0], judged([1.0], set())).standings == (Standing(1, 1, 1, with_best=True),)
    assert rank([None, None], judged([None, None], set())).bars == ()


def test_decisions_of_another_board_are_refused() -> None:
    """Decisions about other systems than those with a score raise."""
    with pytest.raises(ValueError, match="not about the systems"):
        rank([1.0, None], judged([1.0, 2.0], set()))


@given(boards())
def test_bars_are_the_maximal_runs(board: tuple[list[float | None], set[tuple[int, int]]]) -> None:
    """Brute force over all runs of neighbours finds the same bars."""
    scores, significant = board
    ranking = rank(scores, judged(scores, significant))
    count = sum(score is not None for score in scores)

    def free(run: tuple[int, int]) -> bool:
        members = sorted(ranking.order[run[0] : run[1] + 1])
        return not any(pair in significant for pair in itertools.combinations(members, 2))

    runs = [run for run in itertools.combinations(range(count), 2) if free(run)]
    inside = {
        small
        for small, large in itertools.permutations(runs, 2)
        if large[0] <= small[0] and small[1] <= large[1]
    }
    assert ranking.bars == tuple(run for run in runs if run not in inside)


@given(boards())
def test_ranges_say_what_the_decisions_say(
    board: tuple[list[float | None], set[tuple[int, int]]],
) -> None:
    """Each range counts the significant pairs by hand, and holds the system's own rank."""
    scores, significant = board
    ranking = rank(scores, judged(scores, significant))
    count = sum(score is not None for score in scores)
    for system, standing in enumerate(ranking.standings):
        if scores[system] is None:
            continue
        rivals = [next(iter({*pair} - {system})) for pair in significant if system in pair]
        better = sum(scores[rival] > scores[system] for rival in rivals)
        assert (standing.best, standing.worst) == (1 + better, count - (len(rivals) - better))
        assert standing.best <= standing.rank <= standing.worst
        top = [place for place, score in enumerate(scores) if score == max(filter(None, scores))]
        assert standing.with_best == (not set(top) & set(rivals))


@given(boards(), st.randoms())
def test_the_order_of_systems_does_not_show(
    board: tuple[list[float | None], set[tuple[int, int]]], random: object
) -> None:
    """Shuffled systems keep their standings."""
    scores, significant = board
    turn = random.sample(range(len(scores)), len(scores))
    now = {system: place for place, system in enumerate(turn)}
    moved = {tuple(sorted((now[a], now[b]))) for a, b in significant}
    shuffled = [scores[system] for system in turn]
    standings = rank(shuffled, judged(shuffled, moved)).standings
    usual = rank(scores, judged(scores, significant)).standings
    assert [standings[now[system]] for system in range(len(scores))] == list(usual)
