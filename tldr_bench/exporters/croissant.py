"""Croissant 1.0: a task's data set described for machines, with its digest and its columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tldr_bench.data import Row, Source, find_file, parsed, verified
from tldr_bench.errors import TaskError
from tldr_bench.exporters.formats import Files, Options
from tldr_bench.files import sha256
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board
from tldr_bench.task import Task

MEDIA = {
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "parquet": "application/x-parquet",
}

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def metadata(board: Board, _options: Options) -> Files:
    """The description of the board's data."""
    return {f"{board.task.id}.croissant.json": canonical_json(describe(board.task))}


def describe(task: Task) -> dict[str, Any]:
    """The description of a task's data as JSON-LD. Raises TaskError for data that lies on the Hub."""
    data = task.spec.data
    path = find_file(data, task.folder)
    if path is None or data.path is None:
        where = f"https://huggingface.co/api/datasets/{data.hub}/croissant"
        raise TaskError(f"{task.id}: its data is on the Hub, which describes it itself: {where}")
    content = verified(path, data)
    rows = (row for _, row in parsed(content, path, data.file_format))
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_told(task),
        "distribution": [_file(data, data.path, content)],
        "recordSet": [_records(task, rows)],
    }


def _told(task: Task) -> dict[str, Any]:
    """What task.yaml says of the data; what it does not say is left out."""
    told = {
        "name": task.id,
        "version": f"1.0.0+{task.version.removeprefix('sha256:')[:12]}",
        "description": task.spec.description or task.spec.name,
        "license": task.spec.license,
        "url": task.spec.homepage,
        "citeAs": task.spec.citation,
    }
    return {name: value for name, value in told.items() if value}


def _file(data: Source, name: str, content: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": "data",
        "name": name.rpartition("/")[2],
        "contentUrl": data.url or name,
        "encodingFormat": MEDIA[data.file_format],
        "sha256": sha256(content).removeprefix("sha256:"),
    }


def _records(task: Task, rows: Iterable[Row]) -> dict[str, Any]:
    """The columns as they stand in the file: what the task makes of them is another matter."""
    table = list(rows)
    lists: dict[str, bool] = {}
    for row in table:
        for name, value in row.items():
            lists[name] = lists.get(name, False) or isinstance(value, list)
    number, examples = len(table), len(task.examples)
    made = f"{number} rows, from which the task makes {examples} examples."
    id_column = task.spec.fields.id
    return {
        "@type": "cr:RecordSet",
        "@id": "examples",
        "name": "examples",
        "description": f"{examples} examples." if number == examples else made,
        **({"key": {"@id": f"examples/{id_column}"}} if id_column in lists else {}),
        "field": [
            _field(task, name, said, lists[name])
            for name, said in _columns(task).items()
            if name in lists
        ],
    }


def _columns(task: Task) -> dict[str, str]:
    """Column -> what it is for. Those that a transform makes are in no file."""
    names = task.spec.fields
    if task.spec.transform in ("find-paper", "find-tldr"):
        return {
            names.id: "The paper's id.",
            names.source: "The paper's text.",
            names.targets: "Its summaries.",
        }
    read, compared = {
        "summary": (names.source, names.targets),
        "labels": (names.source, names.labels),
        "ranking": (names.query, names.document),
    }[task.kind]
    changed = ", before the task corrects it" if task.spec.transform else ""
    return {
        names.id: "The example's id.",
        read: "What the system reads.",
        compared: f"What its answer is compared with{changed}.",
    }


def _field(task: Task, name: str, description: str, repeated: bool) -> dict[str, Any]:
    number = task.kind == "labels" and name == task.spec.fields.labels
    return {
        "@type": "cr:Field",
        "@id": f"examples/{name}",
        "name": name,
        "description": description,
        "dataType": "sc:Integer" if number else "sc:Text",
        "source": {"fileObject": {"@id": "data"}, "extract": {"column": name}},
        **({"repeated": True} if repeated else {}),
    }
