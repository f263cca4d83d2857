"""Outputs without ids (`lines`, GEM's bare lists): the count must be exact and the order must fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import TinyWorkspace
from foreign_cases import SAID, predictions, refused, taken, task


def references(name: str = "mini-tldr") -> list[str]:
    """The first reference of every paper, in the task's order: a text that fits its own paper."""
    return [str(example.target[0]) for example in task(name).examples]


def hypo(folder: Path, texts: list[str], ending: str = "\n") -> Path:
    """A file with one text a line."""
    path = folder / "test.hypo"
    path.write_bytes("".join(text + ending for text in texts).encode())
    return path


def test_lines_in_order_are_taken(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A file with the right count in the right order gives every paper its own line."""
    found = predictions(taken("lines", hypo(tmp_path, references()), into="mini-tldr"))
    assert list(found.values()) == references()
    assert list(found) == [example.id for example in task("mini-tldr").examples]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_blank_and_odd_lines_keep_their_places(
    tmp_workspace: TinyWorkspace, tmp_path: Path, ending: str
) -> None:
    """A blank line is an empty prediction, and U+2028, form feed or NEL inside a line end no line."""
    texts = ["one\u2028still one", "", "three\x0cstill\x85three", "four"]
    found = predictions(taken("lines", hypo(tmp_path, texts, ending)))
    assert list(found.values()) == texts


@pytest.mark.parametrize(("count", "more"), [(3, ""), (5, " (1 of them blank)")])
def test_another_count_is_refused(
    tmp_workspace: TinyWorkspace, tmp_path: Path, count: int, more: str
) -> None:
    """One line too few or too many is refused with both counts, even if the one too many is blank."""
    texts = [*SAID.values(), ""][:count]
    path = hypo(tmp_path, texts)
    assert refused("lines", path) == (
        f"{path}: has {count} outputs{more}, tiny-summary has 4 examples: "
        "a file without ids must have exactly one for each"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda texts: texts[1:] + texts[:1], "shifted by 1 row"),
        (lambda texts: texts[5:] + texts[:5], "shifted by 5 rows"),
        (lambda texts: texts[::-1], "reversed"),
        (sorted, "another order"),
    ],
    ids=["rotated by one", "rotated by five", "reversed", "sorted"],
)
def test_another_order_is_refused_with_the_reading_that_fits(
    tmp_workspace: TinyWorkspace,
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
    says: str,
) -> None:
    """A perfect file in another order is refused, and the message says in which order it is."""
    message = refused("lines", hypo(tmp_path, change(references())), into="mini-tldr")
    assert "the order does not fit mini-tldr" in message
    assert says in message


def test_lines_sorted_by_id_are_recognised(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Lines in the order of the sorted ids are refused by that name."""
    examples = sorted(task("mini-tldr").examples, key=lambda example: example.id)
    path = hypo(tmp_path, [str(example.target[0]) for example in examples])
    assert "sorted ids" in refused("lines", path, into="mini-tldr")


def test_lines_of_another_data_set_are_refused(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """48 lines about nothing in mini are refused as those of another split or data set."""
    words = ["kettle", "otter", "violin", "tapestry", "beetle", "lantern", "orchard"]
    texts = [" ".join(f"{word}{row}" for word in words) for row in range(48)]
    message = refused("lines", hypo(tmp_path, texts), into="mini-tldr")
    assert "another split or data set" in message


def test_ids_beside_the_lines_decide(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """With a file of ids, lines in any order find their papers."""
    ids = tmp_path / "test.ids"
    order = ["p3", "p1", "p4", "p2"]
    ids.write_text("".join(f"{name}\n" for name in order))
    found = taken("lines", hypo(tmp_path, [SAID[name] for name in order]), ids=ids)
    assert predictions(found) == SAID
    assert found.record["matched_by"] == "the id in the file of ids"


def test_ids_and_lines_of_different_length_are_refused(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Four lines and three ids are refused: nobody knows which line has none."""
    ids = tmp_path / "test.ids"
    ids.write_text("p1\np2\np3\n")
    message = refused("lines", hypo(tmp_path, list(SAID.values())), ids=ids)
    assert f"has 4 lines, {ids} has 3" in message


def test_not_utf8_is_refused(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Latin-1 is named with its byte, not guessed."""
    path = tmp_path / "test.hypo"
    path.write_bytes(b"caf\xe9\n" * 4)
    assert "is not UTF-8: byte 0xe9" in refused("lines", path)


# GEM ---------------------------------------------------------------------------------------------


def gem(folder: Path, tasks: object) -> Path:
    """A GEM submission in the form of the benchmark's template."""
    path = folder / "submission.json"
    value = {
        "submission_name": "T5-base",
        "param_count": 220_000_000,
        "description": "a test",
        "tasks": tasks,
    }
    path.write_text(json.dumps(value))
    return path


def test_gem_keys_are_ids(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Keys that are the task's ids put shuffled values in their places."""
    order = ["p4", "p2", "p1", "p3"]
    part = {"values": [SAID[name] for name in order], "keys": order}
    found = taken("gem", gem(tmp_path, {"tiny_test": part}))
    assert predictions(found) == SAID
    assert found.model == "T5-base"


def test_gem_without_data_sets(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A submission for nothing is called that, and is not taken for one for several data sets."""
    said = refused("gem", gem(tmp_path, {}))
    assert said.endswith("holds no data sets: 'tasks' is empty")


def test_gem_objects_with_gem_id(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Values as objects with `generated` and `gem_id`, which GEM's own scorer also reads, are taken."""
    values = [{"generated": text, "gem_id": name} for name, text in reversed(SAID.items())]
    assert predictions(taken("gem", gem(tmp_path, {"t": {"values": values}}))) == SAID


def test_gem_numbers_are_places(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """GEM's own ids (`gem-tiny-test-2`) are read as places in the data, and that is written down."""
    texts = references()
    keys = [f"gem-mini-test-{n}" for n in range(48)]
    part = {"values": texts[::-1], "keys": keys[::-1]}
    found = taken("gem", gem(tmp_path, {"mini_test": part}), into="mini-tldr")
    assert list(predictions(found).values()) == texts
    assert "places in the data" in str(found.record["dropped"])


def test_gem_numbers_with_a_gap_are_refused(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Numbers that are not exactly 0 to N - 1 are no places."""
    part = {"values": list(SAID.values()), "keys": [f"gem-tiny-test-{n}" for n in (0, 1, 2, 4)]}
    message = refused("gem", gem(tmp_path, {"t": part}))
    assert "no output for 4 of tiny-summary's examples" in message
    assert "value 4 is of no example of tiny-summary (gem_id='gem-tiny-test-4')" in message


def test_gem_without_keys_is_checked_like_lines(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A bare list of values in reverse order is refused like any file without ids."""
    path = gem(tmp_path, {"mini_test": {"values": references()[::-1]}})
    assert "reversed" in refused("gem", path, into="mini-tldr")


def test_gem_with_several_data_sets(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of several data sets one must be picked; the others are named as dropped."""
    part = {"values": list(SAID.values()), "keys": list(SAID)}
    path = gem(tmp_path, {"xsum_test": part, "tiny_test": part})
    assert "more than one data set: choose with --pick: 'xsum_test', 'tiny_test'" in refused(
        "gem", path
    )
    found = taken("gem", path, pick="tiny_test")
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["the outputs for 'xsum_test'"]


def test_gem_values_and_keys_of_different_length(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Keys that do not go with the values are not used for the first few."""
    part = {"values": list(SAID.values()), "keys": ["p1"]}
    assert "has 4 values and 1 keys" in refused("gem", gem(tmp_path, {"t": part}))
