"""A leaderboard as text, Markdown, CSV, LaTeX or JSON: one set of cells, five ways to print them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tldr_bench.agreement import known_for
from tldr_bench.daggers import BETTER, WORSE, Marks, marks_against, note_against
from tldr_bench.errors import UsageError, unknown
from tldr_bench.leaderboard import Board, Row
from tldr_bench.result import Score
from tldr_bench.tables import csv_table, latex, markdown, plain, text_table


@dataclass(frozen=True)
class Cells:
    """The board as text: what every printed form shows."""

    header: list[str]
    rows: list[list[str]]
    right: list[bool]


def ranks(row: Row) -> str:
    """The rank and what the data leaves open of it: `2 (1–3)`; `–` without a rank."""
    if row.rank is None:
        return "–"
    return (
        f"{row.rank}"
        if row.rank_low == row.rank_high
        else f"{row.rank} ({row.rank_low}–{row.rank_high})"
    )


def cells(board: Board) -> Cells:
    """Rank with range, system, name, then every score in points with half its interval."""
    scores = shown_scores(board)
    rows = [
        [
            ranks(row),
            row.system,
            row.name,
            row.type or "–",
            *(_shown(board, row, name) for name in scores),
        ]
        for row in board.record.rows
    ]
    header = ["rank", "system", "name", "type", *scores]
    return Cells(header, rows, [True, False, False, False, *[True] * len(scores)])


def shown_scores(board: Board) -> list[str]:
    """The task's primary score, then those that any system has."""
    primary = board.task.spec.primary
    others = [
        name
        for name in board.score_names
        if name != primary and any(name in row.scores for row in board.record.rows)
    ]
    return [primary, *others]


def _shown(board: Board, row: Row, name: str) -> str:
    found = row.scores.get(name)
    return "–" if found is None else with_interval(found, board.factor(name))


def with_interval(score: Score, by: float = 100.0) -> str:
    """`31.27 ±1.28`, half the width of the 95 % interval; no ± where there is none."""
    value = f"{by * score.value:z.2f}"
    if score.low is None or score.high is None:
        return value
    return f"{value} ±{by * (score.high - score.low) / 2:.2f}"


def as_text(board: Board) -> str:
    """A table for the terminal, with the task, the signatures, the ties and what the data can show."""
    table = cells(board)
    record = board.record
    lines = [
        f"{record.name} ({record.task}), {record.examples} examples, ranked by {record.primary}",
        _units(board),
        "",
        text_table(table.header, table.rows, right=table.right),
        "",
        *(f"not told apart: {', '.join(names)}" for names in record.ties),
        *_power(board),
        *_unranked(board),
        *(f"{name}: {signature}" for name, signature in record.signatures.items()),
        *known_lines(board),
        *_not_computed(board),
        *(f"not scored: {item.system}: {item.problems[0]}" for item in record.failed),
    ]
    return "\n".join([*map(plain, lines[:3]), lines[3], *map(plain, lines[4:])]) + "\n"


def _units(board: Board) -> str:
    """What the figures of the table are; those that are not times 100 are named."""
    plain = [name for name in shown_scores(board) if board.factor(name) != 100]
    as_they_are = f" ({', '.join(plain)}: as they are)" if plain else ""
    ranks = "(a–b) the ranks that the data leaves open"
    return f"points = 100 × score{as_they_are}; ± half the 95 % interval; {ranks}"


def _power(board: Board) -> list[str]:
    """What difference the board can show in the primary score, by the decisions that it is made from."""
    from tldr_bench.stats import resolution

    primary = board.task.spec.primary
    if len(board.scored) < 2:
        return []
    found = resolution(board.decisions(primary).pairs, corrected=True)
    if found is None:
        return []
    by = board.factor(primary)
    size = f"{by * found:.2f} points" if by == 100 else f"{by * found:.2f}"
    return [f"a true difference of {size} would be told apart four times in five"]


def _not_computed(board: Board) -> list[str]:
    """Why some cells are empty, each reason once."""
    systems: dict[str, list[str]] = {}
    for row in board.record.rows:
        for metric, reason in row.not_computed.items():
            systems.setdefault(f"{metric}: {reason}", []).append(row.system)
    return [f"not computed: {reason} ({', '.join(names)})" for reason, names in systems.items()]


def _unranked(board: Board) -> list[str]:
    note = "baselines and people are not ranked among systems; --rank-baselines does it"
    return [] if all(board.ranked) else [note]


def known_lines(board: Board) -> list[str]:
    """What is known about the scores of the board: how far they agree with people."""
    known = known_for(board.task)
    if known is None:
        return []
    signatures = board.record.signatures
    sentences = {
        name: known.sentence(name, signatures[name.partition(".")[0]])
        for name in shown_scores(board)
    }
    return [f"{name} {sentence}" for name, sentence in sentences.items() if sentence]


# Markdown and LaTeX ------------------------------------------------------------------------------


def chosen_scores(board: Board, only: Sequence[str]) -> list[str]:
    """The scores of these names, or of the metrics of these names. Raises UsageError."""
    shown = shown_scores(board)
    known = {*shown, *(name.partition(".")[0] for name in shown)}
    for name in only:
        if name not in known:
            raise UsageError(f"--score: {unknown('score', name, known)}")
    return [name for name in shown if {name, name.partition(".")[0]} & {*only}]


def _signatures(board: Board, names: Sequence[str]) -> list[tuple[str, str]]:
    """The metrics of these scores with their signatures."""
    metrics = {name.partition(".")[0] for name in names}
    return [item for item in board.record.signatures.items() if item[0] in metrics]


def as_markdown(board: Board, against: str | None = None, only: Sequence[str] = ()) -> str:
    """A GitHub-flavoured table with the signatures below; bold as in `as_latex`."""
    names = chosen_scores(board, only) if only else shown_scores(board)
    marks = marks_against(board, against, names)
    header = [markdown(cell) for cell in ["rank", "system", "name", "type", *names]]
    lines = [header, ["---:", "---", "---", "---", *["---:"] * len(names)]]
    for number, row in enumerate(board.record.rows):
        first = [markdown(cell) for cell in (ranks(row), row.system, row.name, row.type or "–")]
        scores = [_markdown_cell(board, number, row, name, marks) for name in names]
        lines.append([*first, *scores])
    notes = [markdown(note) for note in note_against(board, against, names)]
    notes += [f"{markdown(name)}: {markdown(text)}" for name, text in _signatures(board, names)]
    notes += [markdown(line) for line in known_lines(board)]
    table = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([*table, "", *(f"- {note}" for note in notes)]) + "\n"


def _markdown_cell(board: Board, number: int, row: Row, name: str, marks: Marks) -> str:
    found = row.scores.get(name)
    if found is None:
        return "–"
    value, _, half = with_interval(found, board.factor(name)).partition(" ")
    bold = f"**{value}**" if _is_best(board, number, name) else value
    return " ".join(filter(None, [bold + marks.get((number, name), ""), half]))


def _is_best(board: Board, number: int, name: str) -> bool:
    """Whether it is the best or not told apart from it, in a score that has a better end."""
    if board.direction(name) == "none":
        return False
    return board.decisions(name).ranking.standings[number].with_best


def as_csv(board: Board) -> str:
    """One row per system: fractions, unrounded, with low and high of every score in columns of their own."""
    names = list(board.score_names)
    header = ["rank", "rank_low", "rank_high", "system", "name", "type"]
    header += [f"{name}{end}" for name in names for end in ("", ".low", ".high")]
    rows = [
        [
            *(_number(value) for value in (row.rank, row.rank_low, row.rank_high)),
            *(row.system, row.name, row.type or ""),
            *(_number(value) for name in names for value in _three(row.scores.get(name))),
        ]
        for row in board.record.rows
    ]
    return csv_table(header, rows)


def _three(score: Score | None) -> Sequence[float | None]:
    return (None, None, None) if score is None else (score.value, score.low, score.high)


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def as_latex(
    board: Board,
    against: str | None = None,
    only: Sequence[str] = (),
    *,
    intervals: bool = False,
) -> str:
    """A booktabs table with its notes, to go into a paper as it is.

    Bold is the best ranked system and whatever is not told apart from it, score by score; rows
    without a rank are in italics. Scores that only describe are left out unless asked for.
    """
    ranking = [name for name in shown_scores(board) if board.direction(name) != "none"]
    names = chosen_scores(board, only) if only else ranking
    marks = marks_against(board, against, names)
    lines = [r"\begin{tabular}{l" + "r" * len(names) + "}", r"\toprule"]
    lines.append(" & ".join(["System", *map(latex, names)]) + r" \\")
    lines.append(r"\midrule")
    for number, row in enumerate(board.record.rows):
        name = latex(row.name) if board.ranked[number] else rf"\textit{{{latex(row.name)}}}"
        figures = [_latex_cell(board, number, row, score, marks, intervals) for score in names]
        lines.append(" & ".join([name, *figures]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\par\smallskip"]
    notes = [_latex_note(note) for note in note_against(board, against, names)]
    notes += [
        rf"{latex(name)}: \texttt{{{latex(text)}}}." for name, text in _signatures(board, names)
    ]
    bold = r"{\footnotesize Bold: the best and what is not told apart from it."
    bold += "" if all(board.ranked) else " Italics: baselines and people, not ranked."
    return "\n".join([*lines, bold, *notes]) + "}\n"


_LATEX_MARKS = {BETTER: r"$^{\dagger}$", WORSE: r"$^{\ddagger}$"}


def _latex_note(note: str) -> str:
    text = latex(note).replace("≤", r"$\leq$")
    for mark, command in _LATEX_MARKS.items():
        text = text.replace(mark, command)
    return text + "."


def _latex_cell(
    board: Board, number: int, row: Row, name: str, marks: Marks, intervals: bool
) -> str:
    found = row.scores.get(name)
    if found is None:
        return "--"
    value, _, half = with_interval(found, board.factor(name)).partition(" ")
    bold = rf"\textbf{{{value}}}" if _is_best(board, number, name) else value
    mark = _LATEX_MARKS.get(marks.get((number, name), ""), "")
    shown = rf" {{\scriptsize $\pm${half.removeprefix('±')}}}" if intervals and half else ""
    return bold + mark + shown


FORMATS: Mapping[str, Callable[[Board], str]] = {
    "table": as_text,
    "json": lambda board: board.record.to_json(),
    "csv": as_csv,
    "markdown": as_markdown,
    "latex": as_latex,
}
