"""`check`: tables, JSON and exit codes on whole configurations."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
from rich.console import Console
from tiny import tiny_sentences, write_native

from spinscope.config import RunConfig, parse_config
from spinscope.data.corpora import native
from spinscope.errors import UserError
from spinscope.jobs.checking import check


def run(config: RunConfig, json_file: Path) -> tuple[int, str, dict]:
    stream = io.StringIO()
    code = check(config, json_file=json_file, console=Console(file=stream, width=160), tokenizer=lambda texts: [5] * len(texts))
    return code, stream.getvalue(), json.loads(json_file.read_text(encoding="utf-8"))


def config_of(path: Path, **data: object) -> RunConfig:
    return parse_config({"data": {"path": str(path), **data}})


def test_sound_data_passes(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", tiny_sentences())
    code, text, report = run(config_of(path), tmp_path / "r.json")
    assert code == 0 and "nothing blocks" in text and "loaded_language" in text
    assert report["blocked"] is False
    assert sum(split["n_sentences"] for split in report["splits"].values()) == 192


def test_a_base_without_a_pin_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    config = parse_config({"data": {"path": "nowhere.jsonl"}, "model": {"base": "bert-base-uncased"}})
    with pytest.raises(UserError, match=r"model\.revision is needed for the hub id 'bert-base-uncased'"):
        run(config, tmp_path / "r.json")


def test_unknown_labels_block_until_waived(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", tiny_sentences())
    with open(path, "a", encoding="utf-8") as stream:
        stream.write('{"article": "z", "text": "Odd one [bold]out[/bold].", "techniques": ["loaded_langage"]}\n')
    code, text, report = run(config_of(path), tmp_path / "r.json")
    assert code == 1 and "blocked: mend the data" in text and "did you mean 'loaded_language'?" in text
    assert [finding["name"] for finding in report["findings"] if finding["severity"] == "block"] == ["unknown_labels"]
    assert run(config_of(path, waive=["unknown_labels"]), tmp_path / "r.json")[0] == 0


def test_straddling_articles_and_leaks_are_findings_not_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [native.record_of(sentence) for sentence in tiny_sentences()]
    records[0]["split"], records[1]["split"] = "train", "test"
    for record in [dict(record) for record in records if record["article"] == "a003"]:
        records.append({**record, "article": "copy", "split": "test"})
        next(r for r in records if r["article"] == "a003" and r["index"] == record["index"])["split"] = "train"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    code, _, report = run(config_of(path, waive=["leaks"]), tmp_path / "r.json")
    severity = {finding["name"]: finding["severity"] for finding in report["findings"]}
    assert code == 1 and severity["articles_in_two_splits"] == "block" and severity["leaks"] == "warning"


def test_several_sources_are_counted(tmp_path: Path) -> None:
    one = write_native(tmp_path / "one.jsonl", tiny_sentences(n_articles=6))
    two = write_native(tmp_path / "two.jsonl", tiny_sentences(n_articles=4, seed=5, prefix="b"))
    config = parse_config({"data": {"sources": {"one": {"path": str(one)}, "two": {"path": str(two)}}}})
    _, text, report = run(config, tmp_path / "r.json")
    assert report["sources"] == {"one": 48, "two": 32} and "sources: one (48 sentences), two (32 sentences)" in text


def test_data_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        run(config_of(tmp_path / "gone.jsonl"), tmp_path / "r.json")


def test_the_order_of_lines_changes_no_report(tmp_path: Path) -> None:
    sentences = tiny_sentences()
    before = run(config_of(write_native(tmp_path / "a.jsonl", sentences)), tmp_path / "r.json")
    after = run(config_of(write_native(tmp_path / "b.jsonl", sentences[::-1])), tmp_path / "r.json")
    assert before == after


def test_the_smallest_difference_that_dev_and_test_can_resolve_is_stated(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", tiny_sentences(n_articles=60))
    _, text, report = run(config_of(path), tmp_path / "r.json")
    found, splits = report["resolution"], report["splits"]
    assert set(found) == {"assumed", "dev", "test"} and found["assumed"]["power"] == 0.8
    for part in ("dev", "test"):
        for name, row in found[part].items():
            assert row["n_articles"] == splits[part]["n_articles"]
            if name != "micro_f1":
                assert row["n_positives"] == report["techniques"][name][part]["n_positives"]
        assert found[part]["micro_f1"]["n_positives"] == sum(
            row["n_positives"] for name, row in found[part].items() if name != "micro_f1"
        )
    row = found["test"]["loaded_language"]
    points = math.ceil(100 * row["smallest_difference"])
    assert row["told"] == f"{row['n_articles']} articles, {row['n_positives']} positives: nothing under {points} points"
    assert row["told"] in text and "correlation 0.5 between systems" in " ".join(text.split())


def test_without_held_out_articles_there_is_nothing_to_resolve(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", tiny_sentences())
    _, text, report = run(config_of(path, split_by={"dev_fraction": 0.0, "test_fraction": 0.0}), tmp_path / "r.json")
    assert set(report["resolution"]) == {"assumed"} and "can be resolved" not in text
