"""The verb `convert`: brings a corpus of any supported format to native JSONL, plain CSV or Label Studio's JSON."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from spinscope.config import Data, Format, Source, parse_config, read_config
from spinscope.config_reading import apply_override
from spinscope.data.corpora import label_studio, native, record_tables
from spinscope.data.corpora.loading import load_sentences, read_source, source_inventory
from spinscope.errors import DONE, UserError, did_you_mean
from spinscope.files import dump_json, write_text
from spinscope.records import Sentence
from spinscope.taxonomy import Inventory, inventory

if TYPE_CHECKING:
    from rich.console import Console

ENDINGS = {"native": ".jsonl", "csv": ".csv", "label-studio": ".json"}
"""What can be written, and the file ending that asks for it."""


def convert(
    source: Source | str,
    out: Path,
    *,
    overrides: Sequence[str] = (),
    to: str | None = None,
    data_format: str = "auto",
    inventory_name: str | None = None,
    annotator: str | None = None,
    console: Console | None = None,
) -> int:
    """Writes the sentences of a corpus, labels in the corpus's own inventory; of several sources, in `data.taxonomy`.

    What is written is read back and compared before the file appears under its name, whole or not at all. Beside tasks
    for Label Studio, `OUT.xml` holds the labelling interface that belongs to them.

    Args:
        source: path or hub id, or a config's YAML file, whose data block is converted; or a `Source` or `Data` with all
            settings, which then wins over overrides, format, inventory and annotator.
        out: the file to write.
        overrides: settings of the data block, as `data.revision=...`.
        to: native, csv or label-studio; by default what the ending of `out` says.
        data_format: the corpus's format; `auto` tells it from the files.
        inventory_name: what the corpus was annotated with; by default the format's own inventory, else `data.taxonomy`.
        annotator: of a Label Studio export, whose annotations to read.
        console: where to print; by default standard output.

    Returns:
        the exit code, 0.

    Raises:
        UserError: data that cannot be read, an output of no such format, a corpus that the format cannot hold, or a
            config with options that it names itself.
    """
    from rich.console import Console

    out = Path(out)
    written = _written_format(out, to)
    if isinstance(source, str):
        options = {"format": data_format, "inventory": inventory_name, "annotator": annotator}
        given = {name: value for name, value in options.items() if value not in (None, "auto")}
        source = _named_data(source, overrides, given)
    own, sentences = _read(source)
    text = rendered(sentences, written, own)
    _verify(text, sentences, written, own, out)
    write_text(out, text)
    if written == "label-studio":
        write_text(out.with_suffix(".xml"), label_studio.labelling_interface(own))
    n_articles = len({sentence.article for sentence in sentences})
    n_positive = sum(1 for sentence in sentences if sentence.techniques)
    (console or Console()).print(
        f"{out}: {len(sentences):,} sentences of {n_articles:,} articles, {n_positive:,} with a technique of "
        f"{own.name}. To read it: data.format={written} data.inventory={own.name}",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
    return DONE


def rendered(sentences: list[Sentence], written: str, own: Inventory) -> str:
    """The text of the file: native, csv or label-studio."""
    if written == "csv":
        return record_tables.render(sentences)
    if written == "label-studio":
        return label_studio.render(sentences, inventory=own)
    return native.render(sentences)


def _written_format(out: Path, to: str | None) -> str:
    if to is not None:
        if to not in ENDINGS:
            raise UserError(f"format '{to}'", where="--to", remedy=did_you_mean(to, ENDINGS))
        return to
    for written, ending in ENDINGS.items():
        if out.suffix == ending:
            return written
    endings = ", ".join(f"{ending} ({written})" for written, ending in ENDINGS.items())
    raise UserError(f"'{out.name}'", where="--out", expected=f"a file that ends in {endings}, or --to")


def _named_data(source: str, overrides: Sequence[str], given: dict[str, Any]) -> Data:
    """The data block of a config, or that of a path with the options given, with overrides on top."""
    formats = get_args(Format)
    if given.get("format", "auto") not in formats:
        raise UserError(f"format '{given['format']}'", where="--format", remedy=did_you_mean(given["format"], formats))
    if not source.endswith((".yaml", ".yml")):
        values: dict[str, Any] = {"data": {"path": source, **given}}
        for override in overrides:
            apply_override(values, override, {})
        return parse_config(values, where="command line").data
    if given:
        raise UserError(
            f"{' and '.join(f'--{name}' for name in given)} with a config", where="command line",
            expected="the config's own settings, or settings on top of them",
            remedy="give " + " ".join(f"data.{name}={value}" for name, value in given.items()) + " instead.",
        )  # fmt: skip
    return read_config(source, overrides).data


def _read(source: Source) -> tuple[Inventory, list[Sentence]]:
    """One source in its own inventory; several in the taxonomy that they are translated to."""
    target = inventory(source.taxonomy if isinstance(source, Data) else "core")
    sources = source.all_sources() if isinstance(source, Data) else {"": source}
    if isinstance(source, Data) and len(sources) > 1:
        return target, load_sentences(source, target=target)
    ((name, only),) = sources.items()
    own = source_inventory(only, name=name, default=target)
    return own, read_source(only, name=name, inventory=own)


def _verify(text: str, sentences: list[Sentence], written: str, own: Inventory, out: Path) -> None:
    """Reads the text back: it says what was read."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"copy{ENDINGS[written]}"
        write_text(copy, text)
        back = read_source(Source.model_validate({"path": str(copy), "format": written}), name="", inventory=own)
    for one, other in zip(sentences, back, strict=False):
        if dump_json(native.record_of(one)) != dump_json(native.record_of(other)):
            break
    else:
        if len(back) == len(sentences):
            return
        one = sentences[min(len(back), len(sentences) - 1)]
    raise UserError(
        f"sentence {one.article}:{one.index} does not survive conversion",
        where=str(out),
        expected=f"a sentence that the format {written} can hold",
    )
