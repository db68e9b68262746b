"""`spinscope explain`: per sentence and technique, the words that carry the score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.errors import DONE, UserError
from spinscope.files import read_jsonl, read_text, write_json, write_text
from spinscope.jobs.progress import show
from spinscope.jobs.tables import result_console
from spinscope.model.checkpoint import open_checkpoint

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from spinscope.model.evidence import Evidence
    from spinscope.model.prediction import Classifier

N_STRONGEST = 5
"""Words that are told for each technique; JSON and page have all."""


def explain(
    sentences: Sequence[str],
    *,
    checkpoint: str | Path,
    file: Path | None = None,
    techniques: Sequence[str] = (),
    method: str | None = None,
    json_file: Path | None = None,
    html_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Prints the words that carry the scores of sentences.

    Args:
        sentences: texts; each is scored alone, without context.
        checkpoint: folder.
        file: more of them: a text file with one a line, or JSONL with `text`.
        techniques: to explain; none: those decided, and where none is, the one nearest to its threshold.
        method: one of `spinscope.model.evidence.METHODS`; None: the best by measure.
        json_file: where given, every word's weight is written there.
        html_file: where given, a page that opens offline is written there.
        console: where the result goes; None: standard output.

    Returns:
        0.

    Raises:
        UserError: no sentence, a faulty checkpoint or file, an unknown technique, or a method that cannot be.
    """
    texts = [*sentences, *(_read(file) if file is not None else [])]
    if not texts:
        raise UserError(
            "no sentence", where="command line", expected="a sentence in quotation marks, or --file with one a line"
        )
    from spinscope.model.evidence import explained

    classifier = open_checkpoint(checkpoint)
    wanted = [list(techniques)] * len(texts) if techniques else None
    found = explained(classifier, texts, techniques=wanted, method=method)
    _print(classifier, texts, found, console or result_console())
    if json_file is not None:
        write_json(json_file, to_dict(classifier, texts, found))
        show(f"written: {json_file}")
    if html_file is not None:
        from spinscope.report.evidence import render_evidence

        write_text(html_file, render_evidence(
            [(text, [one.to_dict() for one in several]) for text, several in zip(texts, found, strict=True)],
            inventory=classifier.inventory, checkpoint=classifier.name, identity=classifier.identity,
        ))  # fmt: skip
        show(f"written: {html_file}")
    return DONE


def to_dict(classifier: Classifier, texts: Sequence[str], found: Sequence[Sequence[Evidence]]) -> dict[str, Any]:
    """The result as JSON holds it: weights in log-odds, places in characters of the text."""
    return {
        "checkpoint": classifier.name, "checkpoint_sha256": classifier.identity,
        "taxonomy_sha256": classifier.inventory.hash,
        "sentences": [
            {"text": text, "evidence": [one.to_dict() for one in several]}
            for text, several in zip(texts, found, strict=True)
        ],
    }  # fmt: skip


def _read(file: Path) -> list[str]:
    if file.suffix != ".jsonl":
        lines = [line.strip("\r\ufeff ") for line in read_text(file).split("\n")]
        return [line for line in lines if line]
    texts = []
    for number, record in read_jsonl(file):
        text = record.get("text")
        if not isinstance(text, str):
            raise UserError("a line without 'text'", where=f"{file}:{number}", expected='{"text": "..."}')
        texts.append(text)
    return texts


def _print(classifier: Classifier, texts: Sequence[str], found: Sequence[Sequence[Evidence]], console: Console) -> None:
    from rich.text import Text

    for text, several in zip(texts, found, strict=True):
        console.print(_marked(text, several), soft_wrap=True)
        for one in several:
            sign = "decided" if one.is_decided else "not decided"
            words = (
                ", ".join(f"{word} {weight:+.2f}" for word, weight in one.strongest(N_STRONGEST))
                or "no word adds to it"
            )
            line = Text("  ").append(one.technique, style="bold")
            line.append(f" {one.probability:.2f}, {sign} ({one.threshold:.2f}): {words}")
            console.print(line, soft_wrap=True)
            told = f"    log-odds without any word {one.baseline:+.2f}; unexplained {one.completeness_error:+.3f}"
            console.print(f"{told}{_windows(one)}", style="dim", soft_wrap=True)
    method = found[0][0].method if found and found[0] else ""
    console.print(f"Weights are log-odds, by {method}. A weight tells of the model, not of what is meant.", style="dim")
    if classifier.config.model.context != "none":
        console.print("Scored without context, which this checkpoint is given in articles.", style="dim")


def _windows(one: Evidence) -> str:
    return f"; the strongest of {one.n_windows} windows" if one.n_windows > 1 else ""


def _marked(text: str, several: Sequence[Evidence]) -> Text:
    """The sentence with the words in bold that carry the first technique's score."""
    from rich.text import Text

    shown = Text(text)
    for one in several[:1]:
        most = max([*one.weights, 0.0])
        for (start, end), weight in zip(one.places, one.weights, strict=True):
            if most > 0 and weight >= most / 4:
                shown.stylize("bold red" if weight >= most / 2 else "red", start, end)
    return shown
