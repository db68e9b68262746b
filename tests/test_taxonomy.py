"""The catalogue, the inventories in their one order, and what crosswalks carry, mask and lose."""

from __future__ import annotations

import io
import itertools
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from spinscope.crosswalks import REVERSE, crosswalk_files, relate
from spinscope.errors import UserError
from spinscope.files import dump_yaml, parse_yaml
from spinscope.inventories import taxonomy_files
from spinscope.jobs import taxonomies
from spinscope.taxonomy import Inventory, Technique, catalogue, crosswalk, inventories, inventory, nodes_above

SIZES = {"core": 3, "ptc-14": 14, "ptc-18": 18, "semeval-2021": 20, "semeval-2023": 23, "semeval-2024": 20}
SHARED = Path(__file__).parents[2] / "shared" / "data"
WHOLE = "whataboutism_straw_men_red_herring"


def labels_of_ptc() -> set[str]:
    lines = (SHARED / "ptc" / "train-task-flc-tc.labels").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[1] for line in lines}


def labels_of_semeval_2021() -> set[str]:
    lines = (SHARED / "semeval2021_task6" / "techniques_list_task1-2.txt").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip()}


# --- catalogue -----------------------------------------------------------------------------------------------------


def test_catalogue_entries_are_whole_and_no_text_stands_twice():
    techniques = list(catalogue().values())
    for name in ("title", "definition", "example", "near_miss"):
        texts = [getattr(technique, name) for technique in techniques]
        assert all(texts), f"an empty {name}"
        assert len(set(texts)) == len(texts), f"a {name} stands twice"
    assert not {t.example for t in techniques} & {t.near_miss for t in techniques}


def test_catalogue_ids_stand_once_and_merged_labels_name_single_techniques():
    text = next(file for name, file in taxonomy_files(".") if name == "catalogue").read_text(encoding="utf-8")
    ids = [entry["id"] for entry in yaml.safe_load(text)["techniques"]]
    assert len(ids) == len(set(ids)) and tuple(ids) == tuple(catalogue())
    for technique in catalogue().values():
        assert all(not catalogue()[part].parts for part in technique.parts)


def test_us_vs_them_is_said_to_have_no_equal():
    assert "No research inventory has an equal" in catalogue()["us_vs_them"].note


def test_catalogue_texts_stand_in_no_article_of_the_project():
    articles = Path(__file__).parents[1] / "data" / "core" / "articles"
    corpus = "\n".join(path.read_text(encoding="utf-8") for path in articles.glob("*.txt"))
    for technique in catalogue().values():
        assert technique.example not in corpus and technique.near_miss not in corpus


# --- inventories ---------------------------------------------------------------------------------------------------


def test_names_and_sizes():
    assert {name: len(inventory(name).ids) for name in inventories()} == SIZES
    assert inventories()[0] == "core"
    assert inventory("core").ids == ("loaded_language", "us_vs_them", "appeal_to_threat")


@pytest.mark.parametrize("name", SIZES)
def test_ids_are_in_the_catalogue_and_unique(name):
    ids = inventory(name).ids
    assert set(ids) <= set(catalogue()) and len(set(ids)) == len(ids)
    assert inventory(name).name == name
    assert [inventory(name).index(id_) for id_ in ids] == list(range(len(ids)))


def test_every_technique_of_the_catalogue_is_in_some_inventory():
    assert set(catalogue()) == set().union(*(inventory(name).ids for name in inventories()))


@pytest.mark.parametrize("name", SIZES)
def test_an_override_changes_the_wording_and_never_the_parts(name):
    for technique in inventory(name).techniques:
        assert technique.parts == catalogue()[technique.id].parts
        assert technique.definition == catalogue()[technique.id].definition


@pytest.mark.parametrize("name", [name for name in SIZES if name != "core"])
def test_each_technique_has_an_alias_and_each_alias_one_technique(name):
    item = inventory(name)
    assert set(item.aliases.values()) == set(item.ids)
    for alias, id_ in item.aliases.items():
        assert item.resolve(alias) == item.resolve(alias.upper()) == item.resolve(id_.upper()) == id_
    folded = [alias.casefold() for alias in item.aliases]
    assert len(set(folded)) == len(folded)


@pytest.mark.parametrize(
    ("name", "label", "id_"),
    [
        ("ptc-14", "Name_Calling,Labeling", "name_calling_labeling"),
        ("ptc-14", "Whataboutism,Straw_Men,Red_Herring", WHOLE),
        ("ptc-14", "Bandwagon,Reductio_ad_hitlerum", "bandwagon_reductio_ad_hitlerum"),
        ("ptc-14", "Obfuscation,Intentional_Vagueness,Confusion", None),
        ("ptc-18", "Obfuscation,Intentional_Vagueness,Confusion", "obfuscation_vagueness_confusion"),
        ("semeval-2021", "Misrepresentation of Someone's Position (Straw Man)", "straw_man"),
        ("semeval-2021", "Thought-terminating cliche\u0301", "thought_terminating_cliche"),
        ("semeval-2021", "Name calling / Labeling", None),
        ("semeval-2023", "Appeal_to_Popularity", "bandwagon"),
        ("semeval-2023", "False_Dilemma-No_Choice", "black_and_white_fallacy"),
        ("semeval-2023", "Whataboutism", "switching_topic"),
        ("semeval-2024", "Whataboutism", "whataboutism"),
        ("core", "Loaded_Language", "loaded_language"),
        ("core", "smears", None),
    ],
)
def test_corpus_spellings(name, label, id_):
    assert inventory(name).resolve(label) == id_


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the corpora of ../shared/data")
@pytest.mark.parametrize(("name", "labels"), [("ptc-14", labels_of_ptc), ("semeval-2021", labels_of_semeval_2021)])
def test_aliases_cover_the_corpora(name, labels):
    assert {inventory(name).resolve(label) for label in labels()} == set(inventory(name).ids)


def test_semeval_2023_has_six_groups_that_part_the_techniques():
    item = inventory("semeval-2023")
    assert sorted(len(ids) for ids in item.groups.values()) == [3, 3, 3, 4, 5, 5]
    assert sorted(itertools.chain(*item.groups.values())) == sorted(item.ids)
    assert item.parents["doubt"] == ("attack_on_reputation",)


def test_semeval_2024_records_its_inner_nodes():
    item = inventory("semeval-2024")
    assert item.groups["persuasion"] == item.ids
    assert set(item.groups["distraction"]) == {"straw_man", "red_herring", "whataboutism"}
    assert set(item.groups["reasoning"]) == {*item.groups["distraction"], *item.groups["simplification"]}
    assert set(item.parents["whataboutism"]) == {"distraction", "ad_hominem"}
    assert item.parents["ad_hominem"] == ("ethos",) and item.parents["persuasion"] == ()
    assert len([id_ for id_ in item.ids if len(item.parents[id_]) == 2]) == 5


def test_nodes_above_the_techniques_of_an_inventory_without_a_hierarchy_are_those_of_semeval_2024():
    target = inventory("ptc-14")
    found = {node: {target.ids[column] for column in columns} for node, columns in nodes_above(target).items()}
    assert "persuasion" not in found  # all of them
    assert "distraction" not in found  # one of them
    assert found["ethos"] >= {"bandwagon_reductio_ad_hitlerum", "doubt"}
    assert found["ad_hominem"] == {"doubt", "name_calling_labeling"}  # bandwagon, merged into one technique, is none
    assert found["reasoning"] >= {"whataboutism_straw_men_red_herring", "black_and_white_fallacy"}
    assert nodes_above(inventory("core")) == {}


def test_nodes_above_the_techniques_of_an_inventory_with_a_hierarchy_are_its_own():
    target = inventory("semeval-2023")
    found = nodes_above(target)
    assert set(found) == set(target.groups)
    assert {target.ids[column] for column in found["call"]} == set(target.groups["call"])


def test_hash_follows_order_ids_and_parts_and_no_wording():
    item = inventory("ptc-14")
    backwards = replace(item, techniques=item.techniques[::-1])
    shorter = replace(item, techniques=item.techniques[1:])
    unmerged = replace(item, techniques=tuple(replace(t, parts=()) for t in item.techniques))
    reworded = replace(
        item, name="x", aliases={}, techniques=tuple(replace(t, definition="?") for t in item.techniques)
    )
    assert len({item.hash, backwards.hash, shorter.hash, unmerged.hash}) == 4
    assert reworded.hash == item.hash
    assert len({inventory(name).hash for name in inventories()}) == len(SIZES)


@pytest.mark.parametrize("name", [*SIZES, "core+ptc-14+semeval-2023"])
def test_to_dict_and_back_through_yaml(name):
    item = inventory(name)
    assert Inventory.from_dict(parse_yaml(dump_yaml(item.to_dict()))) == item


def test_an_altered_taxonomy_file_is_refused():
    values = inventory("core").to_dict()
    values["techniques"].reverse()
    with pytest.raises(UserError, match="does not fit the techniques"):
        Inventory.from_dict(values, where="taxonomy.yaml")


# --- unions and files ----------------------------------------------------------------------------------------------


def test_union_in_order_of_first_appearance():
    union = inventory(["core", "ptc-14"])
    assert union.name == "core+ptc-14"
    assert union.ids[:4] == (*inventory("core").ids, "appeal_to_authority")
    assert len(union.ids) == 3 + 14 - 1
    assert inventory("core+ptc-14") == union == inventory(["core", "ptc-14", "core"])
    assert inventory(["core"]) == inventory("core")


def test_union_drops_a_spelling_that_means_two_techniques():
    union = inventory(["semeval-2023", "ptc-18"])
    assert "Whataboutism" not in union.aliases
    assert union.resolve("whataboutism") == "whataboutism"
    assert union.resolve("Appeal_to_Popularity") == union.resolve("Bandwagon") == "bandwagon"


def test_unknown_inventory_names_the_nearest():
    with pytest.raises(UserError) as caught:
        inventory("ptc14")
    assert str(caught.value) == (
        "unknown inventory 'ptc14'\n  expected: an inventory or a .yaml file\n  to mend: did you mean 'ptc-14'?"
    )


OWN = """
name: mine
title: A desk's own list
techniques:
  - appeal_to_threat
  - {id: slogans, aliases: [Catchphrase], title: Catchphrases}
  - {id: mockery, title: Mockery, definition: Makes a laughing stock of someone in place of an answer.}
"""


def test_own_inventory_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    item = inventory(str(path))
    assert item.ids == ("appeal_to_threat", "slogans", "mockery")
    assert item.resolve("catchphrase") == "slogans" and item.technique("slogans").title == "Catchphrases"
    assert item.technique("slogans").definition == catalogue()["slogans"].definition
    assert inventory(["core", str(path)]).ids == (*inventory("core").ids, "slogans", "mockery")
    walk = crosswalk(item, inventory("ptc-14"))
    assert {(pair.source, pair.target, pair.relation) for pair in walk.pairs} == {
        ("appeal_to_threat", "appeal_to_fear_prejudice", "narrower"),
        ("slogans", "slogans", "exact"),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("appeal_to_threat", "appeal_to_thread", "did you mean 'appeal_to_threat'?"),
        ("id: mockery", "id: slogans", "technique 'slogans' stands twice"),
        ("id: mockery", "id: Mock-ery", "expected: snake_case"),
        ("title: Mockery", "tilte: Mockery", "did you mean 'title'?"),
        ("aliases: [Catchphrase]", "aliases: Catchphrase", "expected: a list of texts"),
        ("aliases: [Catchphrase]", "aliases: [mockery]", "'mockery' is an alias of 'slogans' and itself an id"),
        ("name: mine", "name:", "no 'name'"),
        ("techniques:", "groups: {calls: [slogan]}\ntechniques:", "did you mean 'slogans'?"),
        ("techniques:", "groups: {a: [b], b: [a]}\ntechniques:", "contains itself"),
        ("techniques:", "groups: {slogans: [mockery]}\ntechniques:", "has the name of a technique"),
    ],
)
def test_faults_in_an_own_inventory_are_named(tmp_path, old, new, message):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        inventory(str(path))
    assert message in str(caught.value) and str(path) in str(caught.value)


# --- crosswalks ----------------------------------------------------------------------------------------------------


def test_crosswalk_files_name_what_exists_and_state_each_pair_once():
    stated = []
    for file in crosswalk_files():
        left, right = ({id_ for name in side for id_ in inventory(name).ids} for side in file.between)
        left |= {part for id_ in left for part in catalogue()[id_].parts}
        assert file.title and all(pair.reason for pair in file.pairs)
        assert all(pair.source in left and pair.target in right for pair in file.pairs)
        assert set(file.without_equal) <= left | right
        stated += [frozenset((pair.source, pair.target)) for pair in file.pairs]
    assert len(set(stated)) == len(stated) and all(len(pair) == 2 for pair in stated)


def test_a_technique_said_to_be_without_equal_has_none():
    for file in crosswalk_files():
        for id_ in file.without_equal:
            assert {other.id for other in catalogue().values() if relate(catalogue()[id_], other)[0]} == {id_}


@pytest.mark.parametrize(("a", "b"), itertools.combinations(SIZES, 2))
def test_every_crosswalk_is_the_reverse_of_its_reverse(a, b):
    there = {(p.source, p.target, p.relation) for p in crosswalk(inventory(a), inventory(b)).pairs}
    back = {(p.target, p.source, REVERSE[p.relation]) for p in crosswalk(inventory(b), inventory(a)).pairs}
    assert there == back


@pytest.mark.parametrize("name", SIZES)
def test_a_crosswalk_to_itself_changes_nothing(name):
    item = inventory(name)
    walk = crosswalk(item, item)
    assert walk.translate(item.ids[1:3], item.ids) == (item.ids[1:3], item.ids)
    assert walk.translate(item.ids[1:2], item.ids[:2]) == (item.ids[1:2], item.ids[:2])


@pytest.mark.parametrize(
    ("source", "target", "relation"),
    [
        ("appeal_to_threat", "appeal_to_fear_prejudice", "narrower"),
        ("appeal_to_fear_prejudice", "appeal_to_threat", "broader"),
        ("straw_man", WHOLE, "narrower"),
        (WHOLE, "straw_man", "broader"),
        ("reductio_ad_hitlerum", "guilt_by_association", "narrower"),
        ("bandwagon_reductio_ad_hitlerum", "guilt_by_association", "near"),
        ("switching_topic", WHOLE, "near"),
        ("whataboutism", "switching_topic", "near"),
        ("us_vs_them", "flag_waving", None),
        ("smears", "doubt", None),
    ],
)
def test_relations(source, target, relation):
    assert relate(catalogue()[source], catalogue()[target])[0] == relation


def translate(source: str, target: str, positives: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return crosswalk(inventory(source), inventory(target)).translate(positives, inventory(source).ids)


def test_us_vs_them_is_never_annotated_by_a_research_inventory():
    for name in SIZES:
        if name != "core":
            walk = crosswalk(inventory(name), inventory("core"))
            assert walk.unreached == ("us_vs_them",)
            assert "us_vs_them" not in walk.translate(inventory(name).ids, inventory(name).ids)[1]
            assert crosswalk(inventory("core"), inventory(name)).unmapped == ("us_vs_them",)


def test_narrower_carries_a_positive_and_a_negative_says_nothing():
    assert translate("core", "ptc-14", ["appeal_to_threat"]) == (
        ("appeal_to_fear_prejudice",),
        ("appeal_to_fear_prejudice", "loaded_language"),
    )
    assert translate("core", "ptc-14", []) == ((), ("loaded_language",))


def test_broader_masks_a_positive_and_carries_a_negative():
    assert translate("ptc-14", "core", ["appeal_to_fear_prejudice"]) == ((), ("loaded_language",))
    assert translate("ptc-14", "core", []) == ((), ("loaded_language", "appeal_to_threat"))


def test_near_carries_nothing():
    for positives in ([], ["smears"]):
        assert "questioning_the_reputation" not in translate("semeval-2021", "semeval-2023", positives)[1]


def test_a_merged_label_masks_its_parts_and_its_absence_denies_each():
    parts = set(catalogue()[WHOLE].parts)
    positives, annotated = translate("ptc-14", "ptc-18", [WHOLE])
    assert positives == () and not parts & set(annotated) and "bandwagon" in annotated
    positives, annotated = translate("ptc-14", "ptc-18", [])
    assert positives == () and parts <= set(annotated)
    assert set(inventory("ptc-18").ids) - set(annotated) == {"obfuscation_vagueness_confusion"}


def test_parts_make_the_merged_label_where_all_are_known():
    assert translate("semeval-2021", "ptc-14", ["red_herring"]) == ((WHOLE,), inventory("ptc-14").ids)
    assert translate("semeval-2021", "ptc-14", []) == ((), inventory("ptc-14").ids)
    walk = crosswalk(inventory("semeval-2021"), inventory("ptc-14"))
    assert walk.translate([], ["whataboutism", "straw_man"]) == ((), ())
    assert walk.translate(["straw_man"], ["straw_man"]) == ((WHOLE,), (WHOLE,))
    # SemEval-2023 has no equal of whataboutism: the absence of the other two parts does not settle the whole.
    assert WHOLE not in translate("semeval-2023", "ptc-14", [])[1]
    assert WHOLE in translate("semeval-2023", "ptc-14", ["straw_man"])[0]


def test_exact_wins_and_other_contradictions_stay_unknown():
    both = inventory(["core", "ptc-14"])
    positives, annotated = crosswalk(both, inventory("ptc-14")).translate(["appeal_to_threat"], both.ids)
    assert "appeal_to_fear_prejudice" in annotated and "appeal_to_fear_prejudice" not in positives
    part, whole = catalogue()["straw_man"], catalogue()[WHOLE]
    odd = Inventory("odd", "odd", (part, whole))
    middle = Technique("middle", "Middle", "Two of the three.", parts=("straw_man", "red_herring"))
    walk = crosswalk(odd, Inventory("target", "target", (middle,)))
    assert walk.translate(["straw_man"], odd.ids) == ((), ())
    assert walk.translate(["straw_man", WHOLE], odd.ids) == (("middle",), ("middle",))


def test_union_target_takes_what_each_member_would():
    target = inventory(["ptc-14", "core"])
    positives, annotated = crosswalk(inventory("core"), target).translate(["appeal_to_threat"], inventory("core").ids)
    assert positives == ("appeal_to_fear_prejudice", "appeal_to_threat")
    assert annotated == ("appeal_to_fear_prejudice", "loaded_language", "us_vs_them", "appeal_to_threat")


def test_carried_names_where_a_span_may_go():
    walk = crosswalk(inventory("core"), inventory(["ptc-14", "core"]))
    assert walk.carried("appeal_to_threat") == ("appeal_to_fear_prejudice", "appeal_to_threat")
    assert crosswalk(inventory("ptc-14"), inventory("core")).carried("appeal_to_fear_prejudice") == ()


def test_order_of_labels_and_of_the_source_changes_nothing():
    generator = random.Random(13)
    for a, b in itertools.permutations(SIZES, 2):
        source, target = inventory(a), inventory(b)
        mixed = replace(source, techniques=tuple(generator.sample(source.techniques, len(source.techniques))))
        for _ in range(5):
            positives = generator.sample(source.ids, 3)
            expected = crosswalk(source, target).translate(positives, source.ids)
            assert crosswalk(mixed, target).translate(positives[::-1], mixed.ids) == expected
            assert expected[1] == tuple(id_ for id_ in target.ids if id_ in expected[1])
            assert expected[0] == tuple(id_ for id_ in expected[1] if id_ in expected[0])


def test_a_label_outside_the_source_is_refused():
    with pytest.raises(UserError, match="technique 'smear' is not in the inventory 'semeval-2021'"):
        translate("semeval-2021", "ptc-14", ["smear"])


# --- the verb ------------------------------------------------------------------------------------------------------


def printed(verb, *arguments, **options) -> str:
    console = Console(file=io.StringIO(), width=400)
    assert verb(*arguments, console=console, **options) == 0
    return console.file.getvalue()


def test_list():
    assert all(name in printed(taxonomies.list_taxonomies) for name in SIZES)
    record = json.loads(printed(taxonomies.list_taxonomies, as_json=True))
    assert {row["name"]: row["n_techniques"] for row in record["inventories"]} == SIZES


def test_show_an_inventory():
    text = printed(taxonomies.show_taxonomy, "semeval-2024")
    assert "Misrepresentation of Someone's Position (Straw Man)" in text and inventory("semeval-2024").hash in text
    record = json.loads(printed(taxonomies.show_taxonomy, "core+ptc-14", as_json=True))
    assert Inventory.from_dict(record) == inventory(["core", "ptc-14"])


def test_show_a_technique():
    text = printed(taxonomies.show_taxonomy, "us_vs_them")
    assert "No research inventory has an equal" in text and "near miss" in text
    record = json.loads(printed(taxonomies.show_taxonomy, "appeal_to_fear_prejudice", as_json=True))
    assert record["related"][0]["technique"] == "appeal_to_threat" and record["related"][0]["relation"] == "broader"
    assert record["inventories"]["ptc-14"]["aliases"] == ["Appeal_to_fear-prejudice"]
    with pytest.raises(UserError, match="did you mean 'us_vs_them'"):
        taxonomies.show_taxonomy("us_vs_then")


def test_map_shows_what_is_lost_and_what_stays_unknown():
    text = printed(taxonomies.map_taxonomies, "core", "semeval-2021")
    assert "us_vs_them: Flag-waving, name calling and smears touch it" in text and "narrower" in text
    record = json.loads(printed(taxonomies.map_taxonomies, "ptc-14", "core", as_json=True))
    pair = next(pair for pair in record["pairs"] if pair["target"] == "appeal_to_threat")
    assert (pair["relation"], pair["positive_reads"], pair["negative_reads"]) == ("broader", "unknown", "negative")
    assert [row["technique"] for row in record["not_annotated"]] == ["us_vs_them"]
    record = json.loads(printed(taxonomies.map_taxonomies, "semeval-2021", "ptc-14", as_json=True))
    pair = next(pair for pair in record["pairs"] if pair["source"] == "straw_man")
    assert (pair["positive_reads"], pair["negative_reads"]) == ("positive", "negative with all parts")


def test_square_brackets_of_an_own_taxonomy_are_no_markup(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN.replace("title: Mockery", "title: 'Mockery [bold]'"), encoding="utf-8")
    assert "Mockery [bold]" in printed(taxonomies.show_taxonomy, str(path))


def test_importing_the_taxonomy_stays_light():
    code = "import sys, spinscope.taxonomy; print(sorted({'torch', 'pydantic', 'numpy', 'rich', 'transformers'} & set(sys.modules)))"
    source_root = str(Path(__file__).parents[1] / "train")
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": source_root}
    )
    assert result.stdout.strip() == "[]"
