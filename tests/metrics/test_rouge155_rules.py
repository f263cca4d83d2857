"""`rouge155`, rule by rule, with figures that can be checked by hand."""

from __future__ import annotations

import pytest

from tldr_bench.metrics import porter155
from tldr_bench.metrics.rouge import score_pair as google_score_pair
from tldr_bench.metrics.rouge155 import score_pair


def recall_and_precision(candidate: str, reference: str, name: str) -> tuple[float, float]:
    found = score_pair(candidate, reference)[name]
    return found.recall, found.precision


def test_a_space_and_a_period_end_a_sentence() -> None:
    """Parted into "b" and "a", the candidate covers all of "a b"; as one sentence, half of it."""
    assert recall_and_precision("b . a", "a b", "rougeL") == (1.0, 1.0)
    assert recall_and_precision("b. a", "a b", "rougeL") == (0.5, 0.5)


def test_a_line_break_is_a_space() -> None:
    """Only " ." ends a sentence: a line break neither ends one nor stops what `<` cuts off."""
    assert recall_and_precision("b\na", "a b", "rougeL") == (0.5, 0.5)
    assert recall_and_precision("a <b>\nc", "a c", "rouge1") == (0.5, 1.0)
    assert recall_and_precision("b\n. a", "a b", "rougeL") == (1.0, 1.0)


def test_a_tag_cuts_off_the_rest_of_its_sentence() -> None:
    """Of "gold < silver . bronze" the script sees "gold" and "bronze"."""
    assert recall_and_precision("gold < silver . bronze", "gold silver bronze", "rouge1") == (
        0.66667,
        1.0,
    )


def test_only_ascii_letters_are_lowered() -> None:
    """The Kelvin sign is no k here, unlike in `rouge`; an accented letter parts a word."""
    assert recall_and_precision("\N{KELVIN SIGN}", "k", "rouge1") == (0.0, 0.0)
    assert google_score_pair("\N{KELVIN SIGN}", "k", ["rouge1"])["rouge1"].f == 1.0
    assert recall_and_precision("NAÏVE", "na ve", "rouge1") == (1.0, 1.0)


def test_short_words_are_not_stemmed() -> None:
    """Three letters stay as they are, four are stemmed: "gas" is not "ga", "cats" is "cat"."""
    assert recall_and_precision("gas", "ga", "rouge1") == (0.0, 0.0)
    assert recall_and_precision("cats", "cat", "rouge1") == (1.0, 1.0)


def test_without_the_stemmer_words_stay_as_they_are() -> None:
    """ "cats" and "cat" are two words when stemming is off."""
    assert score_pair("cats", "cat", stemmer=False)["rouge1"].f == 0.0


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("arrays", "arrai"),  # 1c asks for a vowel anywhere before the y
        ("skies", "ski"),  # 1a, and no table of irregular words
        ("hopping", "hop"),  # 1b undoubles
        ("falling", "fall"),  # but not l, s, z
        ("hoping", "hope"),  # 1b restores the e of consonant-vowel-consonant
        ("used", "us"),  # which is asked of the whole stem
        ("agreed", "agre"),  # -eed to -ee above m = 0, and 5 takes an e
        ("feed", "feed"),  # but not at m = 0
        ("possibly", "possibl"),  # 2: bli to ble, and 5 takes the e
        ("topology", "topolog"),  # 2: logi to log
        ("biology", "biologi"),  # but not at m = 0
        ("argument", "argum"),  # 4: -ment fails at m = 1, -ent then goes at m = 2
        ("replacement", "replac"),  # 4: -ement
        ("adoption", "adopt"),  # 4: -ion after t
        ("champion", "champion"),  # but not after p
        ("rate", "rate"),  # 5: m = 1 and consonant-vowel-consonant keeps the e
        ("cease", "ceas"),  # 5: m = 1 and not so
        ("controller", "control"),  # 4 and 5: -er, then ll to l
        ("yellow", "yellow"),  # an initial y is a consonant
        ("as", "as"),  # two letters stay as they are
    ],
)
def test_stems_by_hand(word: str, stem: str) -> None:
    """Each step of the stemmer does what its definition says, in the script's reading of it."""
    assert porter155.stem(word) == stem


def test_f_is_made_from_rounded_figures() -> None:
    """2 hits of 7 and of 15 give 0.18181 from 0.28571 and 0.13333, where 4/22 would be 0.18182."""
    candidate = "x y " + " ".join("abcdefghijklm")
    found = score_pair(candidate, "x y 1 2 3 4 5")["rouge1"]
    assert found == (0.13333, 0.28571, 0.18181)


def test_figures_in_the_middle_are_rounded_as_printed() -> None:
    """1/64 = 0.015625 is exactly in the middle and prints as 0.01562; 3/64 prints as 0.04688."""
    reference = " ".join(f"w{number}" for number in range(64))
    assert score_pair("w1", reference)["rouge1"].recall == 0.01562
    assert score_pair("w1 w2 w3", reference)["rouge1"].recall == 0.04688


def test_hits_are_clipped() -> None:
    """A word counts as often as the text that has it less often."""
    assert recall_and_precision("a a a", "a a b", "rouge1") == (0.66667, 0.66667)
    assert recall_and_precision("a a a a", "a a b a a", "rouge2") == (0.5, 0.66667)


def test_bigrams_cross_the_ends_of_sentences() -> None:
    """ "a . b" has the bigram "a b"."""
    assert recall_and_precision("a . b", "a b", "rouge2") == (1.0, 1.0)


def test_union_hits_are_clipped() -> None:
    """Both reference sentences match the one "a" of the candidate, and it counts once."""
    assert recall_and_precision("a", "a . a", "rougeL") == (0.5, 1.0)


def test_ties_go_to_the_earlier_reference_token() -> None:
    """Of "a b" the sentence "b a" matches "a", as "a c" does: one hit, where "b" would make two."""
    assert recall_and_precision("b a . a c", "a b", "rougeL") == (0.5, 0.25)


@pytest.mark.parametrize("candidate", ["", " \n", "...", "< all cut off", "é 深度"])
def test_an_empty_candidate_scores_zero(candidate: str) -> None:
    """Where the script would crash, all figures are 0."""
    assert set(score_pair(candidate, "a reference").values()) == {(0.0, 0.0, 0.0)}


@pytest.mark.parametrize("candidate", ["", "a candidate"])
def test_an_empty_reference_scores_zero(candidate: str) -> None:
    """Nothing can be found in a reference without tokens, not even nothing."""
    assert set(score_pair(candidate, "?").values()) == {(0.0, 0.0, 0.0)}


def test_one_token_has_no_bigrams() -> None:
    """Equal texts of one token have ROUGE-2 of 0, and everything else is 1."""
    found = {name: prf.f for name, prf in score_pair("owl", "Owl!").items()}
    assert found == {"rouge1": 1.0, "rouge2": 0.0, "rougeL": 1.0}
