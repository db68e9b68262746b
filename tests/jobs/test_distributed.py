"""`torchrun` with two processes on the CPU: half the steps, one checkpoint, the same figures on both."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import tiny_sentences, write_native

from spinscope.files import read_json, read_jsonl
from spinscope.model.checkpoint import open_checkpoint, verify

SOURCE = Path(__file__).parents[2] / "train"
TIMING = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second")


@pytest.fixture(scope="module")
def config(tmp_path_factory, tiny_base):
    folder = tmp_path_factory.mktemp("distributed")
    corpus = write_native(folder / "corpus.jsonl", tiny_sentences(n_articles=24))
    text = f"""
data: {{path: {corpus}, format: native, taxonomy: core}}
model: {{base: {tiny_base}, max_tokens: 32}}
training: {{epochs: 2, batch_size: 8, learning_rate: 1e-3, precision: fp32}}
evaluation: {{n_resamples: 100}}
"""
    (folder / "run.yaml").write_text(text)
    return folder / "run.yaml"


def run(config, output, *, processes, verb=("train",), options=()):
    """Runs spinscope under torchrun, or alone, and returns the finished process."""
    launcher = ["-m", "torch.distributed.run", "--nproc_per_node", str(processes), "--standalone"]
    command = [sys.executable, *(launcher if processes > 1 else []), "-m", "spinscope", *verb, str(config)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*command, f"tracking.output_dir={output}", *options],
        env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def log_of(folder):
    return [entry for _, entry in read_jsonl(folder / "log.jsonl")]


@pytest.fixture(scope="module")
def alone(config, tmp_path_factory):
    output = tmp_path_factory.mktemp("alone")
    run(config, output, processes=1)
    return output / "run"


@pytest.fixture(scope="module")
def together(config, tmp_path_factory):
    output = tmp_path_factory.mktemp("together")
    return output / "run", run(config, output, processes=2)


@pytest.mark.slow
def test_two_processes_take_half_the_steps_and_write_one_checkpoint(alone, together):
    folder, _ = together
    steps = [max(entry["step"] for entry in log_of(one)) for one in (alone, folder)]
    an_epoch = steps[0] // 2
    assert steps[1] == 2 * ((an_epoch + 1) // 2), "two epochs, each of half the batches, the odd one shared out"
    assert verify(alone)["training"]["world_size"] == 1
    assert verify(folder)["training"]["world_size"] == 2
    assert [path.name for path in folder.parent.iterdir()] == ["run"], "one checkpoint, and nothing left beside it"
    probabilities = open_checkpoint(folder).predict("A vile plan of outsiders.")[0]["probabilities"]
    assert all(0 < value < 1 for value in probabilities.values())


@pytest.mark.slow
def test_both_processes_have_the_same_dev_figures(together):
    folder, done = together
    (told,) = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert (told["rank"], told["world_size"]) == (1, 2)
    last = [entry for entry in log_of(folder) if "eval_loss" in entry][-1]
    assert told["dev"] == {name: value for name, value in last.items() if name not in TIMING}
    assert told["dev"]["eval_macro_average_precision"] > 0


@pytest.mark.slow
def test_only_the_first_process_speaks(together):
    _, done = together
    assert done.stderr.count("checkpoint written:") == 1
    assert done.stderr.count("sentences to train on") == 1


@pytest.mark.slow
def test_the_same_command_twice_gives_the_same_weights(config, together, tmp_path):
    run(config, tmp_path, processes=2)
    assert open_checkpoint(tmp_path / "run").identity == open_checkpoint(together[0]).identity


@pytest.mark.slow
def test_a_finished_run_is_left_alone_by_both(config, together):
    folder, _ = together
    before = (folder / "manifest.json").read_bytes()
    done = run(config, folder.parent, processes=2, options=["--resume"])
    assert done.stderr.count("is finished already") == 1
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.slow
def test_a_model_without_a_trainer_is_written_once_too(config, tmp_path):
    run(config, tmp_path, processes=2, options=["model.kind=tfidf"])
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert set(read_json(tmp_path / "run" / "metrics.json")) == {"dev", "test"}


@pytest.mark.slow
def test_the_processes_part_before_the_interpreter_is_torn_down(tmp_path):
    # What is registered first runs last at exit.
    script = """
import atexit, os
from pathlib import Path
import torch

def tell():
    Path(os.environ["OUT"], os.environ["RANK"]).write_text(str(torch.distributed.is_initialized()))

atexit.register(tell)
from spinscope.jobs.processes import first_decides
assert first_decides(lambda: "so") == "so" and first_decides(lambda: "and") == "and"
assert torch.distributed.is_initialized()
"""
    (tmp_path / "two.py").write_text(script)
    launcher = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone", str(tmp_path / "two.py")]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", "OUT": str(tmp_path)}
    done = subprocess.run([sys.executable, *launcher], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / rank).read_text() for rank in "01"] == ["False", "False"]
