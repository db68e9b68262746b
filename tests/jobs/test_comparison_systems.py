"""What a word of the command line names: a folder, seeds of one system, and what each side is called."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import tiny

from spinscope.config import Data
from spinscope.errors import UserError
from spinscope.jobs.comparison import compare, comparison_of
from spinscope.jobs.comparison_systems import System, named_apart, open_system, unlike_seeds
from spinscope.jobs.training import train
from spinscope.model.checkpoint import open_checkpoint


@pytest.fixture(scope="module")
def seeds(tmp_path_factory, tiny_base):
    """Two runs of two seeds each, the second with more epochs; and a corpus they have not seen."""
    folder = tmp_path_factory.mktemp("seeds")
    data = tiny.write_native(folder / "corpus.jsonl", tiny.tiny_sentences(n_articles=24))
    for name, rate in (("small", 1e-3), ("large", 5e-3)):
        training = {"n_seeds": 2, "learning_rate": rate, "epochs": 1.0}
        train(tiny.tiny_run(folder, data, kind="finetuned", base=tiny_base, training=training), name=name)
    fresh = tiny.write_native(folder / "fresh.jsonl", tiny.tiny_sentences(n_articles=24, seed=8, prefix="f"))
    return folder / "models", fresh


def names(word) -> tuple[str, list[str]]:
    system = named_apart([open_system(word)])[0]
    return system.name, [seed.name for seed in system.seeds]


def test_a_run_of_several_seeds_has_one_name(seeds):
    models, _ = seeds
    two = ["small-seed13", "small-seed14"]
    assert names(models / "small") == ("small", two)
    assert names(f"{models}/small-seed13,{models}/small-seed14") == ("small", two)
    assert names(f"old={models}/small-seed14,{models}/small-seed13") == ("old", two[::-1])
    assert names(models / "small-seed14") == ("small-seed14", ["small-seed14"])
    assert names(f"mixed={models}/small,{models}/large-seed13") == ("mixed", [*two, "large-seed13"])


def test_folders_whose_names_hold_commas_and_equal_signs_are_folders(tfidf_checkpoint, tmp_path):
    odd = shutil.copytree(tfidf_checkpoint, tmp_path / "a=b,c")
    assert names(odd) == ("a=b,c", ["a=b,c"])


def test_what_cannot_be_seeds_of_one_system_is_refused(seeds, tfidf_checkpoint, tmp_path):
    models, _ = seeds
    with pytest.raises(UserError, match="names small-seed13 twice"):
        open_system(f"{models}/small-seed13,{models}/small-seed13")
    with pytest.raises(UserError, match=r"no manifest.json|no such"):
        open_system(models / "smal")
    data = [
        replace(
            s,
            techniques=tuple(t for t in s.techniques if t != "us_vs_them"),
            annotated=("loaded_language", "appeal_to_threat"),
        )
        for s in tiny.tiny_sentences(n_articles=12)
    ]
    (tmp_path / "two.yaml").write_text("name: two\ntitle: Two\ntechniques:\n- loaded_language\n- appeal_to_threat\n")
    file = tiny.write_native(tmp_path / "two.jsonl", data)
    other = train(tiny.tiny_run(tmp_path, file, data={"taxonomy": str(tmp_path / "two.yaml")}), name="two")[0]
    with pytest.raises(UserError, match="joins tfidf and two, which have other techniques"):
        open_system(f"{tfidf_checkpoint},{other}")


def test_seeds_that_differ_in_more_than_the_seed_are_told_of(seeds):
    models, _ = seeds
    assert unlike_seeds(open_system(models / "small")) == []
    told = unlike_seeds(open_system(f"{models}/small-seed13,{models}/large-seed14"))
    assert told == [
        "small-seed13 and large-seed14 are taken as seeds of one system, and differ in training.learning_rate"
    ]


def test_sides_of_one_name_are_told_apart(tfidf_checkpoint):
    one = open_checkpoint(tfidf_checkpoint)
    assert [system.name for system in named_apart([System("", (one,)), System("x", (one,)), System("", (one,))])] == [
        "tfidf",
        "x",
        "tfidf (2)",
    ]


def test_groups_are_compared_with_seeds_in_the_intervals(seeds, tmp_path):
    models, fresh = seeds
    file = tmp_path / "result.json"
    page = tmp_path / "page.html"
    code = compare([models / "small", f"sharp={models}/large"], data=str(fresh), json_file=file, html_file=page)
    told = json.loads(file.read_text())
    assert code == 0
    assert list(told["checkpoints"]) == ["small", "sharp"]
    assert [one["seed"] for one in told["checkpoints"]["sharp"]["seeds"]] == [13, 14]
    comparison = told["pairs"][0]["comparison"]
    assert (comparison["n_seeds_a"], comparison["n_seeds_b"]) == (2, 2)
    row = comparison["overall"]["macro_average_precision"]
    assert row["deviation_a"] > 0 and row["seed_error"] > 0 and row["low"] < row["difference"] < row["high"]
    assert any(
        told.startswith("training.learning_rate: 0.005 instead of 0.001") for told in told["pairs"][0]["differences"]
    )
    assert not any("training.seed" in sentence for sentence in told["pairs"][0]["differences"])
    assert "over articles and seeds" in page.read_text() and "±" in page.read_text()


def test_changes_of_groups_are_what_most_seeds_decide(seeds):
    models, fresh = seeds
    systems = [open_system(models / "small"), open_system(models / "large")]
    result = comparison_of(systems, data=Data(path=str(fresh)))
    sentences = tiny.tiny_sentences(n_articles=24, seed=8, prefix="f")
    decided = []
    for system in systems:
        each = [seed.decide(seed.probabilities(sentences).probabilities) for seed in system.seeds]
        decided.append(each[0] & each[1])
    assert len(result.pairs[0].changes) == (decided[0] != decided[1]).sum()


def test_a_group_against_itself_is_equivalent(seeds):
    models, fresh = seeds
    result = comparison_of([open_system(models / "small"), open_system(models / "small")], data=Data(path=str(fresh)))
    rows = result.pairs[0].comparison.overall.values()
    assert {(row.difference, row.p_value, row.verdict) for row in rows} == {(0.0, 1.0, "equivalent")}
    assert result.pairs[0].headline == "equivalent"
    assert result.pairs[0].differences == ["the same weights, taxonomy and thresholds: one checkpoint twice"]
