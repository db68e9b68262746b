"""`score` with a classifier of the same face as the real one: outputs, voices, summaries, skips, mistakes."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from spinscope.data.articles import ArticleColumns, read_articles
from spinscope.data.groups import grouping
from spinscope.data.score_files import safe_cell
from spinscope.data.score_reading import read_scores, score_manifest
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.jobs import scoring_assembly
from spinscope.jobs.decisions import decisions_of
from spinscope.jobs.labelled import read_labelled, score_labelled
from spinscope.jobs.score_paths import score_paths
from spinscope.jobs.scoring import input_files, score, score_articles
from spinscope.jobs.summarizing import summary_of
from spinscope.jobs.tuning import tune
from spinscope.model.checkpoint import open_checkpoint
from spinscope.model.prediction import Prediction
from spinscope.records import Article, Decision, Sentence
from spinscope.taxonomy import inventory

CUES = {"loaded_language": "vile", "us_vs_them": "they", "appeal_to_threat": "or else"}


class CueClassifier:
    """Marks a technique where its cue word stands; as many windows as hundreds of words."""

    name, identity, languages = "cues", "c0ffee" * 10, ("en",)

    def __init__(self) -> None:
        self.inventory = inventory("core")
        self.decision = Decision(self.inventory.ids, (0.5,) * len(self.inventory.ids))
        self.batches: list[int] = []

    def prepare(self, sentences: Sequence[Sentence]) -> Sequence[Sentence]:
        return sentences

    def run(self, sentences: Sequence[Sentence], *, progress=None) -> Prediction:
        self.batches.append(len({sentence.article for sentence in sentences}))
        values = [[0.9 if CUES[t] in s.text.lower() else 0.1 for t in self.inventory.ids] for s in sentences]
        windows = [1 + len(s.text.split()) // 100 for s in sentences]
        return Prediction(np.array(values).reshape(len(sentences), len(CUES)), np.array(windows, dtype=int))

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        return probabilities >= np.array(self.decision.thresholds)


ARTICLE = (
    "Harbour vote\r\n\r\nThe council met on Monday evening in the old town hall. They have never cared for us.\r\n"
    '"Pay now, or else the vile men will come," said Ann Lee. שלום 👩‍👩‍👧 zero\u200bwidth.\r\n'
)


@pytest.fixture
def run(tmp_path: Path):
    def go(files: dict[str, str | bytes], name: str = "scores.jsonl", **options) -> tuple[int, Path]:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        out = tmp_path / "out" / name
        options = {"overwrite": True, **options}
        return score_articles(read_articles([str(folder)]), CueClassifier(), out=out, **options), out

    return go


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_lines_trace_to_characters_of_the_source(run, tmp_path: Path) -> None:
    code, out = run({"a.txt": ARTICLE}, keep_text=tmp_path / "texts")
    assert code == DONE
    found = lines(out)
    digest = hashlib.sha256(ARTICLE.encode()).hexdigest()
    kept = (tmp_path / "texts" / f"{digest}.txt").read_bytes().decode()
    assert kept == ARTICLE
    assert [kept[line["start"] : line["end"]] for line in found] == [line["text"] for line in found]
    assert [line["index"] for line in found] == list(range(len(found)))
    assert found[0]["part"] == "title"
    assert {line["text_sha256"] for line in found} == {digest}
    assert {line["checkpoint_sha256"] for line in found} == {CueClassifier.identity}
    assert {line["taxonomy_sha256"] for line in found} == {inventory("core").hash}
    assert [line["techniques"] for line in found] == [
        [],
        [],
        ["us_vs_them"],
        ["loaded_language", "appeal_to_threat"],
        [],
    ]
    quoted = found[3]
    assert quoted["voice"] == "quoted"
    assert quoted["voices"] == [{"start": 0, "end": 42, "voice": "quoted", "speaker": "Ann Lee"}]
    assert list(quoted["probabilities"]) == list(inventory("core").ids)


def test_long_sentences_are_windowed_and_never_cut(run) -> None:
    text = "It went on " + "and on " * 300 + "until the vile end."
    _, out = run({"a.txt": text})
    (line,) = lines(out)
    assert (line["text"], line["truncated"], line["techniques"]) == (text, False, ["loaded_language"])
    assert line["n_windows"] > 1


def test_three_formats_say_the_same(run) -> None:
    files = {"a.txt": ARTICLE, "b.txt": "One. Two, or else."}
    expected = lines(run(files)[1])
    table = pq.read_table(run(files, "scores.parquet")[1]).to_pylist()
    with run(files, "scores.csv")[1].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(table) == len(rows) == len(expected)
    for line, record, row in zip(expected, table, rows, strict=True):
        assert {
            **record,
            "metadata": json.loads(record["metadata"]),
            "probabilities": line["probabilities"],
        }.items() >= line.items()
        assert [record[f"probability_{t}"] for t in inventory("core").ids] == list(line["probabilities"].values())
        assert row["techniques"] == "|".join(line["techniques"])
        assert json.loads(row["voices"]) == line["voices"]
        assert row["text"] == line["text"]
        assert int(row["start"]) == line["start"]


def test_csv_cells_are_no_formulas(run) -> None:
    _, out = run({"a.txt": '=HYPERLINK("http://x.example","click") is here.\n\n@home and +1 and -1.\n\n-cmd.'}, "s.csv")
    with out.open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    assert [text[:2] for text in texts] == ["'=", "'@", "'-"]
    assert safe_cell("\t=1") == "'\t=1"
    assert safe_cell(" =1") == "' =1"
    assert safe_cell("1-2") == "1-2"
    assert safe_cell(-0.5) == -0.5


def test_summaries_count_by_voice(run) -> None:
    _, out = run({"a.txt": ARTICLE, "b.txt": "A vile thing. Nothing else."})
    first, second = lines(out.with_suffix(".summary.jsonl"))
    assert first["title"] == "Harbour vote"
    assert first["language"] == "en"
    assert (first["n_sentences"], second["n_sentences"]) == (5, 2)
    threat = first["techniques"]["appeal_to_threat"]
    assert (threat["n_sentences"], threat["share"]) == (1, 0.2)
    assert threat["per_1000_words"] == pytest.approx(1000 / first["n_words"], abs=1e-3)
    assert threat["by_voice"]["quoted"] == {
        "n_sentences": 1, "share": 1.0,
        "per_1000_words": pytest.approx(1000 / first["by_voice"]["quoted"]["n_words"], abs=1e-3),
    }  # fmt: skip
    assert threat["by_voice"]["reported"]["share"] is None
    assert first["techniques"]["any"]["n_sentences"] == 2
    assert [one["index"] for one in first["strongest"]] == [2, 3]
    whole = json.loads(out.with_suffix(".manifest.json").read_text())
    assert whole["counts"]["n_articles"] == 2
    assert whole["counts"]["techniques"]["loaded_language"]["n_sentences"] == 2
    assert whole["skipped"] == []


def test_bad_inputs_are_listed_and_the_rest_is_scored(run, capsys: pytest.CaptureFixture[str]) -> None:
    german = "Der Bürgermeister sagte am Montag, dass die Brücke bis zum Frühling geschlossen bleibt."
    code, out = run({"a.txt": "Fine here.", "b.txt": "", "c.txt": b"caf\xe9", "d.txt": german, "[e].txt": "Good too."})
    assert code == DONE_WITH_FINDINGS
    assert [Path(line["article"]).name for line in lines(out)] == ["[e].txt", "a.txt"]
    skipped = json.loads(out.with_suffix(".manifest.json").read_text())["skipped"]
    assert [(Path(item["path"]).name, item["reason"].split(" (")[0]) for item in skipped] == [
        ("b.txt", "empty"), ("c.txt", "byte 0xe9 at offset 3 is not UTF-8"),
        ("d.txt", "in language 'de', the checkpoint knows en"),
    ]  # fmt: skip
    told = capsys.readouterr().err
    assert "3 inputs skipped" in told
    assert "b.txt: empty" in told
    code, out = run({"b.txt": "Now full.", "c.txt": "So is this."}, any_language=True)
    assert code == DONE
    assert len(lines(out)) == 5


def shard_counts(manifest: Path) -> list[dict]:
    return json.loads(manifest.read_text())["shards"]


def test_batches_hold_whole_articles_and_change_nothing(tmp_path: Path) -> None:
    table = tmp_path / "news.csv"
    table.write_text("key,body,source\n" + "".join(f"n{n},They came {n} times. Then left.,Ledger\n" for n in range(7)))
    columns = ArticleColumns("body", "key")
    whole, pieces = CueClassifier(), CueClassifier()
    score_articles(read_articles([str(table)], columns=columns), whole, out=tmp_path / "a.jsonl")
    score_articles(read_articles([str(table)], columns=columns), pieces, out=tmp_path / "b.jsonl", articles_per_shard=2)
    assert (whole.batches, pieces.batches) == ([7], [2, 2, 2, 1])
    assert [len(shard_counts(tmp_path / name)) for name in ("a.manifest.json", "b.manifest.json")] == [1, 4]
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert lines(tmp_path / "a.summary.jsonl")[0]["metadata"] == {"source": "Ledger"}
    assert (tmp_path / "a.summary.jsonl").read_bytes() == (tmp_path / "b.summary.jsonl").read_bytes()
    first = lines(tmp_path / "a.jsonl")[0]
    assert (first["source"], first["date"], first["language"], first["metadata"]) == ("Ledger", None, None, {})
    assert lines(tmp_path / "a.jsonl")[0]["article"] == "n0"


def test_a_run_that_breaks_off_keeps_its_shards_and_shows_no_scores(tmp_path: Path) -> None:
    def articles():
        yield from read_articles([str(tmp_path / "a.txt")])
        raise KeyboardInterrupt

    (tmp_path / "a.txt").write_text("One sentence. Another one.")
    out = tmp_path / "out" / "s.jsonl"
    with pytest.raises(KeyboardInterrupt):
        score_articles(articles(), CueClassifier(), out=out, articles_per_shard=1)
    assert [path.name for path in out.parent.iterdir()] == [".s.jsonl.shards"]
    assert (
        score_articles(read_articles([str(tmp_path / "a.txt")]), CueClassifier(), out=out, articles_per_shard=1) == DONE
    )
    assert sorted(path.name for path in out.parent.iterdir()) == ["s.jsonl", "s.manifest.json", "s.summary.jsonl"]


def test_no_article_at_all_still_gives_whole_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    for name in ("s.jsonl", "s.csv", "s.parquet"):
        out = tmp_path / name
        assert score_articles(read_articles([str(tmp_path / "a.txt")]), CueClassifier(), out=out) == DONE_WITH_FINDINGS
        assert out.is_file()
        assert lines(tmp_path / "s.skipped.jsonl") == [{"path": str(tmp_path / "a.txt"), "reason": "empty"}]
        for file in ("s.manifest.json", "s.skipped.jsonl", "s.summary.jsonl"):
            (tmp_path / file).unlink()
    assert (tmp_path / "s.csv").read_text().startswith("article,index,start,end,text,")
    assert pq.read_table(tmp_path / "s.parquet").num_rows == 0
    score_articles([], CueClassifier(), out=tmp_path / "none.parquet")
    score_articles([], CueClassifier(), out=tmp_path / "nothing.csv")
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def news(n_articles: int) -> list[Article]:
    """Articles of four sources over three months, the third without date."""
    return [
        Article(
            f"n{n}", f"They came {n} times. Then a vile man left.",
            metadata={"source": f"paper {n % 4}", "date": [f"2024-0{n % 3}-07", None][n % 3 == 0], "page": n},
        )
        for n in range(n_articles)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_a_folder_holds_shards_and_a_manifest(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "scores"
    score_articles(news(5), CueClassifier(), out=out, kind=kind, articles_per_shard=2)
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*")) == [
        "manifest.json", "scores", *(f"scores/part-0000{n}.{kind}" for n in range(3)), "summary.jsonl",
    ]  # fmt: skip
    score_articles(news(5), CueClassifier(), out=tmp_path / "one.jsonl")
    assert list(read_scores(out)) == lines(tmp_path / "one.jsonl")
    assert (out / "summary.jsonl").read_bytes() == (tmp_path / "one.summary.jsonl").read_bytes()
    manifest = score_manifest(out)
    assert [entry["n_sentences"] for entry in manifest["files"]] == [4, 4, 2]
    assert manifest["counts"] == score_manifest(tmp_path / "one.jsonl")["counts"]
    assert manifest["techniques"] == list(inventory("core").ids)


def test_parquet_is_partitioned_as_hive_does(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    score_articles(news(7), CueClassifier(), out=out, partition_by=["source", "month"], articles_per_shard=2)
    score_articles(news(7), CueClassifier(), out=tmp_path / "one.jsonl")
    expected = {(line["article"], line["index"]): line for line in lines(tmp_path / "one.jsonl")}
    found = list(read_scores(out))
    assert len(found) == len(expected)
    assert {(line["article"], line["index"]): line for line in found} == expected
    table = pq.read_table(out / "scores")
    assert sorted(set(table["source"].to_pylist())) == [f"paper {n}" for n in range(4)]
    assert set(table["month"].to_pylist()) == {"2024-01", "2024-02", None}
    assert len(list(out.rglob("*.parquet"))) == len(score_manifest(out)["files"]) == 7
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "scores", "summary.jsonl"]


def test_what_lies_within_the_band_of_doubt_is_named_in_every_format(tmp_path: Path) -> None:
    classifier = CueClassifier()
    score_articles(news(7), classifier, out=tmp_path / "plain.jsonl")
    # The scores are 0.1 and 0.9: of one technique all is in doubt, of one what is present, of one nothing.
    classifier.decision = replace(classifier.decision, band_lows=(0.05, 0.4, 0.5), band_highs=(0.95, 0.91, 0.5))
    kinds = {"s.jsonl": {}, "c.csv": {}, "p.parquet": {}, "folder": {"partition_by": ["source"], "articles_per_shard": 2}}
    for name, options in kinds.items():
        score_articles(news(7), classifier, out=tmp_path / name, **options)
    found = {name: sorted(read_scores(tmp_path / name), key=lambda line: (line["article"], line["index"])) for name in kinds}
    plain = lines(tmp_path / "plain.jsonl")
    for several in found.values():
        assert several == found["s.jsonl"]
    for line, before in zip(found["s.jsonl"], plain, strict=True):
        expected = ["loaded_language", *(["us_vs_them"] if "us_vs_them" in line["techniques"] else [])]
        assert line["abstained"] == expected
        assert {name: value for name, value in line.items() if name != "abstained"} == before
    assert list(found["c.csv"][0]) == list(found["s.jsonl"][0]) == list(found["p.parquet"][0])
    counted = summary_of(found["c.csv"], score_manifest(tmp_path / "c.csv"), groups=grouping(""))
    assert counted.origin["n_abstained"] == {"loaded_language": 14, "us_vs_them": 7, "appeal_to_threat": 0}
    assert any("of 14 sentences: loaded_language 14, us_vs_them 7; shares count them" in note for note in counted.notes)
    assert "n_abstained" not in summary_of(plain, score_manifest(tmp_path / "plain.jsonl"), groups=grouping("")).origin


def test_lines_say_any_technique_where_the_checkpoint_has_a_cutoff_for_it(tmp_path: Path) -> None:
    classifier = CueClassifier()
    score_articles(news(7), classifier, out=tmp_path / "plain.jsonl")
    # Of three scores one may be 0.9, the others are 0.1: 1 - 0.1 * 0.9 * 0.9 = 0.919 or 1 - 0.9 ** 3 = 0.271.
    classifier.decision = replace(classifier.decision, thresholds=(0.95,) * 3, any_threshold=0.5)
    kinds = {"s.jsonl": {}, "c.csv": {}, "p.parquet": {}, "folder": {"partition_by": ["source"], "articles_per_shard": 2}}
    for name, options in kinds.items():
        score_articles(news(7), classifier, out=tmp_path / name, **options)
    found = {name: sorted(read_scores(tmp_path / name), key=lambda line: (line["article"], line["index"])) for name in kinds}
    plain = lines(tmp_path / "plain.jsonl")
    for several in found.values():
        assert several == found["s.jsonl"]
    for line, before in zip(found["s.jsonl"], plain, strict=True):
        likely = any(value == 0.9 for value in line["probabilities"].values())
        assert (line["any_probability"], line["any_decided"]) == (0.919 if likely else 0.271, likely)
        assert line["techniques"] == []
        rest = {name: value for name, value in line.items() if name not in ("any_probability", "any_decided")}
        assert rest == {**before, "techniques": []}
    assert {line["any_decided"] for line in found["c.csv"]} == {True}
    assert list(found["c.csv"][0]) == list(found["s.jsonl"][0]) == list(found["p.parquet"][0])
    assert not any("any_" in name for name in plain[0])


def test_a_band_is_drawn_on_dev_or_carried_by_a_tuned_checkpoint(tfidf_checkpoint: Path, tmp_path: Path) -> None:
    table = tmp_path / "news.jsonl"
    words = ["The council met.", "They are vile.", "A disgraceful bus, or else they pay.", "One bus.", "They met or else."]
    table.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(words)))
    out = tmp_path / "s.jsonl"
    score([str(table)], checkpoint=tfidf_checkpoint, out=out, abstain=0.02)
    told = score_manifest(out)["bands"]
    classifier = open_checkpoint(tfidf_checkpoint)
    labelled = read_labelled(classifier, data=None, split="test")
    scored = score_labelled(classifier, labelled.measured(), classifier.inventory)
    rules = classifier.config.evaluation.model_copy(update={"wished_error": 0.02})
    classifier.config = classifier.config.model_copy(update={"evaluation": rules})
    evaluated = decisions_of(classifier, scored, split="test").abstention.bands
    drawn = dict(zip(classifier.inventory.ids, zip(told["lows"], told["highs"], strict=True), strict=True))
    assert {name: (one.low, one.high) for name, one in evaluated.items() if one.low is not None} == {
        name: pytest.approx(ends) for name, ends in drawn.items() if name not in told["without_band"]
    }
    assert any(low < high for low, high in drawn.values())
    for line in read_scores(out):
        assert line["abstained"] == [n for n, p in line["probabilities"].items() if drawn[n][0] < p < drawn[n][1]]
    tune(tfidf_checkpoint, out=tmp_path / "tuned", thresholds="per_technique", calibration="none", abstain=0.02)
    tuned = open_checkpoint(tmp_path / "tuned")
    assert tuned.decision.band_lows == pytest.approx(told["lows"])
    assert tuned.config.evaluation.wished_error == 0.02
    for one in tuned.predict(words):
        assert one["abstained"] == [n for n, p in one["probabilities"].items() if drawn[n][0] < p < drawn[n][1]]
    columns = tuned.score_rows({"id": ["x"], "text": ["They are vile. The council met."]})
    assert len(columns["abstained"]) == len(columns["techniques"]) == 2
    assert "abstained" not in classifier.predict("They met.")[0]
    bare = shutil.copytree(tfidf_checkpoint, tmp_path / "bare")
    (bare / "predictions-dev.jsonl").unlink()
    with pytest.raises(UserError, match="keeps no predictions on dev"):
        score([str(table)], checkpoint=bare, out=tmp_path / "t.jsonl", abstain=0.02)


def test_copies_are_counted_and_the_manifest_says_how_it_was_made(tiny_scores: Path) -> None:
    manifest = score_manifest(tiny_scores)
    assert manifest["counts"]["n_sentences"] == 6
    assert [shard["n_computed"] for shard in manifest["shards"]] == [2, 1]
    assert manifest["repeated_fraction"] == 0.5
    assert manifest["inputs"]["n_files"] == 1
    assert manifest["inputs"]["n_bytes"] > 0
    assert manifest["batching"] == {"articles_per_shard": 2, "characters_per_shard": 4_000_000}
    assert set(manifest["dev"]) == set(manifest["techniques"])
    rates = manifest["dev"]["loaded_language"]
    assert rates["n_positive"] + rates["n_negative"] == sum(sum(one[0]) for one in manifest["dev_articles"])
    assert rates["true_positive"] == sum(one[0][0] for one in manifest["dev_articles"])
    assert rates["n_positive"] == sum(one[0][0] + one[0][2] for one in manifest["dev_articles"])
    assert len(rates["score_deciles_positive"]) == 11


@pytest.fixture
def tiny_scores(tfidf_checkpoint: Path, tmp_path: Path) -> Path:
    """Three articles in shards of two, some of their sentences the same."""
    table = tmp_path / "news.jsonl"
    texts = ["The council met. They are vile.", "They are vile. The council met.", "One bus. One bus."]
    table.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)))
    score([str(table)], checkpoint=tfidf_checkpoint, out=tmp_path / "s.parquet", articles_per_shard=2)
    return tmp_path / "s.parquet"


def test_the_report_shows_the_same_articles_whatever_the_shards(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(scoring_assembly, "ARTICLES_IN_REPORT", 3)
    dull = [Article(f"d{n}", "Nothing here at all. Nor there.") for n in range(4)]
    pages = []
    for size in (1, 3, 100):
        report = tmp_path / f"{size}" / "report.html"
        articles = [*dull[:2], *news(2), *dull[2:], *news(3)[2:]]
        score_articles(articles, CueClassifier(), out=tmp_path / f"{size}.csv", report=report, articles_per_shard=size)
        pages.append(report.read_text(encoding="utf-8"))
    assert pages[0] == pages[1] == pages[2]
    assert all(f"They came {n} times" in pages[0] for n in range(3))
    assert "Nothing here" not in pages[0]


def test_mistakes_are_refused_before_a_checkpoint_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "x"}\n')
    options = {"checkpoint": tmp_path / "none", "out": tmp_path / "s.jsonl"}
    with pytest.raises(UserError, match="no such file"):
        score([str(tmp_path / "b.txt")], **options)
    with pytest.raises(UserError, match="no column 'text'"):
        score([str(tmp_path / "a.jsonl")], **options)
    with pytest.raises(UserError, match=r"ending '\.xlsx'"):
        score([str(tmp_path / "a.jsonl")], checkpoint=tmp_path / "none", out=tmp_path / "s.xlsx")
    with pytest.raises(UserError, match="also an input"):
        input_files([str(tmp_path / "a.jsonl")], score_paths(tmp_path / "a.jsonl"), report=None)
    for options, match in (
        ({"out": tmp_path / "s.csv", "kind": "parquet"}, "--format parquet and a name that ends in .csv"),
        ({"out": tmp_path / "s.csv", "partition_by": ["source"]}, "--partition-by for a single file"),
        ({"out": tmp_path / "s", "kind": "csv", "partition_by": ["source"]}, "--partition-by for csv files"),
        ({"out": tmp_path / "s", "partition_by": ["sauce"]}, "no column 'sauce'(.|\n)*did you mean 'source'"),
        ({"out": tmp_path / "s", "kind": "xlsx"}, "format 'xlsx'"),
    ):
        with pytest.raises(UserError, match=match):
            score_paths(**options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl"]


@pytest.mark.parametrize("name", ["scores.csv", "scores"])
def test_a_folder_that_is_read_may_take_the_scores_too(
    tfidf_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """`spinscope score . --out scores.csv`, twice: what it wrote itself is no article."""
    (tmp_path / "a.txt").write_text("The council met. They left.")
    settings = {"checkpoint": tfidf_checkpoint, "out": tmp_path / name, "report": tmp_path / "page.html"}
    assert score([str(tmp_path)], **settings) == DONE
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert score([str(tmp_path)], **settings) == DONE
    assert "nothing to do" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert {Path(line["article"]).name for line in read_scores(tmp_path / name)} == {"a.txt"}
    (tmp_path / "a.txt").unlink()
    with pytest.raises(UserError, match="nothing to read but the output"):
        score([str(tmp_path)], **settings)


def test_a_report_holds_no_more_words_than_a_browser_opens(
    tfidf_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring_assembly, "WORDS_IN_REPORT", 20)
    (tmp_path / "long.txt").write_text("They came and left the town. " * 30)
    (tmp_path / "short.txt").write_text("The council met on Monday.")
    score([str(tmp_path)], checkpoint=tfidf_checkpoint, out=tmp_path / "s.jsonl", report=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The council met on Monday." in page and "They came and left the town." not in page
    assert "that fit into a page" in page
