"""The twelve likeliest mistakes, each on the command line: exit code 2, nothing done, one message, word for word."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import tiny

from spinscope import cli
from spinscope.files import dump_yaml
from spinscope.jobs.training import train
from spinscope.records import Sentence
from spinscope.taxonomy import inventory


@dataclass(frozen=True)
class Desk:
    """A folder to make a mistake in, and a sound checkpoint (a copy, free to be spoilt)."""

    folder: Path
    checkpoint: Path

    def config(self, text: str) -> Path:
        file = self.folder / "run.yaml"
        file.write_text(
            f"model: {{kind: tfidf}}\ntracking: {{output_dir: {self.folder}/models}}\n{text}", encoding="utf-8"
        )
        return file

    def native(self, name: str = "corpus.jsonl", sentences: list[Sentence] | None = None) -> Path:
        return tiny.write_native(self.folder / name, sentences or tiny.tiny_sentences(n_articles=12))


Mistake = tuple[list[object], str]
"""Arguments of the command line, and what it must answer."""


def misspelt_key(desk: Desk) -> Mistake:
    file = desk.config("training:\n  learning_rat: 2e-5\n")
    return ["train", file], (
        f"{file}:4: unknown key 'training.learning_rat'\n"
        "  expected: a key of 'training'\n"
        "  to mend: did you mean 'learning_rate'?"
    )


def wrong_type(desk: Desk) -> Mistake:
    file = desk.config("training:\n  batch_size: many\n")
    return ["train", file], (
        f"{file}:4: training.batch_size is str 'many'\n  expected: a valid integer (Sentences per device and step)"
    )


def missing_file(desk: Desk) -> Mistake:
    return ["train", desk.config("data: {path: corpsu.jsonl}\n")], (
        "corpsu.jsonl: no such file or folder\n  to mend: check the path."
    )


def empty_file(desk: Desk) -> Mistake:
    file = desk.folder / "corpus.jsonl"
    file.write_text("\n", encoding="utf-8")
    return ["check", desk.config(f"data: {{path: {file}}}\n")], (
        f"{file}: the file is empty\n  expected: one sentence record per line\n  to mend: check the path."
    )


def label_outside_taxonomy(desk: Desk) -> Mistake:
    file = desk.native()
    with open(file, "a", encoding="utf-8") as stream:
        stream.write('{"article": "z", "text": "One more.", "techniques": ["Loaded_Langage"]}\n')
    return ["train", desk.config(f"data: {{path: {file}}}\n")], (
        f"{file}:97: label 'Loaded_Langage' is not in the inventory 'core'\n"
        "  expected: a technique of the inventory, or one of its aliases\n"
        "  to mend: did you mean 'loaded_language'? If the source was annotated with another inventory, name it in "
        "data.inventory."
    )


def label_matrix_of_another_taxonomy(desk: Desk) -> Mistake:
    import pyarrow
    from pyarrow import parquet

    file = desk.folder / "corpus.parquet"
    rows = [[int(column == 3) for column in range(14)], [0] * 14]
    parquet.write_table(pyarrow.table({"article": ["a", "a"], "text": ["One.", "Two."], "labels": rows}), file)
    return ["train", desk.config(f"data: {{path: {file}}}\n")], (
        f"{file}: row 1: column 'labels' holds a row of 14 numbers, which name no techniques\n"
        "  expected: names of techniques of the inventory 'core' (3 techniques)\n"
        '  to mend: write the names of the techniques instead of the numbers, for example ["loaded_language"].'
    )


def checkpoint_with_the_taxonomy_of_another(desk: Desk) -> Mistake:
    """As above, but in a checkpoint: its parts come from two, and the manifest was made to agree."""
    text = dump_yaml(inventory("ptc-14").to_dict())
    (desk.checkpoint / "taxonomy.yaml").write_text(text, encoding="utf-8")
    manifest = json.loads((desk.checkpoint / "manifest.json").read_text())
    manifest["files"]["taxonomy.yaml"] = hashlib.sha256(text.encode()).hexdigest()
    (desk.checkpoint / "manifest.json").write_text(json.dumps(manifest))
    return ["evaluate", desk.checkpoint], (
        f"{desk.checkpoint}: a head with 3 techniques\n"
        "  expected: the 14 of taxonomy.yaml (appeal_to_authority, appeal_to_fear_prejudice, "
        "bandwagon_reductio_ad_hitlerum, ...)\n"
        "  to mend: weights and taxonomy come from different checkpoints: restore the folder."
    )


def checkpoint_half_written(desk: Desk) -> Mistake:
    (desk.checkpoint / "manifest.json").unlink()
    return ["evaluate", desk.checkpoint], (
        f"{desk.checkpoint}: no manifest.json: not a checkpoint, or one that was half written\n"
        "  expected: a folder that `spinscope train` wrote\n"
        "  to mend: copy it again, or train it again (with --resume where the run was cut off)."
    )


def checkpoint_altered_by_one_byte(desk: Desk) -> Mistake:
    file = desk.checkpoint / "model.safetensors"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    after = hashlib.sha256(data).hexdigest()
    sound = shutil.copytree(desk.checkpoint, desk.folder / "other")
    return ["compare", sound, desk.checkpoint], (
        f"{sound}/model.safetensors: altered since it was written: sha256 {after[:12]}...\n"
        f"  expected: sha256 {before[:12]}... (manifest.json)\n"
        "  to mend: restore the file, or use `spinscope tune` to change thresholds."
    )


def no_positives_in_dev(desk: Desk) -> Mistake:
    sentences = tiny.tiny_sentences(n_articles=12)
    dev = {"a000", "a001"}
    sentences = [replace(s, techniques=()) if s.article in dev else s for s in sentences]
    splits = desk.folder / "splits.json"
    splits.write_text(json.dumps({s.article: "dev" if s.article in dev else "train" for s in sentences}))
    file = desk.native(sentences=sentences)
    return ["train", desk.config(f"data: {{path: {file}, split_by: {{file: {splits}}}}}\n")], (
        "data.split_by: no positives in dev (16 sentences)\n"
        "  expected: at least one sentence with a technique, on which thresholds and calibration are fitted\n"
        "  to mend: enlarge data.split_by.dev_fraction, or set evaluation.thresholds=fixed and "
        "evaluation.calibration=none."
    )


def two_sources_with_clashing_splits(desk: Desk) -> Mistake:
    one = desk.native("one.jsonl")
    two = desk.native("two.jsonl", tiny.tiny_sentences(n_articles=12)[:8])
    config = desk.config(
        f"data:\n  sources:\n    one: {{path: {one}, split: train}}\n    two: {{path: {two}, split: test}}\n"
    )
    return ["check", config], (
        "data.sources: article 'a000' is in train by source 'one' and in test by source 'two'\n"
        "  expected: one split per article\n"
        "  to mend: give both sources the same split, or leave the article out of one."
    )


def csv_without_the_named_column(desk: Desk) -> Mistake:
    file = desk.folder / "corpus.csv"
    with open(file, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["article", "sentence", "labels"], ["a", "One.", ""]])
    return ["train", desk.config(f"data: {{path: {file}, columns: {{text: sentences}}}}\n")], (
        f"{file}: no column 'sentences'; the columns are: article, sentence, labels\n"
        "  expected: the column that data.columns.text names\n"
        "  to mend: did you mean 'sentence'? Name the right column in data.columns.text."
    )


def text_in_latin_1(desk: Desk) -> Mistake:
    file = desk.folder / "corpus.csv"
    file.write_bytes("article,text,labels\na,Un café.,\n".encode("latin-1"))
    return ["evaluate", desk.checkpoint, "--data", file, "--inventory", "core"], (
        f"{file}: byte 0xe9 at offset 28 is not UTF-8\n"
        "  expected: UTF-8 text\n"
        "  to mend: if the file is Latin-1: iconv -f latin1 -t utf8 OLD > NEW"
    )


MISTAKES: tuple[Callable[[Desk], Mistake], ...] = (
    misspelt_key, wrong_type, missing_file, empty_file, label_outside_taxonomy, label_matrix_of_another_taxonomy,
    checkpoint_with_the_taxonomy_of_another, checkpoint_half_written, checkpoint_altered_by_one_byte, no_positives_in_dev,
    two_sources_with_clashing_splits, csv_without_the_named_column, text_in_latin_1,
)  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    corpus = tiny.write_native(folder / "corpus.jsonl", tiny.tiny_sentences(n_articles=20))
    return train(tiny.tiny_run(folder, corpus), name="sound")[0]


@pytest.mark.parametrize("make", MISTAKES, ids=lambda make: make.__name__)
def test_a_mistake_is_told_once_and_nothing_is_done(make, sound, tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path, shutil.copytree(sound, tmp_path / "checkpoint"))
    arguments, expected = make(desk)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(sys, "argv", ["spinscope", *map(str, arguments)])
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert err[err.index("error: ") :] == f"error: {expected}\n"
    assert (out, err.count("error: "), err.count("Traceback")) == ("", 1, 0)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before, "nothing was written"
