"""Arrow arrays from buffers: the ones that `pyarrow.array` makes, without pandas."""

import subprocess
import sys

import pyarrow as pa
import pytest

from spinscope.data.arrow_columns import arrow_array

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


def test_pandas_is_not_imported():
    code = (
        "import sys, pyarrow as pa\n"
        "from spinscope.data.score_files import encode_scores\n"
        "assert encode_scores([], kind='parquet', techniques=['a'])\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
