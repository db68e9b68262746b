"""Arrow arrays from buffers: the ones that `pyarrow.array` makes, without pandas."""

import subprocess
import sys

import pyarrow as pa
import pytest

from spinscope.data import score_files
from spinscope.data.arrow_columns import arrow_array
from spinscope.records import ScoredSentence

VOICES = pa.list_(pa.struct([("start", pa.int64()), ("speaker", pa.string())]))
COLUMNS = [
    (pa.string(), ["plain", None, "é😀", "", None]),
    (pa.string(), ["plain", "", "all there"]),
    (pa.string(), [None, None]),
    (pa.int64(), [1, -2, 2**62]),
    (pa.float64(), [0.1, 1, 0.0]),
    (pa.bool_(), [True, False, True, True, False, False, True, True, True]),
    (pa.list_(pa.string()), [["loaded_language"], [], ["a", "ü"]]),
    (
        VOICES,
        [[{"start": 1, "speaker": "Ann Lee"}, {"start": 7, "speaker": None}], [], [{"start": 0, "speaker": "Zoë"}]],
    ),
]


@pytest.mark.parametrize(("kind", "values"), [*COLUMNS, *((kind, []) for kind, _ in COLUMNS)])
def test_array_is_that_of_pyarrow(kind, values):
    array = arrow_array(values, kind)
    array.validate(full=True)
    expected = pa.array(values, type=kind)
    assert array.equals(expected) and array.null_count == expected.null_count


@pytest.mark.parametrize("kind", score_files.FORMATS)
def test_lines_encoded_bit_by_bit_give_the_same_bytes(kind, monkeypatch):
    techniques = ["loaded_language"]
    sentences = [
        ScoredSentence("a", number, 0, 4, f"Né {number}", (), {"loaded_language": number / 7}, (), 1) for number in range(7)
    ]
    origin = dict.fromkeys(score_files.ORIGIN, "c")
    about = {"source": None, "date": "2024", "language": "en", "metadata": {"page": "1"}}
    lines = [score_files.score_line(one, part="body", about=about, origin=origin) for one in sentences]
    whole = score_files.encode_scores(lines, kind=kind, techniques=techniques)
    monkeypatch.setattr(score_files, "LINES_AT_ONCE", 2)
    encoder = score_files.ScoreEncoder(kind=kind, techniques=techniques)
    for piece in (lines[:1], lines[1:4], lines[4:]):
        encoder.add(piece)
    assert len(encoder._encoded) == 2 and encoder.finished() == whole and encoder.n_lines == 7


def test_pandas_is_not_imported():
    code = (
        "import sys, pyarrow as pa\n"
        "from spinscope.data.score_files import encode_scores\n"
        "assert encode_scores([], kind='parquet', techniques=['a'])\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
