"""Whether predictions are for what gold is for, by the rules of each task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from spinscope.data.submissions.units import FRAGMENTS, Content, Fragment
from spinscope.errors import UserError


def refuse_mismatch(gold: Content, predictions: Content) -> None:
    """Refuses predictions that the task's rule cannot hold against this gold.

    In span identification and fragment classification an article may be missing from the predictions: none of its spans
    was found. Everywhere else each unit of gold needs its prediction, and there may be no other.

    Raises:
        UserError: naming the first article or unit.
    """
    kind = gold.task.kind
    if kind == "fragments":
        _refuse_foreign_articles(gold, predictions)
    elif kind == "listings":
        _refuse_others(gold.fragments, predictions.fragments, predictions, noun="article")
        for article, fragments in gold.fragments.items():
            _refuse_other_spans(article, fragments, predictions.fragments[article], predictions)
    elif kind in FRAGMENTS:
        _refuse_others(gold.fragments, predictions.fragments, predictions, noun="text")
    else:
        _refuse_others(gold.labels, predictions.labels, predictions, noun="text")
    if not (gold.fragments or gold.labels):
        raise UserError("no gold", where=_name(gold), expected="gold labels of the measured part")


def _refuse_foreign_articles(gold: Content, predictions: Content) -> None:
    foreign = sorted(set(predictions.fragments) - set(gold.fragments))
    if foreign:
        raise UserError(
            f"spans of {len(foreign)} articles that gold does not name, first '{foreign[0]}'",
            where=_name(predictions),
            expected="articles of the measured part",
            remedy="where gold is one file, an article without a span does not stand in it: name the folder of the "
            "part's articles with --articles.",
        )


def _refuse_others(gold: Collection[Any], predicted: Collection[Any], predictions: Content, *, noun: str) -> None:
    missing = [one for one in gold if one not in predicted]
    foreign = [one for one in predicted if one not in gold]
    for found, what in ((missing, "without a prediction"), (foreign, "that gold does not have")):
        if found:
            raise UserError(
                f"{len(found)} {noun}s {what}, first {_told(found[0])}", where=_name(predictions),
                expected=f"one prediction for each of the {len(gold)} {noun}s of gold, and no other",
            )  # fmt: skip


def _refuse_other_spans(
    article: str, gold: Iterable[Fragment], predicted: Iterable[Fragment], predictions: Content
) -> None:
    wanted = Counter((start, end) for start, end, _ in gold)
    found = Counter((start, end) for start, end, _ in predicted)
    for difference, what in ((wanted - found, "is missing"), (found - wanted, "is not in gold, or not so often")):
        if difference:
            start, end = next(iter(difference))
            raise UserError(
                f"span {start} to {end} of article '{article}' {what}", where=_name(predictions),
                expected="each span of gold with one label, as often as gold lists it",
            )  # fmt: skip


def _told(unit: Any) -> str:
    return f"'{unit}'" if isinstance(unit, str) else " ".join(f"'{part}'" for part in unit)


def _name(content: Content) -> str:
    return str(content.files[0]) if content.files else "predictions"
