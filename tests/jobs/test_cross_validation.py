"""Cross-validation: pooled out-of-fold predictions, going on after an interruption, refusing changed input."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.data.corpora import load_sentences
from spinscope.data.encoding import label_matrix
from spinscope.errors import UserError
from spinscope.jobs import folds
from spinscope.jobs.cross_validation import cross_validate
from spinscope.measure.metrics import point_metrics
from spinscope.taxonomy import inventory


@pytest.fixture
def config(tmp_path):
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=18))
    return tiny.tiny_run(tmp_path, data, kind="tfidf", data={"split_by": {"dev_fraction": 0.25, "test_fraction": 0.0}})


def quiet() -> Console:
    return Console(quiet=True)


def test_every_sentence_is_scored_once_by_a_fold_that_did_not_see_its_article(config, tmp_path):
    result = cross_validate(config, name="cv", n_folds=3, baseline=None, console=quiet())
    folder = tmp_path / "models" / "cv-folds"
    fold_of = json.loads((folder / "folds.json").read_text())
    rows = {}
    for fold in range(3):
        for row in json.loads((folder / f"fold-{fold}-model.json").read_text())["rows"]:
            assert fold_of[row["article"]] == fold
            rows[row["article"], row["index"]] = row
    sentences = load_sentences(config.data, target=inventory("core"))
    assert set(rows) == {(s.article, s.index) for s in sentences}
    gold, mask = label_matrix(sentences, inventory("core"))
    ordered = [rows[s.article, s.index] for s in sentences]
    expected = point_metrics(
        gold, mask, np.array([row["probabilities"] for row in ordered]), np.array([row["decided"] for row in ordered], bool)
    )
    assert result.metrics["model"].overall["micro_f1"].value == pytest.approx(expected["micro_f1"], abs=1e-12)
    assert result.comparison is None
    assert json.loads((folder / "cross-validation.json").read_text())["metrics"]["model"]["n_sentences"] == len(sentences)


def test_baseline_is_compared_on_the_same_sentences(config, tiny_base):
    finetuned = config.model_copy(
        update={"model": config.model.model_copy(update={"kind": "finetuned", "base": str(tiny_base)})}
    )
    result = cross_validate(finetuned, name="cv", n_folds=2, console=quiet())
    assert list(result.metrics) == ["tfidf", "model"]
    difference = result.comparison.overall["micro_f1"]
    assert difference.value_a == result.metrics["tfidf"].overall["micro_f1"].value
    assert difference.value_b == result.metrics["model"].overall["micro_f1"].value


def test_an_interrupted_run_goes_on_and_ends_the_same(config, monkeypatch):
    whole = cross_validate(config, name="whole", n_folds=3, baseline=None, console=quiet())
    fitted = []
    real = folds.fit

    def dies_in_the_second_fold(*args, **kwargs):
        if len(fitted) == 1:
            raise KeyboardInterrupt
        fitted.append(kwargs["name"])
        return real(*args, **kwargs)

    monkeypatch.setattr(folds, "fit", dies_in_the_second_fold)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(config, name="cut", n_folds=3, baseline=None, console=quiet())

    def counted(*args, **kwargs):
        fitted.append(kwargs["name"])
        return real(*args, **kwargs)

    monkeypatch.setattr(folds, "fit", counted)
    cut = cross_validate(config, name="cut", n_folds=3, baseline=None, console=quiet())
    assert fitted == ["fold-0-model", "fold-1-model", "fold-2-model"]
    assert cut.metrics == whole.metrics


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluation": {"thresholds": "global"}}, "config changed since this cross-validation began"),
        ({"data": {"split_by": {"dev_fraction": 0.25, "test_fraction": 0.0, "seed": 99}}}, "config and folds and seed changed"),
    ],
)
def test_another_config_refuses_to_go_on(config, changes, message, tmp_path):
    cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())
    other = tiny.tiny_run(
        tmp_path, tmp_path / "corpus.jsonl", **{"data": {"split_by": {"dev_fraction": 0.25, "test_fraction": 0.0}}} | changes
    )
    with pytest.raises(UserError, match=message):
        cross_validate(other, name="cv", n_folds=2, baseline=None, console=quiet())
    cross_validate(other, name="cv", n_folds=2, baseline=None, overwrite=True, console=quiet())


def test_other_data_refuses_to_go_on(config, tmp_path):
    cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())
    sentences = tiny.tiny_sentences(n_articles=18)
    tiny.write_native(tmp_path / "corpus.jsonl", sentences[:-1])
    with pytest.raises(UserError, match=r"data( and folds)? changed since"):
        cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())


def test_a_part_given_as_test_stays_out(tmp_path):
    given = tiny.write_native(tmp_path / "rest.jsonl", tiny.tiny_sentences(n_articles=12))
    held = tiny.write_native(tmp_path / "test.jsonl", tiny.tiny_sentences(n_articles=4, seed=1, prefix="t"))
    config = tiny.tiny_run(
        tmp_path, given, data={
            "path": None, "format": "auto",
            "sources": {"rest": {"path": str(given), "split": "train"}, "held": {"path": str(held), "split": "test"}},
        },
    )  # fmt: skip
    result = cross_validate(config, name="cv", n_folds=2, baseline=None, console=quiet())
    assert result.metrics["model"].n_articles == 12


def test_a_fold_cut_off_within_goes_on_from_its_last_state(tmp_path, tiny_base, monkeypatch):
    from transformers import TrainerCallback

    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=12))
    config = tiny.tiny_run(tmp_path, data, kind="finetuned", base=tiny_base, training={"save_steps": 2})
    whole = cross_validate(config, name="whole", n_folds=2, baseline=None, console=quiet())

    class Killer(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == 3:
                raise KeyboardInterrupt

    steps = []

    class Counter(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            steps.append(state.global_step)

    real = folds.fit

    def with_callback(callback):
        return lambda *args, **kwargs: real(*args, **{**kwargs, "callbacks": [callback]})

    monkeypatch.setattr(folds, "fit", with_callback(Killer()))
    with pytest.raises(KeyboardInterrupt):
        cross_validate(config, name="cut", n_folds=2, baseline=None, console=quiet())
    monkeypatch.setattr(folds, "fit", with_callback(Counter()))
    cut = cross_validate(config, name="cut", n_folds=2, baseline=None, console=quiet())
    assert steps[0] == 3
    assert cut.metrics == whole.metrics


def test_a_base_without_a_pin_is_refused_before_anything_is_read(tmp_path):
    config = tiny.tiny_run(tmp_path, tmp_path / "nowhere.jsonl", kind="frozen", base="bert-base-uncased")
    with pytest.raises(UserError, match=r"model\.revision is needed for the hub id 'bert-base-uncased'"):
        cross_validate(config, name="unpinned")


def test_several_seeds_are_fitted_on_the_same_folds_and_summed_up(config, tiny_base, tmp_path):
    settings = {
        "model": config.model.model_copy(update={"kind": "finetuned", "base": str(tiny_base)}),
        "training": config.training.model_copy(update={"n_seeds": 2}),
    }
    result = cross_validate(config.model_copy(update=settings), name="cv", n_folds=2, console=quiet())
    folder = tmp_path / "models" / "cv-folds"
    assert sorted(file.name for file in folder.glob("fold-*")) == [
        f"fold-{fold}-{system}.json" for fold in range(2) for system in ("model-2", "model", "tfidf")
    ]
    first, second = (
        [json.loads((folder / f"fold-{fold}-{system}.json").read_text()) for fold in range(2)] for system in ("model", "model-2")
    )
    assert [[row["article"] for row in one["rows"]] for one in first] == [[row["article"] for row in one["rows"]] for one in second]
    assert first[0]["rows"][0]["probabilities"] != second[0]["rows"][0]["probabilities"]
    over = result.seeds.overall["brier_loss"]
    assert over.deviation > 0 and over.low < over.mean < over.high
    assert result.comparison.n_seeds_b == 2 and result.comparison.overall["brier_loss"].value_b == pytest.approx(over.mean)
    written = json.loads((folder / "cross-validation.json").read_text())
    assert written["seeds"]["n_seeds"] == 2 and written["seeds"]["overall"]["brier_loss"]["mean"] == pytest.approx(over.mean)


def test_sampling_over_corpora_and_fewer_negatives(tmp_path, tiny_base):
    from spinscope.jobs.training import train

    large, small = (
        tiny.write_native(tmp_path / f"{name}.jsonl", tiny.tiny_sentences(n_articles=n, seed=n, prefix=name))
        for name, n in (("large", 20), ("small", 8))
    )
    sources = {name: {"path": str(path), "format": "native", "inventory": "core"} for name, path in (("l", large), ("s", small))}
    several = {"path": None, "format": "auto", "sources": sources}

    def run(kind="finetuned", data=several, **training):
        training = {"batch_size": 8, **training}
        return tiny.tiny_run(tmp_path, large, kind=kind, base=tiny_base, data=data, training=training)

    def steps(name, **training):
        (folder,) = train(run(**training), name=name)
        return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()][-1]["step"]

    whole = steps("whole")
    assert steps("balanced", sampling="balanced") == whole
    assert steps("fewer", sampling="square_root", negatives_share=0.2) < whole
    for refused, message in (
        ({"data": {}, "sampling": "balanced"}, "sampling 'balanced' of one source"),
        ({"kind": "tfidf", "negatives_share": 0.5}, "a share of negatives for a model of kind 'tfidf'"),
        ({"kind": "frozen", "sampling": "balanced"}, "sampling over corpora for a model of kind 'frozen'"),
    ):
        with pytest.raises(UserError, match=message):
            train(run(**refused), name="refused")


@pytest.mark.slow
def test_folds_within_the_training_part_are_averaged_or_distilled(tmp_path, tiny_base, monkeypatch):
    from spinscope.jobs import inner_folds
    from spinscope.jobs.training import train
    from spinscope.model.checkpoint import open_checkpoint

    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=20))

    def run(name, resume=False, kind="finetuned", **training):
        config = tiny.tiny_run(tmp_path, data, kind=kind, base=tiny_base, training=training)
        return train(config, name=name, resume=resume)[0]

    kept, real = [], inner_folds.InnerFolds._fitted

    def fitted(self, fit_part, fold, soft):
        if len(kept) == 2:
            kept.append("killed")
            raise KeyboardInterrupt
        found = real(self, fit_part, fold, soft)
        kept.append({name: value.clone() for name, value in found[0].model.state_dict().items()})
        return found

    monkeypatch.setattr(inner_folds.InnerFolds, "_fitted", fitted)
    with pytest.raises(KeyboardInterrupt):
        run("averaged", averaged_folds=3)
    folder = run("averaged", resume=True, averaged_folds=3)
    first, second, _, third = kept
    encoder = open_checkpoint(folder).scorer.model.encoder.state_dict()
    for name, value in encoder.items():
        one, two, three = (part[f"encoder.{name}"].float() for part in (first, second, third))
        np.testing.assert_allclose(value.numpy(), ((one + two + three) / 3).numpy(), atol=1e-6)
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert {entry["fold"] for entry in log} == {0, 1, 2}

    monkeypatch.setattr(inner_folds.InnerFolds, "_fitted", real)
    distilled, plain = run("distilled", distilled_folds=2, soft_label_weight=0.7), run("plain")
    assert (distilled / "model.safetensors").read_bytes() != (plain / "model.safetensors").read_bytes()
    assert not list((tmp_path / "models").glob(".*.run"))
    with pytest.raises(UserError, match="distilled folds for a model of kind 'frozen'"):
        run("frozen", kind="frozen", distilled_folds=2)
    with pytest.raises(UserError, match="distilled_folds alone, not with averaged_folds"):
        run("both", distilled_folds=2, averaged_folds=2)


def test_held_out_probabilities_are_soft_labels_to_train_on(config, tiny_base, tmp_path):
    from spinscope.jobs.training import train

    cross_validate(config, name="cv", n_folds=3, baseline=None, console=quiet())
    file = tmp_path / "models" / "cv-folds" / "out-of-fold.jsonl"

    def trained(name, **training):
        blocks = {"model": {"kind": "finetuned", "base": str(tiny_base), "max_tokens": 32}, "training": training}
        update = {key: getattr(config, key).model_copy(update=value) for key, value in blocks.items()}
        (folder,) = train(config.model_copy(update=update), name=name)
        return (folder / "model.safetensors").read_bytes()

    assert trained("hard") != trained("soft", soft_labels=str(file))
    with pytest.raises(UserError, match="soft labels for a model of kind 'tfidf'"):
        train(config.model_copy(update={"training": config.training.model_copy(update={"soft_labels": str(file)})}), name="no")
