"""The columns of the main table: one per score, in groups of one metric each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tldr_bench.board_tables import shown_scores
from tldr_bench.leaderboard import Board
from tldr_bench.page import words

COLUMNS_AT_FIRST = 8
"""So many fit beside the names on a laptop; the groups beyond them are a click away."""
ARROWS = {"higher": "↑", "lower": "↓", "none": ""}


@dataclass(frozen=True)
class Column:
    """One score."""

    score: str
    label: str
    title: str
    group: int
    direction: str
    arrow: str
    first: bool
    """Whether it opens its group."""
    sorted: bool


@dataclass(frozen=True)
class Group:
    """The scores of one metric, shown or hidden together."""

    number: int
    key: str
    theme: str
    family: str
    title: str
    columns: int
    on: bool


def column_scores(board: Board) -> list[str]:
    """The scores that any system has, metric by metric, the primary one's metric first."""
    shown = set(shown_scores(board))
    metric = board.task.spec.primary.partition(".")[0]
    names = [name for name in board.score_names if name in shown]
    return sorted(names, key=lambda name: name.partition(".")[0] != metric)


def groups_of(board: Board, scores: Sequence[str]) -> tuple[Group, ...]:
    """The metrics of the scores, in their order."""
    metrics = [_metric(score) for score in scores]
    counts = {metric: metrics.count(metric) for metric in metrics}
    themes = {metric: words.theme_of(board, metric) for metric in counts}
    on = shown_at_first(counts, themes)
    return tuple(
        Group(
            number=number,
            key=metric,
            theme=themes[metric],
            family=words.THEME_NAMES[themes[metric]],
            title=words.metric_title(board, metric),
            columns=count,
            on=metric in on,
        )
        for number, (metric, count) in enumerate(counts.items())
    )


def shown_at_first(counts: Mapping[str, int], themes: Mapping[str, str]) -> set[str]:
    """The groups that fit: the first one, then one of every other family, then the rest."""
    met: set[str] = set()
    order = []
    for metric, theme in themes.items():
        order.append((theme in met, metric))
        met.add(theme)
    found: set[str] = set()
    for _, metric in sorted(order, key=lambda item: item[0]):
        if not found or sum(counts[name] for name in found) + counts[metric] <= COLUMNS_AT_FIRST:
            found.add(metric)
    return found


def columns_of(board: Board, scores: Sequence[str], groups: Sequence[Group]) -> tuple[Column, ...]:
    """A column for every score, in the order of the scores."""
    metrics = [_metric(score) for score in scores]
    numbers = {group.key: group.number for group in groups}
    return tuple(
        _column(board, score, numbers[metric], first=metrics.index(metric) == place)
        for place, (score, metric) in enumerate(zip(scores, metrics, strict=True))
    )


def _column(board: Board, score: str, group: int, *, first: bool) -> Column:
    direction = board.direction(score)
    better = {"higher": "; more is better", "lower": "; less is better", "none": ""}[direction]
    title = words.metric_title(board, _metric(score))
    return Column(
        score=score,
        label=words.short_name(score),
        title=f"{title}: {words.long_name(score)}{better}",
        group=group,
        direction=direction,
        arrow=ARROWS[direction],
        first=first,
        sorted=score == board.task.spec.primary,
    )


def _metric(score: str) -> str:
    return score.partition(".")[0]
