"""meteor is nltk's METEOR, with a WordNet that is named by its digest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nltk", reason="needs the package nltk")

from tldr_bench.errors import NotComputed, Report
from tldr_bench.kinds import Pair
from tldr_bench.metrics import build, meteor, wordnet
from tldr_bench.metrics.meteor import Meteor

PAPERS = Path(__file__).resolve().parents[2] / "tasks/mini/papers.jsonl"
HERE = wordnet.find("")
SYNONYMS = {
    "noun": ("n", [["car", "automobile"], ["owl"], ["dog", "hound"]]),
    "verb": ("v", [["buy", "purchase"]]),
    "adj": ("a", [["large", "big"]]),
    "adv": ("r", [["fast"]]),
}
LEXNAMES = "".join(f"{n:02}\tname.{n}\t1\n" for n in range(45))


def write_wordnet(folder: Path) -> Path:
    """A WordNet of a few words, in the format of its manual (wndb(5WN))."""
    folder.mkdir(parents=True)
    for part, (kind, synsets) in SYNONYMS.items():
        data, index = "  1 WordNet 3.0 Copyright 2006\n", "  1 licence\n"
        for words in synsets:
            offset = f"{len(data.encode()):08}"
            frames = " 01 + 01 00" if part == "verb" else ""
            said = " ".join(f"{word} 0" for word in words)
            data += f"{offset} 03 {kind} {len(words):02x} {said} 000{frames} | a gloss\n"
            index += "".join(f"{word} {kind} 1 0 1 0 {offset}  \n" for word in words)
        (folder / f"data.{part}").write_text(data)
        (folder / f"index.{part}").write_text(index)
        (folder / f"{part}.exc").write_text("bought buy\n" if part == "verb" else "")
    return folder


@pytest.fixture(autouse=True)
def _paths(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """nltk's list of folders, and the readers, are those of the test; no variable names a WordNet."""
    import nltk.data

    monkeypatch.setattr(nltk.data, "path", list(nltk.data.path))
    wordnet.read.cache_clear()
    yield
    wordnet.read.cache_clear()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv(wordnet.VARIABLE, raising=False)
    return str(write_wordnet(tmp_path / "small"))


def score(metric: Meteor, said: str, *targets: str) -> float:
    return float(metric.measure([Pair("p", said, targets)])["score"][0])


def test_by_hand(small: str) -> None:
    """Three of four words match three of five, in three chunks: by form, exception and synonym.

    P = 3/4, R = 3/5, PR / (0.9 P + 0.1 R) = 0.45 / 0.735; the penalty is 0.5 (3/3)^3.
    """
    metric = Meteor(wordnet=small)
    found = score(metric, "She bought a dog", "She will buy one hound")
    assert found == pytest.approx(0.45 / 0.735 * 0.5, abs=1e-12)
    light = Meteor(wordnet=small, alpha=0.5, gamma=0)
    found = score(light, "She bought a dog", "She will buy one hound")
    assert found == pytest.approx(0.45 / (0.5 * 0.75 + 0.5 * 0.6), abs=1e-12)


def test_synonyms_are_those_of_stems(small: str) -> None:
    """As in nltk, synonyms are looked for by stem: a word whose stem is no word has none."""
    metric = Meteor(wordnet=small)
    assert score(metric, "dog", "hound") == 0.5
    assert score(metric, "automobile", "car") == 0


def test_the_best_reference_counts(small: str) -> None:
    """Of several references the one with the highest score counts, wherever it stands."""
    metric = Meteor(wordnet=small)
    best = score(metric, "The dog runs", "The hound runs")
    assert best > score(metric, "The dog runs", "An owl sleeps") == 0
    assert score(metric, "The dog runs", "An owl sleeps", "The hound runs") == best


@pytest.mark.skipif(HERE is None, reason=f"needs WordNet: {wordnet.INSTALL}")
def test_the_published_example() -> None:
    """The example of nltk's documentation and of `evaluate`'s module has their 0.6944."""
    found = score(
        Meteor(),
        "It is a guide to action which ensures that the military always obeys the commands of the party",
        "It is a guide to action that ensures that the military will forever heed Party commands",
    )
    assert round(found, 4) == 0.6944


def mini() -> list[Pair[str, tuple[str, ...]]]:
    rows = [json.loads(line) for line in PAPERS.read_text("utf-8").splitlines()]
    return [Pair(row["id"], row["source"][-1], tuple(row["targets"])) for row in rows]


@pytest.mark.parametrize(
    "make",
    [
        write_wordnet,
        pytest.param(
            lambda folder: Path(shutil.copytree(HERE or "", folder)),
            marks=pytest.mark.skipif(HERE is None, reason=f"needs WordNet: {wordnet.INSTALL}"),
        ),
    ],
    ids=["small", "whole"],
)
def test_real_texts_have_nltks_scores(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On mini's papers the figures are those of nltk alone, with its own reader of a complete folder."""
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader
    from nltk.tokenize import word_tokenize
    from nltk.translate.meteor_score import meteor_score

    folder = make(tmp_path / "nltk_data/corpora/wordnet")
    (folder / "lexnames").write_text(LEXNAMES)
    for name in ("index.sense", "cntlist.rev"):
        (folder / name).touch()
    nltk.data.path.insert(0, str(tmp_path / "nltk_data"))
    theirs = WordNetCorpusReader(str(folder), omw_reader=())

    def words(text: str) -> list[str]:
        return list(word_tokenize(text, preserve_line=True))

    pairs = mini()
    expected = [
        meteor_score([words(t) for t in p.target], words(p.prediction), wordnet=theirs)
        for p in pairs
    ]
    for file in theirs._data_file_map.values():
        file.close()
    assert Meteor(wordnet=str(folder)).measure(pairs)["score"].tolist() == expected
    assert 0 < sum(expected) < len(expected)


@pytest.mark.parametrize(
    "said",
    ["", " \n", "\x00\x1b[31m\u202e", "[SEP]", "y" * 100_000, "owl " * 25_000, "(" * 100_000],
)
def test_bad_input(small: str, said: str) -> None:
    """Empty, odd and very long predictions have a figure from 0 to 1, and nothing said has 0."""
    found = score(Meteor(wordnet=small), said, "An owl.")
    assert 0 <= found < 1
    assert said.strip() or found == 0


# Which WordNet ---------------------------------------------------------------------------------


def test_where_it_is_looked_for(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task's folder comes before WNSEARCHDIR, that before nltk's data, that before Debian's."""
    places = [write_wordnet(tmp_path / name) for name in ("named", "debian")]
    nltk_data = write_wordnet(tmp_path / "data/corpora/wordnet")
    monkeypatch.setattr(wordnet, "DEBIAN", places[1])
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NLTK_DATA", raising=False)
    assert wordnet.find("") == places[1]
    monkeypatch.setenv("NLTK_DATA", os.pathsep.join(["", str(tmp_path / "data")]))
    assert wordnet.find("") == nltk_data
    monkeypatch.setenv(wordnet.VARIABLE, str(places[0]))
    assert wordnet.find("") == places[0]
    assert wordnet.find(small) == Path(small)
    assert wordnet.find(str(tmp_path / "nowhere")) is None


def test_without_wordnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without WordNet nothing is computed, and the way to get it is named; so is what a folder lacks."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NLTK_DATA", raising=False)
    monkeypatch.delenv(wordnet.VARIABLE, raising=False)
    monkeypatch.setattr(wordnet, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(wordnet, "_nltk_places", lambda: [])
    assert Meteor.missing() == f"WordNet is not on this machine: {wordnet.INSTALL}"
    with pytest.raises(NotComputed, match="apt-get install wordnet-base"):
        score(Meteor(), "Owls.", "Owls.")
    assert "wordnet:not-here" in Meteor().signature
    folder = write_wordnet(tmp_path / "cut")
    (folder / "data.verb").unlink()
    with pytest.raises(NotComputed) as caught:
        score(Meteor(wordnet=str(folder)), "Owls.", "Owls.")
    # As it stands in results: without the path of this machine.
    assert (
        str(caught.value)
        == "the folder 'cut' that the task names is not WordNet: it lacks data.verb"
    )
    monkeypatch.setenv(wordnet.VARIABLE, str(folder))
    assert str(Meteor.missing()).startswith(
        "the folder 'cut' that WNSEARCHDIR names is not WordNet"
    )


def test_files_that_are_no_wordnet(small: str) -> None:
    """Files with the right names and the wrong content are told in a line."""
    (Path(small) / "index.noun").write_text("car n one 0\n")
    with pytest.raises(NotComputed, match="cannot be read as WordNet") as caught:
        score(Meteor(wordnet=small), "Owls.", "Owls.")
    assert str(Path(small).parent) not in str(caught.value)


def test_without_nltk(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without nltk nothing is computed, and the command that installs it is named."""
    monkeypatch.setattr(meteor, "PACKAGE", "no_such_package")
    with pytest.raises(NotComputed, match=r"pip install 'tldr-bench\[text-metrics\]'"):
        score(Meteor(wordnet=small), "Owls.", "Owls.")
    assert "no_such_package:not-here" in Meteor(wordnet=small).signature


def test_the_signature_follows_the_files(small: str, tmp_path: Path) -> None:
    """Another WordNet or another weight is another metric; where the files lie does not matter."""
    before = Meteor(wordnet=small).signature
    assert "/" not in before
    assert before == Meteor(wordnet=shutil.copytree(small, tmp_path / "copy")).signature
    assert before != Meteor(wordnet=small, beta=2).signature
    with (Path(small) / "verb.exc").open("a") as file:
        file.write("hunted hunt\n")
    assert before != Meteor(wordnet=small).signature


def test_another_wordnet_than_the_promised_one_is_refused(small: str) -> None:
    """Files whose digest moved are not used, and both digests are named."""
    actual = wordnet.sha256(Path(small))
    assert score(Meteor(wordnet=small, sha256=actual), "An owl", "An owl") > 0
    moved = Meteor(wordnet=small, sha256="0" * 64)
    with pytest.raises(NotComputed, match=f"SHA-256 {actual}, expected {'0' * 64}") as caught:
        score(moved, "An owl", "An owl")
    assert str(Path(small).parent) not in str(caught.value)
    assert "wordnet:refused" in moved.signature
    assert Meteor(wordnet=small, sha256=actual).signature == Meteor(wordnet=small).signature


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"alpha": "1.5"}, "expected alpha between 0 and 1"),
        ({"gamma": "nan"}, "gamma"),
        ({"sha256": "abc"}, "a SHA-256 of 64 hexadecimal digits"),
        ({"alhpa": "0.5"}, "Did you mean 'alpha'?"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], said: str) -> None:
    """Weights that make no sense and misspelt keys are refused when the task is read."""
    report = Report()
    build("meteor", parameters, "task.yaml", "metrics.meteor", report)
    assert said in str(report.problems[0])
