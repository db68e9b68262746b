"""Which method finds the words that carry a score: `python tests/benchmarks/evidence.py models/quickstart [--n 150]`.

On decisions that are right (decided, and labelled with a span) in the test part of data/core, a random sample: ERASER's
comprehensiveness and sufficiency, words deleted and words masked; the share of the positive weights inside the gold
spans, and the precision of the strongest word; the completeness error; seconds for a sentence. Intervals resample articles.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "train"))

from spinscope.data.corpora import load_sentences
from spinscope.data.words import without_words
from spinscope.measure.faithfulness import comprehensiveness, mass_inside, sufficiency, top_words, words_inside
from spinscope.measure.resampling import interval
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.evidence import explained
from spinscope.model.prediction import sigmoid

ROOT = Path(__file__).parents[2]
SYSTEMS = {
    "integrated gradients, pad": {"method": "integrated-gradients", "baseline": "pad"},
    "integrated gradients, mask": {"method": "integrated-gradients", "baseline": "mask"},
    "gradient x input": {"method": "gradient-x-input"},
    "states": {"method": "states"},
    "leave out": {"method": "leave-out"},
    "mask out": {"method": "mask-out"},
}


def sample(classifier, n, seed):
    """(sentence, technique) pairs, decided and right."""
    from spinscope import config

    block = config.parse_config({"data": {"path": str(ROOT / "data/core/sentences.jsonl")}}).data
    sentences = load_sentences(block, target=classifier.inventory)
    test = [one for one in sentences if one.split == "test" and one.techniques]
    decided = classifier.decide(classifier.probabilities(test).probabilities)
    ids = classifier.inventory.ids
    cells = [
        (one, name)
        for one, row in zip(test, decided, strict=True)
        for name in one.techniques
        if row[ids.index(name)] and any(span.technique == name for span in one.spans)
    ]
    chosen = np.random.default_rng(seed).permutation(len(cells))[:n]
    return len(cells), [cells[number] for number in sorted(chosen)]


def erased(classifier, cells, evidence, *, mask):
    """Probabilities (n, n_fractions) without the strongest words, and of them alone."""
    instead = f" {classifier.scorer.tokenizer.mask_token} " if mask else ""
    texts, columns = [], []
    for (sentence, name), one in zip(cells, evidence, strict=True):
        everything = set(range(len(one.places)))
        for words in top_words(np.array(one.weights)):
            for left_out in (set(words), everything - set(words)):
                texts.append(without_words(sentence.text, one.places, left_out, instead=instead))
                columns.append(classifier.inventory.index(name))
    logits, _ = classifier.scorer.logits(texts, [""] * len(texts))
    values = sigmoid(logits[np.arange(len(texts)), columns]).reshape(len(cells), -1, 2)
    return values[:, :, 0], values[:, :, 1]


def shown(values, codes, seed):
    """Mean with its interval over articles."""
    known = ~np.isnan(values)
    values, codes = values[known], codes[known]
    m = codes.max() + 1
    draws = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), size=1000)[:, codes]
    low, high, _ = interval((draws * values).sum(1) / draws.sum(1), confidence=0.95)
    return f"{values.mean():.3f} ({low:.3f}-{high:.3f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--n", type=int, default=150)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--only", nargs="*", default=[*SYSTEMS, "random"])
    options = parser.parse_args()
    classifier = open_checkpoint(options.checkpoint)
    n_all, cells = sample(classifier, options.n, options.seed)
    names = sorted({sentence.article for sentence, _ in cells})
    codes = np.array([names.index(sentence.article) for sentence, _ in cells])
    print(f"{len(cells)} of {n_all} right decisions, {len(names)} articles, seed {options.seed}")
    print(
        "method | comprehensiveness | sufficiency | masked: comp. | masked: suff. | mass inside | top word inside | error | s"
    )
    texts, wanted = [sentence.text for sentence, _ in cells], [[name] for _, name in cells]
    spans = [[(s.start, s.end) for s in sentence.spans if s.technique == name] for sentence, name in cells]
    found = {}
    for system in options.only:
        start = time.perf_counter()
        settings = SYSTEMS.get(system, {"method": "states"})
        evidence = [several[0] for several in explained(classifier, texts, techniques=wanted, **settings)]
        seconds = (time.perf_counter() - start) / len(cells)
        if system == "random":
            rng = np.random.default_rng(options.seed)
            evidence = [shuffled(one, rng) for one in evidence]
        full = np.array([one.probability for one in evidence])
        inside = [words_inside(one.places, some) for one, some in zip(evidence, spans, strict=True)]
        columns = []
        for mask in (False, True):
            without, alone = erased(classifier, cells, evidence, mask=mask)
            columns += [comprehensiveness(full, without), sufficiency(full, alone)]
        weights = [np.array(one.weights) for one in evidence]
        columns.append(np.array([mass_inside(w, i) for w, i in zip(weights, inside, strict=True)]))
        columns.append(np.array([float(i[int(w.argmax())]) for w, i in zip(weights, inside, strict=True)]))
        found[system] = columns
        error = np.median(np.abs([one.completeness_error for one in evidence]))
        told = " | ".join(shown(values, codes, options.seed) for values in columns)
        print(f"{system} | {told} | {error:.4f} | {seconds:.3f}", flush=True)
    chance = np.array([one.mean() for one in inside])
    print(f"words inside spans: {shown(chance, codes, options.seed)}")
    first = next(iter(found))
    for system, columns in list(found.items())[1:]:
        told = " | ".join(shown(a - b, codes, options.seed) for a, b in zip(found[first], columns, strict=True))
        print(f"{first} minus {system} | {told}")


def shuffled(one, rng):
    from dataclasses import replace

    return replace(one, weights=tuple(rng.random(len(one.weights)).tolist()))


if __name__ == "__main__":
    main()
