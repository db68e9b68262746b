"""Every rule of every shared task on files in its own format, worked by hand, to 1e-9."""

from __future__ import annotations

import json
from fractions import Fraction as F

import pytest

from spinscope.data.submissions.reading import read_content
from spinscope.data.submissions.tasks import TASKS
from spinscope.errors import UserError
from spinscope.jobs.officials import official_score
from spinscope.measure.official.score import Settings


def lines(*rows):
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


def texts(*several):
    return json.dumps([{"id": str(number), "labels": list(labels)} for number, labels in enumerate(several, start=1)])


def span(start, end, technique):
    return {"technique": technique, "start": start, "end": end}


A, B, C = "Doubt", "Slogans", "Repetition"
SPAN_RULES = {
    # 4 shared characters of 8 predicted and of 16 gold ones.
    "partial overlap": ([(0, 16, A)], [(12, 20, A)], (F(1, 2), F(1, 4), F(1, 3))),
    "touching, nothing shared": ([(0, 5, A)], [(5, 9, A)], (0, 0, 0)),
    # Two gold spans of 10, one hit by half of itself: precision (1 + 1) / 2, recall (1 + 1/2) / 2.
    "one whole, one in part": ([(0, 10, A), (20, 30, A)], [(0, 10, A), (25, 30, A)], (1, F(3, 4), F(6, 7))),
    "nothing predicted": ([(0, 10, A)], [], (0, 0, 0)),
}


def of_spans(task, gold, predicted):
    """The spans in the format of a span task, without techniques where it has none."""
    if task == "semeval2021-st2":
        return tuple(texts([span(*one) for one in some], []) for some in (gold, predicted))
    if task == "semeval2020-si":
        return tuple(lines(*((1, start, end) for start, end, _ in some)) for some in (gold, predicted))
    return tuple(lines(*((1, name, start, end) for start, end, name in some)) for some in (gold, predicted))


CASES = [
    *(
        pytest.param(task, *of_spans(task, gold, predicted), dict(zip(("precision", "recall", "f1"), found, strict=True)), id=f"{task}-{rule}")
        for task in ("semeval2020-si", "nlp4if2019-flc", "semeval2021-st2")
        for rule, (gold, predicted, found) in SPAN_RULES.items()
    ),
    # Span identification: listings of one span and overlapping spans are one; techniques play no part.
    pytest.param("semeval2020-si", lines((1, 0, 10), (1, 0, 10)), lines((1, 0, 10)), {"f1": 1}, id="si-gold twice"),
    pytest.param("semeval2020-si", lines((1, 0, 10)), lines((1, 0, 6), (1, 4, 10), (1, 0, 6)), {"f1": 1}, id="si-merged"),
    # Precision (1 + 0) / 2, recall 1 / 2.
    pytest.param("semeval2020-si", lines((1, 0, 10), (2, 0, 10)), lines((1, 0, 10), (1, 50, 60)), {"precision": F(1, 2), "recall": F(1, 2), "f1": F(1, 2)}, id="si-articles"),
    # Fragments: several techniques on one span are several; the same technique is merged; another earns nothing.
    pytest.param("nlp4if2019-flc", lines((1, A, 0, 10), (1, B, 0, 10)), lines((1, A, 0, 10)), {"precision": 1, "recall": F(1, 2), "f1": F(2, 3)}, id="flc-several techniques"),
    pytest.param("nlp4if2019-flc", lines((1, A, 0, 10)), lines((1, A, 0, 10), (1, A, 0, 10), (1, A, 2, 5)), {"f1": 1}, id="flc-duplicates"),
    pytest.param("nlp4if2019-flc", lines((1, A, 0, 10)), lines((1, B, 0, 10)), {"f1": 0}, id="flc-another technique"),
    # Given spans: the best assignment among the listings of one; a label too often counts once.
    pytest.param("semeval2020-tc", lines((1, A, 0, 9), (1, B, 0, 9)), lines((1, B, 0, 9), (1, A, 0, 9)), {"micro_f1": 1}, id="tc-best assignment"),
    pytest.param("semeval2020-tc", lines((1, A, 0, 9), (1, B, 0, 9), (2, C, 3, 4)), lines((1, A, 0, 9), (1, A, 0, 9), (2, A, 3, 4)), {"micro_f1": F(1, 3)}, id="tc-duplicates"),
    # Sentences: 1 right of 2 said, 1 found of 3.
    pytest.param(
        "nlp4if2019-slc",
        lines(*((1, n, "propaganda" if n < 4 else "non-propaganda") for n in range(1, 6))),
        lines(*((1, n, "propaganda" if n in (1, 5) else "non-propaganda") for n in range(1, 6))),
        {"precision": F(1, 2), "recall": F(1, 3), "f1": F(2, 5)}, id="slc-figures",
    ),
    pytest.param("nlp4if2019-slc", lines((1, 1, "propaganda")), lines((1, 1, "non-propaganda")), {"f1": 0}, id="slc-none predicted"),
    pytest.param("nlp4if2019-slc", lines((1, 1, "non-propaganda")), lines((1, 1, "propaganda")), {"f1": 0}, id="slc-absent class"),
    # Labels per text: 2 hits, 1 false alarm, 1 miss; 20 classes, of which 18 are in neither and count as 1.
    pytest.param("semeval2021-st1", texts([A, B], [A]), texts([A], [A, B]), {"micro_f1": F(2, 3), "macro_f1": F(19, 20)}, id="st1-figures"),
    pytest.param("semeval2021-st1", texts([A], [B]), texts([], []), {"micro_f1": 0, "macro_f1": F(18, 20)}, id="st1-nothing predicted"),
    pytest.param("semeval2021-st1", texts([], [A]), texts([], [A]), {"micro_f1": 1, "macro_f1": 1}, id="st1-a text without labels"),
    # Spans of texts, nothing merged: said twice, it is found twice (precision 2 of 2, recall 2 of 1).
    pytest.param("semeval2021-st2", texts([span(0, 10, A)]), texts([span(0, 10, A), span(0, 10, A)]), {"precision": 1, "recall": 2, "f1": F(4, 3)}, id="st2-duplicates"),
    pytest.param("semeval2021-st2", texts([span(0, 10, A), span(0, 10, B)]), texts([span(0, 10, A)]), {"precision": 1, "recall": F(1, 2), "f1": F(2, 3)}, id="st2-several techniques"),
    # Paragraphs: 1 hit, 1 false alarm, 1 miss; 23 classes, 21 in neither.
    pytest.param("semeval2023-st3", lines((1, 1, f"{A},{B}"), (1, 3, "")), lines((1, 1, A), (1, 3, B)), {"micro_f1": F(1, 2), "macro_f1": F(22, 23)}, id="st3-figures"),
    pytest.param("semeval2023-st3", lines((1, 1, A), (1, 2, "")), lines((1, 1, ""), (1, 2, "")), {"micro_f1": 0, "macro_f1": F(22, 23)}, id="st3-nothing predicted"),
    # Hierarchy: Doubt and Smears share Ad Hominem and Ethos; an ancestor earns its part; said twice is said once.
    pytest.param("semeval2024-st1", texts([A]), texts(["Smears"]), {"precision": F(2, 3), "recall": F(2, 3), "f1": F(2, 3)}, id="2024-sibling"),
    pytest.param("semeval2024-st1", texts(["Smears"]), texts(["Ethos"]), {"precision": 1, "recall": F(1, 3), "f1": F(1, 2)}, id="2024-ancestor"),
    pytest.param("semeval2024-st1", texts(["Loaded Language"], ["Smears"]), texts(["Loaded Language"], []), {"precision": 1, "recall": F(2, 5), "f1": F(4, 7)}, id="2024-one empty"),
    pytest.param("semeval2024-st1", texts(["Smears"]), texts([]), {"f1": 0}, id="2024-nothing predicted"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "gold", "predicted", "figures"), CASES)
def test_a_rule_by_hand(name, gold, predicted, figures, tmp_path):
    files = tmp_path / "gold", tmp_path / "predicted"
    for file, content in zip(files, (gold, predicted), strict=True):
        file.write_text(content, encoding="utf-8")
    score = official_score(*(read_content(TASKS[name], file) for file in files), settings=Settings(n_resamples=0))
    for figure, value in figures.items():
        assert score.figures[figure].value == pytest.approx(float(value), abs=1e-9), figure
    assert score.main in score.figures


@pytest.mark.parametrize(
    ("name", "gold", "predicted"),
    [
        ("semeval2020-tc", lines((1, A, 0, 9)), lines((1, A, 0, 8))),
        ("semeval2020-tc", lines((1, A, 0, 9)), ""),
        ("nlp4if2019-slc", lines((1, 1, "propaganda"), (1, 2, "propaganda")), lines((1, 1, "propaganda"))),
        ("semeval2023-st3", lines((1, 1, A), (1, 2, "")), lines((1, 1, A))),
        ("semeval2021-st1", texts([A], [B]), texts([A])),
        ("semeval2024-st1", texts([A], [B]), texts([A])),
    ],
    ids=["tc-another span", "tc-nothing", "slc-a line missing", "st3-a paragraph missing", "st1-a text missing", "2024-a text missing"],
)  # fmt: skip
def test_what_the_task_refuses(name, gold, predicted, tmp_path):
    files = tmp_path / "gold", tmp_path / "predicted"
    for file, content in zip(files, (gold, predicted), strict=True):
        file.write_text(content, encoding="utf-8")
    with pytest.raises(UserError):
        official_score(*(read_content(TASKS[name], file) for file in files), settings=Settings(n_resamples=0))


def test_each_task_stands_here():
    assert {case.values[0] for case in CASES} == set(TASKS)
