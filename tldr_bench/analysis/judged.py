"""Judgements joined with a task: each judged text beside the references that it may be compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tldr_bench.analysis.judgements import Judgement, Judgements
from tldr_bench.errors import Report, UsageError, first_of, path_name, shown
from tldr_bench.kinds import Pair
from tldr_bench.task import Task, numbered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OwnRule = Literal["equal", "edited"]
"""Where people's own references were judged: which of them are left out, being the judged text itself.

- `equal`: those that equal it, but for white space at the ends;
- `edited`: also those that it is an edited copy of.
  In SciTLDR's files "We propose" became "The authors propose" and names lost their capitals, so
  that `equal` finds 97 of 284, and the rest would be scored against themselves.
"""

EDITED = 0.9
"""An edited copy has this similarity: 2 * longest common subsequence / both lengths, in lower case."""
PEOPLE = 0.5
"""A "system" of whose judged texts so many are copies of references is people..."""
FEWEST = 10
"""...if there are so many at least."""
LISTED = 10


@dataclass(frozen=True)
class Judged:
    """Judgements that can be scored."""

    file: str
    what: str
    own: OwnRule
    rows: tuple[Judgement, ...]
    pairs: tuple[Pair[str, tuple[str, ...]], ...]
    """Per row: the judged text beside the other references."""
    papers: tuple[int, ...]
    """Per row: a number for its paper, the unit that is resampled."""
    task_version: str
    repeated: int
    left_out: int
    has_people: bool
    """Whether references were judged, so that `equal` and `edited` differ."""

    def boards(self) -> list[list[int]]:
        """Places of the rows, parted so that each part is one system's texts of different papers."""
        times: Counter[tuple[str, int]] = Counter()
        parts: dict[tuple[str, int], list[int]] = {}
        for place, (row, paper) in enumerate(zip(self.rows, self.papers, strict=True)):
            parts.setdefault((row.system, times[row.system, paper]), []).append(place)
            times[row.system, paper] += 1
        return list(parts.values())

    def weights(self, resamples: int) -> NDArray[np.uint8]:
        """(resamples, rows): how often each row occurs when papers are drawn with replacement."""
        from tldr_bench.stats import draw

        drawn = draw(len(self.papers), self.task_version, self.papers)
        return drawn.weights[:resamples][:, drawn.unit]


def join(
    task: Task,
    judgements: Judgements,
    outputs: Mapping[str, Mapping[str, str]],
    own: OwnRule,
    report: Report,
) -> Judged:
    """The judgements of the task's papers; every row that cannot be scored goes to the report.

    `outputs` is system -> example id -> text, for files that judge submissions by name.
    Raises UsageError when nothing is left.
    """
    where = path_name(judgements.path)
    texts = {row.line: _text(row, outputs) for row in judgements.rows}
    kept = [row for row in judgements.rows if row.id in task.by_id and texts[row.line] is not None]
    _list_unknown(task, judgements.rows, outputs, where, report)
    if not kept:
        raise UsageError(
            f"{where}: none of its {len(judgements.rows)} judgements is about a paper of {task.id} "
            "with a text to score"
        )
    pairs, left_out = _paired(task, kept, texts, own, where, report)
    rows = tuple(row for row in kept if row.line in pairs)
    if not rows:
        raise UsageError(f"{where}: no judged text has another reference to be compared with")
    return Judged(
        has_people=bool(_people(task, rows, texts)),
        file=judgements.path.name,
        what=judgements.what,
        own=own,
        rows=rows,
        pairs=tuple(pairs[row.line] for row in rows),
        papers=numbered(row.id for row in rows),
        task_version=task.version,
        repeated=judgements.repeated,
        left_out=left_out,
    )


def _text(row: Judgement, outputs: Mapping[str, Mapping[str, str]]) -> str | None:
    """The judged text: from the file, or what the system submitted."""
    return row.text if row.text is not None else outputs.get(row.system, {}).get(row.id)


def _list_unknown(
    task: Task,
    rows: Sequence[Judgement],
    outputs: Mapping[str, Mapping[str, str]],
    where: str,
    report: Report,
) -> None:
    papers = [row for row in rows if row.id not in task.by_id]
    systems = [row for row in rows if row.text is None and row.system not in outputs]
    for what, found in (("paper", papers), ("system", systems)):
        names = list(dict.fromkeys(row.id if what == "paper" else row.system for row in found))
        if names:
            listed = first_of([shown(name) for name in names], LISTED)
            count = f"{len(found)} judgements are" if len(found) > 1 else "1 judgement is"
            message = f"{count} left out: unknown {what}{'s' if len(names) > 1 else ''} {listed}"
            report.add(where, message, found[0].line)


def _paired(
    task: Task,
    rows: Sequence[Judgement],
    texts: Mapping[int, str | None],
    own: OwnRule,
    where: str,
    report: Report,
) -> tuple[dict[int, Pair[str, tuple[str, ...]]], int]:
    """Line -> pair, and how many references were left out as copies."""
    pairs: dict[int, Pair[str, tuple[str, ...]]] = {}
    left_out = 0
    people = _people(task, rows, texts)
    for row in rows:
        example, text = task.by_id[row.id], str(texts[row.line])
        target: Any = example.target
        left: tuple[str, ...] = target
        if row.system in people:
            left = tuple(reference for reference in target if not _is_own(text, reference, own))
        left_out += len(target) - len(left)
        if left:
            pairs[row.line] = Pair(row.id, text, left, example.source)
        else:
            message = f"{shown(row.id)} has no other reference; the row is left out"
            report.add(where, message, row.line)
    return pairs, left_out


def _people(
    task: Task, rows: Sequence[Judgement], texts: Mapping[int, str | None]
) -> frozenset[str]:
    """The "systems" that are references: an output that happens to equal one is a system's success."""
    copies: Counter[str] = Counter()
    for row in rows:
        target: Any = task.by_id[row.id].target
        copies[row.system] += any(_is_own(str(texts[row.line]), text, "edited") for text in target)
    total = Counter(row.system for row in rows)
    return frozenset(
        system
        for system, rows_of in total.items()
        if copies[system] >= max(FEWEST, PEOPLE * rows_of)
    )


def _is_own(text: str, reference: str, rule: OwnRule) -> bool:
    from rapidfuzz.distance import Indel

    one, other = text.strip(), reference.strip()
    if one == other or rule == "equal":
        return one == other
    return Indel.normalized_similarity(one.lower(), other.lower(), score_cutoff=EDITED) >= EDITED
