"""Leakage: near twins found, said on card and board, kept while nothing changes, and boards without them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import GOLD, TINY_ROWS, Answer, TinyWorkspace, jsonl

from tldr_bench.card import Card, kept_card
from tldr_bench.card_text import card_text
from tldr_bench.errors import DataError, UsageError
from tldr_bench.execute import board_of
from tldr_bench.leakage import SplitCheck, TwinFinder, check_splits, leaked
from tldr_bench.rows import Example
from tldr_bench.store import Store
from tldr_bench.subset import without
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]


def no_splits(name: str) -> Task:
    """No other split is asked for."""
    raise AssertionError(name)


WORDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
]


def example(name: str, words: list[str], title: str = "") -> Example:
    """A paper of these words."""
    return Example(name, (" ".join(words),), ("x",), title)


def finder(tmp_workspace: TinyWorkspace, *examples: Example) -> TwinFinder:
    """An index of these papers."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    return TwinFinder(Task(task.id, task.folder, task.spec, examples))


def test_jaccard_by_hand(tmp_workspace: TinyWorkspace) -> None:
    """14 words have 10 five-grams; a changed last word leaves 9 in common of 11."""
    index = finder(tmp_workspace, example("own", WORDS))
    found = index.twins("train", [example("other", [*WORDS[:-1], "omicron"])])
    assert found["own"].jaccard == pytest.approx(9 / 11)
    assert (found["own"].task, found["own"].id) == ("train", "other")


@pytest.mark.parametrize(("kept", "twin"), [(9, True), (8, False)])
def test_the_threshold_is_three_tenths(kept: int, twin: bool, tmp_workspace: TinyWorkspace) -> None:
    """5 grams in common of 15 is a twin, 4 of 16 is none."""
    other = [*WORDS[:kept], *(f"new{n}" for n in range(14 - kept))]
    found = finder(tmp_workspace, example("own", WORDS)).twins("train", [example("o", other)])
    assert bool(found) is twin


def test_the_same_title_is_a_twin_whatever_the_text(tmp_workspace: TinyWorkspace) -> None:
    """Case and punctuation of titles do not matter; two papers without a title share none."""
    index = finder(
        tmp_workspace, example("own", WORDS, "On Owls: A Study"), example("untitled", ["p"] * 9)
    )
    others = [example("a", ["q"] * 9, "on owls — a study"), example("b", ["r"] * 9)]
    found = index.twins("train", others)
    assert {own: (twin.id, twin.same_title) for own, twin in found.items()} == {"own": ("a", True)}


def test_of_several_twins_the_nearest_is_named(tmp_workspace: TinyWorkspace) -> None:
    """In whatever order they come."""
    near, far = example("near", WORDS), example("far", [*WORDS[:11], "x", "y", "z"])
    index = finder(tmp_workspace, example("own", WORDS))
    for others in ([near, far], [far, near]):
        assert index.twins("train", others)["own"].id == "near"


def with_splits(workspace: TinyWorkspace, train: list[dict[str, Any]] | None) -> None:
    """tiny-summary names a train split; its rows are here unless None."""
    path = workspace.root / "tasks/tiny-summary/task.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "splits: [tiny-train]\n", encoding="utf-8")
    rows = jsonl(train or [])
    digest = hashlib.sha256(rows.encode()).hexdigest()
    data = f"name: t\ndata:\n  path: tiny/train.jsonl\n  sha256: {digest}\n"
    rest = "kind: summary\nmetrics:\n  rouge155:\nprimary: rouge155.rouge1\n"
    workspace.write("tasks/tiny-train/task.yaml", data + rest)
    if train is not None:
        workspace.write("tasks/tiny/train.jsonl", rows)


TRAIN = [
    {"id": "t1", "source": "Something else.", "targets": ["x"], "title": "owls at NOON"},
    {"id": "t2", "source": " ".join(TINY_ROWS[3]["source"]), "targets": ["y"]},
]


def submissions(workspace: TinyWorkspace) -> None:
    """Two systems: one right on p1 and p4 only, the other right on p2 and p3 only."""
    gold = {row["id"]: row["prediction"] for row in GOLD["tiny-summary"]}
    for system, known in (("memory", {"p1", "p4"}), ("honest", {"p2", "p3"})):
        said = [{"id": p, "prediction": t if p in known else "Hm."} for p, t in gold.items()]
        workspace.submit(system, "tiny-summary", said)


def test_leaked_papers_leave_the_board_and_the_order_changes(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """p1 has a train paper's title and p4 its text: without them memory scores 0 and honest 1."""
    with_splits(tmp_workspace, TRAIN)
    submissions(tmp_workspace)
    done = cli("leaderboard", "tiny-summary", "--without-leaked", "--format", "json")
    assert done.rc == 0, done.err
    assert done.err == "2 of 4 papers have a near twin in tiny-train: left out\n"
    board = json.loads(done.out)
    scores = {row["system"]: row["scores"]["rouge155.rouge1"]["value"] for row in board["rows"]}
    assert (scores, board["examples"]) == ({"honest": 1.0, "memory": 0.0}, 2)
    whole = json.loads(cli("leaderboard", "tiny-summary", "--format", "json").out)
    assert whole["task_version"] != board["task_version"]
    assert {row["scores"]["rouge155.rouge1"]["value"] for row in whole["rows"]} == {0.5}


def test_the_remaining_papers_score_as_in_a_task_of_their_own(
    tmp_workspace: TinyWorkspace,
) -> None:
    """Leaving p1 and p4 out gives the means over p2 and p3, and what was not scored stays so."""
    submissions(tmp_workspace)
    tmp_workspace.submit("broken", "tiny-summary", [{"id": "p1", "prediction": "x"}])
    board = board_of(Workspace(tmp_workspace.root), "tiny-summary")
    kept = without(board, {"p1", "p4"})
    assert [item.submission.system for item in kept.scored] == ["honest", "memory"]
    for item in kept.scored:
        every = board.scored[[s.submission for s in board.scored].index(item.submission)]
        column = every.measurements["rouge155"].columns["rouge2"]
        expected = (column[1] + column[2]) / 2
        assert item.result.scores["rouge155.rouge2"].value == pytest.approx(expected, abs=1e-15)
    assert [item.system for item in kept.failed] == ["broken"]
    with pytest.raises(DataError, match="no paper remains"):
        without(board, {"p1", "p2", "p3", "p4"})


def test_not_looked_is_not_none_found(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Without the other split's data the filter is refused, and the card says it was not looked for."""
    with_splits(tmp_workspace, None)
    submissions(tmp_workspace)
    done = cli("leaderboard", "tiny-summary", "--without-leaked")
    assert done.rc == 1
    assert "tiny-train: its data (tiny/train.jsonl) is not on this machine" in done.err
    shown = cli("card", "tiny-summary")
    assert "near twins         in tiny-train: not looked for: its data" in shown.out


def test_every_split_that_could_not_be_looked_at_has_its_own_line() -> None:
    """Two splits without data are two problems, so the command line prints two lines."""
    task = Workspace(REPOSITORY).task("mini-tldr")
    checks = [SplitCheck(name, not_checked="its data are not here") for name in ("train", "dev")]
    with pytest.raises(DataError) as caught:
        leaked(task, checks)
    assert [str(problem) for problem in caught.value.problems] == [
        "train: its data are not here",
        "dev: its data are not here",
    ]


def test_the_leaderboard_says_what_leaked_or_that_nobody_looked(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """The table ends with number, papers and filter; without the data with what to fetch."""
    with_splits(tmp_workspace, None)
    submissions(tmp_workspace)
    assert cli("leaderboard", "tiny-summary").out.splitlines()[-1] == (
        "near twins in tiny-train: not checked, its data are not at hand "
        "(tldr-bench data fetch tiny-train)"
    )
    tmp_workspace.write("tasks/tiny/train.jsonl", jsonl(TRAIN))
    path = tmp_workspace.root / "tasks/tiny-train/task.yaml"
    nothing, rows = (hashlib.sha256(jsonl(r).encode()).hexdigest() for r in ([], TRAIN))
    path.write_text(path.read_text("utf-8").replace(nothing, rows), "utf-8")
    assert cli("leaderboard", "tiny-summary").out.splitlines()[-2:] == [
        "near twins in tiny-train: 2 of 4 papers (p1, p4)",
        "the board without them: --without-leaked",
    ]


def kept(workspace: TinyWorkspace) -> tuple[Card, int]:
    """The card by way of a store, and how many entries the store has then."""
    found = Workspace(workspace.root)
    store = Store(workspace.root / "store")
    return kept_card(found.task("tiny-summary"), found, store), store.size().entries


def test_a_kept_card_is_the_card_and_is_made_once(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the store come the same bytes, and nothing is counted again."""
    with_splits(tmp_workspace, TRAIN)
    first, entries = kept(tmp_workspace)
    monkeypatch.setattr("tldr_bench.card.card", no_splits)
    again, still = kept(tmp_workspace)
    assert (again, again.to_json(), card_text(again)) == (first, first.to_json(), card_text(first))
    assert (entries, still) == (1, 1)


def test_a_kept_card_follows_the_data(tmp_workspace: TinyWorkspace) -> None:
    """When another split arrives, changes or goes, the card is made anew; a broken split is not kept."""
    with_splits(tmp_workspace, TRAIN)
    rows = tmp_workspace.root / "tasks/tiny/train.jsonl"
    content = rows.read_bytes()
    rows.unlink()
    assert kept(tmp_workspace)[0].splits[0].not_checked
    rows.write_bytes(b"{}\n")
    broken, entries = kept(tmp_workspace)
    assert "SHA-256" in broken.splits[0].not_checked
    assert entries == 1
    rows.write_bytes(content)
    assert len(kept(tmp_workspace)[0].splits[0].twins) == 2
    spec = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    spec.write_text(spec.read_text("utf-8").replace("splits: [tiny-train]", "splits: []"), "utf-8")
    assert kept(tmp_workspace)[0].splits == []


def test_a_kept_card_follows_the_code(
    tmp_workspace: TinyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the code that counts changes, the card is made anew."""
    assert kept(tmp_workspace)[1] == 1
    monkeypatch.setattr("tldr_bench.card.reader", lambda: "another")
    assert kept(tmp_workspace)[1] == 2
    monkeypatch.setattr("tldr_bench.card.code_digest", lambda _: "another")
    assert kept(tmp_workspace)[1] == 3


def test_a_damaged_entry_is_made_anew(tmp_workspace: TinyWorkspace) -> None:
    """What another version of this program kept is not believed."""
    first, _ = kept(tmp_workspace)
    store = Store(tmp_workspace.root / "store")
    key = next(store.entries()).name.removesuffix(".entry")
    store.keep(key, b'{"schema": "tldr-bench/card/0"}')
    assert kept(tmp_workspace)[0] == first


def test_a_task_without_other_splits_says_so(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """Nothing can be said about leakage where no split is named: usage error, and a line on the card."""
    done = cli("leaderboard", "tiny-summary", "--without-leaked")
    assert done.rc == 2
    assert "tiny-summary names no other splits" in done.err
    assert (
        "none named in task.yaml, so leakage was not looked for" in cli("card", "tiny-summary").out
    )
    with pytest.raises(UsageError):
        leaked(Workspace(tmp_workspace.root).task("tiny-summary"), [])


def test_the_card_names_the_twins(tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]) -> None:
    """Which paper of ours, which of theirs, how near; and the same in JSON."""
    with_splits(tmp_workspace, TRAIN)
    text = cli("card", "tiny-summary").out
    assert "near twins         in tiny-train: 2 of our papers" in text
    assert "  p1 ~ t1: Jaccard 0.00, same title" in text
    assert "  p4 ~ t2: Jaccard 1.00\n" in text
    made = json.loads(cli("card", "tiny-summary", "--format", "json").out)
    assert made["schema"] == "tldr-bench/card/1"
    assert [twin["id"] for twin in made["splits"][0]["twins"]] == ["p1", "p4"]


def test_the_text_of_a_stranger_is_inert_on_the_card(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer]
) -> None:
    """An id with an escape sequence is shown escaped."""
    with_splits(tmp_workspace, [{**TRAIN[0], "id": "t\x1b[31m"}])
    assert "p1 ~ t\\x1b[31m" in cli("card", "tiny-summary").out


def test_a_split_compared_with_itself_is_all_twins(real_data: Path) -> None:
    """SciTLDR-A test against itself: each of the 618 papers is its own nearest twin at 1.0."""
    task = Workspace(REPOSITORY).task("scitldr-a")
    found = TwinFinder(task).twins("same", task.examples)
    assert {own: twin.id for own, twin in found.items()} == {e.id: e.id for e in task.examples}
    assert {twin.jaccard for twin in found.values()} == {1.0}


def test_ranking_tasks_are_not_searched_for_twins(tmp_workspace: TinyWorkspace) -> None:
    """Their sources are queries."""
    assert check_splits(Workspace(tmp_workspace.root).task("tiny-ranking"), no_splits) == []
    assert SplitCheck("x").twins == {}
