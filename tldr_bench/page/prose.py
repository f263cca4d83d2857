"""The little Markdown that a changelog needs, as HTML in which nothing else gets through."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from tldr_bench.page.links import safe_url

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Release:
    """One section of the changelog."""

    title: str
    anchor: str
    date: str | None
    """The date in its heading, if there is one."""
    text: str
    """Its content as it was written."""
    html: Markup


def releases(changelog: str) -> list[Release]:
    """The sections under `## ` headings, in the order in which they are written."""
    parts = re.split(r"^## +(.+)$", changelog, flags=re.MULTILINE)
    return [_release(title, body) for title, body in zip(parts[1::2], parts[2::2], strict=True)]


def _release(heading: str, body: str) -> Release:
    title = heading.strip()
    date = _DATE.search(title)
    anchor = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "release"
    return Release(title, anchor, date.group() if date else None, body.strip(), blocks(body))


def blocks(text: str) -> Markup:
    """Paragraphs, `### ` headings and `- ` lists."""
    found: list[Markup] = []
    for block in _blocks(text):
        kind, content = block
        found.append(Markup("<{}>{}</{}>").format(Markup(kind), content, Markup(kind)))  # noqa: S704
    return Markup("\n").join(found)


def _blocks(text: str) -> list[tuple[str, Markup]]:
    found: list[tuple[str, Markup]] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.splitlines()
        if lines and lines[0].startswith("#"):
            found.append(("h3", inline(lines.pop(0).lstrip("# "))))
        if lines and lines[0].startswith(("- ", "* ")):
            found.append(("ul", _items(lines)))
        elif lines:
            found.append(("p", inline(" ".join(lines))))
    return found


def _items(lines: list[str]) -> Markup:
    items: list[str] = []
    for line in lines:
        if line.startswith(("- ", "* ")):
            items.append(line[2:])
        else:
            items[-1] += " " + line.strip()
    return Markup("").join(Markup("<li>{}</li>").format(inline(item)) for item in items)


def inline(text: str) -> Markup:
    """Code, bold and links to addresses that a page may link to; everything else is text."""
    parts: list[Markup] = []
    at = 0
    for match in _INLINE.finditer(text):
        parts += [escape(text[at : match.start()]), _span(match)]
        at = match.end()
    return Markup("").join([*parts, escape(text[at:])])


def _span(match: re.Match[str]) -> Markup:
    code, bold, label, address = match.groups()
    if code:
        return Markup("<code>{}</code>").format(code)
    if bold:
        return Markup("<b>{}</b>").format(inline(bold))
    if safe_url(address):
        return Markup('<a href="{}" rel="noopener">{}</a>').format(address, label)
    return escape(label)
