"""What `validate` says to a person: by file, by kind, every problem shown or counted, and never a flood."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from conftest import GOLD, Answer, TinyWorkspace
from hypothesis import given
from hypothesis import strategies as st

from tldr_bench.cli.problems import ALIKE, FEW, report
from tldr_bench.errors import Problem

Cli = Callable[..., Answer]
FILE = "submissions/sub/tiny-summary.jsonl"


def test_the_same_complaint_is_said_once_and_counted(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """A file that is wrong in the same way on 500 lines gives a line, a count and the lines; exit 1."""
    tmp_workspace.submit("sub", "tiny-summary", "{}\n" * 500)
    answer = cli("validate", "submissions/sub")
    assert answer.rc == 1
    assert answer.err.splitlines() == [
        f"{FILE}: 1000 problems of 2 kinds",
        f"error: {FILE}:1: has no 'id'; rows are matched by id, never by position",
        "       the same 499 more times on lines 2-500",
        f"error: {FILE}:1: has no 'prediction'",
        "       the same 499 more times on lines 2-500",
        "",
        "1000 problems in 1 file",
    ]


def test_problems_stand_by_file_and_kind(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """Two files have a heading each; of a kind a few are shown, and the others have their lines listed."""
    tmp_workspace.write("submissions/sub/submission.yaml", "name: x\nauthor: me\ntype: LLM\n")
    rows = [{"id": f"q{number}", "prediction": number} for number in range(8)]
    tmp_workspace.submit("sub", "tiny-summary", rows)
    lines = cli("validate", "submissions/sub").err.splitlines()
    assert lines[0] == "submissions/sub/submission.yaml: 2 problems of 2 kinds"
    assert lines[3:5] == ["", f"{FILE}: 17 problems of 3 kinds"]
    where = lines.index(f"error: {FILE}:1: prediction: expected a text, got 0")
    assert lines[where + ALIKE - 1] == f"error: {FILE}:5: prediction: expected a text, got 4"
    assert lines[where + ALIKE] == "       and 3 more of this kind on lines 6-8"
    assert lines[-1] == "19 problems in 2 files"


def test_the_limit_is_a_limit(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """--limit bounds what is printed as text and as annotations, 0 prints everything, json is always whole."""
    rows = [{"id": f"q{number}", "prediction": number} for number in range(30)]
    tmp_workspace.submit("sub", "tiny-summary", rows)
    whole = len(json.loads(cli("validate", "submissions/sub", "--format", "json").out)["problems"])
    few = cli("validate", "submissions/sub", "--limit", "2")
    assert few.err.count("error: ") == 2
    assert "problems of other kinds" in few.err
    every = cli("validate", "submissions/sub", "--limit", "0")
    assert every.err.count("error: ") == whole
    notes = cli(
        "validate", "submissions/sub", "--limit", "2", "--format", "github"
    ).out.splitlines()
    assert len(notes) == 3
    assert notes[2] == f"::error ::and {whole - 2} more problems"
    assert (
        cli("validate", "submissions/sub", "--limit", "0", "--format", "github").out.count(
            "::error file="
        )
        == whole
    )
    assert few.rc == every.rc == 1


def test_a_file_of_another_kind_is_told_where_to_go(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """A table or a JSON list under the name of a prediction file: once, how it is to be written, and `import`."""
    for text in (
        json.dumps(list(GOLD["tiny-summary"]), indent=1),
        "id,prediction\n" + "p1,x\n" * 20,
    ):
        tmp_workspace.submit("sub", "tiny-summary", text)
        found = cli("validate", "submissions/sub").err
        assert found.count("'tldr-bench import'") == 1
        assert (
            'one JSON object, such as {"id": "…", "prediction": "…"}: write the objects of a list so'
            in found
        )


def test_a_table_beside_the_predictions_is_told_how_to_come_in(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """A .csv or .tsv in a submission's folder, or given alone, points to its importer; another stray does not."""
    folder = tmp_workspace.submit("sub", "tiny-summary", GOLD["tiny-summary"]).parent
    for name in ("tiny-summary.csv", "tiny-summary.TSV", "notes.txt"):
        (folder / name).touch()
    said = {
        line.split(": ")[1].rpartition("/")[2]: line
        for line in cli("validate", "submissions/sub").err.splitlines()[:3]
    }
    for name, form in (("tiny-summary.csv", "csv"), ("tiny-summary.TSV", "tsv")):
        hint = f"; move it elsewhere and bring it in with 'tldr-bench import {form}'"
        assert said[name].endswith(hint)
    assert "tldr-bench import" not in said["notes.txt"]
    alone = cli("validate", "submissions/sub/tiny-summary.csv").err
    assert "'tldr-bench import csv'" in alone


def test_annotations_name_the_file_from_the_top_of_its_repository(
    tmp_workspace: TinyWorkspace, cli: Cli
) -> None:
    """Wherever the command runs in a clone, GitHub finds the file and the line."""
    (tmp_workspace.root / ".git").mkdir()
    tmp_workspace.submit("sub", "tiny-summary", [{"id": "p1", "prediction": None}])
    folder = tmp_workspace.root / "submissions"
    for name, where in (("submissions/sub", None), ("sub", folder), ("../sub", folder / "sub")):
        notes = cli("validate", name, "--format", "github", cwd=where or tmp_workspace.root).out
        assert f"::error file={FILE},line=1::prediction: expected a text, got null" in notes


PROBLEMS = st.lists(
    st.builds(
        Problem,
        st.sampled_from(["a.jsonl", "b.yaml"]),
        st.none() | st.integers(1, 60),
        st.sampled_from(["unknown key 'x'", "unknown key 'y'", "expected 3, got 4", "is missing", "is not valid JSON: x"]),
        st.none() | st.just("id"),
    ),
    max_size=80,
)  # fmt: skip


@given(problems=PROBLEMS, limit=st.integers(1, 40))
def test_every_problem_is_shown_or_counted(problems: Sequence[Problem], limit: int) -> None:
    """Lines in full and counts add up to all there is, whatever the problems and the limit are."""
    lines = report(problems, limit)
    shown = [line.text for line in lines if line.role == "error"]
    assert len(shown) <= limit
    assert set(shown) <= set(map(str, problems))
    if len(problems) <= min(FEW, limit):
        assert sorted(shown) == sorted(map(str, problems))
        return
    counts = [
        re.match(r"(?:the same|and) (\d+)", line.text) for line in lines if line.role == "more"
    ]
    unopened = [re.match(r"and (\d+) more problem", line.text) for line in lines]
    left = sum(int(found[1]) for found in unopened if found)
    assert len(shown) + sum(int(found[1]) for found in counts if found) + left == len(problems)


def test_the_folder_of_all_submissions_is_none(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """Who gives the folder of all submissions, or the board, is told how to name them."""
    tmp_workspace.submit("one", "tiny-summary", GOLD["tiny-summary"])
    tmp_workspace.submit("two", "tiny-summary", GOLD["tiny-summary"])
    for folder in ("submissions", "."):
        answer = cli("validate", folder)
        assert answer.rc == 1
        assert answer.err.splitlines() == [
            f"error: {folder}: holds submissions and is none: name those to check, such as "
            "submissions/one, or all of them as submissions/*/",
            "1 problem in 1 file",
        ]
