"""Recurring wording in a checkpoint: fitted on dev, the same wherever whole articles are scored, nothing where off."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.data.repetition import recurrence
from spinscope.data.sentences import article_sentences
from spinscope.data.summaries import tally
from spinscope.errors import UserError
from spinscope.files import dump_yaml
from spinscope.jobs.deciding import decision_of
from spinscope.jobs.fit_settings import check_settings
from spinscope.jobs.recurring import recurring_of
from spinscope.jobs.report_evidence import report_evidence
from spinscope.jobs.study import study
from spinscope.jobs.training import train
from spinscope.jobs.tuning import tuned
from spinscope.measure.added_weight import FEWEST_POSITIVES, fit_added_weight
from spinscope.measure.calibration import cross_fitted_probabilities, fit_calibration
from spinscope.model.checkpoint import open_checkpoint
from spinscope.records import Article
from spinscope.report.articles import ReportedArticle

TECHNIQUE, COLUMN = "us_vs_them", 1
SPLIT = {"split_by": {"dev_fraction": 0.4, "test_fraction": 0.1}}


def repeating(*, n_articles: int = 30, seed: int = 5, prefix: str = "r"):
    """Articles in which the technique is that a word, which no other article has, stands in several sentences."""
    chance, out = random.Random(seed), []
    for sentence in tiny.tiny_sentences(n_articles=n_articles, seed=seed, prefix=prefix):
        if sentence.index == 0:
            word = "".join(chance.choices("bcdfgklmnprstvz", k=9))
        repeats = chance.random() < 0.35
        text = f"{word} {sentence.text}" if repeats else sentence.text
        others = tuple(name for name in sentence.techniques if name != TECHNIQUE)
        techniques = (*others, TECHNIQUE) if repeats and chance.random() < 0.9 else others
        out.append(replace(sentence, text=text, end=sentence.start + len(text), techniques=techniques))
    return out


def told_by(probabilities, gold):
    """Mean probability of the positives minus that of the others."""
    column = probabilities[:, COLUMN]
    return column[gold[:, COLUMN] == 1].mean() - column[gold[:, COLUMN] == 0].mean()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return tiny.write_native(tmp_path_factory.mktemp("data") / "repeating.jsonl", repeating())


@pytest.fixture(scope="module")
def checkpoint(corpus, tmp_path_factory):
    config = tiny.tiny_run(tmp_path_factory.mktemp("run"), corpus, model={"repetition": TECHNIQUE}, data=SPLIT)
    return train(config, name="with")[0]


@pytest.fixture(scope="module")
def without(corpus, tmp_path_factory):
    return train(tiny.tiny_run(tmp_path_factory.mktemp("run"), corpus, data=SPLIT), name="without")[0]


def test_the_weight_is_fitted_on_dev_and_tells_what_no_sentence_tells(checkpoint, without):
    classifier, plain = open_checkpoint(checkpoint), open_checkpoint(without)
    weights = classifier.decision.recurrence_weights
    assert weights[COLUMN] > 0
    assert not any(weights[:COLUMN]) and not any(weights[COLUMN + 1 :])
    new = repeating(n_articles=12, seed=8, prefix="n")
    gold, _ = label_matrix(new, classifier.inventory)
    with_it, without_it = (one.probabilities(new).probabilities for one in (classifier, plain))
    assert told_by(with_it, gold) > told_by(without_it, gold) + 0.05
    for column in (0, 2):  # calibrated otherwise, ranked as before
        order = np.argsort(without_it[:, column])
        assert (np.diff(with_it[order, column]) >= -1e-9).all()
    card = (checkpoint / "README.md").read_text(encoding="utf-8")
    assert f"Wording that recurs in the article adds {weights[COLUMN]:+.2f} log-odds a unit to *{TECHNIQUE}*, fitted on dev and the training part;" in card


def test_off_nothing_is_written_of_it(without):
    assert "recurrence" not in (without / "decision.json").read_text(encoding="utf-8")
    assert open_checkpoint(without).recurrence_weights is None


def test_a_sentence_alone_is_scored_by_the_head_and_nothing_else(checkpoint):
    classifier = open_checkpoint(checkpoint)
    texts = [sentence.text for sentence in repeating(n_articles=2, seed=9)]
    logits, _ = classifier.scorer.logits(texts, [""] * len(texts))
    expected = 1 / (1 + np.exp(-logits.astype(np.float64)))
    found = [list(one["probabilities"].values()) for one in classifier.predict(texts)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_equal_sentences_in_different_articles_are_scored_by_their_own(checkpoint):
    classifier = open_checkpoint(checkpoint)
    refrain = "They are traitorous people."
    articles = [
        Article("a", f"{refrain} One bus came. {refrain} {refrain}"), Article("a", f"{refrain} One bus came."),
        Article("c", f"{refrain} One bus came. Traitorous people never stop."),
    ]  # fmt: skip
    together = [one.sentences for one in classifier.score_articles(articles)]
    alone = [one.sentences for article in articles for one in classifier.score_articles([article])]
    assert together == alone
    first = [sentences[0].probabilities[TECHNIQUE] for sentences in together]
    assert first[0] > first[2] > first[1]
    for article, sentences in zip(articles, together, strict=True):
        expected = classifier.probabilities(list(article_sentences(article))).probabilities
        np.testing.assert_array_equal([list(one.probabilities.values()) for one in sentences], expected)


def test_evidence_tells_of_the_score_that_the_article_has(checkpoint):
    classifier = open_checkpoint(checkpoint)
    article = Article("a", "Scoundrels all around. They met. Scoundrels all around. Scoundrels all around.")
    sentences = tuple(
        replace(one, techniques=(TECHNIQUE,)) for one in next(classifier.score_articles([article])).sentences
    )
    found = report_evidence(classifier, [ReportedArticle(article, sentences, tally(sentences, techniques=classifier.inventory.ids))])
    for sentence in sentences:
        (one,) = found["a", sentence.index]
        assert one["probability"] == pytest.approx(sentence.probabilities[TECHNIQUE], rel=1e-9)
        logit = np.log(one["probability"]) - np.log1p(-one["probability"])
        assert one["baseline"] + one["elsewhere"] + sum(w["weight"] for w in one["words"]) == pytest.approx(logit, abs=1e-5)


def test_cross_fitting_leaves_out_the_articles_it_answers_for():
    sentences = repeating()
    target, config = tiny.inventory("core"), tiny.parse_config({"model": {"repetition": TECHNIQUE}})
    recurring = recurring_of(config, target, sentences)
    gold, mask = label_matrix(sentences, target)
    logits = np.random.default_rng(0).normal(-2, 1, gold.shape)
    rows = np.arange(len(sentences)) < 160
    changed = np.where(rows[:, None], gold, 1 - gold)
    refitted = recurring.refitted(gold, mask)(rows, logits)
    np.testing.assert_array_equal(recurring.refitted(changed, mask)(rows, logits), refitted)
    scale, weight, shift, _ = fit_added_weight(gold[rows, COLUMN], logits[rows, COLUMN], recurring.values[rows])
    expected = scale * logits[:, COLUMN] + weight * recurring.values + shift
    np.testing.assert_allclose(refitted[:, COLUMN], expected, rtol=1e-12)


def test_with_few_positives_there_is_no_weight_and_it_is_told(corpus, tmp_path, capsys):
    few = {"split_by": {"dev_fraction": 0.1, "test_fraction": 0.1}}
    settings = {"with": {"repetition": TECHNIQUE}, "without": {}}
    found = {}
    for name, model in settings.items():
        folder = train(tiny.tiny_run(tmp_path / name, corpus, model=model, data=few), name=name)[0]
        found[name] = json.loads((folder / "decision.json").read_text())
    asked = found["with"]["fitted_on"].pop("recurrence")
    assert asked["n_positives"] < FEWEST_POSITIVES and not asked["fitted"]
    assert found["with"] == found["without"]
    assert f"no weight for {TECHNIQUE}" in " ".join(capsys.readouterr().err.split())


def test_a_technique_that_the_taxonomy_does_not_have_is_refused(corpus, tmp_path):
    config = tiny.tiny_run(tmp_path, corpus, model={"repetition": "us_vs_then"})
    with pytest.raises(UserError, match="no technique 'us_vs_then' in core") as caught:
        check_settings(config)
    assert "did you mean 'us_vs_them'?" in str(caught.value)


@pytest.mark.parametrize("n_articles", [30, 3])
def test_tuning_goes_on_from_the_weight_there_is(checkpoint, n_articles, tmp_path):
    own = repeating(n_articles=n_articles, seed=11, prefix="own")
    file = tiny.write_native(tmp_path / "own.jsonl", own)
    old = open_checkpoint(checkpoint)
    new = tuned(open_checkpoint(checkpoint), out=tmp_path / "tuned", data=Data(path=str(file))).classifier
    values = recurrence(own)[:, None]

    def raw(one):
        p = one.probabilities(own).probabilities
        added = values * np.array(one.decision.recurrence_weights)
        return (np.log(p) - np.log1p(-p) - added - one.decision.intercepts) / one.decision.slopes

    np.testing.assert_allclose(raw(old), raw(new), atol=2e-4)
    ratio = new.decision.recurrence_weights[COLUMN] / old.decision.recurrence_weights[COLUMN]
    slope = new.decision.slopes[COLUMN] / old.decision.slopes[COLUMN]
    assert (ratio == pytest.approx(slope)) == (n_articles == 3)  # too few positives: calibrated, and nothing else


@pytest.mark.parametrize("articles_fraction", [1.0, 0.5])
def test_in_a_study_it_costs_no_fit_and_is_what_a_run_of_its_own_gives(corpus, tmp_path, articles_fraction):
    config = tiny.tiny_run(tmp_path, corpus, data={"split_by": {"dev_fraction": 0.5, "test_fraction": 0.0}})
    base = tmp_path / "base.yaml"
    base.write_text(config.to_yaml(), encoding="utf-8")
    runs = {"plain": {}, "recurring": {"model.repetition": TECHNIQUE}}
    division = {"folds": 2, "seeds": [13], "articles_fraction": articles_fraction}
    records = {}
    for name, chosen in (("both", runs), ("alone", {"recurring": runs["recurring"]})):
        file = tmp_path / f"{name}.yaml"
        file.write_text(dump_yaml({"base": str(base), "runs": chosen, **division}), encoding="utf-8")
        assert study(file, console=Console(quiet=True)) == 0
        folder = tmp_path / f"models/{name}-study/recurring"
        records[name] = [json.loads(one.read_text()) for one in sorted(folder.glob("*fold*.json"))]
    assert [one["fit_of"] for one in records["both"]] == ["plain", "plain"]
    assert any("recurrence_weights" in one["decision"] for one in records["both"])
    for one, other in zip(records["both"], records["alone"], strict=True):
        weights = [record["decision"].get("recurrence_weights", []) for record in (one, other)]
        assert weights[0] == pytest.approx(weights[1], abs=1e-4)
        for name in ("rows", "dev"):
            assert [row["probabilities"] for row in one[name]] == [
                pytest.approx(row["probabilities"], abs=1e-5) for row in other[name]
            ]


def test_a_weight_is_found_where_there_is_one_and_shrunk_where_little_is_known():
    rng = np.random.default_rng(1)
    logits, values = rng.normal(-3, 1, 200_000), rng.gamma(1.0, 1.0, 200_000)
    gold = rng.random(200_000) < 1 / (1 + np.exp(-(0.7 * logits + 0.8 * values - 1)))
    assert fit_added_weight(gold, logits, values)[:3] == pytest.approx((0.7, 0.8, -1.0), abs=0.05)
    few = np.flatnonzero(gold)[:1]
    scale, weight, *_ = fit_added_weight(gold[few], logits[few], values[few])
    assert 0 < weight < 0.6 and 0.5 < scale < 1


def test_sentences_elsewhere_tell_of_the_weight_and_of_nothing_else():
    rng = np.random.default_rng(2)
    logits, values = rng.normal(-2, 1, 400), rng.gamma(1.0, 1.0, 400)
    gold = rng.random(400) < 1 / (1 + np.exp(-(0.7 * logits + 0.8 * values - 1)))
    values_there = rng.gamma(1.0, 1.0, 100_000)
    gold_there = rng.random(100_000) < 1 / (1 + np.exp(-(0.8 * values_there - 4)))  # as here, and a tenth as frequent
    alone = fit_added_weight(gold, logits, values)
    scale, weight, shift, _ = fit_added_weight(gold, logits, values, elsewhere=(gold_there, values_there))
    assert abs(alone[1] - 0.8) > 0.06 and weight == pytest.approx(0.8, abs=0.02)
    assert fit_added_weight(gold, logits, values, elsewhere=(gold_there[:0], values_there[:0])) == alone
    # with the weight known, scale and shift are those that these 400 have, not those of the others
    mean = 1 / (1 + np.exp(-(scale * logits + weight * values + shift)))
    assert mean.mean() == pytest.approx(gold.mean(), abs=0.005)


def test_where_the_logit_tells_all_of_it_the_others_are_not_heard():
    rng = np.random.default_rng(3)
    values = rng.gamma(1.0, 1.0, 20_000)
    logits = rng.normal(-3, 1, 20_000) + 0.8 * values
    gold = rng.random(20_000) < 1 / (1 + np.exp(-logits))
    found = fit_added_weight(gold[:10_000], logits[:10_000], values[:10_000], elsewhere=(gold[10_000:], values[10_000:]))
    assert found[:3] == pytest.approx((1.0, 0.0, 0.0), abs=0.15) and not found.heard
    assert found == fit_added_weight(gold[:10_000], logits[:10_000], values[:10_000])


def test_the_training_articles_steady_the_weight(checkpoint):
    told = open_checkpoint(checkpoint).decision.fitted_on["recurrence"]
    assert told["n_positives_trained_on"] > told["n_positives"] >= FEWEST_POSITIVES
    sentences = repeating()
    dev, trained_on = sentences[:200], repeating(n_articles=300, seed=77, prefix="t")
    target, config = tiny.inventory("core"), tiny.parse_config({"model": {"repetition": TECHNIQUE}})
    gold, _ = label_matrix(dev, target)
    logits = gold + np.random.default_rng(0).normal(-2, 1, gold.shape)

    def weight(others):
        recurring = recurring_of(config, target, dev, trained_on=others)
        return decision_of(config, target, dev, logits, recurring=recurring)[0].recurrence_weights[COLUMN]

    of_dev, of_nothing_annotated = weight(None), weight([replace(one, techniques=(), annotated=()) for one in trained_on])
    assert of_dev == of_nothing_annotated != pytest.approx(weight(trained_on), abs=0.05)


def test_the_head_and_the_weights_together_give_what_was_fitted():
    sentences = repeating(n_articles=60)
    target = tiny.inventory("core")
    config = tiny.parse_config({"model": {"repetition": TECHNIQUE}, "evaluation": {"calibration": "platt"}})
    gold, mask = label_matrix(sentences, target)
    logits = 2 * gold + np.random.default_rng(0).normal(-4, 2, gold.shape)
    recurring = recurring_of(config, target, sentences)
    decision, _ = decision_of(config, target, sentences, logits, recurring=recurring)
    slopes, intercepts = fit_calibration(gold, mask, logits, method="platt")
    expected = logits * slopes + intercepts
    scale, weight, shift, _ = fit_added_weight(gold[:, COLUMN], expected[:, COLUMN], recurring.values)
    assert abs(scale - 1) > 0.02 and abs(intercepts[COLUMN]) > 0.1
    expected[:, COLUMN] = scale * expected[:, COLUMN] + weight * recurring.values + shift
    found = logits * decision.slopes + decision.intercepts + np.outer(recurring.values, decision.recurrence_weights)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_what_is_fitted_beside_the_calibration_never_sees_the_articles_it_answers_for():
    sentences = repeating(n_articles=20)
    gold, mask = label_matrix(sentences, tiny.inventory("core"))
    logits = gold + np.random.default_rng(0).normal(-2, 1, gold.shape)
    settings = {"articles": article_codes(sentences), "method": "platt", "n_folds": 4, "seed": 13}
    without = cross_fitted_probabilities(gold, mask, logits, **settings)
    seen = []

    def spoils_what_it_is_fitted_on(rows, calibrated):
        seen.append(rows)
        return np.where(rows[:, None], np.nan, calibrated)

    found = cross_fitted_probabilities(gold, mask, logits, **settings, refitted=spoils_what_it_is_fitted_on)
    np.testing.assert_array_equal(found, without)
    assert (np.sum(seen, axis=0) == 3).all()


@pytest.mark.parametrize("stretched", [0.2, 1.0, 5.0])
def test_the_weight_does_not_depend_on_how_sure_the_model_is_of_itself(stretched):
    sentences = repeating(n_articles=60)
    target = tiny.inventory("core")
    config = tiny.parse_config({"model": {"repetition": TECHNIQUE}, "evaluation": {"calibration": "platt"}})
    gold, _ = label_matrix(sentences, target)
    logits = gold + np.random.default_rng(0).normal(-2, 1, gold.shape)
    recurring = recurring_of(config, target, sentences)
    found = [decision_of(config, target, sentences, logits * by, recurring=recurring)[0] for by in (1.0, stretched)]
    assert found[0].recurrence_weights[COLUMN] > 0.2
    np.testing.assert_allclose(found[1].recurrence_weights, found[0].recurrence_weights, rtol=0.05)
    np.testing.assert_allclose(np.array(found[1].slopes) * stretched, found[0].slopes, rtol=0.05)
