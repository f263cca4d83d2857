"""A search collection in three files (queries, documents, qrels) as one ranking task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import Row
from tldr_bench.errors import DataError, Report, UsageError, path_name, shown
from tldr_bench.make_task.draft import Account, Draft
from tldr_bench.make_task.guess import Columns, decide
from tldr_bench.make_task.tables import Table
from tldr_bench.qrels import Judgements, read_qrels


def read_judged(
    queries: Table, documents: Table, qrels: Path, asked: Columns
) -> tuple[Draft, dict[str, str]]:
    """A draft of the ranking task, and the columns that were guessed.

    Queries without a relevant document, and judgements of queries that are not there, are left out,
    and said. Raises DataError for judgements of documents that are not there.
    """
    named, guessed = _query_columns(queries, asked)
    text_column, document_id = _document_columns(documents, asked)
    collection = _Collection(read_qrels(qrels), Account(), path_name(qrels))
    rows = collection.rows(queries, named, documents, text_column, document_id)
    origin = f"{queries.origin}, {documents.origin}, {qrels.name}"
    said = f"For every '{named.query}', find the documents that people judged relevant."
    found = {**guessed, "document": text_column, "document id": document_id}
    return Draft("ranking", rows, collection.account, origin, said), found


def _query_columns(queries: Table, asked: Columns) -> tuple[Columns, dict[str, str]]:
    query = asked.query or next(
        (name for name in ("query", "text", "question", "title") if name in queries.columns), None
    )
    _, named, guessed = decide(
        queries.where,
        queries.columns,
        Columns(id=asked.id, query=query, document=query),
        "ranking",
    )
    if named.id is None:
        raise UsageError(f"{queries.where}: the queries need ids: --id COLUMN")
    return named, {**guessed, "query": named.query or ""}


def _document_columns(documents: Table, asked: Columns) -> tuple[str, str]:
    present = documents.columns
    usual = ("document", "text", "abstract", "body", "contents", "content", "doc")
    text = asked.document or next((name for name in usual if name in present), None)
    name = next(
        (name for name in ("id", "_id", "doc_id", "docno", "docid") if name in present), None
    )
    if text is None or text not in present or name is None:
        raise UsageError(
            f"{documents.where}: the documents need a column of ids and --document COLUMN with their "
            f"text. Their columns: {', '.join(present[:30])}"
        )
    return text, name


@dataclass
class _Collection:
    judgements: Judgements
    account: Account
    where: str

    def rows(
        self, queries: Table, named: Columns, documents: Table, text: str, document_id: str
    ) -> Iterator[Row]:
        known: set[str] = set()
        for _, row in documents.rows:
            name = _name(row.get(document_id))
            known.add(name)
            self.account.count("documents")
            yield {"document_id": name, "document": row.get(text)}
        self._check(known)
        asked: set[str] = set()
        for line, row in queries.rows:
            query_id = _name(row.get(named.id or ""))
            asked.add(query_id)
            gains = self.judgements.get(query_id, {})
            relevant = {name: gain for name, gain in gains.items() if gain > 0}
            if relevant:
                self.account.count("queries")
                yield {"id": query_id, "query": row.get(named.query or ""), "relevant": relevant}
            else:
                self.account.leave_out(
                    query_id or f"line {line}", "a query without a relevant document"
                )
        for query_id in self.judgements:
            if query_id not in asked:
                self.account.leave_out(query_id, "judgements of a query that is not there")

    def _check(self, known: set[str]) -> None:
        report = Report()
        for query, gains in self.judgements.items():
            for name in gains:
                if name not in known:
                    message = (
                        f"judges {shown(name)} for {shown(query)}, but there is no such document"
                    )
                    report.add(self.where, message)
        report.raise_as(DataError)


def _name(value: object) -> str:
    """An id as text; a number will do, and 0 is one."""
    return "" if value is None else str(value)
