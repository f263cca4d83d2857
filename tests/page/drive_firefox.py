"""Debian's Firefox, driven by Mozilla's own protocol (Playwright needs a Firefox of its own making)."""

from __future__ import annotations

import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sites import hostile_site

PATIENCE = 60
"""Seconds until something that should come is given up: the machine may be busy."""

_ERRORS = """return Services.console.getMessageArray()
    .filter(seen => seen instanceof Ci.nsIScriptError && seen.sourceName.startsWith('file:')
        && !(seen.flags & (Ci.nsIScriptError.warningFlag | Ci.nsIScriptError.infoFlag)))
    .map(seen => seen.sourceName + ': ' + seen.errorMessage)"""


class Firefox:
    """One window of Firefox, and what a test does with it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, name: str) -> None:
        """Open a page of the hostile site, also where only the part behind # is new."""
        self.driver.navigate("about:blank")
        self.driver.navigate(f"{hostile_site().as_uri()}/{name}")

    def js(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns on the page; a promise is waited for."""
        return self.driver.execute_script(script, script_args=arguments, sandbox=None)

    def chrome(self, script: str, *arguments: Any) -> Any:
        """The same with the rights of the browser itself."""
        with self.driver.using_context("chrome"):
            return self.driver.execute_script(script, script_args=arguments)

    def errors(self) -> list[str]:
        """The uncaught errors of pages from a disk since the console was last emptied."""
        found: list[str] = self.chrome(_ERRORS)
        return found

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a hand would."""
        self.driver.find_element("css selector", selector).click()

    def size(self, width: int, height: int) -> None:
        """Give the page so much room; a window itself is never narrower than 500 pixels."""
        self.driver.set_window_rect(width=max(width, 500), height=height + 200)
        room = "Object.assign(gBrowser.selectedBrowser.style, {maxWidth: arguments[0], maxHeight: arguments[1]})"
        self.chrome(room, f"{width}px", f"{height}px")
        wait(lambda: self.js("return [innerWidth, innerHeight]") == [width, height])


def wait(ready: Callable[[], Any]) -> Any:
    """The first answer that is not false."""
    end = time.monotonic() + PATIENCE
    while not (answer := ready()):
        assert time.monotonic() < end, "Firefox does not come to it"
        time.sleep(0.05)
    return answer


@contextmanager
def running_firefox(home: Path) -> Iterator[Firefox]:
    """Firefox with its profile in this folder, killed at the end; without it the test is skipped."""
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.skip("needs firefox-esr: apt-get install firefox-esr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one of its dependencies uses what another deprecates
        why = "needs marionette_driver: pip install marionette_driver"
        marionette = pytest.importorskip("marionette_driver.marionette", reason=why)
    # Port 0 is any free one; Firefox writes which into its profile.
    (home / "user.js").write_text('user_pref("marionette.port", 0);\n')
    command = [program, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
    running = subprocess.Popen(
        [*command, "--profile", str(home)], env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = home / "MarionetteActivePort"
        number = int(wait(lambda: port.exists() and port.read_text()))
        driver = marionette.Marionette(port=number, socket_timeout=PATIENCE)
        driver.start_session(timeout=PATIENCE)
        yield Firefox(driver)
        driver.delete_session()
    finally:
        running.kill()
        running.wait()
