"""The shelf: every folder is listed, whole with its figures or broken with the reason; differences are those there are."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
import tiny
from rich.console import Console

from spinscope.config import parse_config
from spinscope.errors import UserError
from spinscope.files import read_json, write_json
from spinscope.jobs.config_differences import UNUSED, config_differences
from spinscope.jobs.shelf import runs, shelf
from spinscope.jobs.training import train
from spinscope.jobs.tuning import tune


@pytest.fixture(scope="module")
def models(corpus, frozen_checkpoint, tmp_path_factory):
    """Two seeds of one TF-IDF run, a copy with other thresholds, and a head on an encoder."""
    folder = tmp_path_factory.mktemp("shelf")
    settings = {"training": {"n_seeds": 2, "max_ngram": 1}}
    train(tiny.tiny_run(folder, corpus, **settings), name="plain")
    quiet = Console(quiet=True)
    tune(folder / "models/plain-seed13", out=folder / "models/tuned", data=str(corpus), split="dev", console=quiet)
    shutil.copytree(frozen_checkpoint, folder / "models/deep")
    return folder / "models"


@pytest.fixture
def copied(models, tmp_path):
    return shutil.copytree(models, tmp_path / "models")


def printed(folder, **options):
    console = Console(record=True, width=80, file=io.StringIO())
    code = runs(folder, console=console, **options)
    return code, console.export_text()


def test_figures_are_those_of_metrics_json(models):
    found = shelf(models)
    assert [run.name for run in found.runs] == ["deep", "plain-seed13", "plain-seed14", "tuned"]
    for run in found.runs:
        assert run.status == "whole" and not run.remarks
        metrics, manifest = read_json(run.path / "metrics.json"), read_json(run.path / "manifest.json")
        for split, part in metrics.items():
            for name, figure in part["overall"].items():
                assert run.figures[f"{split}.{name}"].value == figure["value"]
            assert run.figures[f"{split}.us_vs_them.f1"].low == part["per_technique"]["us_vs_them"]["f1"]["low"]
        assert run.facts["data_sha256"] == manifest["data"]["sha256"]
        assert run.facts["training_seconds"] == manifest["training"]["seconds"]
        assert run.facts["weights_bytes"] == (run.path / "model.safetensors").stat().st_size
    assert "test.micro_f1" not in found.runs[-1].figures, "a tuned checkpoint has no test figures"


def test_lineage_tells_of_tuning_and_seeds(models):
    told = shelf(models).lineage
    assert told["tuned"][0] == "tuned from plain-seed13"
    # The seed decides nothing in TF-IDF with a given strength: both have the same weights, which is told too.
    assert told["plain-seed13"] == ["the same run with seed 14 stands beside it", "answers exactly as plain-seed14"]
    assert told["deep"] == []


def test_an_origin_that_is_not_here_and_a_copy_are_told(copied):
    shutil.rmtree(copied / "plain-seed13")
    assert shelf(copied).lineage["tuned"][0] == "tuned from plain-seed13 (here as plain-seed14)"
    shutil.rmtree(copied / "plain-seed14")
    assert shelf(copied).lineage["tuned"][0] == "tuned from plain-seed13, which is not here"
    shutil.copytree(copied / "deep", copied / "again")
    assert shelf(copied).lineage["again"] == ["answers exactly as deep"]


def test_what_differs_is_told_once_and_only_where_it_is_read(models):
    settings = {one.path: one for one in shelf(models).settings}
    assert set(settings) == {"model.kind"}
    assert settings["model.kind"].told() == (
        "model.kind: tfidf (plain-seed13, plain-seed14, tuned); frozen (deep)"
    )  # fmt: skip


def test_settings_of_another_kind_of_model_are_no_difference():
    a = parse_config({"model": {"kind": "tfidf"}, "training": {"learning_rate": 1e-3, "max_ngram": 3}})
    b = parse_config({"model": {"kind": "finetuned"}, "training": {"max_ngram": 1}, "tracking": {"name": "b"}})
    c = parse_config({"model": {"kind": "finetuned"}, "training": {"epochs": 1.0}})
    assert [one.path for one in config_differences({"a": a, "b": b})] == ["model.kind"]
    found = {one.path: one for one in config_differences({"a": a, "b": b, "c": c})}
    assert set(found) == {"model.kind", "training.epochs"}
    assert found["training.epochs"].values == {"a": UNUSED, "b": 3.0, "c": 1.0}
    assert found["training.epochs"].meaning == "Passes over the training part"
    assert config_differences({"a": a}) == [] == config_differences({"b": b, "again": b})


@pytest.mark.parametrize("kind", ["frozen", "tfidf"])
def test_what_only_epochs_read_is_no_difference_to_a_model_without(kind):
    learned = {"any_weight": 0.5, "averaged_epochs": 2, "layer_decay": 0.9, "label_smoothing": 0.1, "tokens_at_once": 256}
    deep = parse_config({"model": {"kind": "finetuned", "lora_rank": 4}, "training": learned})
    plain = parse_config({"model": {"kind": kind}})
    assert [one.path for one in config_differences({"deep": deep, "plain": plain})] == ["model.kind"]
    weighted = parse_config({"model": {"kind": kind}, "training": {"class_weights": "balanced"}})
    assert [one.path for one in config_differences({"weighted": weighted, "plain": plain})] == ["training.class_weights"]


def test_sources_by_name_are_compared_one_by_one():
    one = parse_config({"data": {"sources": {"x": {"path": "a"}, "y": {"path": "b"}}}})
    other = parse_config({"data": {"sources": {"x": {"path": "a"}, "y": {"path": "c"}}}})
    assert [item.told() for item in config_differences({"one": one, "other": other})] == [
        "data.sources.y.path: b (one); c (other)"
    ]


def test_sorting_puts_the_best_first_and_the_unknown_last(models):
    def names(field):
        return [run.name for run in shelf(models, sort=field).runs]

    def value(name, field):
        return shelf(models / name).runs[0].figures[field].value

    for field, reverse in (("dev.micro_f1", True), ("dev.brier_loss", False), ("dev.us_vs_them.auroc", True)):
        values = [value(name, field) for name in names(field)]
        assert values == sorted(values, reverse=reverse), field
    assert names("micro_f1") == names("dev.micro_f1")
    assert names("test.micro_f1")[-1] == "tuned"
    assert names("size")[-1] == "deep"
    assert any("choose by dev" in told for told in shelf(models, sort="test.micro_f1").findings)
    assert not shelf(models).findings
    with pytest.raises(UserError, match=r"no field 'micro_f2'[\s\S]*did you mean 'dev.micro_f1'|choose one of"):
        shelf(models, sort="micro_f2")


def test_different_data_is_told(copied, tmp_path):
    other = tiny.write_native(tmp_path / "other.jsonl", tiny.tiny_sentences(n_articles=20, seed=3))
    train(tiny.tiny_run(tmp_path, other), name="elsewhere")
    assert any("different data" in told for told in shelf(copied).findings)


def spoil_manifest(folder):
    (folder / "manifest.json").write_text("{")


def forget_manifest(folder):
    (folder / "manifest.json").unlink()


def list_as_manifest(folder):
    write_json(folder / "manifest.json", [1, 2])


def empty_manifest(folder):
    write_json(folder / "manifest.json", {"format": 1, "files": {}})


def future_format(folder):
    write_json(folder / "manifest.json", {**read_json(folder / "manifest.json"), "format": 99})


def lose_weights(folder):
    (folder / "model.safetensors").unlink()


def cut_weights(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def alter_thresholds(folder):
    (folder / "decision.json").write_text((folder / "decision.json").read_text().replace("0.", "0.9", 1))


def spoil_figures(folder):
    (folder / "metrics.json").write_text('{"dev": 3}')


def empty_folder(folder):
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_manifest, "manifest.json:1:2: not JSON"),
        (forget_manifest, "no manifest.json: not a checkpoint, or one that was half written"),
        (list_as_manifest, "a manifest that spinscope did not write"),
        (empty_manifest, "a manifest or figures that spinscope did not write: identity: Field required"),
        (future_format, "manifest.json: checkpoint format 99"),
        (lose_weights, "the file model.safetensors is missing"),
        (cut_weights, "model.safetensors: altered since it was written"),
        (alter_thresholds, "decision.json: altered since it was written"),
        (spoil_figures, "a manifest or figures that spinscope did not write: "),
        (empty_folder, "no manifest.json"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_folder_is_listed_with_the_reason_and_the_others_stand(copied, spoil, reason):
    spoil(copied / "deep")
    found = {run.name: run for run in shelf(copied).runs}
    assert found["deep"].status == "broken" and found["deep"].reason.startswith(reason), found["deep"].reason
    assert [run.status for run in found.values()].count("whole") == 3
    code, text = printed(copied)
    assert code == 1 and "broken deep: " in text


def test_altered_or_missing_figures_are_a_remark(copied):
    metrics = read_json(copied / "deep/metrics.json")
    metrics["dev"]["overall"]["micro_f1"]["value"] = 0.99
    write_json(copied / "deep/metrics.json", metrics)
    (copied / "tuned/metrics.json").unlink()
    told = shelf(copied).findings
    assert told == ["deep: metrics.json was altered since it was written", "tuned: no metrics.json"]
    assert printed(copied)[0] == 0


def test_unfinished_runs_folds_and_leftovers_are_no_checkpoints(copied):
    (copied / ".later.run" / "checkpoint-40").mkdir(parents=True)
    (copied / ".new.run").mkdir()
    (copied / ".deep.ab12.partial").mkdir()
    (copied / ".embeddings").mkdir()
    (copied / "plain-folds").mkdir()
    (copied / "a-report").mkdir()
    (copied / "a-report/report.html").write_text("<p>")
    write_json(copied / "plain-folds/cross-validation.json", {})
    found = {run.name: (run.status, run.reason) for run in shelf(copied).runs if run.status != "whole"}
    assert found["later"][0] == "unfinished" and "saved up to step 40" in found["later"][1]
    assert found["new"][0] == "unfinished" and "nothing saved yet" in found["new"][1]
    assert found[".deep.ab12.partial"][0] == "broken" and "half written" in found[".deep.ab12.partial"][1]
    assert found["plain-folds"][0] == "folds"
    assert found["a-report"] == ("other", "no file of a checkpoint in it")
    assert ".embeddings" not in found


def test_table_json_and_csv_hold_the_same(models, tmp_path, capsys):
    code, text = printed(models, sort="micro_f1", csv_file=tmp_path / "runs.csv")
    assert code == 0 and "What differs" in text and "tuned: tuned from plain-seed13" in text
    assert runs(models, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in csv.DictReader((tmp_path / "runs.csv").open(encoding="utf-8"))}
    for run in told["runs"]:
        figure = run["figures"]["dev.micro_f1"]
        row = rows[run["name"]]
        assert float(row["dev.micro_f1"]) == figure["value"] and float(row["dev.micro_f1_low"]) == figure["low"]
        assert row["model.kind"] == run["kind"] and f"{figure['value']:.3f}" in text
    assert rows["tuned"]["test.micro_f1"] == ""


def test_one_checkpoint_an_empty_folder_and_none(models, tmp_path):
    assert [run.name for run in shelf(models / "deep").runs] == ["deep"]
    assert printed(tmp_path)[0] == 0 and "No run in" in printed(tmp_path)[1]
    with pytest.raises(UserError, match="no such folder"):
        shelf(tmp_path / "none")
