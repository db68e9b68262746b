"""A made-up audit with every kind of section, figure and table: no model is needed to look at its page.

Not a test file: `import made_audit` in a test.
"""

from __future__ import annotations

from spinscope.jobs.audits.result import Audit
from spinscope.jobs.audits.sections import Figure, Section
from spinscope.measure.resampling import Estimate


def made_audit(hostile: str = "", *, broken: bool = True) -> Audit:
    """Two figures beyond their limits where `broken`; `hostile` stands wherever text of articles does."""
    text = f"{hostile} They have never cared for us."
    member = {"id": "x-1", "text": text, "gold": [], "decided": ["us_vs_them"], "probabilities": {"us_vs_them": 0.91}}
    none = {**member, "decided": []}
    ranking = [
        {"article": "tale.txt", "index": row, "text": text, "technique": "us_vs_them", "given": row % 2 == 0, "probability": 0.02, "confidence": 0.02, "part": "test"}
        for row in range(120)
    ]  # fmt: skip
    token = {
        "token": "( zorbex", "technique": "us_vs_them", "n_sentences": 40, "n_with_technique": 40, "prevalence": 0.13, "reasons": ["stands in 40% of these sentences", "closes its sentences"],
        "score_raised": Estimate(0.31, 0.22, 0.4).to_dict(), "also": ["zorbex )"],
    }  # fmt: skip
    slice_figure = {
        "value": 0.6,
        "rest": 0.8,
        "difference": Estimate(-0.2, -0.3, -0.1).to_dict(),
        "p_holm": 0.01,
        "is_worse": True,
    }
    undefined = {"value": None, "rest": 0.8, "difference": Estimate(None).to_dict(), "p_holm": None, "is_worse": False}
    bias = {"n_pairs": 12, **Estimate(0.12, 0.05, 0.2).to_dict(), "p_holm": 0.01, "is_told": True}
    sections = (
        Section("quality", "Does it find the techniques at its thresholds?", (
            Figure("recall", "recall of us_vs_them", Estimate(0.5 if broken else 0.7, 0.42, 0.8), at_least=0.6, n=1195),
        )),
        Section("masking", "What is lost where names are masked", notes=("not measured: no names are marked",)),
        Section("leakage", "What the measured part shares with the training part", (
            Figure("copies", "sentences that also stand in the training part", Estimate(0.03 if broken else 0.0, 0.0, 0.04), at_most=0.01, n=1146),
            Figure("lost", "micro F1 without them, minus with them", Estimate(-0.01, -0.03, 0.01), n=1146),
            Figure("none", "macro average precision without them", Estimate(None, note="undefined for one of the two")),
        ), details={
            "copies": [{"article": "a", "index": 1, "text": text, "trained": text, "similarity": 0.9}],
            "slogans": [{"article": "a", "index": 1, "text": text, "phrases": ["never cared for us"]}],
        }),
        Section("giveaways", "Tokens that give a technique away", (Figure("tokens", "tokens", Estimate(1.0), at_most=3),), details={"tokens": [token]}),
        Section("label_errors", "Labels to look at again", (Figure("likely_wrong", "labels likely wrong", Estimate(0.02, 0.01, 0.03), at_most=0.03),), details={"ranking": ranking}),
        Section("slices", "Where it does worse", (Figure("gap", "largest gap", Estimate(0.0), at_most=0.15),), details={"slices": [
            {"attribute": "voice", "value": "quoted", "n_sentences": 90, "n_articles": 30, "figures": {"f1": slice_figure, "recall": slice_figure, "false_alarms": undefined}},
        ]}),
        Section("noise", "What careless typing costs", (Figure("typos", "micro F1 lost to typos", Estimate(0.02, 0.0, 0.04), at_most=0.1),), details={"examples": {"typos": [{"text": text, "changed": text.upper()}]}}),
        Section("neutral_alarm", "False alarms", (Figure("thousand", "alarms per 1,000 such sentences", Estimate(63.1, 38.0, 103.2)),), details={"examples": [{"members": [member]}]}),
        Section("symmetry", "Pairs that differ only in who is named", (Figure("flips", "decisions that flip", Estimate(0.03, 0.01, 0.05), at_most=0.06),), details={
            "bias": {"us_vs_them": {"Algeria": bias, "France": {**bias, "value": -0.12, "low": -0.2, "high": -0.05}}}, "examples": [{"members": [member, none]}],
        }),
    )  # fmt: skip
    data = {"sha256": "ef" * 32, "split": "test", "n_sentences": 1195}
    return Audit({"name": "core-small", "identity": "cd" * 32}, data, sections, {"recall": 0.6})
