"""Write the task folders of SciTLDR's nine files, or check that they are current.

    python scripts/scitldr_tasks.py            # write tasks/scitldr-*/task.yaml, tasks/emb-scitldr/task.yaml
    python scripts/scitldr_tasks.py --check    # exit 1 and name what is out of date

`tasks/scitldr-a` and `tasks/scitldr-a-oracle` are written by hand: their metrics are everybody's, so
that a score is made in the same way on every split. They themselves are never touched.
"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "tasks"
COMMIT = "5ccad9c00a60ad75c9e04abf7f27d0f53f983b20"
RAW = f"https://raw.githubusercontent.com/allenai/scitldr/{COMMIT}/SciTLDR-Data"

VARIANTS = {
    "A": ("abstract", "the abstract"),
    "AIC": ("abstract, introduction and conclusion", "abstract, introduction and conclusion"),
    "FullText": ("full text", "the full text"),
}
SPLITS = {
    "train": "1,992 papers, with the author's TLDR each",
    "dev": "619 papers, with one to four TLDRs each",
    "test": "618 papers, with two to four TLDRs by the author and by readers of reviews",
}
GIT_BLOBS = {
    "SciTLDR-A/train": "9700e723611c1ad3bbd0eed236cf3a660688423c",
    "SciTLDR-A/dev": "dd59586c811a195253149d5640e7b615201281fc",
    "SciTLDR-AIC/train": "27d5c8b01dfa96aa9065a3be489161748c882637",
    "SciTLDR-AIC/dev": "026b17ac59e9815f4ba7ddef9ce95bad61245915",
    "SciTLDR-AIC/test": "ae3d11fb3faa8222522d42a2be9391816f6edd67",
    "SciTLDR-FullText/train": "ec3c407dc91b4a8343de56871a209ce2c9bb544f",
    "SciTLDR-FullText/dev": "63fb01c2bd3dc052bde9b57de74081c1aa007e64",
    "SciTLDR-FullText/test": "d10931e7bf9212fda85a1b3844f404ed6bfab257",
}
SHA256 = {"SciTLDR-A/test": "fb42dd6cd4f4a1928ae8a01a189456fbfe994a07e938bd49f68653933f6503c9"}
MOVED = {"train": 29, "dev": 10, "test": 24}
"""Labels of SciTLDR-A that point at the wrong sentence."""

CREDIT = """\
license: Apache-2.0
homepage: https://github.com/allenai/scitldr
citation: >-
  Isabel Cachola, Kyle Lo, Arman Cohan, Daniel S. Weld: TLDR: Extreme Summarization of Scientific
  Documents. Findings of EMNLP 2020.
"""
FIELDS = """\
fields:
  id: paper_id
  source: source
  targets: target
  labels: source_labels
  title: title
"""
RANKING = """\
metrics:
  ranking:
primary: ranking.mrr@10
"""
BY_HAND = {"scitldr-a", "scitldr-a-oracle"}


@dataclass(frozen=True)
class File:
    """One of the nine published files."""

    variant: str
    split: str

    @property
    def key(self) -> str:
        return f"SciTLDR-{self.variant}/{self.split}"

    def data(self) -> str:
        pin = (
            f"sha256: {SHA256[self.key]}"
            if self.key in SHA256
            else f"git_blob: {GIT_BLOBS[self.key]}"
        )
        path = f"{self.key}.jsonl"
        return f"data:\n  path: scitldr/{path}\n  url: {RAW}/{path}\n  {pin}\n"

    def task_id(self, kind: str = "", split: str | None = None) -> str:
        """`scitldr-a` is the test split; the others say which they are."""
        split = split or self.split
        ending = "" if split == "test" else f"-{split}"
        return f"scitldr-{self.variant.lower()}{kind}{ending}"

    def splits(self, kind: str = "") -> str:
        others = [self.task_id(kind, split) for split in SPLITS if split != self.split]
        return f"splits: [{', '.join(others)}]\n"


def tasks() -> dict[str, str]:
    """Task id -> task.yaml, of every folder that this script writes."""
    files = [File(variant, split) for variant in VARIANTS for split in SPLITS]
    written: dict[str, str] = {}
    for file in files:
        written[file.task_id()] = summary(file)
        written[file.task_id("-oracle")] = labels(file)
        written[file.task_id("-oracle-corrected")] = labels(file, corrected=True)
    written["scitldr-a-match"] = match(File("A", "test"))
    written["emb-scitldr"] = emb(File("FullText", "train"))
    return {task_id: text for task_id, text in written.items() if task_id not in BY_HAND}


def summary(file: File) -> str:
    said = f"A one-sentence summary from {VARIANTS[file.variant][1]}: {SPLITS[file.split]}."
    head = _head(f"SciTLDR-{file.variant} {file.split}", "summary", said)
    return head + CREDIT + file.data() + FIELDS + file.splits() + _metrics("scitldr-a")


def labels(file: File, *, corrected: bool = False) -> str:
    where = VARIANTS[file.variant][0]
    why = _corrected(file) if corrected else _shipped(file)
    said = f"Which sentence of the {where} is closest to the author's TLDR? {why}"
    kind = "-oracle-corrected" if corrected else "-oracle"
    name = f"SciTLDR-{file.variant} oracle{', corrected' if corrected else ''}, {file.split}"
    transform = "transform: corrected-labels\n" if corrected else ""
    parts = [
        CREDIT,
        file.data(),
        FIELDS,
        transform,
        file.splits(kind),
        _metrics("scitldr-a-oracle"),
    ]
    return _head(name, "labels", said) + "".join(parts)


def _shipped(file: File) -> str:
    where = (
        f"; {MOVED[file.split]} of them point at a wrong sentence" if file.variant == "A" else ""
    )
    return (
        f"The labels are those that the data set ships{where}. "
        f"{file.task_id('-oracle-corrected')} has them corrected."
    )


def _corrected(file: File) -> str:
    number = f"{MOVED[file.split]} labels stand" if file.variant == "A" else "labels may stand"
    return (
        f"In the shipped labels ({file.task_id('-oracle')}) {number} at a wrong sentence, because "
        "sentences without a score were not counted; here they are moved to where they belong."
    )


def match(file: File) -> str:
    said = (
        "Given a TLDR, find the paper that it was written for among the abstracts of all 618. Every "
        "one of the 1,967 TLDRs is a query (paper/1 is the author's)."
    )
    head = _head("SciTLDR-A match", "ranking", said)
    return head + CREDIT + file.data() + FIELDS + "transform: find-paper\n" + RANKING


def emb(file: File) -> str:
    said = (
        "Given a whole paper, find its author's TLDR among those of all 1,992 papers of the train "
        "split. Queries are numbered by row, from 0. Equal TLDRs are one answer."
    )
    head = _head("emb-SciTLDR", "ranking", said)
    return head + CREDIT + file.data() + FIELDS + "transform: find-tldr\n" + RANKING


def _head(name: str, kind: str, description: str) -> str:
    wrapped = textwrap.fill(
        description, 100, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    return f"name: {name}\nkind: {kind}\ndescription: >-\n{wrapped}\n"


def _metrics(task_id: str) -> str:
    """The metrics and the primary score of a task written by hand."""
    text = (ROOT / task_id / "task.yaml").read_text(encoding="utf-8")
    return text[text.index("\nmetrics:") + 1 :]


def main() -> int:
    """Write what differs; with --check only name it."""
    check = "--check" in sys.argv[1:]
    stale = 0
    for task_id, text in tasks().items():
        path = ROOT / task_id / "task.yaml"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'out of date' if check else 'wrote'}: {path.relative_to(ROOT.parent)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print("run: python scripts/scitldr_tasks.py")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
