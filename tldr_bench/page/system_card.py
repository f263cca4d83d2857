"""The card of a system: what its submission.yaml says of it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tldr_bench.page import words
from tldr_bench.page.links import safe_url


@dataclass(frozen=True)
class Item:
    """A line of the card: what the submission says of itself."""

    label: str
    text: str
    url: str | None


LABELS = {
    "version": "Version",
    "date": "Date",
    "authors": "Authors",
    "organization": "Organization",
    "contact": "Contact",
    "paper_url": "Paper",
    "code_url": "Code",
    "model_url": "Model",
    "model_id": "Model id",
    "model_revision": "Model revision",
    "license": "Licence",
    "parameters": "Parameters",
    "open_weights": "Open weights",
    "type": "Type",
    "input": "Input",
    "trained_on": "Trained on",
    "training_datasets": "Training data",
    "prompt": "Prompt",
    "decoding": "Decoding",
    "postprocessing": "Post-processing",
    "runs": "Runs",
    "seed": "Seed",
}


def card_items(spec: Mapping[str, Any]) -> Iterator[Item]:
    """Everything that submission.yaml says, in a fixed order; only addresses become links."""
    for key, label in LABELS.items():
        value = spec[key]
        if value is not None:
            text = words.TYPES[value] if key == "type" else plain_value(value)
            if key == "parameters" and text.isdecimal():
                text = f"{int(text):,}"
            yield Item(label, text, safe_url(text) if key.endswith("_url") else None)


def plain_value(value: object) -> str:
    """A value of submission.yaml in words: `yes`, `a, b`, `temperature: 0.7, top_p: 1`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(plain_value, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain_value(item)}" for key, item in value.items())
    return str(value)
