"""The mean of checkpoints: raw weights averaged, decisions fitted anew, what has no mean refused."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
from rich.console import Console
from typer.testing import CliRunner

from spinscope.cli import app
from spinscope.data.corpora import load_sentences
from spinscope.errors import UserError
from spinscope.jobs.averaging import average
from spinscope.jobs.training import train
from spinscope.model.checkpoint import open_checkpoint
from spinscope.taxonomy import inventory


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="module")
def seeds(tiny_base, tmp_path_factory):
    """Two checkpoints of one division and a third of another, and where they were made."""
    folder = tmp_path_factory.mktemp("soup")
    data = tiny.write_native(folder / "corpus.jsonl", tiny.tiny_sentences(n_articles=16))
    config = tiny.tiny_run(folder, data, kind="finetuned", base=tiny_base, training={"n_seeds": 2})
    other = tiny.tiny_run(folder, data, kind="finetuned", base=tiny_base, data={"split_by": {"seed": 99}})
    return [*train(config, name="run"), *train(other, name="other")], config


def raw_head(classifier):
    """Weights and bias before calibration."""
    head, decision = classifier.scorer.model.head, classifier.decision
    weight, bias = (value.detach().double().numpy() for value in (head.weight, head.bias))
    slopes, intercepts = np.array(decision.slopes), np.array(decision.intercepts)
    return weight / slopes[:, None], (bias - intercepts) / slopes


def test_the_mean_of_two_seeds_is_a_checkpoint_of_its_own(seeds, tmp_path):
    (first, second, _), config = seeds
    assert average([first, second], out=tmp_path / "mean", console=quiet()) == 0
    mean, *members = (open_checkpoint(folder) for folder in (tmp_path / "mean", first, second))
    states = [one.scorer.model.encoder.state_dict() for one in (mean, *members)]
    for name, value in states[0].items():
        np.testing.assert_allclose(value.numpy(), (states[1][name] + states[2][name]).numpy() / 2, atol=1e-6)
    for own, *others in zip(*(raw_head(one) for one in (mean, *members)), strict=True):
        np.testing.assert_allclose(own, np.mean(others, axis=0), atol=1e-5)
    assert mean.manifest["averaged_from"] == [{"name": one.name, "identity": one.identity} for one in members]
    assert mean.manifest["tuning"]["split"] == "dev"
    assert mean.training_hashes() == members[0].training_hashes()
    card = (tmp_path / "mean" / "README.md").read_text()
    assert "The mean of the weights of *run-seed13*" in card and "- Several seeds, precision" in card
    sentences = load_sentences(config.data, target=inventory("core"))
    scores = [one.probabilities(sentences).probabilities for one in (mean, *members)]
    assert np.corrcoef(scores[0].ravel(), (scores[1] + scores[2]).ravel())[0, 1] > 0.9


def test_any_technique_may_get_a_cutoff_of_its_own(seeds, tmp_path):
    (first, second, _), _ = seeds
    words = ["average", str(first), str(second), "--out", str(tmp_path / "mean"), "--any-technique", "expected"]
    assert CliRunner().invoke(app, words).exit_code == 0
    mean, member = open_checkpoint(tmp_path / "mean"), open_checkpoint(first)
    assert 0 < mean.decision.any_threshold < 1 and member.decision.any_threshold is None
    assert mean.config.evaluation.any_technique == "expected"


def test_what_has_no_mean_or_no_dev_is_refused(seeds, tfidf_checkpoint, tmp_path):
    (first, second, other), _ = seeds
    for folders, message in (
        ([first, first], "2 checkpoints, 1 of them different"),
        ([first], "1 checkpoints"),
        ([first, tfidf_checkpoint], "'tfidf' is a TF-IDF checkpoint"),
        ([first, second, other], "articles are among those 'other' was trained on"),
    ):
        with pytest.raises(UserError, match=message):
            average(folders, out=tmp_path / "no", console=quiet())
    assert not (tmp_path / "no").exists()


def test_another_architecture_is_named(seeds, tiny_base, tmp_path):
    (first, *_), config = seeds
    pooled = config.model_copy(update={"model": config.model.model_copy(update={"pooling": "first"}),
                                       "training": config.training.model_copy(update={"n_seeds": 1})})  # fmt: skip
    (other,) = train(pooled, name="first-token")
    with pytest.raises(UserError, match=r"'first-token' and 'run-seed13' differ in pooling \(first and mean\)"):
        average([first, other], out=tmp_path / "no", console=quiet())
