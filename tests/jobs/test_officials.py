"""Official scores: of files, of evaluated sentences, as submissions, and on the corpora that some developers hold."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope import cli
from spinscope.config import Data, Source, parse_config
from spinscope.data.corpora import read_source
from spinscope.data.encoding import label_matrix
from spinscope.data.submissions.reading import check_file, read_content
from spinscope.data.submissions.sentences import gold_of
from spinscope.data.submissions.tasks import TASKS
from spinscope.data.submissions.units import Content
from spinscope.errors import UserError
from spinscope.jobs.evaluation import evaluate, evaluation_of
from spinscope.jobs.labelled import Scored
from spinscope.jobs.officials import official, official_of, official_score
from spinscope.jobs.training import train
from spinscope.measure.official.score import Settings
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Classifier
from spinscope.records import Decision, Sentence
from spinscope.taxonomy import inventory

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data"
PTC, MEMES = CORPORA / "ptc", CORPORA / "semeval2021_task6"
needs_ptc = pytest.mark.skipif(not PTC.is_dir(), reason="the Propaganda Techniques Corpus is not at ../shared/data/ptc")
needs_memes = pytest.mark.skipif(not MEMES.is_dir(), reason="SemEval-2021 task 6 is not at ../shared/data")
NO_INTERVAL = Settings(n_resamples=0)


def told(name, **files) -> str:
    """What the verb prints."""
    console = Console(width=160, record=True, file=None, quiet=False, highlight=False)
    with console.capture() as captured:
        assert official(name, console=console, **files) == 0
    return captured.get()


def score_of_files(name, gold, predictions) -> float:
    task = TASKS[name]
    return official_score(read_content(task, gold), read_content(task, predictions), settings=NO_INTERVAL).value


def test_files_are_scored_and_the_result_written(tmp_path):
    gold, predictions = tmp_path / "gold.labels", tmp_path / "predictions.txt"
    gold.write_text("1\tDoubt\t0\t10\n1\tSlogans\t0\t10\n2\tDoubt\t5\t25\n")
    predictions.write_text("1\tDoubt\t0\t10\n2\tDoubt\t15\t35\n")
    text = told("nlp4if2019-flc", gold=gold, predictions=predictions, json_file=tmp_path / "out" / "score.json")
    # precision (1 + 1/2) / 2, recall (1 + 1/2) / 3
    assert "NLP4IF-2019, fragment-level classification" in text
    assert "0.600000" in text
    assert "articles: 2, gold: 3, predicted: 2" in text
    result = json.loads((tmp_path / "out" / "score.json").read_text())
    assert result["score"] == pytest.approx(0.6, abs=1e-12)
    assert result["figures"]["recall"]["value"] == pytest.approx(0.5, abs=1e-12)
    assert result["per_technique"]["Slogans"] == {
        "f1": 0.0,
        "precision": 0.0,
        "recall": 0.0,
        "n_gold": 1,
        "n_predicted": 0,
    }
    assert (result["task"], result["main"]) == ("nlp4if2019-flc", "f1")
    assert set(result["predictions"]) == {"file", "sha256"}


@pytest.mark.parametrize("name", TASKS)
def test_gold_against_itself_is_one_in_every_task(name, tmp_path):
    lines = {
        "semeval2020-si": "1\t0\t5\n1\t7\t9\n2\t3\t8\n",
        "semeval2020-tc": "1\tDoubt\t0\t5\n1\tSlogans\t0\t5\n",
        "nlp4if2019-flc": "1\tDoubt\t0\t5\n1\tSlogans\t3\t9\n",
        "nlp4if2019-slc": "1\t1\tpropaganda\n1\t3\tnon-propaganda\n",
        "semeval2023-st3": "1\t1\tDoubt,Slogans\n1\t3\t\n",
        "semeval2021-st2": '[{"id": "1", "labels": [{"technique": "Doubt", "start": 0, "end": 4}]}, {"id": "2", "labels": []}]',
    }
    file = tmp_path / "gold"
    file.write_text(lines.get(name, '[{"id": "1", "labels": ["Doubt", "Smears"]}, {"id": "2", "labels": []}]'))
    assert score_of_files(name, file, file) == 1.0
    assert "in the format of" in told(name, check=file)


def test_a_warning_stands_beside_macro_f1(tmp_path):
    file = tmp_path / "gold.json"
    file.write_text('[{"id": "1", "labels": ["Doubt"]}]')
    text = told("semeval2021-st1", gold=file, predictions=file)
    assert "Note: macro-F1 counts 19 of 20 classes as 1.0 because they are neither in gold nor predicted" in text


def test_the_notes_of_a_file_are_told(tmp_path):
    gold, predictions = tmp_path / "gold.txt", tmp_path / "predictions.txt"
    gold.write_text("1\t0\t5\n")
    predictions.write_bytes(b"\xef\xbb\xbf1\t0\t5\r\n\r\n")
    text = told("semeval2020-si", gold=gold, predictions=predictions)
    assert "1.000000" in text
    assert f"Note: {predictions}:1: a byte-order mark" in text


def test_a_language_with_a_shorter_list_changes_macro_f1_alone(tmp_path):
    file, techniques = tmp_path / "gold.txt", tmp_path / "techniques.txt"
    file.write_text("1\t1\tDoubt\n")
    techniques.write_text("Doubt\nSlogans\n")
    guess = tmp_path / "guess.txt"
    guess.write_text("1\t1\t\n")
    whole, short = tmp_path / "whole.json", tmp_path / "short.json"
    official("semeval2023-st3", gold=file, predictions=guess, json_file=whole, console=Console(quiet=True))
    official(
        "semeval2023-st3",
        gold=file,
        predictions=guess,
        techniques=techniques,
        json_file=short,
        console=Console(quiet=True),
    )
    figures = [json.loads(one.read_text())["figures"] for one in (whole, short)]
    assert [one["micro_f1"]["value"] for one in figures] == [0.0, 0.0]
    assert [one["macro_f1"]["value"] for one in figures] == pytest.approx([22 / 23, 1 / 2], abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["semeval2020-sj", "--check", "x"], "no shared task 'semeval2020-sj'"),
        (["semeval2020-si", "--gold", "x"], "not both of --gold and --predictions"),
        (["semeval2020-si", "--gold", "x", "--check", "x"], "--check beside other files"),
        (["semeval2020-si", "--check", "none.txt"], "none.txt: no such file"),
    ],
)
def test_mistakes_on_the_command_line_end_with_exit_code_2(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["spinscope", "official", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_the_checker_names_file_line_and_fault(tmp_path, monkeypatch, capsys):
    file = tmp_path / "submission.txt"
    file.write_text("1\tDoubt\t0\t5\n1\tDobt\t0\t5\n")
    monkeypatch.setattr(sys, "argv", ["spinscope", "official", "semeval2020-tc", "--check", str(file)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: {file}:2: unknown label 'Dobt': did you mean 'Doubt'?")


WORDS = {"Loaded_Language": "vile", "Doubt": "really", "Slogans": "onward"}


def write_articles(folder: Path, *, n: int, seed: int = 2) -> Path:
    """A folder in the form of the Propaganda Techniques Corpus whose spans are cue words; some span ends of lines."""
    chance = random.Random(seed)
    (folder / "train-articles").mkdir(parents=True)
    labels = []
    for number in range(n):
        article, text = str(700 + number), "a plain title\n\n"
        for _ in range(6):
            words = chance.choices(tiny.NEUTRAL, k=7)
            for word in WORDS.values():
                if chance.random() < 0.35:
                    words.insert(chance.randrange(len(words)), word)
            line = " ".join(words)
            for label, word in WORDS.items():
                if word in words:
                    start = len(text) + line.index(word)
                    labels.append((article, label, start, start + len(word)))
            text += line + "\n"
        if number % 3 == 0:  # a span over two lines, and two techniques on one span
            labels.append((article, "Repetition", 2, 22))
            labels.append((article, "Flag-Waving", 2, 22))
        (folder / "train-articles" / f"article{article}.txt").write_text(text, encoding="utf-8")
    rows = ["\t".join(map(str, row)) for row in labels]
    (folder / "train-task-flc-tc.labels").write_text("\n".join(rows) + "\n", encoding="utf-8")
    si = ["\t".join(map(str, (row[0], *row[2:]))) for row in labels]
    (folder / "train-task-si.labels").write_text("\n".join(si) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    return write_articles(tmp_path_factory.mktemp("ptc") / "corpus", n=24)


@pytest.fixture(scope="module")
def news_checkpoint(articles, tmp_path_factory):
    folder = tmp_path_factory.mktemp("news")
    config = tiny.tiny_run(folder, articles, data={"format": "ptc", "taxonomy": "ptc-14"})
    return train(config, name="news")[0]


@pytest.mark.parametrize("name", ["semeval2020-si", "semeval2020-tc"])
def test_evaluated_sentences_by_the_rule_of_a_span_task(name, news_checkpoint, articles, tmp_path):
    own = articles / ("train-task-si.labels" if name.endswith("si") else "train-task-flc-tc.labels")
    figures, submission = tmp_path / "figures.json", tmp_path / "submission.txt"
    options = {"data": str(articles), "split": "all", "official": name, "official_gold": own}
    evaluate(news_checkpoint, json_file=figures, submission=submission, console=Console(quiet=True), **options)
    result = json.loads(figures.read_text())["official"]
    assert result["task"] == name
    assert 0.2 < result["score"] < 1
    assert check_file(TASKS[name], submission).n_marks > 20
    assert score_of_files(name, own, submission) == pytest.approx(result["score"], abs=1e-12)


def test_without_the_tasks_own_gold_the_sentences_say_it_and_a_note_what_that_costs(news_checkpoint, articles):
    data = Data(path=str(articles), format="ptc")
    result = evaluation_of(open_checkpoint(news_checkpoint), data=data, split="all", official="semeval2020-si")
    notes = result.official.score.notes
    assert any("pieces of gold spans were put together" in note for note in notes)
    assert "whole sentences stand as predicted spans" in notes
    sentences = read_source(Source(path=str(articles), format="ptc"), name="", inventory=inventory("ptc-14"))
    own = read_content(TASKS["semeval2020-si"], articles / "train-task-si.labels")
    assert official_score(own, gold_of(TASKS["semeval2020-si"], sentences), settings=NO_INTERVAL).value > 0.99


def test_a_task_on_lines_takes_the_decision_on_any_technique_where_there_is_one():
    own = inventory(["ptc-18", "semeval-2021"])  # techniques that the task does not know have no say in it
    ids, task = own.ids, TASKS["nlp4if2019-slc"]
    sentences = [
        Sentence("1", n, 8 * n, 8 * n + 6, "A line", annotated=ids, techniques=tuple(ids[:1]) if n < 2 else ())
        for n in range(5)
    ]
    known, foreign = (np.array([(name in task.label_of) == asked for name in ids]) for asked in (True, False))
    scores = np.zeros((5, len(ids)))
    scores[0, np.flatnonzero(known)[:3]], scores[1, np.flatnonzero(known)[:2]], scores[3:, foreign] = 0.4, 0.6, 0.9
    labelled = SimpleNamespace(measured=lambda: sentences)
    told = {}
    for cutoff in (None, 0.7):
        decision = Decision(ids, (0.5,) * len(ids), any_threshold=cutoff)
        classifier = Classifier(None, inventory=own, decision=decision, config=parse_config({}))
        gold, mask = label_matrix(sentences, own)
        scored = Scored(sentences, gold, mask, scores, classifier.decide(scores), np.zeros(5, int), 5, 1.0)
        labels = official_of(classifier, labelled, scored, task.name).predictions.labels
        told[cutoff] = [bool(found) for found in labels.values()]
    assert told == {None: [False, True, False, False, False], 0.7: [True, True, False, False, False]}


def test_a_part_is_scored_against_its_own_articles(news_checkpoint, articles):
    classifier = open_checkpoint(news_checkpoint)
    result = evaluation_of(classifier, official="semeval2020-tc", official_gold=articles / "train-task-flc-tc.labels")
    assert result.official.score.counts["n_articles"] == result.data["n_articles"] < 24


def test_a_task_of_another_inventory_is_refused_before_anything_is_scored(news_checkpoint, tfidf_checkpoint):
    for checkpoint, name, missing in (
        (
            news_checkpoint,
            "semeval2021-st1",
            "8 of the 20 techniques of semeval2021-st1 are not in the inventory 'ptc-14'",
        ),
        (
            tfidf_checkpoint,
            "semeval2020-si",
            "13 of the 14 techniques of semeval2020-si are not in the inventory 'core'",
        ),
    ):
        with pytest.raises(UserError) as caught:
            evaluate(checkpoint, official=name, console=Console(quiet=True))
        assert missing in str(caught.value)


def test_options_of_a_task_need_one(news_checkpoint, tmp_path):
    with pytest.raises(UserError, match="--submission without a shared task"):
        evaluate(news_checkpoint, submission=tmp_path / "x", console=Console(quiet=True))
    with pytest.raises(UserError, match="no shared task 'semeval2020'"):
        evaluate(news_checkpoint, official="semeval2020", console=Console(quiet=True))


@pytest.fixture(scope="module")
def memes(tmp_path_factory):
    chance = random.Random(4)
    entries = []
    for number in range(60):
        words, labels = chance.choices(tiny.NEUTRAL, k=8), []
        for label, word in (("Loaded Language", "vile"), ("Smears", "crook"), ("Bandwagon", "everybody")):
            if chance.random() < 0.4:
                words.insert(0, word)
                labels.append(label)
        entries.append({"id": str(number), "labels": labels, "text": " ".join(words) + f" {number}\n"})
    file = tmp_path_factory.mktemp("memes") / "training_set_task1.txt"
    file.write_text(json.dumps(entries), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def meme_checkpoints(memes, tmp_path_factory):
    def trained(taxonomy):
        folder = tmp_path_factory.mktemp(taxonomy)
        block = {"format": "semeval2021", "inventory": taxonomy, "taxonomy": taxonomy}
        return train(tiny.tiny_run(folder, memes, data=block), name=taxonomy)[0]

    return trained


@pytest.mark.parametrize(
    ("name", "taxonomy"), [("semeval2021-st1", "semeval-2021"), ("semeval2024-st1", "semeval-2024")]
)
def test_evaluated_texts_by_the_rule_of_a_label_task(name, taxonomy, memes, meme_checkpoints, tmp_path):
    submission = tmp_path / "submission.json"
    checkpoint = meme_checkpoints(taxonomy)
    options = {"data": str(memes), "data_format": "semeval2021", "inventory_name": taxonomy, "split": "all"}
    evaluate(
        checkpoint,
        official=name,
        submission=submission,
        json_file=tmp_path / "f.json",
        console=Console(quiet=True),
        **options,
    )
    result = json.loads((tmp_path / "f.json").read_text())
    assert result["official"]["score"] > 0.3
    assert score_of_files(name, memes, submission) == pytest.approx(result["official"]["score"], abs=1e-12)
    if name == "semeval2021-st1":  # every technique known in every text: the same as the plain figure
        assert result["official"]["score"] == pytest.approx(
            result["metrics"]["overall"]["micro_f1"]["value"], abs=1e-12
        )


@needs_memes
@pytest.mark.parametrize(
    ("labels", "micro_f1"), [(["Loaded Language"], 0.33333), (["Loaded Language", "Name calling/Labeling"], 0.48193)]
)
def test_constant_answers_on_semeval_2021(labels, micro_f1, tmp_path):
    gold = MEMES / "dev_set_task1.txt"
    texts = json.loads(gold.read_text(encoding="utf-8"))
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([{"id": text["id"], "labels": labels} for text in texts]))
    assert round(score_of_files("semeval2021-st1", gold, answers), 5) == micro_f1


@needs_memes
@pytest.mark.parametrize("file", ["dev_set_task1.txt", "training_set_task1.txt", "dev_set_task2.txt"])
def test_gold_of_semeval_2021_is_sound_and_one_against_itself(file):
    name = "semeval2021-st2" if "task2" in file else "semeval2021-st1"
    check_file(TASKS[name], MEMES / file)
    assert score_of_files(name, MEMES / file, MEMES / file) == 1.0


@needs_ptc
def test_gold_of_the_propaganda_techniques_corpus_is_one_against_itself():
    assert score_of_files("semeval2020-si", PTC / "train-task-si.labels", PTC / "train-task-si.labels") == 1.0
    assert score_of_files("semeval2020-tc", PTC / "train-task-flc-tc.labels", PTC / "train-task-flc-tc.labels") == 1.0


@needs_ptc
def test_loaded_language_everywhere_on_the_propaganda_techniques_corpus():
    task = TASKS["semeval2020-tc"]
    gold = read_content(task, PTC / "train-task-flc-tc.labels")
    everywhere = {
        article: tuple((start, end, "Loaded_Language") for start, end, _ in fragments)
        for article, fragments in gold.fragments.items()
    }
    score = official_score(gold, Content(task, everywhere), settings=NO_INTERVAL)
    assert score.value == pytest.approx(2123 / 6128, abs=1e-12)
    assert score.per_technique["Loaded_Language"]["f1"] == pytest.approx(2 * 2123 / (2123 + 6128), abs=1e-12)
    assert score.counts["n_articles"] == 357


@needs_ptc
def test_the_gold_of_sentences_is_nearly_the_tasks_own():
    task = TASKS["semeval2020-si"]
    sentences = read_source(Source(path=str(PTC)), name="", inventory=inventory("ptc-14"))
    own = read_content(task, PTC / "train-task-si.labels", articles=PTC / "train-articles")
    assert len(own.fragments) == 371
    assert official_score(own, gold_of(task, sentences), settings=NO_INTERVAL).value == pytest.approx(1, abs=1e-4)
