"""Tables, TREC runs and SummEval's JSON Lines; and the rules by which every file is matched."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from conftest import GOLD, TINY_ROWS, TinyWorkspace, jsonl
from foreign_cases import SAID, SOURCES, predictions, refused, taken


def csv(folder: Path, text: str, name: str = "out.csv") -> Path:
    """A table as it stands."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


ROWS = "".join(f'{name},"{text}"\n' for name, text in SAID.items())


def test_csv_by_id(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A table with `id` and `prediction`, rows in any order, is matched by id."""
    shuffled = "".join(sorted(ROWS.splitlines(keepends=True), reverse=True))
    found = taken("csv", csv(tmp_path, "id,prediction\n" + shuffled))
    assert predictions(found) == SAID
    assert found.record["matched_by"] == "the id in id"
    assert found.record["dropped"] == found.record["cleaned"] == "nothing"


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_tsv_by_either_name(tmp_workspace: TinyWorkspace, tmp_path: Path, form: str) -> None:
    """A .tsv file is split at tabs, whether it is called csv or tsv."""
    text = "paper\tsummary\n" + "".join(f"{name}\t{said}\n" for name, said in SAID.items())
    assert predictions(taken(form, csv(tmp_path, text, "out.tsv"))) == SAID


def test_csv_cells_keep_line_breaks_commas_and_byte_order_mark(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Quoted cells with line breaks, commas and doubled quotes arrive as they are; a BOM is none of the header."""
    odd = 'a,b\nc "d" \u2028e'
    quoted = odd.replace('"', '""')
    text = "\ufeffid,prediction\n" + "".join(f'{name},"{quoted}"\n' for name in SAID)
    assert set(predictions(taken("csv", csv(tmp_path, text))).values()) == {odd}


def test_csv_names_its_lines(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A row with too many cells is named by its line in the file, after a cell of several lines."""
    path = csv(tmp_path, 'id,prediction\np1,"two\nlines"\np2,a,b\np3,x\np4,y\n')
    assert refused("csv", path) == f"{path}:4: expected 2 cells, got 3"


def test_csv_with_another_separator(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A table with semicolons, as German spreadsheets write it, is one problem, whatever its rows hold."""
    path = csv(tmp_path, "id;prediction\np1;x, y, z\np2;a, b\n")
    message = f"{path}:1: looks separated by semicolons: expected commas between the cells"
    assert refused("csv", path) == message
    one = csv(tmp_path, "prediction;really\n" + 'x\n"a, b"\nc\nd, e\n')
    assert (
        refused("csv", one, output_field="prediction;really") == f"{one}:5: expected 1 cell, got 2"
    )


def test_csv_column_is_asked_for(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Without a column of a usual name the columns are listed; --field names it, or the nearest one."""
    path = csv(tmp_path, "id,answer\n" + ROWS)
    assert "say which one holds the outputs with --field: id, answer" in refused("csv", path)
    assert "unknown column 'anwser'. Did you mean 'answer'?" in refused(
        "csv", path, output_field="anwser"
    )
    assert predictions(taken("csv", path, output_field="answer")) == SAID


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty: expected a header"),
        ('id,prediction\np1,"unclosed\n', "not a well-formed table"),
        ("id,id,prediction\np1,p1,x\n", "has two columns 'id'"),
    ],
)
def test_broken_tables(tmp_workspace: TinyWorkspace, tmp_path: Path, text: str, says: str) -> None:
    """Empty files, unclosed quotes and repeated column names are refused by name."""
    assert says in refused("csv", csv(tmp_path, text))


def test_labels_and_rankings_come_as_json_lists(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A table can carry labels and rankings as JSON lists; anything else is named with its line."""
    for name in ("tiny-labels", "tiny-ranking"):
        rows = "".join(
            f'{row["id"]},"{json.dumps(row["prediction"])}"\n'.replace('["', '[""').replace(
                '"]', '""]'
            )
            for row in GOLD[name]
        )
        found = taken("csv", csv(tmp_path, "id,prediction\n" + rows), into=name)
        assert predictions(found) == {row["id"]: row["prediction"] for row in GOLD[name]}
    bad = 'id,prediction\np1,one\np2,"[0, 1]"\np3,"[0,0,1,1]"\np4,"[0,0,1]"\n'
    assert "line 2: expected a list such as [0, 1, 0], got 'one'" in refused(
        "csv", csv(tmp_path, bad), into="tiny-labels"
    )


def test_wrong_labels_are_named_in_the_foreign_file(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """What the task's own rules find is reported at the place in the file that was imported."""
    rows = "".join(f'{row["id"]},"{row["labels"]}"\n' for row in TINY_ROWS[1:])
    path = csv(tmp_path, 'id,prediction\np1,"[0, 1]"\n' + rows)
    assert refused("csv", path, into="tiny-labels") == (
        f"{path}: line 2: example 'p1': expected 3 labels, got 2"
    )


# Matching ----------------------------------------------------------------------------------------


def test_source_title_and_reference_identify_a_paper(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Without ids, the whole source, a title or a reference says which paper an output is about."""
    for name, column in {
        "the text of the source": [" \n".join(row["source"]) for row in TINY_ROWS],
        "the title in what": [row["title"] for row in TINY_ROWS],
        "a reference in what": [row["targets"][-1] for row in TINY_ROWS],
    }.items():
        rows = [
            {"what": text, "decoded": said}
            for text, said in zip(column, SAID.values(), strict=True)
        ]
        path = tmp_path / "rows.jsonl"
        path.write_text(jsonl({"references": [r["what"]], **r} for r in rows))
        text = "what,prediction\n" + "".join(f'"{r["what"]}","{r["decoded"]}"\n' for r in rows)
        found = taken("csv", csv(tmp_path, text))
        assert predictions(found) == SAID
        assert found.record["matched_by"] == name


def test_a_missing_paper_refuses_the_file(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Three of four papers are not a result; what is missing and what belongs to none are both listed."""
    path = csv(tmp_path, "id,prediction\np1,a\np2,b\np3,c\np5,d\n")
    assert refused("csv", path).splitlines() == [
        f"{path}: no output for 1 of tiny-summary's examples (looked for by the id in id): 'p4'",
        f"{path}: line 5 is of no example of tiny-summary (id='p5')",
    ]


def test_more_papers_than_the_task_are_dropped_by_name(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A complete result beside other papers is taken, and the others are written down."""
    found = taken("csv", csv(tmp_path, f"id,prediction\np0,other\n{ROWS}"))
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["1 output of no example of the task: line 2"]


def test_two_outputs_for_one_paper(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Two different outputs for a paper are refused with both places; an equal one is only counted."""
    path = csv(tmp_path, f"id,prediction\n{ROWS}p2,something else\n")
    assert "two different outputs for 'p2': line 3 and line 6" in refused("csv", path)
    found = taken("csv", csv(tmp_path, f"id,prediction\n{ROWS}{ROWS}"))
    assert found.record["dropped"] == ["4 outputs that only repeated another one"]


def test_an_id_that_contradicts_the_source_is_refused(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """Ids shifted by one against the sources beside them are refused, row by row."""
    names = list(SAID)
    rows = [
        f'{name},"{SOURCES[other]}","{SAID[other]}"\n'
        for name, other in zip(names, [*names[1:], names[0]], strict=True)
    ]
    message = refused("csv", csv(tmp_path, "id,source,prediction\n" + "".join(rows)))
    assert "line 2 has the id of 'p1' and the source of 'p2'" in message
    assert len(message.splitlines()) == 4


def test_papers_with_the_same_text_are_not_guessed(
    tmp_workspace: TinyWorkspace, tmp_path: Path
) -> None:
    """A title that two papers share identifies neither."""
    text = (tmp_workspace.root / "tasks/tiny/rows.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]
    rows[1]["title"] = rows[0]["title"]
    import hashlib

    changed = jsonl(rows)
    tmp_workspace.write("tasks/tiny/rows.jsonl", changed)
    spec = tmp_workspace.root / "tasks/tiny-summary/task.yaml"
    old = hashlib.sha256(text.encode()).hexdigest()
    spec.write_text(spec.read_text().replace(old, hashlib.sha256(changed.encode()).hexdigest()))
    table = "title,prediction\n" + "".join(f"{row['title']},said {row['id']}\n" for row in rows)
    assert "no output for 2 of tiny-summary's examples" in refused("csv", csv(tmp_path, table))


def test_named_id_field(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """--id-field is the only way that is tried; a field that is not there is named with the nearest."""
    rows = "".join(f'{name},x{name},"{text}"\n' for name, text in SAID.items())
    path = csv(tmp_path, "id,other,prediction\n" + rows)
    assert predictions(taken("csv", path, id_field="id")) == SAID
    assert "no output for 4" in refused("csv", path, id_field="other")
    assert "unknown field 'othr'. Did you mean 'other'?" in refused("csv", path, id_field="othr")


# TREC --------------------------------------------------------------------------------------------

RUN = "p1 Q0 p1 1 9.5 bm25\np1 Q0 p2 2 9.5 bm25\np2 Q0 p2 1 3 bm25\np3 Q0 p3 2 1e-3 bm25\np4 Q0 p4 1 7 bm25\n"


@pytest.mark.parametrize("packed", [False, True])
def test_trec_run(tmp_workspace: TinyWorkspace, tmp_path: Path, packed: bool) -> None:
    """A run of any name, packed or not, is sorted as trec_eval sorts it: by score, ties by id."""
    path = tmp_path / "output.txt"
    path.write_bytes(gzip.compress(RUN.encode()) if packed else RUN.encode())
    found = taken("trec", path, into="tiny-ranking")
    assert predictions(found) == {"p1": ["p2", "p1"], "p2": ["p2"], "p3": ["p3"], "p4": ["p4"]}


def test_trec_problems_keep_their_lines(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """What is wrong in a run is named in the file that was given, with its line."""
    path = tmp_path / "output.txt"
    path.write_text(RUN + "p4 Q0 p1 1 abc bm25\n")
    message = refused("trec", path, into="tiny-ranking")
    assert f"{path}:6: score: expected a number, got 'abc'" in message


def test_trec_query_without_rows(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A query that a run leaves out has found nothing: it is written so, named, and recorded."""
    path = tmp_path / "output.txt"
    path.write_text(RUN.rpartition("p4 Q0")[0])
    found = taken("trec", path, into="tiny-ranking")
    assert predictions(found) == {"p1": ["p2", "p1"], "p2": ["p2"], "p3": ["p3"], "p4": []}
    assert found.record["filled"] == [
        "1 query without a line in the run: found nothing, and counts 0: 'p4'"
    ]
    assert "filled" not in taken("trec", whole_run(tmp_path), into="tiny-ranking").record


def whole_run(folder: Path) -> Path:
    """A run with a line for every query."""
    path = folder / "whole.run"
    path.write_text(RUN)
    return path


def test_trec_run_of_another_task(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A run none of whose queries is known is refused, and not read as one that never finds anything."""
    path = tmp_path / "output.run"
    path.write_text(RUN.replace("p1 Q0", "q1 Q0").replace("\np", "\nq"))
    assert "unknown id 'q1'" in refused("trec", path, into="tiny-ranking")
    path.write_text("")
    assert "is empty: expected lines of 'query Q0" in refused("trec", path, into="tiny-ranking")


def test_trec_is_for_rankings(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """A run is no summary."""
    path = tmp_path / "output.run"
    path.write_text(RUN)
    assert "is a TREC run" in refused("trec", path)


# SummEval ----------------------------------------------------------------------------------------


def summeval(folder: Path, models: dict[str, dict[str, str]], **more: object) -> Path:
    """Rows as in SummEval's `model_annotations.aligned.jsonl`."""
    scores = [{"coherence": 2, "consistency": 1, "fluency": 4, "relevance": 2}]
    rows = [
        {
            "decoded": text,
            "expert_annotations": scores,
            "filepath": f"cnndm/{name}.story",
            "id": name,
            "model_id": model,
            "references": [row["targets"][0]],
            "turker_annotations": scores,
        }
        for row in TINY_ROWS
        for model, said in models.items()
        for name, text in [(row["id"], said[row["id"]])]
    ]
    path = folder / "aligned.jsonl"
    path.write_text(jsonl(rows))
    return path


def test_summeval(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """One model's outputs are taken by id; the model is known and its rows are all used."""
    found = taken("summeval", summeval(tmp_path, {"M11": SAID}))
    assert predictions(found) == SAID
    assert found.model == "M11"


def test_summeval_of_several_models(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Of several models one must be picked; the rows of the others are counted as dropped."""
    path = summeval(tmp_path, {"M11": SAID, "M20": dict.fromkeys(SAID, "the same")})
    assert "more than one model_id: choose with --pick: 'M11', 'M20'" in refused("summeval", path)
    found = taken("summeval", path, pick="M11")
    assert predictions(found) == SAID
    assert found.record["dropped"] == ["4 outputs of other models"]


def test_summeval_other_rows(tmp_workspace: TinyWorkspace, tmp_path: Path) -> None:
    """Rows without `decoded`, and lines that are no JSON, are named by line."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "p1", "text": "x"}\n{"id": "p2", "id": "p2", "decoded": "y"}\n[]\n')
    message = refused("summeval", path)
    assert f"{path}:1: has no 'decoded'" in message
    assert f"{path}:2: is not valid JSON: the key 'id' is there twice" in message
    assert f"{path}:3: expected a JSON object" in message
