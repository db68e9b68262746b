"""Labels in a hierarchy: every rule on cases worked by hand, on the hierarchy of SemEval-2024 task 4."""

from __future__ import annotations

import pytest

from spinscope.data.submissions.tasks import TASKS
from spinscope.measure.official.hierarchy import ancestors, hierarchical_score
from spinscope.measure.official.score import Settings

TASK = TASKS["semeval2024-st1"]


def figures(*pairs):
    gold, predicted = zip(*pairs, strict=True)
    score = hierarchical_score(gold, predicted, parents=TASK.parents, settings=Settings(n_resamples=0))
    return tuple(score.figures[name].value for name in ("precision", "recall", "f1"))


def near(*values):
    return pytest.approx(values, abs=1e-12)


def test_the_hierarchy_is_the_organisers():
    """Edges of the graph in their scorer, below its root; a technique may hang from several nodes."""
    edges = {
        "Logos": ["Repetition", "Obfuscation, Intentional vagueness, Confusion", "Reasoning", "Justification"],
        "Justification": ["Slogans", "Bandwagon", "Appeal to authority", "Flag-waving", "Appeal to fear/prejudice"],
        "Reasoning": ["Simplification", "Distraction"],
        "Simplification": ["Causal Oversimplification", "Black-and-white Fallacy/Dictatorship", "Thought-terminating cliché"],
        "Distraction": [
            "Misrepresentation of Someone's Position (Straw Man)", "Presenting Irrelevant Data (Red Herring)", "Whataboutism",
        ],
        "Ethos": ["Appeal to authority", "Glittering generalities (Virtue)", "Bandwagon", "Ad Hominem", "Transfer"],
        "Ad Hominem": ["Doubt", "Name calling/Labeling", "Smears", "Reductio ad hitlerum", "Whataboutism"],
        "Pathos": [
            "Exaggeration/Minimisation", "Loaded Language", "Appeal to (Strong) Emotions", "Appeal to fear/prejudice",
            "Flag-waving", "Transfer",
        ],
    }  # fmt: skip
    found = {(parent, node) for node, parents in TASK.parents.items() for parent in parents}
    assert found == {(parent, node) for parent, nodes in edges.items() for node in nodes}
    assert {node for node, parents in TASK.parents.items() if not parents} == {"Logos", "Ethos", "Pathos"}
    assert set(TASK.labels) == set(TASK.parents) == {*edges, *(node for nodes in edges.values() for node in nodes)}


def test_the_right_technique_is_worth_all():
    assert figures((["Loaded Language"], ["Loaded Language"])) == near(1, 1, 1)


def test_an_ancestor_earns_a_part():
    # Gold {Loaded Language, Pathos}, predicted {Pathos}.
    assert figures((["Loaded Language"], ["Pathos"])) == near(1, 1 / 2, 2 / 3)


def test_a_sibling_earns_what_lies_above_both():
    # {Doubt, Ad Hominem, Ethos} and {Smears, Ad Hominem, Ethos}.
    assert figures((["Doubt"], ["Smears"])) == near(2 / 3, 2 / 3, 2 / 3)


def test_a_technique_with_several_parents_brings_all_of_their_ancestors_once():
    above = ancestors(TASK.parents)
    assert above["Bandwagon"] == {"Bandwagon", "Justification", "Logos", "Ethos"}
    assert above["Whataboutism"] == {"Whataboutism", "Distraction", "Reasoning", "Logos", "Ad Hominem", "Ethos"}
    assert figures((["Bandwagon"], ["Ethos"])) == near(1, 1 / 4, 2 / 5)
    # {Whataboutism and 5 above} and {Doubt, Ad Hominem, Ethos} share two.
    assert figures((["Whataboutism"], ["Doubt"])) == near(2 / 3, 2 / 6, 4 / 9)


def test_nodes_are_summed_over_texts():
    # Shared 2 + 0, predicted 2 + 2 (Repetition, Logos), gold 2 + 3.
    pairs = ((["Loaded Language"], ["Loaded Language"]), (["Smears"], ["Repetition"]))
    assert figures(*pairs) == near(2 / 4, 2 / 5, 4 / 9)


def test_a_label_twice_or_beside_its_ancestor_adds_nothing():
    once = figures((["Smears", "Slogans"], ["Smears"]))
    assert figures((["Smears", "Slogans"], ["Smears", "Smears", "Ethos", "Ad Hominem"])) == once


def test_texts_without_labels_add_nothing():
    assert figures(([], []), (["Smears"], ["Smears"])) == near(1, 1, 1)
    assert figures(([], ["Smears"]), (["Smears"], ["Smears"])) == near(1 / 2, 1, 2 / 3)


@pytest.mark.parametrize("pair", [(["Smears"], []), ([], ["Smears"]), ([], []), (["Smears"], ["Loaded Language"])])
def test_where_the_organisers_program_divides_by_zero_f1_is_zero_and_that_is_said(pair):
    score = hierarchical_score([pair[0]], [pair[1]], parents=TASK.parents)
    assert score.value == 0.0
    assert score.notes == ("F1 is taken as 0: no node is shared, and the organisers' program divides by zero",)


def test_figures_of_each_node():
    score = hierarchical_score([["Doubt"], ["Smears"]], [["Smears"], ["Smears"]], parents=TASK.parents)
    assert score.per_technique["Smears"] == {
        "f1": pytest.approx(2 / 3),
        "precision": 0.5,
        "recall": 1.0,
        "n_gold": 1,
        "n_predicted": 2,
    }
    assert score.per_technique["Ethos"]["f1"] == 1.0


def test_an_unknown_node_is_a_key_error():
    with pytest.raises(KeyError):
        figures((["Persuasion"], []))
