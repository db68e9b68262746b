"""Order means nothing: columns, rows, labels, sources and files may stand in any order, and every output stays."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny

from spinscope.config import Data, parse_config
from spinscope.files import dump_yaml, read_json
from spinscope.jobs.comparison import comparison_of
from spinscope.jobs.evaluation import evaluation_of
from spinscope.jobs.training import train
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence

COLUMNS = ("article", "position", "text", "labels", "remark")
Rows = list[dict[str, Any]]


def rows_of(sentences: list[Sentence]) -> Rows:
    return [
        {"article": s.article, "position": s.index, "text": s.text, "labels": list(s.techniques), "remark": "x"}
        for s in sentences
    ]


def shuffled(rows: Rows, *, seed: int) -> Rows:
    """The same rows with rows, columns and labels in another order."""
    chance = random.Random(seed)
    columns = chance.sample(COLUMNS, len(COLUMNS))
    rows = [{**row, "labels": chance.sample(row["labels"], len(row["labels"]))} for row in rows]
    return [{name: row[name] for name in columns} for row in chance.sample(rows, len(rows))]


def write_csv(path: Path, rows: Rows) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "labels": "|".join(row["labels"])} for row in rows)
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    import pyarrow
    from pyarrow import parquet

    labels = pyarrow.list_(pyarrow.string())
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    arrays = {name: pyarrow.array(cells, labels if name == "labels" else None) for name, cells in columns.items()}
    parquet.write_table(pyarrow.table(arrays), path)
    return path


def write_jsonl(path: Path, rows: Rows) -> Path:
    names = {"position": "index", "labels": "techniques"}
    lines = [{names.get(key, key): value for key, value in row.items() if key != "remark"} for row in rows]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


WRITERS: dict[str, Callable[[Path, Rows], Path]] = {"csv": write_csv, "parquet": write_parquet, "jsonl": write_jsonl}


def data_of(path: Path) -> dict[str, Any]:
    columns = {} if path.suffix == ".jsonl" else {"columns": {"index": "position"}}
    return {"path": str(path), "format": "auto", **columns}


def trained(folder: Path, data: dict[str, Any], **options: Any) -> Classifier:
    folder.mkdir(exist_ok=True)
    config = tiny.tiny_run(folder, Path("unused"), data=data, **options)
    return open_checkpoint(train(config, name="run")[0])


def told(classifier: Classifier) -> dict[str, Any]:
    """Everything a checkpoint says of the run, but where its data lay and how long it took."""
    assert classifier.path is not None
    folder, manifest = classifier.path, classifier.manifest
    names = ("split.json", "training-sentences.txt", "metrics.json", "predictions-dev.jsonl", "decision.json")
    return {
        "identity": classifier.identity, "data": manifest["data"],
        **{name: (folder / name).read_text(encoding="utf-8") for name in names},
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> Rows:
    return rows_of(tiny.tiny_sentences(n_articles=24))


@pytest.fixture(scope="module")
def first(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """Trained on the rows as they are."""
    folder = tmp_path_factory.mktemp("first")
    return trained(folder, data_of(write_csv(folder / "corpus.csv", rows)))


@pytest.mark.parametrize(("ending", "seed"), [("csv", 1), ("csv", 2), ("parquet", 3), ("jsonl", 4)])
def test_a_shuffled_corpus_trains_the_same_checkpoint(rows, first, tmp_path, ending, seed):
    """To the bit: the same split, vocabulary, weights, thresholds, figures and dev scores, whatever the format too."""
    file = WRITERS[ending](tmp_path / f"corpus.{ending}", shuffled(rows, seed=seed))
    assert told(trained(tmp_path / "again", data_of(file))) == told(first)


def test_and_so_does_a_fine_tuned_one(rows, tiny_base, tmp_path):
    few = rows[: 12 * 8]
    found = [
        told(
            trained(
                tmp_path / name, data_of(write_csv(tmp_path / f"{name}.csv", these)), kind="finetuned", base=tiny_base
            )
        )
        for name, these in (("one", few), ("two", shuffled(few, seed=5)))
    ]
    assert found[0] == found[1]


def test_rows_in_article_order_need_no_position(rows, first, tmp_path):
    """Without an index column, the rows of an article keep their order; those of other articles may stand between."""
    chance = random.Random(6)
    waiting: dict[str, Rows] = {}
    for row in rows:
        waiting.setdefault(row["article"], []).append({key: row[key] for key in ("labels", "text", "article")})
    mixed: Rows = []
    while waiting:
        article = chance.choice(sorted(waiting))
        mixed.append(waiting[article].pop(0))
        if not waiting[article]:
            del waiting[article]
    again = trained(tmp_path / "again", {"path": str(write_csv(tmp_path / "corpus.csv", mixed)), "format": "csv"})
    assert told(again) == told(first)


def test_sources_and_files_may_be_named_in_any_order(rows, tmp_path):
    one, two = [row for row in rows if row["article"] < "a012"], [row for row in rows if row["article"] >= "a012"]
    sources = {
        "one": data_of(write_csv(tmp_path / "one.csv", one)),
        "two": {**data_of(write_jsonl(tmp_path / "two.jsonl", two)), "inventory": "core"},
    }

    def both(order: list[str], name: str) -> Classifier:
        values = tiny.tiny_run(tmp_path / name, Path("unused")).model_dump()
        data = {"taxonomy": "core", "sources": {source: sources[source] for source in order}}
        return open_checkpoint(train(parse_config({**values, "data": data}), name="run")[0])

    forth, back = both(["one", "two"], "forth"), both(["two", "one"], "back")
    assert told(forth) == told(back)

    # A folder of two files is one corpus, however they are called.
    found = []
    for names in (("a", "b"), ("b", "a")):
        folder = tmp_path / f"folder-{''.join(names)}"
        folder.mkdir()
        for name, part in zip(names, (one, two), strict=True):
            write_csv(folder / f"{name}.csv", part)
        found.append(told(trained(tmp_path / f"run-{''.join(names)}", {**data_of(folder), "format": "csv"})))
    assert found[0] == found[1]


def test_the_order_of_a_taxonomy_file_changes_the_order_alone(rows, tmp_path):
    """Techniques in another order: columns change their places, and nothing changes its meaning."""
    file = write_csv(tmp_path / "corpus.csv", rows)
    runs = []
    for name, order in (
        ("one", ["loaded_language", "us_vs_them", "appeal_to_threat"]),
        ("two", ["appeal_to_threat", "loaded_language", "us_vs_them"]),
    ):
        taxonomy = tmp_path / f"{name}.yaml"
        taxonomy.write_text(dump_yaml({"name": "own", "title": "Own", "techniques": order}))
        runs.append(trained(tmp_path / name, {**data_of(file), "taxonomy": str(taxonomy)}))
    one, two = runs
    assert one.inventory.ids != two.inventory.ids and one.identity != two.identity
    assert read_json(one.path / "split.json") == read_json(two.path / "split.json")
    thresholds = [dict(zip(run.inventory.ids, run.decision.thresholds, strict=True)) for run in runs]
    assert thresholds[0] == pytest.approx(thresholds[1])
    figures = [read_json(run.path / "metrics.json")["test"] for run in runs]
    for name, estimate in figures[0]["overall"].items():
        assert figures[1]["overall"][name]["value"] == pytest.approx(estimate["value"]), name
        assert figures[1]["overall"][name]["low"] == pytest.approx(estimate["low"]), name
    for technique, row in figures[0]["per_technique"].items():
        assert figures[1]["per_technique"][technique]["f1"]["value"] == pytest.approx(row["f1"]["value"])
    texts = [row["text"] for row in rows[:20]]
    for a, b in zip(one.predict(texts), two.predict(texts), strict=True):
        assert a["probabilities"] == pytest.approx(b["probabilities"])
        assert set(a["techniques"]) == set(b["techniques"])


@pytest.fixture(scope="module")
def fresh() -> Rows:
    """Rows that no checkpoint here has seen."""
    return rows_of(tiny.tiny_sentences(n_articles=10, seed=7, prefix="new"))


def both_orders(rows: Rows, folder: Path) -> list[Data]:
    files = (write_csv(folder / "one.csv", rows), write_csv(folder / "two.csv", shuffled(rows, seed=8)))
    return [Data.model_validate(data_of(file)) for file in files]


def test_evaluation_is_the_same(first, fresh, tmp_path):
    results = [evaluation_of(first, data=data).to_dict() for data in both_orders(fresh, tmp_path)]
    for result in results:
        assert result.pop("scoring")
    assert results[0] == results[1]


def test_comparison_is_the_same(first, rows, fresh, tmp_path):
    data = data_of(write_csv(tmp_path / "corpus.csv", rows))
    other = trained(tmp_path / "other", data, training={"l2": 0.05, "max_ngram": 1})
    results = [comparison_of([first, other], data=data).to_dict() for data in both_orders(fresh, tmp_path)]
    for result in results:
        for facts in result["checkpoints"].values():
            del facts["scoring_seconds"], facts["sentences_per_second"]
    assert results[0] == results[1]
    assert results[0]["pairs"][0]["changes"], "the two do differ"


def test_a_sentence_is_scored_alike_in_any_company(first, fresh):
    texts = [row["text"] for row in fresh]
    back = first.predict(texts[::-1])[::-1]
    assert back == first.predict(texts) == [first.predict(text)[0] for text in texts]
