"""The band of doubt of a checkpoint: which probabilities leave a decision to a person, chosen on its dev part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spinscope.errors import UserError
from spinscope.jobs.dev_answers import dev_answers
from spinscope.measure.abstention import band_ends, narrowest_widths
from spinscope.model.prediction import Bands, Classifier
from spinscope.records import Decision


def with_band(decision: Decision, labelled: tuple[Any, Any, Any], *, wished_error: float | None) -> Decision:
    """The decision with the narrowest bands outside which no more than `wished_error` of the decisions is wrong.

    A technique of which no band keeps that has none, and is named in `fitted_on["abstention"]["without_band"]`.

    Args:
        decision: its thresholds are the bands' centres.
        labelled: (n, k) gold, mask and probabilities that the bands are chosen on.
        wished_error: share of wrong decisions among the decided, 0 to 1; None: the decision stays as it is.
    """
    if wished_error is None:
        return decision
    widths = narrowest_widths(labelled, thresholds=np.array(decision.thresholds), wished_error=wished_error)
    ends = [band_ends(threshold, width) for threshold, width in zip(decision.thresholds, widths, strict=True)]
    without = [name for name, width in zip(decision.techniques, widths, strict=True) if width is None]
    known = [
        (threshold, threshold) if low is None or high is None else (low, high)
        for (low, high), threshold in zip(ends, decision.thresholds, strict=True)
    ]
    told = {"abstention": {"wished_error": wished_error, "without_band": without}}
    return replace(
        decision, band_lows=tuple(low for low, _ in known), band_highs=tuple(high for _, high in known),
        fitted_on={**decision.fitted_on, **told},
    )  # fmt: skip


def drawn_band(classifier: Classifier, wished_error: float | None) -> dict[str, Any] | None:
    """What scores and their manifest know of the band: `lows`, `highs`, `wished_error`, `without_band`; or None.

    Args:
        classifier: an opened checkpoint.
        wished_error: draws a band anew, from the checkpoint's predictions on dev; None: the one it carries, if any.

    Raises:
        UserError: a band is asked for, and the checkpoint keeps no predictions on dev.
    """
    decision = classifier.decision
    if wished_error is not None:
        dev = dev_answers(classifier)
        if dev is None:
            raise UserError(
                f"{classifier.name} keeps no predictions on dev", where="--abstain",
                expected="a checkpoint whose errors on dev are known",
                remedy="make one with `spinscope tune CHECKPOINT --out NEW --data LABELLED --abstain ERROR`.",
            )  # fmt: skip
        decision = with_band(decision, dev.labelled, wished_error=wished_error)
    if not decision.band_lows:
        return None
    told = decision.fitted_on.get("abstention", {})
    return {"lows": list(decision.band_lows), "highs": list(decision.band_highs), **told}


def bands_of(drawn: dict[str, Any] | None) -> Bands | None:
    """The ends alone."""
    return (tuple(drawn["lows"]), tuple(drawn["highs"])) if drawn else None
