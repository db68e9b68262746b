"""The project's own corpus, data/core: built from its source, divided, varied and fair; its datasheet tells the truth."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from statistics import median

import pytest
from rich.console import Console
from wording import runs, words

from spinscope.config import Source
from spinscope.data.composition import OPPOSED, RoleCounts, composition_tables, side_roles, with_tables
from spinscope.data.corpora.loading import read_source
from spinscope.data.corpora.markup import DOMAINS, REGISTERS
from spinscope.data.duplicates import leaks
from spinscope.data.near_copies import near_duplicates
from spinscope.data.splits import SPLITS
from spinscope.files import read_json, read_text, sha256_of_file, write_text
from spinscope.jobs.conversion import convert
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

DATA = Path(__file__).parents[2] / "data"
CORE, DATASHEET = DATA / "core", DATA / "README.md"
ARTICLES, BUILT, SPLIT_FILE = CORE / "articles", CORE / "sentences.jsonl", CORE / "splits.json"
HELD_OUT = {"housing", "transport", "agriculture and food"}
TECHNIQUES = inventory("core").ids
LEAST_RATIO, MOST_RATIO, FEWEST_MENTIONS = 0.67, 1.5, 20


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    return read_source(Source(path=str(ARTICLES), format="markup"), name="", inventory=inventory("core"))


@pytest.fixture(scope="module")
def splits() -> dict[str, str]:
    return dict(read_json(SPLIT_FILE))


def test_the_sentences_are_built_from_the_articles(tmp_path: Path) -> None:
    convert(str(ARTICLES), tmp_path / "built.jsonl", console=Console(file=StringIO()))
    same = (tmp_path / "built.jsonl").read_bytes() == BUILT.read_bytes()
    assert same, "run: spinscope convert data/core/articles --out data/core/sentences.jsonl"


def test_the_datasheet_tells_the_counts() -> None:
    """With SPINSCOPE_WRITE=1 in the environment it writes them instead."""
    built = read_source(Source(path=str(BUILT)), name="", inventory=inventory("core"))
    files = "".join(f"| `core/{file.name}` | `{sha256_of_file(file)}` |\n" for file in (BUILT, SPLIT_FILE))
    tables = composition_tables(built) | {"files": f"| file | sha256 |\n| --- | --- |\n{files}"}
    page = read_text(DATASHEET)
    expected = with_tables(page, tables)
    if os.environ.get("SPINSCOPE_WRITE") == "1":
        write_text(DATASHEET, expected)
        return
    assert page == expected, "run: SPINSCOPE_WRITE=1 python -m pytest tests/data/test_core_corpus.py -k datasheet"


def test_the_datasheet_says_first_that_the_texts_are_synthetic() -> None:
    first = read_text(DATASHEET).split("\n\n")[1]
    for words_of_warning in ("synthetic", "language model", "self-consistency and not human agreement"):
        assert words_of_warning in " ".join(first.split())


def test_size_and_spread(sentences: list[Sentence]) -> None:
    lengths = Counter(one.article for one in sentences)
    assert len(sentences) >= 3000 and len(lengths) >= 220
    assert min(lengths.values()) >= 6 and max(lengths.values()) <= 40
    assert {one.metadata["domain"] for one in sentences} == set(DOMAINS)
    assert {one.metadata["register"] for one in sentences} == set(REGISTERS)
    assert sum(not one.techniques for one in sentences) >= len(sentences) / 2


def test_every_domain_and_register_holds_sentences_with_and_without_each_technique(sentences: list[Sentence]) -> None:
    for key in ("domain", "register"):
        groups: dict[str, list[Sentence]] = defaultdict(list)
        for one in sentences:
            groups[one.metadata[key]].append(one)
        for name, group in groups.items():
            assert any(not one.techniques for one in group), name
            for technique in TECHNIQUES:
                assert any(technique in one.techniques for one in group), (name, technique)


def test_sentence_lengths_are_those_of_news(sentences: list[Sentence]) -> None:
    lengths = [len(one.text.split()) for one in sentences]
    assert 17 <= median(lengths) <= 23
    assert sum(n > 60 for n in lengths) >= 10 and sum(n <= 3 for n in lengths) >= 20
    assert sum(n >= 30 for n in lengths) >= len(lengths) / 10


def test_spans_hold_words(sentences: list[Sentence]) -> None:
    for one in sentences:
        for span in one.spans:
            held = one.text[span.start : span.end]
            assert held == held.strip() and words(held), (one.article, one.index)


def test_every_article_has_a_split_and_nothing_else_has(sentences: list[Sentence], splits: dict[str, str]) -> None:
    assert {one.article for one in sentences} == set(splits)
    assert set(splits.values()) == set(SPLITS)
    assert all(one.split == splits[one.article] for one in sentences)


def test_every_split_holds_each_technique_as_often(sentences: list[Sentence]) -> None:
    for technique in TECHNIQUES:
        overall = sum(technique in one.techniques for one in sentences) / len(sentences)
        for split in SPLITS:
            part = [one for one in sentences if one.split == split]
            assert sum(technique in one.techniques for one in part) / len(part) == pytest.approx(overall, rel=0.2)


def test_three_domains_are_in_the_test_part_alone(sentences: list[Sentence]) -> None:
    domains = {split: {one.metadata["domain"] for one in sentences if one.split == split} for split in SPLITS}
    assert domains["test"] - domains["train"] - domains["dev"] == HELD_OUT


def test_no_event_straddles_splits(sentences: list[Sentence]) -> None:
    held: dict[str, set[str | None]] = defaultdict(set)
    for one in sentences:
        if one.metadata["event"]:
            held[one.metadata["event"]].add(one.split)
    assert held and all(len(splits) == 1 for splits in held.values()), held


def test_no_two_sentences_share_eight_words(sentences: list[Sentence]) -> None:
    """Not even quoted slogans do: the source has no mark for them, and needs none as yet."""
    owner: dict[tuple[str, ...], tuple[str, int]] = {}
    shared = []
    for one in sentences:
        place = (one.article, one.index)
        shared += [
            (place, owner[run], " ".join(run)) for run in runs(one.text) if owner.setdefault(run, place) != place
        ]
    assert shared == []


def test_no_near_duplicates_between_splits(sentences: list[Sentence], splits: dict[str, str]) -> None:
    assert leaks(sentences, splits) == []
    assert near_duplicates(sentences, splits) == []


def test_no_opening_recurs(sentences: list[Sentence]) -> None:
    openings = Counter(" ".join(found[:3]) for one in sentences if len(found := words(one.text)) >= 3)
    assert sum(count for _, count in openings.most_common(10)) < 0.03 * len(sentences), openings.most_common(10)


def test_named_sides_are_known_and_answered(sentences: list[Sentence]) -> None:
    roles = side_roles(sentences)
    known = {side for firsts, second in OPPOSED for side in (*firsts, second)}
    assert set(roles) <= known, "a new side belongs into composition.OPPOSED"
    assert known <= set(roles)


def test_each_side_is_user_and_target_about_equally_often(sentences: list[Sentence]) -> None:
    """Of uses against a named side: praise of one's own has a user and no target."""
    unfair = []
    for side, counts in _counted(side_roles(sentences)).items():
        for technique, one in counts.items():
            if not _is_fair(one.by, one.at):
                unfair.append((side, technique, one.by, one.at))
    assert unfair == []


def test_opposed_sides_use_and_suffer_each_technique_about_equally_often(sentences: list[Sentence]) -> None:
    roles, unfair = _counted(side_roles(sentences)), []
    for first, second in ((firsts, second) for firsts, second in OPPOSED if {*firsts, second} & set(roles)):
        for technique in (*TECHNIQUES, "all"):
            one = _sum(roles.get(side, {}).get(technique, RoleCounts()) for side in first)
            two = roles.get(second, {}).get(technique, RoleCounts())
            for role, pair in {"by": (one.by + one.alone, two.by + two.alone), "at": (one.at, two.at)}.items():
                if not _is_fair(*pair):
                    unfair.append((first, second, technique, role, *pair))
    assert unfair == []


def _counted(roles: dict[str, dict[str, RoleCounts]]) -> dict[str, dict[str, RoleCounts]]:
    """The sides with enough mentions, with a sum over the techniques beside each of them."""
    summed = {side: {**counts, "all": _sum(counts.values())} for side, counts in roles.items()}
    return {side: counts for side, counts in summed.items() if counts["all"].mentions >= FEWEST_MENTIONS}


def _sum(counts: Iterable[RoleCounts]) -> RoleCounts:
    held = list(counts)
    return RoleCounts(*(sum(getattr(one, role) for one in held) for role in ("by", "at", "alone")))


def _is_fair(one: int, two: int) -> bool:
    if one == two:
        return True
    return two > 0 and LEAST_RATIO <= one / two <= MOST_RATIO
