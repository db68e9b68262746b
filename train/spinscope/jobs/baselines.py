"""What a model is held against: the TF-IDF classifier on the same articles, and guesses that know only how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from spinscope.config import Model, RunConfig
from spinscope.data.corpora import load_sentences
from spinscope.data.encoding import article_codes, label_matrix
from spinscope.errors import UserError
from spinscope.files import read_json, read_jsonl
from spinscope.jobs.answers import Answers, any_cutoff
from spinscope.jobs.dev_answers import threshold_fit
from spinscope.jobs.fitting import fit
from spinscope.jobs.labelled import Labelled, Scored
from spinscope.jobs.recording import Prepared
from spinscope.measure.baselines import majority_probabilities, prevalences, random_probabilities
from spinscope.measure.thresholds import fit_thresholds
from spinscope.model.prediction import Classifier, any_probability
from spinscope.records import Sentence


@dataclass(frozen=True, slots=True)
class Parts:
    """What baselines learn from: sentences of train (None: only its labels' place is taken by dev's) and of dev."""

    train: list[Sentence] | None
    dev: list[Sentence]


def baseline_config(config: RunConfig) -> RunConfig:
    """The TF-IDF run beside `config`: the same data, seed, class weights, threshold rule and calibration."""
    return config.model_copy(update={"model": Model.model_validate({"kind": "tfidf"})})


def baseline_answers(
    classifier: Classifier, labelled: Labelled, scored: Scored
) -> tuple[dict[str, Answers], dict[str, str]]:
    """Answers of the baselines on the scored sentences, each decided by the model's own threshold rule.

    `majority` gives each sentence the training prevalences, `random` draws with them; `tfidf` is trained on the model's
    training part. Thresholds are fitted on the model's dev part.

    Returns:
        answers by name, and for each baseline that is missing or made otherwise, what there is to say.
    """
    parts, why = _parts(classifier, labelled)
    remarks: dict[str, str] = {}
    answers: dict[str, Answers] = {}
    if parts.train is None and not parts.dev:
        return {}, dict.fromkeys(("majority", "random", "tfidf"), f"missing: {why}")
    answers |= _guesses(classifier, parts, scored.mask)
    if parts.train is None:
        remarks |= dict.fromkeys(("majority", "random"), f"prevalences of dev instead of train: {why}")
        remarks["tfidf"] = f"missing: {why}"
    elif classifier.config.model.kind == "tfidf":
        remarks["tfidf"] = "missing: the checkpoint is a TF-IDF classifier itself"
    else:
        try:
            answers["tfidf"] = _tfidf(classifier, parts.train, parts.dev, scored)
        except UserError as error:  # what it is held against can still be measured
            remarks["tfidf"] = f"missing: it cannot be fitted ({error.found})"
    return answers, remarks


def _parts(classifier: Classifier, labelled: Labelled) -> tuple[Parts, str]:
    """The checkpoint's own train and dev part, or dev's labels alone and the reason for that."""
    if labelled.is_own:
        return Parts(labelled.part("train"), labelled.part("dev")), ""
    try:
        sentences = load_sentences(classifier.config.data, target=classifier.inventory)
    except UserError as error:
        return Parts(None, _dev_labels(classifier)), f"the training data cannot be read ({str(error).splitlines()[0]})"
    file = classifier.path / "split.json" if classifier.path else None
    splits: Mapping[str, str] = read_json(file) if file and file.is_file() else {}
    if {sentence.article for sentence in sentences} == set(splits):
        prepared = Prepared(classifier.inventory, sentences, splits)
        if prepared.data_hash() == classifier.manifest.get("data", {}).get("sha256"):
            return Parts(prepared.part("train"), prepared.part("dev")), ""
    return Parts(None, _dev_labels(classifier)), "the training data has changed since the checkpoint was made"


def _dev_labels(classifier: Classifier) -> list[Sentence]:
    """Sentences of dev without their text, from what the checkpoint keeps."""
    file = classifier.path / "predictions-dev.jsonl" if classifier.path else None
    if file is None or not file.is_file():
        return []
    return [
        Sentence(
            record["article"], record["index"], 0, 0, "", techniques=tuple(record["techniques"]),
            annotated=tuple(record["annotated"]),
        )
        for _, record in read_jsonl(Path(file))
    ]  # fmt: skip


def _guesses(classifier: Classifier, parts: Parts, mask: np.ndarray) -> dict[str, Answers]:
    shares = prevalences(*label_matrix(parts.dev if parts.train is None else parts.train, classifier.inventory))
    seed = classifier.config.evaluation.seed

    def decided(probabilities_of: Callable[[int, int], np.ndarray]) -> Answers:
        probabilities, on_dev = probabilities_of(len(mask), seed), probabilities_of(len(parts.dev), seed + 1)
        cutoffs, of_any = _cutoffs(classifier, parts.dev, on_dev)
        said = None if of_any is None else any_probability(probabilities, mask) >= of_any
        return Answers(probabilities, probabilities >= cutoffs, said)

    return {
        "majority": decided(lambda n, _: majority_probabilities(shares, n)),
        "random": decided(lambda n, draw: random_probabilities(shares, n, seed=draw)),
    }


def _cutoffs(
    classifier: Classifier, dev: Sequence[Sentence], probabilities: np.ndarray
) -> tuple[np.ndarray, float | None]:
    """Of the techniques, and of any technique."""
    gold, mask = label_matrix(dev, classifier.inventory)
    fit = asdict(threshold_fit(classifier.config))
    values = fit_thresholds(gold, mask, probabilities, articles=article_codes(dev), **fit).values
    return np.asarray(values), any_cutoff(classifier.config, gold, mask, probabilities)


def _tfidf(classifier: Classifier, train: list[Sentence], dev: list[Sentence], scored: Scored) -> Answers:
    config = baseline_config(classifier.config)
    run = fit(
        config, inventory=classifier.inventory, train=train, dev=dev, seed=config.training.seed,
        state_dir=Path(), name="tfidf",
    )  # fmt: skip
    probabilities = run.classifier.probabilities(scored.sentences).probabilities
    return Answers.by(run.classifier.decision, probabilities, scored.mask)
