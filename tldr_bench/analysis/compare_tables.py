"""A comparison as text, Markdown and LaTeX; as JSON it prints itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tldr_bench.analysis.compare import Comparison, Difference, Moved
from tldr_bench.tables import latex, markdown, markdown_table, plain, text_table


def points(value: float, by: float = 100.0, *, signed: bool = False) -> str:
    """A fraction as points with two decimals: 0.31271 -> 31.27; `by` 1 for what is no fraction."""
    # `z` turns what rounds to -0.00 into 0.00.
    return f"{by * value:+z.2f}" if signed else f"{by * value:z.2f}"


def p_value(p: float | None) -> str:
    """A p-value as people write it; below 0.0001 only that.

    >>> p_value(0.0314159), p_value(1e-9), p_value(None)
    ('0.0314', '<0.0001', '–')
    """
    if p is None:
        return "–"
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def between(low: float | None, high: float | None, by: float = 100.0) -> str:
    """`-1.62 to +2.06`, in points."""
    if low is None or high is None:
        return "–"
    return f"{points(low, by, signed=True)} to {points(high, by, signed=True)}"


def verdict(comparison: Comparison, score: str) -> str:
    """One sentence about the pair on one score, as the board decided."""
    found = comparison.of(score)
    a, b = comparison.a.system, comparison.b.system
    if found.difference is None:
        return f"{score}: not comparable ({found.note})"
    unit = "points of " if found.shown_times == 100 else "of "
    size = f"{points(abs(found.difference), found.shown_times)} {unit}{score}"
    holm = f"p {_relation(found.p_holm)} after Holm over {_pairs(comparison, [found])}"
    if found.direction == "none":
        return f"{a} and {b} are {size} apart, which ranks neither ({holm})"
    if found.better is None:
        return f"{a} and {b} are not told apart: {size} between them ({holm})"
    return f"{found.better} is better than {b if found.better == a else a} by {size} ({holm})"


def _relation(p: float | None) -> str:
    text = p_value(p)
    return f"< {text[1:]}" if text.startswith("<") else f"= {text}"


def _pairs(comparison: Comparison, scores: Sequence[Difference]) -> str:
    """Over which pairs the p-values of these scores are corrected."""
    counts = {found.pairs for found in scores if found.pairs is not None}
    whole = comparison.systems * (comparison.systems - 1) // 2
    if len(counts) > 1:
        return "all pairs of systems that have the score"
    of = "the board" if counts <= {whole} else "systems that have the score"
    count = min(counts, default=whole)
    return f"the only pair of {of}" if count == 1 else f"the {count} pairs of {of}"


HEADER = ["score", "a", "b", "a − b", "95 % interval", "p", "p (Holm)", "wins/ties/losses"]
RIGHT = [False, True, True, True, True, True, True, True]


def _row(found: Difference) -> list[str]:
    by = found.shown_times
    difference = "–" if found.difference is None else points(found.difference, by, signed=True)
    mark = "*" if found.significant else ""
    return [
        found.score,
        *("–" if value is None else points(value, by) for value in (found.a, found.b)),
        difference,
        between(found.low, found.high, by),
        p_value(found.p),
        p_value(found.p_holm) + mark,
        "–" if found.wins is None else f"{found.wins}/{found.ties}/{found.losses}",
    ]


def _bands(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    by = comparison.of(comparison.score).shown_times
    header = ["papers", "number", "a", "b", "a − b", "95 % interval"]
    rows = [
        [
            band.band,
            str(band.examples),
            points(band.a, by),
            points(band.b, by),
            points(band.difference, by, signed=True),
            between(band.low, band.high, by),
        ]
        for band in comparison.bands
    ]
    return header, rows


BANDS_RIGHT = [False, True, True, True, True, True]


def as_text(comparison: Comparison) -> str:
    """Tables for the terminal, then the papers that moved most."""
    table = text_table(HEADER, [_row(found) for found in comparison.scores], right=RIGHT)
    lines = [_title(comparison), verdict(comparison, comparison.score), "", table, ""]
    lines += [_legend(comparison), *_notes(comparison), ""]
    if comparison.bands:
        header, rows = _bands(comparison)
        lines += [f"{comparison.score} on parts of the data (described, not tested):", ""]
        lines += [text_table(header, rows, right=BANDS_RIGHT), ""]
    if comparison.moved:
        lines += [f"The papers that differ most in {comparison.score}:"]
        lines += [line for paper in comparison.moved for line in _paper(comparison, paper)]
    lines += ["", *(f"{name}: {text}" for name, text in comparison.signatures.items())]
    return "\n".join(plain_lines(lines)) + "\n"


def plain_lines(lines: list[str]) -> list[str]:
    """The lines, inert in a terminal; a table's own line ends stay."""
    return [plain(line) for text in lines for line in text.split("\n")]


def _title(comparison: Comparison) -> str:
    sides = f"a = {comparison.a.system} ({comparison.a.name}), b = {comparison.b.system} ({comparison.b.name})"
    return f"{comparison.name} ({comparison.task}), {comparison.examples} examples: {sides}"


def _legend(comparison: Comparison) -> str:
    plain = [found.score for found in comparison.scores if found.shown_times != 100]
    as_they_are = f" ({', '.join(plain)}: as they are)" if plain else ""
    return (
        f"points = 100 × score{as_they_are}; * significant: p ≤ 0.05 after Holm over {_pairs(comparison, comparison.scores)}; "
        "wins: papers on which a is better"
    )


def _notes(comparison: Comparison) -> list[str]:
    return [f"{found.score}: {found.note}" for found in comparison.scores if found.note]


def _paper(comparison: Comparison, paper: Moved) -> list[str]:
    by = comparison.of(comparison.score).shown_times
    change = points(paper.difference, by, signed=True)
    head = f"{paper.id}  {points(paper.a, by)} against {points(paper.b, by)} ({change})"
    title = f"  {_line(paper.title)}" if paper.title else ""
    lines = ["", head + title, f"  a: {_line(paper.output_a)}", f"  b: {_line(paper.output_b)}"]
    return [*lines, *(f"  target: {_line(text)}" for text in paper.targets)]


def _line(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"


def as_markdown(comparison: Comparison) -> str:
    """GitHub-flavoured tables with the signatures below."""
    table = markdown_table(HEADER, [_row(found) for found in comparison.scores], right=RIGHT)
    parts = [markdown(_title(comparison)), markdown(verdict(comparison, comparison.score)), table]
    parts += [markdown(line) for line in (_legend(comparison), *_notes(comparison))]
    if comparison.bands:
        header, rows = _bands(comparison)
        parts += [markdown(f"{comparison.score} on parts of the data:")]
        parts += [markdown_table(header, rows, right=BANDS_RIGHT)]
    if comparison.moved:
        header, rows = _moved(comparison)
        parts += [markdown_table(header, rows, right=[False, True, True, True])]
    notes = [
        f"- {markdown(name)}: {markdown(text)}" for name, text in comparison.signatures.items()
    ]
    return "\n\n".join([*parts, "\n".join(notes)]) + "\n"


def _moved(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """The papers that moved most, with both outputs."""
    by = comparison.of(comparison.score).shown_times
    rows = [
        [
            paper.id,
            points(paper.a, by),
            points(paper.b, by),
            points(paper.difference, by, signed=True),
            _line(paper.output_a),
            _line(paper.output_b),
        ]
        for paper in comparison.moved
    ]
    return ["paper", "a", "b", "a − b", "output a", "output b"], rows


def as_latex(comparison: Comparison) -> str:
    """A booktabs table of the scores: both values, difference with interval, p after Holm."""
    a, b = latex(comparison.a.name), latex(comparison.b.name)
    lines = [r"\begin{tabular}{lrrrcr}", r"\toprule"]
    lines += [rf"Score & {a} & {b} & $\Delta$ & 95\,\% interval & $p$ \\", r"\midrule"]
    lines += [_latex_row(found) for found in comparison.scores]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [
        rf"\par\footnotesize $p$ after Holm over {latex(_pairs(comparison, comparison.scores))} (paired bootstrap); bold: significant at 5\,\%."
    ]
    notes = (
        rf"\texttt{{{latex(name)}}}: \texttt{{{latex(text)}}}"
        for name, text in comparison.signatures.items()
    )
    return "\n".join([*lines, r"\par " + "; ".join(notes) + "."]) + "\n"


def _latex_row(found: Difference) -> str:
    by = found.shown_times
    cells = [latex(found.score)]
    cells += ["--" if value is None else points(value, by) for value in (found.a, found.b)]
    if found.difference is None:
        return " & ".join([*cells, "--", "--", "--"]) + r" \\"
    difference = f"${points(found.difference, by, signed=True)}$"
    cells.append(rf"\textbf{{{difference}}}" if found.significant else difference)
    low, high = found.low, found.high
    both = low is not None and high is not None
    cells.append(f"$[{points(low, by)}, {points(high, by)}]$" if both else "--")  # type: ignore[arg-type]
    p = p_value(found.p_holm)
    cells.append("$<$0.0001" if p.startswith("<") else p)
    return " & ".join(cells) + r" \\"


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": as_text,
    "json": lambda comparison: comparison.to_json(),
    "markdown": as_markdown,
    "latex": as_latex,
}
