"""Metrics from outside: of the evaluate library, and of other packages by entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import GOLD, TinyWorkspace

from tldr_bench.errors import NotComputed, Report
from tldr_bench.kinds import Pair
from tldr_bench.metrics import build, external
from tldr_bench.metrics.external import Evaluate
from tldr_bench.metrics.reasons import in_words

PAIRS = [Pair("a", "one two", ("one", "two words")), Pair("b", "three", ("three",))]

SCRIPT = """
import datasets
import evaluate


class Length(evaluate.Metric):
    def _info(self):
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="",
            features=[
                datasets.Features({"predictions": text, "references": datasets.Sequence(text)}),
                datasets.Features({"predictions": text, "references": text}),
            ],
        )

    def _compute(self, predictions, references, factor=1):
        print("chatter")
        if factor == 13:
            raise RuntimeError("bad luck")
        lengths = [len(text) * factor for text in predictions]
        texts = [[item] if isinstance(item, str) else item for item in references]
        return {
            "each": lengths,
            "all": sum(lengths),
            "references": sum(map(len, texts)),
            "few": lengths[:1],
            "word": "long",
            "nan": float("nan"),
        }
"""


pytestmark = pytest.mark.usefixtures("evaluate_modules")


@pytest.fixture(autouse=True)
def _nothing_loaded() -> None:
    external._load.cache_clear()


@pytest.fixture
def length(tmp_path: Path) -> str:
    """A folder with a metric that counts characters."""
    folder = tmp_path / "length"
    folder.mkdir()
    (folder / "length.py").write_text(SCRIPT)
    return str(folder)


def test_values_per_example(length: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A list with a value for each example becomes a column; what the metric prints is not shown."""
    metric = Evaluate(path=length, output="each")
    columns = metric.measure(PAIRS)
    assert columns["value"].tolist() == [7, 5]
    assert metric.aggregate(columns) == {"score": 6}
    assert metric.combine(columns)["score"].tolist() == [7, 5]
    assert "chatter" not in capsys.readouterr().out


def test_one_figure_for_all(length: str) -> None:
    """One figure for all examples is the score, and has no interval: of parts nothing is known."""
    from tldr_bench.stats import NoInterval, bootstrap, draw, interval

    metric = Evaluate(path=length, output="all")
    columns = metric.measure(PAIRS)
    assert metric.aggregate(columns) == {"score": 12}
    samples = bootstrap([columns], metric.combine, draw(2, "seed"))
    assert isinstance(interval(samples["score"]), NoInterval)


def test_options_and_references(length: str) -> None:
    """Options reach the metric as values; so do all references, or the first as a text."""
    doubled = Evaluate(path=length, output="each", options={"factor": "2"})
    assert doubled.measure(PAIRS)["value"].tolist() == [14, 10]
    assert Evaluate(path=length, output="references").measure(PAIRS)["value"][0] == 3
    first = Evaluate(path=length, output="references", references="first")
    assert first.measure(PAIRS)["value"][0] == 2


def test_options_in_a_task_file(length: str) -> None:
    """A mapping of options, as YAML gives it, arrives; what is no mapping is told, with its place."""
    report = Report()
    given: dict[str, Any] = {"path": length, "output": "each", "options": {"factor": "2"}}
    metric = build("evaluate", given, "task.yaml", "metrics.evaluate", report)
    assert metric is not None
    assert metric.measure(PAIRS)["value"].tolist() == [14, 10]
    build("evaluate", {**given, "options": "2"}, "task.yaml", "metrics.evaluate", report)
    assert [str(problem) for problem in report.problems] == [
        "task.yaml: metrics.evaluate.options: expected a mapping, got '2'"
    ]


def test_a_path_in_a_task_file_starts_there(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any]
) -> None:
    """From whatever folder the command is run, ./length is the folder beside task.yaml."""
    home = tmp_workspace.root / "tasks/tiny-summary"
    (home / "length").mkdir()
    (home / "length/length.py").write_text(SCRIPT)
    text = (home / "task.yaml").read_text()
    assert "metrics:" in text
    own = "metrics:\n  evaluate: {path: ./length, output: each}\n"
    (home / "task.yaml").write_text(text.replace("metrics:\n", own))
    tmp_workspace.submit("gold", "tiny-summary", GOLD["tiny-summary"])
    elsewhere = tmp_workspace.root / "submissions"
    said = cli("score", "--root", str(tmp_workspace.root), cwd=elsewhere)
    assert said.rc == 0, said.err
    result = json.loads((elsewhere / "gold/results/tiny-summary.json").read_text())
    assert result["not_computed"] == {}
    assert result["scores"]["evaluate.score"]["value"] > 0


@pytest.mark.parametrize(
    ("output", "options", "said"),
    [
        ("eech", {}, "unknown output 'eech'. Did you mean 'each'?"),
        ("few", {}, "few has 1 values for 2 examples"),
        ("word", {}, "word is 'long', expected finite numbers"),
        ("nan", {}, "expected finite numbers"),
        ("each", {"factor": "13"}, "failed: RuntimeError: bad luck"),
    ],
)
def test_what_a_metric_does_wrong(
    length: str, output: str, options: dict[str, str], said: str
) -> None:
    """Whatever the code of others does, the score is not computed and the reason is told."""
    with pytest.raises(NotComputed, match=said.replace("?", r"\?")):
        Evaluate(path=length, output=output, options=options).measure(PAIRS)


def test_a_folder_without_a_script(tmp_path: Path) -> None:
    """A folder that holds no metric is named, with what was looked for."""
    with pytest.raises(NotComputed, match=r"expected a folder with .*\.py in it"):
        Evaluate(path=str(tmp_path), output="x").measure(PAIRS)


def test_the_signature_follows_the_code(length: str) -> None:
    """Another code is another metric; where it lies does not matter."""
    before = Evaluate(path=length, output="each").signature
    assert "/" not in before
    (Path(length) / "length.py").write_text(SCRIPT + "\n# changed\n")
    assert Evaluate(path=length, output="each").signature != before


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"path": "rouge", "output": "rouge1"}, "needs its 'revision', a commit of 40 digits"),
        ({"path": "rouge", "output": "rouge1", "revision": "main"}, "a commit of 40 digits"),
        ({"path": "./rouge", "output": "x", "revision": "a" * 40}, "this path is a folder"),
        ({"path": "./rouge"}, "expected 'path'"),
        ({"path": "./rouge", "outptu": "x"}, "Did you mean 'output'?"),
    ],
)
def test_wrong_parameters(parameters: dict[str, str], said: str) -> None:
    """A metric of the Hub is pinned, a folder is not, and misspelt keys are named."""
    report = Report()
    build("evaluate", parameters, "task.yaml", "metrics.evaluate", report)
    assert said in str(report.problems[0])


def test_code_of_the_hub_is_not_run_from_a_task_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the command line can allow code from the Hub, and then no folder stands in for it."""
    import evaluate

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(evaluate, "load", fail)
    monkeypatch.delenv(external.ALLOW, raising=False)
    monkeypatch.chdir(tmp_path)
    metric = Evaluate(path="rouge", output="rouge1", revision="a" * 40)
    with pytest.raises(NotComputed, match="not run unless asked for: --run-hub-code"):
        metric.measure(PAIRS)
    monkeypatch.setenv(external.ALLOW, "1")
    with pytest.raises(NotComputed, match="the network is off"):
        metric.measure(PAIRS)
    (tmp_path / "rouge").mkdir()
    with pytest.raises(NotComputed, match=r"would be taken for the Hub's metric: write \./rouge"):
        metric.measure(PAIRS)


def test_our_metrics_in_the_evaluate_library() -> None:
    """evaluate.load on the folder that we ship gives our figures, with one reference or several."""
    import evaluate

    from tldr_bench.errors import MetricError
    from tldr_bench.metrics import EVALUATE_MODULE
    from tldr_bench.metrics.describe import Describe
    from tldr_bench.metrics.rouge155 import Rouge155

    said = [pair.prediction for pair in PAIRS]
    ours = Rouge155().aggregate(Rouge155().measure(PAIRS))
    module = evaluate.load(str(EVALUATE_MODULE), "rouge155")
    found = module.compute(predictions=said, references=[list(p.target) for p in PAIRS])
    assert found == {**ours, "signature": Rouge155().signature}
    one = module.compute(predictions=["one"], references=["one"], stemmer=False)
    assert (one["rouge1"], one["signature"]) == (1, Rouge155(stemmer=False).signature)
    sourced = [Pair(p.id, p.prediction, p.target, ("one two three",)) for p in PAIRS]
    described = evaluate.load(str(EVALUATE_MODULE), "describe").compute(
        predictions=said, references=["", ""], sources=[["one two three"]] * 2
    )
    described.pop("signature")
    assert described == Describe().aggregate(Describe().measure(sourced))
    with pytest.raises(MetricError, match="Did you mean 'stemmer'"):
        module.compute(predictions=["one"], references=["one"], stemer=False)
    with pytest.raises(MetricError, match="labels does not measure summaries"):
        evaluate.load(str(EVALUATE_MODULE), "labels").compute(predictions=["x"], references=["x"])


PACKAGE = '''
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tldr_bench.metrics.base import Metric


@dataclass(frozen=True)
class Vowels(Metric[str, tuple[str, ...]]):
    """Share of vowels."""

    name: ClassVar[str] = "vowels"
    kind: ClassVar[str] = "summary"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Vowels"
    score_names: ClassVar[tuple[str, ...]] = ("share",)

    y: bool = False
    extra: tuple[str, ...] = ()
    table: Path | None = None

    def measure(self, pairs):
        vowels = ["y"] * self.y + [*"aeiou", *self.extra]
        shares = [sum(c in vowels for c in p.prediction) / len(p.prediction) for p in pairs]
        return {"share": np.array(shares)}
'''


def wheel_of(folder: Path) -> Path:
    """A wheel with a metric and its entry points, one of which tries to replace one of ours."""
    wheel = folder / "tldr_vowels-1.0-py3-none-any.whl"
    info = "tldr_vowels-1.0.dist-info"
    points = "[tldr_bench.metrics]\nvowels = tldr_vowels:Vowels\nrouge = tldr_vowels:Vowels\n"
    files = {
        "tldr_vowels.py": PACKAGE,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tldr-vowels\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": points,
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, content)
    return wheel


def test_a_package_adds_a_metric(tmp_path: Path) -> None:
    """A package that pip installed adds a metric by its entry point, and cannot replace one of ours."""
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target",
         str(site), "--disable-pip-version-check", str(wheel_of(tmp_path))],
        check=True, capture_output=True,
    )  # fmt: skip
    code = """
        from tldr_bench.errors import Report
        from tldr_bench.kinds import Pair
        from tldr_bench.metrics import available, build, metric_class
        report = Report()
        metric = build("vowels", {"y": "yes"}, "task.yaml", "metrics.vowels", report)
        print(metric.signature, metric.measure([Pair("p", "yeti", ("x",))])["share"][0])
        print(metric_class("rouge").__name__, ("vowels", None) in available())
        build("vowels", {"z": "yes"}, "task.yaml", "metrics.vowels", report)
        build("vowels", {"table": "x.csv"}, "task.yaml", "metrics.vowels", report)
        print(*report.problems, sep="\\n")
        more = build("vowels", {"extra": ["t", "z"]}, "task.yaml", "metrics.vowels", report)
        print(more.measure([Pair("p", "yeti", ("x",))])["share"][0])
    """
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "vowels|y:yes|extra:()|table:None|v:1 0.75",
        "Rouge True",
        "task.yaml: metrics.vowels: unknown parameter of vowels 'z'. Known: extra, table, y",
        "task.yaml: metrics.vowels.table: expected Path, which is read from no file, got 'x.csv'",
        "0.75",
    ]


def test_no_examples(length: str) -> None:
    """Nothing to measure gives columns of nothing, where the library itself would fail."""
    assert np.array_equal(Evaluate(path=length, output="each").measure([])["value"], np.array([]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_package:Metric", "cannot be imported: ModuleNotFoundError: No module named"),
        ("json:Metric", "cannot be imported: AttributeError: module 'json' has no attribute"),
        ("json", "cannot be imported: AttributeError"),
        ("json:loads", "json:loads is not a Metric"),
    ],
)
def test_a_broken_entry_point_is_its_packages_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    """A metric that cannot be imported is told as a problem of the package and entry point that bring it."""
    info = tmp_path / "tldr_lost-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tldr-lost\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[tldr_bench.metrics]\nlost = {value}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    report = Report()
    assert build("lost", {}, "task.yaml", "metrics.lost", report) is None
    (problem,) = map(str, report.problems)
    assert problem.startswith("task.yaml: metrics.lost: ")
    assert said in problem
    assert "is not a Metric" in problem or "metric 'lost' comes from tldr-lost (" in problem


BROKEN = "raise RuntimeError('no file ' + __file__)\n"


@pytest.mark.parametrize("script", [BROKEN, SCRIPT, "import no_such_module_here\n", None])
def test_reasons_name_no_place_of_this_machine(tmp_path: Path, script: str | None) -> None:
    """Why a metric of a folder was not computed stands in results: it tells the folder's name only."""
    folder = tmp_path / "length"
    folder.mkdir()
    if script:
        (folder / "length.py").write_text(script)
    with pytest.raises(NotComputed) as caught:
        Evaluate(path=str(folder), output="eech").measure(PAIRS)
    assert str(caught.value).startswith("the metric in 'length'")
    assert str(tmp_path) not in str(caught.value)
    assert str(tmp_path.parent.name) not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no file /home/ann/m/a.bin", "no file a.bin"),
        ("'/srv/my models/z.py' failed", "'z.py' failed"),
        ("see https://example.org/docs/x, not C:\\Users\\ann\\f.txt", "see https://example.org/docs/x, not f.txt"),
        ("file:///home/ann/x.py", "x.py"),
        (f"{Path.home()}/a b/c.txt: gone", "a b/c.txt: gone"),
        ("a/b of 1/2", "a/b of 1/2"),
    ],
)  # fmt: skip
def test_errors_of_others_are_told_without_paths(text: str, told: str) -> None:
    """Folders of this machine are left out of what other libraries say; addresses are not."""
    assert in_words(OSError(text)) == told


@pytest.mark.parametrize(("plain", "told"), [("", "650.00"), (", plain: yes", "6.50")])
def test_a_count_is_shown_as_it_is(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Any], plain: str, told: str
) -> None:
    """Scores are shown times 100, unless the task file says of one that it is a plain number."""
    home = tmp_workspace.root / "tasks/tiny-summary"
    (home / "length").mkdir()
    (home / "length/length.py").write_text(SCRIPT)
    text = (home / "task.yaml").read_text()
    own = f"metrics:\n  evaluate: {{path: ./length, output: each{plain}}}\n"
    (home / "task.yaml").write_text(text.replace("metrics:\n", own))
    rows = [
        {**row, "prediction": "x" * (5 + 3 * (n % 2))} for n, row in enumerate(GOLD["tiny-summary"])
    ]
    tmp_workspace.submit("short", "tiny-summary", rows)
    board = cli("leaderboard", "tiny-summary")
    assert board.rc == 0, board.err
    assert f" {told} " in board.out.replace("\n", " ")


def test_how_a_score_is_shown_moves_no_figure(length: str) -> None:
    """With and without `plain`, the signature, and so every measurement, is the same."""
    plain, usual = (Evaluate(path=length, output="each", plain=yes) for yes in (True, False))
    assert plain.signature == usual.signature
    assert (plain.plain_scores, usual.plain_scores) == ({"score"}, frozenset())
