"""The behaviour suites in data/suites: counts, layout, and no text shared with the corpus or the guidelines."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from spinscope.data.corpora.markup import markup_articles
from spinscope.files import read_jsonl

DATA = Path(__file__).parents[2] / "data"
CORE_IDS = ("loaded_language", "us_vs_them", "appeal_to_threat")
LEAST_LINES = {
    "neutral_alarm": 200, "attribution": 240, "symmetry": 300, "minimal_pairs": 400, "transcribed": 120
}  # fmt: skip
ROLES = {
    "attribution": ("author", "attributed"),
    "symmetry": ("a", "b"),
    "minimal_pairs": ("positive", "neutral"),
    "transcribed": ("clean", "noisy"),
}
COMMON = {"id", "text", "techniques", "spans", "voices"}
FURTHER = {
    "neutral_alarm": {"kind"},
    "attribution": {"pair", "role"},
    "symmetry": {"pair", "role", "kind", "by", "at"},
    "minimal_pairs": {"pair", "role", "technique"},
    "transcribed": {"pair", "role"},
}
RUN = 8

Line = dict[str, Any]


def lines_of(suite: str) -> list[Line]:
    return [record for _, record in read_jsonl(DATA / "suites" / f"{suite}.jsonl")]


def pairs_of(suite: str) -> list[tuple[Line, Line]]:
    lines = lines_of(suite)
    return list(zip(lines[::2], lines[1::2], strict=True))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def test_folder_holds_these_suites_only() -> None:
    assert {file.stem for file in (DATA / "suites").glob("*.jsonl")} == {*LEAST_LINES, "many_voices"}


def test_many_voices_holds_whole_articles_in_two_halves() -> None:
    lines = lines_of("many_voices")
    halves: dict[str, set[str]] = {}
    for one, two in pairwise([{"article": None}, *lines]):
        assert set(two) == {"id", "article", "kind", "split", "start", "end", "text", "voices"}, two["id"]
        assert two["end"] - two["start"] == len(two["text"]) and two["text"] == two["text"].strip(), two["id"]
        assert one["article"] != two["article"] or one["end"] <= two["start"], two["id"]
        assert all(v["speaker"] and 0 <= v["start"] < v["end"] <= len(two["text"]) for v in two["voices"]), two["id"]
        assert not re.search(r"[{}|\[\]]", two["text"]), two["id"]
        halves.setdefault(two["split"], set()).add(two["article"])
    n_articles, n_spoken = sum(map(len, halves.values())), sum(len(line["voices"]) for line in lines)
    assert halves["dev"].isdisjoint(halves["test"]) and halves.keys() == {"dev", "test"}
    readme = (DATA / "suites" / "README.md").read_text(encoding="utf-8")
    assert f"{n_articles} articles of {len({line['kind'] for line in lines})} kinds, {len(lines)} lines, {n_spoken} marked" in readme


@pytest.mark.parametrize("suite", LEAST_LINES)
def test_layout(suite: str) -> None:
    lines = lines_of(suite)
    assert len(lines) >= LEAST_LINES[suite]
    for line in lines:
        assert set(line) == COMMON | FURTHER[suite], line["id"]
        assert line["id"].startswith(suite + "-")
        assert line["text"] == line["text"].strip() and not re.search(r"</?[A-Z]\b|[{}|⟦⟧]|  ", line["text"]), line["id"]
        assert line["techniques"] == [t for t in CORE_IDS if t in {span["technique"] for span in line["spans"]}]
        for span in line["spans"]:
            assert 0 <= span["start"] < span["end"] <= len(line["text"])
        assert all(one["end"] <= two["start"] for one, two in pairwise(line["voices"])), line["id"]
        for voice in line["voices"]:
            assert voice["voice"] in ("quoted", "reported") and 0 <= voice["start"] < voice["end"] <= len(line["text"])


def test_counts_in_the_readme_are_true() -> None:
    readme = (DATA / "suites" / "README.md").read_text(encoding="utf-8")
    for suite in LEAST_LINES:
        n_lines = len(lines_of(suite))
        count = f"{n_lines // 2} pairs" if suite in ROLES else f"{n_lines}"
        assert f"| `{suite}` | {count} |" in readme


@pytest.mark.parametrize("suite", ROLES)
def test_pairs_are_whole(suite: str) -> None:
    for one, two in pairs_of(suite):
        assert one["pair"] == two["pair"] and (one["role"], two["role"]) == ROLES[suite], one["id"]
        assert one["text"] != two["text"], one["id"]
        if suite != "minimal_pairs":
            assert one["techniques"] == two["techniques"], one["pair"]


def test_neutral_alarm_has_no_technique() -> None:
    assert not any(line["techniques"] for line in lines_of("neutral_alarm"))


def test_attribution_moves_the_same_words_into_another_voice() -> None:
    for author, attributed in pairs_of("attribution"):
        assert author["voices"] == [] and attributed["voices"], author["pair"]
        assert len(set(words(author["text"])) - set(words(attributed["text"]))) <= 4, author["pair"]
        for span in attributed["spans"]:
            assert any(v["start"] <= span["start"] and span["end"] <= v["end"] for v in attributed["voices"])


def test_symmetry_changes_only_the_names() -> None:
    pairs = pairs_of("symmetry")
    for one, two in pairs:
        assert one["at"] != two["at"] and (one["by"] is None or (one["by"], one["at"]) == (two["at"], two["by"]))
        assert one["kind"] in ("country", "party", "leader", "group", "ideology")
    assert sum(bool(one["techniques"]) for one, _ in pairs) >= len(pairs) / 2


def test_minimal_pairs_take_one_technique_out() -> None:
    pairs = pairs_of("minimal_pairs")
    for positive, neutral in pairs:
        assert positive["technique"] == neutral["technique"] and positive["technique"] in positive["techniques"]
        assert neutral["techniques"] == []
    assert all(count >= 65 for count in Counter(positive["technique"] for positive, _ in pairs).values())


def test_no_text_and_no_run_of_eight_words_stands_twice() -> None:
    owner: dict[tuple[str, ...], str] = {}
    for article in markup_articles(DATA / "core" / "articles"):
        for paragraph in article.text.split("\n\n"):
            owner.update(dict.fromkeys(runs(paragraph), article.id))
    guidelines = re.sub(r"[⟦⟧*]", "", (DATA / "GUIDELINES.md").read_text(encoding="utf-8"))
    clashes = [("guidelines", owner[run], " ".join(run)) for run in runs(guidelines) if run in owner]
    owner.update(dict.fromkeys(runs(guidelines), "guidelines"))
    ids, texts = set(), dict[str, str]()
    for suite in (*LEAST_LINES, "many_voices"):
        for line in lines_of(suite):
            name = line.get("article", line.get("pair", line["id"]))
            assert line["id"] not in ids
            ids.add(line["id"])
            assert texts.setdefault(" ".join(words(line["text"])), name) == name, line["id"]
            clashes += [(name, other, " ".join(run)) for run in runs(line["text"]) if (other := owner.get(run, name)) != name]
            owner.update({run: name for run in runs(line["text"]) if run not in owner})
    assert clashes == []
