"""What a task may do with the rows of its data before they become examples: `transform:` in task.yaml.

One explicit table. A transform turns rows into rows, one file's columns into another task's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tldr_bench.data import NumberedRow, Row
from tldr_bench.errors import Report
from tldr_bench.labels_oracle import corrected_labels

if TYPE_CHECKING:
    from tldr_bench.rows import Fields

TransformName = Literal["corrected-labels", "find-paper", "find-tldr"]
Transform = Callable[[Iterable[NumberedRow], "Fields", str, Report], Iterator[NumberedRow]]
"""Rows, the names of their columns, what to call the data in messages, and where problems go."""


def transformed(
    name: TransformName | None,
    rows: Iterable[NumberedRow],
    fields: Fields,
    where: str,
    report: Report,
) -> Iterator[NumberedRow]:
    """The rows after the named transform; the same rows without one."""
    return iter(rows) if name is None else TRANSFORMS[name](rows, fields, where, report)


def group_column(name: TransformName | None, fields: Fields) -> str | None:
    """The column whose equal values make examples of the transformed rows belong together, if any.

    A paper's TLDRs are about one text, which is easy to find or hard: they succeed and fail together.
    """
    return fields.document_id if name == "find-paper" else None


def _corrected(
    rows: Iterable[NumberedRow], fields: Fields, where: str, report: Report
) -> Iterator[NumberedRow]:
    """SciTLDR's labels at the sentences that their scores belong to."""
    for line, row in rows:
        labels = _corrected_row(row, fields)
        if labels is None:
            message = "cannot be corrected: its rouge_scores are not those of its sentences"
            report.add(where, message, line, fields.labels)
        else:
            row = {**row, fields.labels: labels}
        yield line, row


def _corrected_row(row: Row, fields: Fields) -> list[int] | None:
    source, labels, scores = (
        row.get(name) for name in (fields.source, fields.labels, "rouge_scores")
    )
    target = _texts(row.get(fields.targets))
    if not (isinstance(source, list) and isinstance(labels, list) and isinstance(scores, list)):
        return None
    return corrected_labels(source, labels, scores, target[0]) if target else None


def _find_paper(
    rows: Iterable[NumberedRow], fields: Fields, _where: str, _report: Report
) -> Iterator[NumberedRow]:
    """Every TLDR is a query (`paper/1`, `paper/2`, …) whose answer is its own paper."""
    for line, row in rows:
        paper = str(row.get(fields.id, ""))
        for number, target in enumerate(_texts(row.get(fields.targets)) or [""], 1):
            query = {fields.query: target, fields.title: row.get(fields.title)}
            document = {fields.document_id: paper, fields.document: _joined(row, fields)}
            yield line, {fields.id: f"{paper}/{number}" if paper else "", **query, **document}


def _find_tldr(
    rows: Iterable[NumberedRow], fields: Fields, _where: str, _report: Report
) -> Iterator[NumberedRow]:
    """Every paper is a query, numbered by its row from 0, whose answer is its first TLDR."""
    for number, (line, row) in enumerate(rows):
        document = _texts(row.get(fields.targets))[:1]
        yield (
            line,
            {
                fields.id: str(number),
                fields.query: _joined(row, fields),
                fields.document: document[0] if document else "",
            },
        )


def _joined(row: Row, fields: Fields) -> str:
    return " ".join(_texts(row.get(fields.source)))


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in texts if isinstance(text, str)]


TRANSFORMS: Mapping[TransformName, Transform] = {
    "corrected-labels": _corrected,
    "find-paper": _find_paper,
    "find-tldr": _find_tldr,
}
