"""Scores as files: one line, row or record for each sentence, in JSONL, CSV or Parquet by the file's ending."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from spinscope.data.inputs import ABOUT
from spinscope.data.voice import main_voice
from spinscope.errors import UserError
from spinscope.files import atomic_file, dump_json
from spinscope.records import Article, ScoredSentence

ENDINGS = (".jsonl", ".csv", ".parquet")
_FORMULA = re.compile("'*[ \u00a0\ufeff]*[=+\\-@\t\r＝＋－＠]")
_DIGITS = 6
PROBABILITY = "probability_"
"""Before a technique's id: its column of probabilities in CSV and Parquet."""

ORIGIN = ("checkpoint", "checkpoint_sha256", "taxonomy_sha256", "text_sha256")
"""What each line says of where its scores come from."""


class ScoreWriter(Protocol):
    """Takes score lines in order; what it has taken is on disk when its context ends."""

    def write(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Appends score lines, as `score_line` gives them."""
        ...


def about_article(article: Article) -> dict[str, Any]:
    """What each line of an article says of it: `source`, `date`, `language` (text or null), `metadata` with the rest.

    All of it is what the input says; the site's name of an HTML page is its source.
    """
    known = {name: article.metadata.get(name) for name in ABOUT}
    known["source"] = known["source"] or article.metadata.get("sitename")
    rest = {name: value for name, value in article.metadata.items() if name not in ABOUT}
    return {**{name: _as_text(value) for name, value in known.items()}, "metadata": rest}


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return dump_json(value)


def score_line(
    sentence: ScoredSentence, *, part: str, about: Mapping[str, Any], origin: Mapping[str, str]
) -> dict[str, Any]:
    """One sentence as it is written: offsets in the article, voices, probabilities (0 to 1), decided techniques.

    Args:
        sentence: the scored sentence.
        part: title or body.
        about: see `about_article`.
        origin: a value for each name of `ORIGIN`.
    """
    return {
        "article": sentence.article,
        "index": sentence.index,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "part": part,
        "voice": main_voice(len(sentence.text), sentence.voices),
        "voices": [
            {"start": voice.start, "end": voice.end, "voice": voice.voice, "speaker": voice.speaker}
            for voice in sentence.voices
        ],
        "techniques": list(sentence.techniques),
        "probabilities": {name: round(float(value), _DIGITS) for name, value in sentence.probabilities.items()},
        # Never true: a sentence too long for the model is scored in windows.
        "truncated": False,
        "n_windows": sentence.n_windows,
        **about,
        **origin,
    }


def check_ending(path: Path) -> None:
    """Refuses a name whose ending says no format. Raises UserError."""
    if path.suffix.lower() not in ENDINGS:
        expected = f"a name that ends in {', '.join(ENDINGS)}"
        raise UserError(f"ending '{path.suffix}'", where=str(path), expected=expected)


@contextmanager
def open_scores(path: Path, *, techniques: Sequence[str]) -> Iterator[ScoreWriter]:
    """A writer for the format of the path's ending; the file appears whole when the context ends, or not at all.

    CSV and Parquet have a column `probability_<technique>` for each technique. In both, `metadata` is JSON text.
    In CSV, techniques are joined by `|`, voices are JSON, null is an empty cell, and a text that a spreadsheet would
    take for a formula gets an apostrophe before it (`data/score_reading` takes it off again).
    """
    check_ending(path)
    writers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    with atomic_file(path) as partial, writers[path.suffix.lower()](partial, techniques) as writer:
        yield writer


class _Each:
    """A writer of one line at a time."""

    def __init__(self, write_one: Any) -> None:
        self._write_one = write_one

    def write(self, lines: Iterable[Mapping[str, Any]]) -> None:
        for line in lines:
            self._write_one(line)


@contextmanager
def _jsonl(path: Path, techniques: Sequence[str]) -> Iterator[ScoreWriter]:
    with path.open("w", encoding="utf-8", newline="") as stream:
        yield _Each(lambda line: stream.write(dump_json(line) + "\n"))


@contextmanager
def _csv(path: Path, techniques: Sequence[str]) -> Iterator[ScoreWriter]:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        columns = [name for name, _ in _columns(techniques)]
        writer.writerow(columns)

        def write_one(line: Mapping[str, Any]) -> None:
            flat = _flat(line)
            flat |= {"techniques": "|".join(flat["techniques"]), "voices": dump_json(flat["voices"])}
            writer.writerow([safe_cell(flat[name]) for name in columns])

        yield _Each(write_one)


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet reads as a formula: text that begins like one gets an apostrophe before it.

    So does text that begins with apostrophes and then like one, so that `plain_cell` can take one off again.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` made this cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


@contextmanager
def _parquet(path: Path, techniques: Sequence[str]) -> Iterator[ScoreWriter]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    voices = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("voice", pa.string()), ("speaker", pa.string())])
    types = {
        "text": pa.string(), "whole": pa.int64(), "score": pa.float64(), "yes or no": pa.bool_(),
        "names": pa.list_(pa.string()), "voices": pa.list_(voices),
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in _columns(techniques)])

    class Writer:
        def write(self, lines: Iterable[Mapping[str, Any]]) -> None:
            rows = [_flat(line) for line in lines]
            if rows:
                parquet.write_table(pa.Table.from_pylist(rows, schema=schema))

    with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
        yield Writer()


def _columns(techniques: Sequence[str]) -> list[tuple[str, str]]:
    """Names and kinds of the columns of a table of scores."""
    return [
        *[("article", "text"), ("index", "whole"), ("start", "whole"), ("end", "whole"), ("text", "text")],
        *[("part", "text"), ("voice", "text"), ("voices", "voices"), ("techniques", "names")],
        *[(f"{PROBABILITY}{technique}", "score") for technique in techniques],
        *[("truncated", "yes or no"), ("n_windows", "whole"), *((name, "text") for name in ABOUT)],
        *[("metadata", "text"), *((name, "text") for name in ORIGIN)],
    ]


def _flat(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line with a column for each technique's probability beside the rest."""
    scores = {f"{PROBABILITY}{technique}": value for technique, value in line["probabilities"].items()}
    rest = {name: value for name, value in line.items() if name != "probabilities"}
    return {**rest, "metadata": dump_json(line["metadata"]), **scores}
