"""tests/benchmarks/training.py on a tiny encoder: three sides on the same articles, clocks that leave checks out."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from spinscope.config import parse_config
from spinscope.data.encoding import PaddingCollator, token_windows
from spinscope.jobs.training import prepare
from spinscope.model.building import load_tokenizer

BENCHMARK = Path(__file__).parents[1] / "benchmarks/training.py"


@pytest.fixture(scope="module")
def bench():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("training_benchmark", BENCHMARK)
    module = sys.modules["training_benchmark"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured(bench, tiny_base, tmp_path_factory):
    """Config and figures of all sides, two seeds."""
    folder = tmp_path_factory.mktemp("bench")
    data = tiny.write_native(folder / "corpus.jsonl", tiny.tiny_sentences(n_articles=20))
    config = tiny.tiny_run(folder, data, kind="finetuned", base=tiny_base, training={"batch_size": 8})
    prepared = prepare(config)
    parts = bench.parts_of(prepared, 0.8)
    parts["dev"] = parts["dev"][1:]  # dev and test are not of one size
    return config, bench.measured(config, prepared, parts, [1, 2], list(bench.SIDES))


@pytest.mark.slow
def test_all_sides_make_the_same_epochs_and_are_held_against_the_padded_one(bench, measured):
    _, facts = measured
    assert set(facts["sides"]) == {"spinscope", "padded", "stock"}
    for side in facts["sides"].values():
        steps = [check["step"] for check in side["checks"]]
        assert len(steps) == bench.CHECKS and steps == sorted(set(steps))
        assert all(later["seconds"] > check["seconds"] > 0 for check, later in zip(side["checks"], side["checks"][1:], strict=False))
    last = facts["padded_last"]
    assert facts["sides"]["padded"]["reached"]["step"] <= last["step"]
    assert facts["sides"]["spinscope"]["spinscope_minus"]["micro_f1"]["difference"] == 0
    gap = facts["sides"]["stock"]["spinscope_minus"]["macro_average_precision"]
    held = [facts["sides"][name]["held_out"]["macro_average_precision"] for name in ("stock", "spinscope")]
    assert gap["difference"] == pytest.approx(held[1] - held[0]) and gap["low"] <= gap["difference"] <= gap["high"]
    assert "minus stock" in "\n".join(bench.lines(facts))


def test_the_padded_side_pads_every_batch_in_full(bench, tiny_base):
    tokenizer = load_tokenizer(parse_config({"model": {"base": str(tiny_base)}}).model)
    windows = token_windows(tokenizer, ["the council met", "the budget office report"], ["", ""], max_tokens=48)
    collator = type("Collator", (bench.FullLengthCollator,), {"max_tokens": 48})(tokenizer)
    batch = collator([one[0] for one in windows])
    assert batch["input_ids"].shape == (2, 48)
    assert batch["attention_mask"].sum(dim=1).tolist() == [len(one[0]["input_ids"]) for one in windows]


def test_dev_is_batched_without_that_padding(bench, tiny_base):
    tokenizer = load_tokenizer(parse_config({"model": {"base": str(tiny_base)}}).model)
    trainer = SimpleNamespace(processing_class=tokenizer, data_collator="in full")
    assert bench.unpadded(trainer, of_trainer=lambda one, dataset: type(one.data_collator)) is PaddingCollator
    assert trainer.data_collator == "in full"


def test_the_dev_figure_is_reached_at_the_first_check_that_has_it(bench):
    checks = [bench.Check(step, float(step), 0.0, figure) for step, figure in ((1, 0.2), (2, 0.5), (3, 0.4))]
    assert bench.first_at(checks, 0.4).step == 2
    assert bench.first_at(checks, 0.6) is None


def test_the_padded_side_has_nothing_of_what_makes_training_fast(bench, monkeypatch):
    seen = []
    monkeypatch.setattr(bench, "own", lambda config, *_: seen.append(config.training))
    bench.padded(parse_config({"training": {"tokens_at_once": 256, "epochs": 2.0}}), None, {}, 1)
    (training,) = seen
    assert (training.precision, training.length_grouped, training.tokens_at_once) == ("fp32", False, None)
    assert training.epochs == 2.0
