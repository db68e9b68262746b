"""`summarize`: right figures, in any order and format; rankings, warnings, tables, mistakes."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import made_scores
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from spinscope.data.groups import grouping
from spinscope.data.score_files import encode_scores
from spinscope.data.score_reading import read_scores
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.files import sha256_of_file, write_json
from spinscope.jobs.summarizing import summarize, summary_of
from spinscope.jobs.summary_figures import Rules, levels_of
from spinscope.jobs.summary_output import ranking_words
from spinscope.jobs.summary_page import render_summary
from spinscope.jobs.summary_result import Ranking, Row, Summary

QUICK = Rules(n_resamples=300)
SEED = 1
SHARES = {"Ledger": 0.25, "Post": 0.04, "Radio": 0.04}


def summary(lines: list[dict], by: str = "source", *, rules: Rules = QUICK, **facts) -> Summary:
    return summary_of(iter(lines), made_scores.manifest(lines) | facts, groups=grouping(by), rules=rules)


def row(found: Summary, *, group: tuple[str, ...] = (), technique: str = "loaded_language", voice: str = "all") -> Row:
    return next(one for one in found.of(technique=technique, voice=voice) if one.group == group)


@pytest.fixture(scope="module")
def lines() -> list[dict]:
    return made_scores.made_lines(SHARES, n_articles=40, n_sentences=15, seed=SEED)


@pytest.fixture(scope="module")
def found(lines: list[dict]) -> Summary:
    return summary(lines, "source,month")


def shown(call, *arguments, **options) -> tuple[int, str]:
    console = Console(width=160, record=True, quiet=False, file=None, highlight=False)
    with console.capture() as capture:
        code = call(*arguments, console=console, **options)
    return code, capture.get()


def test_rates_worked_by_hand() -> None:
    words = "one two three four five six seven eight nine ten"
    lines = [
        made_scores.line("a", 0, words, techniques=["loaded_language"]),
        made_scores.line("a", 1, words),
        made_scores.line("a", 2, words, voice="quoted", techniques=["loaded_language", "us_vs_them"]),
        made_scores.line("b", 0, words),
        made_scores.line("b", 1, "Two words.", voice="reported", source="Ledger"),
        made_scores.line("c", 0, words, source="Post", techniques=["us_vs_them"]),
    ]
    found = summary(lines)
    whole = row(found)
    assert (whole.n_articles, whole.n_sentences, whole.n_words, whole.n_marked) == (3, 6, 52, 2)
    assert whole.share.value == pytest.approx(2 / 6)
    assert whole.per_1000_words.value == pytest.approx(2000 / 52)
    author = row(found, group=("Ledger",), voice="author")
    assert (author.n_articles, author.n_sentences, author.n_words, author.n_marked) == (2, 3, 30, 1)
    assert (author.share.value, author.per_1000_words.value) == (pytest.approx(1 / 3), pytest.approx(1000 / 30))
    assert author.share.low < 1 / 3 < author.share.high
    assert "2 articles: too few" in author.share.note
    assert row(found, technique="any").n_marked == 3
    assert row(found, technique="any", voice="quoted").share.value == 1
    none = row(found, group=("Post",), voice="quoted")
    assert (none.n_sentences, none.share.value, none.share.note, none.per_1000_words.value) == (
        0,
        None,
        "no sentence",
        None,
    )
    alone = row(found, group=("Post",), voice="author", technique="us_vs_them")
    assert (alone.share.value, alone.share.low, alone.share.note) == (1.0, None, "no interval: one article only")


def test_sentences_without_words_have_a_share_and_no_rate() -> None:
    found = row(summary([made_scores.line(str(n), 0, "!!!", techniques=["loaded_language"]) for n in range(12)]))
    assert found.share.value == 1
    assert (found.per_1000_words.value, found.per_1000_words.low, found.per_1000_words.high) == (None, None, None)


def test_neither_order_nor_files_nor_format_play_a_part(lines: list[dict], found: Summary, tmp_path: Path) -> None:
    expected = found.to_dict()
    shuffled = random.Random(1).sample(lines, len(lines))
    assert summary(shuffled, "source,month").to_dict() == expected
    facts = made_scores.manifest(lines)
    for n_shards in (1, 7):
        folder = made_scores.write_shards(tmp_path / str(n_shards), lines, n_shards=n_shards)
        assert (
            summary_of(read_scores(folder), facts, groups=grouping("source,month"), rules=QUICK).to_dict() == expected
        )
    for ending in ("csv", "parquet"):
        path = tmp_path / f"scores.{ending}"
        path.write_bytes(encode_scores(lines, kind=ending, techniques=made_scores.TECHNIQUES))
        assert summary_of(read_scores(path), facts, groups=grouping("source,month"), rules=QUICK).to_dict() == expected
    assert summary(lines, "source,month", rules=Rules(n_resamples=300, seed=14)).to_dict() != expected


def test_levels_and_their_sums(found: Summary) -> None:
    assert found.levels == ((), ("source",), ("month",), ("source", "month")) == levels_of(("source", "month"))
    assert levels_of(()) == ((),)
    for technique in found.techniques:
        whole = row(found, technique=technique)
        for by in found.levels[1:]:
            rows = list(found.of(by=by, technique=technique, voice="all"))
            assert sum(one.n_marked for one in rows) == whole.n_marked
            assert sum(one.n_words for one in rows) == whole.n_words
        voices = [row(found, technique=technique, voice=voice).n_marked for voice in ("author", "quoted", "reported")]
        assert sum(voices) == whole.n_marked


def test_corrected_shares_are_nearer_to_the_truth(found: Summary) -> None:
    for source, share in SHARES.items():
        one = row(found, group=(source,))
        if share < 0.1:  # at 0.25 false alarms and misses nearly make up for each other
            assert abs(one.corrected_share.value - share) < abs(one.share.value - share)
            assert one.share.low > share
        assert one.corrected_share.low <= share <= one.corrected_share.high
        assert one.corrected_share.high - one.corrected_share.low > one.share.high - one.share.low
    rates = found.error_rates["loaded_language"]
    assert 0.6 < rates["true_positive_rate_low"] < rates["true_positive_rate"] < rates["true_positive_rate_high"] < 1
    assert row(found, technique="any").corrected_share.value is None


def test_only_different_sources_are_ranked(found: Summary) -> None:
    for voice in ("author", "all"):
        ranking = next(one for one in found.rankings if (one.technique, one.voice) == ("loaded_language", voice))
        assert {(pair.first, pair.second) for pair in ranking.pairs if pair.verdict == "above"} == {
            ("Ledger", "Post"),
            ("Ledger", "Radio"),
        }
        assert all((pair.low > 0) == (pair.verdict == "above") for pair in ranking.pairs)
    assert {one.by for one in found.rankings} == {"source"}, "periods are not ranked"
    told = " ".join(ranking_words(ranking))
    assert "Ledger (" in told and "is above" in told
    assert "cannot tell apart: Post and Radio" in told or "cannot tell apart: Radio and Post" in told


def test_few_articles_are_not_ranked(lines: list[dict]) -> None:
    few = [line for line in lines if line["source"] == "Ledger" or int(line["article"].split()[1]) < 9]
    found = summary(few)
    ranking = found.rankings[0]
    assert (ranking.pairs, list(ranking.shares)) == ((), ["Ledger"])
    assert ranking.left_out == {"Post": "9 articles, fewer than 10", "Radio": "9 articles, fewer than 10"}
    assert "no ranking by source" in next(ranking_words(ranking))
    assert found.notes == (
        "2 of 3 groups by source have fewer than 10 articles: too few for intervals to be relied on, and for a ranking",
    )
    unknown = summary([dict(line, source=None) if line["source"] == "Post" else line for line in lines])
    assert unknown.rankings[0].left_out == {"unknown": "not known which"}


def test_words_of_a_ranking_name_what_cannot_be_told() -> None:
    ranking = Ranking("source", "us_vs_them", "author", {"A": 0.1, "B": 0.1}, (), {}, 0.95)
    assert list(ranking_words(ranking)) == [
        "us vs them, in the author's own sentences: cannot tell any two of 2 groups by source apart."
    ]


def test_scores_unlike_dev_warn_and_like_dev_do_not(lines: list[dict], found: Summary, tmp_path: Path) -> None:
    assert found.unlike == ()
    shifted = made_scores.made_lines(SHARES, n_articles=30, n_sentences=15, shift=-1.0)
    path = made_scores.write_scores(tmp_path / "s.jsonl", shifted)
    code, told = shown(summarize, path, by="source", n_resamples=200)
    assert code == DONE_WITH_FINDINGS
    assert "Scores unlike dev's: loaded language: " in told
    assert "points more of the scores lie" in told and "The correction assumes that" in told
    odd = summary(shifted)
    assert {one.technique for one in odd.unlike} == set(made_scores.TECHNIQUES)
    assert "scores are distributed unlike dev's" in row(odd).corrected_share.note
    path = made_scores.write_scores(tmp_path / "t.jsonl", lines)
    assert shown(summarize, path, by="source", n_resamples=200)[0] == DONE


def test_the_page_says_how_far_the_engine_is_from_float32(lines: list[dict]) -> None:
    figures = {"agreement": {"flipped_fraction": 0.0019}, "neighbours": {"largest_difference": 8.8e-08}}
    page = render_summary(summary(lines, engine="onnx-int8", engine_on_dev=figures))
    assert "onnx-int8; on dev 0.19% of its decisions differ from float32" in page
    assert "a score moves by 9e-08 at most with the sentences beside it" in page


def test_without_dev_nothing_is_corrected(lines: list[dict]) -> None:
    found = summary(lines, dev=None, dev_articles=None)
    assert row(found).corrected_share.value is None
    assert row(found).corrected_share.note == "the scores' manifest says nothing of dev"
    assert "error rates are not known" in found.notes[-1] and found.unlike == () and found.error_rates == {}


def test_a_technique_that_dev_cannot_tell_is_named(lines: list[dict]) -> None:
    facts = made_scores.manifest(lines)
    dev_articles = [[cells[0], [0, 2, 1, 17]] for cells in facts["dev_articles"]]
    found = summary(lines, dev_articles=dev_articles)
    assert row(found, technique="us_vs_them").corrected_share.value is None
    assert row(found).corrected_share.value is not None
    assert found.notes[-1:] == (
        f"no corrected share of us_vs_them: {found.error_rates['us_vs_them']['why_not_corrected']}",
    )


def test_tables_in_three_formats_say_the_same(lines: list[dict], tmp_path: Path) -> None:
    lines = [dict(line, source={"Post": "=cmd()", "Radio": None}.get(line["source"], line["source"])) for line in lines]
    path = made_scores.write_scores(tmp_path / "s.jsonl", lines)
    for ending in ("csv", "parquet", "json"):
        assert shown(summarize, path, by="source,month", out=tmp_path / f"t.{ending}", n_resamples=200)[0] == DONE
    rows = json.loads((tmp_path / "t.json").read_text())["rows"]
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.to_pylist() == rows
    assert table.schema.field("corrected_share_low").type == "double"
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        cells = list(csv.DictReader(stream))
    assert len(cells) == len(rows)
    assert {cell["source"] for cell in cells} == {"", "Ledger", "'=cmd()", "unknown"}
    assert [float(cell["share"]) for cell in cells if cell["share"]] == [
        one["share"] for one in rows if one["share"] is not None
    ]
    with (tmp_path / "t.ranking.csv").open(encoding="utf-8", newline="") as stream:
        pairs = list(csv.DictReader(stream))
    assert {(pair["first"], pair["verdict"]) for pair in pairs if pair["technique"] == "any"} == {("Ledger", "above")}
    assert pq.read_table(tmp_path / "t.ranking.parquet").num_rows == len(pairs)


def test_the_terminal_shows_raw_beside_corrected(lines: list[dict], tmp_path: Path) -> None:
    path = made_scores.write_scores(tmp_path / "s.jsonl", [dict(line, source=f"[b]{line['source']}") for line in lines])
    code, told = shown(summarize, path, by="source,month", n_resamples=200)
    assert code == DONE
    for piece in (
        "loaded language by source",
        "share, %",
        "corrected, %",
        "[b]Ledger",
        "author's own sentences by month",
        "2024-03",
        "is above",
    ):
        assert piece in told


def test_scores_of_another_checkpoint_or_a_cut_file_are_refused(lines: list[dict], tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"(?s)a sentence scored by checkpoint made deadbeef.*alone, as the manifest says"
    ):
        summary([*lines[:3], dict(lines[3], checkpoint_sha256="deadbeef" * 8)])
    path = made_scores.write_scores(tmp_path / "s.jsonl", lines)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(UserError, match=f"{len(lines) - 1:,} sentences where the manifest counts {len(lines):,}"):
        summarize(path, n_resamples=100)
    with pytest.raises(UserError, match="no sentence"):
        summary([])


def test_mistakes_are_refused(lines: list[dict], tmp_path: Path) -> None:
    path = made_scores.write_scores(tmp_path / "s.jsonl", lines[:30])
    for options, told in (
        ({"by": "sauce"}, "no column 'sauce'"),
        ({"by": "voice"}, "every voice has figures of its own"),
        ({"out": tmp_path / "t.xlsx"}, r"ending '\.xlsx'"),
        ({"html_file": path}, "also an input"),
        ({"out": tmp_path / "t.csv", "html_file": tmp_path / "t.csv"}, "two outputs with one name"),
        ({"article_report": tmp_path / "r.html"}, "--article-report without --html"),
        ({"article_report": tmp_path / "r.html", "html_file": tmp_path / "h.html"}, "no such file"),
        ({"article_report": path, "html_file": tmp_path / "h.html"}, "no sentence to link to"),
    ):
        with pytest.raises(UserError, match=told):
            summarize(path, n_resamples=100, **options)
    assert not (tmp_path / "h.html").exists()
    with pytest.raises(UserError, match="no such file or folder"):
        summarize(tmp_path / "none.jsonl")


def test_the_command_line_reads_its_options(lines: list[dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spinscope import cli

    folder = made_scores.write_shards(tmp_path / "scores", lines, n_shards=3)
    arguments = [
        folder,
        "--by",
        "source",
        "--out",
        tmp_path / "t.json",
        "--resamples",
        "200",
        "--seed",
        "5",
        "--confidence",
        "0.9",
    ]
    monkeypatch.setattr("sys.argv", ["spinscope", "summarize", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    origin = json.loads((tmp_path / "t.json").read_text())["origin"]
    assert (origin["n_resamples"], origin["seed"], origin["confidence"]) == (200, 5, 0.9)


def test_a_folder_whose_shard_changed_is_refused(lines: list[dict], tmp_path: Path) -> None:
    folder = made_scores.write_shards(tmp_path / "scores", lines, n_shards=2)
    shard = folder / "part-00001.jsonl"
    shard.write_text(shard.read_text().replace("us_vs_them", "us_vs_that"))
    with pytest.raises(UserError, match="altered since it was written"):
        summarize(folder, n_resamples=100)
    facts = json.loads((folder / "manifest.json").read_text())
    facts["files"][1]["sha256"] = sha256_of_file(shard)
    write_json(folder / "manifest.json", facts)
    with pytest.raises(UserError, match="not a score line of this manifest"):
        summarize(folder, n_resamples=100)
