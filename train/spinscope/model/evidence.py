"""Per sentence and technique, the words that carry the score: what each adds to the log-odds.

Which method is measured by `tests/benchmarks/evidence.py`; on right decisions of the quick-start model in the test part of
data/core (comprehensiveness, high is good; sufficiency, low is good; share of the weight inside gold spans; median of what
is left unexplained, in log-odds):

    integrated gradients, pad    0.679 (.615-.740)  0.134 (.069-.205)  0.790 (.732-.849)  0.0007
    leave out                    0.680 (.615-.739)  0.132 (.062-.207)  0.830 (.785-.873)  4.0
    mask out                     0.630 (.572-.687)  0.165 (.096-.239)  0.827 (.780-.877)  7.2
    integrated gradients, mask   0.534 (.446-.612)  0.237 (.162-.312)  0.623 (.534-.708)  0.0022
    states                       0.514 (.447-.571)  0.310 (.226-.397)  0.660 (.578-.748)  1.4
    random                       0.163 (.086-.253)  0.653 (.571-.715)  0.591 (.498-.685)
    gradient x input             0.091 (.021-.153)  0.692 (.615-.761)  0.576 (.477-.682)  6.6

(60 decisions, the last three 40 of them, where 59 % of the words are inside spans instead of 51 %.) Integrated gradients
from padding is the default: as faithful as leaving out, and its weights add up to the score, where leaving out gives
nothing to two words that say the same. Leaving out serves engines without gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from spinscope.data.words import Place, without_words, word_places
from spinscope.errors import UserError, did_you_mean
from spinscope.model.attribution import N_STEPS, Baseline, TokenMethod
from spinscope.model.linear import TfidfScorer
from spinscope.model.linear_evidence import term_shares
from spinscope.model.prediction import sigmoid
from spinscope.model.scorers import EncoderScorer
from spinscope.model.token_evidence import shares_by_tokens

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

Method = Literal["integrated-gradients", "gradient-x-input", "states", "leave-out", "mask-out", "linear"]
METHODS = ("integrated-gradients", "gradient-x-input", "states", "leave-out", "mask-out", "linear")

TEXTS_AT_ONCE = 4096
"""Most texts without a word that are held at a time."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the words of one text add to one technique's score.

    Attributes:
        text: the text.
        technique: id.
        probability: 0 to 1.
        threshold: from which on it is decided.
        method: one of `METHODS`.
        places: where the words stand in `text`; see `word_places`.
        weights: (n_words,) log-odds that each word adds.
        elsewhere: log-odds added by what is no word of the text: special tokens, context.
        baseline: log-odds of the score without any word.
        completeness_error: log-odds of the score, minus baseline, elsewhere and all weights: what the method leaves
            unexplained.
        n_windows: windows the text was scored in; of several, the one that gave the score is looked at.
    """

    text: str
    technique: str
    probability: float
    threshold: float
    method: str
    places: tuple[Place, ...]
    weights: tuple[float, ...]
    elsewhere: float
    baseline: float
    completeness_error: float
    n_windows: int = 1

    @property
    def is_decided(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.probability >= self.threshold

    def strongest(self, n: int = 5) -> list[tuple[str, float]]:
        """The words that add most, with their weights; none that takes away."""
        order = np.argsort(-np.asarray(self.weights), kind="stable")[:n]
        found = ((self.text[slice(*self.places[number])], self.weights[number]) for number in order)
        return [(word, weight) for word, weight in found if weight > 0]

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        words = [
            {"start": start, "end": end, "word": self.text[start:end], "weight": weight}
            for (start, end), weight in zip(self.places, self.weights, strict=True)
        ]
        return {
            "technique": self.technique, "probability": self.probability, "threshold": self.threshold,
            "decided": self.is_decided, "method": self.method, "words": words, "elsewhere": self.elsewhere,
            "baseline": self.baseline, "completeness_error": self.completeness_error, "n_windows": self.n_windows,
        }  # fmt: skip


def default_method(classifier: Classifier) -> Method:
    """The method that is best by measure for this kind of checkpoint."""
    if isinstance(classifier.scorer, TfidfScorer):
        return "linear"
    return "integrated-gradients" if isinstance(classifier.scorer, EncoderScorer) else "leave-out"


def check_method(classifier: Classifier, method: str | None) -> Method:
    """The method, or the default where it is None.

    Raises:
        UserError: no such method, or one that this kind of checkpoint, its pooling or its engine cannot serve.
    """
    if method is None:
        return default_method(classifier)
    where = "--method"
    found = next((one for one in METHODS if one == method), None)
    if found is None:
        raise UserError(f"no method '{method}'", where=where, remedy=did_you_mean(method, METHODS))
    is_linear = isinstance(classifier.scorer, TfidfScorer)
    if is_linear and found not in ("linear", "leave-out"):
        raise UserError(
            f"{found} on a TF-IDF checkpoint, which has no token embeddings", where=where,
            expected="linear, which is exact, or leave-out",
        )  # fmt: skip
    if found == "linear" and not is_linear:
        raise UserError(
            "linear on a checkpoint that is not linear in its words", where=where, remedy="leave --method out."
        )
    if found in ("integrated-gradients", "gradient-x-input", "states") and not isinstance(
        classifier.scorer, EncoderScorer
    ):
        raise UserError(
            f"{found} on the engine {classifier.engine}, which gives no gradients", where=where,
            expected="the engine torch, or leave-out",
        )  # fmt: skip
    if found == "states" and classifier.config.model.pooling != "mean":
        raise UserError(f"states with pooling {classifier.config.model.pooling}", where=where, expected="pooling mean")
    if found == "mask-out" and not classifier.scorer.tokenizer.mask_token:  # type: ignore[attr-defined]
        raise UserError("mask-out with a tokenizer that has no mask token", where=where, remedy="use leave-out.")
    return cast(Method, found)


def explained(
    classifier: Classifier,
    texts: Sequence[str],
    contexts: Sequence[str] | None = None,
    *,
    recurrence: np.ndarray | None = None,
    techniques: Sequence[Sequence[str]] | None = None,
    method: str | None = None,
    baseline: Baseline = "pad",
    n_steps: int = N_STEPS,
) -> list[list[Evidence]]:
    """Evidence for the scores of texts, per text and technique.

    Args:
        classifier: an open checkpoint.
        texts: n sentences.
        contexts: (n,) what the checkpoint is given beside each; None: nothing.
        recurrence: (n,) of wording that recurs in the article, where that adds to a technique; it counts as what the
            score is without any word. None: of lone sentences.
        techniques: (n,) ids to explain for each; None: those decided, and where none is, the one with the highest score.
        method: one of `METHODS`; None: the best by measure.
        baseline: of integrated gradients; see `token_shares`.
        n_steps: of integrated gradients.

    Raises:
        UserError: see `check_method`; a technique that the checkpoint does not know.
    """
    chosen = check_method(classifier, method)
    beside = list(contexts) if contexts is not None else [""] * len(texts)
    logits, n_windows = classifier.scorer.logits(texts, beside)
    summed = classifier.with_recurrence(logits, recurrence)
    cells = _cells(classifier, summed, techniques)
    places = [word_places(text) for text in texts]
    if chosen == "linear":
        assert isinstance(classifier.scorer, TfidfScorer)
        found = term_shares(classifier.scorer, texts, places, cells)
    elif chosen in ("leave-out", "mask-out"):
        found = _by_leaving_out(classifier, texts, beside, places, cells, logits, masked=chosen == "mask-out")
    else:
        assert isinstance(classifier.scorer, EncoderScorer)
        found = shares_by_tokens(
            classifier.scorer, texts, beside, places, cells, method=cast(TokenMethod, chosen), baseline=baseline,
            n_steps=n_steps,
        )  # fmt: skip
    evidence: list[list[Evidence]] = [[] for _ in texts]
    ids, thresholds = classifier.inventory.ids, classifier.decision.thresholds
    for (row, column), (weights, elsewhere, without) in zip(cells, found, strict=True):
        logit = float(summed[row, column])
        without += logit - float(logits[row, column])
        evidence[row].append(
            Evidence(
                texts[row], ids[column], float(sigmoid(summed[row, column])), thresholds[column], chosen,
                tuple(places[row]), tuple(weights.tolist()), elsewhere, without,
                logit - without - elsewhere - float(weights.sum()), int(n_windows[row]),
            )
        )  # fmt: skip
    return evidence


Shares = tuple[np.ndarray, float, float]
"""(n_words,) log-odds of the words, log-odds of what is no word, log-odds without any word."""


def _cells(
    classifier: Classifier, logits: np.ndarray, techniques: Sequence[Sequence[str]] | None
) -> list[tuple[int, int]]:
    """(row, column) of what is to be explained."""
    if techniques is not None:
        unknown = {name for several in techniques for name in several} - set(classifier.inventory.ids)
        if unknown:
            name = sorted(unknown)[0]
            raise UserError(
                f"no technique '{name}' in {classifier.inventory.name}", where="--technique",
                remedy=did_you_mean(name, classifier.inventory.ids),
            )  # fmt: skip
        return [(row, classifier.inventory.index(name)) for row, several in enumerate(techniques) for name in several]
    probabilities = sigmoid(logits)
    decided = classifier.decide(probabilities)
    # Where nothing is decided: what comes nearest to its threshold is what a reader asks about.
    nearest = (probabilities - classifier.thresholds).argmax(axis=1) if len(logits) else []
    return [
        (row, int(column))
        for row, marks in enumerate(decided)
        for column in (np.flatnonzero(marks) if marks.any() else [nearest[row]])
    ]


def _by_leaving_out(
    classifier: Classifier, texts: Sequence[str], contexts: Sequence[str], places: Sequence[Sequence[Place]],
    cells: Sequence[tuple[int, int]], logits: np.ndarray, *, masked: bool,
) -> list[Shares]:  # fmt: skip
    """How far the log-odds fall when a word is left out; on any engine, for all techniques at once."""
    instead = f" {classifier.scorer.tokenizer.mask_token} " if masked else ""  # type: ignore[attr-defined]
    rows = sorted({row for row, _ in cells})
    shares: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    waiting: list[tuple[int, str]] = []

    def score() -> None:
        values, _ = classifier.scorer.logits([text for _, text in waiting], [contexts[row] for row, _ in waiting])
        for row in dict.fromkeys(row for row, _ in waiting):
            mine = values[[number for number, (other, _) in enumerate(waiting) if other == row]].astype(np.float64)
            shares[row] = (logits[row].astype(np.float64) - mine[:-1], mine[-1])
        waiting.clear()

    for row in rows:
        words = range(len(places[row]))
        waiting += [(row, without_words(texts[row], places[row], [word], instead=instead)) for word in words]
        waiting.append((row, without_words(texts[row], places[row], words, instead=instead)))
        if len(waiting) >= TEXTS_AT_ONCE:
            score()
    if waiting:
        score()
    return [(shares[row][0][:, column], 0.0, float(shares[row][1][column])) for row, column in cells]
