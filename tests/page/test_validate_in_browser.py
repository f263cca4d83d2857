"""The submit page and `tldr-bench validate` say the same of the same files, word for word."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, TinyWorkspace
from sites import browser, hostile_boards, hostile_site, lines

from tldr_bench.execute import board_of
from tldr_bench.page.submit import for_script
from tldr_bench.validation import validate_path
from tldr_bench.workspace import Workspace

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
ZOO = REPOSITORY / "tests/zoo/submissions"
Verdicts = list[tuple[int | None, str | None, str]]


def content(case: dict[str, Any]) -> bytes:
    """The bytes of a case's file."""
    _, boards = hostile_boards()
    ids = list(next(board for board in boards if board.task.id == "owls").task.by_id)
    if "base64" in case:
        return base64.b64decode(case["base64"])
    text = case.get("text", "")
    if case.get("rows") == "good":
        text = lines(dict.fromkeys(ids, "Owls hunt at noon – naïve 🦉."))
    if "unknown" in case:
        text = lines({f"stranger {number}": "x" for number in range(case["unknown"])})
    if "long" in case:
        text = lines({ids[0]: "x" * case["long"], ids[1]: "x"})
    text = ("\ufeff" if case.get("bom") else "") + text
    data = text.replace("\n", "\r\n" if case.get("crlf") else "\n").encode()
    return gzip.compress(data)[: case.get("cut")] if case.get("gzip") else data


def by_python(workspace: Workspace, path: Path) -> Verdicts:
    return [plain(p.line, p.field, p.message) for p in validate_path(workspace, path)]


def in_browser(page: Any, name: str, data: bytes, tasks: Any) -> Verdicts:
    found = page.evaluate(
        """([name, data, tasks]) => window.tldrBenchCheck(
            name, Uint8Array.from(atob(data), c => c.charCodeAt(0)), tasks)""",
        [name, base64.b64encode(data).decode(), tasks],
    )
    return [plain(item["line"], item["field"], item["message"]) for item in found]


def plain(line: int | None, field: str | None, message: str) -> tuple[int | None, str | None, str]:
    """A verdict without what parsers word in their own ways: where exactly JSON or gzip broke."""
    message = re.sub(r"^is not valid JSON: .*", "is not valid JSON", message)
    message = re.sub(r"^(is not gzip, or damaged|is cut short).*", "is not gzip", message)
    return line, field, message


@pytest.fixture
def submit_page() -> Any:
    page = browser().new_page()
    page.goto((hostile_site() / "submit.html").as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_same_verdicts(case: dict[str, Any], submit_page: Any, tmp_path: Path) -> None:
    """One table of cases, run through both: line, field and words are equal."""
    root, _ = hostile_boards()
    data = content(case)
    (tmp_path / case["name"]).write_bytes(data)
    tasks = json.loads(submit_page.locator("#tasks").text_content())["tasks"]
    expected = by_python(Workspace(root), tmp_path / case["name"])
    found = in_browser(submit_page, case["name"], data, tasks)
    if "after no task" in (
        expected[0][2] if expected else ""
    ):  # the workspace has shipped tasks too
        expected, found = [(None, None, item[2][:24]) for item in expected], [found[0]]
        found = [(None, None, item[2][:24]) for item in found]
    assert found == expected


def test_the_whole_zoo_gets_the_same_verdicts(
    submit_page: Any, tmp_workspace: TinyWorkspace
) -> None:
    """Every prediction file of the zoo of broken submissions is judged alike."""
    workspace = Workspace(tmp_workspace.root)
    names = ("tiny-summary", "tiny-labels", "tiny-ranking")
    tasks = json.loads(for_script([board_of(workspace, name) for name in names]))["tasks"]
    files = [
        path
        for path in sorted(ZOO.glob("*/*"))
        if path.is_file() and path.name.removesuffix(".gz").rpartition(".")[0] in names
    ]
    assert len(files) > 30
    for path in files:
        assert in_browser(submit_page, path.name, path.read_bytes(), tasks) == by_python(
            workspace, path
        ), path


def test_a_chosen_file_is_judged_on_the_page(submit_page: Any) -> None:
    """Choosing files shows each with its problems, or says that nothing is wrong; nothing is sent."""
    requests: list[str] = []
    submit_page.on("request", lambda request: requests.append(request.url))
    files = [
        {"name": "owls.jsonl", "mimeType": "", "buffer": content(CASES[0])},
        {"name": "<img src=x onerror=window.pwned=1>.jsonl", "mimeType": "", "buffer": b"{}"},
    ]
    submit_page.set_input_files("#files", files)
    submit_page.wait_for_selector(".file.bad")
    submit_page.wait_for_selector(".file:not(.bad)")
    assert "Nothing is wrong" in submit_page.locator(".file:not(.bad)").inner_text()
    assert "is named after no task" in submit_page.locator(".file.bad").inner_text()
    assert submit_page.evaluate("window.pwned") is None
    assert [url for url in requests if not url.endswith("icon.svg")] == []
