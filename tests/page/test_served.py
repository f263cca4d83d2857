"""The site under a sub-folder of a web server, as on GitHub Pages: every link leads somewhere."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from sites import PAGES, browser, hostile_site, rendered


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Addresses(HTMLParser):
    """Collects what a page points at, and what can be pointed at in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.found += [value for name in ("href", "src") if (value := known.get(name)) is not None]
        self.ids.add(known.get("id") or "")


def read(text: str) -> Addresses:
    parser = Addresses()
    parser.feed(text)
    return parser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the hostile site stands: `http://127.0.0.1:PORT/sub/`."""
    root = tmp_path_factory.mktemp("www")
    shutil.copytree(hostile_site(), root / "sub")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sub/"
        server.shutdown()


def test_every_link_of_the_site_leads_to_a_file_of_it() -> None:
    """Every href and src of every page, fragment included, resolves inside the sub-folder."""
    pages = {name: read(text) for name, text in rendered().items() if name.endswith(".html")}
    base, broken = "http://host/sub/", []
    for name, page in pages.items():
        for link in page.found:
            target = urlsplit(urljoin(base + name, link))
            if target.scheme not in ("http", "https") or target.netloc != "host":
                continue
            file = unquote(target.path).removeprefix("/sub/")
            known = file in rendered() and (
                not target.fragment or file not in pages or target.fragment in pages[file].ids
            )
            if not known:
                broken.append((name, link))
    assert broken == []


@pytest.mark.parametrize("name", PAGES.values(), ids=PAGES)
def test_every_kind_of_page_works_under_a_sub_folder(name: str, address: str) -> None:
    """Served over HTTP there is no console message, no failed request, none to another host."""
    page = browser().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + name)
    page.wait_for_load_state("networkidle")
    page.close()
    assert said == []
    assert asked
    assert all(url.startswith(address) for url in asked)


# Firefox -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES.values(), ids=PAGES)
def test_firefox_draws_every_kind_of_page(name: str, tmp_path: Path) -> None:
    """Debian's Firefox opens each page from a disk and draws something on it.

    It is driven by its own command line: Playwright needs a Firefox of its own making.
    """
    firefox = shutil.which("firefox-esr")
    if firefox is None:
        pytest.skip("needs Firefox: apt-get install firefox-esr")
    picture = tmp_path / "page.png"
    command = [firefox, "--headless", "--no-remote", "--profile", str(tmp_path / "profile")]
    command += [f"--screenshot={picture}", "--window-size=1280,900"]
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile/user.js").write_text(
        'user_pref("browser.shell.checkDefaultBrowser", false);\n'
    )
    subprocess.run(
        [*command, (hostile_site() / name).as_uri()], capture_output=True, timeout=120, check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 8_000, "an empty page is far smaller"
