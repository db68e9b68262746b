"""Faults planted in a clean corpus are found and named; the clean corpus raises none of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import made_corpus
import pytest
import tiny

from spinscope.data.corpora import load_sentences
from spinscope.data.corpora.native import write
from spinscope.jobs.auditing import audit_of
from spinscope.jobs.audits import shortcuts
from spinscope.jobs.audits.held_out import held_out_by_article
from spinscope.jobs.audits.label_errors import label_error_section
from spinscope.jobs.audits.leakage import leakage_section
from spinscope.jobs.labelled import read_labelled, score_labelled
from spinscope.jobs.training import train
from spinscope.measure.predictability import Told
from spinscope.model.checkpoint import open_checkpoint
from spinscope.records import Span
from spinscope.taxonomy import inventory

CORE = Path(__file__).parents[2] / "data" / "core" / "sentences.jsonl"
FAULTS = ("leakage", "giveaways", "shortcuts", "unseen_sources", "label_errors")


def audited(sentences, folder):
    """Sections by name, as in the JSON, of a TF-IDF checkpoint that was trained on these sentences."""
    folder.mkdir(exist_ok=True)
    write(folder / "corpus.jsonl", sentences)
    run = tiny.tiny_run(folder, folder / "corpus.jsonl", data={"waive": ["leaks"]})  # the copies are to be found here
    checkpoint = train(run, name="tfidf")[0]
    found = audit_of(open_checkpoint(checkpoint), data=None, split=None, suites={})
    return {section.name: section for section in found.sections}


@pytest.fixture(scope="module")
def clean_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clean") / "run"


@pytest.fixture(scope="module")
def clean(clean_folder):
    return audited(made_corpus.clean(), clean_folder)


def judged(folder):
    """(classifier, labelled, held_out, scored) of the checkpoint in a folder that `audited` left."""
    classifier = open_checkpoint(folder / "models" / "tfidf")
    labelled = read_labelled(classifier, data=None, split=None)
    held_out = held_out_by_article(labelled.sentences, classifier.inventory, seed=13)
    return classifier, labelled, held_out, score_labelled(classifier, labelled.measured(), classifier.inventory)


def broken(sections):
    return [words for name in FAULTS for words in sections[name].broken()]


def in_the_top_tenth(section, flipped):
    """Share of the flipped labels that the ranking lists."""
    listed = {(line["article"], line["index"], line["technique"]) for line in section.details["ranking"]}
    assert len(listed) == len(section.details["ranking"]) <= section.details["n_labels"] / 10 + 2
    return len(listed & flipped) / len(flipped)


def copies(section):
    return {(line["article"], line["index"]) for line in section.details["copies"]}


def test_a_clean_corpus_raises_no_alarm(clean):
    assert broken(clean) == []
    assert clean["giveaways"].details["tokens"] == []
    assert clean["leakage"].details["copies"] == []


def test_flipped_labels_head_the_ranking(tmp_path):
    sentences, flipped = made_corpus.with_flips(made_corpus.clean())
    found = audited(sentences, tmp_path)
    assert in_the_top_tenth(found["label_errors"], flipped) >= 0.5
    assert found["label_errors"].broken()
    line = found["label_errors"].details["ranking"][0]
    assert line["confidence"] == pytest.approx(
        line["probability"] if line["given"] else 1 - line["probability"], abs=2e-4
    )
    with_folds = by_out_of_fold(tmp_path, sentences, flipped)
    assert in_the_top_tenth(with_folds, {one for one in flipped if one[0] != sentences[0].article}) == 1.0
    parts = {(line["article"], line["part"]) for line in with_folds.details["ranking"]}
    assert {part for article, part in parts if article == sentences[0].article} <= {"test", "others"}
    assert any(part == "out of fold" for _, part in parts)
    figures = {figure.name: figure for figure in with_folds.figures}
    assert figures["likely_wrong"] == {figure.name: figure for figure in found["label_errors"].figures}["likely_wrong"]
    assert figures["likely_wrong_out_of_fold"].estimate.value == pytest.approx(0.05, abs=0.01)


def by_out_of_fold(folder, sentences, flipped):
    """The section with a cross-validation that knew the labels before they were flipped, all articles but the first."""
    with (folder / "out-of-fold.jsonl").open("w") as stream:
        for one in sentences:
            soft = {
                t: 0.9 if (t in one.techniques) != ((one.article, one.index, t) in flipped) else 0.1
                for t in one.annotated
            }
            if one.article != sentences[0].article:
                stream.write(json.dumps({"article": one.article, "index": one.index, "soft": soft}) + "\n")
    classifier, _, held_out, scored = judged(folder)
    return label_error_section(
        classifier, held_out, scored, classifier.config.evaluation.limits, split="test", out_of_fold=folder / "out-of-fold.jsonl"
    )  # fmt: skip


def test_what_chance_explains_breaks_no_limit(clean, clean_folder, monkeypatch):
    classifier, *rest = judged(clean_folder)
    for p_value in (0.5, 0.01):
        told = Told(auroc=0.9, chance=0.5, chance_high=0.95, p_value=p_value, n_classes=2, n_sentences=100)
        monkeypatch.setattr(shortcuts, "told_apart", lambda *values, told=told, **options: told)
        section = shortcuts.shortcut_sections(classifier, *rest, classifier.config.evaluation.limits)[0]
        assert any("from the errors" in words for words in section.broken()) == (p_value < 0.05)


def test_copies_between_the_parts_are_all_found(tmp_path):
    sentences, planted = made_corpus.with_copies(made_corpus.clean())
    section = audited(sentences, tmp_path)["leakage"]
    assert copies(section) == planted
    assert section.broken()
    figures = {figure.name: figure for figure in section.figures}
    assert figures["micro_f1_without"].n == 210 - 30
    assert figures["micro_f1_without"].estimate.value < 0, "the copies were learned by heart"


def test_a_labelled_phrase_of_the_training_part_is_found_in_the_measured_part(clean, clean_folder):
    classifier, labelled, _, scored = judged(clean_folder)
    trained = labelled.part("train")[0]
    phrase = " ".join(trained.text.split()[:4])
    spans = (Span(0, len(phrase), "loaded_language"),)
    sentences = [replace(one, spans=spans) if one is trained else one for one in labelled.sentences]
    asked = [replace(scored.sentences[0], text=f"{phrase}, and so on.", spans=spans), *scored.sentences[1:]]
    section = leakage_section(
        classifier, replace(labelled, sentences=sentences), replace(scored, sentences=asked), classifier.config.evaluation.limits
    )  # fmt: skip
    figures = {figure.name: figure for figure in section.figures}
    assert figures["slogans"].estimate.value == pytest.approx(1 / len(asked))
    assert figures["copies"].estimate.value == 0
    assert figures["micro_f1_without"].n == len(asked) - 1
    (line,) = section.details["slogans"]
    assert line["phrases"] == [" ".join(re.findall(r"\w+", phrase.casefold()))]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_tag_that_gives_the_label_away_is_named(tmp_path, share):
    found = audited(made_corpus.with_tag(made_corpus.clean(), "(zorbex)", share=share), tmp_path)["giveaways"]
    assert found.broken()
    token = found.details["tokens"][0]
    assert "zorbex" in token["token"] and token["technique"] == "us_vs_them"
    assert any("closes" in reason for reason in token["reasons"])
    assert token["score_raised"]["low"] > 0, "the checkpoint has learned it"
    assert "zorbex" in found.notes[0]


def test_a_byline_of_one_source_is_named_with_it(tmp_path):
    """In the middle of the sentence and of few sentences: what betrays it is that it belongs to one source."""
    sentences = made_corpus.clean(n_articles=120)
    marked = {
        row: one.text.replace(" ", " zorbex ", 1)
        for row, one in enumerate(sentences)
        if "us_vs_them" in one.techniques and one.metadata["outlet"] == made_corpus.SOURCES[2]
    }
    found = audited(made_corpus.rewritten(sentences, marked), tmp_path)["giveaways"].details["tokens"]
    assert [one["token"] for one in found] == ["zorbex"]
    assert f"belongs to the source {made_corpus.SOURCES[2]}" in found[0]["reasons"]


def test_sources_that_tell_the_label_are_named(tmp_path):
    """Half of the papers use the technique everywhere, the others never, with a word of the house beside it."""
    biased = made_corpus.SOURCES[::2]
    sentences = [
        replace(one, techniques=("us_vs_them",) if one.metadata["outlet"] in biased else ())
        for one in made_corpus.clean(n_articles=120)
    ]
    words = {row: f"{one.text} {one.metadata['outlet'].replace(' ', '').lower()}x" for row, one in enumerate(sentences)}
    found = audited(made_corpus.rewritten(sentences, words), tmp_path)
    told = {figure.name: figure for figure in found["shortcuts"].figures}
    assert told["source_from_text"].estimate.value > 0.9
    assert told["source_from_scores"].estimate.value > 0.6
    assert told["label_from_source"].is_broken and "us_vs_them" in told["label_from_source"].title
    assert not told["label_from_date"].is_broken
    assert {one["technique"] for one in found["giveaways"].details["tokens"]} == {"us_vs_them", "no technique"}
    without = {figure.name: figure for figure in found["unseen_sources"].figures}
    assert without["unseen_source_loss"].is_broken
    assert "no source has" in without["same_source_auroc"].estimate.note


def test_what_is_measured_of_sources_slices_and_noise(clean):
    told = clean["shortcuts"]
    assert {"topic_from_scores", "date_from_errors", "article_from_text"} <= told.details.keys()
    assert "source: not measured, fewer than two values in 3 articles each." in told.notes
    assert {"new_sources_micro_f1", "unseen_source_loss", "same_source_loss"} >= {
        figure.name for figure in clean["unseen_sources"].figures if figure.name.endswith("loss")
    }
    rows = {(row["attribute"], row["value"]) for row in clean["slices"].details["slices"]}
    assert {("length", "9 to 16 words"), ("position", "closing third"), ("domain", "law")} <= rows
    assert [row for row in clean["slices"].details["slices"] if row["figures"]["recall"]["is_worse"]] == []
    lost = {figure.name: figure.estimate.value for figure in clean["noise"].figures}
    assert lost["case_micro_f1_lost"] == lost["punctuation_flips"] == 0, "TF-IDF sees neither"
    assert lost["typos_micro_f1_lost"] > 0.02


@pytest.mark.slow
def test_faults_in_the_project_s_own_corpus_are_found_and_it_has_none_itself(tmp_path):
    block = tiny.tiny_run(tmp_path, CORE).data
    sentences = load_sentences(block, target=inventory("core"))
    assert broken(audited(sentences, tmp_path / "clean")) == []
    copied, planted = made_corpus.with_copies(made_corpus.with_tag(sentences, "(zorbex)", share=0.3))
    flipped_sentences, flipped = made_corpus.with_flips(copied)
    found = audited(flipped_sentences, tmp_path / "faulty")
    assert in_the_top_tenth(found["label_errors"], flipped) >= 0.5
    assert found["label_errors"].broken()
    assert planted <= copies(found["leakage"])
