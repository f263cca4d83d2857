"""A blog's posts, saved one after another: title line first, then paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tldr_bench.data import Row
from tldr_bench.make_task.draft import WHOLE, Account, Draft
from tldr_bench.make_task.text_file import Ids, one_line, origin, read_text, wrong

CLOSING = re.compile(
    r"^(to summari[sz]e|to sum up|in summary|in short|summary\b|tl;?dr|to conclude|conclusions?\b)",
    re.IGNORECASE,
)
ASIDE = re.compile(r"^(update|note|bonus|p\.?s\.?|edit)\b.{0,20}:", re.IGNORECASE)
NOT_A_TITLE = re.compile(
    r"^(•|[-*+]\s|\d+[.)]\s|\(?[ivx]+\)|>|“|\"|https?:|update\b|note\b|bonus\b)", re.I
)
TITLE_LENGTH = 150
PARAGRAPH = 200
"""Characters of a line that can only be running text."""
HIDDEN = "[…]"


@dataclass(frozen=True)
class Post:
    """A post: its title, and its paragraphs (formulas and list items are paragraphs, too)."""

    title: str
    paragraphs: tuple[str, ...]


def read_blog(path: Path) -> Draft:
    """A summary task: from the post to its author's closing summary, or else to its title.

    Raises DataError when nothing looks like the title of a post.
    """
    posts = posts_of(read_text(path))
    if not posts:
        raise wrong(
            path,
            "has no posts: looked for title lines (up to 150 characters, without a full stop or colon "
            f"at the end, between blank lines) above a paragraph of at least {PARAGRAPH} characters",
        )
    account = Account({"posts": len(posts)})
    rows = list(_rows(posts, account))
    account.notes.append(WHOLE)
    return Draft(
        "summary",
        rows,
        account,
        origin(path, "a saved blog,"),
        "Blog posts and what their authors made of them in few words: the closing summary where a post "
        "has one, otherwise the title, which the source does not show.",
    )


def posts_of(text: str) -> list[Post]:
    """The posts in the order of the page; what stands above the first title is the blog's own."""
    lines = text.split("\n")
    titles = [at for at in range(len(lines)) if _is_title(lines, at)]
    ends = [*titles[1:], len(lines)]
    return [
        Post(
            one_line(lines[title].lstrip("# ")),
            tuple(filter(None, map(one_line, lines[title + 1 : end]))),
        )
        for title, end in zip(titles, ends, strict=bool(titles))
    ]


def _is_title(lines: list[str], at: int) -> bool:
    """A short line of its own above running text, which neither ends like a sentence nor lists."""
    line = lines[at].strip()
    if not 3 <= len(line) <= TITLE_LENGTH or line[-1] in ".:,;" or "\\" in line:
        return False
    if NOT_A_TITLE.match(line) or not re.search(r"[^\W\d_]{3}", line):
        return False
    around = [*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]]
    below = next((text for text in lines[at + 1 :] if text.strip()), "")
    return not any(text.strip() for text in around) and len(below.strip()) >= PARAGRAPH


def _rows(posts: list[Post], account: Account) -> Iterator[Row]:
    ids = Ids()
    for post in posts:
        body, closing = _parted(post)
        if not body:
            account.leave_out(post.title, "no text below its title")
            continue
        if closing:
            account.count("target: closing summary")
            row: Row = {"title": post.title, "source": body, "targets": [closing]}
        else:
            account.count("target: title")
            hidden, times = _without(post.title, body)
            account.count(f"times the title was hidden in the post ({HIDDEN})", times)
            row = {"source": hidden, "targets": [post.title]}
        yield {"id": ids.make(post.title), **row}


def _parted(post: Post) -> tuple[str, str]:
    """The body and the author's closing summary; updates and notes below it belong to neither."""
    paragraphs = post.paragraphs
    # Only in the second half of a post does "in short" sum it up.
    half = sum(map(len, paragraphs)) / 2
    starts = (at for at, text in enumerate(paragraphs) if CLOSING.match(text))
    start = next((at for at in starts if sum(map(len, paragraphs[:at])) >= half), None)
    if start is None:
        return "\n".join(paragraphs), ""
    closing = [text for text in paragraphs[start:] if not ASIDE.match(text)]
    return "\n".join(paragraphs[:start]), " ".join(closing)


def _without(title: str, body: str) -> tuple[str, int]:
    """The body with the title's words, wherever they stand in a row, replaced by a mark."""
    spaced = r"\W+".join(map(re.escape, re.findall(r"\w+", title)))
    return re.subn(rf"\b{spaced}\b", HIDDEN, body, flags=re.IGNORECASE) if spaced else (body, 0)
