"""Which pages there are, and how a page is made from a record and a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tldr_bench.board_tables import FORMATS
from tldr_bench.errors import Problem, SiteError
from tldr_bench.json_text import canonical_json
from tldr_bench.leaderboard import Board
from tldr_bench.page.cite import Citation, citation
from tldr_bench.page.compare import compared, pair_views
from tldr_bench.page.example import example_views
from tldr_bench.page.examples import Examples
from tldr_bench.page.feed import feed
from tldr_bench.page.index import MANIFEST, site_index
from tldr_bench.page.lengths import score_against_length
from tldr_bench.page.metrics import metric_views
from tldr_bench.page.prose import Release, releases
from tldr_bench.page.reuse import Earlier, board_key, page_key, source_key
from tldr_bench.page.source import Source, Theme, open_source, rendered
from tldr_bench.page.submit import for_script, known_keys
from tldr_bench.page.svg import Figure
from tldr_bench.page.system import systems
from tldr_bench.page.system_record import system_record
from tldr_bench.page.task import TaskHead, TaskView, task_head, task_view
from tldr_bench.page.wins import Wins, win_matrix, wins_of
from tldr_bench.version import __version__
from tldr_bench.workspace import builtin

DOWNLOADS = {"json": "json", "csv": "csv", "latex": "tex", "markdown": "md"}
"""Format of the leaderboard -> ending of its file."""
RECENT = 5
"""Releases on the front page."""

Pages = Iterator[tuple[str, str]]
"""File name and content."""


@dataclass(frozen=True)
class Link:
    """A link to a page of the site."""

    file: str
    text: str


@dataclass(frozen=True)
class Site:
    """What every page shows around its content."""

    theme: Theme
    tasks: tuple[TaskHead, ...]
    """The main one first."""
    version: str
    nav: tuple[Link, ...]
    footer: tuple[Link, ...]
    recent: tuple[Release, ...]
    cite: Citation
    snapshot: str | None
    """The date of the copy that this is; None for the board itself."""


def render(
    boards: Sequence[Board],
    site: Path | None = None,
    *,
    changelog: str = "",
    snapshots: Sequence[str] = (),
    earlier: Path | None = None,
    snapshot: str | None = None,
) -> dict[str, str]:
    """The whole website as file names and contents; equal input gives equal bytes.

    `site` is the workspace's own source; what it lacks is taken from the shipped one. `snapshots`
    are the dates of the copies that stand beside it. `earlier` is the folder of an earlier build:
    parts of it that are made from the same are read, not made again. `snapshot` is the date of the
    copy that this will be: every page says so, and the citation names it.
    Raises SiteError where the source is wrong.
    """
    folders = _folders(site)
    source, dates = open_source(folders), sorted(snapshots, reverse=True)
    writer = _Writer(
        source, boards, releases(changelog), dates, Earlier(earlier), source_key(folders), snapshot
    )
    files: dict[str, str] = {}
    for name, content in writer.pages():
        if name in files:
            raise SiteError([Problem(name, None, "two pages would have this name")])
        files[name] = content
    keys = writer.keys if earlier is not None else {}
    files[MANIFEST] = site_index(writer.boards, files, _binary(source), dates, keys)
    return files


def binary_assets(site: Path | None = None) -> dict[str, bytes]:
    """The assets that are no text, such as a photograph; `render` has the rest."""
    return _binary(open_source(_folders(site)))


def _binary(source: Source) -> dict[str, bytes]:
    return {
        f"assets/{name}": content
        for name, content in source.assets.items()
        if _text(content) is None
    }


def _folders(site: Path | None) -> list[Path]:
    shipped = builtin("site")
    own = site is not None and site.is_dir() and site.resolve() != shipped.resolve()
    return [site, shipped] if own and site is not None else [shipped]


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


class _Writer:
    """Makes one page after the other; a page knows how far it is from the root."""

    def __init__(
        self,
        source: Source,
        boards: Sequence[Board],
        changes: Sequence[Release],
        snapshots: Sequence[str],
        earlier: Earlier,
        key: str,
        snapshot: str | None = None,
    ) -> None:
        self.source = source
        self.snapshot = snapshot
        self.earlier = earlier
        self.keys: dict[str, str] = {}
        self._key = key
        self.boards = _main_first(boards, source.theme)
        self.changes = changes
        self.snapshots = snapshots
        self._parts = [_TaskParts(board) for board in self.boards]

    @cached_property
    def _site(self) -> Site:
        theme = self.source.theme
        tasks = tuple(map(task_head, self.boards))
        examples = [Link(f"{tasks[0].id}/examples/index.html", "Examples")] if tasks else []
        nav = [
            Link("index.html", "Leaderboard"),
            *examples,
            Link("metrics.html", "Metrics"),
            Link("submit.html", "Submit"),
            Link("changelog.html", "Changelog"),
            Link("about.html", "About"),
        ]
        footer = [Link(f"{name}.html", text) for name, text in theme.pages.items()]
        footer += [Link("data/index.json", "JSON"), Link("feed.xml", "Feed")]
        footer.append(Link("about.html#accessibility", "Accessibility"))
        cite = citation(theme, self.boards, self.snapshots, self.snapshot)
        recent = tuple(self.changes[:RECENT])
        return Site(
            theme, tasks, __version__, tuple(nav), tuple(footer), recent, cite, self.snapshot
        )

    def _page(self, name: str, template: str, **view: object) -> tuple[str, str]:
        root = "../" * name.count("/")
        context = {"site": self._site, "root": root, "file": name, **view}
        return name, rendered(self.source, template, context)

    def pages(self) -> Pages:
        """Every file of the site."""
        for name, content in self.source.assets.items():
            text = _text(content)
            if text is not None:
                yield f"assets/{name}", text
        yield from self._general()
        for parts, key in zip(self._parts, self._board_keys, strict=True):
            yield from self._known(f"{parts.board.task.id}/", key, self._task(parts))

    @cached_property
    def _frame(self) -> str:
        """What every page shows around its content."""
        site = self._site
        links = [vars(link) for link in (*site.nav, *site.footer)]
        names = [(task.id, task.name) for task in site.tasks]
        recent = [vars(item) for item in site.recent]
        theme = site.theme.model_dump(mode="json")
        return page_key(self._key, theme, links, names, recent, vars(site.cite), site.snapshot)

    @cached_property
    def _board_keys(self) -> list[str]:
        """What a task's pages are made from."""
        return [page_key(self._frame, board_key(board)) for board in self.boards]

    def _known(self, part: str, key: str, pages: Pages) -> Pages:
        """The pages of a part of the site: those of the earlier build, if they are made from the same."""
        self.keys[part] = key
        kept = self.earlier.pages(part, key)
        yield from pages if kept is None else kept.items()

    def _front(self) -> Pages:
        task = self._parts[0].view if self._parts else None
        yield self._page("index.html", "index.html", task=task)

    def _general(self) -> Pages:
        heads = [vars(task) for task in self._site.tasks]
        front = page_key(self._frame, *self._board_keys[:1], heads)
        yield from self._known("index.html", front, self._front())
        yield self._page("metrics.html", "metrics.html", metrics=metric_views(self.boards))
        script, keys = for_script(self.boards), known_keys()
        yield self._page("submit.html", "submit.html", script=script, keys=keys)
        yield self._page("changelog.html", "changelog.html", releases=self.changes)
        yield self._page("about.html", "about.html", snapshots=self.snapshots)
        for name in self.source.theme.pages:
            yield self._page(f"{name}.html", f"pages/{name}.html")
        yield "feed.xml", feed(self.source.theme, self.boards, self.changes)

    def _task(self, parts: _TaskParts) -> Pages:
        board, folder = parts.board, parts.board.task.id
        yield self._page(f"{folder}/index.html", "task.html", task=parts.view)
        for form, ending in DOWNLOADS.items():
            yield f"{folder}/leaderboard.{ending}", FORMATS[form](board)
        for system in systems(board, parts.wins, parts.compared, parts.examples.files):
            name = f"{folder}/systems/{system.id}"
            yield self._page(f"{name}.html", "system.html", task=parts.view, system=system)
            yield f"{name}.json", canonical_json(system_record(board, system.number))
        for pair, record in pair_views(board, parts.compared, parts.examples.files):
            name = f"{folder}/compare/{pair.name}"
            yield self._page(f"{name}.html", "compare.html", task=parts.view, pair=pair)
            yield f"{name}.json", record.to_json()
        yield from self._examples(parts)

    def _examples(self, parts: _TaskParts) -> Pages:
        folder = f"{parts.board.task.id}/examples"
        entries, widest = parts.examples.entries(), parts.examples.widest
        yield self._page(
            f"{folder}/index.html", "examples.html", task=parts.view, entries=entries, widest=widest
        )
        for place, example in enumerate(example_views(parts.examples)):
            name = f"{folder}/{example.file}"
            yield self._page(f"{name}.html", "example.html", task=parts.view, example=example)
            yield f"{name}.json", canonical_json(parts.examples.record(place))


def _main_first(boards: Sequence[Board], theme: Theme) -> list[Board]:
    """The theme's main task first; without one, the largest task with summaries."""

    def place(board: Board) -> tuple[bool, bool, int, str]:
        task = board.task
        return task.id != theme.main, task.kind != "summary", -len(task.examples), task.id

    return sorted(boards, key=place)


class _TaskParts:
    """What several pages of a task share."""

    def __init__(self, board: Board) -> None:
        self.board = board

    @cached_property
    def examples(self) -> Examples:
        """Its papers."""
        return Examples(self.board)

    @cached_property
    def wins(self) -> Wins:
        """Who beats whom."""
        return wins_of(self.board)

    @cached_property
    def compared(self) -> Mapping[str, tuple[int, int]]:
        """The pairs that have a page."""
        return compared(self.board)

    @cached_property
    def view(self) -> TaskView:
        """The task itself."""
        self.board.decide_all()
        matrix = win_matrix(self.board, self.wins, frozenset(self.compared))
        plane = score_against_length(self.board, self.examples.lengths)
        figures: list[Figure] = [figure for figure in (matrix, plane) if figure is not None]
        return task_view(self.board, figures)
