"""Probes: scores against labels of another kind, from a corpus and from a table."""

from __future__ import annotations

import csv
import json

import pytest
import tiny
from rich.console import Console
from sklearn.metrics import roc_auc_score

from spinscope.errors import UserError
from spinscope.jobs.probing import probe
from spinscope.model.checkpoint import open_checkpoint

QUIET = Console(quiet=True)


@pytest.fixture
def table(tmp_path):
    """Rows whose column `hostile` goes with us_vs_them cues."""
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["body", "hostile"])
        for number, one in enumerate(tiny.tiny_sentences(n_articles=10, seed=3, prefix="p")):
            writer.writerow([one.text, str("us_vs_them" in one.techniques if number % 9 else number % 2 == 0)])
    return path


def test_a_column_of_true_and_false(tfidf_checkpoint, table, tmp_path):
    out = tmp_path / "probe.json"
    code = probe(tfidf_checkpoint, ["us_vs_them=hostile"], data=str(table), text_column="body", json_file=out, console=QUIET)
    found = json.loads(out.read_text())["probes"][0]
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    scores = [row["probabilities"]["us_vs_them"] for row in open_checkpoint(tfidf_checkpoint).predict([row["body"] for row in rows])]
    assert code == 0
    assert found["auroc"]["value"] == pytest.approx(roc_auc_score([row["hostile"] == "True" for row in rows], scores))
    assert found["auroc"]["low"] < found["auroc"]["value"] < found["auroc"]["high"]
    assert found["n_positives"] == sum(row["hostile"] == "True" for row in rows)


def test_a_label_of_the_corpus_and_training_articles_are_noticed(tfidf_checkpoint, corpus, tmp_path):
    out = tmp_path / "probe.json"
    code = probe(
        tfidf_checkpoint, ["appeal_to_threat=appeal_to_threat", "us_vs_them=loaded_language"], data=str(corpus),
        json_file=out, console=QUIET,
    )  # fmt: skip
    result = json.loads(out.read_text())
    assert code == 1 and result["findings"]
    own, other = (one["auroc"]["value"] for one in result["probes"])
    assert own > 0.85 > other


@pytest.mark.parametrize(
    ("pairs", "options", "words"),
    [
        (["us_vs_them"], {}, "TECHNIQUE=LABEL"),
        (["us_vs_then=hostile"], {"text_column": "body"}, "did you mean 'us_vs_them'"),
        (["us_vs_them=hostil"], {"text_column": "body"}, "no column 'hostil'"),
        (["us_vs_them=body2"], {}, "a technique of core"),
    ],
)
def test_mistakes_are_told(tfidf_checkpoint, table, corpus, pairs, options, words):
    with pytest.raises(UserError, match=words):
        probe(tfidf_checkpoint, pairs, data=str(table if options else corpus), console=QUIET, **options)
