"""Thresholds chosen on test, planted and found; what intervals of thresholds hold; how far a wished precision is kept.

    python tests/benchmarks/selection.py [--times 80]

Dev and test are 75 articles of 20 sentences each, four techniques (2 to 35 % positive, labels of an article go
together). In each corpus every technique in turn gets the threshold that is best on test. The wish is measured on
400,000 other sentences, beside the threshold that simply keeps it on dev.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "train"))

from spinscope.measure.cutoff_curves import Curve
from spinscope.measure.selection import CutoffCheck, check_cutoffs
from spinscope.measure.threshold_intervals import ThresholdFit, threshold_draws, threshold_intervals
from spinscope.measure.thresholds import WISHES, Rule, fit_thresholds
from spinscope.measure.wished_thresholds import cutoff_of

NAMES = ("frequent", "common", "less common", "rare")
Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def part(seed: int, n: int = 1500) -> Part:
    """Gold, mask, probabilities and articles of one part."""
    rng = np.random.default_rng(seed)
    shift = 0.5 * rng.normal(size=(n // 20, 4)).repeat(20, axis=0)
    logits = np.array([-1.0, -2.0, -2.5, -4.0]) + 1.5 * rng.normal(size=(n, 4))
    gold = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits - shift))).astype(int)
    return gold, np.ones(gold.shape, dtype=bool), 1 / (1 + np.exp(-logits)), np.arange(n) // 20


def best(of: Part, column: int) -> float:
    """The cut-off with the highest F1."""
    curve = Curve.of(of[0][:, column], of[2][:, column])
    return float(curve.cutoffs[np.argmax(curve.f1())])


def main() -> None:
    """Prints the shares found, accused and held."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=80)
    times = options.parse_args().times
    everyone = part(10**6, 400_000)
    optimum = np.array([best(everyone, column) for column in range(4)])
    held, found, accused, false = np.zeros(4), np.zeros(4), 0, 0
    for seed in range(times):
        dev, test = part(2 * seed), part(2 * seed + 1)
        values = fit_thresholds(*dev[:3], articles=dev[3]).values
        draws = threshold_draws(*dev[:3], articles=dev[3], fit=ThresholdFit(), n_resamples=200)
        low, high = threshold_intervals(values, draws, confidence=0.95)
        held += (low <= optimum) & (optimum <= high)

        def checked(
            cutoffs: np.ndarray,
            test: Part = test,
            values: np.ndarray = values,
            low: np.ndarray = low,
            high: np.ndarray = high,
        ) -> list[CutoffCheck]:
            known = np.ones(4, dtype=bool)
            return check_cutoffs(
                test[:3], cutoffs=cutoffs, from_dev=values, interval=(low, high), techniques=NAMES, known=known
            )

        false += sum(check.is_chosen_here for check in checked(values))
        for column in range(4):
            planted = values.copy()
            planted[column] = best(test, column)
            suspected = [check.technique for check in checked(planted) if check.is_chosen_here]
            found[column] += NAMES[column] in suspected
            accused += sum(name != NAMES[column] for name in suspected)
    print(f"{'technique':14}{'optimum':>9}{'interval holds it':>19}{'planted found':>15}")
    for column, name in enumerate(NAMES):
        print(f"{name:14}{optimum[column]:9.3f}{held[column] / times:19.0%}{found[column] / times:15.1%}")
    print(f"accused beside the planted one: {accused}; on clean data: {false} of {4 * times}")
    for rule, wished in (("at_precision", 0.6), ("at_recall", 0.6)):
        print_wish(rule, wished, everyone, times)


def print_wish(rule: Rule, wished: float, everyone: Part, times: int) -> None:
    """How often, and how well, a wish is kept elsewhere: cross-fitted, and by what keeps it on dev."""
    wish = WISHES[rule]
    found: dict[str, list[list[float]]] = {"cross-fitted": [[], [], [], []], "kept on dev": [[], [], [], []]}
    for seed in range(times):
        dev = part(2 * seed)
        fitted = fit_thresholds(*dev[:3], articles=dev[3], rule=rule, wished=wished)
        assert fitted.wished is not None
        for column in np.flatnonzero(fitted.wished.kept).tolist():
            simple = cutoff_of(Curve.of(dev[0][:, column], dev[2][:, column]), wish, wished)
            for kind, cutoff in (("cross-fitted", fitted.values[column]), ("kept on dev", simple)):
                decided, truth = everyone[2][:, column] >= cutoff, everyone[0][:, column]
                found[kind][column].append((decided & (truth == 1)).sum() / max(1, (decided if wish == "precision" else truth).sum()))
    for column, name in enumerate(NAMES):
        told = [
            f"{kind} mean {np.mean(values[column]):.3f}, kept in {np.mean(np.array(values[column]) >= wished):.0%}"
            for kind, values in found.items()
            if values[column]
        ]
        print(f"{wish} {wished} of {name} (in {len(found['kept on dev'][column])} corpora): {'; '.join(told)}")


if __name__ == "__main__":
    main()
