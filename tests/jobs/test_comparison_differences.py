"""What sets two checkpoints apart, in words."""

from __future__ import annotations

import shutil
from dataclasses import replace
from types import SimpleNamespace

import tiny

from spinscope.jobs.comparison_differences import config_differences, system_differences
from spinscope.jobs.training import train
from spinscope.jobs.tuning import tune
from spinscope.model.checkpoint import open_checkpoint


def told(first, second):
    return system_differences([open_checkpoint(first)], [open_checkpoint(second)])


def test_a_copy_is_told_as_one(tfidf_checkpoint, tmp_path):
    copy = shutil.copytree(tfidf_checkpoint, tmp_path / "copy")
    assert told(tfidf_checkpoint, copy) == ["the same weights, taxonomy and thresholds: one checkpoint twice"]


def test_settings_are_told_with_their_meaning_and_what_neither_looks_at_is_not(tfidf_checkpoint, corpus, tmp_path):
    config = tiny.tiny_run(tmp_path, corpus, training={"max_ngram": 1, "epochs": 9.0}, evaluation={"n_resamples": 150})
    other = train(config, name="other")[0]
    found = told(tfidf_checkpoint, other)
    assert "training.max_ngram: 1 instead of 2 (Longest word n-gram (tfidf))" in found
    assert found[0].startswith("the same data (30 articles, sentences: ")
    assert not any("epochs" in sentence or "n_resamples" in sentence or "output_dir" in sentence for sentence in found)


def test_another_kind_is_told_without_the_settings_of_either(frozen_checkpoint, tfidf_checkpoint):
    one, other = open_checkpoint(frozen_checkpoint), open_checkpoint(tfidf_checkpoint)
    assert config_differences(one, other) == ["model.kind"]
    assert any(
        sentence.startswith("model.kind: tfidf instead of frozen")
        for sentence in told(frozen_checkpoint, tfidf_checkpoint)
    )


def test_what_a_frozen_encoder_reads_is_told_as_runs_tells_it(frozen_checkpoint):
    one = open_checkpoint(frozen_checkpoint)
    repeating = one.config.model_copy(update={"model": one.config.model.model_copy(update={"repetition": "loaded_language", "dropout": 0.4})})
    other = SimpleNamespace(config=repeating)
    assert config_differences(one, other) == ["model.repetition"]


def test_other_data_is_counted(tfidf_checkpoint, tmp_path):
    more = tiny.tiny_sentences(n_articles=30) + tiny.tiny_sentences(n_articles=10, seed=5, prefix="b")
    file = tiny.write_native(tmp_path / "more.jsonl", more)
    found = told(tfidf_checkpoint, train(tiny.tiny_run(tmp_path, file), name="more")[0])
    assert any(
        sentence.startswith("other data: 40 articles, sentences: ") and "instead of 30 articles" in sentence
        for sentence in found
    )
    assert any("different sentences trained on" in sentence and "are new" in sentence for sentence in found)


def test_thresholds_that_were_tuned_are_told(tfidf_checkpoint, tmp_path):
    data = tiny.write_native(tmp_path / "new.jsonl", tiny.tiny_sentences(n_articles=12, seed=3, prefix="t"))
    tune(tfidf_checkpoint, out=tmp_path / "tuned", data=str(data), split="all", thresholds="fixed")
    found = told(tfidf_checkpoint, tmp_path / "tuned")
    assert "threshold rule fixed instead of per_technique" in found
    assert any(sentence.startswith("thresholds: loaded_language 0.50 instead of ") for sentence in found)


def test_techniques_and_libraries(tfidf_checkpoint):
    one = open_checkpoint(tfidf_checkpoint)
    other = open_checkpoint(tfidf_checkpoint)
    other.identity = "other"
    other.manifest = one.manifest | {"libraries": one.manifest["libraries"] | {"torch": "1.0"}}
    other.inventory = replace(one.inventory, name="narrow", techniques=one.inventory.techniques[:2])
    found = system_differences([one], [other])
    assert "taxonomy narrow instead of core" in found and "techniques that are gone: appeal_to_threat" in found
    assert any(sentence.startswith("torch 1.0 instead of ") for sentence in found)
