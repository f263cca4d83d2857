"""Where the site's source comes from: the workspace's own `site/` first, then the one that is shipped.

A workspace overrides what it likes: `theme.yaml` (title, footer, …), any file of `assets/`, any
template. Its templates may extend the shipped ones as `builtin/base.html`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tldr_bench.errors import Problem, SiteError, path_name, shown
from tldr_bench.files import MIB, decode, read_bounded
from tldr_bench.json_text import Unreadable
from tldr_bench.page.links import STEM_PATTERN
from tldr_bench.records import Field, Record, parse_record
from tldr_bench.submission import WEB_ADDRESS
from tldr_bench.yaml_text import read_yaml

LARGEST_ASSET = 8 * MIB
ADDED_STYLE = "theme.css"
"""A workspace's `assets/theme.css` is added to the style sheets, so that colours cost no request."""
STYLES = ("style.css", "papers.css")
"""Of every page; of the pages about papers, after it."""


class Theme(Record):
    """`site/theme.yaml`: what a workspace says about its own board."""

    title: str = Field(default="tldr-bench", min_length=1, max_length=80)
    """The name of the board, in the head of every page."""
    tagline: str = Field(default="", max_length=300)
    """One sentence about the board for search engines: the description of its pages, shown on none."""
    main: str | None = None
    """The task whose table stands on the front page."""
    logo: str | None = None
    """A file in `assets/`, shown beside the title."""
    footer: str = Field(default="", max_length=2000)
    """One more sentence at the foot of every page."""
    address: str | None = Field(default=None, pattern=WEB_ADDRESS)
    """Where the site will stand; the feed and the citation name it."""
    repository: str | None = Field(default=None, pattern=WEB_ADDRESS)
    """Where submissions are sent to."""
    pages: dict[str, str] = Field(default_factory=dict)
    """Extra pages: `pages/NAME.html` -> what the link to it says."""


@dataclass(frozen=True)
class Source:
    """Templates, assets and theme, ready to use."""

    theme: Theme
    environment: jinja2.Environment
    assets: Mapping[str, bytes]
    """File name below `assets/` -> content."""
    folders: Sequence[Path]
    """Where all of it is from: the workspace's own folder, where there is one, then the shipped one."""


def open_source(folders: Sequence[Path]) -> Source:
    """The source in these folders; an earlier one wins. Raises SiteError."""
    assets = _assets(folders)
    theme = _theme(folders)
    if theme.logo is not None and theme.logo not in assets:
        where = path_name(folders[0] / "theme.yaml")
        message = f"there is no assets/{theme.logo[:100]}"
        raise SiteError([Problem(where, None, message, "logo")])
    return Source(theme, _environment(folders), assets, folders)


def _theme(folders: Sequence[Path]) -> Theme:
    for folder in folders:
        path = folder / "theme.yaml"
        if path.is_file():
            value, lines = read_yaml(path, SiteError)
            theme = parse_record(Theme, value, path_name(path), lines, SiteError)
            _check_pages(theme, path)
            return theme
    return Theme()


def _check_pages(theme: Theme, path: Path) -> None:
    problems = []
    for name in theme.pages:
        field = f"pages.{name[:60]}"
        if not STEM_PATTERN.fullmatch(name):
            message = "expected a name of a-z, 0-9, '-', '_'"
            problems.append(Problem(path_name(path), None, message, field))
        elif not (path.parent / "pages" / f"{name}.html").is_file():
            message = f"there is no pages/{name}.html"
            problems.append(Problem(path_name(path), None, message, field))
    if problems:
        raise SiteError(problems)


class _Templates(jinja2.FileSystemLoader):
    """The templates of one folder; a file that is no text is named."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """See jinja2. Raises SiteError, too."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError:
            path = Path(self.searchpath[0], template)
            try:
                decode(read_bounded(path, LARGEST_ASSET))
            except Unreadable as reason:
                problem = Problem(path_name(path), reason.line, str(reason))
                raise SiteError([problem]) from None
            raise


def _environment(folders: Sequence[Path]) -> jinja2.Environment:
    shipped = _Templates(folders[-1] / "templates")
    own = [_Templates(folder / "templates") for folder in folders]
    pages = [
        jinja2.PrefixLoader({"pages": _Templates(folder / "pages")}) for folder in folders[:-1]
    ]
    named = jinja2.PrefixLoader({"builtin": shipped})
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([*own, *pages, named]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    return environment


def _assets(folders: Sequence[Path]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for folder in reversed(folders):
        root = folder / "assets"
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                found[path.relative_to(root).as_posix()] = _asset(path)
    added = found.pop(ADDED_STYLE, b"")
    if added:
        for style in STYLES:
            found[style] = found.get(style, b"") + b"\n" + added
    return dict(sorted(found.items()))


def _asset(path: Path) -> bytes:
    try:
        return read_bounded(path, LARGEST_ASSET)
    except Unreadable as error:
        raise SiteError([Problem(path_name(path), None, str(error))]) from None


def rendered(source: Source, template: str, context: Mapping[str, object]) -> str:
    """A template filled in. Raises SiteError naming the file and line of what is wrong in it."""
    try:
        return source.environment.get_template(template).render(context)
    except jinja2.TemplateSyntaxError as error:
        where = path_name(Path(error.filename)) if error.filename else template
        raise SiteError([Problem(where, error.lineno, error.message or "wrong syntax")]) from None
    except jinja2.TemplateNotFound as error:
        message = f"there is no template {shown(str(error))}"
        raise SiteError([_problem(source, template, error, message)]) from None
    except SiteError:
        raise
    except Exception as error:
        # What is shipped fails by a mistake of ours alone; in a workspace's templates anything can be wrong.
        if not _has_own_templates(source):
            raise
        raise SiteError([_problem(source, template, error, _in_words(error))]) from None


def _has_own_templates(source: Source) -> bool:
    return any(
        path.is_file()
        for folder in source.folders[:-1]
        for kind in ("templates", "pages")
        for path in (folder / kind).rglob("*")
    )


def _problem(source: Source, template: str, error: Exception, message: str) -> Problem:
    """The problem, at the innermost line of a template that was being filled in."""
    roots = [folder.resolve() for folder in source.folders]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if any(path.resolve().is_relative_to(root) for root in roots):
            return Problem(path_name(path), frame.lineno, message)
    return Problem(template, None, message)


def _in_words(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return text if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {text}"
