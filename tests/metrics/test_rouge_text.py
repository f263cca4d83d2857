"""The machinery below both ROUGE profiles: numbering of stems, memory, threads, subsequences."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from rouge_score import rouge_scorer

from tldr_bench.kinds import Pair
from tldr_bench.metrics import lcs, overlap, porter155, text
from tldr_bench.metrics.lcs import lcs_lengths, union_lcs
from tldr_bench.metrics.ngrams import ngram_hits
from tldr_bench.metrics.overlap import union_hits
from tldr_bench.metrics.rouge import Rouge
from tldr_bench.metrics.rouge155 import Rouge155
from tldr_bench.metrics.text import Lexicon, Reader, Vocabulary

FEW = "a b a c d\nb a e f a"
MANY = "the cat sat\non the mat the cat"
TEXTS = [FEW, MANY, "", "a", "\n\n", "f e d c b a", "the the the\nthe", "g h i j k l m n o p"]


def pairs_of_texts() -> list[Pair[str, tuple[str, ...]]]:
    return [Pair(str(k), candidate, tuple(TEXTS)) for k, candidate in enumerate(TEXTS)]


def test_words_of_one_stem_share_a_token() -> None:
    """ "models" and "Model" are one token, "gas" and "ga" are two, and no token is an end mark."""
    [read] = Lexicon(str, Vocabulary(porter155.stem)).read(["models Model gas ga"])
    first, second, third, fourth = read.tokens
    assert first == second
    assert len({first, third, fourth}) == 3
    assert not {"\0", "\1"} & set(read.tokens)


def test_texts_are_read_as_if_alone() -> None:
    """Many texts in one go come out as each by itself, whatever signs they hold."""
    odd = [*TEXTS, "\xfe a \xff b", "\0\1", "a\ud800b", "x\r\ny\u2028z"]
    lexicon = Lexicon(str.lower, Vocabulary(None))
    assert lexicon.read(odd) == [lexicon.read([each])[0] for each in odd]
    assert lexicon.read(["\xfe a \xff b"])[0] == lexicon.read(["A, B"])[0]
    assert lexicon.read([]) == []


def test_more_stems_than_code_points() -> None:
    """When characters run out, integers serve as tokens, and every count stays the same."""
    usual = Lexicon(str.lower, Vocabulary(None)).read(TEXTS)
    wide_lexicon = Lexicon(str.lower, Vocabulary(None, code_points=13))
    wide = [wide_lexicon.read([each])[0] for each in TEXTS]
    assert [isinstance(each.tokens, str) for each in wide] == 7 * [True] + [False]
    wide = wide_lexicon.read([TEXTS[-1], *TEXTS])[1:]
    for n in (1, 2):
        left = [[a.tokens for a in texts for _ in texts] for texts in (usual, wide)]
        right = [[b.tokens for _ in texts for b in texts] for texts in (usual, wide)]
        assert (
            ngram_hits(left[1], right[1], n).tolist() == ngram_hits(left[0], right[0], n).tolist()
        )
    assert lcs_lengths(left[1], right[1]).tolist() == lcs_lengths(left[0], right[0]).tolist()
    hits = [[union_hits(a, b) for a in texts for b in texts] for texts in (usual, wide)]
    assert hits[0] == hits[1]


def test_references_are_read_once() -> None:
    """The same references come back ready; a candidate is read every time."""
    lexicon = Reader(str.lower, None).lexicon()
    assert lexicon.references(("a b", "c")) is lexicon.references(("a b", "c"))
    assert lexicon.read(["a b"])[0] is not lexicon.read(["a b"])[0]


@pytest.mark.parametrize("limit", ["MAX_WORD_CHARACTERS", "MAX_REFERENCE_CHARACTERS"])
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """A lexicon past its limit is replaced, between batches only, and no figure changes for it."""
    pairs = pairs_of_texts()
    expected = {name: column.tolist() for name, column in Rouge().measure(pairs).items()}
    monkeypatch.setattr(text, limit, 20)
    monkeypatch.setattr(overlap, "BATCH", 1)
    reader = Reader(str.lower, None)
    lexicons = [reader.lexicon()]
    for pair in pairs:
        overlap.overlap([pair], reader)
        lexicons.append(reader.lexicon())
    assert len(set(map(id, lexicons))) > 3
    assert not reader.lexicon().full
    assert {name: column.tolist() for name, column in Rouge().measure(pairs).items()} == expected


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are the same whether examples are compared one by one or all at once."""
    pairs = pairs_of_texts()
    at_once = Rouge155().measure(pairs)
    monkeypatch.setattr(overlap, "BATCH", 1)
    one_by_one = Rouge155().measure(pairs)
    assert all((at_once[name] == one_by_one[name]).all() for name in at_once)


def test_threads_share_a_lexicon() -> None:
    """Eight threads that meet the same new words at the same time give them the same tokens."""
    lexicon = Lexicon(str.lower, Vocabulary(porter155.stem))
    words = " ".join(f"word{number}x" for number in range(3000))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: lexicon.read([words])[0].tokens, range(8)))
    assert set(found) == {found[0]}
    assert len(set(found[0])) == 3000


def random_sentences(rng: random.Random, letters: str) -> list[str]:
    return ["".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(rng.randint(1, 5))]


@pytest.mark.parametrize("block", [1, 3, 512])
def test_union_lcs_takes_the_same_tokens(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Of several longest subsequences it takes the reference tool's, however the table is parted."""
    monkeypatch.setattr(lcs, "BLOCK", block)
    rng = random.Random(block)
    for _ in range(500):
        letters = "abcdefgh"[: rng.randint(1, 8)]
        reference, candidate = random_sentences(rng, letters), random_sentences(rng, letters)
        expected = [
            token
            for sentence in reference
            for token in rouge_scorer._union_lcs(sentence, candidate)
        ]
        assert union_lcs(reference, candidate) == expected


def lcs_length_by_table(left: np.ndarray, right: np.ndarray) -> int:
    """The textbook recurrence, a row at a time."""
    row = np.zeros(len(right) + 1, int)
    for token in left:
        row[1:] = np.maximum(row[1:], row[:-1] + (right == token))
        row = np.maximum.accumulate(row)
    return int(row[-1])


def test_lcs_of_long_texts_is_the_textbooks() -> None:
    """For two texts of 10,000 tokens the length is the one in the last cell of the full table."""
    left, right = np.random.default_rng(0).integers(300, 2300, (2, 10_000))
    [found] = lcs_lengths(["".join(map(chr, left))], ["".join(map(chr, right))])
    assert found == lcs_length_by_table(left, right)


@pytest.mark.parametrize("metric", [Rouge(), Rouge155()])
@pytest.mark.parametrize("length", [1, 25, 10_000])
def test_long_texts_are_fast(metric: Rouge | Rouge155, length: int) -> None:
    """10,000 tokens against 10,000 take no second, in sentences of any length.

    rouge-score takes more than a minute for them. The bound leaves room for a slow machine.
    """
    rng = random.Random(length)
    texts = []
    for _ in range(2):
        words = [f"w{int(rng.paretovariate(0.5)) % 5000}" for _ in range(10_000)]
        parts = [" ".join(words[at : at + length]) for at in range(0, len(words), length)]
        texts.append(" .\n".join(parts))
    start = time.process_time()
    columns = metric.measure([Pair("long", texts[0], (texts[1],))])
    assert time.process_time() - start < 1
    assert 0 < columns["rougeL"][0] < 1


def test_many_distinct_words_are_fast() -> None:
    """A text of 200,000 words that nobody has seen before is read in seconds, and then forgotten."""
    words = " ".join(f"w{number}x" for number in range(200_000))
    many = " ".join(f"v{number}y" for number in range(200_000))
    reader = Reader(str.lower, porter155.stem)
    before = reader.lexicon()
    start = time.process_time()
    counts = overlap.overlap([Pair("p", words + " " + many, ("w17x v9y",))], reader)
    assert time.process_time() - start < 10
    assert counts.unigrams.tolist() == [2]
    assert before.full
    assert reader.lexicon() is not before
