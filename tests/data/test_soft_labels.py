"""Soft labels: read by article and index, mixed into what is known, refused where they cannot be right."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from spinscope.data.encoding import NOT_ANNOTATED
from spinscope.data.soft_labels import mixed_labels, read_soft_labels
from spinscope.errors import UserError
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")
SENTENCES = [Sentence(article, 0, 0, 1, article) for article in "ab"]


def written(tmp_path, *records):
    file = tmp_path / "soft.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def test_they_are_found_by_article_and_index(tmp_path):
    file = written(
        tmp_path, {"article": "b", "index": 0, "soft": {"us_vs_them": 0.25, "loaded_language": None}},
        {"article": "c", "index": 0, "soft": {"us_vs_them": 1}},
    )  # fmt: skip
    soft = read_soft_labels(file, SENTENCES, CORE)
    assert np.isnan(soft[0]).all()
    column = CORE.ids.index("us_vs_them")
    assert soft[1, column] == 0.25
    assert np.isnan(np.delete(soft[1], column)).all()


def test_labels_are_mixed_where_both_are_known():
    labels = np.array([[1, 0, NOT_ANNOTATED]], dtype=np.float32)
    soft = np.array([[0.5, np.nan, 0.9]])
    assert mixed_labels(labels, soft, weight=0.4)[0].tolist() == [pytest.approx(0.8), 0, NOT_ANNOTATED]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"article": "a", "index": 0}, "(?s)soft.jsonl:1: no soft labels"),
        ({"article": "a", "index": 0, "soft": {"us_vs_then": 1}}, "(?s)technique 'us_vs_then'.*us_vs_them"),
        ({"article": "a", "index": 0, "soft": {"us_vs_them": 1.5}}, "(?s)1.5.*from 0 to 1"),
        ({"article": "x", "index": 0, "soft": {"us_vs_them": 1}}, "none of the sentences"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path, record, message):
    with pytest.raises(UserError) as caught:
        read_soft_labels(written(tmp_path, record), SENTENCES, CORE)
    assert re.search(message, str(caught.value)), str(caught.value)
