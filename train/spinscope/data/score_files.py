"""Scores as files: one line, row or record for each sentence, in JSONL, CSV or Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spinscope.data.arrow_columns import arrow_array
from spinscope.data.inputs import ABOUT
from spinscope.data.voice import main_voice
from spinscope.errors import UserError
from spinscope.files import dump_json
from spinscope.records import Article, ScoredSentence

FORMATS = ("jsonl", "csv", "parquet")
ENDINGS = tuple(f".{name}" for name in FORMATS)
_FORMULA = re.compile("'*[ \u00a0\ufeff]*[=+\\-@\t\r＝＋－＠]")
_DIGITS = 6
LINES_AT_ONCE = 16_384
"""Score lines in memory before they are encoded."""

PROBABILITY = "probability_"
"""Before a technique's id: its column of probabilities in CSV and Parquet."""

Columns = list[tuple[str, str]]
"""Names and kinds of columns."""

ORIGIN = ("checkpoint", "checkpoint_sha256", "taxonomy_sha256", "text_sha256")
"""What each line says of where its scores come from."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode  # `json.dumps` makes an encoder for each line


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
        **({} if sentence.abstained is None else {"abstained": list(sentence.abstained)}),
        "probabilities": {name: round(value, _DIGITS) for name, value in sentence.probabilities.items()},
        **_of_any(sentence),
        # Never true: a sentence too long for the model is scored in windows.
        "truncated": False,
        "n_windows": sentence.n_windows,
        **about,
        **origin,
    }


def _of_any(sentence: ScoredSentence) -> dict[str, Any]:
    if sentence.any_probability is None:
        return {}
    return {"any_probability": round(sentence.any_probability, _DIGITS), "any_decided": sentence.any_decided}


def check_ending(path: Path) -> str:
    """The format that a file's ending says. Raises UserError where it says none."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        expected = f"a name that ends in {', '.join(ENDINGS)}"
        raise UserError(f"ending '{path.suffix}'", where=str(path), expected=expected)
    return kind


def encode_scores(
    lines: Sequence[Mapping[str, Any]], *, kind: str, techniques: Sequence[str], with_abstained: bool = False,
    with_any: bool = False,
) -> bytes:  # fmt: skip
    """Score lines as the bytes of a whole file.

    CSV and Parquet have a column `probability_<technique>` for each technique. In both, `metadata` is JSON text.
    In CSV, techniques are joined by `|`, voices are JSON, null is an empty cell, and a text that a spreadsheet would
    take for a formula gets an apostrophe before it (`data/score_reading` takes it off again).

    Args:
        lines: as `score_line` gives them.
        kind: jsonl, csv or parquet.
        techniques: ids, in the inventory's order.
        with_abstained: the lines say what lies within the band of doubt.
        with_any: they say whether the sentence has any technique, and how likely that is.
    """
    encoder = ScoreEncoder(kind=kind, techniques=techniques, with_abstained=with_abstained, with_any=with_any)
    encoder.add(lines)
    return encoder.finished()


class ScoreEncoder:
    """`encode_scores` for lines that come bit by bit: a line takes some kilobytes, its bytes a tenth of that.

    Attributes:
        n_lines: added so far.
    """

    def __init__(
        self, *, kind: str, techniques: Sequence[str], with_abstained: bool = False, with_any: bool = False
    ) -> None:
        self.n_lines = 0
        self._kind = kind
        self._columns = columns_of(techniques, with_abstained=with_abstained, with_any=with_any)
        self._waiting: list[Mapping[str, Any]] = []
        self._encoded: list[Any] = []

    def add(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Takes more lines, in order."""
        self.n_lines += len(lines)
        self._waiting += lines
        if len(self._waiting) >= LINES_AT_ONCE:
            self._encode()

    def finished(self) -> bytes:
        """The whole file, once all lines are added."""
        if self._waiting or not self._encoded:
            self._encode()
        return _parquet(self._encoded) if self._kind == "parquet" else b"".join(self._encoded)

    def _encode(self) -> None:
        lines, self._waiting = self._waiting, []
        if self._kind == "parquet":
            self._encoded.append(_arrow_table(lines, self._columns))
        elif self._kind == "jsonl":
            self._encoded.append(_jsonl(lines))
        else:
            self._encoded.append(_csv(lines, self._columns, with_header=not self._encoded))


def _jsonl(lines: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(f"{_encode(line)}\n" for line in lines).encode("utf-8")


def _csv(lines: Sequence[Mapping[str, Any]], columns: Columns, *, with_header: bool) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    table = _table(lines, columns)
    for listed in ("techniques", *(name for name in table if name == "abstained")):
        table[listed] = ["|".join(names) for names in table[listed]]
    table["voices"] = [_encode(voices) for voices in table["voices"]]
    if with_header:
        writer.writerow(table)
    writer.writerows(zip(*([safe_cell(value) for value in column] for column in table.values()), strict=True))
    return stream.getvalue().encode("utf-8")


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet reads as a formula: text that begins like one gets an apostrophe before it.

    So does text that begins with apostrophes and then like one, so that `plain_cell` can take one off again.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` made this cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _arrow_table(lines: Sequence[Mapping[str, Any]], columns: Columns) -> Any:
    import pyarrow as pa

    schema = _schema(columns)
    values = _table(lines, columns)
    return pa.table([arrow_array(values[field.name], field.type) for field in schema], schema=schema)


def _parquet(tables: Sequence[Any]) -> bytes:
    import pyarrow as pa

    stream = pa.BufferOutputStream()
    with parquet_writer(stream, tables[0].schema) as writer:
        writer.write_table(pa.concat_tables(tables).combine_chunks())
    return bytes(stream.getvalue())


def score_schema(techniques: Sequence[str], *, with_abstained: bool = False, with_any: bool = False) -> Any:
    """The Arrow schema of a table of scores."""
    return _schema(columns_of(techniques, with_abstained=with_abstained, with_any=with_any))


def _schema(columns: Columns) -> Any:
    import pyarrow as pa

    voices = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("voice", pa.string()), ("speaker", pa.string())])
    types = {
        "text": pa.string(), "whole": pa.int64(), "score": pa.float64(), "number": pa.float64(), "yes or no": pa.bool_(),
        "names": pa.list_(pa.string()), "voices": pa.list_(voices),
    }  # fmt: skip
    return pa.schema([(name, types[kind]) for name, kind in columns])


def parquet_writer(stream: Any, schema: Any) -> Any:
    """A writer of Parquet files of scores, to be used as a context."""
    import pyarrow.parquet as pq

    # The footer keeps the statistics of every row group: of long texts they would serve nobody.
    known = [name for name in ("article", "index", *ABOUT, "part", "voice") if name in schema.names]
    return pq.ParquetWriter(stream, schema, compression="zstd", write_statistics=known)


def columns_of(techniques: Sequence[str], *, with_abstained: bool = False, with_any: bool = False) -> Columns:
    """Names and kinds of the columns of a table of scores, in order; `abstained` where a band of doubt is drawn,
    `any_probability` and `any_decided` where there is a cut-off for any technique.
    """
    return [
        *[("article", "text"), ("index", "whole"), ("start", "whole"), ("end", "whole"), ("text", "text")],
        *[("part", "text"), ("voice", "text"), ("voices", "voices"), ("techniques", "names")],
        *([("abstained", "names")] if with_abstained else []),
        *[(f"{PROBABILITY}{technique}", "score") for technique in techniques],
        *([("any_probability", "number"), ("any_decided", "yes or no")] if with_any else []),
        *[("truncated", "yes or no"), ("n_windows", "whole"), *((name, "text") for name in ABOUT)],
        *[("metadata", "text"), *((name, "text") for name in ORIGIN)],
    ]


def _table(lines: Sequence[Mapping[str, Any]], columns: Columns) -> dict[str, list[Any]]:
    """The lines as columns, a column for each technique's probability beside the rest."""
    scores = {name: name.removeprefix(PROBABILITY) for name, kind in columns if kind == "score"}
    table = {
        name: [line["probabilities"][scores[name]] for line in lines]
        if name in scores
        else [line[name] for line in lines]
        for name, _ in columns
    }
    # The lines of an article share one mapping.
    texts: dict[int, str] = {}
    table["metadata"] = [
        texts.get(id(value)) or texts.setdefault(id(value), _encode(value)) for value in table["metadata"]
    ]
    return table
