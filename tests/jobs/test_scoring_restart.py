"""A run that is cut off at any instant: the same call goes on by whole shards and ends with the same bytes."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import killing
import pytest

from spinscope.data.articles import read_articles
from spinscope.data.shards import Shard, digest_of, shards
from spinscope.errors import DONE, DONE_WITH_FINDINGS, UserError
from spinscope.jobs import local_scoring
from spinscope.jobs.score_paths import score_paths
from spinscope.jobs.scoring import score_articles
from spinscope.jobs.scoring_output import ScoreOutput
from spinscope.records import Article

FEW = 5


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[killing.Runs]:
    with killing.Nursery() as nursery:
        yield killing.Runs(nursery, tmp_path_factory.mktemp("restart"))


def seeds(n: int) -> list:
    """Some for every run of the tests, and more of them for CI."""
    return [pytest.param(seed, marks=[pytest.mark.slow] if seed >= FEW else []) for seed in range(n)]


@pytest.mark.parametrize("seed", seeds(16))
def test_killed_at_a_random_call(runs: killing.Runs, seed: int) -> None:
    print("seed", seed)
    cuts = runs.cut_off(seed)
    # A later run of the same seed may find less to do than the first, and so end before its call.
    assert cuts[0][1] == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 104))
def test_killed_at_a_random_time(runs: killing.Runs, seed: int) -> None:
    print("seed", seed)
    runs.cut_off(seed, timed=True)


@pytest.mark.parametrize("seed", seeds(10))
@pytest.mark.parametrize("action", ["full", "interrupt"])
def test_full_disk_and_interruption(runs: killing.Runs, action: str, seed: int) -> None:
    print("seed", seed)
    codes = {code for _, code in runs.cut_off(seed, action=action)}
    assert codes <= {DONE_WITH_FINDINGS, 2 if action == "full" else 130}


def test_a_full_disk_is_told_with_what_to_do(runs: killing.Runs) -> None:
    runs.fresh("lines")
    calls = runs.reference("lines")[1]
    folder = runs.fresh("lines")
    at = [number for number, kind in enumerate(calls) if kind == "write"][3]
    code, told = runs.nursery.run({**runs.plan("lines"), "at": at, "where": "amid", "action": "full"})
    assert code == 2
    assert "no space left on the device" in told
    assert "make room and run the same command again: what was finished is kept" in told
    assert [path.name for path in folder.iterdir()] == [".s.jsonl.shards"]


@pytest.mark.slow
def test_control_c_on_the_command_line(tfidf_checkpoint: Path, tmp_path: Path) -> None:
    killing.write_input(tmp_path / "news.jsonl", n_articles=2000)
    command = [sys.executable, "-m", "spinscope", "score", "news.jsonl", "--checkpoint", str(tfidf_checkpoint)]
    command += ["--out", "s.jsonl", "--articles-per-shard", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "train")}
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background job, as tests may be, ignores Ctrl-C
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )  # fmt: skip
    while not list(tmp_path.glob(".s.jsonl.shards/00003.json")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=300)[1]
    assert process.returncode == 130, told
    assert "interrupted; what was finished is kept" in told
    assert "Traceback" not in told
    n_finished = len(list(tmp_path.glob(".s.jsonl.shards/0????.json")))
    assert 4 <= n_finished < 1000
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert again.returncode == DONE_WITH_FINDINGS, again.stderr
    assert "an interrupted run is there; finished shards are kept" in again.stderr
    found = killing.snapshot(tmp_path)
    subprocess.run([*command, "--overwrite"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert killing.snapshot(tmp_path) == found


def small(n_articles: int, *, first: int = 0) -> list[Article]:
    return [Article(f"n{n}", f"They came {n} times. Then a vile man left.") for n in range(first, first + n_articles)]


def interrupted(out: Path, articles: list[Article], *, after: int, **settings: object) -> None:
    """Scores the articles in shards of two and breaks off after some of them."""

    def until() -> Iterator[Article]:
        yield from articles[:after]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_articles(until(), killing.Stub(), out=out, articles_per_shard=2, **settings)


class Counting(killing.Stub):
    """Counts the sentences that reach the model."""

    n_sentences = 0

    def run(self, sentences, *, progress=None):
        self.n_sentences += len(sentences)
        return super().run(sentences)


@pytest.mark.parametrize("name", ["s.jsonl", "scores"])
def test_finished_shards_are_not_computed_again_and_torn_ones_are(tmp_path: Path, name: str) -> None:
    score_articles(small(9), killing.Stub(), out=tmp_path / "whole" / name, articles_per_shard=2)
    expected = killing.snapshot(tmp_path / "whole")
    out = tmp_path / "cut" / name
    interrupted(out, small(9), after=6)
    torn = next(out.parent.rglob(f"part-00001.{'jsonl' if name == 's.jsonl' else 'parquet'}"))
    torn.write_bytes(torn.read_bytes()[:-9])
    counting = Counting()
    score_articles(small(9), counting, out=out, articles_per_shard=2)
    assert counting.n_sentences == 18 - 2 * 4
    assert killing.snapshot(out.parent) == expected


def test_another_checkpoint_config_or_input_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    interrupted(out, small(6), after=4)
    before = killing.snapshot(tmp_path)

    class Other(killing.Stub):
        identity = "0f" * 32

    def refused(match: str, articles: list[Article], classifier: killing.Stub, **settings: object) -> None:
        with pytest.raises(UserError, match=match):
            score_articles(articles, classifier, out=out, **{"articles_per_shard": 2, **settings})
        assert killing.snapshot(tmp_path) == before

    refused(r"checkpoint_sha256: there \"5e5e(.|\n)*--overwrite", small(6), Other())
    refused(r"options\.any_language: there false, here true", small(6), killing.Stub(), any_language=True)
    refused(r"batching\.articles_per_shard: there 2, here 3", small(6), killing.Stub(), articles_per_shard=3)
    refused("the input is not what shard 0 (.|\n)*--overwrite", small(6, first=1), killing.Stub())
    # What is not finished yet may still be computed, but not past the end of what was finished.
    refused("the input ends after 1 shards, and more of them are finished", small(2), killing.Stub())
    score_articles(small(6, first=1), Other(), out=out, articles_per_shard=2, overwrite=True)
    score_articles(small(6, first=1), Other(), out=tmp_path / "new" / "s.jsonl", articles_per_shard=2)
    new = killing.snapshot(tmp_path / "new")
    assert {name: data for name, data in killing.snapshot(tmp_path).items() if "/" not in name} == new


def test_overwriting_goes_on_with_its_own_unfinished_run(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    score_articles(small(4), killing.Stub(), out=out, articles_per_shard=2)
    interrupted(out, small(6, first=1), after=4, overwrite=True)
    counting = Counting()
    score_articles(small(6, first=1), counting, out=out, articles_per_shard=2, overwrite=True)
    assert counting.n_sentences == 4
    interrupted(out, small(6), after=4, overwrite=True)
    # The third shard of this input is that of the one before it by number alone.
    score_articles(small(2), killing.Stub(), out=out, articles_per_shard=2, overwrite=True)
    assert sorted(path.name for path in (out / "scores").iterdir()) == ["part-00000.parquet"]


def test_finished_scores_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scores"
    assert score_articles(small(5), killing.Stub(), out=out, articles_per_shard=2) == DONE
    before = killing.snapshot(tmp_path)
    counting = Counting()
    assert score_articles(small(5), counting, out=out, articles_per_shard=2) == DONE
    assert "nothing to do" in capsys.readouterr().err
    assert (counting.n_sentences, killing.snapshot(tmp_path)) == (0, before)
    for articles, match in (
        (small(5, first=1), "not what shard 0"), (small(7), "not what shard 2"), (small(2), "not what shard 1"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=match):
            score_articles(articles, counting, out=out, articles_per_shard=2)
    with (out / "summary.jsonl").open("a") as stream:
        stream.write("\n")
    with pytest.raises(UserError, match=r"summary\.jsonl: altered since it was written"):
        score_articles(small(5), counting, out=out, articles_per_shard=2)
    score_articles(small(5), counting, out=out, articles_per_shard=2, overwrite=True)
    assert killing.snapshot(tmp_path) == before


def test_what_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("mine")
    with pytest.raises(UserError, match="there is such a file, and no manifest"):
        score_articles(small(1), killing.Stub(), out=tmp_path / "s.csv")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(UserError, match=r"a folder with other things in it \(thesis\.txt\)"):
            score_articles(small(1), killing.Stub(), out=folder, overwrite=overwrite)
    assert killing.snapshot(tmp_path) == {"s.csv": b"mine", "folder/thesis.txt": b"mine"}


def test_two_processes_on_one_output_are_refused(tmp_path: Path) -> None:
    paths = score_paths(tmp_path / "s.jsonl")
    paths.lock.touch()  # left by a process that was killed
    with ScoreOutput(paths).locked(), pytest.raises(UserError, match="another process is writing there"):
        score_articles(small(1), killing.Stub(), out=paths.out)
    assert score_articles(small(1), killing.Stub(), out=paths.out) == DONE
    assert not paths.lock.exists()


def test_an_error_of_the_reader_or_the_writer_is_raised_and_nothing_hangs(tmp_path: Path, monkeypatch) -> None:
    def articles() -> Iterator[Article]:
        yield from small(3)
        raise ValueError("a fault of the reader")

    with pytest.raises(ValueError, match="a fault of the reader"):
        score_articles(articles(), killing.Stub(), out=tmp_path / "s.jsonl", articles_per_shard=1)

    def faulty(*arguments: object) -> None:
        raise ValueError("a fault of the writer")

    monkeypatch.setattr(local_scoring, "finish_shard", faulty)
    with pytest.raises(ValueError, match="a fault of the writer"):
        score_articles(small(30), killing.Stub(), out=tmp_path / "t.jsonl", articles_per_shard=1)


def test_a_few_shards_are_in_memory_however_many_there_are(tmp_path: Path) -> None:
    """Counts objects: how many shards of articles live at once."""
    table = killing.write_input(tmp_path / "news.jsonl", n_articles=120)
    most = 0

    class Watching(killing.Stub):
        def run(self, sentences, *, progress=None):
            nonlocal most
            most = max(most, sum(isinstance(one, Shard) for one in gc.get_objects()))
            return super().run(sentences)

    gc.collect()
    out = tmp_path / "s.parquet"
    score_articles(read_articles([str(table)]), Watching(), out=out, articles_per_shard=4)
    assert json.loads((tmp_path / "s.manifest.json").read_text())["counts"]["n_articles"] > 100
    assert 1 <= most <= 6


def test_shards_are_a_function_of_the_input() -> None:
    articles = small(7)
    numbers = [[item.id for item in shard.items] for shard in shards(articles, n_articles=3)]
    assert numbers == [["n0", "n1", "n2"], ["n3", "n4", "n5"], ["n6"]]
    sizes = [len(shard.items) for shard in shards(articles, n_articles=100, n_characters=2 * len(articles[0].text))]
    assert sizes == [2, 2, 2, 1]
    one, same, other = (Shard(0, tuple(small(2, first=first))) for first in (0, 0, 1))
    assert digest_of(one) == digest_of(same) != digest_of(other)
    assert digest_of(one).input_sha256 != digest_of(Shard(0, (*one.items[:1], Article("n1", "x")))).input_sha256
