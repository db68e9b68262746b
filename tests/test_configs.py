"""Configurations: every shipped one is read, every key is described, and what cannot be right is refused by name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from spinscope.config import Columns, Data, RunConfig, Source, config_name, parse_config, read_config
from spinscope.data.corpora.loading import OWN_INVENTORIES
from spinscope.errors import UserError
from spinscope.files import parse_yaml, read_yaml
from spinscope.taxonomy import inventory

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(path for path in (ROOT / "configs").glob("*.yaml") if path.stem != "gate")  # a gate is no run
SHIPPED = {
    "quickstart", "ptc", "semeval2021", "frozen", "tfidf", "multi_corpus", "roberta_base", "deberta_v3_base",
    "modernbert_base", "xlm_roberta_base",
}  # fmt: skip
TEXTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "models/README.md",
    *sorted(ROOT.glob("data/*.md")),
    *CONFIGS,
]
BLOCKS = ("data", "model", "training", "evaluation", "tracking")


def blocks(model: type[BaseModel] = RunConfig) -> Iterator[type[BaseModel]]:
    """The model and every model among its fields."""
    yield model
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from blocks(kind)


def mistake(values: dict[str, Any], **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        parse_config(values, **options)
    return str(caught.value)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "run.yaml"
    file.write_text(text, encoding="utf-8")
    return file


# Shipped configurations


def test_they_are_there():
    assert {path.stem for path in CONFIGS} >= SHIPPED


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_is_read_and_names_inventories_that_exist(path):
    config = read_config(path)
    assert config_name(path, config) == path.stem
    target = inventory(config.data.taxonomy)
    assert target.ids
    for source in config.data.all_sources().values():
        assert source.path, "a shipped config says where its data lies"
        assert inventory(source.inventory or OWN_INVENTORIES.get(source.format) or config.data.taxonomy).ids
    assert path.read_text(encoding="utf-8").startswith("# "), "its first line says what it is for"


def stated(values: Any, defaults: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(dotted key, value, default) of every key that a config file states."""
    for key, value in values.items():
        default = defaults.get(key) if isinstance(defaults, dict) else None
        if isinstance(value, dict) and isinstance(default, dict):
            yield from stated(value, default or Source().model_dump(), f"{place}{key}.")
        else:
            yield f"{place}{key}", value, default


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_states_only_what_differs_from_the_defaults(path):
    same = [key for key, value, default in stated(read_yaml(path), RunConfig().model_dump()) if value == default]
    assert same == []


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_resolved_config_is_read_back_as_the_same(path, tmp_path):
    config = read_config(path)
    assert read_config(written(tmp_path, config.to_yaml())) == config


# What the texts say


def commands() -> list[tuple[str, list[str]]]:
    """Every `spinscope <verb> CONFIG.yaml ...` that a text of the project shows."""
    found = []
    for path in TEXTS:
        for line in path.read_text(encoding="utf-8").splitlines():
            for text in re.findall(r"spinscope (?:train|check|cross-validate) \S+\.yaml[^`#\n]*", line):
                found.append((str(path.relative_to(ROOT)), shlex.split(text.strip().rstrip(".,;:"))))
    return found


@pytest.mark.parametrize(("place", "words"), commands(), ids=lambda value: value if isinstance(value, str) else None)
def test_a_command_with_a_config_is_read_as_shown(place, words):
    config, options = words[2], words[3:]
    overrides = [word for word in options if "=" in word and not word.startswith("-")]
    assert (ROOT / config).is_file(), place
    read_config(ROOT / config, overrides)


def test_every_override_that_a_text_names_is_a_setting():
    named = set()
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        named |= set(
            re.findall(rf"(?<![\w./])((?:{'|'.join(BLOCKS)})\.[a-z_0-9]+(?:\.[a-z_0-9]+)*=[^\s`'\",;)]+)", text)
        )
    assert named, "the texts show overrides"
    for override in sorted(named):
        # Names of sources and values such as FOLDER stand for the reader's own; the key must exist.
        base = CONFIGS[0] if ".sources." not in override else ROOT / "configs" / "multi_corpus.yaml"
        read_config(base, [override.removesuffix(".")])


# Fields


@pytest.mark.parametrize(
    "block", sorted(set(blocks()), key=lambda block: block.__name__), ids=lambda block: block.__name__
)
def test_every_field_is_described(block):
    assert block.__doc__ and block.__doc__.strip().endswith(".")
    assert block.model_config["extra"] == "forbid" and block.model_config["strict"]
    for name, field in block.model_fields.items():
        if block is not RunConfig:
            assert field.description and field.description.endswith((".", ")")), f"{block.__name__}.{name}"
        assert field.default is not None or field.default_factory or type(None) in get_args(field.annotation), (
            f"{block.__name__}.{name} has no default"
        )


def test_the_defaults_alone_are_a_config():
    assert parse_config({}) == RunConfig()
    assert tuple(RunConfig.model_fields) == BLOCKS


def test_an_empty_file_is_the_defaults(tmp_path):
    assert read_config(written(tmp_path, "# nothing yet\n")) == RunConfig()


# Numbers and words of YAML 1.2


@pytest.mark.parametrize("number", ["2e-5", "2E-5", "2.0e-5", "2.e-5", "0.00002", ".00002", "+2e-5"])
def test_a_rate_is_a_number_however_it_is_written(tmp_path, number):
    """YAML 1.1 reads `2e-5` as a string."""
    config = read_config(written(tmp_path, f"training:\n  learning_rate: {number}\n"))
    assert config.training.learning_rate == pytest.approx(2e-5)
    again = read_config(written(tmp_path, ""), [f"training.learning_rate={number}"])
    assert again.training.learning_rate == config.training.learning_rate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-5", 2e-5), ("1e3", 1000.0), ("-1.5", -1.5), ("3", 3), ("no", "no"), ("on", "on"), ("yes", "yes"), ("off", "off"),
        ("true", True), ("False", False), ("2020-01-01", "2020-01-01"), ("1.2.3", "1.2.3"), ("e5", "e5"), ("1e", "1e"),
        ("null", None), ("~", None), ("'2e-5'", "2e-5"), (".inf", float("inf")), ("[no, 1e-2]", ["no", 0.01]),
    ],
)  # fmt: skip
def test_scalars(text, value):
    assert parse_yaml(text) == value and type(parse_yaml(text)) is type(value)


def test_a_whole_number_is_a_fine_float_and_true_is_none(tmp_path):
    assert parse_config({"training": {"epochs": 3}}).training.epochs == 3.0
    assert mistake({"training": {"epochs": True}}) == (
        "config: training.epochs is bool True\n  expected: a valid number (Passes over the training part)"
    )
    assert "training.batch_size is float 2.0" in mistake({"training": {"batch_size": 2.0}})
    assert "training.learning_rate is str '3e-5'" in mistake({"training": {"learning_rate": "3e-5"}})


def test_not_a_number_is_none():
    assert "training.learning_rate is float nan" in mistake({"training": {"learning_rate": float("nan")}})
    assert "training.weight_decay is float inf" in mistake({"training": {"weight_decay": float("inf")}})


# What is refused, and how


@pytest.mark.parametrize("block", BLOCKS)
def test_a_misspelt_key_gets_the_nearest_name(tmp_path, block):
    model = RunConfig.model_fields[block].annotation
    assert isinstance(model, type) and issubclass(model, BaseModel)
    name = max(model.model_fields, key=len)
    misspelt = name[:-1]
    file = written(tmp_path, f"# a comment\n{block}:\n  {misspelt}: 1\n")
    with pytest.raises(UserError) as caught:
        read_config(file)
    assert str(caught.value) == (
        f"{file}:3: unknown key '{block}.{misspelt}'\n  expected: a key of '{block}'\n  to mend: did you mean '{name}'?"
    )


def test_a_misspelt_block(tmp_path):
    file = written(tmp_path, "trainning:\n  epochs: 2\n")
    with pytest.raises(UserError) as caught:
        read_config(file)
    assert str(caught.value) == (
        f"{file}:1: unknown key 'trainning'\n"
        "  expected: a key of the config (data, model, training, evaluation, tracking)\n"
        "  to mend: did you mean 'training'?"
    )


def test_a_key_unlike_any_gets_them_all():
    assert "choose one of: name, output_dir, report_to." in mistake({"tracking": {"xyzzy": 1}})


def test_a_misspelt_key_of_a_source_and_of_its_columns(tmp_path):
    file = written(tmp_path, "data:\n  sources:\n    own:\n      path: x\n      columns:\n        lables: y\n")
    with pytest.raises(UserError) as caught:
        read_config(file)
    assert str(caught.value) == (
        f"{file}:6: unknown key 'data.sources.own.columns.lables'\n"
        "  expected: a key of 'data.sources.own.columns'\n  to mend: did you mean 'labels'?"
    )


def test_a_mistake_on_the_command_line_is_said_to_be_there(tmp_path):
    file = written(tmp_path, "training:\n  epochs: 2\n")
    for override, expected in (
        ("training.epoch=3", "command line: unknown key 'training.epoch'"),
        ("training.epochs=many", "command line: training.epochs is str 'many'"),
        ("training.epochs", "command line: 'training.epochs'"),
        ("=3", "command line: '=3'"),
        ("training.epochs.more=3", "command line: 'training.epochs.more' goes into a value that is not a block"),
        ("data.columns.labels=[", "command line, data.columns.labels:1:2: not YAML"),
    ):
        with pytest.raises(UserError) as caught:
            read_config(file, [override])
        assert str(caught.value).startswith(expected), override


def test_the_command_line_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    file = written(tmp_path, "training:\n  epochs: 2\n  batch_size: 8\n")
    config = read_config(file, ["training.epochs=5", "data.columns.labels=null", "data.taxonomy=[core, ptc-14]"])
    assert (config.training.epochs, config.training.batch_size, config.training.seed) == (5.0, 8, 13)
    assert config.data.columns.labels is None and config.data.taxonomy == ["core", "ptc-14"]
    assert read_config(file, ["training.epochs=5", "training.epochs=7"]).training.epochs == 7.0


def test_several_mistakes_are_told_at_once(tmp_path):
    file = written(tmp_path, "training:\n  epochs: -1\n  loss: hinge\nmodell: {}\n")
    with pytest.raises(UserError) as caught:
        read_config(file)
    told = str(caught.value)
    assert (
        f"{file}:2: training.epochs is float -1.0\n  expected: greater than 0 (Passes over the training part)" in told
    )
    assert f"{file}:3: training.loss is str 'hinge'\n  expected: 'bce', 'focal' or 'asymmetric'" in told
    assert f"{file}:4: unknown key 'modell'" in told


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"data": {"split_by": {"dev_fraction": 0.5, "test_fraction": 0.5}}},
            "config: data.split_by: dev_fraction + test_fraction must stay below 1, else nothing is left to train on",
        ),
        (
            {"data": {"path": "x", "sources": {"own": {"path": "y"}}}},
            "config: data: give either path or sources, not both",
        ),
    ],
)
def test_impossible_combinations(values, expected):
    assert mistake(values) == expected


@pytest.mark.parametrize("revision", ["main", "v1.0", "0123abc", "g" * 40, "0" * 41, ""])
def test_a_revision_is_a_whole_commit(revision):
    told = f"'{revision}' is no commit of 40 hexadecimal digits (a branch or a tag may move)"
    assert mistake({"model": {"base": "someone/model", "revision": revision}}) == f"config: model.revision: {told}"
    assert mistake({"data": {"path": "someone/data", "revision": revision}}) == f"config: data.revision: {told}"
    assert parse_config({"model": {"base": "someone/model", "revision": "0123456789abcdef" * 2 + "01234567"}})


def test_a_config_is_read_the_same_wherever_it_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_config({"model": {"base": "bases/mybert"}}).model.base == "bases/mybert"


def test_a_key_that_stands_twice(tmp_path):
    file = written(tmp_path, "training:\n  epochs: 2\n  epochs: 3\n")
    with pytest.raises(UserError) as caught:
        read_config(file)
    assert str(caught.value) == (
        f"{file}:3: key 'epochs' stands twice, first on line 2\n  expected: each key once\n  to mend: remove one of them."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "- a\n- b\n",
            ": a YAML list\n  expected: a mapping with the blocks data, model, training, evaluation, tracking",
        ),
        ("training: [\n", ":2:1: not YAML"),
        ("training:\n\tepochs: 2\n", ":2:1: not YAML"),
        ("training: fast\n", ":1: training is str 'fast'"),
    ],
)
def test_files_that_are_no_config(tmp_path, text, expected):
    file = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_config(file)
    assert str(caught.value).startswith(f"{file}{expected}")


def test_checkpoint_names_are_names():
    assert parse_config({"tracking": {"name": "ptc-14_v2.1"}}).tracking.name == "ptc-14_v2.1"
    for name in ("../up", "a/b", ".hidden", "", "-x", "a b"):
        assert f"tracking.name is str '{name}'" in mistake({"tracking": {"name": name}})


def test_a_single_source_keeps_every_setting_of_its_own():
    data = Data(
        path="x",
        format="csv",
        inventory="ptc-14",
        columns=Columns(text="body"),
        subtask=2,
        split="dev",
        revision="0" * 40,
    )
    assert data.all_sources() == {
        "": Source(
            path="x",
            format="csv",
            inventory="ptc-14",
            columns=Columns(text="body"),
            subtask=2,
            split="dev",
            revision="0" * 40,
        )
    }
