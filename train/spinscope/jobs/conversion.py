"""The verb `convert`: brings a corpus of any supported format to native JSONL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from spinscope.config import Format, Source
from spinscope.data.corpora import native
from spinscope.data.corpora.labels import LabelReader
from spinscope.data.corpora.loading import read_source, source_inventory
from spinscope.errors import DONE, UserError, did_you_mean
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

if TYPE_CHECKING:
    from rich.console import Console


def convert(
    source: Source | str,
    out: Path,
    *,
    data_format: str = "auto",
    inventory_name: str | None = None,
    console: Console | None = None,
) -> int:
    """Writes the sentences of a corpus as native JSONL, labels in the corpus's own inventory.

    Every record is read back before the file appears under its name, whole or not at all.

    Args:
        source: path or hub id; or a `Source` with all settings, which then wins over the next two.
        out: the .jsonl file to write.
        data_format: the corpus's format; `auto` tells it from the files.
        inventory_name: what the corpus was annotated with; by default the format's own inventory, else core.
        console: where to print; by default standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: data that cannot be read, or an output that is not .jsonl.
    """
    from rich.console import Console

    if isinstance(source, str):
        if data_format not in get_args(Format):
            raise UserError(
                f"format '{data_format}'", where="--format", remedy=did_you_mean(data_format, get_args(Format))
            )
        source = Source.model_validate({"path": source, "format": data_format, "inventory": inventory_name})
    out = Path(out)
    if out.suffix != ".jsonl":
        raise UserError(f"'{out.name}'", where="--out", expected="a file that ends in .jsonl")
    own = source_inventory(source, name="", default=inventory("core"))
    sentences = read_source(source, name="", inventory=own)
    _verify(sentences, own, out)
    native.write(out, sentences)
    n_articles = len({sentence.article for sentence in sentences})
    n_positive = sum(1 for sentence in sentences if sentence.techniques)
    (console or Console()).print(
        f"{out}: {len(sentences):,} sentences of {n_articles:,} articles, {n_positive:,} with a technique of "
        f"{own.name}. To read it: data.format=native data.inventory={own.name}",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
    return DONE


def _verify(sentences: list[Sentence], own: Inventory, out: Path) -> None:
    """Reads every record back in memory: what is written says what was read."""
    labels = LabelReader(own)
    for number, sentence in enumerate(sentences, start=1):
        where = f"{out}:{number}"
        back = native.parse_record(native.record_of(sentence), labels=labels, where=where)
        if native.record_of(back) != native.record_of(sentence):
            raise UserError(
                f"sentence {sentence.article}:{sentence.index} does not survive conversion",
                where=where,
                expected="a sentence that the native format can hold",
            )
