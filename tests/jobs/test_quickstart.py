"""Quick start: where its output lands."""

from __future__ import annotations

from pathlib import Path

from spinscope.jobs import quickstart as room


def test_a_relative_folder_is_one_of_the_working_directory(tmp_path, monkeypatch):
    files = {}
    monkeypatch.setattr(room, "check", lambda config: 0)
    monkeypatch.setattr(room, "train", lambda config, **options: [])
    monkeypatch.setattr(room, "evaluate", lambda target, **options: files.update(options))
    monkeypatch.setattr(room, "score", lambda inputs, **options: files.update(options))
    monkeypatch.chdir(tmp_path)
    assert room.quickstart(out=Path("mine")) == 0
    assert files["json_file"] == tmp_path / "mine" / "evaluation.json"
    assert (files["out"], files["report"]) == (tmp_path / "mine" / "scores.jsonl", tmp_path / "mine" / "report.html")
