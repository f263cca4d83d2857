"""Croissant 1.0: a task's data set described for machines, with its digest and its columns."""

from __future__ import annotations

from typing import Any

from tldr_bench.data import find_file, read_rows
from tldr_bench.errors import TaskError
from tldr_bench.exporters.formats import Files, Options
from tldr_bench.files import file_sha256
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
    file = {
        "@type": "cr:FileObject",
        "@id": "data",
        "name": data.path.rpartition("/")[2],
        "contentUrl": data.url or data.path,
        "encodingFormat": MEDIA[data.file_format],
        "sha256": file_sha256(path),
    }
    told = {
        "description": task.spec.description or task.spec.name,
        "license": task.spec.license,
        "url": task.spec.homepage,
        "citeAs": task.spec.citation,
    }
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": task.id,
        "version": f"1.0.0+{task.version.removeprefix('sha256:')[:12]}",
        **{name: value for name, value in told.items() if value},
        "distribution": [file],
        "recordSet": [_records(task)],
    }


def _records(task: Task) -> dict[str, Any]:
    names = task.spec.fields
    columns = {
        "summary": (names.id, names.source, names.targets),
        "labels": (names.id, names.source, names.labels),
        "ranking": (names.id, names.query, names.document),
    }[task.kind]
    said = ("The example's id.", "What the system reads.", "What its answer is compared with.")
    fields = [_field(task, name, text) for name, text in zip(columns, said, strict=True)]
    return {
        "@type": "cr:RecordSet",
        "@id": "examples",
        "name": "examples",
        "description": f"{len(task.examples)} examples.",
        "key": {"@id": f"examples/{names.id}"},
        "field": fields,
    }


def _field(task: Task, name: str, description: str) -> dict[str, Any]:
    number = task.kind == "labels" and name == task.spec.fields.labels
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"examples/{name}",
        "name": name,
        "description": description,
        "dataType": "sc:Integer" if number else "sc:Text",
        "source": {"fileObject": {"@id": "data"}, "extract": {"column": name}},
    }
    if isinstance(_first_row(task).get(name), list):
        found["repeated"] = True
    return found


def _first_row(task: Task) -> dict[str, Any]:
    """The row as it stands in the file: what the task made of it later is another matter."""
    return next((row for _, row in read_rows(task.id, task.spec.data, task.folder)), {})
