"""The model card: README.md of a checkpoint, written from the run and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spinscope.model.prediction import Classifier
from spinscope.records import Decision

OVERALL = (
    ("micro_f1", "micro F1"), ("macro_f1", "macro F1"), ("weighted_f1", "weighted F1"),
    ("macro_average_precision", "macro average precision"), ("macro_auroc", "macro AUROC"),
    ("any_f1", "any-technique F1"), ("exact_match_score", "exact match"), ("brier_loss", "Brier loss"),
    ("calibration_error", "calibration error"),
)  # fmt: skip


def render_card(classifier: Classifier, figures: Mapping[str, Any]) -> str:
    """Markdown with the lines that load it, its figures with intervals, thresholds, data and limits.

    Args:
        classifier: an opened checkpoint.
        figures: `metrics.json`: split name -> `Metrics.to_dict()`.
    """
    sections = [_head(classifier), _use(classifier)]
    sections += [_figures(split, values, classifier) for split, values in figures.items()]
    sections += [_training(classifier), _limits(classifier)]
    return "\n\n".join(sections) + "\n"


def _head(classifier: Classifier) -> str:
    languages = "\n".join(f"- {language}" for language in classifier.languages)
    names = ", ".join(technique.title for technique in classifier.inventory.techniques)
    return (
        f"---\nlanguage:\n{languages}\npipeline_tag: text-classification\nlibrary_name: transformers\n"
        f"tags:\n- propaganda-techniques\n- spinscope\n---\n\n# {classifier.name}\n\n"
        f"Says for each sentence which rhetorical techniques of the inventory *{classifier.inventory.name}* it uses: {names}.\n\n"
        f"Identity `{classifier.identity}` (sha256 over weights, config, tokenizer, taxonomy and decision)."
    )


def _use(classifier: Classifier) -> str:
    folder = classifier.path
    lines = [
        "## Use", "", "```python", "import spinscope", f'classifier = spinscope.load("{folder}")',
        'classifier.predict(["They will take your home and laugh about it."])', "```",
    ]  # fmt: skip
    if classifier.config.model.kind != "tfidf":
        lines += [
            "", _from_transformers(classifier), "",
            "```python", "import spinscope.auto", "from transformers import pipeline",
            f'classify = pipeline("text-classification", "{folder}", top_k=None)',
            'classify("They will take your home and laugh about it.")', "```",
        ]  # fmt: skip
    return "\n".join(lines)


def _from_transformers(classifier: Classifier) -> str:
    """What the pipeline of transformers gives: no windows, no context."""
    model = classifier.config.model
    told = (
        f"The same probabilities from transformers alone, for texts of at most {model.max_tokens} tokens (one sentence a "
        "text; longer ones are scored in windows, which only spinscope does; thresholds are in `decision.json`)"
    )
    if model.context != "none":
        beside = {"title": "article's title", "neighbours": "sentences before and after"}.get(
            model.context, f"{model.context} sentence"
        )
        told += (
            f". They are the probabilities of `predict`, not of `spinscope score`, which gives the {beside} beside each "
            "sentence, as in training"
        )
    if classifier.recurrence_weights is not None:
        told += ". As in `predict`, nothing recurs in a text alone: `spinscope score` sees the whole article"
    return f"{told}:"


def _figures(split: str, values: Mapping[str, Any], classifier: Classifier) -> str:
    if split == "dev" and "tuned_from" in classifier.manifest:
        note = (
            "What it was tuned on: decided by thresholds that other articles chose (cross-fitted), calibrated on all."
        )
    elif split == "dev":
        note = (
            "Decided by thresholds that other dev articles chose (cross-fitted); weights and calibration were chosen on "
            "these sentences."
        )
    else:
        note = "Held out: nothing was chosen on it."
    baselines = values.get("baselines") or {}
    lines = [
        f"## Figures on {split}", "",
        f"{values['n_sentences']:,} sentences of {values['n_articles']:,} articles. {note} In brackets: {100 * values['confidence']:g} % intervals over articles. Those of thresholds: over the dev articles that chose them.", "",
        f"| figure |{''.join(f' {name} |' for name in ['value', *baselines])}", "|---|" + "---|" * (1 + len(baselines)),
    ]  # fmt: skip
    for name, title in OVERALL:
        if name in values["overall"]:
            several = [_estimate(one["overall"].get(name)) for one in (values, *baselines.values())]
            lines.append(f"| {title} | {' | '.join(several)} |")
    lines += _beside(values)
    lines += [
        "",
        "| technique | positives | precision | recall | F1 | average precision | threshold |",
        "|---|---|---|---|---|---|---|",
    ]
    thresholds = _thresholds(classifier.decision, values)
    for technique in classifier.inventory.techniques:
        row = values["per_technique"][technique.id]
        cells = " | ".join(_estimate(row[name]) for name in ("precision", "recall", "f1", "average_precision"))
        positives = row["n_positives"]
        count = positives["value"] if isinstance(positives, Mapping) else positives
        lines.append(f"| {technique.title} | {int(count)} | {cells} | {thresholds[technique.id]} |")
    lines += _any_technique(classifier.decision, values)
    return "\n".join(lines)


def _any_technique(decision: Decision, values: Mapping[str, Any]) -> list[str]:
    """The row of any technique and what it means, where that has a cut-off of its own."""
    if decision.any_threshold is None:
        return []
    cells = " | ".join(_estimate(values["overall"].get(f"any_{name}")) for name in ("precision", "recall", "f1"))
    return [
        f"| *any technique* | - | {cells} | - | {decision.any_threshold:.3f} |",
        "",
        "A sentence has any technique where the probability of it, 1 - prod (1 - p) over the techniques, reaches the cut-off "
        "of the last row, be none of them likely enough to be named; it was chosen where dev's probabilities expect the best F1.",
    ]


def _thresholds(decision: Decision, values: Mapping[str, Any]) -> dict[str, str]:
    """Technique to threshold with its interval over dev articles, as far as it was measured."""
    measured = (values.get("decisions") or {}).get("thresholds") or {}
    lows, highs = (
        ends or (None,) * len(decision.thresholds) for ends in (decision.threshold_lows, decision.threshold_highs)
    )
    rows = zip(decision.techniques, decision.thresholds, lows, highs, strict=True)
    return {
        name: _estimate(measured.get(name) or {"value": value, "low": low, "high": high})
        for name, value, low, high in rows
    }


def _beside(values: Mapping[str, Any]) -> list[str]:
    """What `spinscope evaluate` adds: remarks on baselines, the selection effect, agreement of annotators, and the
    figures without texts that stand in training.
    """
    lines = [f"- Baseline {name}: {remark}." for name, remark in (values.get("baseline_remarks") or {}).items()]
    without = values.get("without_training_texts")
    if without:
        figures = ", ".join(f"{title} {_estimate(without['overall'].get(name))}" for name, title in OVERALL[:2])
        n_repeated = values["n_training_texts"]
        lines.append(f"- Without the {n_repeated:,} sentences whose text also stands in training: {figures}.")
    effects = (values.get("decisions") or {}).get("selection") or {}
    if effects:
        told = ", ".join(
            f"{title} {_estimate(effects[name]['effect'], form='+.3f')}"
            for name, title in OVERALL[:2]
            if name in effects
        )
        lines.append(f"- Selection effect, F1 on dev by the thresholds chosen there minus F1 here: {told}.")
    agreement = values.get("agreement") or {}
    if agreement.get("overall"):
        one, who = agreement["overall"], " and ".join(agreement["annotators"])
        lines.append(
            f"- Micro F1 of {who} with each other on {agreement['n_sentences']:,} of these sentences: "
            f"{_estimate(one['annotators_f1'])}; the checkpoint's is {_estimate(one['part'])} of it."
        )
    for fact in agreement.get("published") or ():
        lines.append(
            f"- People reach {fact['measure']} {fact['low']:g} to {fact['high']:g} on such labels ({fact['source']})."
        )
    return ["", *lines] if lines else []


def _estimate(estimate: Mapping[str, Any] | None, *, form: str = ".3f") -> str:
    if not estimate or estimate.get("value") is None:
        return "-"
    text = format(estimate["value"], form)
    if estimate.get("low") is not None and estimate.get("high") is not None:
        text += f" [{estimate['low']:{form}}, {estimate['high']:{form}}]"
    return text


def _training(classifier: Classifier) -> str:
    manifest, config = classifier.manifest, classifier.config
    data, training = manifest.get("data", {}), manifest.get("training", {})
    counts = data.get("n_sentences", {})
    base = (
        "TF-IDF features" if config.model.kind == "tfidf" else f"`{config.model.base}`, {config.model.pooling} pooling"
    )
    folded_into = "weights" if config.model.kind == "tfidf" else "head"
    method = classifier.decision.calibration
    calibration = "no calibration" if method == "none" else f"calibration: {method}, folded into the {folded_into}"
    lines = [
        "## Training", "",
        f"- Kind: {config.model.kind}; base: {base}; {calibration}.",
        f"- Data: sha256 `{data.get('sha256', '')[:16]}`, {counts.get('train', 0):,} sentences to train on, {counts.get('dev', 0):,} dev, {counts.get('test', 0):,} test.",
        f"- {'Several seeds' if manifest.get('seed') is None else 'Seed ' + str(manifest['seed'])}, precision {training.get('precision')}, {training.get('seconds')} s; every setting is in `config.yaml`.",
    ]  # fmt: skip
    if classifier.recurrence_weights is not None:
        rows = zip(classifier.decision.techniques, classifier.recurrence_weights, strict=True)
        added = ", ".join(f"{weight:+.2f} log-odds a unit to *{name}*" for name, weight in rows if weight)
        with_train = "n_positives_trained_on" in classifier.decision.fitted_on.get("recurrence", {})
        fitted_on = "dev and the training part" if with_train else "dev"
        lines.append(
            f"- Wording that recurs in the article adds {added}, fitted on {fitted_on}; a sentence scored alone has none of it."
        )
    tuned_from = manifest.get("tuned_from")
    if tuned_from:
        new = "thresholds and calibration" if classifier.recurrence_weights is None else "thresholds, calibration and that weight"
        lines.append(
            f"- Tuned from *{tuned_from['name']}* (identity `{tuned_from['identity'][:16]}`) on "
            f"{manifest['tuning']['n_sentences']:,} labelled sentences: {new} are new, nothing else."
        )
    averaged_from = manifest.get("averaged_from")
    if averaged_from:
        names = ", ".join(f"*{one['name']}* (identity `{one['identity'][:16]}`)" for one in averaged_from)
        lines.append(
            f"- The mean of the weights of {names}; `config.yaml` is that of the first. Thresholds and calibration were "
            f"fitted anew on {manifest['tuning']['n_sentences']:,} labelled sentences."
        )
    if training.get("n_sentences_cut_in_training"):
        lines.append(
            f"- {training['n_sentences_cut_in_training']:,} training sentences were longer than {config.model.max_tokens} tokens: the first window of each was learned from."
        )
    return "\n".join(lines)


def _limits(classifier: Classifier) -> str:
    return (
        "## Limits\n\n"
        "- A technique is a manner of speaking: a high score does not say that a sentence is false, nor a low one that it is true.\n"
        "- Annotators agree only moderately on such labels; read decisions as pointers for a reader, not as verdicts.\n"
        f"- Trained on {', '.join(classifier.languages)} text; other languages, registers and times are not covered by the figures above.\n"
        "- Quoted words are scored like any others: `spinscope score` says whose voice they are in."
    )
