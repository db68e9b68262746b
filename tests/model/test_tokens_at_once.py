"""`training.tokens_at_once`: a batch in parts of similar length has the gradient of the whole batch."""

import pytest
import torch
from tiny import tiny_run, tiny_sentences, write_native

from spinscope.config import parse_config
from spinscope.errors import UserError
from spinscope.jobs.training import train
from spinscope.model import fitting
from spinscope.model.architecture import TechniqueClassifier
from spinscope.model.building import build_classifier
from spinscope.taxonomy import inventory

LENGTHS = (3, 21, 8, 5, 20, 4, 13)


@pytest.fixture
def learner(tiny_base):
    """A classifier that learns, without dropout, and the calls that its encoder gets, as (n, longest)."""

    def make(pooling="mean"):
        config = parse_config({"model": {"base": str(tiny_base), "pooling": pooling, "max_tokens": 64}})
        model = build_classifier(config.model, inventory("core"), seed=5).train()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        calls = []
        model.encoder.register_forward_hook(
            lambda _, args, kwargs, out: calls.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
        )
        return model, calls

    return make


def batch(side="right"):
    """Seven sentences padded to the longest of them."""
    generator = torch.Generator().manual_seed(3)
    longest = max(LENGTHS)
    mask = torch.tensor([[column < n for column in range(longest)] for n in LENGTHS]).long()
    mask = mask.flip(1) if side == "left" else mask
    ids = torch.randint(5, 30, mask.shape, generator=generator) * mask
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.randint(0, 2, (len(LENGTHS), 3), generator=generator).float()}


def learned(model: TechniqueClassifier, inputs):
    """Logits, loss and gradients of one batch."""
    model.zero_grad()
    output = model(**inputs)
    output.loss.backward()
    return output.logits, output.loss, [one.grad.clone() for one in model.parameters() if one.grad is not None]


@pytest.mark.parametrize("pooling", ["mean", "first", "attention"])
def test_parts_have_the_logits_and_the_gradient_of_the_whole_batch(learner, pooling):
    model, calls = learner(pooling)
    whole = learned(model, batch())
    model.tokens_at_once = 45
    parts = learned(model, batch())
    assert calls == [(7, 21), (2, 21), (3, 13), (2, 4)], "the longest first, none of more than 45 tokens"
    for one, other in zip((whole[0], whole[1], *whole[2]), (parts[0], parts[1], *parts[2]), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_padding_before_the_text_stays_for_it_moves_positions(learner):
    model, calls = learner()
    whole = learned(model, batch("left"))
    model.tokens_at_once = 45
    parts = learned(model, batch("left"))
    assert calls == [(7, 21), (2, 21), (2, 21), (2, 21), (1, 21)]
    assert torch.allclose(whole[0], parts[0], atol=1e-6)


def test_only_training_is_done_in_parts(learner):
    model, calls = learner()
    model.tokens_at_once = 45
    model.eval()(**batch())
    assert calls == [(7, 21)]


def test_a_run_learns_in_parts_and_scores_whole_batches_after(tmp_path, tiny_base, monkeypatch):
    learning, fitted = [], []
    parts, fit = TechniqueClassifier._pooled_by_length, fitting.fit_finetuned

    def noted(self, n_tokens, **inputs):
        learning.append((n_tokens, self.training))
        return parts(self, n_tokens, **inputs)

    monkeypatch.setattr(TechniqueClassifier, "_pooled_by_length", noted)
    monkeypatch.setattr(fitting, "fit_finetuned", lambda *args, **kwargs: fitted.append(fit(*args, **kwargs)) or fitted[-1])
    corpus = write_native(tmp_path / "c.jsonl", tiny_sentences(n_articles=20))
    for name, training in (("whole", {}), ("parts", {"tokens_at_once": 64, "length_grouped": False})):
        train(tiny_run(tmp_path, corpus, kind="finetuned", base=tiny_base, training=training), name=name)
        assert set(learning) == ({(64, True)} if name == "parts" else set())
        assert fitted[-1].model.tokens_at_once is None


def test_reentrant_checkpointing_would_take_each_gradient_twice():
    trainer = {"gradient_checkpointing": True, "gradient_checkpointing_kwargs": {"use_reentrant": True}}
    with pytest.raises(UserError, match="reentrant"):
        fitting.check_trainer_arguments(parse_config({"training": {"tokens_at_once": 64, "trainer": trainer}}))
    fitting.check_trainer_arguments(parse_config({"training": {"trainer": trainer}}))
