"""A run killed at any moment, resumed, ends with the weights of an uninterrupted run, to the bit."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny import tiny_sentences, write_native

SOURCE = Path(__file__).parents[2] / "train"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_native(tmp_path_factory.mktemp("corpus") / "core.jsonl", tiny_sentences(n_articles=30, n_each=10))


def config_file(folder, corpus, tiny_base):
    text = f"""
data: {{path: {corpus}, format: native, taxonomy: core}}
model: {{base: {tiny_base}, max_tokens: 32}}
training: {{epochs: 4, batch_size: 8, learning_rate: 1e-3, precision: fp32, save_steps: 7}}
evaluation: {{n_resamples: 100}}
tracking: {{output_dir: {folder}/models}}
"""
    (folder / "run.yaml").write_text(text)
    return folder / "run.yaml"


def start(config, *options, threads=1):
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "spinscope", "train", str(config), *options]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return errors


def weights(folder):
    return hashlib.sha256((folder / "models" / "run" / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def reference(tmp_path_factory, corpus, tiny_base):
    folder = tmp_path_factory.mktemp("reference")
    finish(start(config_file(folder, corpus, tiny_base)))
    return weights(folder)


def kill_when(process, ready, *, delay=0.0, timeout=120):
    end = time.monotonic() + timeout
    while not ready() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_within_an_epoch(tmp_path, corpus, tiny_base, reference):
    config = config_file(tmp_path, corpus, tiny_base)
    state = tmp_path / "models" / ".run.run"
    # Steps 14 and 42 lie within an epoch: batches already seen must not come again.
    kill_when(start(config), lambda: (state / "checkpoint-14" / "state-complete").exists())
    assert not (tmp_path / "models" / "run").exists(), "the run was to be killed before it ended"
    refused = start(config)
    _, errors = refused.communicate()
    assert refused.returncode == 2 and "an unfinished run of this name stands already" in errors
    finish(start(config, "--resume"))
    assert weights(tmp_path) == reference
    assert not state.exists()
    assert "finished already" in finish(start(config, "--resume"))


@pytest.mark.slow
def test_killed_while_a_state_is_being_written(tmp_path, corpus, tiny_base, reference):
    config = config_file(tmp_path, corpus, tiny_base)
    state = tmp_path / "models" / ".run.run"
    half = state / "checkpoint-21"
    kill_when(start(config), lambda: half.exists())
    finish(start(config, "--resume"))
    assert weights(tmp_path) == reference


def test_a_state_without_its_mark_is_not_gone_on_from(tmp_path):
    from spinscope.model.fitting import last_whole_state

    for step, whole in ((7, True), (14, True), (21, False)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if whole:
            (tmp_path / f"checkpoint-{step}" / "state-complete").write_text("{}")
    assert last_whole_state(tmp_path) == tmp_path / "checkpoint-14"
    assert not (tmp_path / "checkpoint-21").exists()


def test_another_config_may_not_go_on(tmp_path, corpus, tiny_base):
    config = config_file(tmp_path, corpus, tiny_base)
    state = tmp_path / "models" / ".run.run"
    kill_when(start(config), lambda: (state / "run.json").exists(), delay=0.1)
    process = start(config, "training.learning_rate=2e-3", "--resume")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert errors.strip().splitlines()[-3:] == [
        f"error: {state}: config changed since the run was interrupted",
        "  expected: the same config, data, taxonomy and seed",
        "  to mend: restore them, or pass --overwrite instead of --resume to begin afresh.",
    ]


@pytest.mark.slow
def test_killed_at_random_moments_also_while_the_checkpoint_is_written(tmp_path, corpus, tiny_base, reference):
    seed = int(os.environ.get("SPINSCOPE_KILL_SEED", "1"))
    chance = random.Random(seed)
    print(f"SPINSCOPE_KILL_SEED={seed}")
    config = config_file(tmp_path, corpus, tiny_base)
    models = tmp_path / "models"
    partial = lambda: any(models.glob(".run.*.partial"))  # noqa: E731
    moments = [(partial, 0.0), (partial, chance.uniform(0, 0.05))]
    moments += [(lambda: (models / ".run.run" / "run.json").exists(), chance.uniform(0, 8)) for _ in range(4)]
    for ready, delay in moments:
        process = start(config, "--resume")
        kill_when(process, ready, delay=delay)
        if (models / "run").exists():
            from spinscope.model.checkpoint import open_checkpoint

            open_checkpoint(models / "run")
    finish(start(config, "--resume"))
    assert weights(tmp_path) == reference


@pytest.mark.slow
def test_to_the_bit_also_in_bf16_with_two_threads(tmp_path, corpus, tiny_base):
    """What `precision: auto` picks on a processor that declares bf16, with as many threads as the quick start has."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
    options = ("training.precision=bf16",)
    finish(start(config_file(whole, corpus, tiny_base), *options, threads=2))
    config = config_file(cut, corpus, tiny_base)
    state = cut / "models" / ".run.run"
    kill_when(start(config, *options, threads=2), lambda: (state / "checkpoint-14" / "state-complete").exists())
    assert not (cut / "models" / "run").exists(), "the run was to be killed before it ended"
    finish(start(config, *options, "--resume", threads=2))
    assert weights(cut) == weights(whole)
