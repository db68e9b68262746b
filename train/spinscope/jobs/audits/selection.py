"""Audit section: what the choice of thresholds on dev promised too much."""

from __future__ import annotations

from spinscope.jobs.audits.sections import Figure, Section
from spinscope.jobs.exposure import Exposure
from spinscope.jobs.labelled import Scored
from spinscope.jobs.selection import AVERAGED, selection_of
from spinscope.jobs.tables import TITLES
from spinscope.model.prediction import Classifier


def selection_section(classifier: Classifier, scored: Scored, seen: Exposure) -> Section:
    """F1 on dev minus F1 here; each technique's is among the details."""
    found = selection_of(
        classifier, (scored.gold, scored.mask, scored.decisions), articles=scored.articles,
        techniques=classifier.inventory.ids, seen=seen,
    )  # fmt: skip
    title = "What did choosing thresholds on dev promise too much?"
    if found.why_not:
        return Section("selection", title, notes=(f"not measured: {found.why_not}",))
    n = len(scored.sentences)
    figures = [
        Figure(f"{name}_effect", f"{TITLES[name]} on dev, minus here", found.effects[name].effect, n=n)
        for name in AVERAGED
    ]
    rows = [{"name": TITLES.get(name, name), **one.to_dict()} for name, one in found.effects.items()]
    return Section("selection", title, tuple(figures), details={"effects": rows})
