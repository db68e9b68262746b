"""A head for each source while one learns, and their mean at the end."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny
import torch

from spinscope.config import Model
from spinscope.data.encoding import NOT_ANNOTATED
from spinscope.errors import UserError
from spinscope.model.building import build_classifier
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.source_heads import SourceHeads
from spinscope.taxonomy import inventory

N = NOT_ANNOTATED


def two_sources():
    mask = np.array([[True, True, False, False], [False, True, True, False], [True, True, False, False]])
    return SourceHeads.of(["b", "a", "b"], mask)


def test_a_row_for_each_technique_that_a_source_annotates():
    heads = two_sources()
    assert heads.rows == (("a", 1), ("a", 2), ("b", 0), ("b", 1))
    labels = np.array([[1, 0, N, N], [N, 1, 0, N], [0, 1, N, N]], dtype=np.float32)
    wide = heads.labels(labels, ["b", "a", "b"])
    assert wide.tolist() == [[N, N, 1, 0], [1, 0, N, N], [N, N, 0, 1]]
    assert wide.dtype == np.float32
    assert heads.labels(labels[:1], ["unseen"]).tolist() == [[N] * 4], "a source that taught nothing is not judged"


def test_the_mean_of_the_rows_is_the_mean_of_the_logits(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=48), inventory("core"), seed=3)
    model.head = torch.nn.Linear(model.head.in_features, 4)
    built, heads = model.head.weight.detach().clone(), two_sources()
    heads.widen(model)
    assert torch.equal(model.head.weight, built[[1, 2, 0, 1]]), "rows start as the head that was built"
    torch.nn.init.normal_(model.head.weight)
    vectors = torch.randn(5, model.head.in_features, generator=torch.Generator().manual_seed(5))
    logits = model.head(vectors).detach().numpy()
    heads.narrow(model)
    found = model.head(vectors).detach().numpy()
    assert found.shape == (5, 4)
    np.testing.assert_allclose(found, heads.mean(logits), atol=1e-5)
    np.testing.assert_allclose(found[:, 1], (logits[:, 0] + logits[:, 3]) / 2, atol=1e-5)
    assert (found[:, 3] == 0).all(), "no source annotates it"


def test_a_run_of_two_sources_learns_with_two_heads_and_keeps_one(tmp_path, tiny_base):
    from spinscope.jobs.training import train

    first, second = (
        tiny.write_native(tmp_path / f"{name}.jsonl", tiny.tiny_sentences(n_articles=16, seed=seed, prefix=name))
        for name, seed in (("first", 1), ("second", 2))
    )
    sources = {name: {"path": str(path), "format": "native", "inventory": "core"} for name, path in (("f", first), ("s", second))}
    several = {"path": None, "format": "auto", "sources": sources}

    def run(kind="finetuned", data=several, **training):
        return tiny.tiny_run(tmp_path, first, kind=kind, base=tiny_base, data=data, training={"source_heads": True, **training})

    (folder,) = train(run(), name="two")
    (same,) = train(run(), name="again")
    (other,) = train(run(source_heads=False), name="one")
    opened = [open_checkpoint(each) for each in (folder, same, other)]
    assert opened[0].scorer.model.head.out_features == 3
    assert opened[0].identity == opened[1].identity != opened[2].identity
    steps = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert any("eval_macro_average_precision" in entry for entry in steps)
    for refused, message in (
        ({"data": {}}, "a head for each of one source"),
        ({"kind": "tfidf"}, "heads by source for a model of kind 'tfidf'"),
    ):
        with pytest.raises(UserError, match=message):
            train(run(**refused), name="refused")


def test_it_is_not_given_beside_an_output_for_any_technique():
    from spinscope.config import parse_config

    with pytest.raises(UserError, match="source_heads or any_weight"):
        parse_config({"training": {"source_heads": True, "any_weight": 0.5}}, where="here")
