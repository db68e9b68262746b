import pytest
from tiny import tiny_run, tiny_sentences, write_native

from spinscope.config import parse_config
from spinscope.errors import UserError
from spinscope.files import write_json
from spinscope.jobs.training import train
from spinscope.model import fitting
from spinscope.model.callbacks import BestWeights


def checks(*figures):
    return [{"step": 10 * n, "eval_loss": 0.5, "eval_micro_f1": value} for n, value in enumerate(figures, start=1)]


def test_the_first_of_the_best_checks_wins_and_patience_counts_from_it(tmp_path):
    keeper = BestWeights(tmp_path, "micro_f1", 2)
    assert keeper.best_step(checks(0.2, 0.4, 0.4, 0.1)) == 20
    assert not keeper.is_spent(checks(0.2, 0.4, 0.4)) and keeper.is_spent(checks(0.2, 0.4, 0.4, 0.1))
    assert not BestWeights(tmp_path, "micro_f1", None).is_spent(checks(0.5, 0.1, 0.1, 0.1))


def test_a_metric_that_dev_does_not_define_is_refused(tmp_path):
    with pytest.raises(UserError, match="'macro_f1' is undefined on dev"):
        BestWeights(tmp_path, "macro_f1", None).best_step(checks(0.2))


def test_a_run_killed_after_its_early_stop_does_not_train_on(tmp_path, tiny_base, monkeypatch):
    corpus = write_native(tmp_path / "c.jsonl", tiny_sentences(n_articles=20))
    training = {"epochs": 6.0, "early_stopping_patience": 1, "learning_rate": 1e-6}
    config = tiny_run(tmp_path, corpus, kind="finetuned", base=tiny_base, training=training)
    monkeypatch.setattr("spinscope.jobs.training.save_run", lambda *a, **k: 1 / 0)  # killed when all is trained
    with pytest.raises(ZeroDivisionError):
        train(config, name="stopped")
    state = tmp_path / "models" / ".stopped.run"
    before = sorted(folder.name for folder in state.glob("checkpoint-*"))
    monkeypatch.undo()
    monkeypatch.setattr(fitting.Trainer, "train", lambda *a, **k: pytest.fail("trained on"))
    (saved,) = train(config, name="stopped", resume=True)
    assert before and (saved / "manifest.json").is_file() and not state.exists()


def test_a_figure_that_overflowed_is_none_in_the_log():
    assert fitting._finite([{"grad_norm": float("inf"), "loss": 1.0, "step": 3}]) == [{"grad_norm": None, "loss": 1.0, "step": 3}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_grad_norm": "many"}, "training.trainer.max_grad_norm is str 'many'"),
        ({"optim": "adafactor"}, "training.trainer.optim"),
        ({"fsdp": "full_shard"}, "training.trainer.fsdp"),
        ({"lr_scheduler_type": "sideways"}, "transformers refuses it"),
        ({"max_grad_nrom": 1.0}, "did you mean 'max_grad_norm'?"),
    ],
)
def test_what_the_trainer_cannot_take_is_refused_before_anything_loads(arguments, message):
    with pytest.raises(UserError) as error:
        fitting.check_trainer_arguments(parse_config({"training": {"trainer": arguments}}))
    assert message in str(error.value)


def test_precision_is_pinned_by_the_first_start_and_kept_on_resume(tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "declared_precision", lambda wish: "bf16")
    assert fitting._pinned_precision("auto", tmp_path, resume=False) == "bf16"
    monkeypatch.setattr(fitting, "declared_precision", lambda wish: "fp32")
    assert fitting._pinned_precision("auto", tmp_path, resume=True) == "bf16"
    assert fitting._pinned_precision("auto", tmp_path, resume=False) == "fp32"


def test_what_killed_writes_left_is_swept_and_what_was_moved_aside_comes_back(tmp_path):
    from spinscope.files import sweep_leftovers

    (tmp_path / ".one.x.partial").mkdir()
    (tmp_path / ".one.y.old" / "replaced").mkdir(parents=True)
    write_json(tmp_path / ".one.y.old" / "replaced" / "manifest.json", {})
    sweep_leftovers(tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"] and (tmp_path / "one" / "manifest.json").is_file()


def test_a_spoilt_checkpoint_does_not_stop_what_shall_replace_it(tmp_path):
    corpus = write_native(tmp_path / "c.jsonl", tiny_sentences(n_articles=20))
    config = tiny_run(tmp_path, corpus, kind="tfidf")
    (saved,) = train(config, name="one")
    (saved / "vocabulary.json").write_text("{}")
    with pytest.raises(UserError, match="altered since it was written"):
        train(config, name="one", resume=True)
    assert train(config, name="one", resume=True, overwrite=True) == [saved]
    assert train(config, name="one", resume=True) == [saved]


def test_layers_further_down_learn_slower(tiny_base):
    from spinscope.config import parse_config
    from spinscope.model.building import build_classifier
    from spinscope.model.optimizing import build_optimizer
    from spinscope.taxonomy import inventory

    config = parse_config(
        {"model": {"base": str(tiny_base), "max_tokens": 32}, "training": {"learning_rate": 1e-3, "layer_decay": 0.5}}
    )
    model = build_classifier(config.model, inventory("core"), seed=1)
    groups = build_optimizer(model, config).param_groups
    rate = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    assert len(rate) == len(list(model.parameters()))
    assert {rate[id(p)] for p in model.head.parameters()} == {1e-2}
    assert {rate[id(p)] for p in model.encoder.encoder.layer[1].parameters()} == {1e-3}
    assert {rate[id(p)] for p in model.encoder.encoder.layer[0].parameters()} == {5e-4}
    assert {rate[id(p)] for p in model.encoder.embeddings.parameters()} == {2.5e-4}
