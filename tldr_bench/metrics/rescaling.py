"""Baselines of BERTScore: what unrelated sentences score, measured by the authors of bert-score.

They come with that package, or from a file in its format; there is no figure to fall back on.
"""

from __future__ import annotations

import csv
import importlib.util
import math
from pathlib import Path

from tldr_bench.errors import NotComputed
from tldr_bench.files import decode, read_bounded
from tldr_bench.json_text import Unreadable
from tldr_bench.metrics import models
from tldr_bench.metrics.reasons import called

COLUMNS = ["LAYER", "P", "R", "F"]
LIMIT = 1024 * 1024


def read(model: str, layer: int, path: str) -> tuple[float, float, float]:
    """Precision, recall and F that unrelated sentences get from this layer of the model.

    `path` is a CSV file with the columns LAYER, P, R and F; without one, bert-score's own is read.
    Raises NotComputed where there is none, or none for the layer.
    """
    file = Path(path).expanduser() if path else _shipped(model)
    try:
        rows = list(csv.DictReader(decode(read_bounded(file, LIMIT)).splitlines()))
        found = {int(row["LAYER"]): row for row in rows}
        figures = tuple(float(found[layer][name]) for name in COLUMNS[1:])
    except Unreadable as error:
        raise NotComputed(f"baselines {called(file)}: {error}") from None
    except (KeyError, TypeError, ValueError):
        raise NotComputed(
            f"baselines {called(file)}: expected the columns {', '.join(COLUMNS)} and a row of "
            f"numbers for layer {layer}"
        ) from None
    if not all(math.isfinite(figure) and figure < 1 for figure in figures):
        raise NotComputed(f"baselines {called(file)}: expected figures below 1 for layer {layer}")
    return figures[0], figures[1], figures[2]


def _shipped(model: str) -> Path:
    spec = importlib.util.find_spec("bert_score")
    places = (spec and spec.submodule_search_locations) or []
    if not places:
        raise NotComputed(
            "bert-score, which ships the baselines, is not installed: "
            "pip install 'tldr-bench[bertscore]'"
        )
    file = Path(next(iter(places))) / "rescale_baseline" / "en" / f"{model}.tsv"
    if models.is_folder(model) or not file.is_file():
        raise NotComputed(
            f"bert-score ships no baseline for {models.called(model)}: give one of your own by "
            "'baseline', or drop 'rescale'"
        )
    return file
