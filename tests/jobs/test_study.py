"""Studies: what a file may say, every fit an ordinary one, going on after an interruption, a table that is right."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import tiny
from rich.console import Console

from spinscope.config import read_config
from spinscope.errors import UserError
from spinscope.files import dump_yaml
from spinscope.jobs import folds
from spinscope.jobs.cross_validation import cross_validate
from spinscope.jobs.studies import by_technique
from spinscope.jobs.studies.plan import read_study
from spinscope.jobs.studies.refits import fit_hash
from spinscope.jobs.study import study

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path):
    data = tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=18))
    config = tiny.tiny_run(tmp_path, data, kind="tfidf", data={"split_by": {"dev_fraction": 0.25, "test_fraction": 0.0}})
    file = tmp_path / "base.yaml"
    file.write_text(config.to_yaml(), encoding="utf-8")
    return config, file


def written(base, **keys):
    file = base[1].parent / "trial.yaml"
    file.write_text(dump_yaml({"base": str(base[1]), **keys}), encoding="utf-8")
    return file


def run(file, **options):
    assert study(file, console=Console(quiet=True), **options) == 0
    return json.loads((file.parent / "models/trial-study/study.json").read_text())


RUNS = {"plain": {}, "words": {"training.max_ngram": 1}}


def test_a_run_is_what_cross_validate_would_have_made_of_its_config(base):
    config, _ = base
    table = run(written(base, runs=RUNS, folds=3, seeds=[13]))
    expected = cross_validate(config, name="cv", n_folds=3, baseline=None, console=Console(quiet=True))
    plain, words = table["runs"]
    for name in ("micro_f1", "macro_average_precision", "any_f1", "brier_loss"):
        assert plain["figures"][name]["value"] == pytest.approx(expected.metrics["model"].overall[name].value, abs=1e-12)
    assert plain["differences"] == {}
    difference = words["differences"]["micro_f1"]
    assert difference["value"] == pytest.approx(words["figures"]["micro_f1"]["value"] - plain["figures"]["micro_f1"]["value"])
    assert difference["low"] <= difference["value"] <= difference["high"]


def test_grid_and_runs_and_common_settings():
    plan = read_study(ROOT / "configs/studies/ptc_screen.yaml")
    assert plan.reference == "plain"
    assert {run.config.data.format for run in plan.runs} == {"ptc"}
    by_name = {run.name: run.config for run in plan.runs}
    assert by_name["first-token"].model.pooling == "first"
    assert by_name["plain"].training.learning_rate == 1e-4
    assert {config.evaluation.any_technique for config in by_name.values()} == {"decided"}


def test_the_finalist_has_the_rules_of_the_shipped_config_and_shares_the_fits_of_plain():
    plan = read_study(ROOT / "configs/studies/ptc.yaml")
    by_name = {run.name: run.config for run in plan.runs}
    assert by_name["finalist"].evaluation == read_config(ROOT / "configs/ptc.yaml").evaluation
    changed = [name for name, config in by_name.items() if config.evaluation.any_technique == "expected"]
    assert changed == ["any-expected", "finalist"]
    assert fit_hash(by_name["any-expected"]) == fit_hash(by_name["plain"]) == fit_hash(by_name["finalist"])


def test_the_combinations_of_a_grid(base):
    plan = read_study(written(base, grid={"training.max_ngram": [1, 2], "training.min_document_count": [2, 3]}))
    assert [run.name for run in plan.runs] == [
        "max_ngram=1,min_document_count=2", "max_ngram=1,min_document_count=3", "max_ngram=2,min_document_count=2",
        "max_ngram=2,min_document_count=3",
    ]  # fmt: skip
    assert plan.runs[1].config.training.max_ngram == 1
    assert plan.runs[1].config.training.min_document_count == 3


def test_a_study_goes_on_where_it_stopped_and_takes_up_new_runs(base, monkeypatch):
    file = written(base, runs=RUNS, folds=2, seeds=[1, 2])
    whole = run(file)
    (file.parent / "models/trial-study").rename(file.parent / "models/whole")
    fitted = []
    real = folds.fit

    def counted(*args, **kwargs):
        if len(fitted) == 3:
            raise KeyboardInterrupt
        fitted.append(kwargs["name"])
        return real(*args, **kwargs)

    monkeypatch.setattr(folds, "fit", counted)
    with pytest.raises(KeyboardInterrupt):
        run(file)
    halfway = run(file, only_table=True)
    assert [line["run"] for line in halfway["runs"]] == ["plain"]
    monkeypatch.setattr(folds, "fit", lambda *a, **k: (fitted.append(k["name"]), real(*a, **k))[1])
    again = run(file)
    assert len(fitted) == 8
    strip = [{**line, "seconds": None} for line in again["runs"]]
    assert strip == [{**line, "seconds": None} for line in whole["runs"]]
    run(written(base, runs={**RUNS, "common": {"training.min_document_count": 4}}, folds=2, seeds=[1, 2]))
    assert len(fitted) == 12


def test_the_table_alone_asks_for_nothing_that_only_a_fit_needs(base):
    run(written(base, runs={"plain": {}}, folds=2, only_folds=[0]))
    adapted = {"model.kind": "finetuned", "model.base": "models/nowhere-{fold}"}
    more = written(base, runs={"plain": {}, "adapted": adapted}, folds=2, only_folds=[0])
    with pytest.raises(UserError, match=r"model\.base"):
        run(more)
    assert [line["run"] for line in run(more, only_table=True)["runs"]] == ["plain"]


def test_runs_that_differ_in_their_rules_alone_share_a_fit(base, monkeypatch):
    config, _ = base
    rules = {"evaluation.thresholds": "global", "evaluation.calibration": "none"}
    fitted, real = [], folds.fit
    monkeypatch.setattr(folds, "fit", lambda *a, **k: (fitted.append(k["name"]), real(*a, **k))[1])
    run(written(base, runs={"plain": {}, "one-cut": rules, "words": {"training.max_ngram": 1}}, folds=2, only_folds=[1]))
    assert len(fitted) == 2
    folder = base[1].parent / "models"
    settings = {"thresholds": "global", "calibration": "none"}
    own = config.model_copy(update={"evaluation": config.evaluation.model_copy(update=settings)})
    cross_validate(own, name="cv", n_folds=2, baseline=None, console=Console(quiet=True))
    shared, alone = (
        json.loads((folder / name).read_text())
        for name in ("trial-study/one-cut/seed-13-fold-1.json", "cv-folds/fold-1-model.json")
    )
    assert shared["fit_of"] == "plain"
    assert shared["decision"]["thresholds"] == pytest.approx(alone["decision"]["thresholds"], abs=1e-6)
    assert [row["decided"] for row in shared["rows"]] == [row["decided"] for row in alone["rows"]]
    for name in ("rows", "dev"):
        for one, other in zip(shared[name], alone[name], strict=True):
            assert (one["article"], one["index"]) == (other["article"], other["index"])
            assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_a_run_is_held_against_the_reference_technique_by_technique(base):
    config, _ = base
    run(written(base, runs=RUNS, folds=3, seeds=[13, 14]))
    file = written(base, runs={**RUNS, "unfinished": {"training.max_ngram": 3}}, folds=3, seeds=[13, 14])
    console = Console(width=200, record=True, file=io.StringIO())
    assert study(file, only_table=True, techniques="words", console=console) == 0
    told = console.export_text()
    assert "average precision of each technique" in told and "words minus plain" not in told
    found = json.loads((file.parent / "models/trial-study/words/techniques.json").read_text())["per_technique"]
    sides = [cross_validate(one, name=key, n_folds=3, baseline=None, console=Console(quiet=True)).metrics["model"] for key, one in (
        ("a", config), ("b", config.model_copy(update={"training": config.training.model_copy(update={"max_ngram": 1})}))
    )]  # fmt: skip
    for technique in tiny.CUES:
        row, ends = found[technique]["average_precision"], [side.per_technique[technique]["average_precision"].value for side in sides]
        assert [row["value_a"], row["value_b"]] == pytest.approx(ends, abs=1e-12)
        assert row["low"] <= row["difference"] <= row["high"]
    for wrong, message in (("plain", "'plain' is the reference"), ("word", "no run 'word'.*did you mean 'words'"), ("unfinished", "no finished seed in common")):
        with pytest.raises(UserError, match=f"(?s){message}"):
            study(file, only_table=True, techniques=wrong, console=Console(quiet=True))


def test_runs_of_the_same_fits_are_paired_by_seed(base, monkeypatch):
    file = written(base, runs={**RUNS, "one-cut": {"evaluation.thresholds": "global"}}, folds=2, only_folds=[0])
    run(file)
    told, real = {}, by_technique.compare_sides
    for name in ("one-cut", "words"):
        monkeypatch.setattr(by_technique, "compare_sides", lambda *a, **k: told.update({name: k["seeds_are_pairs"]}) or real(*a, **k))  # noqa: B023
        assert study(file, only_table=True, techniques=name, console=Console(quiet=True)) == 0
    assert told == {"one-cut": True, "words": False}


def test_the_csv_holds_figures_only(base, tmp_path):
    run(written(base, runs=RUNS, only_folds=[1]), csv_file=tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["run"] for row in rows] == ["plain", "words"]
    assert rows[0]["micro_f1_difference"] == ""
    assert float(rows[1]["micro_f1_low"]) <= float(rows[1]["micro_f1_difference"]) <= float(rows[1]["micro_f1_high"])
    assert rows[1]["settings"] == "training.max_ngram=1"


def test_a_fraction_of_the_articles_is_trained_on_and_all_are_held_out(base):
    run(written(base, runs=RUNS, only_folds=[0], articles_fraction=0.5))
    folder = base[1].parent / "models/trial-study/plain"
    half = json.loads((folder / "seed-13-fold-0.json").read_text())
    run(written(base, runs={"whole": {}}, only_folds=[0]))
    whole = json.loads((folder.parent / "whole/seed-13-fold-0.json").read_text())
    assert half["n_train"] * 2 == pytest.approx(whole["n_train"], rel=0.2)
    assert len(half["rows"]) == len(whole["rows"])
    assert half["n_dev"] == whole["n_dev"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "give runs or a grid"),
        ({"runs": RUNS, "fold": 3}, "unknown key 'fold'.*folds"),
        ({"runs": RUNS, "reference": "plane"}, "reference 'plane'.*plain"),
        ({"runs": {"a": {"data.path": "x"}}}, "all runs share data"),
        ({"runs": {"a": {"training.epoch": 2}}}, "unknown key 'training.epoch'.*runs.a.*training.epochs|runs.a.*epochs"),
        ({"runs": {"a/b": {}}}, "names a folder"),
        ({"runs": RUNS, "seeds": [1, 1]}, "the same number twice"),
        ({"runs": RUNS, "only_folds": [3]}, "from 0 to 2"),
    ],
)
def test_faulty_files_are_refused_before_anything_is_trained(base, keys, message):
    with pytest.raises(UserError, match=f"(?s){message}"):
        read_study(written(base, **keys))


def test_another_config_under_the_same_name_is_refused(base):
    run(written(base, runs=RUNS, only_folds=[0]))
    with pytest.raises(UserError, match="config changed since the run 'words' began"):
        run(written(base, runs={"plain": {}, "words": {"training.max_ngram": 3}}, only_folds=[0]))
