"""Which column holds what, where its name is one of the usual ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from tldr_bench.errors import DataError, Problem, UsageError, unknown
from tldr_bench.kinds import KindName

USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "paper_id", "idx", "_id", "uid", "doc_id", "query_id", "qid", "arxiv_id", "guid"),
    "source": (
        *("source", "abstract", "article", "document", "text", "paper", "input", "body"),
        *("content", "full_text", "fulltext", "passage", "dialogue", "src"),
    ),
    "target": (
        *("target", "targets", "tldr", "tldrs", "summary", "summaries", "highlights"),
        *("reference", "references", "tgt", "output", "one_sentence_summary"),
    ),
    "labels": ("labels", "source_labels", "oracle", "oracle_labels", "sentence_labels"),
    "title": ("title", "headline"),
    "query": ("query", "question", "anchor"),
    "document": ("document", "pos", "positive", "doc", "passage", "answer"),
}
"""Role -> names by which columns of data sets go, the most telling first."""


@dataclass(frozen=True)
class Columns:
    """The column of each role, or None."""

    id: str | None = None
    source: str | None = None
    target: str | None = None
    labels: str | None = None
    title: str | None = None
    query: str | None = None
    document: str | None = None

    def given(self) -> dict[str, str]:
        """Role -> column, of the roles that have one."""
        roles = {item.name: getattr(self, item.name) for item in fields(self)}
        return {role: column for role, column in roles.items() if column is not None}


def decide(
    where: str,
    present: Sequence[str],
    asked: Columns,
    kind: KindName | None,
    *,
    oracle_text: bool = False,
) -> tuple[KindName, Columns, dict[str, str]]:
    """Kind, column of each role, and which of these were guessed.

    With `oracle_text` a summary task needs labels, which say what the target is, and no target.

    Raises DataError for columns that do not exist, UsageError where a role that the kind needs has
    no column.
    """
    strange = [column for column in asked.given().values() if column not in present]
    if strange:
        raise DataError(
            [Problem(where, None, unknown("column", name, present)) for name in strange]
        )
    kind = kind or _kind(present, asked)
    roles = {
        "summary": ("source", "labels" if oracle_text else "target"),
        "labels": ("source", "labels"),
        "ranking": ("query", "document"),
    }[kind]
    spare = ("target",) if oracle_text else ("labels",)
    optional = {"summary": spare, "labels": ("target",), "ranking": ()}[kind]
    for role in asked.given():
        if role not in {*roles, *optional, "id", "title"}:
            raise UsageError(f"--{role}: a {kind} task has no such column")
    guessed = _guessed(present, asked, (*roles, "id", "title", *optional))
    found = {**guessed, **asked.given()}
    missing = [role for role in roles if role not in found]
    if missing:
        options = " and ".join(f"--{role} COLUMN" for role in missing)
        what = "--oracle-text" if oracle_text else f"a {kind} task"
        raise UsageError(f"{where}: {what} needs {options}. Its columns: {', '.join(present[:30])}")
    kept = {
        role: name for role, name in found.items() if role in {*roles, "id", "title", *optional}
    }
    return kind, Columns(**kept), {role: name for role, name in guessed.items() if role in kept}


def _kind(present: Sequence[str], asked: Columns) -> KindName:
    def given(*roles: str) -> dict[str, str]:
        return {**_guessed(present, asked, roles), **asked.given()}

    search = given("query", "document")
    judged = given("target", "labels")
    if asked.query or ("query" in search and "document" in search and "target" not in judged):
        return "ranking"
    return "labels" if "labels" in judged and "target" not in judged else "summary"


def _guessed(present: Sequence[str], asked: Columns, roles: Sequence[str]) -> dict[str, str]:
    """Role -> column by its usual name; a column that is asked for, or taken, is not guessed again."""
    lower = {name.lower(): name for name in reversed(present)}
    taken = set(asked.given().values())
    found: dict[str, str] = {}
    for role in roles:
        names = (lower[usual] for usual in USUAL[role] if usual in lower)
        column = next((name for name in names if name not in taken), None)
        if column is not None and getattr(asked, role) is None:
            found[role] = column
            taken.add(column)
    return found
