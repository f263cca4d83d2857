"""People's judgements of TLDRs, from CSV: SciTLDR's six nuggets, or any file of (id, system, score)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import cache_folder, data_folder
from tldr_bench.errors import DataError, Problem, Report, path_name, shown, unknown
from tldr_bench.files import decode, read_bounded
from tldr_bench.json_text import Unreadable

NUGGETS = (
    "area_field_topic",
    "problem_motivation",
    "mode_of_contrib",
    "details_descrip",
    "results_findings",
    "value_signif",
)
"""What a TLDR may say of a paper (Cachola et al. 2020, section 4): a person marked each 0 or 1."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "paper_id"),
    "system": ("system", "auth_pr"),
    "text": ("text", "prediction", "tldr"),
    "score": ("score",),
}
"""What a column may be called; `text` may be missing."""

FILES = (
    "scitldr/analysis/tldr_pred_nuggets.csv",
    "scitldr/analysis/tldr_auth_pr_gold_nuggets.csv",
    "scitldr/analysis/human_eval_informativeness.csv",
)
"""Published with SciTLDR; looked for below TLDR_BENCH_DATA and in the cache."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person thought of one TLDR."""

    line: int
    id: str
    system: str
    text: str | None
    score: float


@dataclass(frozen=True)
class Judgements:
    """A file of judgements."""

    path: Path
    what: str
    """What was judged, such as "informativeness (six nuggets)"."""
    rows: tuple[Judgement, ...]

    @property
    def has_texts(self) -> bool:
        """Whether the file says what was judged; else the systems' submissions do."""
        return any(row.text is not None for row in self.rows)

    @property
    def repeated(self) -> int:
        """How many rows say the same as an earlier one: same paper, system, text and score."""
        return len(self.rows) - len({(r.id, r.system, r.text, r.score) for r in self.rows})


def published_files() -> list[Path]:
    """SciTLDR's files of judgements, as far as they are on this machine."""
    folders = [folder for folder in (data_folder(), cache_folder() / "data") if folder is not None]
    found = []
    for name in FILES:
        found += [folder / name for folder in folders if (folder / name).is_file()][:1]
    return found


def read_judgements(path: Path, columns: Sequence[str] = ()) -> Judgements:
    """The judgements in a CSV file; `columns` name what is summed up as the score.

    Without `columns` this is `score`, or the six nuggets. Raises DataError with every problem.
    """
    where, report = path_name(path), Report()
    table = _table(path)
    header = next(table, (1, []))[1]
    places = _places(header, where, report)
    judged = list(columns) or _judged(header)
    for name in judged:
        if name not in header:
            report.add(where, unknown("column", name, filter(None, header)), 1)
    report.raise_as(DataError)
    rows = tuple(_rows(table, header, places, judged, where, report))
    if not rows and not report:
        report.add(where, "holds no judgements")
    report.raise_as(DataError)
    return Judgements(path, _what(judged), rows)


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, each with the line on which it ends; a text may have line breaks."""
    try:
        text = decode(read_bounded(path))
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        yield from ((reader.line_num, row) for row in reader if row)
    except (Unreadable, csv.Error) as error:
        raise DataError([Problem(path_name(path), None, f"is not CSV: {error}")]) from None


def _places(header: Sequence[str], where: str, report: Report) -> dict[str, int]:
    places = {}
    for what, names in COLUMNS.items():
        name = next((name for name in names if name in header), None)
        if name is not None:
            places[what] = header.index(name)
        elif what in ("id", "system"):
            known = ", ".join(filter(None, header)) or "nothing"
            report.add(where, f"expected a column {' or '.join(names)}; it has {known}", 1)
    return places


def _judged(header: Sequence[str]) -> list[str]:
    """The columns that make the score."""
    return list(NUGGETS) if set(NUGGETS) <= set(header) else list(COLUMNS["score"])


def _what(judged: Sequence[str]) -> str:
    return "informativeness (six nuggets)" if tuple(judged) == NUGGETS else " + ".join(judged)


def _rows(
    table: Iterator[tuple[int, list[str]]],
    header: Sequence[str],
    places: Mapping[str, int],
    judged: Sequence[str],
    where: str,
    report: Report,
) -> Iterator[Judgement]:
    for line, row in table:
        if len(row) != len(header):
            report.add(where, f"expected {len(header)} columns, got {len(row)}", line)
            continue
        score = _score([row[header.index(name)] for name in judged], judged, where, line, report)
        text = row[places["text"]] if "text" in places else None
        if score is not None:
            yield Judgement(line, row[places["id"]], row[places["system"]], text, score)


def _score(
    cells: Sequence[str], judged: Sequence[str], where: str, line: int, report: Report
) -> float | None:
    """The sum of the judged columns; None, and a problem, where one is no number."""
    values = []
    for name, cell in zip(judged, cells, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            report.add(where, f"expected a number, got {shown(cell)}", line, name)
            return None
        values.append(value)
    return math.fsum(values)
