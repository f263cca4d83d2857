"""One output a line, in the task's order: what fairseq and most summarisers write (`.hypo`)."""

from __future__ import annotations

from pathlib import Path

from tldr_bench.errors import Report, path_name
from tldr_bench.files import decode, read_bounded
from tldr_bench.importers.foreign import MAX_DOCUMENT, MAX_OUTPUTS, Foreign, Options, Output
from tldr_bench.json_text import Unreadable


def read(path: Path, options: Options, report: Report) -> Foreign:
    """Every line is an output, blank ones too; only a line feed ends a line.

    With a file of ids (one a line), the outputs belong to those ids, in that order.
    """
    texts = _lines(path, report)
    if options.ids is None:
        outputs = [Output(f"line {number}", text) for number, text in enumerate(texts, 1)]
        return Foreign(outputs, "text, one output a line", positional=True)
    ids = [name.strip() for name in _lines(options.ids, report)]
    if len(ids) != len(texts) and not report:
        report.add(
            path_name(path), f"has {len(texts)} lines, {path_name(options.ids)} has {len(ids)}"
        )
    outputs = [
        Output(f"line {number}", text, {"the file of ids": name})
        for number, (text, name) in enumerate(zip(texts, ids, strict=False), 1)
    ]
    return Foreign(outputs, "text, one output a line")


def _lines(path: Path, report: Report) -> list[str]:
    try:
        text = decode(read_bounded(path, MAX_DOCUMENT))
        if text.count("\n") > MAX_OUTPUTS:
            raise Unreadable(f"has more than {MAX_OUTPUTS:,} lines")
    except Unreadable as error:
        report.add(path_name(path), str(error), error.line)
        return []
    # Not splitlines: a form feed or U+2028 inside an output ends no line of the file.
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines
