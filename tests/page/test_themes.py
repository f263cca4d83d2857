"""Themes: the example of docs/themes.md is built as it is written; mistakes are named with file and field."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from conftest import REPOSITORY, TinyWorkspace

from tldr_bench.errors import SiteError
from tldr_bench.execute import board_of
from tldr_bench.page import binary_assets, render
from tldr_bench.workspace import Workspace

ROWS = [{"id": f"p{number}", "prediction": "Owls hunt at noon."} for number in range(1, 5)]


def pages(workspace: TinyWorkspace) -> dict[str, str]:
    workspace.submit("one", "tiny-summary", ROWS)
    board = board_of(Workspace(workspace.root), "tiny-summary")
    return render([board], workspace.root / "site")


def test_the_documented_theme_works(tmp_workspace: TinyWorkspace) -> None:
    """Title, logo, colours, footer, a changed block and an extra page, without forking a template."""
    text = (REPOSITORY / "docs/themes.md").read_text("utf-8")
    files = re.findall(r"^`(site/[\w./]+)`.*?```\w+\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert len(files) == 5
    for name, content in files:
        tmp_workspace.write(name, content)
    site = pages(tmp_workspace)
    front = site["index.html"]
    assert "Glacier Lab</a>" in front
    assert 'src="assets/logo.svg"' in front
    assert "Hosted on recycled electricity." in front
    assert "Kept by the Glacier Lab." in front
    assert all("#1c6480" in site[f"assets/{name}"] for name in ("style.css", "papers.css"))
    assert "assets/theme.css" not in site
    assert "1 Moraine Road" in site["imprint.html"]
    assert 'href="../imprint.html"' in site["tiny-summary/index.html"]
    assert (
        "https://board.example.org/tiny-summary" in site["feed.xml"] or "feed" in site["feed.xml"]
    )


def test_a_picture_is_an_asset_too(tmp_workspace: TinyWorkspace) -> None:
    """A file that is no text is not among the pages, but is listed and copied as it is."""
    tmp_workspace.write("site/assets/photo.png", b"\x89PNG\xff")
    assert binary_assets(tmp_workspace.root / "site") == {"assets/photo.png": b"\x89PNG\xff"}
    assert "assets/photo.png" in pages(tmp_workspace)["data/index.json"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "theme.yaml",
            "titel: X\n",
            "site/theme.yaml:1: unknown key 'titel'. Did you mean 'title'?",
        ),
        ("theme.yaml", "logo: no.svg\n", "site/theme.yaml: logo: there is no assets/no.svg"),
        ("theme.yaml", "pages: {a: A}\n", "site/theme.yaml: pages.a: there is no pages/a.html"),
        ("theme.yaml", "pages: {'../a': A}\n", "expected a name of a-z, 0-9, '-', '_'"),
        ("theme.yaml", "address: javascript:x\n", "address"),
        (
            "templates/about.html",
            "\n{{ nothing }}",
            "site/templates/about.html:2: 'nothing' is undefined",
        ),
        (
            "templates/base.html",
            '{% extends "builtin/base.html" %}\n{% block footer %}\n{{ site.no }}{% endblock %}',
            "site/templates/base.html:3: 'tldr_bench.page.site.Site object' has no attribute 'no'",
        ),
        (
            "templates/macros.html",
            '{% from "builtin/macros.html" import badges %}',
            "templates/task_body.html:",
        ),
        ("templates/about.html", '\n\n{{ "a" + 1 }}', "site/templates/about.html:3: TypeError: "),
        (
            "templates/about.html",
            "{{ 1 / 0 }}",
            "about.html:1: ZeroDivisionError: division by zero",
        ),
        ("templates/about.html", "\n{{ 3|join }}", "site/templates/about.html:2: TypeError: "),
        (
            "templates/about.html",
            b"ok\n\xff",
            "site/templates/about.html:2: is not UTF-8: byte 0xff",
        ),
        ("templates/macros.html", b"\xfe", "site/templates/macros.html:1: is not UTF-8: byte 0xfe"),
        ("templates/about.html", "\n{% if %}", "site/templates/about.html:2: "),
        (
            "templates/about.html",
            "\n{% extends 'no.html' %}",
            "site/templates/about.html:2: there is no template 'no.html'",
        ),
    ],
)
def test_mistakes_in_a_theme_are_named(
    name: str, content: str | bytes, message: str, tmp_workspace: TinyWorkspace
) -> None:
    """A wrong key, a missing file, an unknown name in a template: one line says which and where."""
    tmp_workspace.write(f"site/{name}", content)
    with pytest.raises(SiteError) as caught:
        pages(tmp_workspace)
    assert message in str(caught.value)


def test_an_extra_page_says_where_it_is_wrong(tmp_workspace: TinyWorkspace) -> None:
    """A mistake in `pages/` is named there, with its line; it is no mistake of tldr-bench."""
    tmp_workspace.write("site/theme.yaml", "pages: {more: More}\n")
    tmp_workspace.write("site/pages/more.html", "\n{{ nothing.at_all }}")
    with pytest.raises(SiteError, match=r"site/pages/more\.html:2: 'nothing' is undefined"):
        pages(tmp_workspace)
    tmp_workspace.write("site/pages/more.html", "\n\n{% endif %}")
    with pytest.raises(SiteError, match=r"site/pages/more\.html:3: "):
        pages(tmp_workspace)


def test_a_mistake_of_the_program_is_not_blamed_on_a_theme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no template is the workspace's own, what fails is no error of its site."""
    monkeypatch.setattr("tldr_bench.page.site.metric_views", lambda _: [{}])
    with pytest.raises(jinja2.UndefinedError):
        render([])


def test_an_extra_page_cannot_take_the_place_of_another(tmp_workspace: TinyWorkspace) -> None:
    """Two pages of one name are an error, not a page that silently wins."""
    tmp_workspace.write("site/theme.yaml", "pages: {about: About}\n")
    tmp_workspace.write("site/pages/about.html", "x")
    with pytest.raises(SiteError, match="two pages would have this name"):
        pages(tmp_workspace)


def test_the_shipped_site_is_no_theme_of_itself() -> None:
    """In a clone, where the workspace's site/ is the shipped one, it is used once."""
    assert render([], REPOSITORY / "site") == render([])
    assert Path(REPOSITORY / "site/templates/base.html").is_file()
