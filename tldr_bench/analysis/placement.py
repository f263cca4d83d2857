"""Which paper is each prediction about? Finds files that were read in another order than written.

A file rotated by one row raises no error anywhere and still scores 17.9 ROUGE-1 on SciTLDR-A. But a
summary shares its rare words with its own paper: 43 % of them for readers' free paraphrases, 6 to 7 %
with any other paper. So every prediction that does not fit its own paper is looked up among all of
them (words weighted by ln(N / df), as in any search engine), and the papers that are found say in
which order the file would have to be read.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tldr_bench.task import Task

SOURCE_CHARACTERS = 20_000
"""How much of a paper is read: its first pages hold what a summary is about."""
STRANGE = 0.3
"""A prediction of whose specific words less than this is in its own paper is looked up elsewhere."""
FARTHER = 2.0
"""Another paper must fit so many times better than its own."""
FEWEST = 8
"""Below so many examples there is nothing that chance could not do."""
PART = 0.02
"""A named order counts from this share of the rows: a shift may start in the middle of a file."""
MOST = 0.5
"""An order without a name counts only when it holds for most rows."""

EXCHANGED = 0.5
"""So many of the papers found must be papers whose own prediction is elsewhere, too."""

# In UTF-8, every byte of a letter outside ASCII is 128 or more.
_LETTERS = bytes(code if code >= 128 or chr(code).isalnum() else ord(" ") for code in range(256))


def words(text: str) -> set[bytes]:
    """The distinct words of a text, in lower case, as UTF-8.

    >>> sorted(words("K-means, k"))
    [b'k', b'means']
    """
    return set(text.lower().encode(errors="replace").translate(_LETTERS).split())


@dataclass(frozen=True)
class Reading:
    """Another order in which the predictions fit the papers."""

    order: str
    """What the file looks like, such as "shifted by 1 row"."""
    moved: Mapping[int, int]
    """Row of a prediction -> row of the paper that it is about, for the rows that speak for it."""
    own: int
    """How many predictions fit their own paper."""


def words_of_papers(task: Task) -> list[set[bytes]]:
    """The words of each paper: title and source."""
    return [
        words(" ".join([example.title, *example.source])[:SOURCE_CHARACTERS])
        for example in task.examples
    ]


@dataclass(frozen=True)
class Fits:
    """How well predictions fit the papers of a task; rows are places in the task."""

    task: Task
    texts: Sequence[str]
    known: list[set[bytes]] | None = None
    """The words of the papers, for somebody who looks at many systems."""

    @cached_property
    def specific(self) -> list[set[bytes]]:
        """The words of each prediction that few other predictions have."""
        each = [words(text) for text in self.texts]
        spread = Counter(word for own in each for word in own)
        limit = max(3, len(self.texts) // 20)
        return [{word for word in own if spread[word] <= limit} for own in each]

    @cached_property
    def papers(self) -> list[set[bytes]]:
        """The words of each paper."""
        return words_of_papers(self.task) if self.known is None else self.known

    @cached_property
    def own(self) -> list[float | None]:
        """The share of a prediction's specific words in its own paper; None without such words."""
        return [
            len(said & paper) / len(said) if said else None
            for said, paper in zip(self.specific, self.papers, strict=True)
        ]

    @cached_property
    def strangers(self) -> list[int]:
        """The rows of predictions that do not fit their own paper."""
        return [row for row, fit in enumerate(self.own) if fit is not None and fit < STRANGE]

    @cached_property
    def moved(self) -> dict[int, int]:
        """Row of a stranger -> row of the paper that it clearly fits better than its own."""
        found = ((row, self._better(row)) for row in self.strangers if self._is_single(row))
        return {row: paper for row, paper in found if paper is not None}

    def _is_single(self, row: int) -> bool:
        """Whether no other row says the same: a repeated text fits one place at most anyway."""
        return self._copies[self.texts[row]] == 1

    @cached_property
    def _copies(self) -> Counter[str]:
        return Counter(self.texts)

    def _better(self, row: int) -> int | None:
        weights: defaultdict[int, float] = defaultdict(float)
        # In a fixed order: sums of floats depend on it, and the order of a set on the hash seed.
        for word in sorted(self.specific[row]):
            for paper in self._index.get(word, ()):
                weights[paper] += self._weight(word)
        best = max(weights, key=lambda paper: (weights[paper], -paper), default=None)
        if best is None or best == row:
            return None
        return best if weights[best] >= FARTHER * weights.get(row, 0.0) else None

    def _weight(self, word: bytes) -> float:
        return math.log(len(self.papers) / len(self._index[word]))

    @cached_property
    def _index(self) -> dict[bytes, list[int]]:
        """Word -> rows of the papers that have it, for the words of strangers."""
        wanted = set().union(*(self.specific[row] for row in self.strangers))
        found: defaultdict[bytes, list[int]] = defaultdict(list)
        for row, paper in enumerate(self.papers):
            for word in paper & wanted:
                found[word].append(row)
        return found


def better_reading(task: Task, texts: Sequence[str], fits: Fits | None = None) -> Reading | None:
    """The order in which these predictions (one per example, in the task's order) fit better, if any."""
    fits = fits or Fits(task, texts)
    if len(texts) < FEWEST or len(fits.strangers) < _fewest(len(texts)):
        return None
    fitting = sum(fit is not None and fit >= STRANGE for fit in fits.own)
    return _named(task, fits.moved, fitting) or _nameless(fits.moved, fitting, len(texts))


def _fewest(rows: int) -> int:
    return max(5, math.ceil(PART * rows))


NAMELESS = "as if it were in another order"


def _nameless(moved: Mapping[int, int], fitting: int, rows: int) -> Reading | None:
    """Most rows fit elsewhere, and their papers are each other's: that is what a permutation does.

    Vague texts also seem to fit elsewhere, but all at the same few papers.
    """
    exchanged = len(set(moved.values()) & moved.keys())
    if len(moved) >= MOST * rows and exchanged >= EXCHANGED * len(moved):
        return Reading(NAMELESS, moved, fitting)
    return None


# Orders with a name ----------------------------------------------------------------------------

_ORDERS = ("the task", "sorted ids", "sorted ids (capitals ignored)")


def _named(task: Task, moved: Mapping[int, int], fitting: int) -> Reading | None:
    """The order, among all rotations and reversals of the known ones, that most rows speak for."""
    orders = _known_orders([example.id for example in task.examples])
    best: tuple[int, str, dict[int, int]] | None = None
    for ids, own in orders.items():
        for texts, other in orders.items():
            for sign in (1, -1):
                found = _rotation(moved, own, other, sign)
                if found and (best is None or len(found[1]) > best[0]):
                    name = _name(ids, texts, sign, found[0], len(own))
                    best = len(found[1]), name, found[1]
    if best is None or best[0] < _fewest(len(task.examples)):
        return None
    return Reading(best[1], best[2], fitting)


def _known_orders(ids: Sequence[str]) -> dict[str, list[int]]:
    """Order -> the place of each row in it; an order that equals one before it is left out."""
    rows = range(len(ids))
    in_order = (
        list(rows),
        sorted(rows, key=lambda row: ids[row]),
        sorted(rows, key=lambda row: (ids[row].casefold(), ids[row])),
    )
    found: dict[str, list[int]] = {}
    for name, order in zip(_ORDERS, in_order, strict=True):
        places = [0] * len(ids)
        for place, row in enumerate(order):
            places[row] = place
        if places not in found.values():
            found[name] = places
    return found


def _rotation(
    moved: Mapping[int, int], own: Sequence[int], other: Sequence[int], sign: int
) -> tuple[int, dict[int, int]] | None:
    """The rotation that most rows agree on, if it stands out from the next, and those rows."""
    turns = {row: (other[paper] - sign * own[row]) % len(own) for row, paper in moved.items()}
    common = Counter(turns.values()).most_common(2)
    if not common or (len(common) == 2 and common[0][1] < 3 * common[1][1]):
        return None
    turn = common[0][0]
    return turn, {row: moved[row] for row, own_turn in turns.items() if own_turn == turn}


def _name(ids: str, texts: str, sign: int, turn: int, rows: int) -> str:
    """What happened, from where the texts are: text at place p belongs to place turn + sign * p."""
    if ids == texts:
        base = "" if ids == "the task" else f" in the order of {ids}"
        if sign == 1:
            return f"shifted by {_rows(turn, rows)}{base}"
        return f"reversed{_turned((turn + 1) % rows, rows)}{base}"
    back = ", reversed" if sign == -1 else ""
    turned = _turned(turn if sign == 1 else (turn + 1) % rows, rows)
    return (
        f"as if its predictions were in the order of {texts}{back}{turned}, "
        f"and its ids in the order of {ids}"
    )


def _rows(turn: int, rows: int) -> str:
    count = min(turn, rows - turn)
    return f"{count} row{'s' if count > 1 else ''}"


def _turned(turn: int, rows: int) -> str:
    return f" and shifted by {_rows(turn, rows)}" if turn else ""


# Predictions of other papers ---------------------------------------------------------------------

FOREIGN = 0.1
"""A prediction with less than this share of its specific words in its paper is foreign to it."""
SPEAKING = 4
"""Specific words that a prediction must have to be called foreign."""
FOREIGN_SHARE = 0.2
"""So many foreign predictions are not an accident."""


def foreign(fits: Fits) -> list[int]:
    """The rows of predictions that share nearly nothing with their paper, if they are many.

    Nothing is said where the references themselves are foreign to their papers (a TLDR in another
    language than the paper): then words cannot tell.
    """
    found = _foreign_rows(fits)
    if len(fits.texts) < FEWEST or len(found) < max(5, FOREIGN_SHARE * len(fits.texts)):
        return []
    references = [_reference(example.target) for example in fits.task.examples]
    gold = Fits(fits.task, references, fits.papers)
    return found if len(found) >= 3 * len(_foreign_rows(gold)) else []


def _reference(target: object) -> str:
    return str(target[0]) if isinstance(target, tuple) and target else ""


def _foreign_rows(fits: Fits) -> list[int]:
    return [
        row
        for row, fit in enumerate(fits.own)
        if fit is not None and fit < FOREIGN and len(fits.specific[row]) >= SPEAKING
    ]


def tops(rankings: Sequence[Sequence[str]], answers: Sequence[Collection[str]]) -> dict[int, int]:
    """Row of a query -> row of the query whose answer is ranked first, where that is another one."""
    owner: dict[str, int] = {}
    for row, documents in enumerate(answers):
        for name in documents:
            owner.setdefault(name, row)
    firsts = ((row, ranking[0]) for row, ranking in enumerate(rankings) if ranking)
    return {row: owner[name] for row, name in firsts if name in owner and name not in answers[row]}


def better_order(task: Task, moved: Mapping[int, int], fitting: int) -> Reading | None:
    """The named order that most of these rows speak for, if there is one."""
    return _named(task, moved, fitting) if len(task.examples) >= FEWEST else None
