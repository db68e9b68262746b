"""Several annotators' labels of the same sentences side by side: as arrays for measuring agreement, as soft labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.config import Source
from spinscope.data.corpora.loading import read_source
from spinscope.errors import UserError
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory

if TYPE_CHECKING:
    import numpy as np

NOT_JUDGED = -1
"""The rating where a technique is not annotated."""


@dataclass(frozen=True, slots=True)
class Passes:
    """The same sentences as several annotators labelled them.

    Attributes:
        inventory: of the labels.
        names: one per annotator, distinct.
        sentences: for each annotator the same sentences, by article and index.
    """

    inventory: Inventory
    names: tuple[str, ...]
    sentences: tuple[tuple[Sentence, ...], ...]

    @property
    def texts(self) -> tuple[Sentence, ...]:
        """One annotator's sentences, for what all share: article, index and text."""
        return self.sentences[0]

    def side_by_side(self) -> Iterator[tuple[Sentence, ...]]:
        """Each sentence as every annotator labelled it."""
        return zip(*self.sentences, strict=True)


def read_passes(files: Sequence[str | Path], *, inventory: Inventory) -> Passes:
    """Reads one annotation file per annotator and matches their sentences by article and index.

    A sentence that an annotator did not judge stands in his file too, with `annotated` empty.

    Args:
        files: two or more, of any format that is read as labelled data.
        inventory: of the labels.

    Raises:
        UserError: fewer than two files, one named twice, one that cannot be read, sentences that one file has and
            another lacks, or other words under one article and index.
    """
    if len(files) < 2:
        raise UserError(f"{len(files)} annotation file", expected="two or more, one per annotator")
    if len({Path(file).resolve() for file in files}) < len(files):
        raise UserError("an annotation file is named twice", expected="one file per annotator")
    read = [read_source(Source.model_validate({"path": str(file)}), name="", inventory=inventory) for file in files]
    for file, sentences in zip(files[1:], read[1:], strict=True):
        _refuse_mismatch(read[0], sentences, first=str(files[0]), second=str(file))
    return Passes(inventory, _names(files), tuple(map(tuple, read)))


def sentence_ratings(passes: Passes, technique: str | None) -> np.ndarray:
    """(n_sentences, n_annotators) of 1 (uses it), 0 (does not) or NOT_JUDGED.

    `technique` None asks for any technique: that is not judged where an annotator found none and did not look for all.
    """
    import numpy as np

    rows = [[_rating(one, technique, passes.inventory) for one in row] for row in passes.side_by_side()]
    return np.array(rows, dtype=np.int8).reshape(len(rows), len(passes.names))


def character_ratings(passes: Passes, technique: str) -> tuple[np.ndarray, np.ndarray]:
    """Spans as ratings of characters, of the sentences whose spans can be compared.

    An annotator who gives a technique without a span has not said where it stands: not judged, as without annotation.

    Returns:
        (n_characters, n_annotators) of 1 (in a span), 0 or NOT_JUDGED; and (n_characters,) the row of each character's
        sentence in `passes.texts`.
    """
    import numpy as np

    blocks, rows = [], []
    for row, versions in enumerate(passes.side_by_side()):
        block = np.zeros((len(versions[0].text), len(versions)), dtype=np.int8)
        for column, one in enumerate(versions):
            spans = [span for span in one.spans if span.technique == technique]
            if technique not in one.annotated or (technique in one.techniques and not spans):
                block[:, column] = NOT_JUDGED
            for span in spans:
                block[span.start : span.end, column] = 1
        blocks.append(block)
        rows.append(np.full(len(block), row))
    return np.concatenate(blocks), np.concatenate(rows)


def soft_labels(passes: Passes) -> Iterator[dict[str, Any]]:
    """Per sentence the share of annotators that found each technique, of those who judged it.

    Yields:
        `{"article", "index", "text", "soft": {technique: 0 to 1, or None where nobody judged}, "n_annotators":
        {technique: n}}`, techniques in the inventory's order.
    """
    for versions in passes.side_by_side():
        soft: dict[str, float | None] = {}
        n_annotators: dict[str, int] = {}
        for technique in passes.inventory.ids:
            judged = [technique in one.techniques for one in versions if technique in one.annotated]
            soft[technique] = round(sum(judged) / len(judged), 6) if judged else None
            n_annotators[technique] = len(judged)
        one = versions[0]
        yield {
            "article": one.article, "index": one.index, "text": one.text, "soft": soft, "n_annotators": n_annotators,
        }  # fmt: skip


def _rating(sentence: Sentence, technique: str | None, inventory: Inventory) -> int:
    if technique is not None:
        return int(technique in sentence.techniques) if technique in sentence.annotated else NOT_JUDGED
    if sentence.techniques:
        return 1
    return 0 if set(inventory.ids) <= set(sentence.annotated) else NOT_JUDGED


def _refuse_mismatch(one: list[Sentence], other: list[Sentence], *, first: str, second: str) -> None:
    ours, theirs = ({(s.article, s.index): s.text for s in sentences} for sentences in (one, other))
    for has, lacks, has_name, lacks_name in ((ours, theirs, first, second), (theirs, ours, second, first)):
        absent = sorted(set(has) - set(lacks))
        if absent:
            article, index = absent[0]
            more = f" and {len(absent) - 1:,} more sentences" if len(absent) > 1 else ""
            raise UserError(
                f"no sentence {index} of article '{article}'{more}, which {has_name} has",
                where=lacks_name, expected="the same sentences in every annotation file, by article and index",
                remedy="where an annotator did not judge a sentence, put it in with an empty list as 'annotated'.",
            )  # fmt: skip
    for place in sorted(ours):
        if ours[place] != theirs[place]:
            raise UserError(
                f"sentence {place[1]} of article '{place[0]}' reads {_short(theirs[place])}", where=second,
                expected=f"{_short(ours[place])}, as in {first}", remedy="annotate the same version of the text.",
            )  # fmt: skip


def _short(text: str, most: int = 60) -> str:
    return f"'{text}'" if len(text) <= most else f"'{text[: most - 3]}...'"


def _names(files: Sequence[str | Path]) -> tuple[str, ...]:
    stems = [Path(file).stem for file in files]
    return tuple(stems) if len(set(stems)) == len(stems) else tuple(map(str, files))
