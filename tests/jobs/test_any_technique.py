"""Any technique with a cut-off of its own: fitted on dev, kept, measured by every verb, and nothing else changed by it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import tiny
from rich.console import Console
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from spinscope.cli import app
from spinscope.config import Data
from spinscope.data.duplicates import text_hash
from spinscope.data.encoding import label_matrix
from spinscope.data.score_reading import read_scores
from spinscope.files import dump_yaml, read_json, write_json
from spinscope.jobs import auditing, averaging, folds
from spinscope.jobs.answers import Answers, any_cutoff
from spinscope.jobs.comparison import comparison_of
from spinscope.jobs.cross_validation import cross_validate
from spinscope.jobs.deciding import decision_of
from spinscope.jobs.dev_answers import dev_answers
from spinscope.jobs.evaluation import evaluation_of
from spinscope.jobs.folds import Folds, decided_record, pooled_answers
from spinscope.jobs.labelled import read_labelled, score_labelled
from spinscope.jobs.scoring import score
from spinscope.jobs.study import study
from spinscope.jobs.training import train
from spinscope.jobs.tuning import tuned as tuned_from
from spinscope.measure.any_technique import expected_any_cutoff
from spinscope.measure.studies import STUDIED
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import any_probability
from spinscope.records import Decision
from spinscope.taxonomy import inventory

CORE = inventory("core")
ANY = ("any_precision", "any_recall", "any_f1")


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="module")
def expected_checkpoint(corpus, tmp_path_factory):
    """As `tfidf_checkpoint`, with a cut-off of its own for any technique. Read only."""
    config = tiny.tiny_run(
        tmp_path_factory.mktemp("any"), corpus, evaluation={"any_technique": "expected", "n_resamples": 100}
    )
    return train(config, name="tfidf")[0]


def with_cutoff(classifier, cutoff):
    """The same classifier; its decision on any technique, where most sentences tell apart who asks whom."""
    classifier.decision = replace(classifier.decision, any_threshold=cutoff)
    return classifier


def test_it_is_fitted_on_the_calibrated_dev_and_changes_nothing_else(expected_checkpoint, tfidf_checkpoint):
    own, plain = (read_json(folder / "decision.json") for folder in (expected_checkpoint, tfidf_checkpoint))
    dev = dev_answers(open_checkpoint(expected_checkpoint))
    assert own["any_threshold"] == pytest.approx(
        expected_any_cutoff(any_probability(dev.probabilities, dev.mask)), abs=1e-6
    )
    assert {name: value for name, value in own.items() if name != "any_threshold"} == plain
    for name in ("predictions-dev.jsonl", "model.safetensors", "split.json"):
        assert (expected_checkpoint / name).read_bytes() == (tfidf_checkpoint / name).read_bytes()
    for split in ("dev", "test"):
        figures = [
            read_json(folder / "metrics.json")[split]["overall"] for folder in (expected_checkpoint, tfidf_checkpoint)
        ]
        assert {name for name in figures[0] if figures[0][name] != figures[1][name]} <= set(ANY)
    assert own["any_threshold"] == open_checkpoint(expected_checkpoint).decision.any_threshold


def test_sentences_count_with_what_is_annotated_of_them(tmp_path):
    probabilities = np.array([[0.8, 0.9, 0.0], [0.3, 0.9, 0.1], [0.9, 0.9, 0.9], [0.1, 0.0, 0.0]])
    mask = np.array([[1, 0, 1], [1, 0, 0], [0, 0, 0], [1, 1, 1]], dtype=bool)
    gold = np.array([[1, 1, 0], [0, 1, 0], [1, 1, 1], [0, 0, 0]])
    plain, config = (
        tiny.tiny_run(tmp_path, tmp_path, evaluation={"any_technique": rule}) for rule in ("decided", "expected")
    )
    # 0.8, 0.3, 0.1 of three sentences: 1.6 / 2.2 = 0.73 for the first, 2.2 / 3.2 = 0.69 for two.
    assert any_cutoff(config, gold, mask, probabilities) == pytest.approx(0.55)
    assert any_cutoff(config, gold & ~mask, mask, probabilities) is None, "without a positive there is nothing to go by"
    assert any_cutoff(plain, gold, mask, probabilities) is None


def test_cross_fitted_dev_is_decided_by_its_own_probabilities(tmp_path, corpus):
    dev, ids = tiny.tiny_sentences(n_articles=20, seed=3), CORE.ids
    logits = np.random.default_rng(2).normal(-1, 1, (len(dev), len(ids)))
    configs = [tiny.tiny_run(tmp_path, corpus, evaluation={"any_technique": rule}) for rule in ("decided", "expected")]
    (plain, before), (own, answers) = (decision_of(config, CORE, dev, logits) for config in configs)
    assert before.any_decided is None and plain.any_threshold is None
    assert own == replace(plain, any_threshold=own.any_threshold)
    p = any_probability(answers.probabilities)
    assert (answers.any_decided == (p >= expected_any_cutoff(p))).all()
    np.testing.assert_array_equal(answers.decisions, before.decisions)


def test_evaluation_decides_any_technique_by_it(expected_checkpoint):
    classifier = with_cutoff(open_checkpoint(expected_checkpoint), 0.8)
    result = evaluation_of(classifier)
    scored = result.scored
    said = any_probability(scored.probabilities) >= 0.8
    assert said.sum() > 0 and (said != scored.decisions.any(axis=1)).any()
    gold = scored.gold.any(axis=1)
    assert result.metrics.overall["any_f1"].value == pytest.approx(f1_score(gold, said))
    assert result.uncalibrated.overall["any_f1"].value == pytest.approx(f1_score(gold, said))
    assert result.uncalibrated.overall["brier_loss"] != result.metrics.overall["brier_loss"]
    # The baseline says yes to all or none: its probability of any is one for all sentences.
    share = gold.mean()
    assert result.baselines["majority"].overall["any_f1"].value == pytest.approx(2 * share / (1 + share))


def test_evaluation_without_the_texts_of_training_too(expected_checkpoint, tmp_path):
    folder = shutil.copytree(expected_checkpoint, tmp_path / "copied")
    classifier = with_cutoff(open_checkpoint(folder), 0.8)
    labelled = read_labelled(classifier, data=None, split="test")
    hashes = {text_hash(sentence.text) for sentence in labelled.measured()[::3]}
    classifier.training_hashes = lambda: hashes
    result = evaluation_of(classifier)
    rows = np.array([text_hash(sentence.text) not in hashes for sentence in result.scored.sentences])
    said = any_probability(result.scored.probabilities) >= 0.8
    expected = f1_score(result.scored.gold.any(axis=1)[rows], said[rows])
    assert result.without_training_texts.overall["any_f1"].value == pytest.approx(expected)


def test_what_is_not_annotated_has_no_say(expected_checkpoint):
    classifier = with_cutoff(open_checkpoint(expected_checkpoint), 0.5)
    sentences = [
        replace(one, annotated=CORE.ids[:1], techniques=tuple(name for name in one.techniques if name == CORE.ids[0]))
        for one in tiny.tiny_sentences(n_articles=6, seed=9)
    ]
    scored = score_labelled(classifier, sentences, classifier.inventory)
    assert (scored.any_decided == (scored.probabilities[:, 0] >= 0.5)).all()
    assert (scored.any_decided != classifier.decide_any(scored.probabilities)).any()


def test_the_audit_measures_likewise(expected_checkpoint, monkeypatch):
    seen = []
    real = auditing.evaluate_predictions
    monkeypatch.setattr(
        auditing, "evaluate_predictions", lambda *arrays, **options: (seen.append(arrays), real(*arrays, **options))[1]
    )
    classifier = with_cutoff(open_checkpoint(expected_checkpoint), 0.8)
    labelled = read_labelled(classifier, data=None, split=None)
    scored = score_labelled(classifier, labelled.measured(), classifier.inventory)
    assert auditing._quality(classifier, scored, classifier.config.evaluation.limits).figures
    (arrays,) = seen
    assert (arrays[4] == (any_probability(scored.probabilities) >= 0.8)).all()


def test_compare_holds_each_systems_own_decision_against_the_others(expected_checkpoint, tfidf_checkpoint):
    own, plain = with_cutoff(open_checkpoint(expected_checkpoint), 0.8), open_checkpoint(tfidf_checkpoint)
    result = comparison_of([plain, own])
    scored = score_labelled(own, read_labelled(own, data=None, split=None).measured(), own.inventory)
    gold = scored.gold.any(axis=1)
    row = result.pairs[0].comparison.overall
    assert row["any_f1"].value_a == pytest.approx(f1_score(gold, scored.decisions.any(axis=1)))
    assert row["any_f1"].value_b == pytest.approx(f1_score(gold, any_probability(scored.probabilities) >= 0.8))
    assert row["any_f1"].difference != 0 and row["any_f1"].p_equivalent != 0
    assert row["micro_f1"].difference == 0 and row["micro_f1"].verdict == "equivalent"


# Folds, studies, seeds


@pytest.fixture
def config(tmp_path):
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=18))
    split_by = {"split_by": {"dev_fraction": 0.25, "test_fraction": 0.0}}
    return tiny.tiny_run(tmp_path, data, data=split_by, evaluation={"any_technique": "expected", "n_resamples": 100})


def test_held_out_rows_say_it_and_are_pooled(config, tmp_path):
    result = cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())
    records = [read_json(tmp_path / f"models/cv-folds/fold-{fold}-model.json") for fold in range(2)]
    truth, said = [], []
    labels = {(one.article, one.index): bool(one.techniques) for one in tiny.tiny_sentences(n_articles=18)}
    for record in records:
        for row in record["rows"]:
            p = any_probability(np.array([row["probabilities"]]))[0]
            assert row["any"] == int(p >= record["decision"]["any_threshold"])
            truth.append(labels[row["article"], row["index"]])
            said.append(row["any"])
    assert result.metrics["model"].overall["any_f1"].value == pytest.approx(f1_score(truth, said))


def test_records_without_it_are_as_before_and_old_ones_are_read():
    sentences = tiny.tiny_sentences(n_articles=4)
    partly = replace(sentences[0], annotated=CORE.ids[:1], techniques=())
    sentences = [partly, *sentences[1:]]
    division = Folds(CORE, sentences, {one.article: int(one.article == "a000") for one in sentences}, 2, 13)
    held = [[sentences[row] for row in division.rows(fold)] for fold in range(2)]
    p = [np.random.default_rng(fold).random((len(part), 3)) for fold, part in enumerate(held)]
    plain, own = Decision(CORE.ids, (0.6,) * 3), Decision(CORE.ids, (0.6,) * 3, any_threshold=0.9)
    old = [decided_record(plain, part, scores, CORE) for part, scores in zip(held, p, strict=True)]
    new = [decided_record(own, part, scores, CORE) for part, scores in zip(held, p, strict=True)]
    assert all(set(row) == {"article", "index", "probabilities", "decided"} for record in old for row in record["rows"])
    assert pooled_answers(old, division).any_decided is None
    everything = pooled_answers(new, division)
    np.testing.assert_array_equal(everything.decisions, pooled_answers(old, division).decisions)
    _, mask = label_matrix(sentences, CORE)
    np.testing.assert_array_equal(everything.any_decided, any_probability(everything.probabilities, mask) >= 0.9)
    mixed = pooled_answers([new[0], old[1]], division).any_decided
    of_old = np.array([one.article == "a000" for one in sentences])
    np.testing.assert_array_equal(mixed[~of_old], everything.any_decided[~of_old])
    np.testing.assert_array_equal(mixed[of_old], (everything.decisions & mask).any(axis=1)[of_old])


def test_runs_of_a_study_that_differ_in_it_share_their_fits(config, tmp_path, monkeypatch):
    base = tmp_path / "base.yaml"
    base.write_text(config.to_yaml(), encoding="utf-8")
    file = tmp_path / "trial.yaml"
    rule = "evaluation.any_technique"
    plan = {"base": str(base), "common": {rule: "decided"}, "folds": 2, "reference": "plain"}
    fitted, real = [], folds.fit
    monkeypatch.setattr(folds, "fit", lambda *a, **k: (fitted.append(k["name"]), real(*a, **k))[1])
    file.write_text(dump_yaml({**plan, "runs": {"plain": {}, "own": {rule: "expected"}}}), encoding="utf-8")
    assert study(file, console=quiet()) == 0
    assert len(fitted) == 2
    plain, own = read_json(tmp_path / "models/trial-study/study.json")["runs"]
    values = ({name: one["value"] for name, one in run["figures"].items()} for run in (own, plain))
    changed = {
        name
        for name, one, other in zip(STUDIED, *(run.values() for run in values), strict=True)
        if abs(one - other) > 1e-6
    }
    assert changed == {"any_f1"}
    cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())
    for fold in range(2):
        shared = read_json(tmp_path / f"models/trial-study/own/seed-13-fold-{fold}.json")
        alone = read_json(tmp_path / f"models/cv-folds/fold-{fold}-model.json")
        assert shared["fit_of"] == "plain"
        assert shared["decision"]["any_threshold"] == pytest.approx(alone["decision"]["any_threshold"], abs=1e-6)
        assert [row["any"] for row in shared["rows"]] == [row["any"] for row in alone["rows"]]


def test_kept_figures_of_a_study_depend_on_it(config, tmp_path):
    base, file = tmp_path / "base.yaml", tmp_path / "trial.yaml"
    base.write_text(config.to_yaml(), encoding="utf-8")
    file.write_text(dump_yaml({"base": str(base), "runs": {"own": {}}, "folds": 2}), encoding="utf-8")
    study(file, console=quiet())
    before = read_json(tmp_path / "models/trial-study/study.json")["runs"][0]["figures"]
    for path in (tmp_path / "models/trial-study/own").glob("seed-*.json"):
        record = read_json(path)
        write_json(path, {**record, "rows": [{**row, "any": 1 - row["any"]} for row in record["rows"]]})
    study(file, only_table=True, console=quiet())
    after = read_json(tmp_path / "models/trial-study/study.json")["runs"][0]["figures"]
    assert {name for name in after if after[name] != before[name]} == {"any_f1"}


def test_answers_kept_for_the_summary_over_seeds_hold_it(corpus, tmp_path):
    training = {"n_seeds": 2, "l2": 1.0}
    config = tiny.tiny_run(
        tmp_path, corpus, training=training, evaluation={"any_technique": "expected", "n_resamples": 100}
    )
    made = train(config, name="many")
    summary = read_json(tmp_path / "models/many-seeds.json")
    for split in ("dev", "test"):
        values = [read_json(folder / "metrics.json")[split]["overall"]["any_f1"]["value"] for folder in made]
        assert summary[split]["any_f1"]["mean"] == pytest.approx(np.mean(values))
        kept = read_json(tmp_path / "models/.many-seed13.answers.json")["parts"][split]
        assert set(kept["any"]) <= {0, 1} and len(kept["any"]) == len(kept["decided"])


# Tuning


def test_tune_fits_it_anew_or_takes_it_away(expected_checkpoint, tfidf_checkpoint, tmp_path):
    own = tiny.tiny_sentences(n_articles=12, seed=7, prefix="own")
    file = tiny.write_native(tmp_path / "own.jsonl", own)
    options = ["--data", str(file), "--format", "native"]

    def tuned(source, name, *more):
        done = CliRunner().invoke(app, ["tune", str(source), "--out", str(tmp_path / name), *options, *more])
        assert done.exit_code == 0, done.output
        return open_checkpoint(tmp_path / name)

    again = tuned(expected_checkpoint, "again")
    p = any_probability(again.probabilities(own).probabilities)
    assert again.decision.any_threshold == pytest.approx(expected_any_cutoff(p), abs=1e-6)
    assert again.decision.any_threshold != open_checkpoint(expected_checkpoint).decision.any_threshold
    given = tuned(tfidf_checkpoint, "given", "--any-technique", "expected")
    assert given.decision.any_threshold == again.decision.any_threshold
    assert given.config.evaluation.any_technique == "expected"
    without = tuned(expected_checkpoint, "without", "--any-technique", "decided")
    assert without.decision.any_threshold is None
    assert "any_threshold" not in read_json(tmp_path / "without" / "decision.json")
    figures = [read_json(tmp_path / name / "metrics.json")["dev"]["overall"] for name in ("given", "without")]
    assert {name for name in figures[0] if figures[0][name] != figures[1][name]} <= set(ANY)


def test_figures_before_a_tuning_are_those_of_the_checkpoints_own_cutoff(expected_checkpoint, tmp_path):
    own = tiny.tiny_sentences(n_articles=12, seed=7, prefix="own")
    file = tiny.write_native(tmp_path / "own.jsonl", own)
    old = with_cutoff(open_checkpoint(expected_checkpoint), 0.8)
    said = any_probability(old.probabilities(own).probabilities) >= 0.8
    result = tuned_from(old, out=tmp_path / "tuned", data=Data(path=str(file)))
    truth = [bool(one.techniques) for one in own]
    assert result.before.overall["any_f1"].value == pytest.approx(f1_score(truth, said))


def test_the_mean_of_checkpoints_starts_at_the_mean_cutoff():
    one, two = (Decision(CORE.ids, (0.5,) * 3, any_threshold=cut) for cut in (0.3, 0.5))
    assert averaging._mean_decision([one, two]).any_threshold == pytest.approx(0.4)
    assert averaging._mean_decision([one, replace(two, any_threshold=None)]).any_threshold is None


def test_answers_are_what_figures_take():
    p, mask = np.array([[0.5, 0.4], [0.65, 0.0]]), np.ones((2, 2), dtype=bool)
    plain = Answers.by(Decision(("a", "b"), (0.6, 0.6)), p, mask)
    assert plain.any_decided is None and plain.decisions.tolist() == [[False, False], [True, False]]
    own = Answers.by(Decision(("a", "b"), (0.6, 0.6), any_threshold=0.69), p, mask)
    assert own.any_decided.tolist() == [True, False] and (own.decisions == plain.decisions).all()
    assert json.dumps(own.any_decided.astype(int).tolist()) == "[1, 0]"


# What a person meets


def test_predictions_rows_and_lines_say_it(expected_checkpoint, tfidf_checkpoint, tmp_path):
    own, plain = with_cutoff(open_checkpoint(expected_checkpoint), 0.5), open_checkpoint(tfidf_checkpoint)
    texts = ["They are vile outsiders, or doom comes.", "The council met on monday.", "A disgraceful bus."]
    for one, before in zip(own.predict(texts), plain.predict(texts), strict=True):
        p = any_probability(np.array([list(one["probabilities"].values())]))[0]
        assert one.pop("any_technique") == {"probability": pytest.approx(p), "decided": bool(p >= 0.5)}
        assert one == before
    columns = own.score_rows({"id": ["x"], "text": [" ".join(texts)]})
    assert columns["any_decided"] == [value >= 0.5 for value in columns["any_probability"]]
    assert len(set(columns["any_decided"])) == 2
    assert not any("any_" in name for name in plain.score_rows({"id": ["x"], "text": texts[:1]}))
    news = tmp_path / "news.jsonl"
    news.write_text(json.dumps({"id": 1, "text": " ".join(texts)}) + "\n")
    score([str(news)], checkpoint=expected_checkpoint, out=tmp_path / "s.csv")
    cutoff = open_checkpoint(expected_checkpoint).decision.any_threshold
    for line in read_scores(tmp_path / "s.csv"):
        p = any_probability(np.array([list(line["probabilities"].values())]))[0]
        assert line["any_probability"] == pytest.approx(p, abs=1e-5) and line["any_decided"] == (p >= cutoff)
