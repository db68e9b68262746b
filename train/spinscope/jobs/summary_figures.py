"""From counts to figures: shares, rates, corrections and their intervals, comparisons of groups, looks at the scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spinscope.data.article_counts import MARKED, SENTENCES, WORDS, ArticleCounts, GroupCounts, article_key
from spinscope.data.groups import PERIODS, UNKNOWN, Group, in_order
from spinscope.data.summaries import ANY
from spinscope.jobs.summary_result import RANKED_VOICES, VOICES_TOLD, Columns, RankedPair, Ranking, Row, Unlike
from spinscope.measure.article_draws import (
    FEW_ARTICLES,
    design_effects,
    estimate,
    expanded_interval,
    few_articles,
    pseudo_sentences,
    weighted_sums,
)
from spinscope.measure.pairwise import pair_differences
from spinscope.measure.prevalence import ErrorRates, corrected_shares
from spinscope.measure.resampling import Estimate
from spinscope.measure.score_shift import LEAST_ERRORS, LEAST_ERRORS_OF_MANY, rank_design_effect, score_shift

MOST_RANKED = 100
_NO_RATES_FOR_ANY = "dev tells the rates of each technique alone"
_NO_DEV = "the scores' manifest says nothing of dev"


@dataclass(frozen=True)
class Rules:
    """How intervals are made: level of confidence (0 to 1), resamples, seed."""

    confidence: float = 0.95
    n_resamples: int = 2000
    seed: int = 13


@dataclass(frozen=True)
class GroupFigures:
    """One group: its figures, and what a comparison with others needs.

    Attributes:
        rows: by technique and voice.
        shares: (4, k + 1) by voice and technique, NaN where there are no sentences.
        draws: (r, 4, k + 1) the same on resamples.
        n_articles: (4,) articles with sentences in each voice.
    """

    rows: list[Row]
    shares: np.ndarray
    draws: np.ndarray
    n_articles: np.ndarray


def levels_of(columns: Columns) -> tuple[Columns, ...]:
    """No column, each alone, all together."""
    return tuple(dict.fromkeys([(), *((column,) for column in columns), columns]))


def level_figures(
    counts: ArticleCounts, by: Columns, *, rates: ErrorRates | None, rules: Rules
) -> Iterator[tuple[Group, GroupCounts, GroupFigures]]:
    """The figures of all groups of one level, in their order."""
    groups = counts.groups(by)
    ordered = in_order(list(groups))
    effects = design_effects(_columns(_with_all(groups[group].counts)) for group in ordered)
    effects = effects.reshape(len(VOICES_TOLD), -1)
    for group in ordered:
        yield group, groups[group], _figures(by, group, groups[group], counts.techniques, effects, rates, rules)


def _with_all(counts: np.ndarray) -> np.ndarray:
    """(..., 3, c) by voice to (..., 4, c), all voices together last."""
    return np.concatenate([counts, counts.sum(axis=-2, keepdims=True)], axis=-2)


def _columns(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, 4 (k + 1)) marked sentences, and sentences, of (m, 4, k + 3) counts."""
    marked = counts[:, :, MARKED:]
    sentences = np.broadcast_to(counts[:, :, SENTENCES, None], marked.shape)
    return marked.reshape(len(counts), -1), sentences.reshape(len(counts), -1)


def _figures(
    by: Columns, group: Group, counted: GroupCounts, techniques: Sequence[str], effects: np.ndarray,
    rates: ErrorRates | None, rules: Rules,
) -> GroupFigures:  # fmt: skip
    total = _with_all(counted.counts.sum(axis=0))
    sums = weighted_sums(
        counted.keys, counted.counts.reshape(len(counted.keys), -1), n_resamples=rules.n_resamples, seed=rules.seed
    )
    sums = _with_all(sums.reshape(rules.n_resamples, *counted.counts.shape[1:]))
    key = article_key("\0".join((*by, *group)))
    marked, unmarked = (
        pseudo[:, :, None] * effects
        for pseudo in pseudo_sentences(n_resamples=rules.n_resamples, seed=rules.seed, key=key)
    )
    # Half a sentence and its words: as many as the group's sentences have.
    words = total[:, WORDS] / np.maximum(total[:, SENTENCES], 1)
    draws = (sums[..., MARKED:] + marked) / (sums[..., [SENTENCES]] + marked + unmarked)
    n_words = sums[..., [WORDS]] + (marked + unmarked) * words[:, None]
    densities = 1000 * (sums[..., MARKED:] + marked) / np.maximum(n_words, 1e-9)
    n_articles = (_with_all(counted.counts)[:, :, SENTENCES] > 0).sum(axis=0)
    shares = _ratio(total[:, MARKED:], total[:, [SENTENCES]])
    told = _Told(
        shares=_estimates(shares, draws, n_articles, rules),
        densities=_estimates(1000 * _ratio(total[:, MARKED:], total[:, [WORDS]]), densities, n_articles, rules),
        corrected=[_corrected(shares[v, :-1], draws[:, v, :-1], rates, int(n_articles[v]), rules) for v in range(4)],
    )
    rows = [
        Row(
            by, group, technique, voice, counted.n_articles, int(total[v, SENTENCES]), int(total[v, WORDS]),
            int(total[v, MARKED + t]), told.shares[v][t], told.corrected[v][t], told.densities[v][t],
        )
        for t, technique in enumerate((*techniques, ANY))
        for v, voice in enumerate(VOICES_TOLD)
    ]  # fmt: skip
    return GroupFigures(rows, shares, draws, n_articles)


@dataclass(frozen=True)
class _Told:
    """Estimates by voice and technique."""

    shares: list[list[Estimate]]
    densities: list[list[Estimate]]
    corrected: list[list[Estimate]]


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(
        numerator,
        denominator,
        out=np.full(numerator.shape, np.nan),
        where=np.broadcast_to(denominator, numerator.shape) > 0,
    )
    return ratio


def _estimates(values: np.ndarray, draws: np.ndarray, n_articles: np.ndarray, rules: Rules) -> list[list[Estimate]]:
    n_techniques = values.shape[1]
    low, high = expanded_interval(
        draws.reshape(len(draws), -1), np.repeat(n_articles, n_techniques), confidence=rules.confidence
    )
    ends = np.stack([low, high]).reshape(2, *values.shape)
    return [
        [
            estimate(values[v, t], ends[0, v, t], ends[1, v, t], note=few_articles(int(n_articles[v])))
            if n_articles[v]
            else Estimate(None, note="no sentence")
            for t in range(n_techniques)
        ]
        for v in range(len(values))
    ]


def _corrected(
    shares: np.ndarray, draws: np.ndarray, rates: ErrorRates | None, n_articles: int, rules: Rules
) -> list[Estimate]:
    if rates is None:
        found = [Estimate(None, note=_NO_DEV)] * len(shares)
    else:
        found = corrected_shares(shares, draws, rates, n_articles=n_articles, confidence=rules.confidence)
    return [*found, Estimate(None, note=_NO_RATES_FOR_ANY)]


def is_ranked(by: Columns) -> bool:
    """Whether the groups of a level are compared in pairs: those of one column, and not of time."""
    return len(by) == 1 and by[0] not in PERIODS


def rankings(
    column: str, figures: Mapping[Group, GroupFigures], techniques: Sequence[str], *, rules: Rules
) -> Iterator[Ranking]:
    """Compares the groups of one column in every technique, in the author's voice and in all together."""
    for voice in RANKED_VOICES:
        v = VOICES_TOLD.index(voice)
        left_out = {group[0]: why for group, one in figures.items() if (why := _why_unranked(group, one, v))}
        groups = [group for group in figures if group[0] not in left_out]
        groups.sort(key=lambda group: -figures[group].n_articles[v])
        left_out |= {group[0]: f"only the {MOST_RANKED} largest are ranked" for group in groups[MOST_RANKED:]}
        groups = groups[:MOST_RANKED]
        for t, technique in enumerate((*techniques, ANY)):
            yield _ranking(
                column, technique, voice, {group[0]: figures[group] for group in groups}, left_out, (v, t), rules
            )


def _why_unranked(group: Group, figures: GroupFigures, v: int) -> str:
    if group[0] == UNKNOWN:
        return "not known which"
    n_articles = int(figures.n_articles[v])
    if n_articles >= FEW_ARTICLES:
        return ""
    return f"{n_articles} {'article' if n_articles == 1 else 'articles'}, fewer than {FEW_ARTICLES}"


def _ranking(
    column: str, technique: str, voice: str, figures: Mapping[str, GroupFigures], left_out: Mapping[str, str],
    place: tuple[int, int], rules: Rules,
) -> Ranking:  # fmt: skip
    shares = {group: float(one.shares[place]) for group, one in figures.items()}
    names = sorted(shares, key=lambda group: (-shares[group], group))
    pairs: tuple[RankedPair, ...] = ()
    if len(names) > 1:
        found = pair_differences(
            np.array([shares[group] for group in names]),
            np.stack([figures[group].draws[(slice(None), *place)] for group in names], axis=1),
            np.array([figures[group].n_articles[place[0]] for group in names]),
            confidence=rules.confidence,
        )
        values = zip(found.first, found.second, found.difference, found.low, found.high, found.above, strict=True)
        pairs = tuple(
            RankedPair(names[i], names[j], float(d), float(low), float(high), "above" if above > 0 else "cannot tell")
            for i, j, d, low, high, above in values
        )
    return Ranking(
        column, technique, voice, {name: shares[name] for name in names}, pairs, dict(left_out), rules.confidence
    )


def unlike_dev(
    by: Columns, group: Group, counted: GroupCounts, techniques: Sequence[str], edges: Sequence[Sequence[float]],
    dev: Mapping[str, Mapping[str, Any]],
) -> Iterator[Unlike]:  # fmt: skip
    """The techniques whose scores in a group of enough articles are distributed unlike dev's."""
    if counted.n_articles < FEW_ARTICLES:
        return
    n_sentences = counted.counts[:, :, SENTENCES].sum(axis=1)
    for t, technique in enumerate(techniques):
        histogram, known = counted.histograms[t], dev[technique]
        shift = score_shift(
            histogram, edges=edges[t], deciles_positive=known["score_deciles_positive"],
            deciles_negative=known["score_deciles_negative"], n_positive=known["n_positive"],
            n_negative=known["n_negative"],
            design_effect=rank_design_effect(counted.ranks[:, t], n_sentences, histogram),
            least_errors=LEAST_ERRORS_OF_MANY if by else LEAST_ERRORS,
        )  # fmt: skip
        if shift.warns and shift.distance is not None and shift.n_errors is not None and shift.score is not None:
            yield Unlike(by, group, technique, shift.distance, shift.n_errors, shift.score, shift.direction)


def doubted(rows: Sequence[Row], unlike: Sequence[Unlike]) -> list[Row]:
    """The rows of a group, with a note on corrections that its scores speak against."""
    techniques = {one.technique for one in unlike}
    return [_with_doubt(row) if row.technique in techniques else row for row in rows]


def _with_doubt(row: Row) -> Row:
    notes = [row.corrected_share.note, "scores are distributed unlike dev's"]
    return replace(row, corrected_share=replace(row.corrected_share, note="; ".join(note for note in notes if note)))
