"""Replace a small site again and again, with a fault at every call that changes a file in turn.

Started by the tests with `faults.c` preloaded: `python faulty_site.py FOLDER KIND LASTING`, with KIND
-1 (die) or an errno. Prints a JSON line for each round: the call, how the replacing ended, what then
stood where, and what stands after it was done again without a fault.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path

from tldr_bench.errors import OutputError
from tldr_bench.page.folder import replace_site
from tldr_bench.page.index import MANIFEST

faults = ctypes.CDLL(None)


def pages(word: str, *names: str) -> dict[str, bytes]:
    """A site whose pages say a word."""
    files = {name: f"{word} {name}".encode() for name in names} | {"same.css": b"the same"}
    return files | {MANIFEST: json.dumps({"word": word, "files": sorted(files)}).encode()}


OLD = pages("old", "index.html", "gone.html", "papers/a.html", "papers/b.html")
NEW = pages("new", "index.html", "papers/a.html", "systems/c.html")


def state(folder: Path) -> str:
    """`old`, `new` or `none` for what stands in a folder; `torn` for anything else."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    known = {"old": OLD, "new": NEW, "none": {}}
    return next((name for name, site in known.items() if site == found), "torn")


def attempt(site: Path, at: int, kind: int, lasting: int) -> tuple[str, int]:
    """Put the new site there, in a process of its own: how that ended, and how many calls it made."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        faults.faults_arm(str(site.parent).encode(), at, kind, lasting)
        try:
            replace_site(site, NEW)
            said = "done"
        except OutputError:
            said = "refused"
        os.write(send, json.dumps([said, faults.faults_calls()]).encode())
        os._exit(0)
    os.close(send)
    answer = os.read(receive, 1000)
    os.close(receive)
    os.waitpid(child, 0)
    said, calls = json.loads(answer or '["died", -1]')
    return said, calls


def main() -> None:
    """One round after the other, until a replacement is over before its fault comes."""
    folder = Path(sys.argv[1]).resolve()
    kind, lasting = map(int, sys.argv[2:4])
    at = 0
    while True:
        at += 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        site = folder / "_site"
        replace_site(site, OLD)
        said, calls = attempt(site, at, kind, lasting)
        if said == "done" and calls < at:
            return
        found = state(site), state(folder / "._site.old")
        replace_site(site, NEW)
        left = [path.name for path in folder.iterdir() if path.name == "._site.old"]
        line = {"at": at, "said": said, "site": found[0], "old": found[1], "after": state(site)}
        print(json.dumps({**line, "left": left}), flush=True)


main()
