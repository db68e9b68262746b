import os
import stat

import pytest

from spinscope.errors import UserError
from spinscope.files import atomic_directory, parse_yaml, read_jsonl, read_text, write_text, yaml_lines


def test_yaml_numbers_are_those_of_yaml_1_2():
    values = parse_yaml("a: 2e-5\nb: 1.5\nc: 12\nd: no\ne: on\nf: 2024-01-01\ng: true\nh: .5\ni: 1e3\nj: 012")
    assert values == {
        "a": 2e-5,
        "b": 1.5,
        "c": 12,
        "d": "no",
        "e": "on",
        "f": "2024-01-01",
        "g": True,
        "h": 0.5,
        "i": 1000.0,
        "j": values["j"],
    }
    assert isinstance(values["a"], float) and isinstance(values["c"], int)


def test_a_key_given_twice_is_refused_with_both_lines():
    with pytest.raises(UserError) as error:
        parse_yaml("training:\n  epochs: 2\n  seed: 1\n  epochs: 3\n", where="run.yaml")
    assert str(error.value).startswith("run.yaml:4: key 'epochs' stands twice, first on line 2")


@pytest.mark.parametrize("value", ["{{DATA}}", "{[a, b]: c}", "[{{A: 1}: 2}]"])
def test_a_key_that_is_no_name_is_refused_with_its_line(value):
    with pytest.raises(UserError) as error:
        parse_yaml(f"data:\n  path: {value}\n", where="run.yaml")
    assert str(error.value).startswith("run.yaml:2: a key in brackets\n  expected: a name before the colon")


def test_lines_of_keys():
    assert yaml_lines("a:\n  b: 1\n  c: [x, y]\n") == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", "0"): 3,
        ("a", "c", "1"): 3,
    }


def test_latin_1_is_named_with_its_offset(tmp_path):
    (tmp_path / "a.txt").write_bytes("caf\xe9".encode("latin-1"))
    with pytest.raises(UserError, match="byte 0xe9 at offset 3 is not UTF-8"):
        read_text(tmp_path / "a.txt")


def test_jsonl_ends_lines_at_newlines_only(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "one\u2028two"}\n\n{"text": "three"}\n', encoding="utf-8")
    assert [(n, r["text"]) for n, r in read_jsonl(tmp_path / "a.jsonl")] == [(1, "one\u2028two"), (3, "three")]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_text(tmp_path / "a.txt", "old")
    monkeypatch.setattr(os, "replace", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_text(tmp_path / "a.txt", "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "folder"
    with atomic_directory(target) as partial:
        (partial / "a").write_text("1")
        (partial / "a").chmod(0o600)
        assert not target.exists()
    assert stat.S_IMODE((target / "a").stat().st_mode) & 0o044, "others may read it"
    with pytest.raises(ZeroDivisionError), atomic_directory(target) as partial:
        (partial / "a").write_text("2")
        1 / 0  # noqa: B018
    assert (target / "a").read_text() == "1" and [p.name for p in target.parent.iterdir()] == ["folder"]
