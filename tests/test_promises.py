"""Promises that every task keeps: those that ship, those of each kind, and a new folder the moment it exists."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from conftest import GOLD, REPOSITORY, TinyWorkspace, jsonl

from tldr_bench.align import Aligned, align_file
from tldr_bench.errors import MissingData, NotComputed, SubmissionError
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

Rows = list[dict[str, Any]]
BUILTIN = Workspace(REPOSITORY)


@lru_cache
def loaded(task_id: str) -> Task | str:
    """A built-in task, or why it cannot be tested here."""
    try:
        return BUILTIN.task(task_id)
    except MissingData as error:
        return str(error)


HERE = [task_id for task_id in BUILTIN.task_folders() if isinstance(loaded(task_id), Task)]


@pytest.fixture(params=[*HERE, *GOLD])
def task(request: pytest.FixtureRequest, tmp_workspace: TinyWorkspace) -> Task:
    """Every built-in task whose data are here, and a tiny one of each kind."""
    if request.param in GOLD:
        return Workspace(tmp_workspace.root).task(request.param)
    found = loaded(request.param)
    assert isinstance(found, Task)
    return found


def test_the_data_of_every_built_in_task_are_here() -> None:
    """The promises below are tried on every task that ships; the ones without data here are named."""
    assert {"mini-tldr", "mini-oracle", "mini-match"} <= set(HERE)
    missing = sorted(set(BUILTIN.task_folders()) - set(HERE))
    if missing:
        pytest.skip(f"no data here for {', '.join(missing)}: see `tldr-bench data fetch`")


def gold(task: Task) -> Rows:
    """What the data say is right: the first reference, the labels, the relevant documents."""
    first: dict[str, Callable[[Any], Any]] = {
        "summary": lambda target: target[0],
        "labels": list,
        "ranking": lambda target: sorted(target, key=lambda name: (-target[name], name)),
    }
    return [
        {"id": example.id, "prediction": first[task.kind](example.target)}
        for example in task.examples
    ]


def aligned(task: Task, content: str | bytes | Rows, ending: str = ".jsonl") -> Aligned:
    """A prediction file with this content, written and read as any other."""
    if isinstance(content, list):
        content = jsonl(content)
    path = Path(f"{task.id}{ending}")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return align_file(task, path)


def primary(task: Task, rows: Rows) -> float:
    """The primary score, turned so that more is better."""
    name, _, score = task.spec.primary.partition(".")
    metric = task.metrics[name]
    try:
        value = metric.aggregate(metric.measure(aligned(task, rows).pairs))[score]
    except NotComputed as reason:
        pytest.skip(str(reason))
    return -value if metric.direction == "lower" else value


def rivals(task: Task) -> Iterator[tuple[str, Rows]]:
    """Systems that know less than the gold file, or only a part of it."""
    ids = [example.id for example in task.examples]

    def all_say(predict: Callable[[Any], Any]) -> Rows:
        return [{"id": item.id, "prediction": predict(item)} for item in task.examples]

    if task.kind == "summary":
        yield "nothing", all_say(lambda _: "")
        yield "one sentence for all", all_say(lambda _: "We propose a new method.")
        yield "the first sentence", all_say(lambda item: item.source[0])
        yield "the title", all_say(lambda item: item.title)
        yield "the whole source", all_say(lambda item: " ".join(item.source))
        yield "the last reference", all_say(lambda item: item.target[-1])
        yield "all references", all_say(lambda item: " ".join(item.target))
    elif task.kind == "labels":
        yield "nothing", all_say(lambda item: [0] * len(item.target))
        yield "everything", all_say(lambda item: [1] * len(item.target))
        yield "the first", all_say(lambda item: [1] + [0] * (len(item.target) - 1))
        yield "the opposite", all_say(lambda item: [1 - label for label in item.target])
    else:
        pool = sorted(task.pool)
        yield "nothing", all_say(lambda _: [])
        yield "one order for all", all_say(lambda _: pool[:100])
        yield "the id's neighbours", all_say(lambda item: pool[ids.index(item.id) % 7 :][:20])
    yield "the gold of other examples", permuted(task)


def permuted(task: Task) -> Rows:
    """The gold file with the predictions moved on by half its length, among examples of equal size."""
    rows = gold(task)
    groups: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        size = len(row["prediction"]) if task.kind == "labels" else 0
        groups.setdefault(size, []).append(number)
    moved = [dict(row) for row in rows]
    for numbers in groups.values():
        half = (len(numbers) + 1) // 2
        for here, there in zip(numbers, [*numbers[half:], *numbers[:half]], strict=True):
            moved[there]["prediction"] = rows[here]["prediction"]
    return moved


def test_nothing_beats_gold(task: Task) -> None:
    """No system scores higher on a task's primary score than the answers that its data give."""
    best = primary(task, gold(task))
    for name, rows in rivals(task):
        assert primary(task, rows) <= best, name


def test_a_permuted_file_scores_far_below_the_real_one(task: Task) -> None:
    """Predictions that belong to other examples are worth little, so a shifted file is noticed."""
    # In the tiny labels only two of four files can change places: three of five hits remain.
    assert primary(task, permuted(task)) <= 0.6 * primary(task, gold(task))


def test_a_lost_id_is_named(task: Task) -> None:
    """A file without one example's prediction is refused with the id, wherever it stood."""
    rows = gold(task)
    for lost in {0, len(rows) // 2, len(rows) - 1}:
        with pytest.raises(SubmissionError) as error:
            aligned(task, rows[:lost] + rows[lost + 1 :])
        assert f"1 example of {task.id} without a prediction: {rows[lost]['id']!r}" in str(
            error.value
        )


def test_a_duplicated_id_is_refused(task: Task) -> None:
    """The second prediction for an id is refused with both lines, even if it says the same."""
    rows = gold(task)
    with pytest.raises(SubmissionError) as error:
        aligned(task, [*rows, rows[0]])
    message = (
        f"{task.id}.jsonl:{len(rows) + 1}: id {rows[0]['id']!r} has a prediction on line 1 already"
    )
    assert str(error.value) == message


def test_an_unknown_id_is_refused(task: Task) -> None:
    """A prediction for something that is not in the task is refused with its line."""
    rows = [*gold(task), {**gold(task)[0], "id": "nobody knows this id"}]
    with pytest.raises(SubmissionError) as error:
        aligned(task, rows)
    assert str(error.value).startswith(
        f"{task.id}.jsonl:{len(rows)}: unknown id 'nobody knows this id'"
    )


def test_a_file_cut_short_is_refused(task: Task) -> None:
    """The first half of a file is refused, be it cut between two lines or inside one."""
    text = jsonl(gold(task))
    for end in (text.index("\n") + 1, len(text) - 2):
        with pytest.raises(SubmissionError):
            aligned(task, text[:end])


def test_what_only_looks_different_gives_the_same_digest_and_figures(task: Task) -> None:
    """Row order, line ends, byte-order mark, spacing, escapes and compression change nothing."""
    rows = gold(task)
    shuffled = random.Random(0).sample(rows, len(rows))
    plain = aligned(task, rows)
    others = [
        aligned(task, shuffled),
        aligned(task, jsonl(rows).replace("\n", "\r\n")),
        aligned(task, "\ufeff" + jsonl(rows).rstrip("\n")),
        aligned(task, "\n\n".join(json.dumps(row, separators=(",", ":")) for row in shuffled)),
        aligned(task, gzip.compress(jsonl(rows).encode()), ".jsonl.gz"),
    ]
    for other in others:
        assert other == plain


def test_a_change_of_one_prediction_changes_the_digest(task: Task) -> None:
    """Two files with different content are never taken for the same."""
    rows = gold(task)
    empty: dict[str, Any] = {
        "summary": "",
        "labels": [0] * len(rows[0]["prediction"]),
        "ranking": [],
    }
    changed = [{**rows[0], "prediction": empty[task.kind]}, *rows[1:]]
    assert aligned(task, changed).digest != aligned(task, rows).digest


@pytest.fixture
def everything(tmp_workspace: TinyWorkspace) -> TinyWorkspace:
    """A workspace with the gold file and a half-right one for the tiny tasks and those of mini."""
    workspace = Workspace(tmp_workspace.root)
    for task_id in workspace.task_folders():
        if task_id in GOLD or task_id.startswith("mini-"):
            task = workspace.task(task_id)
            tmp_workspace.submit("gold", task_id, gold(task))
            half = [
                a if n % 2 else b
                for n, (a, b) in enumerate(zip(gold(task), permuted(task), strict=True))
            ]
            tmp_workspace.submit("half", task_id, half)
    return tmp_workspace


def results(root: Path) -> Mapping[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.glob("*/*/results/*.json")
    }


def rewritten(root: Path) -> None:
    """The same predictions in another order, with other line ends, packed."""
    for path in root.glob("submissions/*/*.jsonl"):
        lines = path.read_text("utf-8").splitlines()
        random.Random(1).shuffle(lines)
        content = "\ufeff" + "".join(f"{line}\r\n" for line in lines)
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content.encode()))
        path.unlink()


def test_equal_input_gives_equal_bytes_on_any_machine(
    everything: TinyWorkspace, cli: Callable[..., Any], tmp_path: Path
) -> None:
    """Results and boards are the same bytes, whatever order, packing, locale, zone, hash seed or threads."""
    first = cli("score", env={"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"})
    assert first.rc == 0, first.err
    board = cli("leaderboard", "tiny-summary", "--format", "json")
    before = results(everything.root)
    assert len(before) >= 2 * len(GOLD)
    for path in list(everything.root.glob("submissions/*/results/*.json")):
        path.unlink()
    rewritten(everything.root)
    strange = {
        "PYTHONHASHSEED": "2",
        "LC_ALL": "tr_TR.ISO-8859-9",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "Pacific/Kiritimati",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "TLDR_BENCH_CACHE": str(tmp_path / "another cache"),
    }
    second = cli("score", env=strange)
    assert (second.rc, second.out) == (0, first.out)
    assert results(everything.root) == before
    assert cli("leaderboard", "tiny-summary", "--format", "json", env=strange) == board


def test_scoring_again_from_the_store_changes_nothing(
    everything: TinyWorkspace, cli: Callable[..., Any]
) -> None:
    """The second run is answered from the store, with the same bytes."""
    command = ["score", "--task", "mini-oracle", "--task", "tiny-summary", "--task", "tiny-ranking"]
    first = cli(*command)
    assert first.rc == 0, first.err
    before = results(everything.root)
    assert before
    again = cli(*command)
    assert (again.rc, again.out) == (0, first.out)
    assert results(everything.root) == before


def test_a_missing_file_is_not_a_zero(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any]
) -> None:
    """A system without a file for a task has no row and no result there; an empty answer has a real zero."""
    tmp_workspace.submit("here", "tiny-summary", GOLD["tiny-summary"])
    tmp_workspace.submit("elsewhere", "tiny-labels", GOLD["tiny-labels"])
    nothing = [{**row, "prediction": ""} for row in GOLD["tiny-summary"]]
    tmp_workspace.submit("silent", "tiny-summary", nothing)
    assert cli("score").rc == 0
    rows = json.loads(cli("leaderboard", "tiny-summary", "--format", "json").out)["rows"]
    assert [row["system"] for row in rows] == ["here", "silent"]
    assert rows[1]["scores"]["rouge155.rouge1"]["value"] == 0
    assert not (tmp_workspace.root / "submissions/elsewhere/results/tiny-summary.json").exists()
