"""Peak resident memory of `spinscope score` over few and over many short articles, with a tiny model.

    python tests/benchmarks/memory.py

Each size is scored by a process of its own, whose peak the system reports when it ends. `--format` and `--report` say
what is written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "train")]
LIMIT_MB = 50.0


def write_articles(path: Path, n_articles: int) -> Path:
    """A JSONL table of articles of one to three made-up sentences, all different."""
    from tiny import CUES, NEUTRAL

    chance = random.Random(7)
    words = [*NEUTRAL, *(word for cues in CUES.values() for word in cues)]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(n_articles):
            sentences = [" ".join(chance.choices(words, k=chance.randint(5, 12))) for _ in range(chance.randint(1, 3))]
            text = " ".join(f"{sentence.capitalize()} {number}." for sentence in sentences)
            row = {
                "id": f"n{number}",
                "text": text,
                "source": f"paper {number % 20}",
                "date": f"2024-{number % 12 + 1:02d}",
            }
            stream.write(json.dumps(row) + "\n")
    return path


def tiny_checkpoint(folder: Path) -> Path:
    """A linear head on a random two-layer encoder."""
    import tiny

    from spinscope.jobs.training import train

    corpus = tiny.write_native(folder / "corpus.jsonl", tiny.tiny_sentences(n_articles=30))
    base = tiny.write_tiny_base(folder / "base")
    return train(tiny.tiny_run(folder, corpus, kind="frozen", base=base), name="tiny")[0]


def peak_megabytes(arguments: list[str], *, codes: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """(peak resident memory in MB, seconds) of a spinscope process, or of the largest process that it waited for."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "train"), "HF_HUB_OFFLINE": "1"}
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "spinscope", *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in codes:
        raise SystemExit(told)
    return usage.ru_maxrss / 1024, time.monotonic() - start


def main() -> None:
    """Prints a line for each size, and the growth; the exit code is 1 where it is 50 MB or more."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, nargs=2, default=[10_000, 100_000])
    options.add_argument("--format", choices=["jsonl", "csv", "parquet", "folder", "partitioned"], default="parquet")
    options.add_argument("--report", action="store_true")
    chosen = options.parse_args()
    peaks = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = tiny_checkpoint(folder)
        for n_articles in chosen.articles:
            table = write_articles(folder / f"{n_articles}.jsonl", n_articles)
            out = folder / (
                str(n_articles) if chosen.format in ("folder", "partitioned") else f"o{n_articles}.{chosen.format}"
            )
            arguments = ["score", str(table), "--checkpoint", str(checkpoint), "--out", str(out), "--any-language"]
            arguments += ["--partition-by", "source,month"] if chosen.format == "partitioned" else []
            arguments += ["--report", str(folder / f"{n_articles}.html")] if chosen.report else []
            peak, seconds = peak_megabytes(arguments)
            peaks.append(peak)
            print(
                f"{n_articles:,} articles ({table.stat().st_size / 1e6:.1f} MB): peak {peak:.0f} MB, {seconds:.0f} s",
                flush=True,
            )
    growth = peaks[1] - peaks[0]
    print(f"growth {growth:.1f} MB (to show: below {LIMIT_MB:.0f})")
    raise SystemExit(0 if growth < LIMIT_MB else 1)


if __name__ == "__main__":
    main()
