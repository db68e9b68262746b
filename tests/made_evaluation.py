"""A made-up evaluation: labels and probabilities from a seed, a checkpoint folder with dev predictions and no model.

Not a test file: `import made_evaluation` in a test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinscope.config import parse_config
from spinscope.files import write_text
from spinscope.jobs.ceilings import AgreementBeside
from spinscope.jobs.decisions import before_calibration, decisions_of
from spinscope.jobs.evaluation_page import render_evaluation
from spinscope.jobs.evaluation_result import Evaluation
from spinscope.jobs.labelled import Scored, prediction_lines
from spinscope.measure.article_sums import Resampling
from spinscope.measure.ceiling import ceilings
from spinscope.measure.metrics import evaluate_predictions
from spinscope.model.linear import TfidfScorer
from spinscope.model.prediction import Classifier
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")
K = len(CORE.ids)


def sentences(gold: np.ndarray, prefix: str) -> list[Sentence]:
    """One sentence for each row, ten an article."""
    return [
        Sentence(
            f"{prefix}{row // 10:03d}", row % 10, 0, 1, "x", annotated=CORE.ids,
            techniques=tuple(name for name, is_positive in zip(CORE.ids, one, strict=True) if is_positive),
        )
        for row, one in enumerate(gold)
    ]  # fmt: skip


def drawn(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) labels and probabilities that are too sure by a factor of 1.5."""
    rng = np.random.default_rng(seed)
    logits = np.array([-1.0, -2.0, -2.5]) + 1.5 * rng.normal(size=(n, K))
    return (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.int8), 1 / (1 + np.exp(-1.5 * logits))


def made_classifier(folder: Path) -> Classifier:
    """A classifier with dev predictions beside it."""
    gold, probabilities = drawn(1)
    write_text(folder / "predictions-dev.jsonl", prediction_lines(sentences(gold, "d"), probabilities, CORE.ids))
    scorer = TfidfScorer(
        ["vile"], np.ones(1, np.float32), np.ones((K, 1), np.float32), np.zeros(K, np.float32), max_ngram=1
    )
    decision = Decision(CORE.ids, (0.35,) * K, "per_technique", "platt", (1.2,) * K, (0.1,) * K)
    config = parse_config({"evaluation": {"n_resamples": 100}})
    return Classifier(
        scorer, inventory=CORE, decision=decision, config=config, name="core-small", identity="ab" * 32, path=folder
    )


def made_evaluation(folder: Path) -> Evaluation:
    """Figures, charts, a doubt, a baseline, agreement: everything that a page can show."""
    classifier = made_classifier(folder)
    gold, probabilities = drawn(2)
    mask, articles = np.ones(gold.shape, dtype=bool), np.arange(len(gold)) // 10
    scored = Scored(
        sentences(gold, "t"), gold, mask, probabilities, classifier.decide(probabilities), articles, len(gold), 1.0
    )
    rng = np.random.default_rng(3)
    ratings = [np.stack([gold[:, j], gold[:, j] ^ (rng.random(len(gold)) < 0.05)], axis=1) for j in range(K)]
    beside = ceilings(gold, mask, scored.decisions, ratings, articles=articles, rules=Resampling())
    fact = {"measure": "gamma", "low": 0.3, "high": 0.34, "what": "spans", "source": "a paper"}

    def metrics(given: np.ndarray) -> object:
        return evaluate_predictions(
            gold, mask, given, scored.decisions, articles=articles, techniques=CORE.ids, n_resamples=100
        )

    return Evaluation(
        {"name": classifier.name, "identity": classifier.identity},
        {"sha256": "cd" * 32, "split": "test", "is_own": True, "n_sentences": 600, "n_articles": 60},
        metrics(probabilities), decisions_of(classifier, scored, split="test"), scored,
        {"random": metrics(rng.random(gold.shape))}, {"tfidf": "missing: <script>document.title='ran'</script>"}, 3, None,
        ["60 articles are <b>few</b>"], uncalibrated=metrics(before_calibration(classifier, probabilities)),
        agreement=AgreementBeside(("pass1", "pass2"), 600, dict(zip(CORE.ids, beside, strict=False)), beside[-1], (fact,)),
    )  # fmt: skip


def write_page(folder: Path) -> Path:
    """The page of the made-up evaluation."""
    write_text(folder / "evaluation.html", render_evaluation(made_evaluation(folder), CORE))
    return folder / "evaluation.html"
