"""Forensics: what looks wrong is found every time, and what is honest is left alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from mini_boards import rouge_workspace

from tldr_bench.align import Aligned
from tldr_bench.analysis.copies import likely_copies
from tldr_bench.analysis.forensics import Suspicion, suspicions
from tldr_bench.analysis.placement import better_reading
from tldr_bench.baselines import BASELINES, predictions
from tldr_bench.errors import TldrBenchError
from tldr_bench.kinds import Pair
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
SAYS_NOTHING_ITSELF = {"constant"}
"""Baselines that say the same of every paper: no order can be read from them."""


def aligned(task: Task, texts: Sequence[Any]) -> Aligned:
    """These predictions, one per example in the task's order."""
    pairs = (
        Pair(example.id, text, example.target, example.source)
        for example, text in zip(task.examples, texts, strict=True)
    )
    return Aligned(tuple(pairs), "sha256:none")


def baseline(name: str, task: Task) -> list[Any]:
    """What a baseline says of each example."""
    return [json.loads(line)["prediction"] for line in predictions(name, task).splitlines()]


def kinds(found: Sequence[Suspicion]) -> set[str]:
    return {item.kind for item in found}


def said_of(name: str, task: Task) -> list[Any]:
    """A baseline's texts, or by number the references of people."""
    if not name.startswith("reader"):
        return baseline(name, task)
    number = int(name[-1])
    return [example.target[min(number, len(example.target) - 1)] for example in task.examples]  # type: ignore[index]


@pytest.fixture(scope="module")
def mini() -> Task:
    return Workspace(ROOT).task("mini-tldr")


@pytest.fixture(scope="module")
def scitldr(real_data: Path) -> Task:
    return Workspace(ROOT).task("scitldr-a")


# Orders --------------------------------------------------------------------------------------


def orders(task: Task, rotations: Sequence[int]) -> dict[str, list[int]]:
    """Name -> for each row of the task, the row whose text it gets."""
    n = len(task.examples)
    ids = [example.id for example in task.examples]
    by_id = sorted(range(n), key=lambda row: ids[row])
    place = [0] * n
    for at, row in enumerate(by_id):
        place[row] = at
    found = {
        "reversed": list(range(n))[::-1],
        "texts sorted by id": by_id,
        "ids sorted": place,
        "texts sorted by id, reversed": by_id[::-1],
        "half shifted": [*range(n // 2), *range(n // 2 + 1, n), n // 2],
    }
    for k in rotations:
        found[f"shifted {k}"] = [(row + k) % n for row in range(n)]
        found[f"sorted, shifted {k}"] = [by_id[(row + k) % n] for row in range(n)]
        found[f"reversed, shifted {k}"] = [(k - row) % n for row in range(n)]
    return {name: order for name, order in found.items() if order != list(range(n))}


SPEAKING = ("lead", "title", "oracle", "random", "human", "cue", "reader1", "reader2")


@pytest.mark.parametrize("system", SPEAKING)
def test_every_order_is_found_on_mini(mini: Task, system: str) -> None:
    """Every fifth rotation, reversal and sorting of any system's 48 texts is found and named."""
    texts = said_of(system, mini)
    for name, order in orders(mini, range(1, 48, 5)).items():
        reading = better_reading(mini, [texts[row] for row in order])
        assert reading is not None, name
        assert "another order" not in reading.order, name


@pytest.mark.parametrize("system", ["lead", "title", "reader1"])
def test_orders_are_found_on_scitldr(scitldr: Task, system: str) -> None:
    """On SciTLDR-A the same holds for rotations near, far and at random."""
    texts = said_of(system, scitldr)
    rotations = (1, *random.Random(system).sample(range(2, 617), 1))
    for name, order in orders(scitldr, rotations).items():
        reading = better_reading(scitldr, [texts[row] for row in order])
        assert reading is not None, name
        assert "another order" not in reading.order, name


def test_every_rotation_of_the_references_is_found(scitldr: Task) -> None:
    """A file of readers' free paraphrases, the hardest case, is found at every 77th rotation."""
    texts, n = said_of("reader1", scitldr), len(scitldr.examples)
    for k in range(1, n, 77):
        reading = better_reading(scitldr, texts[k:] + texts[:k])
        rows = min(k, n - k)
        assert reading is not None
        assert reading.order == f"shifted by {rows} row{'s' if rows > 1 else ''}"


def test_a_shuffle_without_a_name_is_found(scitldr: Task) -> None:
    """Texts in an arbitrary order are told to be in another order."""
    texts = said_of("reader1", scitldr)
    random.Random(4).shuffle(texts)
    reading = better_reading(scitldr, texts)
    assert reading is not None
    assert reading.order == "as if it were in another order"


def test_a_reading_names_what_happened_and_shows_an_example(mini: Task) -> None:
    """The message of a shifted file has the shift, the figures, and a pair of ids to look at."""
    texts = baseline("lead", mini)
    (found,) = suspicions(mini, aligned(mini, texts[1:] + texts[:1]))
    first, second = (mini.examples[row].id for row in (0, 1))
    assert found.kind == "misplaced"
    assert "the file looks shifted by 1 row" in found.message
    assert f"The prediction for '{first}' is about '{second}'" in found.message


# Other signs -----------------------------------------------------------------------------------


def broken(task: Task) -> dict[str, tuple[str, list[str]]]:
    """How a file is broken -> what is to be found, and the texts."""
    lead, titles, n = baseline("lead", task), baseline("title", task), len(task.examples)
    gold = said_of("reader0", task)
    form = "In this paper we present a new way to look at {} which is better than all others."
    other = [" ".join(f"zebra{row}x{word}" for word in range(6)) for row in range(n)]
    return {
        "sorted": ("sorted", sorted(lead)),
        "another split": ("other-split", other),
        "duplicated block": ("duplicated", [*lead[: n // 2], *lead[: n - n // 2]]),
        "one text": ("template", ["A new method beats all others."] * n),
        "a form": ("template", [form.format(title) for title in titles]),
        "missing end": ("empty", [*lead[: n // 2], *[""] * (n - n // 2)]),
        "cut at 40 characters": ("truncated", [text[:40] for text in lead]),
        "references": ("copied-references", gold),
        "some references": (
            "copied-references",
            [gold[row] if row % 5 == 0 else lead[row] for row in range(n)],
        ),
        "references, edited": (
            "copied-references",
            [text.upper().replace(",", " ") for text in gold],
        ),
        "whole sources": ("copied-source", [" ".join(item.source) for item in task.examples]),
    }


@pytest.mark.parametrize("name", ["mini", "scitldr"])
def test_every_sign_is_found(name: str, request: pytest.FixtureRequest) -> None:
    """Each way to be wrong is found on the small and on the real task, with ids as evidence."""
    task: Task = request.getfixturevalue(name)
    for way, (kind, texts) in broken(task).items():
        found = suspicions(task, aligned(task, texts), declared="abstractive")
        assert kind in kinds(found), (way, kinds(found))
        assert all(item.rows for item in found)
        assert all(row in task.by_id for item in found for row in item.rows)


def test_another_systems_texts_are_found(mini: Task) -> None:
    """A system that repeats another's own words in most rows is named with that other system."""
    own = [
        f"{text} Honest words of system {row}." for row, text in enumerate(baseline("lead", mini))
    ]
    copy = [*own[:40], *baseline("title", mini)[40:]]
    (found,) = suspicions(mini, aligned(mini, copy), {"original": aligned(mini, own)}, "llm")
    assert found.kind == "copied-system"
    assert found.message == "40 of 48 predictions are word for word those of original"


def test_white_space_does_not_hide_a_copy(mini: Task) -> None:
    """The same predictions with other white space are still the same system."""
    own = baseline("lead", mini)
    spaced = [f"  {text} " for text in own]
    found = suspicions(mini, aligned(mini, spaced), {"lead": aligned(mini, own)}, "extractive")
    assert kinds(found) == {"copied-system"}


def test_a_ranking_that_is_shifted_is_found() -> None:
    """In a ranking task, first documents that answer the next query give a shifted file away."""
    task = Workspace(ROOT).task("mini-match")
    ranked = baseline("bm25", task)
    shifted = [tuple(item) for item in ranked[1:] + ranked[:1]]
    (found,) = suspicions(task, aligned(task, shifted), declared="extractive")
    assert found.kind == "misplaced"
    assert "shifted by 1 row" in found.message


def test_gold_labels_are_found() -> None:
    """Labels that are the marked sentences in every paper are no prediction."""
    task = Workspace(ROOT).task("mini-oracle")
    gold = [example.target for example in task.examples]
    assert kinds(suspicions(task, aligned(task, gold), declared="llm")) == {"copied-references"}


# Controls --------------------------------------------------------------------------------------


@pytest.mark.parametrize("task_id", ["mini-tldr", "mini-oracle", "mini-match"])
def test_no_baseline_is_flagged_beside_all_the_others(task_id: str) -> None:
    """Every baseline that the project ships, as it declares itself, raises no suspicion on mini."""
    _no_baseline_is_flagged(Workspace(ROOT).task(task_id))


def test_no_baseline_is_flagged_on_scitldr(scitldr: Task) -> None:
    """The same on the 618 real papers."""
    _no_baseline_is_flagged(scitldr)


def _no_baseline_is_flagged(task: Task) -> None:
    said = {}
    for name, item in BASELINES.items():
        if task.kind in item.makers:
            try:
                texts = baseline(name, task)
            except TldrBenchError:
                continue  # it needs what this task's data does not have
            said[name] = aligned(task, [_value(text) for text in texts])
    assert {"lead", "oracle", "random"} & said.keys()
    for name, own in said.items():
        others = {other: each for other, each in said.items() if other != name}
        declared: Any = BASELINES[name].type
        assert suspicions(task, own, others, declared) == [], name


def _value(prediction: Any) -> Any:
    return tuple(prediction) if isinstance(prediction, list) else prediction


@pytest.mark.parametrize("system", ["lead", "title", "cue", "centrality", "random", "oracle"])
def test_an_honest_system_that_quotes_is_not_flagged(scitldr: Task, system: str) -> None:
    """Sentences of the paper and titles are honest answers, whoever gives them."""
    found = suspicions(scitldr, aligned(scitldr, baseline(system, scitldr)), declared="llm")
    assert found == []


@pytest.mark.parametrize("reader", [1, 2, 3])
def test_free_paraphrases_by_people_are_in_their_place(scitldr: Task, reader: int) -> None:
    """Readers' TLDRs, which share few words with the abstract, are never called misplaced or foreign."""
    texts = said_of(f"reader{reader}", scitldr)
    assert suspicions(scitldr, aligned(scitldr, texts), declared="human") == []


def test_short_answers_are_not_flagged(scitldr: Task) -> None:
    """The part of each title before its colon is an honest short answer."""
    short = [title.partition(":")[0] for title in baseline("title", scitldr)]
    assert suspicions(scitldr, aligned(scitldr, short), declared="abstractive") == []


def test_a_strong_system_is_not_flagged(scitldr: Task) -> None:
    """A system that finds the words of the references in its own order scores high and is honest."""
    strong = [
        f"{example.source[example.labels.index(1)].strip().rstrip('.')}; {example.title}."
        for example in scitldr.examples
    ]
    assert suspicions(scitldr, aligned(scitldr, strong), declared="llm") == []


def test_published_system_outputs_are_not_flagged(scitldr: Task, real_data: Path) -> None:
    """Of two real abstractive systems for 51 papers, one is only told that five texts break off: they do."""
    import csv
    from dataclasses import replace

    table = (real_data / "scitldr/analysis/tldr_pred_nuggets.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    said = {(row["auth_pr"], row["paper_id"]): row["tldr"] for row in rows}
    examples = tuple(item for item in scitldr.examples if ("tldr_gen_ao", item.id) in said)
    task = replace(scitldr, examples=examples)
    assert len(examples) == 51
    found = {}
    for system in ("tldr_gen_ao", "tldr_gen_aic", "baseline_ao", "baseline_aic"):
        texts = [said[system, example.id] for example in examples]
        found[system] = kinds(suspicions(task, aligned(task, texts), declared="abstractive"))
    assert set().union(*found.values()) == {"truncated"}
    assert said["tldr_gen_ao", "rJgTciR9tm"].endswith(" of")


def test_a_handful_of_papers_is_never_suspicious(tmp_workspace: Any) -> None:
    """On four papers nothing is more than chance, so nothing is said."""
    task = Workspace(tmp_workspace.root).task("tiny-summary")
    texts = [str(example.target[0]) for example in task.examples]  # type: ignore[index]
    assert suspicions(task, aligned(task, texts[1:] + texts[:1])) == []
    assert suspicions(task, aligned(task, ["the same"] * 4)) == []


# Where warnings are seen -------------------------------------------------------------------------


def test_validate_and_score_warn_and_succeed(
    cli: Callable[..., Any], mini: Task, tmp_path: Path
) -> None:
    """Both commands print the suspicion as `warning:` with the file, and still exit 0."""
    texts = baseline("lead", mini)
    rouge_workspace(tmp_path)
    folder = tmp_path / "submissions" / "late"
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text("name: Late\ntype: extractive\n")
    rows = (
        json.dumps({"id": item.id, "prediction": text}) + "\n"
        for item, text in zip(mini.examples, texts[1:] + texts[:1], strict=True)
    )
    (folder / "mini-tldr.jsonl").write_text("".join(rows))
    for command in (("validate", folder), ("score",)):
        answer = cli(*command, "--root", tmp_path, cwd=tmp_path)
        assert answer.rc == 0
        assert "mini-tldr.jsonl: misplaced: " in answer.err
        assert "warning:" in answer.err
    checked = cli("validate", folder, "--root", tmp_path, "--format", "json")
    (warning,) = json.loads(checked.out)["warnings"]
    assert warning["message"].startswith("misplaced: ")
    assert json.loads(checked.out)["ok"] is True


def test_validate_warns_without_numpy(mini: Task, tmp_path: Path) -> None:
    """Looking for suspicions does not import numpy: `validate` stays quick."""
    import subprocess
    import sys

    program = (
        "import sys; from tldr_bench.cli.main import app\n"
        f"try: app(['validate', {str(ROOT / 'submissions/lead')!r}])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "assert 'tldr_bench.analysis.forensics' in sys.modules; assert 'numpy' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_forensics_are_quick(scitldr: Task) -> None:
    """A look at 618 predictions costs less CPU than reading their papers from the disk ten times."""
    import time

    pairs = aligned(scitldr, baseline("lead", scitldr))
    suspicions(scitldr, pairs)
    start = time.process_time()
    for _ in range(5):
        Workspace(ROOT).task("scitldr-a")
    middle = time.process_time()
    for _ in range(5):
        suspicions(scitldr, pairs)
    assert time.process_time() - middle < 10 * (middle - start)


def test_likely_copies_are_found_without_comparing_all_pairs() -> None:
    """A copy and its original name each other, half a copy too; a system of its own names nobody."""
    own = [f"text {row}" for row in range(100)]
    half = [text if row % 2 else f"other {row}" for row, text in enumerate(own)]
    systems = {"a": own, "b": [f" {text}\n" for text in own], "half": half, "c": ["x y"] * 100}
    found = likely_copies(systems)
    assert found["a"] == {"b", "half"}
    assert found["c"] == set()
    rankings = {"a": [("d1", "d2")] * 9, "b": [("d1", "d2")] * 9, "c": [("d2",)] * 9}
    assert likely_copies(rankings) == {"a": {"b"}, "b": {"a"}, "c": set()}
