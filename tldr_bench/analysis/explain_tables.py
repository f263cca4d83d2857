"""Explanations as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tldr_bench.analysis.compare_tables import plain_lines, points
from tldr_bench.analysis.conventions import CONVENTIONS, SCORES, Explanation, Neighbour
from tldr_bench.analysis.paper import AgainstReference, ByProfile, PaperExplanation
from tldr_bench.analysis.published import Fit, Published
from tldr_bench.tables import text_table

RIGHT = [False, True, True, True]


def as_text(found: Explanation) -> str:
    """Every convention, the spread, and what becomes of the neighbours."""
    rows = [
        [item.convention + (" *" if item.used else ""), *_points(item.scores)]
        for item in found.figures
    ]
    lines = [
        f"{found.name} ({found.system}) on {found.task}, {found.examples} examples, "
        f"under {len(rows)} conventions",
        "",
        text_table(["convention", *SCORES], rows, right=RIGHT),
        "",
        "points = 100 × score; * the board's own convention",
        *(
            f"{item.score}: {points(item.high - item.low)} points between {points(item.low)} "
            f"({item.low_convention}) and {points(item.high)} ({item.high_convention})"
            for item in found.spread
        ),
        *(_neighbour(item) for item in found.neighbours),
    ]
    return "\n".join(plain_lines(lines)) + "\n"


def _points(scores: dict[str, float]) -> list[str]:
    return [points(scores[name]) for name in SCORES]


def _neighbour(item: Neighbour) -> str:
    return (
        f"{item.system}, next {item.side} on the board, {_order(item)} by {item.score}; "
        f"the pair alone is told apart under {len(item.told_apart_by)}"
    )


def _order(item: Neighbour) -> str:
    total = len(CONVENTIONS)
    if item.survives:
        return f"stays {item.side} under all {total} conventions"
    said = []
    if item.reversed_by:
        other = "below" if item.side == "above" else "above"
        said.append(f"is {other} under {_under(item.reversed_by)}")
    if item.level_under:
        said.append(f"has the same score under {_under(item.level_under)}")
    return " and ".join(said)


def _under(conventions: list[str]) -> str:
    total = len(CONVENTIONS)
    if len(conventions) == total:
        return f"all {total} conventions"
    return f"{len(conventions)} of {total} conventions ({'; '.join(conventions)})"


def published_text(found: Published) -> str:
    """The conventions that three printed figures fit, best first."""
    figures = " / ".join(points(value) for value in found.figures.values())
    rows = [[_verdict(fit), fit.convention, *_off(fit), _why(fit)] for fit in found.fits]
    lines = [
        f"{figures} (ROUGE-1 / 2 / L) on {found.task}, beside {len(found.systems)} systems",
        "",
        text_table(
            ["", "convention", "rouge2 off", "rougeL off", "because"],
            rows,
            right=[False, False, True, True],
        ),
        "",
        "off: points away from what a system of this ROUGE-1 has on this board, ± where 19 in 20 lie.",
        "'fits' does not say that a convention was used, only that nothing here speaks against it.",
    ]
    return "\n".join(plain_lines(lines)) + "\n"


def _verdict(fit: Fit) -> str:
    if fit.identical:
        return "identical"
    return "fits" if fit.consistent else "does not fit"


def _off(fit: Fit) -> list[str]:
    return [
        f"{points(fit.off[name], signed=True)} ±{points(fit.within[name])}" if fit.off else "–"
        for name in SCORES[1:]
    ]


def _why(fit: Fit) -> str:
    if fit.identical:
        return f"the figures of {', '.join(fit.identical)}"
    if fit.reasons:
        return "; ".join(fit.reasons)
    return f"nearest: {fit.nearest}, {points(fit.distance)} away"


# One paper ---------------------------------------------------------------------------------------


def paper_text(found: PaperExplanation) -> str:
    """What a prediction shares with each reference, for both programs."""
    lines = [
        f"{found.id}{': ' + _line(found.title) if found.title else ''}",
        f"{found.system}: {_line(found.prediction) or '(nothing)'}",
    ]
    for profile in found.profiles:
        lines += ["", *_profile(profile)]
    return "\n".join(plain_lines(lines)) + "\n"


def _profile(profile: ByProfile) -> list[str]:
    stemmed = "stemmed" if profile.stemmed else "unstemmed"
    rows = [[rule, *_points(scores)] for rule, scores in profile.rules.items()]
    lines = [f"{profile.profile}, {stemmed}", f"  reads: {' '.join(profile.prediction_words)}"]
    for number, reference in enumerate(profile.references, 1):
        lines += _reference(number, reference)
    return [*lines, "", text_table(["by rule", *SCORES], rows, right=RIGHT)]


def _reference(number: int, reference: AgainstReference) -> list[str]:
    best = " (best by ROUGE-1)" if reference.best else ""
    lines = ["", f"  reference {number}{best}: {_line(reference.reference)}"]
    for item, name, separator in zip(
        reference.scores, ("words", "bigrams", "subsequence"), (" ", " | ", " "), strict=True
    ):
        lines.append(
            f"    {item.score}  P {points(item.precision)}  R {points(item.recall)}  F {points(item.f)}"
            f"   {name} ({len(item.shared)}): {_listed(item.shared, separator)}"
        )
    return lines


def _listed(shared: Sequence[str], separator: str) -> str:
    return separator.join(shared) or "–"


def _line(text: str) -> str:
    return " ".join(text.split())
