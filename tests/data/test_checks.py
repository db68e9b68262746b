"""Findings: each one found when it is there, none where data is sound, and what blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spinscope.config import RunConfig, parse_config
from spinscope.data.checks import Report, check_data, text_hash
from spinscope.data.corpora import UnknownLabel
from spinscope.data.duplicates import text_hash as home
from spinscope.files import dump_json
from spinscope.records import Sentence
from spinscope.taxonomy import inventory

CORE = inventory("core")
SPLITS = {"a": "train", "b": "dev", "c": "test"}


def sentence(article: str, index: int, text: str | None = None, **fields: object) -> Sentence:
    if text is None:  # words that no other sentence has
        text = " ".join(home(f"{article} {index} {word}")[:8] for word in range(8))
    return Sentence(article, index, 0, len(text), text, **{"annotated": CORE.ids, "techniques": CORE.ids, **fields})


def sound() -> list[Sentence]:
    return [sentence(article, index) for article in SPLITS for index in range(12)]


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def check(sentences: list[Sentence], *, unknown: Sequence[UnknownLabel] = (), **data: object) -> Report:
    config: RunConfig = parse_config({"data": data, "model": {"max_tokens": 16}})
    return check_data(sentences, SPLITS, config=config, target=CORE, unknown=unknown, tokenizer=words)


def names(report: Report) -> dict[str, tuple[str, int]]:
    return {finding.name: (finding.severity, finding.count) for finding in report.findings}


def test_text_hash_has_one_home() -> None:
    assert text_hash is home


def test_sound_data_has_no_findings_and_its_counts() -> None:
    report = check(sound())
    assert not report.findings and not report.blocked
    assert report.counts["splits"]["dev"] == {"n_articles": 1, "n_sentences": 12}
    assert report.counts["techniques"]["us_vs_them"]["test"] == {"n_positives": 12, "n_annotated": 12}
    assert report.counts["inventory"] == {"name": "core", "hash": CORE.hash}
    assert dump_json(report.to_dict())


def test_a_leak_blocks_unless_waived() -> None:
    held = sound()
    leaking = [*held[:12], *[replace(one, article="b", index=20 + one.index) for one in held[:3]], *held[12:]]
    report = check(leaking)
    assert names(report) == {"leaks": ("block", 2), "repeated_texts": ("warning", 3)}
    assert report.findings[0].message == (
        "2 articles with a fifth or more of the sentences of six words or longer in another split"
    )
    assert report.findings[0].examples == ("a (train): 3 of 12 also in b (dev)", "b (dev): 3 of 15 also in a (train)")
    assert report.blocked
    waived = check(leaking, waive=["leaks"])
    assert names(waived)["leaks"] == ("warning", 2) and waived.findings[0].waived and not waived.blocked


def test_a_single_repeated_line_is_a_warning() -> None:
    held = sound()
    report = check([*held, replace(held[0], article="b", index=20)])
    assert names(report) == {"repeated_texts": ("warning", 1)}
    assert report.findings[0].message == "1 text in more than one split, 1 of six words or longer"
    assert report.findings[0].examples == ("a:0, b:20",)


def test_near_duplicates() -> None:
    text = "An unusually long sentence about the harbour, which nobody had dredged since the winter of the flood."
    held = [*sound(), sentence("a", 30, text), sentence("c", 30, text.replace(",", " -"))]
    report = check(held)
    assert names(report)["near_duplicates"] == ("warning", 1)
    assert any(finding.examples == ("a:30, c:30 (similarity 1.00)",) for finding in report.findings)
    config = parse_config({})
    quick = check_data(held, SPLITS, config=config, target=CORE, unknown=[], with_near_duplicates=False)
    assert "near_duplicates" not in names(quick)


def test_the_same_text_with_different_labels() -> None:
    held = sound()
    twin = replace(held[0], index=40, techniques=("us_vs_them",))
    assert names(check([*held, twin]))["contradictory_labels"] == ("warning", 1)
    masked = replace(twin, annotated=("us_vs_them",))
    assert "contradictory_labels" not in names(check([*held, masked]))


def test_unknown_labels_block_unless_waived() -> None:
    unknown = [UnknownLabel("Smears", "f:3", None), UnknownLabel("doubts", "f:9", "doubt"), UnknownLabel("Smears", "f:5", None)]
    report = check(sound(), unknown=unknown)
    assert names(report) == {"unknown_labels": ("block", 3)} and report.blocked
    assert report.findings[0].message == "2 labels outside the inventory, 3 times in all"
    assert report.findings[0].examples == ("'Smears' (2, first in f:3)", "'doubts' (1, first in f:9; did you mean 'doubt'?)")
    assert not check(sound(), unknown=unknown, waive=["unknown_labels"]).blocked


def test_articles_in_two_splits_block() -> None:
    held = sound()
    held[0], held[1] = replace(held[0], split="train"), replace(held[1], split="dev")
    report = check(held, waive=["leaks"])
    assert names(report) == {"articles_in_two_splits": ("block", 1)}
    assert report.findings[0].examples == ("a (dev and train)",)


def test_empty_overlong_lost_and_bare_sentences() -> None:
    held = [
        *sound(), sentence("a", 50, " --- "), sentence("b", 50, " ".join(f"w{n}" for n in range(20))),
        sentence("c", 50, metadata={"no_article": True}), sentence("c", 51, annotated=(), techniques=()),
    ]  # fmt: skip
    report = check(held)
    assert names(report) == {
        "empty_sentences": ("warning", 1), "no_article": ("warning", 1), "overlong_sentences": ("note", 1),
        "nothing_annotated": ("warning", 1),
    }  # fmt: skip
    long = next(finding for finding in report.findings if finding.name == "overlong_sentences")
    n_words = sum(words([one.text for one in held]))
    assert long.message == (
        "1 sentence longer than a window of 16 tokens: training learns from the first window only and leaves out "
        f"4 tokens ({4 / n_words:.2%}); scoring reads every window"
    )
    assert long.examples == ("b:50 (20 tokens)",)


def test_too_few_positives_and_what_nobody_annotates() -> None:
    first, second, third = CORE.ids
    held = [replace(one, techniques=(first,), annotated=(first, second)) for one in sound()]
    report = check(held)
    assert names(report) == {
        "not_annotated_techniques": ("warning", 1), "few_to_learn": ("warning", 1), "few_to_measure": ("warning", 1),
    }  # fmt: skip
    by_name = {finding.name: finding for finding in report.findings}
    assert by_name["not_annotated_techniques"].examples == (third,)
    assert by_name["few_to_learn"].examples == (f"{second} (0 in train)",)
    assert by_name["few_to_measure"].examples == (f"{second} (0 in dev, 0 in test)",)


def test_an_empty_split() -> None:
    report = check([one for one in sound() if one.article != "c"])
    assert names(report) == {"empty_splits": ("warning", 1)}
    assert report.findings[0].examples == ("test",)


def test_no_text_of_the_data_enters_the_report() -> None:
    secret = "zebra quartz violin marmalade umbrella cactus"
    held = [*sound(), sentence("a", 60, secret), sentence("b", 60, secret), sentence("c", 60, secret + " x")]
    assert "zebra" not in dump_json(check(held).to_dict())
