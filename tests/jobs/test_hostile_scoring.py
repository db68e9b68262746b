"""`score` on a folder of hostile files: a reason for each, the other articles scored, nothing in the outputs that runs."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path

import pyarrow as pa

from spinscope.data.score_reading import read_scores
from spinscope.errors import DONE_WITH_FINDINGS
from spinscope.jobs.scoring import score

SCRIPT = "<script>document.title = 'ran'</script>"
HOSTILE: dict[str, bytes] = {
    "bomb.txt.gz": gzip.compress(b"a" * 2**23) * 9, "bomb.jsonl.zst": pa.Codec("zstd").compress(b"a" * 2**23).to_pybytes() * 9,
    "deep.html": b"<div>" * 100_000 + b"<p>Deep down.</p>", "deep.jsonl": b'{"text": ' + b"[" * 10**6 + b"\n",
    "latin.txt": b"caf\xe9", "nul.txt": b"a\x00b", "footer.parquet": b"PAR1" + b"\x00" * 99 + b"PAR1", "open.csv": b'id,text\n1,"Never closed.\n',
    "page.html": b"<html><body><article><p>The council met on Monday and they voted. &lt;script&gt;alert(1)&lt;/script&gt;</p></article>" + SCRIPT.encode(),
    "=cmd.txt": f"=cmd|' /C calc'!A0 was written. {SCRIPT} They cheered.".encode(),
    "cells.csv": f'id,text,source\n=1+1,"@SUM(A1:A9) is a formula. {SCRIPT}",=HYPERLINK("x")\n+2,-1 degrees. They froze.,\tTab\n'.encode(),
}  # fmt: skip


def test_hostile_files_are_scored_or_given_a_reason(tmp_path: Path, tfidf_checkpoint: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in HOSTILE.items():
        (folder / name).write_bytes(data)
    (folder / "good.txt").write_text("The council met. They left.")
    out, page = tmp_path / "scores.csv", tmp_path / "page.html"
    assert (
        score([str(folder)], checkpoint=tfidf_checkpoint, out=out, report=page, any_language=True) == DONE_WITH_FINDINGS
    )
    skipped = {
        Path(line["path"]).name: line["reason"] for line in map(json.loads, (tmp_path / "scores.skipped.jsonl").open())
    }
    assert {
        "bomb.txt.gz",
        "bomb.jsonl.zst",
        "deep.html",
        "deep.jsonl:1",
        "latin.txt",
        "nul.txt",
        "footer.parquet",
        "open.csv:1",
    } == set(skipped)
    assert "200 times its size" in skipped["bomb.txt.gz"] and "200 times its size" in skipped["bomb.jsonl.zst"]

    articles = {Path(line["article"]).name for line in read_scores(out)}
    assert articles == {"good.txt", "page.html", "=cmd.txt", "=1+1", "+2"}
    with out.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if re.match(r"[\s\ufeff]*[=+@\t]|[\s\ufeff]*-(?![\d.]+$)", cell)]
    html = page.read_text(encoding="utf-8")
    assert SCRIPT not in html and "&lt;script&gt;document.title" in html
