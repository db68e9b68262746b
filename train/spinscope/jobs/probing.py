"""`spinscope probe`: how well a technique's scores rank sentences by somebody else's label.

A research corpus seldom labels what a checkpoint predicts, only something near it: fear and prejudice, a stance towards
a group. Such a label cannot say whether a decision is right, but whether the scores lie higher where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinscope.config import parse_config
from spinscope.data.articles import read_articles
from spinscope.data.corpora.loading import load_sentences, source_inventory
from spinscope.data.encoding import article_codes
from spinscope.data.inputs import ArticleColumns, Skipped
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError, did_you_mean
from spinscope.files import write_json
from spinscope.jobs.exposure import exposure
from spinscope.jobs.progress import show
from spinscope.jobs.tables import estimate_text, plain_table, result_console
from spinscope.measure.metrics import Metrics, evaluate_predictions
from spinscope.measure.resampling import Estimate
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

if TYPE_CHECKING:
    from rich.console import Console

_YES, _NO = ("true", "1", "1.0", "yes"), ("false", "0", "0.0", "no")
Rows = list[tuple[Sentence, list[bool]]]


def probe(
    checkpoint: str | Path,
    pairs: Sequence[str],
    *,
    data: str,
    data_format: str = "auto",
    inventory_name: str | None = None,
    text_column: str | None = None,
    json_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Prints AUROC and average precision of techniques against labels of another kind, with intervals over articles.

    Args:
        checkpoint: its folder.
        pairs: `TECHNIQUE=LABEL`; the label is a technique of the data's inventory, or with `text_column` a column of
            true and false.
        data: a labelled corpus, or a CSV, TSV or Parquet table.
        data_format: of a corpus.
        inventory_name: of a corpus, where its format does not say.
        text_column: the data is a table and this column holds the text; each row is an article of its own.
        json_file: also gets the result.
        console: where the table goes; None: standard output.

    Returns:
        the exit code: 1 where the checkpoint was trained on some of the articles, else 0.

    Raises:
        UserError: a pair that is none, an unknown technique, label or column, faulty data.
    """
    classifier = open_checkpoint(checkpoint)
    wanted = [_pair(text, classifier) for text in pairs]
    labels = [label for _, label in wanted]
    if text_column is not None:
        rows = _table_rows(data, text_column, labels)
    else:
        rows = _corpus_rows(data, labels, data_format=data_format, inventory_name=inventory_name)
    sentences = [sentence for sentence, _ in rows]
    gold = np.array([there for _, there in rows], dtype=np.int8)
    metrics = _metrics(classifier, wanted, sentences, gold)
    seen = exposure(classifier, sentences, sentences).told()
    _print(metrics, seen, console or result_console())
    if json_file is not None:
        write_json(json_file, _result(classifier, wanted, data, metrics, gold, seen))
        show(f"written: {json_file}")
    return DONE_WITH_FINDINGS if seen else DONE


def _metrics(
    classifier: Classifier, wanted: Sequence[tuple[str, str]], sentences: Sequence[Sentence], gold: NDArray[Any]
) -> Metrics:
    """The figures of each pair, as if each were a technique."""
    ids = classifier.inventory.ids
    scores = classifier.probabilities(sentences).probabilities[:, [ids.index(technique) for technique, _ in wanted]]
    rules = classifier.config.evaluation
    return evaluate_predictions(
        gold, np.ones(gold.shape, dtype=bool), scores, scores >= 0.5, articles=article_codes(sentences),
        techniques=[_name(pair) for pair in wanted], n_resamples=rules.n_resamples, confidence=rules.confidence,
        seed=rules.seed, interval=rules.interval,
    )  # fmt: skip


def _result(
    classifier: Classifier, wanted: Sequence[tuple[str, str]], data: str, metrics: Metrics, gold: NDArray[Any],
    seen: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """For JSON."""
    probes = [
        {
            "technique": pair[0], "label": pair[1], "n_positives": int(gold[:, column].sum()),
            **_figures(metrics.per_technique[_name(pair)]),
        }
        for column, pair in enumerate(wanted)
    ]  # fmt: skip
    return {
        "checkpoint": {"name": classifier.name, "identity": classifier.identity}, "data": data,
        "n_sentences": metrics.n_sentences, "n_articles": metrics.n_articles, "findings": list(seen), "probes": probes,
    }  # fmt: skip


def _name(pair: tuple[str, str]) -> str:
    return f"{pair[0]} against {pair[1]}"


def _pair(text: str, classifier: Classifier) -> tuple[str, str]:
    technique, equals, label = text.partition("=")
    if not equals or not label:
        raise UserError(f"'{text}'", where="command line", expected="TECHNIQUE=LABEL")
    found = classifier.inventory.resolve(technique)
    if found is None:
        raise UserError(
            f"technique '{technique}'", where="command line", expected=f"one of {', '.join(classifier.inventory.ids)}",
            remedy=did_you_mean(technique, classifier.inventory.ids),
        )  # fmt: skip
    return found, label


def _corpus_rows(data: str, labels: Sequence[str], *, data_format: str, inventory_name: str | None) -> Rows:
    """The sentences in the data's own inventory."""
    given = {"path": data, "format": data_format, "inventory": inventory_name}
    block = parse_config({"data": {k: v for k, v in given.items() if v is not None}}, where="command line").data
    own = source_inventory(block.all_sources()[""], name="", default=inventory("core"))
    ids = [own.resolve(label) for label in labels]
    for label, found in zip(labels, ids, strict=True):
        if found is None:
            raise UserError(
                f"label '{label}'", where=data, expected=f"a technique of {own.name}: {', '.join(own.ids)}",
                remedy=did_you_mean(label, own.ids) or "name the data's inventory with --inventory.",
            )  # fmt: skip
    sentences = [one for one in load_sentences(block, target=own) if set(ids) <= set(one.annotated)]
    if not sentences:
        raise UserError(f"no sentence that is annotated with {', '.join(labels)}", where=data)
    return [(one, [found in one.techniques for found in ids]) for one in sentences]


def _table_rows(data: str, text_column: str, labels: Sequence[str]) -> Rows:
    """The rows of a table, each an article of one text."""
    rows: Rows = []
    for number, item in enumerate(read_articles([data], columns=ArticleColumns(text=text_column))):
        if isinstance(item, Skipped):
            show(f"skipped {item.path}: {item.reason}")
            continue
        missing = [label for label in labels if label not in item.metadata]
        if missing:
            raise UserError(
                f"no column '{missing[0]}'", where=data, expected=f"one of {', '.join(item.metadata)}",
                remedy=did_you_mean(missing[0], tuple(item.metadata)),
            )  # fmt: skip
        truths = [_truth(item.metadata[label], label, item.id) for label in labels]
        rows.append((Sentence(item.id, number, 0, len(item.text), item.text), truths))
    return rows


def _truth(cell: Any, label: str, where: str) -> bool:
    value = str(cell).strip().casefold()
    if value not in (*_YES, *_NO):
        raise UserError(f"column '{label}' holds {cell!r}", where=where, expected="true or false (1 or 0, yes or no)")
    return value in _YES


def _figures(row: dict[str, Estimate]) -> dict[str, Any]:
    return {name: row[name].to_dict() for name in ("auroc", "average_precision")}


def _print(metrics: Metrics, seen: Sequence[str], console: Console) -> None:
    from rich.markup import escape

    title = f"{metrics.n_sentences:,} sentences, {metrics.n_articles:,} articles"
    table = plain_table(title, "scores against label", "positives", "AUROC", "average precision")
    for name, row in metrics.per_technique.items():
        cells = (estimate_text(row[figure]) for figure in ("auroc", "average_precision"))
        table.add_row(name, f"{row['n_positives'].value:,}", *cells)
    console.print(table)
    console.print(f"In brackets: {metrics.confidence:.0%} intervals over articles.")
    console.print(
        "A label of another kind: the figure says how the two go together, not how often the scores are right."
    )
    for words in seen:
        console.print(f"[bold yellow]Doubtful:[/bold yellow] {escape(words)}.")
