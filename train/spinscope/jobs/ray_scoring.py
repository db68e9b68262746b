"""Shards scored on a Ray cluster: Ray Data reads them on this machine, scores them on all, and brings the results back.

Distribution, retries and the loss of workers are Ray's. What is computed is `score_shard` alone, so that the bytes are
those of a local run; what is written is written here, with the same records.
"""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.data.shards import Shard, digest_of
from spinscope.errors import UserError
from spinscope.files import read_json
from spinscope.jobs.local_scoring import Record, scoring_bar
from spinscope.jobs.score_engines import opened
from spinscope.jobs.scoring_output import ScoreOutput
from spinscope.jobs.shard_scoring import ShardResult, ShardRules, score_shard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spinscope.model.prediction import Classifier

FINISHED, TO_SCORE, REFUSED = "finished", "to score", "refused"
_READER_CPUS = 0
"""Reading waits for the workers most of the time, and the workers for it: it shall not wait for a core that they hold."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What travels through the cluster for one shard; Ray's object columns carry it, nothing here serialises.

    Attributes:
        state: `TO_SCORE` with a `Shard` or its `ShardResult`, `FINISHED` with nothing, `REFUSED` with the reason.
    """

    number: int
    state: str
    content: Shard | ShardResult | str | None = None


def score_on_ray(
    classifier: Classifier, shards: Callable[[], Iterable[Shard]], output: ScoreOutput, *, rules: ShardRules,
    n_workers: int | None = None, n_articles: int | None = None,
) -> list[Record]:  # fmt: skip
    """Scores the shards that are not finished yet on the cluster that `RAY_ADDRESS` names, else on one of this machine.

    Args:
        classifier: open here; each worker opens the same folder with the same engine and threads.
        shards: gives all shards of the input, in order; called in a process of this machine.
        output: where they are written, begun.
        rules: how they are written.
        n_workers: None: as many as the cluster's cores allow.
        n_articles: for the bar alone.

    Returns:
        the records of all shards, in order.

    Raises:
        UserError: a finished shard is of another input; the disk is full.
    """
    import ray

    assert classifier.path is not None
    threads = int(getattr(classifier, "threads", None) or 1)
    worker = {
        "checkpoint": classifier.path.resolve(), "identity": classifier.identity, "rules": rules,
        "engine": getattr(classifier, "engine", "torch"), "threads": threads,
    }  # fmt: skip
    records: dict[int, Record] = {}
    with _cluster(), scoring_bar(n_articles) as bar:
        n_workers = n_workers or _places(threads)
        rows = _source(lambda: _parcels(shards, output)).map_batches(
            Worker, batch_size=1, batch_format="numpy", fn_constructor_kwargs=worker, num_cpus=threads,
            compute=ray.data.ActorPoolStrategy(size=n_workers),
        )  # fmt: skip
        for row in rows.iter_rows():
            parcel: Parcel = row["parcel"]
            record = _received(parcel, output)
            records[record["shard"]] = record
            bar.scored(record["n_sentences"] if parcel.state == TO_SCORE else 0)
            bar.read(record["n_inputs"])
    return [records[number] for number in sorted(records)]


class Worker:
    """A process of the cluster that has opened the checkpoint and scores one shard after the other."""

    def __init__(
        self, *, checkpoint: Path, identity: str, rules: ShardRules, engine: str, threads: int
    ) -> None:  # fmt: skip
        self.rules, self.refusal = rules, ""
        try:
            self.classifier = opened(checkpoint, engine=engine, threads=threads)
            if self.classifier.identity != identity:
                raise UserError(
                    "another checkpoint than on the machine that asks", where=str(checkpoint),
                    expected=f"identity {identity[:12]}...", remedy="copy the folder to every machine, or share it.",
                )  # fmt: skip
        except UserError as error:  # raised here, it would reach nobody
            self.refusal = f"a worker on {platform.node()}: {error}"

    def __call__(self, batch: dict[str, NDArray[np.object_]]) -> dict[str, NDArray[np.object_]]:
        """Scores the shard of a batch of one parcel; passes on what is not to be scored."""
        import numpy as np

        parcels = np.empty(len(batch["parcel"]), dtype=object)
        parcels[:] = [self._scored(parcel) for parcel in batch["parcel"]]
        return {"parcel": parcels}

    def _scored(self, parcel: Parcel) -> Parcel:
        if not isinstance(parcel.content, Shard):
            return parcel
        if self.refusal:
            return Parcel(parcel.number, REFUSED, self.refusal)
        return Parcel(parcel.number, parcel.state, score_shard(self.classifier, parcel.content, self.rules))


def _places(threads: int) -> int:
    """How many workers of so many threads the machines of the cluster hold. Raises UserError where that is none."""
    import ray

    cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    places = sum(n_cores // threads for n_cores in cores)
    if places == 0:
        raise UserError(
            f"{threads} threads, and no machine with so many cores", where="--engine ray",
            expected=f"at most {max(cores, default=0)}", remedy="choose fewer with --threads.",
        )  # fmt: skip
    return places


def _parcels(shards: Callable[[], Iterable[Shard]], output: ScoreOutput) -> Iterator[Parcel]:
    """A parcel for each shard: those that are finished by number alone; at a mistake of the user, that, and no more."""
    number = 0
    try:
        for shard in shards():
            number = shard.number
            finished = output.finished(number, digest_of(shard))
            yield Parcel(number, FINISHED) if finished else Parcel(number, TO_SCORE, shard)
    except UserError as error:
        yield Parcel(number, REFUSED, str(error))


def _received(parcel: Parcel, output: ScoreOutput) -> Record:
    if isinstance(parcel.content, str):
        raise UserError(parcel.content)
    if parcel.content is None:
        record: Record = read_json(output.paths.record(parcel.number))
        return record
    assert not isinstance(parcel.content, Shard)
    return output.write(parcel.content)


def _source(parcels: Callable[[], Iterable[Parcel]]) -> Any:
    """A Ray data set of parcels that one task on this machine makes, as they are asked for."""
    import pyarrow as pa
    import ray.data
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask
    from ray.data.extensions import ArrowPythonObjectArray, ArrowPythonObjectType

    schema = pa.schema([("parcel", ArrowPythonObjectType())])

    here = Path.cwd()

    def blocks() -> Iterator[Any]:
        os.chdir(here)  # a process of a cluster stands where the cluster was started
        for parcel in parcels():
            yield pa.table({"parcel": ArrowPythonObjectArray.from_objects([parcel])}, schema=schema)

    class Parcels(Datasource):  # type: ignore[misc]
        """The parcels as one read task, on the machine that has the files."""

        @property
        def supports_distributed_reads(self) -> bool:
            return False

        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, parallelism: int, *arguments: Any, **named: Any) -> list[Any]:
            facts = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None, input_files=None)
            return [ReadTask(blocks, facts, schema=schema)]

    return ray.data.read_datasource(Parcels(), override_num_blocks=1, num_cpus=_READER_CPUS)


@contextmanager
def _cluster() -> Iterator[None]:
    """A connection to the cluster, and one shard to a block; both as they were afterwards."""
    import ray
    from ray.data import DataContext

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    was_there = ray.is_initialized()
    if not was_there:
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR)
        except ConnectionError as error:
            raise UserError(
                f"no Ray cluster that answers ({error})", where=f"RAY_ADDRESS={os.environ.get('RAY_ADDRESS', '')}",
                expected="the address of a head node that `ray start --head` told",
                remedy="if it asks for a token: RAY_AUTH_MODE=token, and the token in ~/.ray/auth_token.",
            ) from None  # fmt: skip
    context = DataContext.get_current()
    block_bytes, bars = context.target_max_block_size, context.enable_progress_bars
    context.target_max_block_size, context.enable_progress_bars = 1, False
    try:
        yield
    finally:
        context.target_max_block_size, context.enable_progress_bars = block_bytes, bars
        if not was_there:
            ray.shutdown()
