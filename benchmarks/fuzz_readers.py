"""What the fuzzer calls: every reader of strangers' files, on any bytes. See `fuzz.py`.

The first byte of an input chooses the reader, the rest is the file. A reader may accept it or refuse it
with problems of one printable line each; anything else is a finding.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tldr_bench.align import align_file
from tldr_bench.errors import TldrBenchError
from tldr_bench.files import MAX_LINE
from tldr_bench.importers.load import READERS as FORMATS
from tldr_bench.importers.load import import_file
from tldr_bench.receipts import read_receipts
from tldr_bench.result import read_result
from tldr_bench.submission import load_submission
from tldr_bench.tables import plain
from tldr_bench.task import Task, load_task

ROWS: Sequence[Mapping[str, Any]] = (
    {"id": "p1", "title": "Owls", "source": ["Owls hunt.", "Some at noon."], "targets": ["Noon owls."], "labels": [0, 1]},
    {"id": "p2", "title": "Glass", "source": ["Glass breaks.", "It can carry."], "targets": ["It carries."], "labels": [0, 1]},
)  # fmt: skip
KINDS = {
    "summary": "metrics:\n  rouge155:\nprimary: rouge155.rouge1\n",
    "labels": "metrics:\n  labels:\nprimary: labels.f1\n",
    "ranking": "fields: {query: title, document: targets}\nmetrics:\n  ranking:\nprimary: ranking.mrr@10\n",
}


def make_tasks(folder: Path) -> dict[str, Task]:
    """A task of two papers of each kind, so that whole files are short."""
    rows = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    digest = hashlib.sha256(rows).hexdigest()
    (folder / "rows.jsonl").write_bytes(rows)
    tasks = {}
    for kind, rest in KINDS.items():
        (folder / kind).mkdir()
        head = f"name: {kind}\nkind: {kind}\ndata:\n  path: rows.jsonl\n  sha256: {digest}\n"
        (folder / kind / "task.yaml").write_text(head + rest)
        tasks[kind] = load_task(folder / kind)
    return tasks


class Readers:
    """The readers by number, each with its file in `folder` (best on a memory disk)."""

    def __init__(self, folder: Path) -> None:
        (folder / "tasks").mkdir()
        self.tasks = make_tasks(folder / "tasks")
        self._folder = folder / "fuzzed"
        self._folder.mkdir()
        self._calls: dict[str, Callable[[bytes], object]] = {
            "submission.yaml": self._description,
            **{f"{kind}.jsonl": self._predictions(kind, ".jsonl") for kind in KINDS},
            **{f"{kind}.jsonl.gz": self._predictions(kind, ".jsonl.gz") for kind in KINDS},
            "packed": self._packed,
            "run": self._predictions("ranking", ".run"),
            "run.gz": self._predictions("ranking", ".run.gz"),
            "result": lambda content: read_result(self._file("result.json", content)),
            "receipts": lambda content: read_receipts(self._file("receipts.json", content)),
            **{form: self._import(form) for form in FORMATS},
        }

    @property
    def names(self) -> list[str]:
        """In the order of their numbers."""
        return list(self._calls)

    def __call__(self, data: bytes) -> bool:
        """Whether the file was accepted. Raises what the reader should not have raised."""
        if not data:
            return False
        call = list(self._calls.values())[data[0] % len(self._calls)]
        try:
            call(data[1:])
        except TldrBenchError as error:
            _expect_readable(error)
            return False
        return True

    def seeds(self, submissions: Path) -> Iterator[bytes]:
        """Whole files for every reader, and the zoo of broken ones."""
        good = {
            "summary": [{"id": row["id"], "prediction": row["targets"][0]} for row in ROWS],
            "labels": [{"id": row["id"], "prediction": row["labels"]} for row in ROWS],
            "ranking": [{"id": row["id"], "prediction": ["p1", "p2"]} for row in ROWS],
        }
        for kind, rows in good.items():
            content = "".join(json.dumps(row) + "\n" for row in rows).encode()
            yield self._seed(f"{kind}.jsonl", content)
            yield self._seed("packed", content)
            yield self._seed(f"{kind}.jsonl.gz", gzip.compress(content, mtime=0))
        run = b"p1 Q0 p1 1 2.5 t\np2 Q0 p2 1 1e-3 t\n"
        yield self._seed("run", run)
        yield self._seed("run.gz", gzip.compress(run, mtime=0))
        for form in FORMATS:
            yield self._seed(form, _foreign(form))
        yield self._seed("inspect", _zipped(json.loads(_foreign("inspect"))))
        for path in sorted(submissions.rglob("*")):
            if path.is_file() and path.name != "expected.txt":
                name = "run" if path.suffix == ".run" else "submission.yaml"
                name = "summary.jsonl" if path.suffix == ".jsonl" else name
                yield self._seed(name, path.read_bytes())

    def _seed(self, name: str, content: bytes) -> bytes:
        return bytes([self.names.index(name)]) + content

    def _file(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path

    def _description(self, content: bytes) -> None:
        (self._folder / "alone").mkdir(exist_ok=True)
        load_submission(self._file("alone/submission.yaml", content).parent)

    def _predictions(self, kind: str, ending: str) -> Callable[[bytes], None]:
        def read(content: bytes) -> None:
            aligned = align_file(self.tasks[kind], self._file(f"{kind}{ending}", content))
            if [pair.id for pair in aligned.pairs] != [row["id"] for row in ROWS]:
                raise AssertionError("accepted, but not with one prediction for each paper")

        return read

    def _packed(self, content: bytes) -> None:
        self._predictions("summary", ".jsonl.gz")(gzip.compress(content, 1, mtime=0))

    def _import(self, form: str) -> Callable[[bytes], object]:
        ending = {"inspect": ".eval", "lighteval": ".parquet"}.get(form, "")
        task = self.tasks["ranking" if form == "trec" else "summary"]

        def read(content: bytes) -> object:
            # An .eval file is a zip; the same log may be plain JSON.
            end = ".json" if form == "inspect" and content[:1] == b"{" else ending
            return import_file(task, form, self._file(f"foreign{end}", content))

        return read


def _expect_readable(error: TldrBenchError) -> None:
    lines = [str(problem) for problem in error.problems] or [str(error)]
    for line in lines:
        shown = plain(line)
        if not shown.strip() or "\n" in shown or len(shown) > 4 * MAX_LINE:
            raise AssertionError(f"a problem that cannot be read: {shown[:200]!r}")
        shown.encode()


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def _zipped(log: dict[str, Any]) -> bytes:
    """A log of Inspect as an .eval file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for sample in log.pop("samples"):
            archive.writestr(f"samples/{sample['id']}_epoch_1.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps(log))
    return out.getvalue()


def _foreign(form: str) -> bytes:
    """A whole file of another tool."""
    said = [(row["id"], " ".join(row["source"]), row["targets"][0]) for row in ROWS]
    samples = [
        {"doc": {"paper": i}, "filtered_resps": [t], "filter": "none", "arguments": {}}
        for i, _, t in said
    ]
    states = [
        {"instance": {"input": {"text": s}, "id": i, "references": []}, "result": {"success": True, "completions": [{"text": t}]}}
        for i, s, t in said
    ]  # fmt: skip
    answers = [
        {"id": i, "epoch": 1, "input": s, "metadata": {}, "output": {"choices": [{"message": {"content": t}}]}}
        for i, s, t in said
    ]  # fmt: skip
    texts: dict[str, Any] = {
        "lines": "".join(f"{t}\n" for _, _, t in said),
        "csv": "id,prediction\n" + "".join(f'{i},"{t}"\n' for i, _, t in said),
        "tsv": "id\tprediction\n" + "".join(f"{i}\t{t}\n" for i, _, t in said),
        "trec": "p1 Q0 p1 1 2.5 t\np2 Q0 p2 1 1 t\n",
        "gem": {"tasks": {"x": {"values": [t for _, _, t in said], "keys": [i for i, _, _ in said]}}},
        "helm": {"request_states": states},
        "inspect": {"status": "success", "eval": {}, "samples": answers},
        "lm-eval": "".join(json.dumps(row) + "\n" for row in samples),
        "summeval": "".join(json.dumps({"id": i, "decoded": t}) + "\n" for i, _, t in said),
    }  # fmt: skip
    if form == "lighteval":
        return _parquet(
            [{"doc": {"specific": {"id": i}}, "model_response": {"text": [t]}} for i, _, t in said]
        )
    found = texts[form]
    return (found if isinstance(found, str) else json.dumps(found)).encode()
