"""make-task columns: anybody's table, guessed or named columns, and everything that can be wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import TINY_ROWS, Answer, jsonl

from tldr_bench.errors import DataError, UsageError
from tldr_bench.make_task.guess import Columns, decide
from tldr_bench.make_task.sentences import SPLITTERS, fitting, marked_sentence, split
from tldr_bench.make_task.tables import Hub, open_table
from tldr_bench.task import load_task

Make = Callable[..., Answer]


@pytest.fixture
def make(tmp_path: Path, cli: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> Make:
    """Write a file and run `make-task columns` on it, into the folder `mine`."""
    monkeypatch.chdir(tmp_path)

    def run(name: str, content: str | bytes, *options: str) -> Answer:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return cli("make-task", "columns", name, "--out", "mine", *options)

    return run


def written(tmp_path: Path) -> list[dict[str, Any]]:
    """The rows of the task that was made."""
    text = (tmp_path / "mine/mine.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_usual_names_are_guessed_and_the_guess_is_shown(make: Make, tmp_path: Path) -> None:
    """abstract, tldr and paper_id are known; the unusual column is left alone."""
    rows = [{"paper_id": "x", "abstract": "Owls hunt.", "tldr": "Owls.", "colour": "red"}]
    done = make("p.jsonl", jsonl(rows))
    assert done.err == "guessed: source = 'abstract', target = 'tldr', id = 'paper_id'\n"
    assert written(tmp_path) == [{"id": "x", "source": "Owls hunt.", "targets": ["Owls."]}]


def test_named_columns_are_not_guessed_again(make: Make, tmp_path: Path) -> None:
    """--source text --target said win over columns with usual names; ids become row numbers."""
    rows = [{"text": "A b.", "said": "B.", "abstract": "no", "tldr": "no"}] * 2
    done = make("p.jsonl", jsonl(rows), "--source", "text", "--target", "said")
    assert (done.rc, done.err) == (0, "")
    assert [row["id"] for row in written(tmp_path)] == ["1", "2"]
    assert "ids: the rows' numbers, from 1 (no column of ids)" in done.out


@pytest.mark.parametrize(
    ("present", "kind"),
    [
        (("abstract", "tldr"), "summary"),
        (("source", "source_labels", "target"), "summary"),
        (("source", "labels"), "labels"),
        (("query", "pos", "idx", "task_name"), "ranking"),
        (("question", "document"), "ranking"),
    ],
)
def test_the_kind_follows_from_the_columns(present: tuple[str, ...], kind: str) -> None:
    """TLDRs make a summary task, labels alone a labels task, query and answer a ranking."""
    assert decide("x", present, Columns(), None)[0] == kind


def test_a_column_that_does_not_exist_names_the_nearest(make: Make) -> None:
    """All wrong columns at once, each with what was probably meant; nothing is written."""
    done = make("p.csv", "abstract,tldr\na,b\n", "--source", "abstrct", "--target", "tdlr")
    assert done.rc == 1
    assert done.err == (
        "error: p.csv: unknown column 'abstrct'. Did you mean 'abstract'?\n"
        "error: p.csv: unknown column 'tdlr'. Did you mean 'tldr'?\n"
    )
    assert not Path("mine").exists()


def test_columns_that_cannot_be_guessed_are_asked_for(make: Make) -> None:
    """The message gives the options and what columns there are."""
    done = make("p.csv", "a,b\n1,2\n")
    assert done.rc == 2
    assert done.err == (
        "error: p.csv: a summary task needs --source COLUMN and --target COLUMN. Its columns: a, b\n"
    )


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv", ".tsv", ".parquet"])
def test_every_form_of_table_gives_the_same_task(ending: str, make: Make, tmp_path: Path) -> None:
    """The same papers as JSONL, JSON, CSV, TSV and Parquet: one version of the task."""
    rows = [
        {"id": row["id"], "title": row["title"], "source": row["source"], "targets": row["targets"]}
        for row in TINY_ROWS
    ]
    done = make(f"papers{ending}", as_table(rows, ending))
    assert done.rc == 0, done.err
    reference = tmp_path / "ref/mine"
    reference.mkdir(parents=True)
    for name in ("task.yaml", "mine.jsonl"):
        (reference / name).write_bytes((tmp_path / "mine" / name).read_bytes())
    assert [row["source"] for row in written(tmp_path)] == [row["source"] for row in rows]
    assert load_task(reference).version == load_task(tmp_path / "mine").version
    assert written(tmp_path) == rows


def as_table(rows: list[dict[str, Any]], ending: str) -> bytes:
    """The rows in one of the forms."""
    if ending == ".parquet":
        import io

        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), sink)
        return sink.getvalue()
    if ending == ".jsonl":
        return jsonl(rows).encode()
    if ending == ".json":
        return json.dumps(rows).encode()
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if ending == ".tsv" else ",")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(
            [json.dumps(cell) if isinstance(cell, list) else cell for cell in row.values()]
        )
    return text.getvalue().encode()


def test_a_list_as_python_prints_it_is_refused(make: Make) -> None:
    """`['a', 'b']` in a cell is neither a text nor JSON; taken as text, it would score in silence."""
    done = make("p.csv", "abstract,tldr\n\"['One.', 'Two.']\",x\n")
    assert done.rc == 1
    assert "p.csv:2: abstract: expected a text, or a list as JSON writes it, got" in done.err


def test_ids_in_a_text_table_stay_text(make: Make, tmp_path: Path) -> None:
    """007 is an id and not seven; a comma and a line break inside quotes belong to the cell."""
    make("p.csv", 'id,abstract,tldr\n007,"a, b\nc",d\n')
    assert written(tmp_path) == [{"id": "007", "source": "a, b\nc", "targets": ["d"]}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "p.jsonl",
            '{"abstract": "a", "tldr": "b"}\n{"abstract": "a", "tl',
            "p.jsonl:2: is not valid JSON",
        ),
        ("p.csv", 'abstract,tldr\n"a,b\n', "p.csv:2: is not a valid table: unexpected end of data"),
        ("p.csv", "abstract,tldr\na,b\na\n", "p.csv:3: expected 2 cells, got 1"),
        ("p.csv", "abstract,abstract\na,b\n", "p.csv:1: has the column 'abstract' twice"),
        ("p.csv", "", "p.csv: is empty: expected a header"),
        ("p.csv", b"abstract,tldr\n\xff,b\n", "p.csv: is not UTF-8"),
        ("p.parquet", b"PAR1 cut", "p.parquet: is not a whole Parquet file"),
        ("p.jsonl", "", "p.jsonl: holds no rows"),
        ("p.json", '{"abstract": "a"}', "p.json: expected a list of objects"),
        ("p.jsonl", '["a"]\n', "p.jsonl:1: expected a JSON object"),
    ],
)
def test_a_file_that_is_cut_or_malformed_is_refused(
    name: str, content: str | bytes, message: str, make: Make
) -> None:
    """Where, and what was expected; never a shorter task in silence."""
    done = make(name, content)
    assert done.rc == 1
    assert (
        done.err.removeprefix("error: ").splitlines()[-1].startswith(message) or message in done.err
    )
    assert not Path("mine").exists()


BAD = jsonl(
    [
        {"id": "a", "abstract": "Owls hunt.", "tldr": "Owls."},
        {"id": "a", "abstract": "Owls hunt.", "tldr": "Owls."},
        {"id": "b", "abstract": "Owls hunt.", "tldr": " "},
        {"id": "c", "abstract": 7, "tldr": ["x", ""]},
        {"id": None, "abstract": "x", "tldr": "y"},
    ]
)


def test_every_bad_row_is_named_at_once(make: Make) -> None:
    """A repeated id, an empty target, a number for a text, no id: four messages with their lines."""
    done = make("p.jsonl", BAD)
    assert done.rc == 1
    assert done.err.splitlines()[1:] == [
        "error: p.jsonl:2: id: id 'a' is on line 1 already",
        "error: p.jsonl:3: tldr: expected some text, got ' '",
        "error: p.jsonl:4: abstract: expected a text or a list of texts, got 7",
        "error: p.jsonl:5: id: expected an id, got null",
    ]


def test_bad_rows_can_be_left_out_and_are_counted(make: Make, tmp_path: Path) -> None:
    """--skip-bad takes the rest and says which lines are missing and why."""
    done = make("p.jsonl", BAD, "--skip-bad")
    assert done.rc == 0
    assert [row["id"] for row in written(tmp_path)] == ["a"]
    assert "left out, expected some text: 1 (line 3)" in done.out
    assert "left out, id 'a' is on line 1 already: 1 (line 2)" in done.out


def test_labels_are_checked_against_the_sentences(make: Make) -> None:
    """Two sentences need two labels; values other than 0 and 1 are refused."""
    rows = [
        {"id": "a", "source": ["x.", "y."], "labels": [1]},
        {"id": "b", "source": ["x.", "y."], "labels": [0, 2]},
    ]
    done = make("p.jsonl", jsonl(rows))
    assert done.err.splitlines()[1:] == [
        "error: p.jsonl:1: labels: expected 2 labels, one per sentence, got 1",
        "error: p.jsonl:2: labels: expected a list of 0 and 1, got [0, 2]",
    ]


@pytest.mark.parametrize("value", [[True, False], [1.0, 0.0], "1 0", "1,0"])
def test_labels_as_data_sets_write_them(value: Any, make: Make, tmp_path: Path) -> None:
    """Booleans, whole floats and digits in a cell are labels."""
    make("p.jsonl", jsonl([{"id": "a", "source": ["x.", "y."], "labels": value}]))
    assert written(tmp_path)[0]["labels"] == [1, 0]


def test_rows_without_a_positive_label_are_kept_and_counted(make: Make, tmp_path: Path) -> None:
    """Labels that sum to 0 are data: choosing nothing is right there, and the card says so."""
    rows = [{"id": str(n), "source": ["x.", "y."], "labels": [n, 0]} for n in (0, 1)]
    done = make("p.jsonl", jsonl(rows))
    assert len(written(tmp_path)) == 2
    assert "rows without a positive label (nothing chosen is right there): 1" in done.out


def test_several_right_answers_become_documents_of_their_own(make: Make, tmp_path: Path) -> None:
    """`pos` with two texts: both are in the pool, both are relevant."""
    make("p.jsonl", jsonl([{"query": "q", "pos": ["one", "two"], "idx": 5}]))
    task = load_task(tmp_path / "mine")
    assert (dict(task.pool), task.examples[0].target) == (
        {"5.1": "one", "5.2": "two"},
        {"5.1": 1, "5.2": 1},
    )


def test_a_search_collection_of_three_files(make: Make, tmp_path: Path) -> None:
    """Queries, documents and TREC judgements: one ranking task; a query without judgements is named."""
    (tmp_path / "docs.csv").write_text("docno,text\nd1,owls\nd2,bats\n".replace("docno", "id"))
    (tmp_path / "j.qrels").write_text("q1 0 d2 3\nq1 0 d1 0\n")
    queries = jsonl([{"qid": "q1", "text": "night"}, {"qid": "q2", "text": "day"}])
    done = make("q.jsonl", queries, "--documents", "docs.csv", "--qrels", "j.qrels")
    assert done.rc == 0, done.err
    task = load_task(tmp_path / "mine")
    assert ([e.target for e in task.examples], list(task.pool)) == ([{"d2": 3}], ["d1", "d2"])
    assert "left out, a query without a relevant document: 1 (q2)" in done.out


def test_judgements_of_unknown_documents_are_refused(make: Make, tmp_path: Path) -> None:
    """A qrels file of another collection does not make a task."""
    (tmp_path / "docs.csv").write_text("id,text\nd1,owls\n")
    (tmp_path / "j.qrels").write_text("q1 0 d7 1\n")
    done = make(
        "q.jsonl",
        jsonl([{"qid": "q1", "text": "night"}]),
        *("--documents", "docs.csv", "--qrels", "j.qrels"),
    )
    assert done.rc == 1
    assert "j.qrels: judges 'd7' for 'q1', but there is no such document" in done.err


# Joined sources --------------------------------------------------------------------------------

JOINED = {
    "id": "a",
    "source": "Owls sleep by day. We show that some owls hunt at noon. Mice are surprised.",
    "labels": [0, 1, 0],
    "target": "Some owls hunt at noon.",
}


def test_joined_sources_make_a_labels_task_whose_rouge_says_why_it_is_missing(
    make: Make, tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """Label F1 needs no sentences; the ROUGE of the selection is not computed, with the reason."""
    make("p.jsonl", jsonl([JOINED]), "--kind", "labels")
    done = cli("run", "--root", "mine", "--offline")
    assert done.rc == 0, done.err
    result = json.loads((tmp_path / "mine/submissions/lead/results/mine.json").read_text())
    assert result["scores"]["labels.f1"]["value"] == 0.0
    assert result["not_computed"] == {
        "selection": "the source is split into as many sentences as labels in 0 of 1 papers only"
    }


def test_a_split_with_as_many_sentences_as_labels_makes_the_rouge_possible(
    make: Make, tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """--sentences finds the three sentences, and then the oracle's selection has a ROUGE."""
    pytest.importorskip("blingfire")
    done = make("p.jsonl", jsonl([JOINED]), "--kind", "labels", "--sentences", "blingfire")
    assert "sources split into as many sentences as labels: 1" in done.out
    assert len(written(tmp_path)[0]["source"]) == 3
    cli("baseline", "oracle", "--task", "mine", "--root", "mine")
    assert cli("run", "--root", "mine", "--offline").rc == 0
    result = json.loads((tmp_path / "mine/submissions/oracle/results/mine.json").read_text())
    assert result["not_computed"] == {}
    assert 0.7 < result["scores"]["selection.rouge1"]["value"] < 1


@pytest.mark.parametrize("name", SPLITTERS)
def test_splitters_keep_every_word(name: Any) -> None:
    """Sentences put together again are the text, whatever the splitter and the blanks."""
    pytest.importorskip(name)
    text = "One is here.  Two\nis there (cf. Fig. 3).\tIs it? Yes."
    sentences = split(text, name)
    assert len(sentences) > 1
    assert " ".join(sentences).split() == text.split()


def test_the_same_number_of_sentences_by_chance_does_not_fit() -> None:
    """Three sentences for three labels, but the marked one is not the closest: another split."""
    splits: Any = {"pysbd": ["a b", "c d", "e f"], "syntok": ["a b c", "d", "e f"]}
    assert fitting(splits, [0, 1, 0], "c d") == ["a b", "c d", "e f"]
    assert fitting(splits, [1, 0, 0], "c d") is None
    assert fitting(splits, [1, 0, 0], None) == ["a b", "c d", "e f"]
    assert fitting(splits, [1, 0], "c d") is None


def test_two_of_three_splitters_decide_where_the_marked_sentence_is() -> None:
    """Agreement of two counts; of one it does not; nor does a sentence far from the label's place."""
    splits: Any = {
        "blingfire": ["x y", "owls hunt", "z"],
        "pysbd": ["x y", "owls hunt", "z", "w"],
        "syntok": ["x y owls hunt z"],
    }
    assert marked_sentence(splits, [0, 1, 0], "owls hunt") == "owls hunt"
    assert marked_sentence(splits, [1, 0, 0, 0, 0, 0], "owls hunt") is None
    assert (
        marked_sentence({**splits, "pysbd": ["x y", "owls", "hunt z"]}, [0, 1, 0], "owls hunt")
        is None
    )
    assert marked_sentence(splits, [1, 1, 0], "owls hunt") is None


def test_the_joined_papers_at_hand(real_data: Path) -> None:
    """Wherever a splitter fits, the sentence that two of three agree on is the marked one.

    Of the 50 full texts a splitter fits 8, and two of three agree in 46; here are the shorter ones.
    """
    pytest.importorskip("blingfire")
    from tldr_bench.make_task.sentences import all_splits

    path = real_data / "seeds/scitldr_fulltext.jsonl"
    if not path.is_file():
        pytest.skip("needs TLDR_BENCH_DATA with a folder seeds/")
    papers = fits = agreed = right = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if len(row["source"]) > 20_000:
            continue
        papers += 1
        splits = all_splits(row["source"])
        fit = fitting(splits, row["source_labels"], row["target"])
        marked = marked_sentence(splits, row["source_labels"], row["target"])
        agreed += marked is not None
        fits += fit is not None
        right += fit is not None and fit[row["source_labels"].index(1)] == marked
    assert (papers, fits, right, agreed) == (6, 3, 3, 6)


# The Hub ---------------------------------------------------------------------------------------


class _Library(SimpleNamespace):
    """Stands in for `datasets` and `huggingface_hub`: two splits, one commit, no network."""

    def HfApi(self) -> Any:
        return SimpleNamespace(dataset_info=lambda *_, **__: SimpleNamespace(sha="c" * 40))

    def disable_progress_bars(self) -> None:
        return None

    def load_dataset(self, name: str, config: str | None, **options: Any) -> dict[str, Any]:
        assert options == {"revision": "c" * 40, "streaming": True}
        return {"train": [], "test": [{"abstract": f"{name} {config}", "tldr": "x"}]}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Hub with one data set."""
    monkeypatch.delenv("TLDR_BENCH_OFFLINE")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setitem(sys.modules, "datasets", _Library())  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "huggingface_hub", _Library())  # type: ignore[arg-type]


def test_a_hub_data_set_is_pinned_to_the_commit_it_was_read_at(hub: None) -> None:
    """The origin names data set, commit, config and split; the rows are streamed."""
    table = open_table("somebody/papers", Hub("small", "test"))
    assert table.origin == (
        f"https://huggingface.co/datasets/somebody/papers at {'c' * 40}, config small, split test"
    )
    assert list(table.rows) == [(1, {"abstract": "somebody/papers small", "tldr": "x"})]


def test_several_splits_of_a_hub_data_set_are_listed(hub: None) -> None:
    """Which split is never guessed among several."""
    with pytest.raises(UsageError) as caught:
        open_table("somebody/papers")
    assert str(caught.value) == (
        "somebody/papers: say which split; it has: train, test (--split NAME)"
    )


def test_offline_a_hub_id_says_so(make: Make, cli: Callable[..., Answer]) -> None:
    """No waiting for a network that must not be used."""
    done = cli("make-task", "columns", "somebody/papers", "--out", "mine", "--offline")
    assert done.rc == 2
    assert done.err == (
        "error: somebody/papers is on the Hub, and this is offline: give a file instead\n"
    )


def test_a_name_that_is_no_file_and_no_hub_id(tmp_path: Path) -> None:
    """A file that is not there is said to be missing; anything else is asked about."""
    with pytest.raises(DataError, match=r"papers\.csv: no such file or directory"):
        open_table(str(tmp_path / "papers.csv"))
    with pytest.raises(UsageError, match="is neither a file"):
        open_table("papers")


# Size ------------------------------------------------------------------------------------------


def test_a_source_of_150000_characters(make: Make, tmp_path: Path) -> None:
    """A long text is taken whole; a row of more than a megabyte is refused by its line."""
    long = "word " * 30_000
    assert make("p.jsonl", jsonl([{"abstract": long, "tldr": "x"}])).rc == 0
    assert written(tmp_path)[0]["source"] == long
    done = make("p.jsonl", jsonl([{"abstract": long * 8, "tldr": "x"}]), "--force")
    assert done.rc == 1
    assert "is longer than the limit of 1 MiB a line" in done.err


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Ten times the rows take the same memory but for ids: under 200 bytes a row, well below the rows' size."""
    import tracemalloc

    from tldr_bench.make_task.columns import Wishes, read_columns
    from tldr_bench.make_task.write import write_task

    def peak(number: int) -> int:
        path = tmp_path / f"{number}.jsonl"
        row = (
            '{"id": "paper-%d", "abstract": "' + "words and more words " * 20 + '", "tldr": "x"}\n'
        )
        path.write_text("".join(row % at for at in range(number)))
        tracemalloc.start()
        draft, _ = read_columns(open_table(str(path)), Columns(), Wishes())
        write_task(tmp_path / f"task-{number}", draft)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    few, many = peak(1_000), peak(10_000)
    assert (many - few) / 9_000 < 200
