"""Gold and submission files of the shared tasks: read, checked line by line, written, and made from sentences."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spinscope.data.submissions.pairing import refuse_mismatch
from spinscope.data.submissions.reading import check_file, read_content, read_labels_list
from spinscope.data.submissions.sentences import gold_of, predictions_of, refuse_unfit, within
from spinscope.data.submissions.tasks import TASKS, named_task
from spinscope.data.submissions.units import Content
from spinscope.data.submissions.writing import submission_text, write_submission
from spinscope.errors import UserError
from spinscope.records import Sentence, Span
from spinscope.taxonomy import inventory

SI, TC, SLC, FLC, ST1, ST2, ST3, ST24 = (
    TASKS[name]
    for name in (
        "semeval2020-si", "semeval2020-tc", "nlp4if2019-slc", "nlp4if2019-flc", "semeval2021-st1", "semeval2021-st2",
        "semeval2023-st3", "semeval2024-st1",
    )
)  # fmt: skip


@pytest.fixture
def written(tmp_path):
    def write(content, name="submission.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
        file.write_bytes(text.encode("utf-8"))
        return file

    return write


def refused(call, *arguments, **options) -> UserError:
    with pytest.raises(UserError) as caught:
        call(*arguments, **options)
    return caught.value


def test_the_labels_are_the_organisers_spellings():
    assert len(SI.labels) == len(SLC.labels) == 1
    assert [len(task.labels) for task in (TC, FLC, ST1, ST2, ST3, ST24)] == [14, 18, 20, 20, 23, 30]
    assert {"Bandwagon,Reductio_ad_hitlerum", "Thought-terminating_Cliches", "Black-and-White_Fallacy"} <= set(
        TC.labels
    )
    assert {"Straw_Men", "Obfuscation,Intentional_Vagueness,Confusion"} <= set(FLC.labels)
    assert {"Thought-terminating cliché", "Name calling/Labeling", "Black-and-white Fallacy/Dictatorship"} <= set(
        ST1.labels
    )
    assert {"Name_Calling-Labeling", "False_Dilemma-No_Choice", "Appeal_to_Fear-Prejudice"} <= set(ST3.labels)


def test_an_unknown_task_is_answered_with_the_nearest():
    assert "did you mean 'semeval2020-tc'?" in str(refused(named_task, "semeval2020tc"))


def test_spans_are_read_by_article(written):
    content = read_content(SI, written("7\t0\t5\n8\t3\t9\n7\t4\t6\n"))
    assert content.fragments == {"7": ((0, 5, "propaganda"), (4, 6, "propaganda")), "8": ((3, 9, "propaganda"),)}
    content = read_content(TC, written("7\tName_Calling,Labeling\t0\t5\n"))
    assert content.fragments == {"7": ((0, 5, "Name_Calling,Labeling"),)}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_and_trailing_white_space_play_no_part(written, ends):
    text = f"7\t0\t5 \t{ends}8\t3\t9{ends}"
    assert read_content(SI, written(text)).fragments == {"7": ((0, 5, "propaganda"),), "8": ((3, 9, "propaganda"),)}
    assert check_file(SI, written(text)).n_units == 2


def test_a_byte_order_mark_and_blank_lines_are_passed_over_in_scoring_and_refused_by_the_checker(written):
    file = written("\ufeff7\t0\t5\n\n8\t3\t9\n\n")
    content = read_content(SI, file)
    assert set(content.fragments) == {"7", "8"}
    assert content.notes == (
        f"{file}:1: a byte-order mark, which the organisers' reader takes for part of the file",
        f"{file}:2: a blank line (and 1 more such lines)",
    )
    assert str(refused(check_file, SI, file)) == (
        f"{file}:1: a byte-order mark, which the organisers' reader takes for part of the file\n"
        "  expected: tab-separated lines: article, start, end\n"
        "  to mend: 2 further: lines 2, 4: a blank line."
    )
    memes = written("\ufeff" + '[{"id": "1", "labels": []}]')
    assert read_content(ST1, memes).labels == {("1",): ()}
    assert refused(check_file, ST1, memes).where == f"{memes}:1"


@pytest.mark.parametrize(
    ("task", "line", "fault"),
    [
        (SI, "7\tDoubt\t0\t5", "4 tab-separated columns instead of 3 (article, start, end)"),
        (SI, "7 0 5", "1 tab-separated columns instead of 3 (article, start, end)"),
        (SI, "7\t0\tfive", "offsets '0' and 'five' are no whole numbers"),
        (SI, "7\t1_0\t20", "offsets '1_0' and '20' are no whole numbers"),
        (SI, "7\t-3\t5", "a negative offset: -3 to 5"),
        (SI, "7\t5\t5", "an empty span: 5 to 5 (the end is exclusive)"),
        (SI, "7\t9\t5", "an empty span: 9 to 5 (the end is exclusive)"),
        (TC, "7\tDoubts\t0\t5", "unknown label 'Doubts': did you mean 'Doubt'?"),
        (TC, "7\tdoubt\t0\t5", "unknown label 'doubt': did you mean 'Doubt'?"),
        (TC, "7\t?\t0\t5", "unknown label '?': choose one of"),
        (FLC, "7\t0\t5", "3 tab-separated columns instead of 4 (article, technique, start, end)"),
        (SLC, "7\t1", "2 tab-separated columns instead of 3 (article, line, propaganda or non-propaganda)"),
        (SLC, "7\t1\t?", "label '?': the template's ? was not replaced"),
        (SLC, "7\t1\tmaybe", "label 'maybe'"),
        (SLC, "1\t1\tpropaganda", "line 1 of article 1 stands twice"),
        (ST3, "7", "1 tab-separated columns instead of 3 (article, paragraph, techniques joined by commas (or nothing))"),
        (ST3, "7\t1\tDoubt\tRepetition", "4 tab-separated columns instead of 3"),
        (ST3, "7\t1\tDoubt, Repetition", "unknown label ' Repetition': did you mean 'Repetition'?"),
    ],
)  # fmt: skip
def test_each_fault_of_a_table_is_named_with_its_line(written, task, line, fault):
    sound = {SI: "1\t0\t5", TC: "1\tDoubt\t0\t5", FLC: "1\tDoubt\t0\t5", SLC: "1\t1\tPropaganda", ST3: "1\t1\tDoubt"}
    file = written(f"{sound[task]}\n{line}\n")
    for call in (read_content, check_file):
        error = refused(call, task, file)
        assert error.where == f"{file}:2"
        assert error.found.startswith(fault)


def test_further_faults_are_told_with_their_lines(written):
    lines = ["7\t0\t5", *["7\t3\t3"] * 6, "7\tx\t3", "8\t0\t1"]
    error = refused(read_content, SI, written("\n".join(lines)))
    assert error.found == "an empty span: 3 to 3 (the end is exclusive)"
    assert error.remedy == "6 further: lines 3, 4, 5 and 2 more; line 8: offsets 'x' and '3' are no whole numbers."


@pytest.mark.parametrize("task", [SI, FLC])
def test_overlapping_spans_of_a_submission_are_refused_by_the_checker_alone(written, task):
    label = "" if task is SI else "Doubt\t"
    file = written(f"7\t{label}0\t5\n7\t{label}5\t9\n8\t{label}0\t5\n7\t{label}8\t12\n")
    assert read_content(task, file).n_marks == 4
    error = refused(check_file, task, file)
    assert error.where == f"{file}:4"
    assert (
        error.found
        == "the span overlaps another of its technique, which the organisers' program refuses without its option -m"
    )


def test_spans_of_two_techniques_may_overlap(written):
    assert check_file(FLC, written("7\tDoubt\t0\t5\n7\tRepetition\t3\t9\n")).n_marks == 2


def test_lines_are_read_in_any_case(written):
    content = read_content(SLC, written("7\t1\tPropaganda\n7\t3\tnon-propaganda\n"))
    assert content.labels == {("7", "1"): ("propaganda",), ("7", "3"): ()}


def test_paragraphs_without_labels_and_a_paragraph_given_twice(written):
    file = written("7\t1\t\n7\t3\tDoubt,Repetition\n7\t5\n7\t3\tDoubt\n")
    content = read_content(ST3, file)
    assert content.labels == {("7", "1"): (), ("7", "3"): ("Doubt",), ("7", "5"): ()}
    assert content.notes == (f"{file}:4: paragraph 3 of article 7 stands twice, and the last counts",)
    assert refused(check_file, ST3, file).where == f"{file}:4"


def test_a_language_may_have_a_shorter_list_of_labels(written):
    labels = read_labels_list(written("Doubt\nSlogans\n\n", "techniques.txt"), ST3)
    assert labels == ("Doubt", "Slogans")
    file = written("7\t1\tRepetition\n")
    assert "unknown label 'Repetition'" in str(refused(read_content, ST3, file, labels=labels))
    assert refused(read_labels_list, written("Doubt\nSlogan\n", "techniques.txt"), ST3).where.endswith(
        "techniques.txt:2"
    )
    assert "its labels are the same everywhere" in str(refused(read_labels_list, file, ST1))


def test_labels_of_memes(written):
    entries = [{"id": "1", "labels": ["Doubt", "Doubt", "Smears"], "text": "x"}, {"id": "2", "labels": []}]
    assert read_content(ST1, written(entries)).labels == {("1",): ("Doubt", "Smears"), ("2",): ()}
    inner = [{"id": "1", "labels": ["Ad Hominem", "Transfer"]}]
    assert read_content(ST24, written(inner)).labels == {("1",): ("Ad Hominem", "Transfer")}
    assert "unknown label 'Ad Hominem'" in str(refused(read_content, ST1, written(inner)))


def test_the_root_of_the_hierarchy_is_no_label(written):
    assert "unknown label 'Persuasion'" in str(
        refused(read_content, ST24, written([{"id": "1", "labels": ["Persuasion"]}]))
    )


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("", 1, "no JSON list"),
        ('{"id": "1", "labels": []}', 1, "no JSON list"),
        ('[\n {"id": "1", "labels": []},\n {"id": "2" "labels": []}\n]', 3, "not JSON: Expecting ',' delimiter"),
        ('[\n {"id": "1", "labels": []}\n {"id": "2", "labels": []}]', 3, "not JSON: neither , nor ] after an entry"),
        ('[\n {"id": "1", "labels": []},\n]', 3, "not JSON: Expecting value"),
        ('[\n {"id": "1", "labels": []}', 2, "not JSON: neither , nor ] after an entry"),
        ('[{"id": "1", "labels": []}]\nmore', 2, "something stands after the list's ]"),
        ('[\n {"labels": []}]', 2, "an entry without id"),
        ('[\n\n {"id": "1"}]', 3, "an entry without labels"),
        ('[\n "1"]', 2, "an entry without id and labels"),
        ('[{"id": "1",\n  "labels": "Doubt"}]', 1, "labels of '1' are no list"),
        ('[{"id": "1", "labels": ["Doubt",\n "Smear"]}]', 2, "unknown label 'Smear': did you mean 'Smears'?"),
        ('[{"text": "\\"labels\\": [", "id": "1",\n "labels": [\n"Doubt",\n\n3]}]', 5, "a label is no name in quotation marks"),
    ],
)  # fmt: skip
def test_each_fault_of_a_list_is_named_with_its_line(written, text, line, fault):
    file = written(text)
    error = refused(read_content, ST1, file)
    assert error.where == f"{file}:{line}"
    assert error.found.startswith(fault)


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ('"Doubt"', "a label without technique, start and end"),
        ('{"technique": "Doubt", "start": 1}', "a label without technique, start and end"),
        ('{"technique": "Doubts", "start": 1, "end": 3}', "unknown label 'Doubts'"),
        ('{"technique": "Doubt", "start": 3, "end": 3}', "an empty span: 3 to 3"),
        ('{"technique": "Doubt", "start": true, "end": 3}', "offsets 'True' and '3' are no whole numbers"),
        ('{"technique": "Doubt", "start": 0.5, "end": 3}', "offsets '0.5' and '3' are no whole numbers"),
    ],
)
def test_each_fault_of_a_span_in_a_list_is_named_with_its_line(written, label, fault):
    file = written(f'[{{"id": "1", "labels": [\n{{"technique": "Doubt", "start": "0", "end": 2}},\n{label}\n]}}]')
    error = refused(read_content, ST2, file)
    assert error.where == f"{file}:3"
    assert error.found.startswith(fault)


def test_what_a_site_would_take_for_something_else_is_a_note_in_scoring_and_a_fault_in_checking(written):
    span = {"technique": "Doubt", "start": 0, "end": 9}
    file = written(
        [{"id": 1, "labels": []}, {"id": "2", "labels": [span], "text": "short"}, {"id": "2", "labels": [span]}]
    )
    content = read_content(ST2, file)
    assert content.fragments == {"1": (), "2": ((0, 9, "Doubt"),)}
    assert [note.partition(": ")[2] for note in content.notes] == [
        "id 1 is no text in quotation marks, as the task's are",
        "id '2' stands twice, and the last counts",
    ]
    assert "id 1 is no text" in str(refused(check_file, ST2, file))
    beyond = written([{"id": "2", "labels": [span], "text": "short"}])
    assert refused(check_file, ST2, beyond).found == "span 0 to 9 ends beyond the text's 5 characters"


def test_a_folder_of_labels_says_which_articles_there_are(written, tmp_path):
    written("7\t0\t5\n", "gold/article7.task-SI.labels")
    written("", "gold/article8.task-SI.labels")
    written("7\tDoubt\t0\t5\n", "gold/article7.task-FLC.labels")
    assert read_content(SI, tmp_path / "gold").fragments == {"7": ((0, 5, "propaganda"),), "8": ()}
    assert read_content(FLC, tmp_path / "gold").fragments == {"7": ((0, 5, "Doubt"),)}
    assert "expected: one file in the format of semeval2021-st1" in str(refused(read_content, ST1, tmp_path / "gold"))
    (tmp_path / "empty").mkdir()
    assert "no .labels file" in str(refused(read_content, SI, tmp_path / "empty"))


def test_articles_without_a_span_are_known_from_their_folder(written, tmp_path):
    gold, predictions = written("7\t0\t5\n", "gold.labels"), written("8\t0\t5\n", "predictions.txt")
    written("Text.", "articles/article7.txt")
    written("Text.", "articles/article8.txt")
    error = refused(refuse_mismatch, read_content(SI, gold), read_content(SI, predictions))
    assert error.found == "spans of 1 articles that gold does not name, first '8'"
    assert "--articles" in error.remedy
    known = read_content(SI, gold, articles=tmp_path / "articles")
    assert known.fragments == {"7": ((0, 5, "propaganda"),), "8": ()}
    refuse_mismatch(known, read_content(SI, predictions))
    assert "no article<ID>.txt" in str(refused(read_content, SI, gold, articles=tmp_path))
    assert "leave out --articles" in str(refused(read_content, TC, written("7\tDoubt\t0\t5\n"), articles=tmp_path))


def test_no_file(tmp_path):
    assert "no such file" in str(refused(read_content, SI, tmp_path / "none.txt"))


@pytest.mark.parametrize(
    ("gold", "predictions", "fault"),
    [
        ("1\t1\tDoubt\n1\t3\t\n", "1\t1\t\n", "1 texts without a prediction, first '1' '3'"),
        ("1\t1\tDoubt\n", "1\t1\t\n2\t1\t\n", "1 texts that gold does not have, first '2' '1'"),
        ("1\t1\tDoubt\n", "", "1 texts without a prediction, first '1' '1'"),
    ],
)
def test_each_unit_of_gold_needs_its_prediction(written, gold, predictions, fault):
    pair = read_content(ST3, written(gold, "gold")), read_content(ST3, written(predictions, "predictions"))
    assert refused(refuse_mismatch, *pair).found == fault


@pytest.mark.parametrize(
    ("predictions", "fault"),
    [
        ("1\tDoubt\t0\t5\n", "1 articles without a prediction, first '2'"),
        ("1\tDoubt\t0\t5\n2\tDoubt\t0\t5\n", "span 0 to 5 of article '2' is missing"),
        ("1\tDoubt\t0\t6\n2\tDoubt\t0\t5\n2\tDoubt\t0\t5\n", "span 0 to 5 of article '1' is missing"),
        ("1\tDoubt\t0\t5\n" * 2 + "2\tDoubt\t0\t5\n" * 2, "span 0 to 5 of article '1' is not in gold, or not so often"),
    ],
)
def test_given_spans_must_be_those_of_gold(written, predictions, fault):
    gold = "1\tDoubt\t0\t5\n2\tDoubt\t0\t5\n2\tSlogans\t0\t5\n"
    pair = read_content(TC, written(gold, "gold")), read_content(TC, written(predictions, "predictions"))
    assert refused(refuse_mismatch, *pair).found == fault


def test_articles_without_predicted_spans_may_be_left_out_and_gold_may_not_be_empty(written):
    gold, none = read_content(SI, written("1\t0\t5\n", "gold")), read_content(SI, written("", "none"))
    refuse_mismatch(gold, none)
    assert refused(refuse_mismatch, none, none).found == "no gold"


EXAMPLES = {
    "semeval2020-si": Content(SI, {"1": ((0, 5, "propaganda"), (7, 9, "propaganda"))}),
    "semeval2020-tc": Content(TC, {"1": ((0, 5, "Name_Calling,Labeling"), (0, 5, "Doubt"))}),
    "nlp4if2019-flc": Content(FLC, {"1": ((0, 5, "Straw_Men"),), "2": ((1, 2, "Doubt"),)}),
    "nlp4if2019-slc": Content(SLC, labels={("1", "1"): ("propaganda",), ("1", "3"): ()}),
    "semeval2021-st1": Content(ST1, labels={("1",): ("Thought-terminating cliché", "Doubt"), ("2",): ()}),
    "semeval2021-st2": Content(ST2, {"1": ((0, 5, "Smears"),), "2": ()}),
    "semeval2023-st3": Content(ST3, labels={("1", "1"): ("Doubt", "Repetition"), ("1", "3"): ()}),
    "semeval2024-st1": Content(ST24, labels={("1",): ("Ad Hominem",), ("2",): ()}),
}


@pytest.mark.parametrize("name", TASKS)
def test_what_is_written_is_sound_and_read_back_the_same(name, tmp_path):
    content = EXAMPLES[name]
    write_submission(content, tmp_path / "out" / "submission")
    again = check_file(TASKS[name], tmp_path / "out" / "submission")
    assert (again.fragments, again.labels) == (content.fragments, content.labels)
    assert submission_text(again) == submission_text(content)


def test_the_forms_of_the_tasks_letter_by_letter():
    assert submission_text(EXAMPLES["semeval2020-si"]) == "1\t0\t5\n1\t7\t9\n"
    assert submission_text(EXAMPLES["semeval2020-tc"]) == "1\tName_Calling,Labeling\t0\t5\n1\tDoubt\t0\t5\n"
    assert submission_text(EXAMPLES["nlp4if2019-slc"]) == "1\t1\tpropaganda\n1\t3\tnon-propaganda\n"
    assert submission_text(EXAMPLES["semeval2023-st3"]) == "1\t1\tDoubt,Repetition\n1\t3\t\n"
    assert json.loads(submission_text(EXAMPLES["semeval2021-st1"]))[0] == {
        "id": "1", "labels": ["Thought-terminating cliché", "Doubt"],
    }  # fmt: skip
    assert json.loads(submission_text(EXAMPLES["semeval2021-st2"]))[0] == {
        "id": "1", "labels": [{"technique": "Smears", "start": 0, "end": 5}],
    }  # fmt: skip


PTC = inventory("ptc-14")


def sentence(index, start, text, *spans, article="1", annotated=PTC.ids, **more):
    techniques = tuple(sorted({technique for *_, technique in spans}, key=annotated.index))
    return Sentence(
        article,
        index,
        start,
        start + len(text),
        text,
        tuple(Span(*one) for one in spans),
        techniques,
        annotated,
        **more,
    )


def decided(*techniques_of):
    matrix = np.zeros((len(techniques_of), len(PTC.ids)), dtype=bool)
    for row, techniques in enumerate(techniques_of):
        matrix[row, [PTC.index(technique) for technique in techniques]] = True
    return matrix


def test_a_span_cut_at_the_end_of_a_line_is_put_together_again():
    text = [
        sentence(0, 0, "A vile plan", (2, 11, "doubt"), (2, 6, "loaded_language")),
        sentence(1, 12, "it is.", (0, 6, "doubt"), (0, 2, "slogans")),
        sentence(2, 30, "Next.", (0, 4, "doubt")),
    ]
    content = gold_of(TC, text)
    assert content.fragments["1"] == (
        (2, 6, "Loaded_Language"), (2, 34, "Doubt"), (12, 14, "Slogans"),
    )  # fmt: skip
    assert content.notes[0].startswith("2 pieces of gold spans were put together")
    far = [text[0], sentence(5, 12, "it is.", (0, 6, "doubt"))]  # not the next sentence
    assert [one[:2] for one in gold_of(TC, far).fragments["1"]] == [(2, 6), (2, 11), (12, 18)]


def test_decided_sentences_stand_as_whole_spans():
    text = [sentence(0, 0, "A vile plan."), sentence(1, 13, "It is."), sentence(0, 0, "No.", article="2")]
    chosen = decided(["doubt", "loaded_language"], [], ["slogans"])
    options = {"inventory": PTC, "decided": chosen, "probabilities": chosen.astype(float)}
    found = predictions_of(gold_of(SI, text), text, **options)
    assert found.fragments == {"1": ((0, 12, "propaganda"),), "2": ((0, 3, "propaganda"),)}
    assert found.notes == ("whole sentences stand as predicted spans",)


def test_decided_techniques_stand_as_spans_with_their_labels():
    own = inventory("semeval-2021")
    text = [Sentence("m1", 0, 2, 8, "So vile", (Span(3, 7, "smears"),), ("smears",), own.ids)]
    chosen = np.isin(own.ids, ["smears", "loaded_language"])[None]
    gold = gold_of(ST2, text)
    assert gold.fragments == {"m1": ((5, 9, "Smears"),)}
    found = predictions_of(gold, text, inventory=own, decided=chosen, probabilities=chosen.astype(float))
    assert set(found.fragments["m1"]) == {(2, 8, "Smears"), (2, 8, "Loaded Language")}


def test_each_listing_of_a_span_gets_the_next_best_technique_of_its_sentences():
    text = [
        sentence(0, 0, "A vile plan", (2, 6, "doubt"), (2, 6, "slogans"), (7, 11, "repetition")),
        sentence(1, 12, "it is.", (0, 6, "repetition")),
    ]
    scores = np.zeros((2, len(PTC.ids)))
    scores[0, [PTC.index("slogans"), PTC.index("loaded_language")]] = 0.9, 0.8
    scores[1, [PTC.index("loaded_language"), PTC.index("flag_waving")]] = 0.2, 0.9
    options = {"inventory": PTC, "decided": scores > 0.5, "probabilities": scores}
    found = predictions_of(gold_of(TC, text), text, **options)
    # The third span lies in both sentences: means 0.45 for slogans, 0.5 for loaded language, 0.45 for flag waving.
    assert found.fragments["1"] == ((2, 6, "Slogans"), (2, 6, "Loaded_Language"), (7, 18, "Loaded_Language"))


def test_the_tasks_own_gold_is_held_to_the_articles_that_are_measured(written):
    text = [sentence(0, 0, "A vile plan."), sentence(0, 0, "No.", article="2")]
    gold = read_content(SI, written("1\t2\t6\n9\t0\t3\n"))
    assert within(gold, text).fragments == {"1": ((2, 6, "propaganda"),), "2": ()}
    beyond = within(read_content(TC, written("1\tDoubt\t40\t46\n")), text)
    options = {"inventory": PTC, "decided": decided([], []), "probabilities": np.zeros((2, 14))}
    assert "lies in no sentence" in str(refused(predictions_of, beyond, text, **options))
    memes = read_content(ST1, written([{"id": "1", "labels": []}]))
    assert refused(within, memes, text).found == "1 measured articles are not in it, first '2'"


def test_a_line_may_be_called_propaganda_without_a_decided_technique():
    own = inventory("ptc-18")
    text = [Sentence("1", n, 8 * n, 8 * n + 6, "A line", annotated=own.ids) for n in range(3)]
    chosen = np.zeros((3, 18), dtype=bool)
    chosen[1, own.index("doubt")] = True
    options = {"inventory": own, "decided": chosen, "probabilities": chosen * 0.9}
    gold, said = gold_of(SLC, text), np.array([True, False, False])
    assert list(predictions_of(gold, text, **options).labels.values()) == [(), ("propaganda",), ()]
    found = predictions_of(gold, text, **options, any_decided=said)
    assert list(found.labels.values()) == [("propaganda",), (), ()]
    flat = gold_of(TASKS["nlp4if2019-flc"], text)
    assert predictions_of(flat, text, **options, any_decided=said) == predictions_of(flat, text, **options)


def test_lines_are_counted_from_offsets_and_paragraphs_from_one():
    own = inventory("ptc-18")
    text = [
        Sentence("1", 0, 0, 5, "Title", annotated=own.ids),
        Sentence("1", 1, 7, 12, "Third", (Span(0, 5, "doubt"),), ("doubt",), own.ids),
        Sentence("1", 2, 13, 19, "Fourth", annotated=own.ids),
    ]
    content = gold_of(SLC, text)
    assert content.labels == {("1", "1"): (), ("1", "3"): ("propaganda",), ("1", "4"): ()}
    assert content.notes[0].startswith("lines are numbered by the offsets of their sentences")
    numbered = [
        Sentence("1", index, 0, 5, "Title", annotated=own.ids, metadata={"line": 4 * index}) for index in (1, 2)
    ]
    assert list(gold_of(SLC, numbered).labels) == [("1", "4"), ("1", "8")]
    assert gold_of(SLC, numbered).notes == ()
    paragraphs = [Sentence("1", index, index, index + 1, "x", metadata={"paragraph": 3}) for index in range(2)]
    assert list(gold_of(ST3, paragraphs).labels) == [("1", "3")]
    assert list(gold_of(ST3, text).labels) == [("1", "1"), ("1", "2"), ("1", "3")]


def test_several_sentences_of_a_text_are_one_unit():
    own = inventory("semeval-2021")
    text = [
        Sentence("m1", index, index, index + 1, "x", techniques=(technique,), annotated=own.ids)
        for index, technique in enumerate(("smears", "doubt"))
    ]
    assert gold_of(ST1, text).labels == {("m1",): ("Smears", "Doubt")}


def test_what_the_rule_needs_and_the_data_does_not_have_is_said():
    core = inventory("core")
    plain = Sentence("1", 0, 0, 2, "No", annotated=PTC.ids)
    assert refused(refuse_unfit, SI, [plain], core).found.startswith(
        "13 of the 14 techniques of semeval2020-si are not in the inventory 'core': appeal_to_authority"
    )
    half = Sentence("1", 1, 3, 5, "So", annotated=("doubt",))
    assert refused(refuse_unfit, SI, [plain, half], PTC).found == (
        "1 of 2 sentences do not have every technique of semeval2020-si annotated"
    )
    bare = Sentence("1", 1, 3, 5, "So", techniques=("doubt",), annotated=PTC.ids)
    assert refused(refuse_unfit, TC, [plain, bare], PTC).found == "1 sentences have a technique without a span"
    refuse_unfit(SI, [plain, sentence(1, 3, "So", (0, 2, "doubt"))], PTC)
