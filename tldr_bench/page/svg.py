"""SVG and HTML elements as safe text: every attribute and every text inside is escaped here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from markupsafe import Markup, escape


def element(name: str, *inside: object, **attributes: object) -> Markup:
    """An element. `class_` is written `class`, other underscores become hyphens; None is left out.

    >>> str(element("text", "<b>", x=1.25, text_anchor="end", fill=None))
    '<text x="1.2" text-anchor="end">&lt;b&gt;</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(escape(item) for item in inside)
    return Markup(f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>")  # noqa: S704


def number(value: object) -> object:
    """A coordinate with one decimal at most; anything else as it is."""
    if not isinstance(value, float):
        return value
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def text_width(text: str) -> float:
    """How much room a text of 11 pixels takes, rather too much than too little.

    >>> text_width("Owl"), text_width("梟")
    (23.7, 11.5)
    """
    return round(sum(map(_letter, text)), 1)


def _letter(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 11.5
    return 8.6 if letter.isupper() or letter in "mw@%" else 6.5


@dataclass(frozen=True)
class Figure:
    """A drawing with what it takes to be read without seeing it."""

    key: str
    """Unique on the page; in front of the ids inside."""
    title: str
    description: str
    """What it shows, for those who do not see it."""
    caption: str
    """What to look for, under it."""
    drawing: Markup
    header: tuple[str, ...]
    """The heads of the table that says the same."""
    rows: tuple[tuple[str, ...], ...]
    """Its rows, each as long as the header."""

    def at(self, base: str) -> Markup:
        """The drawing for a page from which the task's folder is `base`."""
        # Names inside are escaped: none of them can hold this piece of an attribute.
        return Markup(str(self.drawing).replace('href="compare/', f'href="{escape(base)}compare/'))  # noqa: S704


def drawing(
    key: str,
    title: str,
    description: str,
    width: float,
    height: float,
    *inside: Markup,
    role: str = "img",
    grows: bool = True,
) -> Markup:
    """An <svg> of this size with a title and a description that screen readers read out.

    With links inside, its role is `group`: a picture has no parts that one could reach. One that
    does not grow says its size in pixels: it is never drawn larger than that.
    """
    return element(
        "svg",
        element("title", title, id=f"{key}-t"),
        element("desc", description, id=f"{key}-d"),
        *inside,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=None if grows else width,
        height=None if grows else height,
        role=role,
        aria_labelledby=f"{key}-t {key}-d",
    )
