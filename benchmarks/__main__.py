"""All figures in one go: `make bench`, or `python -m benchmarks [--json] [NAME…]`.

Runs each benchmark of this folder in a process of its own and puts their tables one below the other,
as Markdown or as one JSON document. Times are CPU seconds; what is quoted anywhere are the ratios to
peers that were measured in the same run, since seconds say more about the machine than about us.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = {
    "startup": "Start-up, and a cold score next to `evaluate`",
    "rouge": "ROUGE next to other implementations",
    "bertscore": "BERTScore next to the bert-score package",
    "stats": "Intervals, tests and ranks",
    "scale": "Large inputs and large boards",
}
"""Script -> what it is about, in the order in which they are shown."""


def run(name: str, *options: str) -> str:
    """What a benchmark prints; one that fails says so in its place, and the others go on."""
    command = [sys.executable, str(HERE / f"{name}.py"), *options]
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"not measured: {last}"
    return done.stdout.strip()


def machine() -> dict[str, object]:
    """What everything was measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def as_json(names: list[str]) -> str:
    """One document: the machine, and each benchmark's own document (or its lines, as text)."""
    found: dict[str, object] = {"machine": machine()}
    for name in names:
        text = run(name, "--json")
        if text.startswith("not measured: "):
            text = run(name)  # not every benchmark has a document of its own
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text.splitlines()
    return json.dumps(found, indent=2, ensure_ascii=False)


def main() -> None:
    """Run what is asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    asked = parser.parse_args()
    if strange := [name for name in asked.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(strange)}; there are {', '.join(BENCHMARKS)}")
    names = asked.names or list(BENCHMARKS)
    if asked.json:
        print(as_json(names))
        return
    about = machine()
    print(f"Python {about['python']}, {about['system']}, {about['cores']} cores", flush=True)
    for name in names:
        print(f"\n## {BENCHMARKS[name]}\n\n{run(name)}", flush=True)


if __name__ == "__main__":
    main()
