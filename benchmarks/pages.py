"""What a site costs: the first build, a build after one system more, and one with nothing new.

    python benchmarks/pages.py [--json] [--quick]

Twelve systems on SciTLDR-A test (618 papers), each saying some sentence of the abstract; `--quick`
takes three. One system more comes three times, and the least counts. Needs TLDR_BENCH_DATA.
Front page: all that a reader's first visit loads, compressed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, show
from scale import command

SYSTEMS = 12
QUICK_SYSTEMS = 3
TIMES = 3
FIRST_BUILD = 10.0
ONE_MORE = 3.0
FRONT_PAGE_KB = 30.0


def papers() -> list[dict[str, object]]:
    """The rows of SciTLDR-A test, or none where they are not at hand."""
    path = Path(os.environ.get("TLDR_BENCH_DATA", ""), "scitldr/SciTLDR-A/test.jsonl")
    if not (os.environ.get("TLDR_BENCH_DATA") and path.is_file()):
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def submission(folder: Path, number: int, rows: list[dict[str, object]]) -> None:
    """A system that says a sentence of each abstract, another one in every paper."""
    home = folder / "submissions" / f"s{number:02}"
    home.mkdir(parents=True)
    (home / "submission.yaml").write_text(f"name: System {number}\n")
    with (home / "scitldr-a.jsonl").open("w", encoding="utf-8") as file:
        for place, row in enumerate(rows):
            source = row["source"]
            assert isinstance(source, list)
            said = source[(number * (1 + place % 7) + place) % len(source)]
            file.write(json.dumps({"id": row["paper_id"], "prediction": said}) + "\n")


def figures(systems: int, rows: list[dict[str, object]]) -> Iterator[Figure]:
    """Build, add one system and build, build again; then weigh what the front page loads."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tasks").mkdir()
        for number in range(systems):
            submission(folder, number, rows)
        on = f"{len(rows)} papers × {systems} systems, scored before"
        command(["score"], folder)
        first = command(["build"], folder)
        yield Figure("build the site", on, first.cpu, "s", at_most=FIRST_BUILD)
        weight = loaded(folder / "_site" / "index.html")
        yield Figure("front page with all it loads", on, weight, "KB", at_most=FRONT_PAGE_KB)
        more = min(_one_more(folder, systems + number, rows) for number in range(TIMES))
        yield Figure("build it with one system more", on, more, "s", at_most=ONE_MORE)
        again = command(["build"], folder)
        ratio = again.cpu / first.cpu
        yield Figure(
            "build it with nothing new", on, again.cpu, "s", "the first build", first.cpu, ratio
        )


def _one_more(folder: Path, number: int, rows: list[dict[str, object]]) -> float:
    """CPU seconds of building a site after a new system came and was scored."""
    submission(folder, number, rows)
    command(["score"], folder)
    return command(["build"], folder).cpu


def loaded(page: Path) -> float:
    """Kilobytes of a page and of the scripts and styles that it names, each compressed by gzip."""
    text = page.read_text("utf-8")
    names = re.findall(r'(?:src|href)="(assets/[^"?#]+)"', text)
    files = {page, *(page.parent / name for name in names)}
    return sum(len(gzip.compress(file.read_bytes(), 9, mtime=0)) for file in files) / 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="three systems")
    asked = parser.parse_args()
    rows = papers()
    if not rows:
        show([], ["the site: TLDR_BENCH_DATA names no SciTLDR-A test"], asked.json)
        return
    show(list(figures(QUICK_SYSTEMS if asked.quick else SYSTEMS, rows)), [], asked.json)


if __name__ == "__main__":
    main()
