"""Careless typing, made with a seed."""

from __future__ import annotations

import random

from spinscope.jobs.audits.noise import KINDS, other_case, with_typos, without_punctuation

TEXT = "The council's \"final\" answer, said Ann Lee: we'll see - in a week; not before."


def test_each_kind_is_the_same_for_the_same_seed_and_other_for_another():
    for _, change in KINDS.values():
        assert change(TEXT, random.Random(1)) == change(TEXT, random.Random(1))
    assert with_typos(TEXT * 9, random.Random(1)) != with_typos(TEXT * 9, random.Random(2))


def test_case_leaves_the_words():
    assert {other_case(TEXT, random.Random(seed)) for seed in range(20)} == {TEXT.upper(), TEXT.lower()}


def test_typos_touch_longer_words_only_and_few_of_them():
    words = ("bus council route " * 200).split()
    changed = with_typos(" ".join(words), random.Random(0)).split()
    slips = [(one, other) for one, other in zip(words, changed, strict=True) if one != other]
    assert {one for one, _ in slips} == {"council", "route"}
    assert 0.1 < len(slips) / 400 < 0.2
    assert all(abs(len(one) - len(other)) <= 1 and one[0] == other[0] for one, other in slips)


def test_punctuation_goes_and_words_stay():
    assert (
        without_punctuation(TEXT, random.Random(0))
        == "The councils final answer said Ann Lee well see in a week not before"
    )
    assert without_punctuation("?!", random.Random(0)) == "?!", "an empty sentence could not be scored"
