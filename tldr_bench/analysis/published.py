"""Which conventions do a paper's three figures fit, given the systems on the board?

Papers print ROUGE-1, 2 and L and seldom say how they were made. Three things speak about it:

- a system of the board that has just these figures, to within one in the last digit (papers round,
  and some cut);
- the level: nobody is 13 points above a system that looks at the answers;
- the proportions: on a board, ROUGE-2 and ROUGE-L follow ROUGE-1 closely (a line through the
  systems), and a rule such as "the best reference for each score" lifts them off that line.

The second and third are indications, not proofs, and are shown with the figures behind them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from tldr_bench.analysis.conventions import (
    CONVENTIONS,
    SCORES,
    Everywhere,
    refuse_other_kinds,
)
from tldr_bench.errors import UsageError
from tldr_bench.leaderboard import Board
from tldr_bench.records import Field, Record

ABOVE = 0.03
"""A system of this much more than the best of the board, oracle included, is not believed."""
FEWEST = 4
"""Systems that a line needs before it says anything."""


class Fit(Record):
    """The published figures under one convention."""

    convention: str
    signature: str
    consistent: bool
    identical: list[str]
    """Systems with the same three figures, to within one in the last printed digit."""
    nearest: str
    """The system with the nearest figures..."""
    distance: float
    """...and the largest difference to it, as a fraction."""
    best: float
    """The highest ROUGE-1 on the board under this convention."""
    off: dict[str, float]
    """ROUGE-2 and ROUGE-L minus what systems of such a ROUGE-1 have."""
    within: dict[str, float]
    """How far off nineteen in twenty systems would be."""
    reasons: list[str]
    """What speaks against it."""


class Published(Record):
    """What `explain --published … --format json` prints."""

    format: Literal["tldr-bench/published/1"] = Field(
        default="tldr-bench/published/1", alias="schema"
    )
    task: str
    task_version: str
    figures: dict[str, float]
    """As fractions."""
    systems: list[str]
    fits: list[Fit]
    """Consistent ones first, then by how far off they are."""


def published(board: Board, figures: Sequence[str]) -> Published:
    """Every convention, with how well three printed figures (in points) fit it.

    `figures` are text, as printed: their digits say how exactly they are known. Raises UsageError
    for figures that are no points, and for a board without a system.
    """
    refuse_other_kinds(board.task)
    points = [_points(text) for text in figures]
    if len(points) != len(SCORES):
        raise UsageError(f"expected three figures (ROUGE-1, 2, L), got {len(points)}")
    if not board.scored:
        raise UsageError(f"{board.task.id} has no scored system to compare the figures with")
    unit = max(10.0**exponent for _, exponent in points) / 100
    values = [value / 100 for value, _ in points]
    everywhere = Everywhere(board)
    fits = [_fit(everywhere, at, values, unit) for at in range(len(CONVENTIONS))]
    return Published(
        task=board.task.id,
        task_version=board.task.version,
        figures=dict(zip(SCORES, values, strict=True)),
        systems=[item.submission.system for item in board.scored],
        fits=sorted(fits, key=_order),
    )


def _order(fit: Fit) -> tuple[bool, bool, float]:
    far = [abs(off) / (fit.within[name] or 1e-12) for name, off in fit.off.items()]
    return (
        not fit.identical,
        not fit.consistent,
        fit.distance if fit.identical else max(far, default=0),
    )


def _points(text: str) -> tuple[float, int]:
    """A printed figure and the exponent of its last digit: "43.8" -> 43.8, -1."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise UsageError(f"--published: expected a number such as 43.8, got {text!r}") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > 0 or not 0 <= number <= 100:
        raise UsageError(f"--published: expected points from 0 to 100, got {text!r}")
    return float(number), exponent


def _fit(everywhere: Everywhere, at: int, values: Sequence[float], unit: float) -> Fit:
    scored = everywhere.board.scored
    table = [everywhere.scores(number, at) for number in range(len(scored))]
    rows = [[scores[name] for name in SCORES] for scores in table]
    apart = [max(abs(x - y) for x, y in zip(row, values, strict=True)) for row in rows]
    nearest = apart.index(min(apart))
    identical = [
        item.submission.system for item, far in zip(scored, apart, strict=True) if far < unit
    ]
    off, within = _off_the_line(rows, values)
    best = max(row[0] for row in rows)
    reasons = _reasons(values, best, off, within)
    return Fit(
        convention=CONVENTIONS[at].name,
        signature=CONVENTIONS[at].metric.signature,
        consistent=bool(identical) or not reasons,
        identical=identical,
        nearest=scored[nearest].submission.system,
        distance=apart[nearest],
        best=best,
        off=off,
        within=within,
        reasons=reasons,
    )


def _reasons(
    values: Sequence[float], best: float, off: dict[str, float], within: dict[str, float]
) -> list[str]:
    found = []
    if values[0] > best + ABOVE:
        found.append(
            f"ROUGE-1 {100 * (values[0] - best):.1f} points above the best system ({100 * best:.1f})"
        )
    for name, gap in off.items():
        if abs(gap) > within[name]:
            found.append(
                f"{name} {100 * gap:+.1f} points from what such systems have (± {100 * within[name]:.1f})"
            )
    return found


def _off_the_line(
    rows: Sequence[Sequence[float]], values: Sequence[float]
) -> tuple[dict[str, float], dict[str, float]]:
    """How far ROUGE-2 and ROUGE-L lie from the systems' line over ROUGE-1, and the 95 % prediction range."""
    first = [row[0] for row in rows]
    if len(rows) < FEWEST or max(first) - min(first) < 1e-9:
        return {}, {}
    lines = {
        name: _line(first, [row[place] for row in rows], values[0])
        for place, name in enumerate(SCORES)
        if place
    }
    off = {name: values[SCORES.index(name)] - line[0] for name, line in lines.items()}
    return off, {name: line[1] for name, line in lines.items()}


def _line(x: Sequence[float], y: Sequence[float], at: float) -> tuple[float, float]:
    """Least squares of y on x: the prediction at `at`, and half its 95 % prediction interval."""
    from tldr_bench.stats.student import t_quantile

    n, mean_x, mean_y = len(x), math.fsum(x) / len(x), math.fsum(y) / len(y)
    spread = math.fsum((one - mean_x) ** 2 for one in x)
    slope = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    squares = math.fsum((b - mean_y - slope * (a - mean_x)) ** 2 for a, b in zip(x, y, strict=True))
    error = math.sqrt(squares / (n - 2) * (1 + 1 / n + (at - mean_x) ** 2 / spread))
    return mean_y + slope * (at - mean_x), t_quantile(0.975, n - 2) * error
