"""Data that a config names is read in that config's taxonomy; what evaluation tells is printed as it stands."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from spinscope.jobs.evaluation import evaluation_of
from spinscope.jobs.evaluation_output import print_evaluation
from spinscope.jobs.labelled import data_block, read_labelled
from spinscope.model.checkpoint import open_checkpoint
from spinscope.taxonomy import inventory


def test_the_taxonomy_of_a_config_is_that_of_its_sources(tfidf_checkpoint, tmp_path):
    classifier = open_checkpoint(tfidf_checkpoint)
    table, file = tmp_path / "t.csv", tmp_path / "run.yaml"
    table.write_text("article,text,labels\na,Really?,doubt\na,Vile.,loaded_language\n")
    file.write_text(f"data: {{path: {table}, taxonomy: ptc-14}}\n")
    found = read_labelled(classifier, data=data_block(str(file)), split=None).sentences
    assert [s.techniques for s in found] == [(), ("loaded_language",)]
    assert "loaded_language" in found[0].annotated
    assert "us_vs_them" not in found[0].annotated
    table.write_text("article,text,labels\na,Vile.,loaded_language\n")
    for block in (f"{{path: {table}, taxonomy: core}}", f"{{path: {table}}}"):
        file.write_text(f"data: {block}\n")
        (sentence,) = read_labelled(classifier, data=data_block(str(file)), split=None).sentences
        assert sentence.annotated == classifier.inventory.ids
    classifier.inventory = inventory("ptc-14")  # a core table says nothing of the other techniques
    (sentence,) = read_labelled(classifier, data=data_block(str(file)), split=None).sentences
    assert sentence.techniques == ("loaded_language",)
    assert "doubt" not in sentence.annotated
    (sentence,) = read_labelled(classifier, data=data_block(str(table)), split=None).sentences
    assert sentence.annotated == classifier.inventory.ids


def test_findings_and_remarks_are_printed_as_they_are(tfidf_checkpoint):
    result = evaluation_of(open_checkpoint(tfidf_checkpoint))
    told = replace(result, findings=["ids [/a] and [bold]"], remarks={"tfidf": "no [/red] file"})
    console = Console(record=True, file=io.StringIO())
    print_evaluation(told, console)
    text = console.export_text()
    assert "Doubtful: ids [/a] and [bold]." in text
    assert "Baseline tfidf: no [/red] file." in text
