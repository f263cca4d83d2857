"""Which pages of an earlier build are still right: judged by a key of all that they are made from.

The key of a part of the site (the front page, or all pages of a task) is a hash over the program's own
code, the templates, what every page shows around its content, and the part's own data. It stands in
`data/index.json`, beside the SHA-256 of every file. Where the key is the same, and the files are what
that list says, they are taken as they are and nothing of them is computed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tldr_bench.agreement import known_for
from tldr_bench.files import sha256
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board
from tldr_bench.page.data_card import data_card
from tldr_bench.page.index import MANIFEST
from tldr_bench.page.links import inside_site

LIBRARIES = ("Jinja2", "MarkupSafe", "numpy", "RapidFuzz")
"""What is seen on the pages, apart from the code of this package."""


class Earlier:
    """The pages of an earlier build, as far as they can be trusted."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @cached_property
    def _index(self) -> Mapping[str, Any]:
        try:
            found = json.loads((self._folder / MANIFEST).read_bytes()) if self._folder else {}
            return found if isinstance(found, dict) else {}
        except (OSError, ValueError, RecursionError):
            return {}

    def pages(self, part: str, key: str) -> dict[str, str] | None:
        """The files of a part with this key: name -> content; None where any of them is not right."""
        try:
            if self._folder is None or self._index["keys"][part] != key:
                return None
            names = [name for name in self._index["files"] if belongs(name, part)]
            return {name: self._content(name) for name in names} or None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _content(self, name: str) -> str:
        if self._folder is None or not inside_site(name):
            raise ValueError(name)
        content = (self._folder / name).read_bytes()
        if sha256(content) != f"sha256:{self._index['files'][name]['sha256']}":
            raise ValueError(name)
        return content.decode()


def belongs(name: str, part: str) -> bool:
    """Whether a file is of a part: `index.html` itself, or what lies below `task/`.

    >>> belongs("owls/index.html", "owls/"), belongs("index.html", "owls/")
    (True, False)
    """
    return name == part or (part.endswith("/") and name.startswith(part))


def page_key(*parts: object) -> str:
    """SHA-256 over the parts' canonical JSON."""
    return sha256(canonical_json(list(parts)).encode()).removeprefix("sha256:")


def board_key(board: Board) -> str:
    """Everything that the pages of a task are made from, apart from what all pages share."""
    task = board.task
    shown = [
        [example.title, list(example.labels), list(example.source)] for example in task.examples
    ]
    systems = [
        [item.submission.spec.model_dump(mode="json"), item.result.to_json()]
        for item in board.scored
    ]
    failed = [item.model_dump() for item in board.failed]
    spec = task.spec.model_dump(mode="json")
    signatures = {name: metric.signature for name, metric in task.metrics.items()}
    # The data of another split may have come since: what is known of near twins is not in the spec.
    found = known_for(task)
    agreement = found and found.to_json()
    known = (spec, shown, signatures, systems, failed, board.ranked, asdict(data_card(task)))
    return page_key(task.id, task.version, *known, agreement)


def source_key(folders: Sequence[Path]) -> str:
    """The site's source and the code that fills it in."""
    files = (path for folder in folders for path in _files(folder))
    return page_key(
        _code(), _digest(files), *(importlib.metadata.version(name) for name in LIBRARIES)
    )


@lru_cache(maxsize=1)
def _code() -> str:
    package = Path(__file__).parents[1]
    return _digest(sorted(package.rglob("*.py")))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
