"""A data card as lines for a terminal."""

from __future__ import annotations

from tldr_bench.card import Card, LabelFacts, SplitFacts, Spread
from tldr_bench.tables import plain


def card_text(card: Card) -> str:
    """The card in words and numbers, one fact a line."""
    lines = [
        f"{card.name} ({card.task}), {card.kind}, {card.examples} examples",
        f"version {card.task_version}",
        "",
        f"source words       {_spread(card.source_words)}",
        f"source sentences   {_sentences(card)}",
        f"{'answers' if card.kind == 'ranking' else 'targets'} each       {_counts(card.targets)}",
    ]
    if card.documents:
        lines.append(f"documents          {card.documents}")
    if card.target_words:
        lines.append(f"target words       {_spread(card.target_words)}")
    if card.novelty:
        new = ", ".join(f"{100 * share:.1f} % of {what}" for what, share in card.novelty.items())
        lines.append(f"new in targets     {new} are not in the source")
    shares = ", ".join(f"{100 * share:.1f} % of {what}" for what, share in card.non_ascii.items())
    lines.append(f"beyond ASCII       {shares}")
    repeated = ", ".join(f"{number} {what}" for what, number in card.duplicates.items())
    lines.append(f"repeated texts     {repeated}")
    lines += _labels(card.labels) if card.labels else []
    lines += [line for split in card.splits for line in _split(split)]
    if not card.splits and card.kind != "ranking":
        lines.append("other splits       none named in task.yaml, so leakage was not looked for")
    return "\n".join(map(plain, lines)) + "\n"


def _sentences(card: Card) -> str:
    return _spread(card.source_sentences) if card.source_sentences else "not given"


def _spread(spread: Spread) -> str:
    return f"{spread.least:g} to {spread.most:g}, median {spread.median:g}, mean {spread.mean:.1f}"


def _counts(counts: dict[int, int]) -> str:
    return ", ".join(f"{number} ({times} ×)" for number, times in counts.items())


def _labels(labels: LabelFacts) -> list[str]:
    tenths = " ".join(f"{100 * share:.0f}" for share in labels.positions)
    return [
        f"labelled papers    {labels.papers}, sentences {_spread(labels.sentences)}",
        f"marked sentences   {_counts(labels.positives)}",
        f"where they are     {tenths} % in the ten tenths of the paper",
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
