"""The submit page and `tldr-bench validate` say the same of the same files, word for word."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, TinyWorkspace
from sites import browser, hostile_boards, hostile_site, lines

from tldr_bench.errors import SubmissionError
from tldr_bench.execute import board_of
from tldr_bench.page.submit import for_script
from tldr_bench.records import parse_record
from tldr_bench.submission import SubmissionFile
from tldr_bench.validation import validate_path
from tldr_bench.workspace import Workspace
from tldr_bench.yaml_text import read_yaml

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


# submission.yaml ---------------------------------------------------------------------------------

DESCRIPTIONS = json.loads((Path(__file__).parent / "description_cases.json").read_text("utf-8"))
LONG = [
    {"why": "a long name", "text": f"name: {'x' * 201}\n"},
    {"why": "a name at the limit", "text": f"name: {'🦉' * 200}\n"},
    {"why": "a long address", "text": f"name: x\npaper_url: https://{'a' * 2000}\n"},
]


def description_by_python(path: Path) -> Verdicts:
    try:
        value, where = read_yaml(path, SubmissionError, follow_links=False)
        parse_record(SubmissionFile, value, "submission.yaml", where, SubmissionError)
    except SubmissionError as error:
        return [(problem.line, problem.field, problem.message) for problem in error.problems]
    return []


def description_in_browser(page: Any, data: bytes) -> Verdicts | None:
    """The verdicts, or None where the page leaves them to the tool."""
    found = page.evaluate(
        """data => window.tldrBench.description(Uint8Array.from(atob(data), c => c.charCodeAt(0)),
            JSON.parse(document.querySelector('#tasks').textContent).description)""",
        base64.b64encode(data).decode(),
    )
    if "problems" not in found:
        return None
    return [(item["line"], item["field"], item["message"]) for item in found["problems"]]


@pytest.mark.parametrize("case", DESCRIPTIONS + LONG, ids=lambda case: case["why"])
def test_a_description_is_judged_alike_or_not_at_all(
    case: dict[str, Any], submit_page: Any, tmp_path: Path
) -> None:
    """One table, run through both: the plain cases are judged in the same words, the others left open."""
    path = tmp_path / "submission.yaml"
    path.write_bytes(case["text"].encode())
    found = description_in_browser(submit_page, path.read_bytes())
    assert (found is None) == case.get("open", False)
    assert found is None or found == description_by_python(path)


def test_no_description_is_judged_wrongly(submit_page: Any, tmp_path: Path) -> None:
    """Bent in thousands of ways, the plain cases are judged as by the tool wherever the page judges."""
    path, chance, judged = tmp_path / "submission.yaml", random.Random(6), 0
    parts = ["\n", "- ", ": ", " #", "'", '"', "  ", "x", "0", "~", "[", "{", "&", "|", "\t", "\u2028", "é", "?", ",", "name: ", "\r"]  # fmt: skip
    texts = []
    for number in range(1500):
        text = DESCRIPTIONS[number % 24]["text"]
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(text))
            text = text[:at] + chance.choice(parts) + text[at + chance.randint(0, 2) :]
        texts.append(text.encode())
    for data in texts:
        found = description_in_browser(submit_page, data)
        if found is not None:
            judged += 1
            path.write_bytes(data)
            assert found == description_by_python(path), data
    assert judged > 100


def test_every_description_of_the_zoo_is_judged_alike_or_not_at_all(submit_page: Any) -> None:
    """The zoo's broken descriptions, and those of the shipped board, which are all judged."""
    for path in sorted(ZOO.glob("*/submission.yaml")):
        found = description_in_browser(submit_page, path.read_bytes())
        assert found is None or found == description_by_python(path), path
    own = sorted((REPOSITORY / "submissions").glob("*/submission.yaml"))
    assert [description_in_browser(submit_page, path.read_bytes()) for path in own] == [[]] * len(
        own
    )


def test_the_page_shows_what_the_pull_request_should_hold(submit_page: Any) -> None:
    """The folder with what was chosen and what lacks; what the page cannot read is left to the tool."""
    rows = {"name": "owls.jsonl", "mimeType": "", "buffer": content(CASES[0])}
    submit_page.set_input_files("#files", [rows])
    submit_page.wait_for_selector("#verdict pre")
    shown = submit_page.locator("#verdict pre").inner_text()
    assert "submission.yaml   not chosen yet" in shown
    assert "owls.jsonl   checked" in shown
    for text, state in (("name: x\n", "checked"), ("name: [x]\n", "checked by the tool only"), ("", "to be mended")):  # fmt: skip
        spec = {"name": "submission.yaml", "mimeType": "", "buffer": text.encode()}
        submit_page.set_input_files("#files", [rows, spec])
        submit_page.wait_for_function(
            "text => document.querySelector('#verdict pre')?.textContent.includes(text)",
            arg=f"submission.yaml   {state}",
        )
    assert "not chosen yet" not in submit_page.locator("#verdict pre").inner_text()
