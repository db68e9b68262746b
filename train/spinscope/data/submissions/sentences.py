"""Labelled sentences and decisions about them as the gold and the predictions of a shared task.

The checkpoint decides about sentences, so what is finer than a sentence is predicted for the whole of it: in tasks on
spans each decided sentence stands as a span from its first to its last character, and in the classification of given
spans a span gets the techniques that its sentences score highest. What a corpus does not hold is said, never guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from spinscope.data.submissions.tasks import PROPAGANDA, Task
from spinscope.data.submissions.units import FRAGMENTS, Content, Fragment, Unit
from spinscope.errors import UserError
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

LINE, PARAGRAPH = "line", "paragraph"
"""Metadata keys with the number of a sentence's line or paragraph in its article, from 1."""

COUNTED = {
    "lines": "lines are numbered by the offsets of their sentences: the data does not say on which line a sentence stands",
    "paragraphs": "each sentence stands as a paragraph, numbered from 1: the data does not say in which it stands",
}
"""Kind of task -> what to know where the numbers of its units are not given."""

Rows = list[tuple[Sentence, int]]
"""Sentences of an article by position, with their rows in the matrices."""


def refuse_unfit(task: Task, sentences: Sequence[Sentence], inventory: Inventory) -> None:
    """Says what the task's rule needs and the sentences, or the checkpoint's inventory, do not have.

    Raises:
        UserError: naming the task and what is missing.
    """
    missing = [technique for technique in task.label_of if technique not in inventory.ids]
    if missing:
        raise UserError(
            f"{len(missing)} of the {len(task.label_of)} techniques of {task.name} are not in the inventory "
            f"'{inventory.name}': {', '.join(missing[:3])}{', ...' if len(missing) > 3 else ''}",
            where="--official",
            expected=f"a checkpoint with the inventory {task.inventory}, and data annotated with it",
            remedy="train one, or choose the task whose inventory the checkpoint has.",
        )
    unknown = sum(not set(task.label_of) <= set(sentence.annotated) for sentence in sentences)
    if unknown:
        raise UserError(
            f"{unknown:,} of {len(sentences):,} sentences do not have every technique of {task.name} annotated",
            where="--official", expected="every technique known in every sentence: the task's rule has no unknown",
        )  # fmt: skip
    if task.kind in FRAGMENTS:
        bare = sum(bool(_unspanned(task, sentence)) for sentence in sentences)
        if bare:
            raise UserError(
                f"{bare:,} sentences have a technique without a span", where="--official",
                expected=f"gold spans: {task.name} measures spans of characters",
                remedy="choose data with spans, or a task that measures sentences or texts.",
            )  # fmt: skip


def gold_of(task: Task, sentences: Sequence[Sentence]) -> Content:
    """The gold of labelled sentences; pieces of a span that was cut at the end of a sentence are put together again."""
    articles = _by_article(sentences)
    if task.kind not in FRAGMENTS:
        return _labelled(task, articles, lambda row, sentence: [t for t in task.label_of if t in sentence.techniques])
    fragments: dict[str, tuple[Fragment, ...]] = {}
    n_joined = 0
    for article, rows in articles.items():
        whole, joined = _joined(task, rows)
        n_joined += joined
        fragments[article] = tuple((start, end, _label(task, technique)) for start, end, technique in whole)
    notes = (
        (
            f"{n_joined} pieces of gold spans were put together across the ends of sentences, which the data does not "
            "keep, so the last digits may differ from the task's own: for those name its gold file with --official-gold",
        )
        if n_joined
        else ()
    )
    return Content(task, fragments, notes=notes)


def within(gold: Content, sentences: Sequence[Sentence]) -> Content:
    """The task's own gold as far as it is of the articles of these sentences; of spans, those without any too.

    Raises:
        UserError: an article that gold should name and does not.
    """
    articles = sorted({sentence.article for sentence in sentences})
    if gold.task.kind == "fragments":
        own = {article: gold.fragments.get(article, ()) for article in articles}
        return Content(gold.task, own, files=gold.files, notes=gold.notes)
    fragments = {article: gold.fragments[article] for article in articles if article in gold.fragments}
    labels = {unit: found for unit, found in gold.labels.items() if unit[0] in set(articles)}
    named = {*fragments, *(unit[0] for unit in labels)}
    missing = [article for article in articles if article not in named]
    if missing and gold.task.kind != "listings":
        raise UserError(
            f"{len(missing)} measured articles are not in it, first '{missing[0]}'", where=str(gold.files[0]),
            expected="gold of the articles that are measured",
        )  # fmt: skip
    return Content(gold.task, fragments, labels, gold.files, gold.notes)


def predictions_of(
    gold: Content,
    sentences: Sequence[Sentence],
    *,
    inventory: Inventory,
    decided: np.ndarray,
    probabilities: np.ndarray,
    any_decided: np.ndarray | None = None,
) -> Content:
    """The predictions about labelled sentences.

    Args:
        gold: of the task; where spans are given to be classified, its spans are.
        sentences: n of them.
        inventory: of the k columns.
        decided: (n, k) bool.
        probabilities: (n, k), 0 to 1.
        any_decided: (n,) bool, whether the sentence has any of the task's techniques, for a task that asks for that of each
            line; None: where one is decided.
    """
    task = gold.task
    columns = {technique: inventory.index(technique) for technique in task.label_of}
    articles = _by_article(sentences)
    if task.kind == "listings":
        return _classified(gold, articles, columns, probabilities)
    if task.kind == "lines" and any_decided is not None:
        return _labelled(task, articles, lambda row, _: list(columns)[:1] if any_decided[row] else [])
    if task.kind not in FRAGMENTS:
        return _labelled(task, articles, lambda row, _: [t for t, column in columns.items() if decided[row, column]])
    fragments = {
        article: tuple(
            dict.fromkeys(
                (sentence.start, sentence.end, _label(task, technique))
                for sentence, row in rows
                for technique, column in columns.items()
                if decided[row, column]
            )
        )
        for article, rows in articles.items()
    }
    return Content(task, fragments, notes=("whole sentences stand as predicted spans",))


def _classified(
    gold: Content, articles: Mapping[str, Rows], columns: Mapping[str, int], probabilities: np.ndarray
) -> Content:
    """Each listing of a span gets the next best technique by the mean of its sentences' scores."""
    labels = [gold.task.label_of[technique] for technique in columns]
    own = np.array(list(columns.values()))
    fragments = {}
    for article, listings in gold.fragments.items():
        listed: Counter[tuple[int, int]] = Counter()
        out: list[Fragment] = []
        for start, end, _ in listings:
            touched = [row for sentence, row in articles[article] if sentence.start < end and start < sentence.end]
            if not touched:
                raise UserError(
                    f"span {start} to {end} of article '{article}' lies in no sentence", where="--official-gold",
                    expected="gold of the very texts that are measured",
                )  # fmt: skip
            best = np.argsort(-probabilities[touched][:, own].mean(axis=0), kind="stable")
            out.append((start, end, labels[int(best[min(listed[start, end], len(labels) - 1)])]))
            listed[start, end] += 1
        fragments[article] = tuple(out)
    note = "the gold spans are given, as in the task, and each gets the techniques that its sentences score highest"
    return Content(gold.task, fragments, notes=(note,))


def _labelled(task: Task, articles: Mapping[str, Rows], techniques_of: Callable[[int, Sentence], list[str]]) -> Content:
    """Labels of lines, paragraphs or texts; of several sentences in one unit, all of theirs."""
    found: dict[Unit, dict[str, None]] = {}
    for article, rows in articles.items():
        for unit, (sentence, row) in zip(_units(task, article, rows), rows, strict=True):
            labels = [_label(task, technique) for technique in techniques_of(row, sentence)]
            found.setdefault(unit, {}).update(dict.fromkeys(labels))
    key = {"lines": LINE, "paragraphs": PARAGRAPH}.get(task.kind)
    numbered = key is None or all(key in sentence.metadata for rows in articles.values() for sentence, _ in rows)
    notes = () if numbered else (COUNTED[task.kind],)
    return Content(task, labels={unit: tuple(labels) for unit, labels in found.items()}, notes=notes)


def _units(task: Task, article: str, rows: Rows) -> list[Unit]:
    """The unit of each sentence; where the number of its line is not given, line ends are counted from offsets."""
    if task.kind == "paragraphs":
        return [(article, str(s.metadata.get(PARAGRAPH, number))) for number, (s, _) in enumerate(rows, start=1)]
    if task.kind != "lines":
        return [(article,)] * len(rows)
    units: list[Unit] = []
    line, end = 1, 0
    for sentence, _ in rows:
        line, end = line + max(0, sentence.start - end), sentence.end
        units.append((article, str(sentence.metadata.get(LINE, line))))
    return units


def _joined(task: Task, rows: Rows) -> tuple[list[Fragment], int]:
    """The spans of an article with their technique ids, and how many pieces were put to the piece before them."""
    whole: list[Fragment] = []
    reaching: dict[str, list[int]] = {}
    n_joined, before = 0, -2
    for sentence, _ in rows:
        open_ends, reaching = (reaching if sentence.index == before + 1 else {}), {}
        for span in sorted(sentence.spans, key=lambda span: (span.start, span.end, span.technique)):
            if span.technique not in task.label_of:
                continue
            start, end = sentence.start + span.start, sentence.start + span.end
            if span.start == 0 and open_ends.get(span.technique):
                at = open_ends[span.technique].pop(0)
                whole[at] = (whole[at][0], end, span.technique)
                n_joined += 1
            else:
                at = len(whole)
                whole.append((start, end, span.technique))
            if span.end == len(sentence.text):
                reaching.setdefault(span.technique, []).append(at)
        before = sentence.index
    return whole, n_joined


def _unspanned(task: Task, sentence: Sentence) -> set[str]:
    spanned = {span.technique for span in sentence.spans}
    return {technique for technique in sentence.techniques if technique in task.label_of} - spanned


def _label(task: Task, technique: str) -> str:
    return PROPAGANDA if task.labels == (PROPAGANDA,) else task.label_of[technique]


def _by_article(sentences: Iterable[Sentence]) -> dict[str, Rows]:
    articles: dict[str, Rows] = defaultdict(list)
    for row, sentence in enumerate(sentences):
        articles[sentence.article].append((sentence, row))
    return {article: sorted(articles[article], key=lambda pair: pair[0].index) for article in sorted(articles)}
