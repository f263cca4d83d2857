"""A meta-evaluation as text for the terminal."""

from __future__ import annotations

from tldr_bench.agreement import Estimate
from tldr_bench.analysis.agreements import Agreement, MetaEvaluation, Sample
from tldr_bench.analysis.compare_tables import p_value, plain_lines
from tldr_bench.analysis.meta import LENGTH
from tldr_bench.tables import text_table

HEADER = [
    "score",
    "Spearman",
    "without length",
    "Kendall τ-b",
    "Pearson",
    "pairs right",
    "by system τ",
    "p against words",
]


def as_text(found: MetaEvaluation) -> str:
    """A table for each sample, with what has to be known to read it."""
    lines = [f"Agreement of {found.task}'s scores with people, in [95 % intervals] over papers"]
    for sample in found.samples:
        lines += ["", *_sample(sample)]
    lines += [
        "",
        "without length: Spearman with the number of words held constant (partial correlation)",
        "pairs right: of two TLDRs of one paper, how often score and people say the same (better, worse, "
        "equal within ε)",
        "p against words: does the score agree otherwise than the number of words? Spearman, after Holm",
    ]
    return "\n".join(plain_lines(lines)) + "\n"


def _sample(sample: Sample) -> list[str]:
    systems = ", ".join(f"{name} {count}" for name, count in sample.systems.items())
    rule = {
        "equal": "references equal to the judged text are left out",
        "edited": "references that the judged text is an edited copy of are left out, too",
    }[sample.own]
    rows = [_row(sample, item) for item in sample.agreements]
    lines = [
        f"{sample.file}: {sample.what} of {sample.rows} TLDRs of {sample.papers} papers ({systems})",
        f"{rule}: {sample.left_out}",
    ]
    if sample.repeated:
        lines.append(
            f"{sample.repeated} rows repeat an earlier row in everything; they are counted"
        )
    lines += ["", text_table(HEADER, rows, right=[False, *[True] * 7])]
    lines += [f"{item.score}: {item.note}" for item in sample.agreements if item.note]
    return lines + [f"not computed: {name}: {why}" for name, why in sample.not_computed.items()]


def _row(sample: Sample, item: Agreement) -> list[str]:
    pairs = item.accuracy
    system = item.by_system.kendall if item.by_system else None
    return [
        item.score,
        estimate(item.spearman),
        estimate(item.without_length),
        estimate(item.kendall),
        estimate(item.pearson),
        f"{100 * pairs.value:.0f} % (ε {pairs.epsilon:.2g})" if pairs else "–",
        "–" if system is None else f"{system:.2f}",
        _against_length(sample, item.score),
    ]


def estimate(found: Estimate | None) -> str:
    """`0.10 [-0.06, 0.27]`; a dash where there is none."""
    return "–" if found is None else found.in_words()


def _against_length(sample: Sample, score: str) -> str:
    found = (item for item in sample.contests if {item.a, item.b} == {LENGTH, score})
    contest = next(found, None)
    return "–" if contest is None else p_value(contest.p_holm)
