"""Trackers get the run and, in the same run, the figures of metrics.json; what cannot be is said before training."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tiny
from rich.console import Console
from transformers import TrainerCallback
from transformers.integrations import integration_utils

from spinscope.errors import UserError
from spinscope.files import read_json
from spinscope.jobs.evaluation import evaluate
from spinscope.jobs.training import train
from spinscope.model.trackers import TENSORBOARD_FOLDER, TrackerRelay, final_figures, tracker_callbacks


@pytest.fixture
def corpus(tmp_path) -> Path:
    return tiny.write_native(tmp_path / "corpus.jsonl", tiny.tiny_sentences(n_articles=20))


class Recorder(TrainerCallback):
    """A tracker that writes down what it is told."""

    made: list[Recorder] = []  # noqa: RUF012

    def __init__(self):
        self.events: list[tuple[str, object]] = []
        Recorder.made.append(self)

    def on_train_begin(self, args, state, control, **kwargs):
        self.events.append(("begin", args.run_name))

    def on_log(self, args, state, control, logs=None, **kwargs):
        self.events.append(("log", dict(logs)))

    def on_train_end(self, args, state, control, **kwargs):
        self.events.append(("end", state.global_step))


@pytest.fixture
def recorder(monkeypatch):
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "mlflow", Recorder)
    Recorder.made.clear()
    return Recorder.made


def written(folder: Path) -> dict[str, list[float]]:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return {tag: [item.value for item in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_tensorboard_reads_the_figures_of_metrics_json_back(tmp_path, corpus):
    config = tiny.tiny_run(tmp_path, corpus, tracking={"report_to": ["tensorboard"]})
    target = train(config, name="run")[0]
    found, metrics = written(target.parent / TENSORBOARD_FOLDER / "run"), read_json(target / "metrics.json")
    for split, tag in (("dev", "eval/final_"), ("test", "test/")):
        for name, one in metrics[split]["overall"].items():
            assert found[f"{tag}{name}"] == pytest.approx([one["value"]]), name
            assert found[f"{tag}{name}_low"] == pytest.approx([one["low"]])
        for technique, row in metrics[split]["per_technique"].items():
            assert found[f"{tag}{technique}_f1"] == pytest.approx([row["f1"]["value"]])
            assert found[f"{tag}{technique}_n_positives"] == [row["n_positives"]]


def test_a_finetuned_run_is_one_run_that_ends_after_the_final_figures(tmp_path, corpus, tiny_base, recorder):
    config = tiny.tiny_run(tmp_path, corpus, kind="finetuned", base=tiny_base, tracking={"report_to": ["mlflow"]})
    target = train(config, name="deep")[0]
    events = recorder[-1].events
    kinds = [kind for kind, _ in events]
    assert (
        kinds[0] == "begin" and kinds.count("begin") == 1 and kinds[-2:] == ["log", "end"] and kinds.count("end") == 1
    )
    assert events[0][1] == "deep"
    assert any("eval_loss" in logs for kind, logs in events if kind == "log"), "what Trainer logs is passed on"
    metrics = read_json(target / "metrics.json")
    assert events[-2][1] == final_figures(metrics)
    assert events[-2][1]["test_micro_f1"] == metrics["test"]["overall"]["micro_f1"]["value"]
    assert events[-1][1] > 0
    told = [made for made in recorder if made.events]
    assert len(told) == 1, "Trainer makes no tracker of its own beside it"


def test_evaluation_tells_trackers_the_figures_under_the_names_of_training(tmp_path, corpus, recorder):
    target = train(tiny.tiny_run(tmp_path, corpus), name="plain")[0]
    assert not recorder, "nobody asked"
    metrics, file = read_json(target / "metrics.json"), tmp_path / "evaluation.json"
    evaluate(target, report_to=["mlflow"], json_file=file, console=Console(quiet=True))
    assert [kind for kind, _ in recorder[-1].events] == ["begin", "log", "end"]
    assert recorder[-1].events[0][1] == "plain-evaluation"
    assert recorder[-1].events[1][1] == final_figures({"test": read_json(file)["metrics"]})
    trained = final_figures({"test": metrics["test"]})
    assert {name: recorder[-1].events[1][1][name] for name in trained} == pytest.approx(trained)
    with pytest.raises(UserError, match="no tracker 'mlfow'"):
        evaluate(target, report_to=["mlfow"], console=Console(quiet=True))


def test_several_seeds_are_several_runs(tmp_path, corpus, recorder):
    config = tiny.tiny_run(tmp_path, corpus, tracking={"report_to": ["mlflow"]}, training={"n_seeds": 2})
    train(config, name="plain")
    told = [made.events for made in recorder if made.events]
    assert [events[0] for events in told] == [("begin", "plain-seed13"), ("begin", "plain-seed14")]


@pytest.mark.parametrize("kind", ["tfidf", "finetuned"])
def test_an_unknown_tracker_is_a_mistake_before_anything_is_read(tmp_path, kind):
    config = tiny.tiny_run(tmp_path, tmp_path / "none.jsonl", kind=kind, tracking={"report_to": ["tensorbord"]})
    with pytest.raises(
        UserError, match=r"tracking.report_to: no tracker 'tensorbord'[\s\S]*did you mean 'tensorboard'"
    ):
        train(config, name="run")


def test_a_missing_library_is_a_mistake_that_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(integration_utils, "is_trackio_available", lambda: False)
    config = tiny.tiny_run(tmp_path, tmp_path / "none.jsonl", tracking={"report_to": ["trackio"]})
    with pytest.raises(UserError, match=r"'trackio' is not installed[\s\S]*pip install 'spinscope\[trackio\]'"):
        train(config, name="run")
    assert not list(tmp_path.glob("models/*"))


def test_nothing_is_loaded_where_nothing_is_asked_for(tmp_path):
    assert tracker_callbacks([]) == []
    relay = TrackerRelay([], run_name="x", output_dir=tmp_path)
    relay.finish({"test_micro_f1": 1.0})
    assert "mlflow" not in sys.modules or not list(tmp_path.iterdir())


def test_undefined_figures_are_left_out():
    part = {
        "overall": {"a": {"value": 0.5, "low": None, "high": 0.7}, "b": {"value": None, "low": None, "high": None}},
        "per_technique": {"x": {"f1": {"value": 0.25}, "n_positives": 3}},
    }
    assert final_figures({"dev": part}) == {
        "eval_final_a": 0.5, "eval_final_a_high": 0.7, "eval_final_x_f1": 0.25, "eval_final_x_n_positives": 3.0,
    }  # fmt: skip
