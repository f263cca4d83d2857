"""A data card in words: the facts and findings that the terminal and the page show."""

from __future__ import annotations

from tldr_bench.card import Card, LabelFacts, SplitFacts, Spread
from tldr_bench.errors import counted, first_of
from tldr_bench.tables import plain

LISTED = 12
"""Papers that a line names before it only counts."""
NO_SPLITS = "near twins in other splits: not checked, the task names no other split"


def card_text(card: Card) -> str:
    """The card for a terminal, one fact a line."""
    lines = [
        f"{card.name} ({card.task}), {card.kind}, {counted(card.examples, 'example')}",
        f"version {card.task_version}",
        "",
        *(f"{name:<18} {text}" for name, text in facts(card)),
        *(line for split in card.splits for line in _split(split)),
    ]
    if not card.splits and card.kind != "ranking":
        lines.append("other splits       none named in task.yaml, so leakage was not looked for")
    return "\n".join(map(plain, lines)) + "\n"


def facts(card: Card) -> list[tuple[str, str]]:
    """What was counted, each with its name; leakage is left to `leakage`."""
    found = [
        ("source words", _spread(card.source_words)),
        ("source sentences", _sentences(card)),
        (f"{'answers' if card.kind == 'ranking' else 'targets'} each", _counts(card.targets)),
    ]
    if card.documents:
        found.append(("documents", f"{card.documents}"))
    if card.document_words:
        found.append(("document words", _spread(card.document_words)))
    if card.target_words:
        found.append(("target words", _spread(card.target_words)))
    if card.novelty:
        ranking = card.kind == "ranking"
        said, by = ("new in answers", "query") if ranking else ("new in targets", "source")
        found.append((said, f"{_shares(card.novelty)} are not in the {by}"))
    found.append(("beyond ASCII", _shares(card.non_ascii)))
    found.append(
        (
            "repeated texts",
            ", ".join(counted(n, what.removesuffix("s")) for what, n in card.duplicates.items()),
        )
    )
    return found + (_labels(card.labels) if card.labels else [])


def leakage(card: Card) -> list[str]:
    """Of each other split: how many of our papers have a near twin there, and which; or that nobody
    looked."""
    return [_leak(card, split) for split in card.splits]


def _leak(card: Card, split: SplitFacts) -> str:
    head = f"near twins in {split.task}"
    if split.not_checked:
        return f"{head}: not checked, its data are not at hand (tldr-bench data fetch {split.task})"
    if not split.twins:
        return f"{head}: none"
    named = first_of([twin.id for twin in split.twins], LISTED)
    return f"{head}: {len(split.twins)} of {card.examples} papers ({named})"


def _sentences(card: Card) -> str:
    return _spread(card.source_sentences) if card.source_sentences else "not given"


def _spread(spread: Spread) -> str:
    return f"{spread.least:g} to {spread.most:g}, median {spread.median:g}, mean {spread.mean:.1f}"


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{100 * share:.1f} % of {what}" for what, share in shares.items())


def _counts(counts: dict[int, int]) -> str:
    return ", ".join(f"{number} ({times} ×)" for number, times in counts.items())


def _labels(labels: LabelFacts) -> list[tuple[str, str]]:
    tenths = " ".join(f"{100 * share:.0f}" for share in labels.positions)
    return [
        ("labelled papers", f"{labels.papers}, sentences {_spread(labels.sentences)}"),
        ("marked sentences", _counts(labels.positives)),
        ("where they are", f"{tenths} % in the ten tenths of the paper"),
    ]


def _split(split: SplitFacts) -> list[str]:
    if split.not_checked:
        return [f"near twins         in {split.task}: not looked for: {split.not_checked}"]
    head = f"near twins         in {split.task}: {len(split.twins)} of our papers"
    return [
        head,
        *(
            f"  {twin.id} ~ {twin.twin}: Jaccard {twin.jaccard:.2f}"
            + (", same title" if twin.same_title else "")
            for twin in split.twins
        ),
    ]
