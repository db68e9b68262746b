"""Division by article: balanced over each source's techniques, the same for a seed whatever the order of the input.

Articles that share text stay together. What the data itself gives (a split column, a split file) wins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spinscope.data.duplicates import linked_articles, text_hash
from spinscope.errors import UserError
from spinscope.files import read_json, sha256_of_text
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    from spinscope import config

__all__ = [
    "SPLITS",
    "article_folds",
    "assign_splits",
    "given_splits",
    "linked_articles",
    "split_by_article",
    "straddling_articles",
]

SPLITS = ("train", "dev", "test")


def assign_splits(sentences: Sequence[Sentence], split: config.Split, *, target: Inventory) -> dict[str, str]:
    """Article id -> train, dev or test: as the sources give it, else as `split.file` says, else divided by fractions.

    A split file must name every article for which the sources give no split.

    Raises:
        UserError: sources or file contradict each other, or the file leaves articles out.
    """
    given = given_splits(sentences)
    if split.file is not None:
        given |= _splits_of_file(Path(split.file), {sentence.article for sentence in sentences}, given)
    return _divide(
        sentences,
        given,
        target=target,
        dev_fraction=split.dev_fraction,
        test_fraction=split.test_fraction,
        seed=split.seed,
    )


def split_by_article(
    sentences: Sequence[Sentence], *, target: Inventory, dev_fraction: float, test_fraction: float, seed: int
) -> dict[str, str]:
    """Article id -> train, dev or test; articles with a given split keep it, linked articles stay together.

    Args:
        sentences: labelled; their order does not matter.
        target: the techniques to balance.
        dev_fraction: of the articles without a given split, 0 to 1.
        test_fraction: of the articles without a given split, 0 to 1.
        seed: another seed gives another division.

    Raises:
        UserError: given splits contradict each other.
    """
    given = given_splits(sentences)
    return _divide(sentences, given, target=target, dev_fraction=dev_fraction, test_fraction=test_fraction, seed=seed)


def article_folds(sentences: Sequence[Sentence], *, n_folds: int, seed: int, target: Inventory) -> dict[str, int]:
    """Article id -> fold, 0 to n_folds - 1: balanced over each source's size and techniques, linked articles together.

    Raises:
        UserError: fewer groups of linked articles than folds.
    """
    groups = linked_articles(sentences)
    if len(groups) < n_folds:
        raise UserError(
            f"{len(groups)} articles (linked ones counted once)",
            where="data",
            expected=f"at least {n_folds}, one for each fold",
            remedy="use fewer folds.",
        )
    fractions = [1 / n_folds] * n_folds
    return _balanced(sentences, groups, fractions, target=target, seed=seed)


def given_splits(sentences: Iterable[Sentence]) -> dict[str, str]:
    """Article id -> the split its source gives; articles without one are left out.

    Raises:
        UserError: an article whose sentences are given different splits, or that two sources put into different splits.
    """
    given: dict[str, str] = {}
    sources: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for sentence in sorted(sentences, key=lambda one: (one.article, one.index)):
        if sentence.split is None:
            continue
        known = given.setdefault(sentence.article, sentence.split)
        if known != sentence.split:
            raise UserError(
                f"article '{sentence.article}' is both in {known} and in {sentence.split}",
                where=f"data.sources.{sentence.source}" if sentence.source else "data",
                expected="one split per article",
                remedy="give all its sentences the same split.",
            )
        own = sentence.article.removeprefix(f"{sentence.source}/")
        sources[own][sentence.article].add(text_hash(sentence.text))
    _refuse_clashing_sources(given, sources)
    return given


def straddling_articles(sentences: Iterable[Sentence]) -> dict[str, set[str]]:
    """Article id -> splits, of the articles whose sentences are given more than one split by their source."""
    splits: dict[str, set[str]] = defaultdict(set)
    for sentence in sentences:
        if sentence.split is not None:
            splits[sentence.article].add(sentence.split)
    return {article: given for article, given in splits.items() if len(given) > 1}


def _refuse_clashing_sources(given: Mapping[str, str], sources: Mapping[str, Mapping[str, set[str]]]) -> None:
    """The same article in two sources: the same own id, and at least half of the shorter one's texts in common."""
    for own, articles in sources.items():
        names = sorted(articles)
        for position, first in enumerate(names):
            for second in names[position + 1 :]:
                n_shared = len(articles[first] & articles[second])
                same = 2 * n_shared >= min(len(articles[first]), len(articles[second]))
                if same and given[first] != given[second]:
                    raise UserError(
                        f"article '{own}' is in {given[first]} by source '{first.removesuffix('/' + own)}' "
                        f"and in {given[second]} by source '{second.removesuffix('/' + own)}'",
                        where="data.sources",
                        expected="one split per article",
                        remedy="give both sources the same split, or leave the article out of one.",
                    )


def _splits_of_file(path: Path, articles: set[str], given: Mapping[str, str]) -> dict[str, str]:
    values = read_json(path)
    if not isinstance(values, dict):
        raise UserError(f"a JSON {type(values).__name__}", where=str(path), expected="an object {article id: split}")
    for article, split in values.items():
        if split not in SPLITS:
            raise UserError(f"split {split!r} of article '{article}'", where=str(path), expected="train, dev or test")
        if given.get(article, split) != split:
            raise UserError(
                f"article '{article}' is in {split}, but its source gives {given[article]}",
                where=str(path),
                expected="one split per article",
                remedy="mend the file, or take the split out of the source.",
            )
    missing = sorted(articles - set(values) - set(given))
    if missing:
        shown = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise UserError(
            f"no split for {len(missing)} of {len(articles)} articles: {shown}",
            where=str(path),
            expected="an entry for each article of the data",
            remedy="add the articles, or leave out data.split_by.file.",
        )
    return {article: split for article, split in values.items() if article in articles}


def _divide(
    sentences: Sequence[Sentence],
    given: Mapping[str, str],
    *,
    target: Inventory,
    dev_fraction: float,
    test_fraction: float,
    seed: int,
) -> dict[str, str]:
    articles = {sentence.article for sentence in sentences}
    splits = {article: split for article, split in given.items() if article in articles}
    if len(splits) == len(articles):
        return dict(sorted(splits.items()))
    free = []
    for group in linked_articles(sentences):
        rest = {article for article in group if article not in given}
        if rest and len(rest) < len(group):  # linked to articles with a given split: it follows them
            votes = Counter(given[article] for article in group - rest)
            chosen = min(votes, key=lambda split: (-votes[split], SPLITS.index(split)))
            splits |= dict.fromkeys(rest, chosen)
        elif rest:
            free.append(rest)
    fractions = [1 - dev_fraction - test_fraction, dev_fraction, test_fraction]
    places = _balanced(sentences, free, fractions, target=target, seed=seed)
    splits |= {article: SPLITS[place] for article, place in places.items()}
    return dict(sorted(splits.items()))


def _balanced(
    sentences: Sequence[Sentence],
    groups: Sequence[set[str]],
    fractions: Sequence[float],
    *,
    target: Inventory,
    seed: int,
) -> dict[str, int]:
    """Article id -> place, dealt greedily from the rarest technique up (after Sechidis et al., ECML-PKDD 2011).

    Each group goes where it least raises the sum over each source's techniques, articles and sentences of
    (dealt - wanted)^2 / wanted. The order among equals follows a hash of seed and article ids; of places that are alike
    the first is taken. Nothing is balanced across sources, and ids count without the source's name: as far as links and
    techniques are the same, a corpus among several is divided as it is alone. Sources of fewer than two groups a place
    count as one: what is left over of each would come to the same place.
    """
    own_ids = {one.article: one.article.removeprefix(f"{one.source}/") if one.source else one.article for one in sentences}
    groups = sorted(sorted(groups, key=min), key=lambda group: sha256_of_text(f"{seed}/{min(own_ids[name] for name in group)}"))
    open_places = [place for place, fraction in enumerate(fractions) if fraction > 0]
    counts, n_techniques = _counts(sentences, groups, target, least=2 * len(open_places))
    totals = counts.sum(axis=0)
    wanted = np.outer([fractions[place] for place in open_places], np.maximum(totals, 1e-9))
    dealt = np.zeros_like(wanted)
    # Groups of linked articles come first, the largest before all; then the rarest technique says how early.
    positives = counts[:, :n_techniques]
    rarest = np.where(positives > 0, totals[:n_techniques], np.inf).min(axis=1, initial=np.inf)
    linked = [-len(group) if len(group) > 1 else 0 for group in groups]
    order = sorted(range(len(groups)), key=lambda row: (linked[row], rarest[row], row))
    places = np.zeros(len(groups), dtype=int)
    for position, row in enumerate(order):
        rise = ((2 * (dealt - wanted) + counts[row]) * counts[row] / wanted).sum(axis=1)
        empty = [place for place in range(len(open_places)) if not dealt[place].any()]
        if empty and len(order) - position <= len(empty):  # as many groups left as empty places
            rise[[place for place in range(len(open_places)) if place not in empty]] = np.inf
        places[row] = int(np.argmin(rise))
        dealt[places[row]] += counts[row]
    return {article: open_places[places[row]] for row, group in enumerate(groups) for article in group}


def _counts(
    sentences: Sequence[Sentence], groups: Sequence[set[str]], target: Inventory, *, least: int
) -> tuple[np.ndarray, int]:
    """(n_groups, n) counts, and how many of the n columns, the first ones, are positives.

    Of each source: positives per technique; then of each source articles; then of each source sentences. Sources of
    fewer groups than `least` are one.
    """
    row_of = {article: row for row, group in enumerate(groups) for article in group}
    n_groups = Counter(source for source, _ in {(one.source, row_of.get(one.article)) for one in sentences})
    sources = {source: number for number, source in enumerate(sorted(name for name in n_groups if n_groups[name] >= least))}
    sources |= {name: len(sources) for name in n_groups if n_groups[name] < least}
    n_sources = len(set(sources.values()))
    k, n_positives = len(target.ids), len(target.ids) * n_sources
    counts = np.zeros((len(groups), n_positives + 2 * n_sources))
    seen: set[str] = set()
    for sentence in sentences:
        row = row_of.get(sentence.article)
        if row is None:
            continue
        source = sources[sentence.source]
        counts[row, n_positives + n_sources + source] += 1
        if sentence.article not in seen:
            seen.add(sentence.article)
            counts[row, n_positives + source] += 1
        for technique in sentence.techniques:
            counts[row, k * source + target.index(technique)] += 1
    return counts, n_positives
