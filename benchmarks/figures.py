"""A figure of a benchmark, and the one table that all of them make."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEAD = ("what", "ours", "peer", "ratio", "goal", "measured on")


@dataclass(frozen=True)
class Figure:
    """What something costs here, what it costs elsewhere, and what was promised.

    A goal is about the ratio where there is one, else about our own value; `absolute` says that it
    is about our own value all the same.
    """

    what: str
    on: str
    ours: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    """In the same unit."""
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    absolute: bool = False
    note: str = ""
    """What the reader has to know of it."""

    @property
    def judged(self) -> tuple[float, str]:
        """The value that the goal is about, and its unit."""
        if self.ratio is None or self.absolute:
            return self.ours, self.unit
        return self.ratio, "×"

    @property
    def kept(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        value, _ = self.judged
        if self.at_least is not None:
            return value >= self.at_least
        return value <= self.at_most if self.at_most is not None else None

    def as_json(self) -> dict[str, Any]:
        """All fields and `kept`."""
        return {**asdict(self), "kept": self.kept}


def rows(figures: Iterable[Figure | Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The cells of each figure."""
    found = []
    for item in figures:
        figure = item if isinstance(item, Figure) else of_json(item)
        peer = figure.peer
        if figure.peer_value is not None:
            peer += f": {number(figure.peer_value)} {figure.unit}"
        on = (
            f"{figure.on}; {figure.note}" if figure.on and figure.note else figure.on or figure.note
        )
        ratio = "" if figure.ratio is None else f"{number(figure.ratio)} ×"
        ours = f"{number(figure.ours)} {figure.unit}".strip()
        found.append((figure.what, ours, peer, ratio, goal(figure), on))
    return found


def of_json(item: Mapping[str, Any]) -> Figure:
    """The figure that `as_json` gave."""
    return Figure(**{name: value for name, value in item.items() if name != "kept"})


def goal(figure: Figure) -> str:
    """Such as `≤ 5 ×, kept`."""
    if figure.kept is None:
        return ""
    sign, bound = ("≥", figure.at_least) if figure.at_least is not None else ("≤", figure.at_most)
    assert bound is not None
    return f"{sign} {bound:,g} {figure.judged[1]}".strip() + (
        ", kept" if figure.kept else ", **missed**"
    )


def number(value: float) -> str:
    """Three digits that count: 0.0291, 3.43, 121, 352,159."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def table(figures: Iterable[Figure | Mapping[str, Any]]) -> str:
    """Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *rows(figures)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(figures: Sequence[Figure], missing: Sequence[str], as_json: bool) -> None:
    """Print the figures of one benchmark, and what it could not measure."""
    if as_json:
        found = {"figures": [figure.as_json() for figure in figures], "missing": list(missing)}
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    print(table(figures))
    print("".join(f"\nnot measured: {line}" for line in missing), end="\n" if missing else "")
