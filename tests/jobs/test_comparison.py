"""Comparison: verdicts on what is common, refusals, changed decisions, outputs."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace

import made_pages
import numpy as np
import pytest
import tiny
from rich.console import Console

from spinscope.config import Data
from spinscope.errors import UserError
from spinscope.jobs.comparison import compare, comparison_of
from spinscope.jobs.comparison_output import print_comparison
from spinscope.jobs.comparison_result import Pair
from spinscope.jobs.training import train
from spinscope.measure.statistics import Comparison, Difference
from spinscope.model.checkpoint import open_checkpoint


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Labelled articles that no checkpoint has seen."""
    sentences = tiny.tiny_sentences(n_articles=30, seed=4, prefix="new")
    return sentences, tiny.write_native(tmp_path_factory.mktemp("fresh") / "fresh.jsonl", sentences)


def test_two_identical_checkpoints_are_equivalent(tfidf_checkpoint, fresh, tmp_path):
    twin = shutil.copytree(tfidf_checkpoint, tmp_path / "twin")
    result = comparison_of([open_checkpoint(tfidf_checkpoint), open_checkpoint(twin)], data=Data(path=str(fresh[1])))
    comparison = result.pairs[0].comparison
    differences = [
        *comparison.overall.values(),
        *(one for row in comparison.per_technique.values() for one in row.values()),
    ]
    assert {(one.difference, one.p_value, one.verdict) for one in differences} == {(0.0, 1.0, "equivalent")}
    assert result.pairs[0].changes == []
    assert result.findings == []
    assert compare([tfidf_checkpoint, twin], data=str(fresh[1]), console=quiet()) == 0


def test_a_better_checkpoint_is_called_better_and_changes_are_told(frozen_checkpoint, tfidf_checkpoint, fresh):
    sentences, file = fresh
    a, b = open_checkpoint(frozen_checkpoint), open_checkpoint(tfidf_checkpoint)
    result = comparison_of([a, b], data=Data(path=str(file)))
    pair = result.pairs[0]
    difference = pair.comparison.overall["macro_average_precision"]
    # 100 permutations and 8 figures cannot get below 0.05 after Holm: the difference itself must be plain.
    assert difference.low > 0
    assert difference.p_value == pytest.approx(1 / 101)
    before, after = (one.decide(one.probabilities(sentences).probabilities) for one in (a, b))
    assert len(pair.changes) == (before != after).sum()
    by_place = {(s.article, s.index): s for s in sentences}
    for change in pair.changes:
        sentence = by_place[change.article, change.index]
        assert change.text == sentence.text
        is_positive = change.technique in sentence.techniques
        assert change.is_right == (is_positive == (change.change == "gained"))
    counts = pair.counts()
    assert sum(sum(row.values()) for row in counts.values()) == len(pair.changes)
    sizes = [abs(change.probability_b - change.probability_a) for change in pair.changes]
    assert sizes == sorted(sizes, reverse=True)


def test_each_further_checkpoint_is_compared_with_the_first(frozen_checkpoint, tfidf_checkpoint, fresh):
    ordered = [open_checkpoint(path) for path in (tfidf_checkpoint, frozen_checkpoint, tfidf_checkpoint)]
    result = comparison_of(ordered, data=Data(path=str(fresh[1])))
    assert [(pair.first, pair.second) for pair in result.pairs] == [("tfidf", "frozen"), ("tfidf", "tfidf (2)")]
    assert list(result.checkpoints) == ["tfidf", "frozen", "tfidf (2)"]
    for facts in result.checkpoints.values():
        assert facts["sentences_per_second"] > 0
        assert facts["training_seconds"] is not None


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A checkpoint with two techniques of core in another order, and one of its own."""
    folder = tmp_path_factory.mktemp("narrow")
    (folder / "narrow.yaml").write_text(
        "name: narrow\ntitle: Narrow\ntechniques:\n- appeal_to_threat\n- loaded_language\n- repetition\n"
    )
    labels = ("appeal_to_threat", "loaded_language")
    sentences = [
        replace(s, techniques=tuple(t for t in s.techniques if t in labels), annotated=(*labels, "repetition"))
        for s in tiny.tiny_sentences(n_articles=24, seed=9, prefix="other")
    ]
    data = tiny.write_native(folder / "narrow.jsonl", sentences)
    config = tiny.tiny_run(folder, data, data={"taxonomy": str(folder / "narrow.yaml")})
    return train(config, name="narrow")[0]


def test_only_common_annotated_techniques_are_compared_by_name_not_by_place(tfidf_checkpoint, narrow, fresh):
    sentences, file = fresh
    a, b = open_checkpoint(tfidf_checkpoint), open_checkpoint(narrow)
    result = comparison_of([a, b], data=Data(path=str(file)))
    assert result.techniques == ("loaded_language", "appeal_to_threat")
    assert result.left_out == {"us_vs_them": "not in narrow", "repetition": "not in tfidf"}
    probabilities = b.probabilities(sentences).probabilities[:, b.inventory.index("loaded_language")]
    gold = np.array(["loaded_language" in s.techniques for s in sentences])
    expected = float(np.mean((probabilities - gold) ** 2))
    assert result.pairs[0].comparison.per_technique["loaded_language"]["brier_loss"].value_b == pytest.approx(expected)


def test_no_common_technique_is_refused(tfidf_checkpoint, narrow, fresh, tmp_path):
    only = [replace(s, annotated=("us_vs_them",), techniques=()) for s in fresh[0]]
    file = tiny.write_native(tmp_path / "only.jsonl", only)
    with pytest.raises(UserError) as caught:
        compare([tfidf_checkpoint, narrow], data=str(file), console=quiet())
    assert str(caught.value) == (
        "command line: no technique left to compare on (loaded_language: not annotated in the data; us_vs_them: not in "
        "narrow; appeal_to_threat: not annotated in the data; repetition: not in tfidf)\n"
        "  expected: a technique that every checkpoint has and the data annotates\n"
        "  to mend: compare checkpoints of one taxonomy, on data annotated with it."
    )


def test_articles_that_any_was_trained_on_are_refused_unless_waived(
    tfidf_checkpoint, frozen_checkpoint, corpus, tmp_path
):
    with pytest.raises(UserError) as caught:
        compare([frozen_checkpoint, tfidf_checkpoint], data=str(corpus), split="all", console=quiet())
    assert "articles are among those frozen was trained on: a000" in str(caught.value)
    assert "articles are among those tfidf was trained on: a000" in str(caught.value)
    assert "or pass --allow-training-articles." in str(caught.value)
    assert (
        compare(
            [frozen_checkpoint, tfidf_checkpoint],
            data=str(corpus),
            split="all",
            allow_training_articles=True,
            console=quiet(),
        )
        == 1
    )


def test_a_second_checkpoint_trained_on_the_first_ones_test_part_is_noticed(tfidf_checkpoint, corpus, tmp_path):
    config = tiny.tiny_run(tmp_path, corpus, data={"split_by": {"seed": 5}})
    other = train(config, name="other")[0]
    with pytest.raises(UserError, match="articles are among those other was trained on"):
        compare([tfidf_checkpoint, other], console=quiet())


def test_one_checkpoint_is_not_a_comparison(tfidf_checkpoint):
    with pytest.raises(UserError, match="1 checkpoint"):
        compare([tfidf_checkpoint], console=quiet())


def test_json_and_terminal(frozen_checkpoint, tfidf_checkpoint, fresh, tmp_path):
    stream = io.StringIO()
    console = Console(file=stream, width=200)
    file = tmp_path / "result.json"
    compare([frozen_checkpoint, tfidf_checkpoint], data=str(fresh[1]), json_file=file, console=console)
    told = json.loads(file.read_text())
    assert told["techniques"] == ["loaded_language", "us_vs_them", "appeal_to_threat"]
    assert told["pairs"][0]["comparison"]["overall"]["micro_f1"]["verdict"] in (
        "better",
        "worse",
        "equivalent",
        "cannot tell",
    )
    assert told["pairs"][0]["changes"]
    assert "unadjusted" in told["adjustment"]
    shown = stream.getvalue()
    for expected in (
        "(* unadjusted)",
        "p (Holm)",
        "gained right",
        "sentences scored a second",
        told["data"]["sha256"][:16],
    ):
        assert expected in shown


def test_the_selection_effect_of_each_checkpoint_is_told(frozen_checkpoint, tfidf_checkpoint, narrow, fresh, tmp_path):
    stream, file, page = io.StringIO(), tmp_path / "result.json", tmp_path / "page.html"
    keeps_nothing = shutil.copytree(tfidf_checkpoint, tmp_path / "bare")
    (keeps_nothing / "predictions-dev.jsonl").unlink()
    compare(
        [frozen_checkpoint, narrow, keeps_nothing], data=str(fresh[1]), json_file=file, html_file=page,
        console=Console(file=stream, width=300),
    )  # fmt: skip
    told = json.loads(file.read_text())["selection"]
    assert list(told) == ["frozen", "narrow", "bare"]
    # By hand: micro F1 over the two techniques that all have, decided as saved, on dev and on the sentences compared.
    for path, name in ((frozen_checkpoint, "frozen"), (narrow, "narrow")):
        one = open_checkpoint(path)
        lines = [json.loads(line) for line in (path / "predictions-dev.jsonl").read_text().splitlines()]
        figures = []
        for part in (
            [(line["techniques"], line["probabilities"]) for line in lines],
            [
                (sentence.techniques, dict(zip(one.inventory.ids, row, strict=True)))
                for sentence, row in zip(fresh[0], one.probabilities(fresh[0]).probabilities, strict=True)
            ],
        ):
            pairs = [
                (technique in gold, scores[technique] >= one.thresholds[one.inventory.index(technique)])
                for gold, scores in part
                for technique in ("loaded_language", "appeal_to_threat")
            ]
            hits = sum(there and said for there, said in pairs)
            figures.append(2 * hits / (sum(there for there, _ in pairs) + sum(said for _, said in pairs)))
        effect = told[name][0]["effects"]["micro_f1"]
        assert (effect["dev"], effect["measured"]) == pytest.approx(tuple(figures), abs=1e-9)
        assert effect["effect"]["value"] == pytest.approx(figures[0] - figures[1])
        assert effect["effect"]["low"] < effect["effect"]["value"] < effect["effect"]["high"]
        shown = f"{effect['effect']['value']:+.3f} ({effect['effect']['low']:+.3f} to {effect['effect']['high']:+.3f})"
        assert shown in stream.getvalue()
        assert shown in page.read_text()
    why = "the checkpoint keeps no predictions on dev"
    assert told["bare"] == [{"checkpoint": "bare", "effects": {}, "why_not": why}]
    assert f"No selection effect of bare: {why}." in stream.getvalue()
    assert f"None of bare: {why}." in page.read_text()


def test_dev_articles_have_no_selection_effect(frozen_checkpoint, tfidf_checkpoint):
    pair = [open_checkpoint(frozen_checkpoint), open_checkpoint(tfidf_checkpoint)]
    (one,) = comparison_of(pair, split="dev").selection["frozen"]
    assert not one.effects
    assert "articles had a part in choosing its thresholds or weights" in one.why_not


def test_order_of_lines_changes_nothing(frozen_checkpoint, tfidf_checkpoint, fresh, tmp_path):
    turned = tiny.write_native(tmp_path / "turned.jsonl", fresh[0][::-1])
    results = [
        comparison_of(
            [open_checkpoint(frozen_checkpoint), open_checkpoint(tfidf_checkpoint)], data=Data(path=str(file))
        )
        for file in (fresh[1], turned)
    ]
    assert results[0].pairs == results[1].pairs
    assert results[0].data == results[1].data


def test_the_page_escapes_text_asks_for_nothing_and_draws_intervals(
    frozen_checkpoint, tfidf_checkpoint, fresh, tmp_path
):
    hostile = '<script>alert("x")</script> '
    changed = [replace(s, text=hostile + s.text, end=s.end + len(hostile)) for s in fresh[0]]
    data = tiny.write_native(tmp_path / "hostile.jsonl", changed)
    page = tmp_path / "page.html"
    compare([frozen_checkpoint, tfidf_checkpoint], data=str(data), html_file=page, console=quiet())
    html = page.read_text()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert 'src="' not in html
    assert "href=" not in html
    assert html.count('<svg class="forest"') == 3
    assert "unadjusted" in html
    assert "frozen" in html
    assert "Decisions that changed" in html


def test_folders_of_one_name_are_told_apart_by_their_parent(tfidf_checkpoint, fresh, tmp_path):
    for parent in ("old", "new"):
        shutil.copytree(tfidf_checkpoint, tmp_path / parent / "same")
    pair = [open_checkpoint(tmp_path / parent / "same") for parent in ("old", "new")]
    assert list(comparison_of(pair, data=Data(path=str(fresh[1]))).checkpoints) == ["old/same", "new/same"]


def test_too_few_permutations_for_any_verdict_are_told_of(frozen_checkpoint, tfidf_checkpoint, fresh, tmp_path):
    stream, file, page = io.StringIO(), tmp_path / "result.json", tmp_path / "page.html"
    compare(
        [frozen_checkpoint, tfidf_checkpoint], data=str(fresh[1]), json_file=file, html_file=page,
        console=Console(file=stream, width=400),
    )  # fmt: skip
    told = (
        "averaged figures: no difference can be claimed: with 100 permutations and Holm over 8 the least p is 0.0792, not "
        "below 0.05 (--resamples)"
    )
    assert json.loads(file.read_text())["pairs"][0]["without_verdict"] == [told]
    assert f"Note: {told}." in stream.getvalue()
    assert told in page.read_text()


def test_families_that_cannot_reach_a_verdict():
    def difference(p: float | None) -> Difference:
        return Difference(0.1, 0.2, 0.1, p_value=p)

    def pair(n_resamples: int, *, n_defined: int = 8) -> Pair:
        averages = {f"figure {i}": difference(0.5 if i < n_defined else None) for i in range(8)}
        each = {f"t{i}": {"f1": difference(0.5), "auroc": difference(None)} for i in range(14)}
        return Pair("a", "b", Comparison(averages, each, 10, 10, n_resamples, 0.95, 1), [])

    assert [one.split(":")[0] for one in pair(100).without_verdict()] == ["averaged figures", "F1 per technique"]
    assert [one.split(":")[0] for one in pair(100, n_defined=5).without_verdict()] == ["F1 per technique"]
    assert [one.split(":")[0] for one in pair(200).without_verdict()] == ["F1 per technique"]
    assert pair(1000).without_verdict() == []


def test_in_a_narrow_terminal_verdicts_stay_whole():
    stream = io.StringIO()
    print_comparison(made_pages.made_comparison(), Console(file=stream, width=80))
    shown = stream.getvalue()
    ends = [line.split()[-1] for line in shown.splitlines() if line.strip().startswith(("macro F1 ", "Brier  ", "exact  "))]
    assert ends == ["better", "worse", "equivalent"]
    assert "cannot tell +1,300" in shown, "and how many more articles would settle it"
    assert "Gate, broken: a-checkpoint-with-a-rather-long-name-2024" in shown.replace("\n", " ")
