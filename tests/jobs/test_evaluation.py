"""Evaluation: which part is measured, baselines beside, doubts about the figures, what is rewritten."""

from __future__ import annotations

import json
import random
import shutil

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.data.duplicates import text_hash
from spinscope.data.encoding import label_matrix
from spinscope.errors import UserError
from spinscope.jobs.evaluation import evaluate, evaluation_of
from spinscope.jobs.exposure import seen_articles
from spinscope.jobs.labelled import data_block, data_hash, read_labelled
from spinscope.model.checkpoint import open_checkpoint, verify
from spinscope.records import Sentence


def quiet() -> Console:
    return Console(quiet=True)


def native(path) -> Data:
    return Data(path=str(path), format="native")


def measured(checkpoint, **options):
    return evaluation_of(open_checkpoint(checkpoint), **options)


@pytest.fixture
def checkpoint(tfidf_checkpoint, tmp_path):
    return shutil.copytree(tfidf_checkpoint, tmp_path / "copied")


def test_the_own_test_part_is_measured_by_default_and_reported_in_the_checkpoint(checkpoint, tmp_path):
    before, trained = verify(checkpoint), json.loads((checkpoint / "metrics.json").read_text())
    assert evaluate(checkpoint, json_file=tmp_path / "out" / "figures.json", console=quiet()) == 0
    result = measured(checkpoint)
    splits = json.loads((checkpoint / "split.json").read_text())
    assert result.data["split"] == "test"
    assert result.data["is_own"]
    assert result.data["n_articles"] == sum(split == "test" for split in splits.values())
    assert result.findings == []
    figures = json.loads((checkpoint / "metrics.json").read_text())
    assert figures["dev"] == trained["dev"]
    assert figures["test"]["overall"] == trained["test"]["overall"]
    assert set(figures["test"]["baselines"]) == {"majority", "random"}
    assert verify(checkpoint)["identity"] == before["identity"]
    assert open_checkpoint(checkpoint).identity == before["identity"]
    assert json.loads((tmp_path / "out" / "figures.json").read_text())["metrics"]["overall"] == figures["test"]["overall"]


def test_tfidf_stands_beside_another_model_with_its_own_thresholds(frozen_checkpoint, tfidf_checkpoint):
    beside = measured(frozen_checkpoint).baselines["tfidf"]
    alone = measured(tfidf_checkpoint).metrics
    assert beside == alone


def test_majority_is_one_probability_for_all(tfidf_checkpoint):
    result = measured(tfidf_checkpoint)
    classifier = open_checkpoint(tfidf_checkpoint)
    labelled = read_labelled(classifier, data=None, split=None)
    gold, _ = label_matrix(labelled.part("train"), classifier.inventory)
    truth, _ = label_matrix(labelled.measured(), classifier.inventory)
    shares = gold.mean(axis=0)
    assert result.baselines["majority"].overall["brier_loss"].value == pytest.approx(np.mean((truth - shares) ** 2))
    assert result.baselines["majority"].overall["macro_auroc"].value == 0.5


def test_other_data_is_measured_whole_and_does_not_touch_the_checkpoint(checkpoint, tmp_path):
    other = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=6, seed=5, prefix="new"))
    before = (checkpoint / "metrics.json").read_bytes()
    result = measured(checkpoint, data=native(other))
    assert (result.data["split"], result.data["is_own"]) == ("all", False)
    assert result.findings == []
    assert result.n_training_texts == 0
    assert result.without_training_texts is None
    assert (checkpoint / "metrics.json").read_bytes() == before


def test_articles_that_were_trained_on_are_told_of_and_left_out_beside(checkpoint, corpus):
    splits = json.loads((checkpoint / "split.json").read_text())
    n_train = sum(split == "train" for split in splits.values())
    result = measured(checkpoint, split="all")
    assert f"{n_train} of {len(splits)} articles are among those copied was trained on" in result.findings[0]
    assert f"{sum(split == 'dev' for split in splits.values())} of {len(splits)} articles are in the dev part" in result.findings[1]
    assert result.n_training_texts == 8 * n_train
    assert result.without_training_texts.n_articles == len(splits) - n_train


def test_articles_with_equal_ids_are_not_mistaken_for_the_own(checkpoint, tmp_path):
    lookalike = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=30, seed=8))
    result = measured(checkpoint, data=native(lookalike))
    assert (result.data["split"], result.data["is_own"]) == ("all", False)


def test_a_file_of_own_test_articles_alone_is_measured_as_test_without_rewriting(checkpoint, tmp_path, corpus):
    splits = json.loads((checkpoint / "split.json").read_text())
    kept = [s for s in tiny.tiny_sentences(n_articles=30) if splits[s.article] == "test"]
    result = measured(checkpoint, data=native(tiny.write_native(tmp_path / "test.jsonl", kept)))
    assert (result.data["split"], result.data["is_own"]) == ("test", False)


def test_without_the_training_data_tfidf_is_missing_and_says_why(checkpoint, frozen_checkpoint, tmp_path):
    copied = shutil.copytree(frozen_checkpoint, tmp_path / "orphan")
    manifest = json.loads((copied / "manifest.json").read_text())
    text = (copied / "config.yaml").read_text().replace("corpus.jsonl", "gone.jsonl")
    (copied / "config.yaml").write_text(text)
    import hashlib

    manifest["files"]["config.yaml"] = hashlib.sha256(text.encode()).hexdigest()
    (copied / "manifest.json").write_text(json.dumps(manifest))
    other = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=6, seed=5, prefix="new"))
    result = measured(copied, data=native(other))
    assert set(result.baselines) == {"majority", "random"}
    assert result.remarks["tfidf"].startswith("missing: the training data cannot be read (")
    assert result.remarks["majority"].startswith("prevalences of dev instead of train: ")


def test_order_of_lines_changes_nothing(checkpoint, tmp_path):
    sentences = tiny.tiny_sentences(n_articles=6, seed=5, prefix="new")
    shuffled = random.Random(3).sample(sentences, len(sentences))
    first = measured(checkpoint, data=native(tiny.write_native(tmp_path / "a.jsonl", sentences)))
    second = measured(checkpoint, data=native(tiny.write_native(tmp_path / "b.jsonl", shuffled)))
    assert first.metrics == second.metrics
    assert first.data == second.data
    assert data_hash(sentences) == data_hash(shuffled)


def test_a_part_without_sentences_is_named(checkpoint, tmp_path):
    other = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=6, seed=5, prefix="new"))
    with pytest.raises(UserError) as caught:
        measured(checkpoint, data=native(other), split="test")
    assert str(caught.value) == "data: no sentence in split test\n  expected: one of: all\n  to mend: choose another with --split."


def test_data_that_annotates_none_of_the_techniques_is_refused(checkpoint, tmp_path):
    silent = [
        Sentence(s.article, s.index, s.start, s.end, s.text) for s in tiny.tiny_sentences(n_articles=2, prefix="new")
    ]
    other = tiny.write_native(tmp_path / "other.jsonl", silent)
    with pytest.raises(UserError, match="16 sentences, and none says anything about a technique of copied"):
        measured(checkpoint, data=native(other))


def test_an_article_is_seen_from_a_fifth_of_its_longer_sentences_on():
    def article(name, *texts):
        return [Sentence(name, index, 0, 0, text) for index, text in enumerate(texts)]

    long = [f"this is a longer sentence with number {number}" for number in range(12)]
    sentences = [
        *article("fifth", *long[:5]),
        *article("less", *long[4:10], "short one"),
        *article("short", "short one", "another"),
        *article("none", "another"),
    ]
    assert seen_articles(sentences, {text_hash(long[0])}) == ["fifth"]
    assert seen_articles(sentences, {text_hash(long[5].upper())}) == []
    assert seen_articles(sentences, {text_hash("short one")}) == ["short"]


def test_doubts_end_in_exit_code_1(checkpoint, corpus):
    assert evaluate(checkpoint, split="dev", console=quiet()) == 1
    assert evaluate(checkpoint, data=str(corpus), split="train", console=quiet()) == 1


def test_other_data_by_path_leaves_the_report_alone(checkpoint, tmp_path):
    other = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=6, seed=5, prefix="new"))
    before = (checkpoint / "metrics.json").read_bytes()
    assert evaluate(checkpoint, data=str(other), data_format="native", inventory_name="core", console=quiet()) == 0
    assert (checkpoint / "metrics.json").read_bytes() == before


def test_data_is_named_by_path_or_by_config(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text("data:\n  path: x.jsonl\n  format: native\n")
    assert data_block(str(file)).path == "x.jsonl"
    assert data_block("x.jsonl", data_format="native", inventory_name="ptc-14").inventory == "ptc-14"
    assert data_block(None) is None
    with pytest.raises(UserError, match="--inventory without a path to labelled data"):
        data_block(str(file), inventory_name="core")
    with pytest.raises(UserError, match=r"data.format is str 'nativ'"):
        data_block("x.jsonl", data_format="nativ")


def test_the_card_shows_baselines_after_evaluation(checkpoint):
    evaluate(checkpoint, console=quiet())
    card = (checkpoint / "README.md").read_text()
    assert "| figure | value | majority | random |" in card
    assert "- Baseline tfidf: missing: the checkpoint is a TF-IDF classifier itself." in card
