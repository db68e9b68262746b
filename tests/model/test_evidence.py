"""Evidence: shares that add up to the score, for every architecture, for windows and contexts, in any batch."""

from __future__ import annotations

import numpy as np
import pytest
import tiny

from spinscope.data.words import without_words, word_places
from spinscope.errors import UserError
from spinscope.model.attribution import Window, token_shares
from spinscope.model.evidence import check_method, default_method, explained
from spinscope.model.linear import TfidfScorer
from spinscope.model.prediction import Classifier
from spinscope.model.scorers import EncoderScorer
from spinscope.model.token_evidence import over_words
from spinscope.records import Decision
from spinscope.taxonomy import inventory

TEXTS = [
    "They will take your home, and the rotten council agreed.",
    "Vile traitors!",
    "The library office met on monday to discuss a new bus route near the river market.",
]
ARCHITECTURES = {
    "bert": {},
    "roberta": {"max_position_embeddings": 66, "pad_token_id": 0, "type_vocab_size": 2},
    "xlm-roberta": {"max_position_embeddings": 66, "pad_token_id": 0, "type_vocab_size": 2},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64},
    "electra": {"embedding_size": 16},
    "albert": {"embedding_size": 16},
    "mpnet": {},
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "type_vocab_size": 2},
    "modernbert": {"pad_token_id": 0, "attn_implementation": "eager"},
}


def classifier_of(base, *, kind="bert", max_tokens=48, pooling="mean", settings=None, side="right"):
    """An untrained classifier of any architecture, with the tiny WordPiece tokenizer and a head that says something."""
    import torch
    from transformers import AutoConfig, AutoTokenizer

    from spinscope.model.architecture import TechniqueClassifier, TechniqueClassifierConfig

    tokenizer = AutoTokenizer.from_pretrained(base, padding_side=side)
    target = inventory("core")
    sizes = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 64, **(settings or {}),
    }  # fmt: skip
    encoder = AutoConfig.for_model(kind, **sizes)
    torch.manual_seed(1)
    model = TechniqueClassifier(
        TechniqueClassifierConfig(
            encoder=encoder.to_dict(), pooling=pooling, id2label=dict(enumerate(target.ids)),
            label2id={name: number for number, name in enumerate(target.ids)},
        )
    )  # fmt: skip
    with torch.no_grad():
        for parameter in model.encoder.get_input_embeddings().parameters():
            parameter.mul_(10)  # so that words make a difference
        model.head.weight.normal_(0, 0.5)
    config = tiny.parse_config({"model": {"max_tokens": max_tokens, "pooling": pooling}})
    scorer = EncoderScorer(model, tokenizer, max_tokens=max_tokens)
    return Classifier(scorer, inventory=target, decision=Decision(target.ids, (0.5, 0.5, 0.5)), config=config)


@pytest.fixture(scope="module")
def bert(tiny_base):
    return classifier_of(tiny_base)


def all_of(classifier, texts=TEXTS, **options):
    return explained(classifier, texts, techniques=[classifier.inventory.ids] * len(texts), **options)


@pytest.mark.parametrize("kind", ARCHITECTURES)
@pytest.mark.parametrize("baseline", ["pad", "mask"])
def test_integrated_gradients_add_up_to_the_score(tiny_base, kind, baseline):
    classifier = classifier_of(tiny_base, kind=kind, settings=ARCHITECTURES[kind])
    logits, _ = classifier.scorer.logits(TEXTS, [""] * 3)
    found = all_of(classifier, method="integrated-gradients", baseline=baseline, n_steps=64)
    for row, several in enumerate(found):
        for column, one in enumerate(several):
            total = one.baseline + one.elsewhere + sum(one.weights)
            assert total + one.completeness_error == pytest.approx(logits[row, column], abs=1e-4)
            assert abs(one.completeness_error) < 0.02, (kind, one)
            assert abs(one.elsewhere) < 1e-6, "special tokens are in the baseline too"
            assert max(np.abs(one.weights)) > 0.01
            assert [TEXTS[row][slice(*place)] for place in one.places][-1] in ".!"


@pytest.mark.parametrize("method", ["integrated-gradients", "gradient-x-input", "states", "leave-out", "mask-out"])
def test_a_batch_says_what_each_sentence_alone_says(bert, method):
    together = all_of(bert, method=method)
    for text, several in zip(TEXTS, together, strict=True):
        for one, again in zip(several, all_of(bert, [text], method=method)[0], strict=True):
            np.testing.assert_allclose(one.weights, again.weights, atol=2e-4)
            assert one.baseline == pytest.approx(again.baseline, abs=1e-4)


def test_padding_before_the_text_changes_no_place(tiny_base):
    left, right = (classifier_of(tiny_base, side=side) for side in ("left", "right"))
    # Positions shift with padding on the left; alone in its batch a text has none, so both agree.
    for text in TEXTS:
        a, b = (all_of(one, [text], method="integrated-gradients")[0] for one in (left, right))
        np.testing.assert_allclose(a[0].weights, b[0].weights, atol=1e-4)


def test_leaving_out_is_the_fall_of_the_logit(bert):
    text = TEXTS[0]
    places = word_places(text)
    several = all_of(bert, [text], method="leave-out")[0]
    whole = bert.scorer.logits([text], [""])[0][0]
    for word in (0, 3, len(places) - 1):
        less = bert.scorer.logits([without_words(text, places, [word])], [""])[0][0]
        for column, one in enumerate(several):
            assert one.weights[word] == pytest.approx(float(whole[column] - less[column]), abs=1e-5)
    assert several[0].baseline == pytest.approx(float(bert.scorer.logits([""], [""])[0][0, 0]), abs=1e-6)


def test_states_are_exact_for_mean_pooling(bert, tiny_base):
    for one in all_of(bert, method="states")[0]:
        column = bert.inventory.index(one.technique)
        logit = float(bert.scorer.logits([TEXTS[0]], [""])[0][0, column])
        bias = bert.scorer.model.head.bias[column].item()
        assert sum(one.weights) + one.elsewhere + bias == pytest.approx(logit, abs=1e-4)
    with pytest.raises(UserError, match="states with pooling first"):
        check_method(classifier_of(tiny_base, pooling="first"), "states")


def test_a_long_sentence_is_explained_in_the_window_that_scored(tiny_base):
    classifier = classifier_of(tiny_base, max_tokens=16)
    text = " ".join(["the council met on monday"] * 6 + ["vile rotten traitors"] + ["the council met on monday"] * 6)
    logits, n_windows = classifier.scorer.logits([text], [""])
    assert n_windows[0] > 3
    for column, one in enumerate(all_of(classifier, [text], method="integrated-gradients")[0]):
        assert one.n_windows == n_windows[0]
        seen = np.flatnonzero(np.abs(one.weights) > 0)
        assert len(seen) <= 14 and seen.max() - seen.min() < 14, "one window of 16 tokens, two of them special"
        assert abs(one.completeness_error) < 0.05
        total = one.baseline + sum(one.weights) + one.elsewhere + one.completeness_error
        assert total == pytest.approx(float(logits[0, column]), abs=1e-4)
    by_words = all_of(classifier, [text], method="leave-out")[0]
    assert len(by_words[0].weights) == len(text.split())


def test_a_context_is_no_word_of_the_sentence(bert):
    context = "Outsiders and traitors bring doom."
    found = all_of(bert, TEXTS[:1], contexts=[context], method="integrated-gradients")[0]
    logits, _ = bert.scorer.logits(TEXTS[:1], [context])
    for column, one in enumerate(found):
        assert len(one.weights) == len(word_places(TEXTS[0])) and abs(one.elsewhere) < 1e-6
        assert one.baseline + sum(one.weights) == pytest.approx(float(logits[0, column]), abs=0.02)
    gradient = all_of(bert, TEXTS[:1], contexts=[context], method="gradient-x-input")[0]
    assert any(abs(one.elsewhere) > 1e-4 for one in gradient)


@pytest.mark.parametrize(
    "text", ["", "   ", "\ud800 odd", "!!!", "\U0001f600" * 3, "İSTANBUL İ İ", "a\u0000b \u200f c"]
)
@pytest.mark.parametrize("method", ["integrated-gradients", "leave-out"])
def test_odd_texts(bert, text, method):
    for one in all_of(bert, [text], method=method)[0]:
        assert len(one.weights) == len(word_places(text)) and np.isfinite(one.completeness_error)


def test_parameters_learn_on_as_before(bert):
    wanted = [parameter.requires_grad for parameter in bert.scorer.model.parameters()]
    all_of(bert, TEXTS[:1], method="integrated-gradients")
    assert [parameter.requires_grad for parameter in bert.scorer.model.parameters()] == wanted and any(wanted)
    assert all(parameter.grad is None for parameter in bert.scorer.model.parameters())


def test_no_window_no_shares(bert):
    assert token_shares(bert.scorer, [], method="integrated-gradients", baseline="pad") == []
    assert explained(bert, []) == []
    one = token_shares(
        bert.scorer, [Window([2, 3], [0, 0], [False, False], 0)], method="integrated-gradients", baseline="pad"
    )
    assert one[0].logit == one[0].baseline and not one[0].values.any()


def test_subwords_are_summed_over_words():
    values = np.array([9.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    offsets = [(0, 0), (0, 3), (3, 5), (5, 6), (6, 11), (11, 13), (0, 0)]
    places = [(0, 5), (5, 6), (7, 10), (10, 12)]
    is_text = [False, *[True] * 5, False]
    weights, elsewhere = over_words(values, offsets, is_text, places)
    # The fifth token shares three characters with the third word and one with the fourth; the sixth one with the fourth.
    assert weights.tolist() == [3.0, 4.0, 8.0, 16.0] and elsewhere == 41.0
    weights, elsewhere = over_words(values, offsets, is_text, [])
    assert weights.tolist() == [] and elsewhere == values.sum()


def tfidf(texts=None):
    """Two techniques of three learn nothing; weights by hand."""
    terms = ["vile", "plan", "vile plan"]
    weight = np.array([[2.0, -1.0, 0.5], [0, 0, 0], [0, 1, 0]], dtype=np.float32)
    scorer = TfidfScorer(terms, np.ones(3, np.float32), weight, np.array([0.25, -1, 0], np.float32), max_ngram=2)
    target = inventory("core")
    config = tiny.parse_config({"model": {"kind": "tfidf"}})
    return Classifier(scorer, inventory=target, decision=Decision(target.ids, (0.5, 0.5, 0.5)), config=config)


def test_terms_of_a_linear_checkpoint_by_hand():
    one = all_of(tfidf(), ["A vile, vile plan"])[0][0]
    # tf-idf: vile 1 + ln 2, plan 1, "vile plan" 1 (commas are no words), then length 1.
    counts = np.array([1 + np.log(2), 1.0, 1.0])
    x = counts / np.linalg.norm(counts)
    assert one.method == "linear" and [one.text[slice(*place)] for place in one.places] == [
        "A",
        "vile",
        ",",
        "vile",
        "plan",
    ]
    expected = [0, x[0], 0, x[0] + 0.25 * x[2], -x[1] + 0.25 * x[2]]
    np.testing.assert_allclose(one.weights, expected, atol=1e-6)
    assert one.baseline == 0.25 and abs(one.completeness_error) < 1e-6


@pytest.mark.parametrize("text", ["", "x y", "Vile plan", "İ İİ vile plan", "VILE-plan's vile plan\nplan", "ΣΑΣ vile"])
def test_linear_shares_add_up_whatever_the_text(text):
    for one in all_of(tfidf(), [text])[0]:
        assert abs(one.completeness_error) < 1e-6
        assert len(one.weights) == len(word_places(text))


def test_a_tfidf_checkpoint_without_terms():
    scorer = TfidfScorer([], np.zeros(0, np.float32), np.zeros((3, 0), np.float32), np.ones(3, np.float32), max_ngram=1)
    plain = tfidf()
    empty = Classifier(scorer, inventory=plain.inventory, decision=plain.decision, config=plain.config)
    assert explained(empty, ["a word"])[0][0].weights == (0.0, 0.0)


def test_what_is_explained_by_default(bert):
    decided = explained(tfidf(), ["vile"])[0]
    assert [one.technique for one in decided if one.is_decided] == [one.technique for one in decided]
    quiet = Classifier(
        bert.scorer,
        inventory=bert.inventory,
        decision=Decision(bert.inventory.ids, (0.99, 0.999, 0.99)),
        config=bert.config,
    )
    found = explained(quiet, TEXTS[:1])[0]
    assert len(found) == 1 and not found[0].is_decided
    probabilities = bert.scorer.logits(TEXTS[:1], [""])[0][0]
    gaps = 1 / (1 + np.exp(-probabilities)) - np.array([0.99, 0.999, 0.99])
    assert found[0].technique == bert.inventory.ids[int(gaps.argmax())]


def test_methods_that_cannot_be_are_refused(bert):
    assert check_method(tfidf(), None) == "linear" == default_method(tfidf())
    assert check_method(bert, None) == default_method(bert)
    with pytest.raises(UserError, match="did you mean 'states'"):
        check_method(bert, "statse")
    with pytest.raises(UserError, match="no token embeddings"):
        check_method(tfidf(), "integrated-gradients")
    with pytest.raises(UserError, match="not linear in its words"):
        check_method(bert, "linear")
    with pytest.raises(UserError, match="did you mean 'us_vs_them'"):
        explained(bert, TEXTS[:1], techniques=[["us_vs_then"]])
