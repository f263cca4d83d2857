"""What the submit page needs to check a file in the browser: ids and sizes of every task's examples."""

from __future__ import annotations

import datetime
import types
import typing
from collections.abc import Sequence
from typing import Any, Literal

from markupsafe import Markup

from tldr_bench.checked import FieldRules
from tldr_bench.leaderboard import Board
from tldr_bench.page.script_json import script_json
from tldr_bench.records import field_names
from tldr_bench.submission import SubmissionFile

MOST_IDS = 20_000
"""A page with more ids would be slow to load; larger tasks are checked in the pull request."""


def for_script(boards: Sequence[Board]) -> Markup:
    """Task -> kind, ids, and what a prediction must fit: sentences per example, documents.

    Under `description`, the rules for submission.yaml.
    """
    tasks = {board.task.id: _task(board) for board in boards}
    return script_json({"tasks": tasks, "description": description_rules()})


def description_rules() -> dict[str, dict[str, Any]]:
    """Key of submission.yaml -> what its value must be, for a page to check; read off the record."""
    hints = typing.get_type_hints(SubmissionFile)
    return {name: _rule(hints[name], getattr(SubmissionFile, name, None)) for name in hints}


def _rule(hint: Any, given: object) -> dict[str, Any]:
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    kinds = typing.get_args(hint) if union else (hint,)
    known = [kind for kind in kinds if kind is not type(None)]
    rule: dict[str, Any] = {"form": _form(known)}
    if len(known) < len(kinds):
        rule["empty"] = True
    if typing.get_origin(known[0]) is Literal:
        rule["choices"] = list(typing.get_args(known[0]))
    if isinstance(given, FieldRules):
        own: dict[str, Any] = {
            "needed": given.required,
            "most": given.max_length,
            "least": given.ge,
        }
        own |= {"pattern": given.pattern, "expected": given.description}
        rule |= {name: value for name, value in own.items() if value}
    return rule


def _form(kinds: Sequence[Any]) -> str:
    """`choice`, `date`, `truth`, `number` or `text`; `list` for a text or some, `free` for anything."""
    if len(kinds) > 1:
        return "list" if len(kinds) == 2 else "free"
    forms = {str: "text", bool: "truth", int: "number", datetime.date: "date"}
    return "choice" if typing.get_origin(kinds[0]) is Literal else forms[kinds[0]]


def _task(board: Board) -> dict[str, Any]:
    task = board.task
    found: dict[str, Any] = {"kind": task.kind}
    if len(task.examples) + len(task.pool) <= MOST_IDS:
        found["ids"] = [example.id for example in task.examples]
        if task.kind == "labels":
            found["sizes"] = [len(example.target) for example in task.examples]
        if task.kind == "ranking" and list(task.pool) != found["ids"]:
            found["pool"] = list(task.pool)
    return found


def known_keys() -> tuple[str, ...]:
    """The keys of submission.yaml."""
    return field_names(SubmissionFile)
