"""Coverage-guided fuzzing of everything that reads a stranger's file: `python benchmarks/fuzz.py [SECONDS]`.

Needs `pip install atheris`. A traceback, ten seconds for one file, or 1.5 GB of memory stops it and leaves the
file behind (`crash-…`, `timeout-…`, `oom-…`); give that file's name to see it again. Further options go
to libFuzzer as they are. A folder `--corpus DIR` keeps what was learnt for the next time.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ZOO = HERE.parent / "tests/zoo/submissions"
FOLDER = "TLDR_BENCH_FUZZ_FOLDER"
"""Names the temporary folder to the inner process."""
BOUNDS = ["-timeout=10", "-rss_limit_mb=1536", "-max_len=8192", "-print_final_stats=1"]


def main() -> None:
    """Fuzz until the time is up, or run single files again, in a process with a temporary folder of its own."""
    with tempfile.TemporaryDirectory(dir=_memory_disk()) as folder:
        environment = {**os.environ, "TMPDIR": folder, FOLDER: folder}
        # The fuzzer ends its process without a word to Python: somebody else must clean up.
        sys.exit(subprocess.call([sys.executable, __file__, *sys.argv[1:]], env=environment))


def fuzz(folder: Path) -> None:
    """What the inner process does; it does not return."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["300"], help="seconds, or files to run again")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps the inputs worth keeping")
    told, more = parser.parse_known_args()
    try:
        import atheris
    except ImportError:
        sys.exit("fuzzing needs atheris: pip install atheris")
    sys.path.insert(0, str(HERE.parent))
    with atheris.instrument_imports(include=["tldr_bench", "json", "csv"]):
        readers = importlib.import_module("benchmarks.fuzz_readers")
        for path in (HERE.parent / "tldr_bench/importers").glob("*.py"):
            importlib.import_module(f"tldr_bench.importers.{path.stem}")
    target = readers.Readers(folder)

    def one(data: bytes) -> None:
        target(data)

    given = told.what
    if given[0].isdecimal():
        corpus = told.corpus or folder / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds(ZOO)):
            (corpus / f"seed-{number:03}").write_bytes(seed)
        given = [f"-max_total_time={given[0]}", str(corpus)]
    atheris.Setup([sys.argv[0], *BOUNDS, *more, *given], one)
    atheris.Fuzz()


def _memory_disk() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a file per second is too slow on a disk


if __name__ == "__main__":
    fuzz(Path(os.environ[FOLDER])) if FOLDER in os.environ else main()
