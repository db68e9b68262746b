"""What is wrong with data before anything is learned from it: findings, some of which block."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from spinscope.config import RunConfig
from spinscope.data.corpora.labels import UnknownLabel
from spinscope.data.corpora.placing import NO_ARTICLE
from spinscope.data.duplicates import MIN_WORDS, leaks, same_texts, text_hash, texts_in_two_splits
from spinscope.data.near_copies import near_duplicates
from spinscope.data.splits import SPLITS, straddling_articles
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

__all__ = ["Finding", "Report", "TokenCounter", "check_data", "text_hash"]

MIN_TO_LEARN = 10
"""Fewer positives in train are too few to learn a technique from."""

MIN_TO_MEASURE = 10
"""Fewer positives in dev or test are too few to fit a threshold to, or to measure with."""

N_EXAMPLES = 5
N_PLACES = 3

Severity = Literal["block", "warning", "note"]

TokenCounter = Callable[[Sequence[str]], Sequence[int]]
"""Texts to the number of tokens of each, special tokens included."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing found. `count` says how often; `examples` name places (article:index), never texts.

    `severity` is what counts after waivers: a waived finding is a warning.
    """

    name: str
    severity: Severity
    message: str
    count: int
    examples: tuple[str, ...] = ()
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Counts and findings of one check."""

    counts: Mapping[str, Any]
    findings: list[Finding] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """Whether a finding blocks training."""
        return any(finding.severity == "block" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        findings = [{**asdict(finding), "examples": list(finding.examples)} for finding in self.findings]
        return {**self.counts, "findings": findings, "blocked": self.blocked}


def check_data(
    sentences: Sequence[Sentence],
    splits: Mapping[str, str],
    *,
    config: RunConfig,
    target: Inventory,
    unknown: Sequence[UnknownLabel],
    tokenizer: TokenCounter | None = None,
    with_near_duplicates: bool = True,
) -> Report:
    """Counts and findings; leaks and unknown labels block unless `data.waive` names them.

    Args:
        sentences: of all sources, labels in `target`.
        splits: article id -> train, dev or test.
        config: gives the waivers, and the length of a window.
        target: the techniques.
        unknown: labels outside the inventories, as `load_sentences` collected them.
        tokenizer: counts tokens; without it, lengths are not checked.
        with_near_duplicates: False leaves out this search, which takes seconds on tens of thousands of sentences.
    """
    counts = count_data(sentences, splits, target=target)
    found = [
        _unknown_labels(unknown),
        _straddling(sentences),
        _leaks(sentences, splits),
        _repeated(sentences, splits),
        _near_duplicates(sentences, splits) if with_near_duplicates else None,
        _contradictions(sentences),
        _empty(sentences),
        _no_article(sentences),
        _overlong(sentences, config, tokenizer),
        _nothing_annotated(sentences),
        _empty_splits(counts),
        *_rare_techniques(counts, target),
    ]
    return Report(counts, [_waived(finding, config.data.waive) for finding in found if finding is not None])


def count_data(sentences: Iterable[Sentence], splits: Mapping[str, str], *, target: Inventory) -> dict[str, Any]:
    """Articles and sentences per split and source; positives and annotated sentences per technique and split."""
    articles: dict[str, set[str]] = {split: set() for split in SPLITS}
    n_sentences, sources = Counter[str](), Counter[str]()
    positives: dict[str, Counter[str]] = defaultdict(Counter)
    annotated: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        split = splits[sentence.article]
        articles[split].add(sentence.article)
        n_sentences[split] += 1
        sources[sentence.source] += 1
        positives[split].update(sentence.techniques)
        annotated[split].update(sentence.annotated)
    return {
        "inventory": {"name": target.name, "hash": target.hash},
        "splits": {split: {"n_articles": len(articles[split]), "n_sentences": n_sentences[split]} for split in SPLITS},
        "sources": dict(sorted(sources.items())),
        "techniques": {
            technique: {
                split: {"n_positives": positives[split][technique], "n_annotated": annotated[split][technique]}
                for split in SPLITS
            }
            for technique in target.ids
        },
    }


def _waived(finding: Finding, waivers: Sequence[str]) -> Finding:
    if finding.severity != "block" or finding.name not in waivers:
        return finding
    return Finding(finding.name, "warning", finding.message, finding.count, finding.examples, waived=True)


def _unknown_labels(unknown: Sequence[UnknownLabel]) -> Finding | None:
    if not unknown:
        return None
    times = Counter((one.label, one.nearest) for one in unknown)
    first = {one.label: one.where for one in reversed(unknown)}
    examples = [
        f"'{label}' ({n}, first in {first[label]}" + (f"; did you mean '{match}'?)" if match else ")")
        for (label, match), n in sorted(times.items(), key=lambda item: (-item[1], item[0][0]))
    ]
    message = f"{_n(len(times), 'label')} outside the inventory, {_n(len(unknown), 'time')} in all"
    return Finding("unknown_labels", "block", message, len(unknown), tuple(examples[:N_EXAMPLES]))


def _straddling(sentences: Sequence[Sentence]) -> Finding | None:
    found = straddling_articles(sentences)
    examples = [f"{article} ({' and '.join(sorted(splits))})" for article, splits in sorted(found.items())]
    return _finding("articles_in_two_splits", "block", "{} given to more than one split", "article", examples)


def _leaks(sentences: Sequence[Sentence], splits: Mapping[str, str]) -> Finding | None:
    examples = [
        f"{leak.article} ({leak.split}): {leak.n_shared} of {leak.n_counted} also in "
        f"{leak.others[0]} ({splits[leak.others[0]]})" + (", ..." if len(leak.others) > 1 else "")
        for leak in leaks(sentences, splits)
    ]
    message = "{} with a fifth or more of the sentences of six words or longer in another split"
    return _finding("leaks", "block", message, "article", examples)


def _repeated(sentences: Sequence[Sentence], splits: Mapping[str, str]) -> Finding | None:
    groups = [group for group in _longest_first(texts_in_two_splits(sentences, splits)) if _says_something(group[0])]
    n_longer = sum(1 for group in groups if len(group[0].text.split()) >= MIN_WORDS)
    message = f"{{}} in more than one split, {n_longer:,} of six words or longer"
    return _finding("repeated_texts", "warning", message, "text", map(_places, groups))


def _near_duplicates(sentences: Sequence[Sentence], splits: Mapping[str, str]) -> Finding | None:
    pairs = near_duplicates(sentences, splits)
    examples = [f"{_places((pair.first, pair.second))} (similarity {pair.jaccard:.2f})" for pair in pairs]
    message = "{} of nearly the same text in different splits"
    return _finding("near_duplicates", "warning", message, "pair", examples)


def _contradictions(sentences: Sequence[Sentence]) -> Finding | None:
    groups = [group for group in _longest_first(same_texts(sentences)) if _contradict(group)]
    return _finding("contradictory_labels", "warning", "{} with different labels", "text", map(_places, groups))


def _contradict(group: Sequence[Sentence]) -> bool:
    """Whether a technique is positive on one sentence and a true negative on another."""
    positive = {technique for sentence in group for technique in sentence.techniques}
    negative = {technique for one in group for technique in one.annotated if technique not in one.techniques}
    return bool(positive & negative)


def _empty(sentences: Sequence[Sentence]) -> Finding | None:
    empty = [sentence for sentence in sentences if not _says_something(sentence)]
    message = "{} without a letter or digit"
    return _finding("empty_sentences", "warning", message, "sentence", (_places([one]) for one in empty))


def _no_article(sentences: Sequence[Sentence]) -> Finding | None:
    lost = [sentence for sentence in sentences if sentence.metadata.get(NO_ARTICLE)]
    message = "{} with no article: each counts as an article of its own"
    return _finding("no_article", "warning", message, "sentence", (_places([one]) for one in lost))


def _overlong(sentences: Sequence[Sentence], config: RunConfig, tokenizer: TokenCounter | None) -> Finding | None:
    if tokenizer is None or config.model.kind == "tfidf":
        return None
    lengths = tokenizer([sentence.text for sentence in sentences])
    # A context takes up to a third of the window.
    window = config.model.max_tokens - (config.model.max_tokens // 3 if config.model.context != "none" else 0)
    long = [(sentence, length) for sentence, length in zip(sentences, lengths, strict=True) if length > window]
    n_cut = sum(length - window for _, length in long)
    share = n_cut / max(sum(lengths), 1)
    message = (
        f"{{}} longer than a window of {window} tokens: training learns from the first window only and leaves out "
        f"{_n(n_cut, 'token')} ({share:.2%}); scoring reads every window"
    )
    long.sort(key=lambda item: -item[1])
    examples = [f"{_places([sentence])} ({length} tokens)" for sentence, length in long]
    return _finding("overlong_sentences", "note", message, "sentence", examples)


def _nothing_annotated(sentences: Sequence[Sentence]) -> Finding | None:
    bare = [sentence for sentence in sentences if not sentence.annotated]
    message = "{} on which nothing is annotated: nothing is learned from them or measured on them"
    return _finding("nothing_annotated", "warning", message, "sentence", (_places([one]) for one in bare))


def _empty_splits(counts: Mapping[str, Any]) -> Finding | None:
    empty = [split for split, numbers in counts["splits"].items() if not numbers["n_sentences"]]
    return _finding("empty_splits", "warning", "{} without an article", "split", empty)


def _rare_techniques(counts: Mapping[str, Any], target: Inventory) -> list[Finding | None]:
    techniques, splits = counts["techniques"], counts["splits"]
    unseen = [name for name in target.ids if not any(techniques[name][split]["n_annotated"] for split in SPLITS)]
    seen = [name for name in target.ids if name not in unseen]
    in_train = {name: techniques[name]["train"]["n_positives"] for name in seen}
    to_learn = [f"{name} ({n} in train)" for name, n in in_train.items() if n < MIN_TO_LEARN]
    to_measure = []
    for name in seen:
        held = {one: techniques[name][one]["n_positives"] for one in ("dev", "test") if splits[one]["n_sentences"]}
        few = [f"{n} in {split}" for split, n in held.items() if n < MIN_TO_MEASURE]
        to_measure += [f"{name} ({', '.join(few)})"] if few else []
    learn = f"{{}} with fewer than {MIN_TO_LEARN} positives in train: too few to learn"
    measure = f"{{}} with fewer than {MIN_TO_MEASURE} positives in dev or test: too few to measure"
    return [
        _finding("not_annotated_techniques", "warning", "{} that no source annotates", "technique", unseen),
        _finding("few_to_learn", "warning", learn, "technique", to_learn, n_examples=len(to_learn)),
        _finding("few_to_measure", "warning", measure, "technique", to_measure, n_examples=len(to_measure)),
    ]


def _finding(
    name: str, severity: Severity, message: str, noun: str, examples: Iterable[str], *, n_examples: int = N_EXAMPLES
) -> Finding | None:
    """A finding with as many cases as examples are given; the first few are kept. None where there is no case."""
    places = list(examples)
    if not places:
        return None
    return Finding(name, severity, message.format(_n(len(places), noun)), len(places), tuple(places[:n_examples]))


def _longest_first(groups: Iterable[list[Sentence]]) -> list[list[Sentence]]:
    return sorted(groups, key=lambda group: -len(group[0].text))


def _says_something(sentence: Sentence) -> bool:
    return any(character.isalnum() for character in sentence.text)


def _places(group: Sequence[Sentence]) -> str:
    places = [f"{sentence.article}:{sentence.index}" for sentence in group[:N_PLACES]]
    return ", ".join(places) + (", ..." if len(group) > N_PLACES else "")


def _n(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
