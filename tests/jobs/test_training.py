"""Training: masked labels of several corpora, repeated seeds, what may stand already, what is told of a run."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny

from spinscope.config import parse_config
from spinscope.data.corpora import native
from spinscope.data.duplicates import text_hash
from spinscope.data.encoding import label_matrix
from spinscope.errors import UserError
from spinscope.files import read_json, read_jsonl
from spinscope.jobs.training import prepare, state_dir_of, train
from spinscope.model.checkpoint import open_checkpoint, verify
from spinscope.taxonomy import inventory


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Twelve articles: enough for a run of the tiny BERT."""
    return tiny.write_native(tmp_path_factory.mktemp("small") / "small.jsonl", tiny.tiny_sentences(n_articles=12))


def log_of(folder: Path) -> list[dict]:
    return [entry for _, entry in read_jsonl(folder / "log.jsonl")]


def last_step(folder: Path) -> int:
    return max(entry["step"] for entry in log_of(folder))


# Several corpora


@pytest.fixture(scope="module")
def two_sources(tmp_path_factory):
    """A source that annotates us_vs_them and loaded_language, and one with the fourteen techniques of PTC."""
    folder = tmp_path_factory.mktemp("two")
    known = ("us_vs_them", "loaded_language")
    own = [
        replace(s, techniques=tuple(t for t in s.techniques if t in known), annotated=known)
        for s in tiny.tiny_sentences(n_articles=10, prefix="own")
    ]
    ptc = inventory("ptc-14")
    renamed = {
        "loaded_language": "loaded_language",
        "appeal_to_threat": "appeal_to_fear_prejudice",
        "us_vs_them": "doubt",
    }
    other = [
        replace(s, techniques=tuple(sorted((renamed[t] for t in s.techniques), key=ptc.index)), annotated=ptc.ids)
        for s in tiny.tiny_sentences(n_articles=10, seed=3, prefix="ptc")
    ]
    return {
        "own": {"path": str(tiny.write_native(folder / "own.jsonl", own)), "inventory": "core"},
        "ptc": {"path": str(tiny.write_native(folder / "ptc.jsonl", other)), "inventory": "ptc-14"},
    }


def run_on(two_sources, tmp_path, **options):
    values = tiny.tiny_run(tmp_path, Path("unused"), **options).model_dump()
    return parse_config({**values, "data": {"taxonomy": ["core", "ptc-14"], "sources": two_sources}})


def test_what_a_source_does_not_annotate_is_masked(two_sources, tmp_path):
    prepared = prepare(run_on(two_sources, tmp_path))
    gold, mask = label_matrix(prepared.sentences, prepared.inventory)
    assert {s.article.split("/")[0] for s in prepared.sentences} == {"own", "ptc"}
    of_own = np.array([s.source == "own" for s in prepared.sentences])
    column = prepared.inventory.index
    assert not mask[of_own][:, [column("doubt"), column("appeal_to_threat")]].any()
    assert mask[of_own][:, [column("us_vs_them"), column("loaded_language")]].all()
    assert not mask[~of_own][:, column("us_vs_them")].any(), "us_vs_them has no equal in the research inventories"
    assert mask[~of_own][:, [column("doubt"), column("loaded_language")]].all()
    assert gold[of_own].any() and gold[~of_own].any()


@pytest.mark.parametrize("kind", ["tfidf", "finetuned"])
def test_two_inventories_train_one_model(two_sources, tmp_path, tiny_base, kind):
    config = run_on(two_sources, tmp_path, kind=kind, base=tiny_base if kind == "finetuned" else None)
    (folder,) = train(config, name="both")
    classifier = open_checkpoint(folder)
    assert classifier.inventory.ids == inventory(["core", "ptc-14"]).ids
    probabilities = classifier.predict("A vile plan of outsiders.")[0]["probabilities"]
    assert len(probabilities) == 16 and all(0 < value < 1 for value in probabilities.values())
    figures = read_json(folder / "metrics.json")
    for split in ("dev", "test"):
        rows, n = figures[split]["per_technique"], figures[split]["n_sentences"]
        counted = {name: rows[name]["n_annotated"] for name in ("us_vs_them", "doubt", "loaded_language")}
        assert counted["us_vs_them"] + counted["doubt"] == counted["loaded_language"] == n
        assert 0 < counted["us_vs_them"] < n
    for _, line in read_jsonl(folder / "predictions-dev.jsonl"):
        assert set(line["techniques"]) <= set(line["annotated"]) < set(line["probabilities"])


def test_what_is_masked_teaches_nothing(two_sources, tmp_path, tiny_base):
    """No gradient reaches the head of a technique that no source annotates: it stays as it was drawn."""

    def head(name, rate):
        values = tiny.tiny_run(
            tmp_path, Path("unused"), kind="finetuned", base=tiny_base, evaluation={"calibration": "none"},
            training={"weight_decay": 0.0, "learning_rate": rate},
        ).model_dump()  # fmt: skip
        config = parse_config({**values, "data": {"sources": {"own": two_sources["own"]}}})
        return open_checkpoint(train(config, name=name)[0]).scorer.model.head.weight.detach().numpy()

    moved = np.abs(head("learnt", 1e-3) - head("still", 1e-9)).max(axis=1)
    column = inventory("core").index
    assert moved[column("appeal_to_threat")] < 1e-6
    assert min(moved[column("loaded_language")], moved[column("us_vs_them")]) > 1e-3


# What a run leaves


def test_a_checkpoint_holds_all_its_files_and_agrees_with_itself(tfidf_checkpoint, frozen_checkpoint):
    common = {
        "config.yaml", "taxonomy.yaml", "decision.json", "metrics.json", "predictions-dev.jsonl", "log.jsonl", "README.md",
        "manifest.json", "split.json", "training-sentences.txt", "model.safetensors",
    }  # fmt: skip
    for folder in (tfidf_checkpoint, frozen_checkpoint):
        assert {path.name for path in folder.iterdir()} >= common
        manifest = verify(folder)
        splits, config = read_json(folder / "split.json"), prepare(open_checkpoint(folder).config)
        assert dict(config.splits) == splits
        assert manifest["data"]["sha256"] == config.data_hash()
        assert manifest["data"]["n_sentences"] == {split: len(config.part(split)) for split in ("train", "dev", "test")}
        hashes = (folder / "training-sentences.txt").read_text().split()
        assert hashes == sorted({text_hash(s.text) for s in config.part("train")})
        assert not state_dir_of(folder).exists()


def test_the_card_says_what_metrics_json_says(tfidf_checkpoint, frozen_checkpoint):
    for folder in (tfidf_checkpoint, frozen_checkpoint):
        card, figures = (folder / "README.md").read_text(), read_json(folder / "metrics.json")
        classifier = open_checkpoint(folder)
        assert classifier.identity in card and str(folder) in card
        sections = {title: text for title, text in re.findall(r"## Figures on (\w+)\n(.*?)(?=\n## )", card, re.S)}
        assert set(sections) == set(figures) == {"dev", "test"}
        for split, text in sections.items():
            lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
            rows = {title: cells for title, *cells in lines}
            for title, name in (
                ("micro F1", "micro_f1"),
                ("macro average precision", "macro_average_precision"),
                ("Brier loss", "brier_loss"),
            ):
                one = figures[split]["overall"][name]
                assert rows[title][0] == f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"
            decision = classifier.decision
            intervals = zip(decision.thresholds, decision.threshold_lows, decision.threshold_highs, strict=True)
            for technique, ends in zip(classifier.inventory.techniques, intervals, strict=True):
                shown = "{:.3f} [{:.3f}, {:.3f}]".format(*ends)
                row = figures[split]["per_technique"][technique.id]
                cells = rows[technique.title]
                assert cells[0] == str(row["n_positives"])
                assert cells[1].startswith(f"{row['precision']['value']:.3f}") and cells[-1] == shown
        # The lines it prints do run.
        code = re.search(r"```python\n(import spinscope\n.*?)```", card, re.S)[1]
        exec(code, {})


def test_the_same_command_twice_gives_the_same_identity(small, tiny_base, tmp_path):
    config = tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base)
    identities = [open_checkpoint(train(config, name=name)[0]).identity for name in ("one", "two")]
    assert identities[0] == identities[1]
    other = train(
        tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, training={"seed": 14}), name="three"
    )[0]
    assert open_checkpoint(other).identity != identities[0]


# Names that are taken


def test_a_checkpoint_is_replaced_only_when_asked(small, tmp_path):
    config = tiny.tiny_run(tmp_path, small)
    (folder,) = train(config, name="one")
    before = verify(folder)["identity"]
    changed = tiny.tiny_run(tmp_path, small, training={"l2": 0.01})
    with pytest.raises(UserError) as caught:
        train(changed, name="one")
    assert str(caught.value) == (
        f"{folder}: a checkpoint of this name stands already\n"
        "  expected: a free name\n"
        "  to mend: set tracking.name=..., or pass --overwrite."
    )
    with pytest.raises(UserError, match="a checkpoint of this name stands already, of another config"):
        train(changed, name="one", resume=True)
    assert verify(folder)["identity"] == before
    assert train(config, name="one", resume=True) == [folder], "it is finished: nothing is done"
    assert verify(train(changed, name="one", overwrite=True)[0])["identity"] != before


def test_an_unfinished_run_is_gone_on_with_or_replaced_only_when_asked(small, tmp_path):
    config = tiny.tiny_run(tmp_path, small)
    state = tmp_path / "models" / ".one.run"
    (state / "checkpoint-7").mkdir(parents=True)
    (state / "run.json").write_text("{}")
    with pytest.raises(UserError) as caught:
        train(config, name="one")
    assert str(caught.value) == (
        f"{state}: an unfinished run of this name stands already\n"
        "  to mend: pass --resume to go on with it, or --overwrite to begin afresh."
    )
    with pytest.raises(UserError, match="config and data and taxonomy and seed changed since the run was interrupted"):
        train(config, name="one", resume=True)
    assert (state / "checkpoint-7").is_dir(), "a refusal removes nothing"
    train(config, name="one", overwrite=True)
    assert not state.exists()


def test_a_mistake_leaves_no_unfinished_run(small, tmp_path):
    wrong = tiny.tiny_run(tmp_path, small, kind="finetuned", base=tmp_path / "nowhere")
    for _ in range(2):
        with pytest.raises(UserError, match="no model could be loaded"):
            train(wrong, name="one")
    assert not state_dir_of(tmp_path / "models" / "one").exists()


# Seeds


def test_several_seeds_are_summarised(small, tmp_path):
    config = tiny.tiny_run(tmp_path, small, training={"n_seeds": 2, "l2": 1.0})
    folders = train(config, name="many")
    assert [folder.name for folder in folders] == ["many-seed13", "many-seed14"]
    assert [verify(folder)["seed"] for folder in folders] == [13, 14]
    summary = read_json(tmp_path / "models" / "many-seeds.json")
    assert summary["checkpoints"] == ["many-seed13", "many-seed14"]
    for split in ("dev", "test"):
        values = [read_json(folder / "metrics.json")[split]["overall"]["micro_f1"]["value"] for folder in folders]
        assert summary[split]["micro_f1"]["mean"] == pytest.approx(np.mean(values))
        assert summary[split]["micro_f1"]["deviation"] == pytest.approx(np.std(values, ddof=1))
        assert summary[split]["micro_f1"]["low"] < np.mean(values) < summary[split]["micro_f1"]["high"]
        assert "average_precision" in summary[f"{split}_per_technique"]["loaded_language"]
    shutil.rmtree(folders[1])
    before = (folders[0] / "manifest.json").stat().st_mtime_ns
    assert train(config, name="many", resume=True) == folders, "what is missing is made, what stands is kept"
    assert (folders[0] / "manifest.json").stat().st_mtime_ns == before
    assert read_json(tmp_path / "models" / "many-seeds.json") == summary
    (tmp_path / "models" / ".many-seed13.answers.json").unlink()
    train(config, name="many", resume=True)
    without = read_json(tmp_path / "models" / "many-seeds.json")["test"]["micro_f1"]
    assert (without["mean"], without["deviation"]) == (
        pytest.approx(summary["test"]["micro_f1"]["mean"]), pytest.approx(summary["test"]["micro_f1"]["deviation"]),
    )  # fmt: skip
    assert without["low"] is None and without["note"] == "no interval: the answers of a seed are not there any more"


def test_seeds_differ_in_a_finetuned_run(small, tiny_base, tmp_path):
    config = tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, training={"n_seeds": 2})
    one, two = (open_checkpoint(folder) for folder in train(config, name="many"))
    assert one.identity != two.identity
    assert read_json(one.path / "split.json") == read_json(two.path / "split.json"), (
        "the division has a seed of its own"
    )


# training.trainer


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"gradient_acumulation_steps": 2},
            "unknown key 'training.trainer.gradient_acumulation_steps'\n"
            "  expected: a field of transformers.TrainingArguments\n"
            "  to mend: did you mean 'gradient_accumulation_steps'?",
        ),
        (
            {"learning_rate": 1e-3},
            "training.trainer.learning_rate\n"
            "  expected: a field that spinscope does not set itself\n"
            "  to mend: use training.learning_rate.",
        ),
    ],
)
def test_trainer_arguments_are_checked_before_anything_is_read(tiny_base, tmp_path, arguments, expected):
    config = tiny.tiny_run(
        tmp_path, Path("nowhere.jsonl"), kind="finetuned", base=tiny_base, training={"trainer": arguments}
    )
    with pytest.raises(UserError) as caught:
        train(config, name="one")
    assert str(caught.value) == expected


def test_trainer_arguments_reach_the_trainer(small, tiny_base, tmp_path):
    def steps(name, **trainer):
        config = tiny.tiny_run(
            tmp_path, small, kind="finetuned", base=tiny_base, training={"trainer": trainer, "epochs": 2.0}
        )
        return last_step(train(config, name=name)[0])

    assert steps("plain") == 2 * steps("halved", gradient_accumulation_steps=2)
    assert steps("cut", max_steps=3) == 3


# Every setting of training runs, and does something


@pytest.fixture(scope="module")
def plain(small, tiny_base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    return open_checkpoint(train(tiny.tiny_run(folder, small, kind="finetuned", base=tiny_base), name="plain")[0])


@pytest.mark.parametrize(
    "blocks",
    [
        {"training": {"class_weights": "balanced"}},
        {"training": {"class_weights": "square_root"}},
        {"training": {"loss": "focal"}},
        {"training": {"loss": "asymmetric"}},
        {"training": {"length_grouped": False}},
        {"training": {"length_pool": 1}},
        {"training": {"tokens_at_once": 32}},
        {"training": {"label_smoothing": 0.2}},
        {"training": {"any_weight": 1.0}},
        {"training": {"layer_decay": 0.5}},
        {"training": {"averaged_epochs": 2, "epochs": 2.0}},
        {"model": {"context": "previous"}},
        {"model": {"context": "neighbours"}},
        {"model": {"pooling": "first"}},
        {"model": {"pooling": "attention"}},
        {"model": {"frozen_layers": 1}},
        {"model": {"lora_rank": 4}},
    ],
    ids=lambda blocks: "-".join(f"{value}" for block in blocks.values() for value in block.items()),
)
def test_a_setting_changes_what_is_learned(small, tiny_base, tmp_path, plain, blocks):
    config = tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, **blocks)
    classifier = open_checkpoint(train(config, name="other")[0])
    texts = ["A vile plan of outsiders.", "The council met on monday."]
    before, after = (
        np.array([list(one["probabilities"].values()) for one in each.predict(texts)]) for each in (plain, classifier)
    )
    assert np.isfinite(after).all() and not np.allclose(before, after, atol=1e-6)


def test_the_hierarchy_of_an_inventory_teaches_too(small, tiny_base, tmp_path):
    own = tmp_path / "desk.yaml"
    own.write_text(
        "name: desk\ntitle: A desk's list\ntechniques: [loaded_language, us_vs_them, appeal_to_threat]\n"
        "groups: {against_others: [us_vs_them, appeal_to_threat]}\n"
    )
    logits = []
    for name, weight in (("alone", 0.0), ("with-nodes", 1.0)):
        config = tiny.tiny_run(
            tmp_path, small, kind="finetuned", base=tiny_base, data={"taxonomy": str(own), "inventory": "core"},
            training={"hierarchy_weight": weight},
        )  # fmt: skip
        classifier = open_checkpoint(train(config, name=name)[0])
        logits.append([list(one["probabilities"].values()) for one in classifier.predict(["A vile plan of outsiders."])])
    assert not np.allclose(*logits, atol=1e-6)


def test_a_hierarchy_without_a_node_is_refused(small, tiny_base, tmp_path):
    config = tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, training={"hierarchy_weight": 1.0})
    with pytest.raises(UserError, match="stand below one node"):
        train(config, name="refused")


def test_titles_are_context(tiny_base, tmp_path):
    sentences = [replace(s, part="title") if s.index == 0 else s for s in tiny.tiny_sentences(n_articles=12)]
    corpus = tmp_path / "titled.jsonl"
    native.write(corpus, sentences)
    config = tiny.tiny_run(tmp_path, corpus, kind="finetuned", base=tiny_base, model={"context": "title"})
    classifier = open_checkpoint(train(config, name="titled")[0])
    whole = classifier.probabilities(sentences[:8]).probabilities
    alone = np.vstack([classifier.probabilities([one]).probabilities for one in sentences[:8]])
    assert np.allclose(whole[0], alone[0], atol=1e-6), "a title has no title"
    assert not np.allclose(whole[1:], alone[1:], atol=1e-6)


@pytest.mark.parametrize("kind", ["frozen", "tfidf"])
def test_class_weights_raise_scores_of_linear_models(small, tiny_base, tmp_path, kind):
    def mean_score(weights):
        config = tiny.tiny_run(
            tmp_path, small, kind=kind, base=tiny_base, training={"class_weights": weights},
            evaluation={"calibration": "none"},
        )  # fmt: skip
        classifier = open_checkpoint(train(config, name=f"{kind}-{weights}")[0])
        return np.mean([list(one["probabilities"].values()) for one in classifier.predict(tiny.NEUTRAL)])

    assert mean_score("none") < mean_score("square_root") < mean_score("balanced")


def test_early_stopping_stops_and_keeps_the_best(small, tiny_base, tmp_path):
    """A vanishing learning rate gains nothing after the first check."""
    training = {"epochs": 8.0, "early_stopping_patience": 2, "best_metric": "macro_f1", "learning_rate": 1e-9}
    folder = train(tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, training=training), name="stopped")[
        0
    ]
    checks = [entry for entry in log_of(folder) if "eval_loss" in entry]
    assert len(checks) == 3
    facts = verify(folder)["training"]
    assert facts["best_step"] == checks[0]["step"]
    assert facts["precision"] == "fp32" and facts["world_size"] == 1


def test_the_best_check_is_what_is_kept(small, tiny_base, tmp_path):
    training = {"epochs": 4.0, "learning_rate": 5e-2, "best_metric": "loss"}
    folder = train(tiny.tiny_run(tmp_path, small, kind="finetuned", base=tiny_base, training=training), name="wild")[0]
    checks = [entry for entry in log_of(folder) if "eval_loss" in entry]
    best = min(checks, key=lambda entry: entry["eval_loss"])
    assert verify(folder)["training"]["best_step"] == best["step"]


def test_without_dev_nothing_is_fitted_on_it(small, tiny_base, tmp_path):
    config = tiny.tiny_run(
        tmp_path, small, kind="finetuned", base=tiny_base, data={"split_by": {"dev_fraction": 0.0}},
        evaluation={"thresholds": "fixed", "calibration": "none"},
    )  # fmt: skip
    folder = train(config, name="no-dev")[0]
    assert set(read_json(folder / "metrics.json")) == {"test"}
    decision = open_checkpoint(folder).decision
    assert decision.thresholds == (0.5, 0.5, 0.5) and decision.calibration == "none"
    assert (folder / "predictions-dev.jsonl").read_text() == ""


def test_blocking_findings_refuse_training_unless_waived(tmp_path):
    sentences = tiny.tiny_sentences(n_articles=12)
    twin = [replace(s, article="twin") for s in sentences if s.article == "a003"]
    splits = {s.article: "train" for s in [*sentences, *twin]} | {"a003": "dev", "a001": "dev", "twin": "train"}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    corpus = tiny.write_native(tmp_path / "leaking.jsonl", [*sentences, *twin])
    data = {"split_by": {"file": str(tmp_path / "splits.json")}}
    with pytest.raises(UserError) as caught:
        train(tiny.tiny_run(tmp_path, corpus, data=data), name="leaking")
    assert "with a fifth or more of the sentences of six words or longer in another split" in caught.value.found
    assert caught.value.remedy == "see `spinscope check`, mend the data, or name the finding in data.waive."
    assert train(tiny.tiny_run(tmp_path, corpus, data={**data, "waive": ["leaks"]}), name="leaking")[0].is_dir()


def test_paths_that_look_like_markup_are_shown_as_they_are(capsys):
    from spinscope.jobs.progress import show

    show("checkpoint written: models/[/x]/one", bold="[draft]")
    assert capsys.readouterr().err == "[draft]checkpoint written: models/[/x]/one\n"
