"""How long a whole evaluation takes: 3,000 synthetic sentences, 20 techniques, every interval, every chart, the page.

    python tests/benchmarks/evaluation.py [--articles 75] [--audit]

Trains a frozen tiny random encoder on made-up sentences of the SemEval-2021 inventory (its scores are of no interest,
its 20 columns are), evaluates it, and prints wall and processor seconds of each part. `--audit` adds the audit without
behaviour suites, which scores the sentences three times more. What is not the model's own time must stay below a minute
on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "train")]

N_EACH = 40
PARTS = (
    "read_labelled", "score_labelled", "baseline_answers", "exposure", "decisions_of", "_metrics", "agreement_beside",
    "print_evaluation", "render_evaluation",
)  # fmt: skip
MODEL = ("read_labelled", "score_labelled")


def sentences(n_articles: int, seed: int = 0) -> list[Any]:
    """Made-up articles: each technique has four words of its own, and marks 2 to 12 % of the sentences."""
    import tiny

    from spinscope.records import Sentence
    from spinscope.taxonomy import inventory

    chance, ids = random.Random(seed), inventory("semeval-2021").ids
    shares = {technique: 0.02 + 0.1 * number / len(ids) for number, technique in enumerate(ids)}
    made = []
    for number in range(n_articles):
        lean, place = chance.uniform(0.3, 1.7), 0
        for index in range(N_EACH):
            labels = [technique for technique in ids if chance.random() < lean * shares[technique]]
            words = chance.choices(tiny.NEUTRAL, k=chance.randint(8, 24))
            for technique in labels:
                if chance.random() < 0.8:
                    words.insert(chance.randrange(len(words)), f"{technique.replace('_', '')}{chance.randrange(4)}")
            text = f"{' '.join(words).capitalize()} {number} {index}."
            made.append(
                Sentence(
                    f"a{number:04d}", index, place, place + len(text), text, techniques=tuple(labels), annotated=ids
                )
            )
            place += len(text) + 1
    return made


def timed(module: Any, name: str, spent: dict[str, list[float]]) -> None:
    """Puts a stop-watch around a function of a module."""
    inner: Callable[..., Any] = getattr(module, name)

    def outer(*args: Any, **options: Any) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        try:
            return inner(*args, **options)
        finally:
            spent[name][0] += time.perf_counter() - wall
            spent[name][1] += time.process_time() - processor
            spent[name][2] += 1

    setattr(module, name, outer)


def beyond(spent: dict[str, list[float]], whole: str, parts: tuple[str, ...]) -> tuple[float, float]:
    """Wall and processor seconds of the whole without its parts."""
    wall, processor = (spent[whole][kind] - sum(spent[part][kind] for part in parts) for kind in (0, 1))
    return wall, processor


def main() -> None:
    """Trains, evaluates, prints."""
    import tiny
    from rich.console import Console

    from spinscope.jobs import evaluation
    from spinscope.jobs.training import train

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=75, help="in the test part, of 40 sentences each")
    options.add_argument("--audit", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = {"train": 40, "dev": 40, "test": chosen.articles}
        splits = [split for split, n in parts.items() for _ in range(n)]
        corpus = tiny.write_native(folder / "corpus.jsonl", sentences(len(splits)))
        division = {f"a{number:04d}": split for number, split in enumerate(splits)}
        (folder / "splits.json").write_text(json.dumps(division))
        config = tiny.tiny_run(
            folder, corpus, kind="frozen", base=tiny.write_tiny_base(folder / "base"),
            data={"taxonomy": "semeval-2021", "split_by": {"file": str(folder / "splits.json")}},
            evaluation={"n_resamples": 1000, "calibration": "platt"}, tracking={"name": "made"},
        )  # fmt: skip
        train(config, name="made")
        spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0])
        for part in PARTS:
            timed(evaluation, part, spent)
        timed(evaluation, "evaluate", spent)
        evaluation.evaluate(
            folder / "models" / "made", html_file=folder / "made.html", json_file=folder / "made.json",
            console=Console(file=(folder / "out.txt").open("w"), width=160),
        )  # fmt: skip
        if chosen.audit:
            from spinscope.jobs import auditing
            from spinscope.model.prediction import Classifier

            timed(Classifier, "probabilities", spent)
            timed(auditing, "open_checkpoint", spent)
            timed(auditing, "audit", spent)
            auditing.audit(folder / "models" / "made", suites=None, console=Console(quiet=True))
        print(f"{'part':22}{'wall s':>9}{'processor s':>13}{'calls':>7}")
        for part, (wall, processor, calls) in spent.items():
            print(f"{part:22}{wall:9.2f}{processor:13.2f}{calls:7.0f}")
        own, processor = beyond(spent, "evaluate", MODEL)
        size = (folder / "made.html").stat().st_size / 1e6
        print(f"beyond reading and scoring: {own:.1f} s wall, {processor:.1f} s of processor; page {size:.1f} MB")
        if chosen.audit:
            own, processor = beyond(spent, "audit", ("probabilities", "open_checkpoint"))
            print(f"audit beyond opening and the model's own time: {own:.1f} s wall, {processor:.1f} s of processor")


if __name__ == "__main__":
    main()
