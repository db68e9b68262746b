"""A head for each source, and their mean for texts of no known source."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import torch
from rich.console import Console

from spinscope.config import Model, parse_config
from spinscope.data.encoding import NOT_ANNOTATED
from spinscope.errors import UserError
from spinscope.files import read_jsonl
from spinscope.jobs.averaging import _uncalibrated, average, mean_of
from spinscope.jobs.comparison import comparison_of
from spinscope.jobs.deciding import decide
from spinscope.jobs.evaluation import evaluation_of
from spinscope.jobs.exporting import export
from spinscope.jobs.fitting import logits_of
from spinscope.jobs.labelled import read_labelled
from spinscope.jobs.levelling import level
from spinscope.jobs.scoring import score
from spinscope.jobs.training import train
from spinscope.jobs.tuning import tuned
from spinscope.model.building import build_classifier
from spinscope.model.checkpoint import folded, open_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.model.source_heads import SourceHeads, as_annotated, heads_used, read_heads
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

N = NOT_ANNOTATED


def two_sources():
    mask = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 1, 0, 0]], dtype=bool)
    return SourceHeads.of(["b", "a", "b"], mask)


def test_a_row_for_each_technique_that_a_source_annotates():
    heads = two_sources()
    assert heads.rows == (("a", 1), ("a", 2), ("b", 0), ("b", 1))
    labels = np.array([[1, 0, N, N], [N, 1, 0, N], [0, 1, N, N]], dtype=np.float32)
    wide = heads.labels(labels, ["b", "a", "b"])
    assert wide.tolist() == [[N, N, 1, 0], [1, 0, N, N], [N, N, 0, 1]]
    assert wide.dtype == np.float32
    assert heads.labels(labels[:1], ["unseen"]).tolist() == [[N] * 4], "a source that taught nothing is not judged"


def test_the_head_has_the_means_of_the_rows_and_then_the_rows(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=48), inventory("core"), seed=3)
    heads = SourceHeads((("a", 1), ("a", 2), ("b", 1)), 3)
    built = model.head.weight.detach().clone()
    heads.widen(model)
    assert torch.equal(model.head.weight, built[[1, 2, 1]]), "rows start as the head that was built"
    torch.nn.init.normal_(model.head.weight)
    vectors = torch.randn(3, model.head.in_features, generator=torch.Generator().manual_seed(5))
    rows = model.head(vectors).detach().numpy()
    heads.join(model, inventory("core"))
    found = model.head(vectors).detach().numpy()
    names = inventory("core").ids
    assert [model.config.id2label[row] for row in (0, 3, 5)] == [names[0], f"{names[1]} (a)", f"{names[1]} (b)"]
    means = heads.chosen(found, None)
    assert means.shape == (3, 3) and (means[:, 0] == 0).all(), "no source annotates it"
    np.testing.assert_allclose(means[:, 1], (rows[:, 0] + rows[:, 2]) / 2, atol=1e-5)
    own = heads.chosen(found, ["b", "", "a"])
    np.testing.assert_allclose(own, heads.own(rows, ["b", "", "a"]), atol=1e-5)
    np.testing.assert_allclose(own[:, 1], [rows[0, 2], means[1, 1], rows[2, 0]], atol=1e-5)
    np.testing.assert_allclose(own[:, 2], rows[:, 1], atol=1e-5)


def test_heads_are_put_on_one_scale_and_their_mean_with_them(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=48), inventory("core"), seed=3)
    heads = SourceHeads((("a", 1), ("a", 2), ("b", 1)), 3)
    heads.widen(model)
    torch.nn.init.normal_(model.head.weight)
    heads.join(model, inventory("core"))
    vectors = torch.randn(4, model.head.in_features, generator=torch.Generator().manual_seed(5))
    before = model.head(vectors).detach().numpy()
    heads.rescale(model, {"b": (0.5, -2.0)})
    after = model.head(vectors).detach().numpy()
    np.testing.assert_allclose(after[:, 3:5], before[:, 3:5], atol=1e-5)
    np.testing.assert_allclose(after[:, 5], 0.5 * before[:, 5] - 2, atol=1e-5)
    np.testing.assert_allclose(after[:, 1], (after[:, 3] + after[:, 5]) / 2, atol=1e-5)
    np.testing.assert_allclose(after[:, 2], after[:, 4], atol=1e-5)
    assert (after[:, 0] == 0).all()


@pytest.fixture(scope="module")
def two_corpora(tmp_path_factory):
    """A function of the training block that makes a config of two corpora; the second calls little of the first's."""
    folder = tmp_path_factory.mktemp("two")
    made = {name: tiny.tiny_sentences(n_articles=16, seed=seed, prefix=name) for name, seed in (("first", 1), ("second", 2))}
    made["second"] = [replace(one, techniques=one.techniques[:1] if one.index % 2 else ()) for one in made["second"]]
    files = {name: tiny.write_native(folder / f"{name}.jsonl", sentences) for name, sentences in made.items()}
    sources = {name: {"path": str(path), "format": "native", "inventory": "core"} for name, path in files.items()}
    several = {"path": None, "format": "auto", "sources": sources}

    def run(base, kind="finetuned", data=several, **training):
        training = {"source_heads": True, "epochs": 3.0, **training}
        return tiny.tiny_run(folder, files["first"], kind=kind, base=base, data=data, training=training)

    return run


@pytest.fixture(scope="module")
def checkpoint(two_corpora, tiny_base):
    (folder,) = train(two_corpora(tiny_base), name="two")
    return folder


def test_a_sentence_is_scored_by_the_head_of_its_source_and_others_by_the_mean(checkpoint):
    opened = open_checkpoint(checkpoint)
    n = len(opened.inventory.ids)
    assert opened.scorer.model.head.out_features == 3 * n and opened.scorer.n_techniques == n
    assert json.loads((checkpoint / "source-heads.json").read_text())[0] == ["first", opened.inventory.ids[0]]
    text = "A vile plan of outsiders threatens us all."
    asked = [Sentence("a", 0, 0, len(text), text, source=source) for source in ("first", "second", "", "elsewhere")]
    first, second, nobody, other = logits(opened.probabilities(asked).probabilities)
    assert not np.allclose(first, second)
    np.testing.assert_allclose(nobody, (first + second) / 2, atol=1e-4)
    np.testing.assert_array_equal(nobody, other)
    (told,) = opened.predict(text, as_source="second")
    np.testing.assert_allclose(logits(np.array(list(told["probabilities"].values()))), second, atol=1e-6)
    with pytest.raises(UserError, match="'thrid' is no source"):
        opened.predict(text, as_source="thrid")
    np.testing.assert_allclose(logits(np.array(list(opened.predict(text)[0]["probabilities"].values()))), nobody, atol=1e-6)


def test_what_levels_the_heads_is_kept_and_lies_in_the_head(checkpoint, two_corpora, tiny_base, tmp_path, monkeypatch):
    third_source = str(tiny.write_native(tmp_path / "third.jsonl", tiny.tiny_sentences(n_articles=16, seed=3, prefix="third")))
    told = json.loads((checkpoint / "decision.json").read_text())["fitted_on"]["source_scales"]
    assert sorted(told) == ["first", "second"]
    assert told["first"] != pytest.approx([1, 0], abs=1e-3) and told["second"] != pytest.approx([1, 0], abs=1e-3)
    seen = {}

    def kept(config, target, scorer, dev, found):
        seen.update(before=found, facts=level(config, target, scorer, dev, found), dev=dev)
        return seen["facts"]

    def used(config, target, scorer, dev, found, **options):
        seen.update(used=found, again=logits_of(scorer, dev, config))
        return decide(config, target, scorer, dev, found, **options)

    monkeypatch.setattr("spinscope.jobs.fitting.level", kept)
    monkeypatch.setattr("spinscope.jobs.fitting.decide", used)
    config = two_corpora(tiny_base)
    train(config, name="levelled")
    assert seen["facts"]["source_scales"] == told, "the same data and seed"
    slopes, shifts = np.array([told[sentence.source] for sentence in seen["dev"]]).T[:, :, None]
    assert not np.allclose(seen["before"], seen["used"], atol=0.01)
    np.testing.assert_allclose(seen["before"] * slopes + shifts, seen["used"], atol=1e-4)
    third = config.data.sources["first"].model_copy(update={"split": "dev", "path": third_source})
    with_dev = config.data.model_copy(update={"sources": {**config.data.sources, "third": third}})
    train(config.model_copy(update={"data": with_dev}), name="dev-of-another")
    assert "third" in {sentence.source for sentence in seen["dev"]} - set(seen["facts"]["source_scales"])
    np.testing.assert_array_equal(seen["used"], seen["again"], err_msg="also where the mean of the heads scores")
    evaluation = config.evaluation.model_copy(update={"calibration": "none"})
    train(config.model_copy(update={"evaluation": evaluation}), name="as-learned")
    assert seen["facts"] == {} and np.array_equal(seen["used"], seen["before"])


def test_heads_are_averaged_as_they_were_learned_and_levelled_anew(checkpoint, two_corpora, tiny_base, tmp_path):
    def member(scales):
        """The checkpoint, as it were if its heads had been levelled by other scales."""
        opened = open_checkpoint(checkpoint)
        _uncalibrated(opened)
        opened.scorer.heads.rescale(opened.scorer.model, scales)
        folded(opened.scorer, np.array(opened.decision.slopes), np.array(opened.decision.intercepts))
        decision = replace(opened.decision, fitted_on={**opened.decision.fitted_on, "source_scales": scales})
        return Classifier(
            opened.scorer, inventory=opened.inventory, decision=decision, config=opened.config, path=opened.path, manifest=opened.manifest
        )

    means = [mean_of([member(one), member(other)]) for one, other in (({}, {}), ({"first": [2.0, 0.5]}, {"second": [0.5, -1.0]}))]
    heads = [one.scorer.model.head.weight.detach().numpy() for one in means]
    np.testing.assert_allclose(heads[0], heads[1], atol=1e-5)
    assert all("source_scales" not in one.decision.fitted_on for one in means)
    (other,) = train(two_corpora(tiny_base, seed=2), name="two-other")
    average([checkpoint, other], out=tmp_path / "mean")
    kept = json.loads((tmp_path / "mean" / "decision.json").read_text())["fitted_on"]["source_scales"]
    assert sorted(kept) == ["first", "second"]
    assert kept != json.loads((checkpoint / "decision.json").read_text())["fitted_on"]["source_scales"]


def test_a_tuned_checkpoint_says_the_scales_that_lie_in_its_head(checkpoint, tmp_path):
    result = tuned(open_checkpoint(checkpoint), out=tmp_path / "tuned", split="dev")
    assert result.classifier.decision.fitted_on["source_scales"] == open_checkpoint(checkpoint).decision.fitted_on["source_scales"]


class Headed:
    """As much of a classifier as tells whose head scores what."""

    def __init__(self):
        self.inventory = inventory(["core", "ptc-14"])
        columns = {name: [self.inventory.index(one) for one in inventory(of).ids] for name, of in (("own", "core"), ("news", "ptc-14"))}
        rows = tuple((name, column) for name in sorted(columns) for column in columns[name])
        self.scorer = SimpleNamespace(heads=SourceHeads(rows, len(self.inventory.ids)))


def labelled_as(*annotated, source=""):
    return [Sentence("a", i, 0, 3, "Bad.", annotated=tuple(some), source=source) for i, some in enumerate(annotated)]


def test_labelled_data_is_scored_by_the_source_with_the_same_techniques():
    core, ptc = inventory("core"), inventory("ptc-14")
    found = as_annotated([*labelled_as(ptc.ids[:5], ptc.ids[5:], source="new"), *labelled_as(core.ids, source="own")], Headed())
    assert [one.source for one in found] == ["news", "news", "own"], "what is annotated counts over all sentences of a corpus"
    fewer = as_annotated(labelled_as(ptc.ids[1:]), Headed())
    assert {one.source for one in fewer} == {""} and heads_used(fewer, Headed()) == []
    plain = SimpleNamespace(scorer=SimpleNamespace(heads=None))
    assert as_annotated(labelled_as(ptc.ids), plain) == labelled_as(ptc.ids) and heads_used([], plain) is None


@pytest.fixture(scope="module")
def unlike(tiny_base, tmp_path_factory):
    """A checkpoint of two corpora of different techniques, and one of the second corpus alone."""
    folder = tmp_path_factory.mktemp("unlike")
    own = tiny.write_native(folder / "own.jsonl", tiny.tiny_sentences(n_articles=12, seed=1, prefix="own"))
    news = tiny.write_native(folder / "news.jsonl", [in_ptc(one) for one in tiny.tiny_sentences(n_articles=12, seed=2, prefix="news")])
    sources = {name: {"path": str(path), "format": "native", "inventory": of} for name, path, of in (("own", own, "core"), ("news", news, "ptc-14"))}
    several = {"path": None, "format": "auto", "taxonomy": ["core", "ptc-14"], "sources": sources}
    (both,) = train(tiny.tiny_run(folder, own, kind="finetuned", base=tiny_base, data=several, training={"source_heads": True}), name="both")
    single = {"path": str(news), "inventory": "ptc-14", "taxonomy": "ptc-14"}
    (alone,) = train(tiny.tiny_run(folder, news, data=single), name="alone")
    return both, alone, parse_config({"data": {"path": str(news), "format": "native", "inventory": "ptc-14"}}).data


def in_ptc(sentence):
    names = {"us_vs_them": "doubt", "appeal_to_threat": "appeal_to_fear_prejudice"}
    return replace(sentence, techniques=tuple(names.get(one, one) for one in sentence.techniques), annotated=inventory("ptc-14").ids, spans=())


def test_compare_scores_by_the_same_head_as_evaluate_whichever_checkpoint_comes_first(unlike):
    both, alone, data = unlike
    result = evaluation_of(open_checkpoint(both), data=data, split="all")
    assert result.data["as_sources"] == ["news"]
    own = {name: row["average_precision"].value for name, row in result.metrics.per_technique.items()}
    mean = evaluation_of(open_checkpoint(both), data=data, split="all", as_source="mean").metrics.per_technique
    asked = ("loaded_language", "doubt", "appeal_to_fear_prejudice")
    assert any(mean[name]["average_precision"].value != own[name] for name in asked)
    for place, order in (("value_a", (both, alone)), ("value_b", (alone, both))):
        opened = [open_checkpoint(one) for one in order]
        compared = comparison_of(opened, data=data, split="all", n_resamples=100, allow_training_articles=True)
        rows = compared.pairs[0].comparison.per_technique
        for name in asked:
            assert getattr(rows[name]["average_precision"], place) == pytest.approx(own[name], abs=1e-9)


def test_two_sources_with_the_same_techniques_leave_labelled_data_to_the_mean_and_mean_asks_for_it(checkpoint, two_corpora, tiny_base):
    opened = open_checkpoint(checkpoint)
    block = two_corpora(tiny_base).data
    lone = {"path": block.sources["first"].path, "format": "native", "inventory": "core"}
    alone = parse_config({"data": lone}).data
    result = evaluation_of(opened, data=alone, split="all")
    assert result.data["as_sources"] == []
    named = evaluation_of(opened, data=alone, split="all", as_source="first")
    assert named.data["as_sources"] == ["first"]
    assert not np.allclose(named.scored.probabilities, result.scored.probabilities)
    mean = evaluation_of(opened, data=block, split="all", as_source="mean")
    assert mean.data["as_sources"] == []
    own = evaluation_of(opened, data=block, split="all")
    assert own.data["as_sources"] == ["first", "second"]
    assert not np.allclose(mean.scored.probabilities, own.scored.probabilities)


def logits(probabilities):
    return np.log(probabilities / (1 - probabilities))


def test_dev_is_calibrated_and_decided_as_its_sentences_are_scored(checkpoint):
    opened = open_checkpoint(checkpoint)
    kept = [json.loads(line) for line in (checkpoint / "predictions-dev.jsonl").read_text().splitlines()]
    labelled = read_labelled(opened, data=None, split="dev")
    again = opened.probabilities(labelled.measured()).probabilities
    assert {sentence.source for sentence in labelled.measured()} == {"first", "second"}
    for row, line in zip(again, kept, strict=True):
        assert list(line["probabilities"].values()) == pytest.approx(row.tolist(), abs=1e-6)


def test_thresholds_tuned_anew_keep_the_heads(checkpoint, tmp_path):
    result = tuned(open_checkpoint(checkpoint), out=tmp_path / "tuned", rules={"calibration": "platt", "thresholds": "global"})
    assert result.classifier.scorer.heads == open_checkpoint(checkpoint).scorer.heads
    labelled = read_labelled(result.classifier, data=None, split="dev")
    found = result.classifier.probabilities(labelled.measured()).probabilities
    kept = [json.loads(line) for line in (tmp_path / "tuned" / "predictions-dev.jsonl").read_text().splitlines()]
    for row, line in zip(found, kept, strict=True):
        assert list(line["probabilities"].values()) == pytest.approx(row.tolist(), abs=1e-6)


def test_the_same_run_twice_is_the_same_checkpoint_and_another_without_heads(checkpoint, two_corpora, tiny_base):
    (again,) = train(two_corpora(tiny_base), name="again")
    (plain,) = train(two_corpora(tiny_base, source_heads=False), name="plain")
    assert open_checkpoint(again).identity == open_checkpoint(checkpoint).identity != open_checkpoint(plain).identity
    assert not (plain / "source-heads.json").exists()


def test_weights_and_heads_of_different_checkpoints_are_refused(checkpoint, tmp_path):
    with pytest.raises(UserError, match="a head for 'nothing'"):
        (tmp_path / "source-heads.json").write_text('[["first", "nothing"]]')
        read_heads(tmp_path, inventory("core"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"data": {}}, "a head for each of one source"),
        ({"kind": "tfidf"}, "heads by source for a model of kind 'tfidf'"),
        ({"any_weight": 0.5}, "give source_heads alone, not with any_weight"),
        ({"hierarchy_weight": 0.5}, "give source_heads alone, not with hierarchy_weight"),
        ({"averaged_folds": 2}, "give source_heads alone, not with averaged_folds"),
    ],
)
def test_it_is_refused_where_it_can_mean_nothing(two_corpora, tiny_base, settings, message):
    with pytest.raises(UserError, match=message):
        train(two_corpora(tiny_base, **settings), name="refused")


def test_an_export_answers_by_source_as_torch_does(checkpoint):
    assert export(checkpoint, to="onnx", split="dev", console=Console(quiet=True)) == 0
    texts = ["A vile plan of outsiders threatens us all.", "They met on Monday."]
    asked = [Sentence("a", i, 0, len(text), text, source=source) for i, text in enumerate(texts) for source in ("first", "second", "")]
    plain, other = (open_checkpoint(checkpoint, engine=engine).probabilities(asked).probabilities for engine in ("torch", "onnx"))
    np.testing.assert_allclose(plain, other, atol=1e-5)


def test_articles_are_scored_as_a_source_annotates_where_that_is_asked(checkpoint, tmp_path):
    article = tmp_path / "article.txt"
    article.write_text("A vile plan of outsiders threatens us all. They met on Monday.\n")
    opened = open_checkpoint(checkpoint)
    found = {}
    for source in (None, "first", "second"):
        out = tmp_path / f"{source}.jsonl"
        assert score([str(article)], checkpoint=checkpoint, out=out, any_language=True, **({"as_source": source} if source else {})) == 0
        found[source] = [list(line["probabilities"].values()) for _, line in read_jsonl(out)]
        (told,) = opened.score_articles([{"id": "article", "text": article.read_text()}], as_source=source)
        assert [list(one.probabilities.values()) for one in told.sentences] == pytest.approx(np.array(found[source]), abs=1e-6)
    np.testing.assert_allclose(logits(np.array(found[None])), (logits(np.array(found["first"])) + logits(np.array(found["second"]))) / 2, atol=1e-4)
    with pytest.raises(UserError, match="as_source"):
        score([str(article)], checkpoint=checkpoint, out=tmp_path / "first.jsonl", any_language=True, as_source="second")
    with pytest.raises(UserError, match="'frist' is no source with a head of its own") as caught:
        score([str(article)], checkpoint=checkpoint, out=tmp_path / "new.jsonl", any_language=True, as_source="frist")
    assert "first, second" in str(caught.value) and not (tmp_path / "new.jsonl").exists()


def test_labelled_sentences_are_measured_as_a_source_annotates(checkpoint, tmp_path):
    opened = open_checkpoint(checkpoint)
    first, mean = (
        evaluation_of(opened, data=parse_config({"data": {"path": str(own_file(opened, "first")), "format": "native"}}).data, as_source=name)
        for name in ("first", None)
    )
    known = read_labelled(opened, data=None, split="all").measured()
    own = [one for one in known if one.source == "first"]
    expected = opened.probabilities(own).probabilities
    np.testing.assert_allclose(np.sort(first.scored.probabilities, axis=0), np.sort(expected, axis=0), atol=1e-6)
    assert not np.allclose(first.scored.probabilities, mean.scored.probabilities)


def own_file(opened, source):
    return opened.config.data.sources[source].path
