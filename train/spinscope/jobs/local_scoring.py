"""Shards scored in this process: the next one is prepared and the last one written while the model computes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from rich.progress import Progress

from spinscope.data.shards import Shard, digest_of
from spinscope.jobs.overlap import ahead, behind
from spinscope.jobs.progress import progress_bar
from spinscope.jobs.scoring_output import ScoreOutput
from spinscope.jobs.shard_scoring import PreparedShard, ShardRules, finish_shard, prepare_shard

if TYPE_CHECKING:
    from spinscope.model.prediction import Classifier

Record = dict[str, Any]


def score_locally(
    classifier: Classifier, shards: Iterable[Shard], output: ScoreOutput, *, rules: ShardRules,
    n_articles: int | None = None,
) -> list[Record]:  # fmt: skip
    """Scores the shards that are not finished yet and writes each.

    Args:
        classifier: an open checkpoint.
        shards: all shards of the input, in order.
        output: where they are written, begun.
        rules: how they are written.
        n_articles: for the bar alone.

    Returns:
        the records of all shards, in order.

    Raises:
        UserError: a finished shard is of another input; the disk is full.
    """
    records: list[Record] = []

    def finish(prepared: PreparedShard, prediction: Any) -> None:
        records.append(output.write(finish_shard(classifier, prepared, prediction, rules)))

    with (
        scoring_bar(n_articles) as bar,
        behind() as writer,
        closing(ahead(_ready(classifier, shards, output, rules))) as ready,
    ):
        for one in ready:
            if isinstance(one, PreparedShard):
                prediction = classifier.run(one.articles.texts, progress=bar.scored)
                writer.do(finish, one, prediction)
                bar.read(len(one.shard.items))
            else:
                writer.do(records.append, one)
                bar.read(one["n_inputs"])
    return records


def _ready(
    classifier: Classifier, shards: Iterable[Shard], output: ScoreOutput, rules: ShardRules
) -> Iterator[PreparedShard | Record]:
    for shard in shards:
        digest = digest_of(shard)
        yield output.finished(shard.number, digest) or prepare_shard(classifier, shard, rules, digest=digest)


class ScoringBar:
    """A bar over articles, with sentences and sentences a second beside it."""

    def __init__(self, progress: Progress, n_articles: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task("scoring articles", total=n_articles, note="")
        self._start = time.monotonic()
        self.n_sentences = 0

    def scored(self, n_sentences: int) -> None:
        """More sentences are scored."""
        self.n_sentences += n_sentences
        rate = self.n_sentences / max(1e-9, time.monotonic() - self._start)
        self._progress.update(self._task, note=f"{self.n_sentences:,} sentences, {rate:,.0f}/s")

    def read(self, n_articles: int) -> None:
        """More articles are done."""
        self._progress.update(self._task, advance=n_articles)


@contextmanager
def scoring_bar(n_articles: int | None) -> Iterator[ScoringBar]:
    """Shows a bar; `n_articles` is None where it is not known."""
    with progress_bar() as progress:
        yield ScoringBar(progress, n_articles)
