"""Ids of a million articles in little memory: the same answers as a plain dictionary gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinscope.data import known_ids
from spinscope.data.known_ids import KnownIds


@pytest.mark.parametrize("together", [1, 3, 1000])
@given(given_ids=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9).map(str)), max_size=60))
def test_ids_are_known_as_in_a_dictionary(together: int, given_ids: list[tuple[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_ids, "_MERGED_TOGETHER", together)
        known, files, first = KnownIds(), 0, {}
        path = None
        for name, article_id in given_ids:
            if name != path:
                path, files = name, files + 1
            known.begin_file(f"{name}{files}")
            assert known.of_another_file(article_id) == (article_id in first and first[article_id] != files)
            assert known.add(article_id) == (article_id not in first)
            first.setdefault(article_id, files)


def test_a_million_ids_take_eight_bytes_each() -> None:
    known = KnownIds()
    known.begin_file("a")
    assert all(known.add(str(number)) for number in range(200_000))
    assert known._here._sorted.nbytes + 8 * len(known._here._latest) == 8 * 200_000
    assert not any(known.add(str(number)) for number in range(0, 200_000, 997))
