"""The verb `agreement`: how far two or more annotators of the same sentences agree, and their soft labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.data.annotations import Passes, character_ratings, read_passes, sentence_ratings, soft_labels
from spinscope.data.encoding import article_codes
from spinscope.errors import DONE, UserError
from spinscope.files import write_json, write_jsonl
from spinscope.jobs.tables import estimate_text, plain_table, result_console
from spinscope.measure.agreement import Agreement, measure_agreement
from spinscope.taxonomy import inventory

if TYPE_CHECKING:
    from rich.console import Console

ANY = "any technique"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result: `spans` is None for any technique, whose spans are not compared."""

    n_positives: tuple[int, ...]
    sentences: Agreement
    spans: Agreement | None


def agreement(
    files: Sequence[Path],
    *,
    inventory_name: str | None = None,
    json_file: Path | None = None,
    soft_labels_file: Path | None = None,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 13,
    console: Console | None = None,
) -> int:
    """Prints Krippendorff's alpha and the overlap F1 per technique, of sentences and of the characters in spans.

    Args:
        files: one annotation file per annotator, with the same sentences.
        inventory_name: what they were annotated with; by default core.
        json_file: also gets the result.
        soft_labels_file: a .jsonl file that gets the share of annotators per sentence and technique.
        n_resamples: of the articles, for the intervals.
        confidence: level of the intervals, 0 to 1.
        seed: of the resampling.
        console: where to print; by default standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: files that cannot be read or hold different sentences; a soft-label file that is not .jsonl.
    """
    if soft_labels_file is not None and Path(soft_labels_file).suffix != ".jsonl":
        raise UserError(
            f"'{Path(soft_labels_file).name}'", where="--soft-labels", expected="a file that ends in .jsonl"
        )
    passes = read_passes(files, inventory=inventory(inventory_name or "core"))
    settings = {"n_resamples": n_resamples, "confidence": confidence, "seed": seed}
    rows = _rows(passes, settings)
    console = console or result_console()
    _print(passes, rows, confidence, console)
    if json_file is not None:
        write_json(json_file, _result(passes, rows, files, settings))
    if soft_labels_file is not None:
        write_jsonl(soft_labels_file, soft_labels(passes))
        console.print(f"soft labels: {soft_labels_file}", markup=False, soft_wrap=True)
    return DONE


def _rows(passes: Passes, settings: dict[str, Any]) -> dict[str, Row]:
    """By technique, those that nobody judged left out, and last any technique."""
    articles = article_codes(passes.texts)
    rows: dict[str, Row] = {}
    for technique in (*passes.inventory.ids, None):
        ratings = sentence_ratings(passes, technique)
        if (ratings < 0).all():
            continue
        spans = None
        if technique is not None:
            characters, owners = character_ratings(passes, technique)
            spans = measure_agreement(characters, articles=articles[owners], **settings)
        n_positives = tuple(int(n) for n in np.sum(ratings == 1, axis=0))
        rows[technique or ANY] = Row(n_positives, measure_agreement(ratings, articles=articles, **settings), spans)
    return rows


def _print(passes: Passes, rows: dict[str, Row], confidence: float, console: Console) -> None:
    n_articles = len({one.article for one in passes.texts})
    title = (
        f"Agreement of {' and '.join(passes.names)} on {len(passes.texts):,} sentences of {n_articles:,} articles "
        f"({confidence:.0%} intervals over articles)"
    )
    columns = [*(f"n {name}" for name in passes.names), "alpha", "F1", "spans: alpha", "spans: F1"]
    table = plain_table(title, "technique", *columns)
    for name, row in rows.items():
        spans = row.spans
        table.add_row(
            name, *map(str, row.n_positives), estimate_text(row.sentences.alpha), estimate_text(row.sentences.f1),
            estimate_text(spans.alpha if spans else None), estimate_text(spans.f1 if spans else None),
        )  # fmt: skip
    console.print(table)


def _result(passes: Passes, rows: dict[str, Row], files: Sequence[Path], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "annotators": [{"name": name, "file": str(file)} for name, file in zip(passes.names, files, strict=True)],
        "inventory": {"name": passes.inventory.name, "hash": passes.inventory.hash},
        "n_sentences": len(passes.texts),
        "n_articles": len({one.article for one in passes.texts}),
        "settings": settings,
        "techniques": {
            name: {
                "n_positives": dict(zip(passes.names, row.n_positives, strict=True)),
                "sentences": row.sentences.to_dict(),
                "characters": row.spans.to_dict() if row.spans else None,
            }
            for name, row in rows.items()
        },
    }
