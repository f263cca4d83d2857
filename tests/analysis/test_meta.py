"""meta: agreement of scores with people, on SciTLDR's nuggets and on any CSV."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mini_boards import rouge_workspace
from scipy import stats

from tldr_bench.agreement import Known, known_for
from tldr_bench.analysis.agreements import Sample
from tldr_bench.analysis.judged import join
from tldr_bench.analysis.judgements import FILES, NUGGETS, read_judgements
from tldr_bench.analysis.meta import LENGTH, evaluate
from tldr_bench.errors import DataError, Report
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.task import Task
from tldr_bench.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS, PEOPLE, ALL = FILES


@pytest.fixture(scope="module")
def scitldr(real_data: Path) -> Task:
    return Workspace(ROOT).task("scitldr-a")


def sample(task: Task, path: Path, own: Any = "equal", metrics: Any = None) -> Sample:
    """What one file says of ROUGE as rouge-score has it."""
    report = Report()
    judged = join(task, read_judgements(path), {}, own, report)
    assert not report.problems
    return evaluate(judged, metrics or {"rouge": Rouge()})


def figures(found: Sample, kind: str = "spearman") -> dict[str, float]:
    return {item.score: round(getattr(item, kind).value, 2) for item in found.agreements}


# SciTLDR's judgements ------------------------------------------------------------------------------


def test_what_the_204_system_tldrs_say(scitldr: Task, real_data: Path) -> None:
    """Spearman with ROUGE-1, 2, L is 0.10, 0.13, 0.11 and with the number of words 0.34."""
    found = sample(scitldr, real_data / SYSTEMS)
    shown = figures(found)
    assert (found.rows, found.papers) == (204, 51)
    assert [shown[f"rouge.{name}"] for name in ("rouge1", "rouge2", "rougeL")] == [0.10, 0.13, 0.11]
    assert shown[LENGTH] == 0.34


def test_what_all_518_tldrs_say(scitldr: Task, real_data: Path) -> None:
    """On all 518 it is 0.09 and 0.38; and negative once edited copies are not scored against themselves."""
    found = sample(scitldr, real_data / ALL)
    shown = figures(found)
    assert (found.rows, found.papers, found.repeated, found.left_out) == (518, 86, 209, 97)
    assert [shown[f"rouge.{name}"] for name in ("rouge1", "rouge2", "rougeL")] == [0.09, 0.09, 0.09]
    assert shown[LENGTH] == 0.38
    edited = sample(scitldr, real_data / ALL, "edited")
    assert edited.left_out == 284
    assert figures(edited)["rouge.rouge1"] == -0.14


def test_edited_copies_of_references_are_left_out(scitldr: Task, real_data: Path) -> None:
    """Of the 152 judged references every one has an (edited) original among the references."""
    assert sample(scitldr, real_data / PEOPLE, "equal").left_out == 51
    assert sample(scitldr, real_data / PEOPLE, "edited").left_out == 152


def test_coefficients_are_scipys(scitldr: Task, real_data: Path) -> None:
    """Pearson, Spearman and tau-b on the real judgements equal scipy's on the same columns."""
    judgements = read_judgements(real_data / SYSTEMS)
    judged = join(scitldr, judgements, {}, "equal", Report())
    column = Rouge155().measure(judged.pairs)["rouge2"]
    human = [row.score for row in judgements.rows]
    found = evaluate(judged, {"rouge155": Rouge155()})
    (item,) = (item for item in found.agreements if item.score == "rouge155.rouge2")
    for kind, theirs in (
        (item.pearson, stats.pearsonr),
        (item.spearman, stats.spearmanr),
        (item.kendall, stats.kendalltau),
    ):
        assert kind is not None
        assert kind.value == pytest.approx(theirs(column, human).statistic, abs=1e-12)
        assert kind.low < kind.value < kind.high  # type: ignore[operator]


def test_intervals_resample_papers(scitldr: Task, real_data: Path) -> None:
    """Judging every TLDR twice changes neither the coefficient nor its interval."""
    judgements = read_judgements(real_data / SYSTEMS)
    once = join(scitldr, judgements, {}, "equal", Report())
    import dataclasses

    twice = dataclasses.replace(
        once, rows=once.rows * 2, pairs=once.pairs * 2, papers=once.papers * 2
    )
    found = [evaluate(judged, {"rouge": Rouge()}) for judged in (once, twice)]
    pairs = zip(*(item.agreements for item in found), strict=True)
    for one, other in pairs:
        for kind in ("pearson", "spearman", "kendall"):
            a, b = getattr(one, kind), getattr(other, kind)
            assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))


def test_length_is_beside_every_metric(scitldr: Task, real_data: Path) -> None:
    """Words come first, each metric has its agreement without length, and a test against the words."""
    found = sample(scitldr, real_data / SYSTEMS)
    assert found.agreements[0].score == LENGTH
    assert found.agreements[0].without_length is None
    assert all(item.without_length is not None for item in found.agreements[1:])
    against = {item.b for item in found.contests if item.a == LENGTH}
    assert against == {item.score for item in found.agreements[1:]}


def test_a_ruler_is_no_news(scitldr: Task, real_data: Path) -> None:
    """A metric that only counts words agrees with people, and with length held constant not at all."""
    import dataclasses

    import numpy as np

    @dataclasses.dataclass(frozen=True)
    class Ruler(Rouge):
        def measure(self, pairs: Any) -> Any:
            """Twice the number of words, under every name."""
            column = np.array([2.0 * len(pair.prediction.split()) for pair in pairs])
            return dict.fromkeys(self.score_names, column)

    found = sample(scitldr, real_data / SYSTEMS, metrics={"ruler": Ruler()})
    ruler = found.agreements[1]
    assert ruler.spearman == found.agreements[0].spearman
    assert ruler.without_length is None
    (contest,) = (item for item in found.contests if (item.a, item.b) == (LENGTH, "ruler.rouge1"))
    assert (contest.difference, contest.significant) == (0.0, False)


def test_a_constant_metric_is_named(scitldr: Task, real_data: Path) -> None:
    """A score that is the same everywhere has no coefficient, and the reason is given."""
    import dataclasses

    import numpy as np

    @dataclasses.dataclass(frozen=True)
    class Constant(Rouge):
        def measure(self, pairs: Any) -> Any:
            """A half for everything."""
            return dict.fromkeys(self.score_names, np.full(len(pairs), 0.5))

    item = sample(scitldr, real_data / SYSTEMS, metrics={"same": Constant()}).agreements[1]
    assert (item.pearson, item.spearman, item.kendall) == (None, None, None)
    assert item.note == "every TLDR has the same score: nothing can agree"


# Files of judgements -------------------------------------------------------------------------------


def test_the_six_nuggets_are_summed(tmp_path: Path) -> None:
    """Quotes, line breaks in texts and a column without a name are read; the score is the sum."""
    path = tmp_path / "j.csv"
    header = ",".join(["", "paper_id", "title", "auth_pr", "tldr", *NUGGETS])
    path.write_text(f'{header}\n7,p1,T,sys,"two\nlines, one comma",1,0,1,1,0,0\n')
    (row,) = read_judgements(path).rows
    assert (row.id, row.system, row.text, row.score) == ("p1", "sys", "two\nlines, one comma", 3.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,system,score\np1,a,x\np2,a,\n", "score: expected a number, got 'x'"),
        ("id,sys,score\np1,a,1\n", "expected a column system or auth_pr; it has id, sys, score"),
        ("id,system,scroe\np1,a,1\n", "unknown column 'score'. Did you mean 'scroe'?"),
        ("id,system,score\np1,a\n", ":2: expected 3 columns, got 2"),
        ("id,system,score\n", "holds no judgements"),
        ('id,system,score\n"p1,a,1\n', "is not CSV"),
        ("id,system,score\np1,a,nan\n", "expected a number, got 'nan'"),
    ],
)
def test_bad_files_are_refused_with_the_line(tmp_path: Path, content: str, said: str) -> None:
    """Each way in which a file of judgements can be wrong is named, with every line at once."""
    path = tmp_path / "j.csv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_judgements(path)
    assert said in str(caught.value)
    assert str(caught.value).count("\n") == (1 if "p2" in content else 0)


def csv(*rows: str) -> str:
    return "id,system,score\n" + "".join(row + "\n" for row in rows)


def test_submissions_are_judged_by_name(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A CSV without texts judges what the systems submitted; unknown papers and systems are listed."""
    ids = [example.id for example in Workspace(ROOT).task("mini-tldr").examples]
    rows = [
        f"{name},{system},{at % 4}" for at, name in enumerate(ids) for system in ("lead", "cue")
    ]
    path = tmp_path / "judged.csv"
    path.write_text(csv(*rows, "nope,lead,1", "nil,lead,2", f"{ids[0]},ghost,3"))
    asked = ("meta", "mini-tldr", "--root", ROOT, "--judgements", path, "--metric", "rouge")
    answer = cli(*asked, "--format", "json")
    (found,) = json.loads(answer.out)["samples"]
    assert found["rows"] == 96
    assert found["systems"] == {"cue": 48, "lead": 48}
    assert answer.rc == 1
    assert "2 judgements are left out: unknown papers 'nope', 'nil'" in answer.err
    assert "1 judgement is left out: unknown system 'ghost'" in answer.err


def test_each_systems_texts_are_measured_alone(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Near twins are outputs of one system for different papers; another system's text on the same
    paper, and a text that was judged twice, are none."""
    ids = [example.id for example in Workspace(ROOT).task("mini-tldr").examples]
    said = [f"{name} is studied with {at} new words here" for at, name in enumerate(ids)]
    lines = ["id,system,score,text"]
    for system in ("one", "two", "two"):
        lines += [
            f"{name},{system},{at % 4},{text}"
            for at, (name, text) in enumerate(zip(ids, said, strict=True))
        ]
    path = tmp_path / "judged.csv"
    path.write_text("\n".join(lines) + "\n")
    asked = ("meta", "mini-tldr", "--root", ROOT, "--judgements", path, "--metric", "describe")
    answer = cli(*asked)
    assert "describe.near_twin: every TLDR has the same score: nothing can agree" in answer.out


def test_without_judgements_the_way_out_is_shown(cli: Callable[..., Any]) -> None:
    """A task without judgements says what to give."""
    answer = cli("meta", "mini-tldr", "--root", ROOT, env={"TLDR_BENCH_DATA": None})
    assert answer.rc == 1
    assert "give --judgements FILE.csv with columns id, system, score" in answer.err


def test_equal_judgements_agree_with_nothing(cli: Callable[..., Any], tmp_path: Path) -> None:
    """When people said the same of everything there is no coefficient, and that is said."""
    ids = [example.id for example in Workspace(ROOT).task("mini-tldr").examples]
    path = tmp_path / "same.csv"
    path.write_text(csv(*(f"{name},lead,1" for name in ids)))
    answer = cli("meta", "mini-tldr", "--root", ROOT, "--judgements", path, "--metric", "rouge")
    assert answer.rc == 0
    assert "rouge.rouge1: every TLDR has the same judgement: nothing can agree" in answer.out


def test_what_is_known_goes_by_signature(tmp_path: Path, cli: Callable[..., Any]) -> None:
    """`--write` keeps the agreement beside the task, and another signature's agreement is not used."""
    rouge_workspace(tmp_path, "lead")
    ids = [example.id for example in Workspace(ROOT).task("mini-tldr").examples]
    path = tmp_path / "judged.csv"
    path.write_text(csv(*(f"{name},lead,{at % 5}" for at, name in enumerate(ids))))
    asked = ("meta", "mini-tldr", "--root", tmp_path, "--judgements", path, "--metric", "rouge155")
    answer = cli(*asked, "--write")
    assert answer.rc == 0
    known = known_for(Workspace(tmp_path).task("mini-tldr"))
    assert isinstance(known, Known)
    signature = Rouge155().signature
    sentence = known.sentence("rouge155.rouge1", signature)
    assert sentence is not None
    assert sentence.startswith("agrees with score: τ = ")
    assert "48 TLDRs; the number of words: τ = " in sentence
    assert known.sentence("rouge155.rouge1", signature + "|other") is None


def test_what_the_project_ships_is_about_todays_metrics() -> None:
    """The agreement kept with scitldr-a is of the metrics as they are now: a moved signature fails here."""
    workspace = Workspace(ROOT)
    folder = workspace.task_folder("scitldr-a")
    from tldr_bench.agreement import read_known
    from tldr_bench.task import build_metrics

    known = read_known(folder / "agreement.json")
    metrics = build_metrics("scitldr-a", folder, workspace.task_file("scitldr-a"))
    for score, found in known.scores.items():
        assert found.signature == metrics[score.partition(".")[0]].signature, (
            "run: tldr-bench meta scitldr-a --write"
        )
