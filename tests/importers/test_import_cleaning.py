"""Cleaning is opt-in, by name, counted and written down; and the command as a user types it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Answer, TinyWorkspace
from foreign_cases import SAID, predictions, refused, taken

from tldr_bench.errors import SubmissionError
from tldr_bench.importers.cleaning import STEPS, clean
from tldr_bench.importers.record import with_import
from tldr_bench.submission import load_submission

Cli = Callable[..., Answer]


@pytest.mark.parametrize(
    ("step", "text", "after"),
    [
        ("think", "<think>\nowls?\n</think>\n\nOwls hunt.", "Owls hunt."),
        ("think", "<THINK>a</THINK>b<thinking>c</thinking> d", "b d"),
        ("think", "thoughts of a prompt-opened block</think>Owls hunt.", "Owls hunt."),
        ("think", "Owls hunt.<think>and then the tokens ran ou", "Owls hunt."),
        ("think", "<think>only thoughts", ""),
        ("think", " We think <b>this</b> is fine. ", " We think <b>this</b> is fine. "),
        ("prefix", "TL;DR: Owls hunt.", "Owls hunt."),
        ("prefix", "**TLDR:** Owls hunt.", "Owls hunt."),
        ("prefix", "tl;dr:Owls hunt.", "Owls hunt."),
        ("prefix", "Here is a one-sentence summary of the paper:\n\nOwls hunt.", "Owls hunt."),
        ("prefix", "Summary: Owls hunt.", "Owls hunt."),
        ("prefix", "A summary of owls: they hunt.", "A summary of owls: they hunt."),
        ("prefix", "TLDR systems: a survey", "TLDR systems: a survey"),
        ("quotes", '"Owls hunt."', "Owls hunt."),
        ("quotes", "\u201cOwls hunt.\u201d ", "Owls hunt."),
        ("quotes", '"Owls" and "mice"', '"Owls" and "mice"'),
        ("quotes", '"', '"'),
        ("quotes", "'tis a paper on owls'", "tis a paper on owls"),
        ("markdown", "**Owls** hunt at `noon`.", "Owls hunt at noon."),
        ("markdown", "## Summary\n- Owls *hunt*.", "Summary\nOwls hunt."),
        ("markdown", "```text\nOwls hunt.\n```", "Owls hunt."),
        ("markdown", "See [owls](https://x.org).", "See owls."),
        ("markdown", "snake_case and 2*3*4 and a_b_c stay", "snake_case and 2*3*4 and a_b_c stay"),
        ("space", " Owls\n\thunt.\u00a0 ", "Owls hunt."),
    ],
)
def test_each_step_does_what_its_name_says(step: str, text: str, after: str) -> None:
    """A step takes away its own kind of clutter, and nothing from a text without it."""
    assert clean([text], [step])[0] == [after]


def test_steps_run_in_one_order() -> None:
    """However they are asked for, steps run in the same order and count what each changed."""
    texts = ['<think>hm</think>**TL;DR:** "Owls\nhunt."', "Mice run."]
    steps = list(STEPS)
    assert clean(texts, steps) == clean(texts, steps[::-1])
    assert clean(texts, steps) == (
        ["Owls hunt.", "Mice run."],
        {"think": 1, "markdown": 1, "prefix": 1, "quotes": 1, "space": 1},
    )


def hypo(folder: Path, texts: list[str]) -> Path:
    path = folder / "out.hypo"
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def test_nothing_is_cleaned_unasked(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Without --clean, blanks, quotes, prefixes and think-blocks arrive letter by letter."""
    texts = [' "x" ', "TL;DR: y", "<think>z</think>", "**w**"]
    assert list(predictions(taken("lines", hypo(tmp_path, texts))).values()) == texts


def test_an_unknown_step_is_refused(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A step that does not exist is named with the nearest one."""
    message = refused("lines", hypo(tmp_path, list(SAID.values())), clean=["thnk"])
    assert message == "--clean: unknown step 'thnk'. Did you mean 'think'?"


# submission.yaml ---------------------------------------------------------------------------------

RECORD = {"format": "lines", "dropped": ["1 row: of 'x'"], "cleaned": "nothing"}


def test_what_the_author_wrote_stays() -> None:
    """Comments, order and other keys of submission.yaml stay; an import is added below them."""
    text = "# my system\nname: Owl  # the best\nnotes: >-\n  long\n  text"
    after = with_import(text, "submission.yaml", "tiny", RECORD)
    assert after.startswith(
        text + "\npostprocessing:\n  imports:\n    tiny:\n      format: lines\n"
    )


@pytest.mark.parametrize(
    "old",
    ["postprocessing: first line only\n", "postprocessing:\n- first\n- last\n"],
    ids=["text", "list"],
)
def test_an_earlier_description_is_kept(tmp_path: Path, old: str) -> None:
    """What stood under `postprocessing` as text or list is kept as its description."""
    text = f"name: Owl\n{old}# about notes\nnotes: x\n"
    folder = tmp_path / "owl"
    folder.mkdir()
    after = with_import(text, "submission.yaml", "tiny", RECORD)
    (folder / "submission.yaml").write_text(after)
    found = load_submission(folder).spec
    assert found.postprocessing["imports"]["tiny"]["format"] == "lines"
    assert found.postprocessing["description"] in ("first line only", ["first", "last"])
    assert after.endswith("# about notes\nnotes: x\n")


def test_a_second_import_joins_the_first() -> None:
    """Imports for two tasks stand beside each other, and one for the same task is replaced."""
    once = with_import("name: Owl\n", "x", "tiny", RECORD)
    twice = with_import(once, "x", "other", RECORD)
    again = with_import(twice, "x", "tiny", {**RECORD, "format": "csv"})
    assert again == twice.replace("tiny:\n      format: lines", "tiny:\n      format: csv")
    assert twice.index("other:") < twice.index("tiny:")


def test_strange_text_in_a_record_is_data() -> None:
    """Names from foreign files cannot become YAML: they are quoted, on one line, without escapes."""
    record = {"tool": "x: {y}\n- &a *b !!python", "dropped": ["'\u001b[31m", "# no comment"]}
    after = with_import("name: Owl\n", "x", "tiny", record)
    assert with_import(after, "x", "tiny", record) == after


def test_a_flow_mapping_is_not_mangled() -> None:
    """A submission.yaml in braces cannot be added to; the message says what to write."""
    with pytest.raises(SubmissionError, match="write it as lines of 'key: value'"):
        with_import("{name: Owl}\n", "x", "tiny", RECORD)


# The command -------------------------------------------------------------------------------------


def test_the_command(tmp_workspace: TinyWorkspace, tmp_path: Path, cli: Cli) -> None:
    """`import` writes predictions and submission.yaml, says what it did, and the result can be scored."""
    path = hypo(tmp_path, [f"TL;DR: {text}" for text in SAID.values()])
    done = cli(
        "import", "lines", path, "--task", "tiny-summary", "--system", "owl", "--clean", "prefix"
    )
    assert (done.rc, done.err) == (0, "")
    assert done.out.splitlines() == [
        "wrote submissions/owl/tiny-summary.jsonl: 4 predictions from text, one output a line",
        "matched by the order of the task's examples",
        "dropped: nothing",
        "cleaned: prefix: 4 of 4 outputs",
    ]
    spec = load_submission(tmp_workspace.root / "submissions/owl").spec
    record = spec.postprocessing["imports"]["tiny-summary"]
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record["file"] == "out.hypo"
    assert cli("validate", "submissions/owl").rc == 0
    assert cli("score", "owl").rc == 0


def test_the_systems_page_shows_what_was_cleaned(
    tmp_workspace: TinyWorkspace, tmp_path: Path, cli: Cli
) -> None:
    """A reader of the board sees which steps ran and how many outputs each of them changed."""
    path = hypo(tmp_path, [f"TL;DR: {text}" for text in SAID.values()])
    command = ["import", "lines", path, "--task", "tiny-summary", "--system", "owl"]
    assert cli(*command, "--clean", "prefix", "--clean", "quotes").rc == 0
    done = cli("run", "--offline")
    assert done.rc == 0, done.err
    (page,) = tmp_workspace.root.glob("_site/tiny-summary/systems/owl.html")
    text = page.read_text("utf-8")
    assert "Post-processing" in text
    assert "cleaned: prefix: 4 of 4 outputs, quotes: 0 of 4 outputs" in text


def test_the_command_keeps_somebodys_predictions(
    tmp_workspace: TinyWorkspace, tmp_path: Path, cli: Cli
) -> None:
    """Other predictions that stand there are replaced only with --force; the same ones are no problem."""
    command = ["import", "lines", "--task", "tiny-summary", "--system", "owl"]
    one = hypo(tmp_path, list(SAID.values()))
    assert cli(*command, one).rc == cli(*command, one).rc == 0
    one.write_text("a\nb\nc\nd\n")
    refused_ = cli(*command, one)
    assert refused_.rc == 1
    assert "exists with other content; give --force to replace it" in refused_.err
    assert cli(*command, one, "--force").rc == 0


def test_a_description_that_cannot_be_read(
    tmp_workspace: TinyWorkspace, tmp_path: Path, cli: Cli
) -> None:
    """A submission.yaml that is not UTF-8 is named, and neither file is touched."""
    about = tmp_workspace.write("submissions/owl/submission.yaml", b"name: \xff\n")
    path = hypo(tmp_path, list(SAID.values()))
    done = cli("import", "lines", path, "--task", "tiny-summary", "--system", "owl")
    assert done.rc == 1
    assert "submission.yaml" in done.err
    assert [item.name for item in about.parent.iterdir()] == ["submission.yaml"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["csvv", "x"], "unknown format 'csvv'. Did you mean 'csv'?"),
        (["lines", "x", "--system", "../evil"], "--system: expected a folder name"),
        (["lines", "x", "--task", "tiny-sumary"], "Did you mean 'tiny-summary'?"),
    ],
)
def test_wrong_usage(
    tmp_workspace: TinyWorkspace, cli: Cli, arguments: list[str], says: str
) -> None:
    """An unknown format or task, or a system name that would leave the folder, is wrong usage: 2."""
    done = cli("import", "--task", "tiny-summary", "--system", "owl", *arguments)
    assert done.rc == 2
    assert says in done.err


def test_nothing_is_written_when_it_is_refused(
    tmp_workspace: TinyWorkspace, tmp_path: Path, cli: Cli
) -> None:
    """A refused file leaves no folder behind, and every problem is a line on standard error."""
    done = cli(
        "import", "lines", hypo(tmp_path, ["a"]), "--task", "tiny-summary", "--system", "owl"
    )
    assert done.rc == 1
    assert done.err.startswith("error: ")
    assert not (tmp_workspace.root / "submissions/owl").exists()
