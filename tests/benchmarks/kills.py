"""Kills many small runs at random instants and compares what the same call then ends with; prints each seed.

    python tests/benchmarks/kills.py --kills 200

Three quarters of the kills come at a chosen call (a write, in its middle too, a rename, a sync, a removal), the others
from outside at a random time. `--action full` and `--action interrupt` fill the disk or press Ctrl-C instead.
"""

from __future__ import annotations

import argparse
import collections
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "train")]

import killing  # noqa: E402


def main() -> None:
    """Runs until so many processes were killed; the exit code is 1 where an output differed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200, help="processes to be cut off")
    options.add_argument("--seed", type=int, default=0, help="the first seed")
    options.add_argument("--action", choices=["kill", "full", "interrupt"], default="kill")
    chosen = options.parse_args()
    counts: collections.Counter[str] = collections.Counter()
    wanted = {"kill": -signal.SIGKILL, "full": 2, "interrupt": 130}[chosen.action]
    seed, start, failed = chosen.seed, time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder, killing.Nursery() as nursery:
        runs = killing.Runs(nursery, Path(folder))
        while counts.total() < chosen.kills:
            timed = chosen.action == "kill" and seed % 4 == 3
            try:
                cuts = runs.cut_off(seed, action=chosen.action, timed=timed)
            except AssertionError as error:
                print(f"FAILED {error}", flush=True)
                failed += 1
                cuts = []
            hit = [kind for kind, code in cuts if code == wanted]
            counts.update(hit)
            print(f"seed {seed}: cut off at {', '.join(hit) or 'nothing'}", flush=True)
            seed += 1
    n_writes = sum(counts[kind] for kind in killing.AT_WRITES)
    print(
        f"{counts.total()} cut off ({chosen.action}) in {seed - chosen.seed} runs, seeds {chosen.seed} to {seed - 1}, "
        f"{time.monotonic() - start:.0f} s: {n_writes} at a write or rename; {dict(counts)}; {failed} outputs differed"
    )
    raise SystemExit(1 if failed or 2 * n_writes < counts.total() else 0)


if __name__ == "__main__":
    main()
