"""`score --engine ray`: the bytes of a local run, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import killing
import numpy as np
import pytest

from spinscope.data.shards import Shard, shards
from spinscope.errors import DONE_WITH_FINDINGS, UserError
from spinscope.jobs.ray_scoring import REFUSED, TO_SCORE, Parcel, Worker, _cluster, _parcels, _received
from spinscope.jobs.score_engines import check_ray, divided
from spinscope.jobs.score_paths import score_paths
from spinscope.jobs.scoring import score
from spinscope.jobs.scoring_output import ScoreOutput
from spinscope.jobs.shard_scoring import ShardRules
from spinscope.records import Article

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A cluster of two cores on this machine."""
    ray = pytest.importorskip("ray", reason="needs the extra `ray`")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Of itself Ray runs workers at 15, with which a busy machine never starts them.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    paths = os.pathsep.join([str(ROOT / "train"), str(ROOT / "tests")])
    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
        object_store_memory=128 * 2**20, runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )  # fmt: skip
    yield
    ray.shutdown()


def settings(folder: Path) -> dict:
    return {"report": folder / "report.html", "articles_per_shard": 5, "threads": 1}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return killing.write_input(tmp_path / "news.jsonl", n_articles=40)


@pytest.mark.slow
@pytest.mark.enable_socket  # the processes of the cluster speak over the loopback interface
@pytest.mark.parametrize("name", ["s.csv", "scores"])
def test_ray_writes_the_bytes_of_a_local_run(
    cluster: None, tmp_path: Path, table: Path, frozen_checkpoint: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for where in ("here", "ray"):
        folder = tmp_path / where
        folder.mkdir()
        monkeypatch.chdir(folder)
        code = score(
            [f"../{table.name}"], checkpoint=frozen_checkpoint, out=Path(name), engine="ray" if where == "ray" else None,
            workers=2 if where == "ray" else None, **settings(Path()),
        )  # fmt: skip
        assert code == DONE_WITH_FINDINGS
        found.append(killing.snapshot(folder))
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_killed_worker_changes_nothing(
    cluster: None, tmp_path: Path, table: Path, frozen_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    score([str(table)], checkpoint=frozen_checkpoint, out=Path("scores"), **settings(Path()))
    (tmp_path / "ray").mkdir()
    monkeypatch.chdir(tmp_path / "ray")
    killed: list[int] = []

    def kill_one() -> None:
        """Kills a worker when the first shard is written."""
        while not list(Path("scores").glob("scores/part-*")):
            time.sleep(0.01)
        workers = [
            process for process in psutil.Process().children(recursive=True)
            if any("Worker" in part and part.startswith("ray::") for part in process.cmdline()[:1])
        ]  # fmt: skip
        if workers:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    score([str(table)], checkpoint=frozen_checkpoint, out=Path("scores"), engine="ray", workers=2, **settings(Path()))
    killer.join(10)
    assert len(killed) == 1
    assert killing.snapshot(tmp_path / "ray") == killing.snapshot(tmp_path / "here")


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_run_goes_on_from_one_machine_to_many(
    cluster: None, tmp_path: Path, table: Path, frozen_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    score([table.name], checkpoint=frozen_checkpoint, out=Path("scores"), **settings(Path()))
    expected = killing.snapshot(tmp_path / "scores")
    (tmp_path / "report.html").unlink()
    from spinscope.jobs import local_scoring

    real, n_written = local_scoring.finish_shard, 0

    def until_the_third(*arguments: object) -> object:
        nonlocal n_written
        n_written += 1
        if n_written > 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(local_scoring, "finish_shard", until_the_third)
    kept = {"checkpoint": frozen_checkpoint, "out": Path("scores"), "overwrite": True, **settings(Path())}
    with pytest.raises(KeyboardInterrupt):
        score([table.name], **kept)
    written = []
    write = ScoreOutput.write
    monkeypatch.setattr(ScoreOutput, "write", lambda self, result: written.append(result.number) or write(self, result))
    score([table.name], engine="ray", **kept)
    assert killing.snapshot(tmp_path / "scores") == expected
    assert sorted(written) == list(range(3, 8))


def test_a_worker_with_another_checkpoint_is_told_as_a_mistake(frozen_checkpoint: Path, tmp_path: Path) -> None:
    for checkpoint, told in (
        (frozen_checkpoint, "another checkpoint than on the machine that asks"),
        (tmp_path, "a worker on"),
    ):
        worker = Worker(checkpoint=checkpoint, identity="0f" * 32, rules=ShardRules("jsonl"), engine="torch", threads=1)
        parcels = np.empty(1, dtype=object)
        parcels[0] = Parcel(0, TO_SCORE, Shard(0, ()))
        (found,) = worker({"parcel": parcels})["parcel"]
        with pytest.raises(UserError, match=told):
            _received(found, ScoreOutput(score_paths(tmp_path / "s.jsonl")))


def test_a_reader_that_finds_a_mistake_tells_it_once(tmp_path: Path) -> None:
    def cut() -> Iterator[Shard]:
        yield from shards([Article("a", "They left."), Article("b", "They came.")], n_articles=1)
        raise UserError("no such column", where="b.csv")

    found = list(_parcels(cut, ScoreOutput(score_paths(tmp_path / "s.jsonl"))))
    assert [parcel.state for parcel in found] == [TO_SCORE, TO_SCORE, REFUSED]
    assert "no such column" in str(found[-1].content)


def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray", reason="needs the extra `ray`")

    def init(**_: object) -> None:
        raise ConnectionError("Failed to connect to Ray cluster at 127.0.0.1:9")

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(UserError, match=r"RAY_ADDRESS=127\.0\.0\.1:9(.|\n)*ray start --head(.|\n)*token"), _cluster():
        pass


def test_engines_on_ray_are_named_after_a_colon() -> None:
    assert [divided(name) for name in ("ray", "ray:onnx-int8", "onnx", None)] == [
        (True, None), (True, "onnx-int8"), (False, "onnx"), (False, None),
    ]  # fmt: skip
    assert divided("ray:onnx", workers=2) == (True, "onnx")
    with pytest.raises(UserError, match=r"--workers 2 without Ray(.|\n)*--engine ray"):
        divided("onnx", workers=2)


def test_what_ray_cannot_do_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="standard input"):
        check_ray(["-"])
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"Ray is not installed(.|\n)*spinscope\[ray\]"):
        check_ray(["a.txt"])
