"""Saved pages of ShortScience.org: papers with a reader's summary in parts of several lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import Row
from tldr_bench.make_task.draft import WHOLE, Account, Draft
from tldr_bench.make_task.markup import plain_words
from tldr_bench.make_task.text_file import Ids, one_line, origin, read_text, wrong

VENUE = re.compile(r"^.{2,200} - (\d{4}) via .{2,80}$")
"""`arXiv e-Print archive - 2015 via Local arXiv`: what every paper of a page has."""
PART = re.compile(
    r"(?:^|(?<=\s))#{1,3}\s+(Very Short|Really Short|TL;?DR|Short|Medium|Long)\b:?", re.I
)
SHORTEST = ("very short", "really short", "tldr", "tl;dr")
ABSTRACT = "**Abstract:**"
FIELD = re.compile(r"^(\*\*First published|Keywords:|\[link\]|more$|less$)")


@dataclass(frozen=True)
class Paper:
    """What a page says of one paper."""

    title: str
    authors: str
    year: str
    abstract: str
    parts: dict[str, str]
    """Heading in lower case -> text without Markdown, in the order of the page."""


def read_shortscience(path: Path) -> Draft:
    """A summary task: from the abstract (or the longer part) to the shortest part.

    Raises DataError when no line looks like a paper of such a page.
    """
    papers = papers_of(read_text(path))
    if not papers:
        raise wrong(
            path,
            "has no papers: looked for lines like 'arXiv e-Print archive - 2015 via Local arXiv' "
            "below a title and its authors",
        )
    account = Account({"papers": len(papers)})
    rows = list(_rows(papers, account))
    account.notes.append(WHOLE)
    if not rows:
        raise wrong(
            path,
            f"none of its {len(papers)} papers has a summary with a part headed '# Very Short', "
            "'# Really Short' or '# TLDR' and an abstract or a longer part to make it from",
        )
    return Draft(
        "summary",
        rows,
        account,
        origin(path, "a saved ShortScience page,"),
        "Readers' one-paragraph summaries of papers, from the abstract or, where the page has none, "
        "from the reader's own longer summary.",
    )


def papers_of(text: str) -> list[Paper]:
    """The papers of a page, in its order."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    heads = _heads(lines)
    ends = [*heads[1:], len(lines)] if heads else []
    return [_paper(lines[head:end]) for head, end in zip(heads, ends, strict=True)]


def _heads(lines: list[str]) -> list[int]:
    """Where the titles are: two lines above a venue, which the page repeats below the abstract."""
    heads: list[int] = []
    before = ("", "")
    for at, line in enumerate(lines):
        if at < 2 or not VENUE.match(line):
            continue
        block = (lines[at - 1], line)
        if block != before or not FIELD.match(lines[at - 2]):
            heads.append(at - 2)
        before = block
    return heads


def _paper(lines: list[str]) -> Paper:
    title, authors, venue = lines[:3]
    year = VENUE.match(venue)
    return Paper(
        one_line(title),
        one_line(authors),
        year[1] if year else "",
        _abstract(lines, authors),
        _parts(_summary(lines)),
    )


def _abstract(lines: list[str], authors: str) -> str:
    start = next((at for at, line in enumerate(lines) if line.startswith(ABSTRACT)), None)
    if start is None:
        return ""
    rest = lines[start:]
    end = next((at for at, line in enumerate(rest) if line in {"more", "less", authors}), len(rest))
    return plain_words(" ".join(rest[:end]).removeprefix(ABSTRACT))


def _summary(lines: list[str]) -> str:
    """From the first part's heading to the bar with which the page ends a summary."""
    start = next((at for at, line in enumerate(lines) if PART.match(line)), len(lines))
    summary = lines[start:]
    end = next((at for at, line in enumerate(summary) if line.endswith("|")), len(summary))
    return "\n".join(summary[: end + 1]).removesuffix("|")


def _parts(summary: str) -> dict[str, str]:
    pieces = PART.split(summary)
    found = zip(pieces[1::2], pieces[2::2], strict=True)
    return {heading.lower(): plain_words(text) for heading, text in found if text.strip()}


def _rows(papers: list[Paper], account: Account) -> Iterator[Row]:
    ids = Ids()
    for paper in papers:
        target = next((text for name, text in paper.parts.items() if name in SHORTEST), "")
        longer = " ".join(text for name, text in paper.parts.items() if name not in SHORTEST)
        account.count("with an abstract", bool(paper.abstract))
        account.count("with a longer summary", bool(longer))
        if not target:
            account.leave_out(paper.title, "no part headed Very Short, Really Short or TLDR")
        elif not (paper.abstract or longer):
            account.leave_out(paper.title, "neither an abstract nor a longer summary")
        else:
            account.count("source: abstract" if paper.abstract else "source: longer summary")
            yield {
                "id": ids.make(paper.title),
                "title": paper.title,
                "source": paper.abstract or longer,
                "targets": [target],
            }
