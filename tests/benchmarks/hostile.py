"""Hostile files of full size, each scored together with a good one: seconds, peak memory, and what is said of it.

    python tests/benchmarks/hostile.py

Makes the files in a temporary folder (1.2 GB), runs `spinscope score` on each with a tiny model, and looks at the scores
as CSV and at the report: no cell that a spreadsheet would run, no markup that an article brought along.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from memory import peak_megabytes, tiny_checkpoint  # noqa: E402

GIGABYTE = 10**9
MOST_MB, MOST_SECONDS = 1500.0, 120.0
GOOD = "The council met on Monday. They left in the evening."
SCRIPT = "<script>document.title = 'ran'</script><img src=x onerror=alert(1)>"
_RUNS = re.compile(r"[\s\ufeff]*[=+@\t\r]|[\s\ufeff]*-(?![\d.]+$)")
_ROWS = 2_000


def repeated(path: Path, piece: bytes, n_bytes: int, *, before: bytes = b"", after: bytes = b"") -> None:
    """Writes `piece` over and over between two ends."""
    block = piece * (2**20 // len(piece))
    with path.open("wb") as stream:
        stream.write(before)
        for _ in range(n_bytes // len(block)):
            stream.write(block)
        stream.write(after)


def zstd_bomb(path: Path) -> None:
    import pyarrow as pa

    path.write_bytes(pa.Codec("zstd").compress(b"a " * 2**25).to_pybytes() * 100)


def loop(path: Path) -> None:
    """A folder that holds itself and its parent, and a good file."""
    path.mkdir()
    (path / "self").symlink_to(path, target_is_directory=True)
    (path / "parent").symlink_to(path.parent, target_is_directory=True)
    (path / "inside.txt").write_text(GOOD)


def noise(path: Path) -> None:
    path.write_bytes(random.Random(3).randbytes(20_000_000))


CASES: dict[str, Callable[[Path], object]] = {
    "line.txt": lambda path: repeated(path, b"word ", GIGABYTE),
    "line.jsonl": lambda path: repeated(path, b"word ", GIGABYTE, before=b'{"text": "', after=b'"}\n'),
    "line.csv": lambda path: repeated(path, b"word, ", GIGABYTE, before=b'text\n"', after=b'"\n'),
    "line.html": lambda path: repeated(path, b"word ", GIGABYTE, before=b"<html><body><p>"),
    "bomb.txt.gz": lambda path: path.write_bytes(gzip.compress(b"a " * 2**25) * 100),
    "bomb.jsonl.zst": zstd_bomb,
    "deep.html": lambda path: path.write_bytes(b"<div>" * 100_000 + b"<p>Deep down.</p>" + b"</div>" * 100_000),
    "deep.jsonl": lambda path: path.write_bytes(b'{"text": "Deep.", "more": ' + b"[" * 10**6 + b"]" * 10**6 + b"}\n"),
    "bad.txt": lambda path: path.write_bytes(b"caf\xe9 \xff\xfe\xfd is no UTF-8. " * 10_000),
    "noise.txt": noise,
    "noise.html": noise,
    "noise.csv": noise,
    "cell.csv": lambda path: repeated(path, b"A line of a cell. ", 10**7, before=b'id,text\n1,"', after=b'"\n2,Next one.\n'),
    "formula.csv": lambda path: path.write_text(
        'id,text,source\n=1+1,"=SUM(A1:A9) is here. @now they left. -cmd ran.",=HYPERLINK("http://x")\n', encoding="utf-8"
    ),
    "script.csv": lambda path: path.write_text(f'id,text,source\n"{SCRIPT}","{SCRIPT} They left. {SCRIPT}","{SCRIPT}"\n'),
    "script.html": lambda path: path.write_text(
        f"<html><body><article><p>They left. &lt;script&gt;document.title = 'ran'&lt;/script&gt;</p>{SCRIPT}</article>"
    ),
    "rows.csv": lambda path: path.write_text(
        "text," + ",".join(f"c{n}" for n in range(_ROWS)) + "\nThey left." + ",x" * _ROWS + "\n"
    ),
    "dots.txt": lambda path: path.write_bytes(b"." * 15_000_000),
    "quotes.txt": lambda path: path.write_bytes('"“«„'.encode() * 100_000),
    "empty.txt": lambda path: path.write_bytes(b""),
    "empty.csv": lambda path: path.write_bytes(b""),
    "loop": loop,
}  # fmt: skip


def faults(scores: Path, report: Path) -> list[str]:
    """What of the outputs would run when it is opened."""
    found = []
    for file in (scores, scores.with_name("summary.csv")):
        if file.is_file():
            csv.field_size_limit(2**31 - 1)
            with file.open(encoding="utf-8", newline="") as stream:
                cells = [cell for row in csv.reader(stream) for cell in row]
            found += [f"{file.name}: {cell[:40]!r}" for cell in cells if _RUNS.match(cell)]
    if report.is_file():
        page = report.read_text(encoding="utf-8")
        found += ["report: markup of an article"] if SCRIPT in page or "<img" in page else []
    return found


def main() -> None:
    """Prints a line for each case; the exit code is 1 where one is beyond its bounds, or something would run."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="*", choices=list(CASES), default=list(CASES))
    chosen = options.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        checkpoint = tiny_checkpoint(root)
        good = root / "good.txt"
        good.write_text(GOOD)
        plain, _ = score(root, [good], checkpoint)
        print(f"good.txt alone: {plain:.0f} MB")
        for case in chosen.only:
            file = root / case
            CASES[case](file)
            peak, seconds = score(root, [file, good], checkpoint)
            told = [json.loads(line)["reason"] for line in lines_of(root / "out/s.skipped.jsonl")]
            scored = [json.loads(line)["article"] for line in lines_of(root / "out/s.summary.jsonl")]
            wrong = faults(root / "out/s.csv", root / "out/report.html")
            wrong += [] if str(good) in scored else ["the good article is not scored"]
            wrong += [] if peak < MOST_MB and seconds < MOST_SECONDS else ["beyond its bounds"]
            failed |= bool(wrong)
            said = f"skipped: {told[0][:90]}" if told else "scored"
            print(f"{case:15} {seconds:5.1f} s {peak:6.0f} MB  {len(scored)} articles, {said} {wrong or ''}", flush=True)
            if file.is_file():
                file.unlink()
    raise SystemExit(1 if failed else 0)


def score(root: Path, inputs: list[Path], checkpoint: Path) -> tuple[float, float]:
    """Scores into a fresh folder `out`, with report and summary; (peak MB, seconds) of the scoring."""
    for file in sorted((root / "out").glob("*")):
        file.unlink()
    (root / "out").mkdir(exist_ok=True)
    out = [f"--out={root / 'out/s.csv'}", f"--report={root / 'out/report.html'}", "--any-language"]
    found = peak_megabytes(["score", *map(str, inputs), "--checkpoint", str(checkpoint), *out], codes=(0, 1))
    peak_megabytes(["summarize", str(root / "out/s.csv"), "--by=article", f"--out={root / 'out/summary.csv'}"], codes=(0, 1))
    return found


def lines_of(path: Path) -> list[str]:
    """The lines of a file, none where it is not there."""
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


if __name__ == "__main__":
    main()
