"""Made-up score lines and their manifest: articles of a few sources over some months, with a known share of each technique.

Not a test file: `import made_scores` in a test.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spinscope.files import sha256_of_file, write_json, write_jsonl

TECHNIQUES = ("loaded_language", "us_vs_them")
CHECKPOINT = "c0ffee" * 8
THRESHOLD = 0.4
_WORDS = "council met monday discuss new bus route river market school library budget report members garden street"
WORDS = _WORDS.split()


def line(
    article: str, index: int = 0, text: str = "One two three.", *, voice: str = "author", techniques: Sequence[str] = (),
    scores: Mapping[str, float] | None = None, source: str | None = "Ledger", date: str | None = "2024-05-06",
    start: int = 0, speaker: str | None = None, **metadata: Any,
) -> dict[str, Any]:  # fmt: skip
    """A score line as `read_scores` yields it; without scores, 0.9 where decided and 0.1 elsewhere."""
    voices = [] if voice == "author" else [{"start": 0, "end": len(text), "voice": voice, "speaker": speaker}]
    decided = {technique: 0.9 if technique in techniques else 0.1 for technique in TECHNIQUES}
    return {
        "article": article, "index": index, "start": start, "end": start + len(text), "text": text, "part": "body",
        "voice": voice, "voices": voices, "techniques": list(techniques), "probabilities": dict(scores or decided),
        "truncated": False, "n_windows": 1, "source": source, "date": date, "language": "en", "metadata": metadata,
        "checkpoint": "made", "checkpoint_sha256": CHECKPOINT, "taxonomy_sha256": "7a", "text_sha256": "ab",
    }  # fmt: skip


def score_of(rng: np.random.Generator, has_it: bool, shift: float = 0.0) -> float:
    """A score as dev and the made articles have it; `shift` moves its logit."""
    logit = rng.normal(0.6 if has_it else -2.6, 1.3) + shift
    return round(float(1 / (1 + np.exp(-logit))), 6)


def made_lines(
    shares: Mapping[str, float], *, n_articles: int = 40, n_sentences: int = 20, seed: int = 0, shift: float = 0.0,
    n_months: int = 6,
) -> list[dict[str, Any]]:  # fmt: skip
    """Lines of `n_articles` articles of each source, whose sentences have each technique with the source's share."""
    rng, chance, lines = np.random.default_rng(seed), random.Random(seed), []
    for source, share in shares.items():
        for number in range(n_articles):
            date = f"2024-{1 + chance.randrange(n_months):02d}-{chance.randrange(1, 28):02d}"
            its_share, start = rng.beta(10 * share, 10 * (1 - share)), 0
            for index in range(n_sentences):
                text = f"{' '.join(chance.choices(WORDS, k=chance.randint(5, 15))).capitalize()} {source} {number} {index}."
                scores = {technique: score_of(rng, rng.random() < its_share, shift) for technique in TECHNIQUES}
                decided = [technique for technique in TECHNIQUES if scores[technique] >= THRESHOLD]
                voice = chance.choices(("author", "quoted", "reported"), (7, 2, 1))[0]
                lines.append(
                    line(
                        f"{source} {number}", index, text, voice=voice, techniques=decided, scores=scores, source=source,
                        date=date, start=start, speaker="Ann Lee", section=chance.choice(["home", "abroad"]),
                    )
                )  # fmt: skip
                start += len(text) + 1
    return lines


def manifest(
    lines: Sequence[Mapping[str, Any]] = (), *, n_dev: int = 34, share: float = 0.12, seed: int = 99
) -> dict[str, Any]:
    """The manifest of made scores, with a dev part of `n_dev` articles on which scores are distributed as in `made_lines`."""
    rng = np.random.default_rng(seed)
    found: dict[str, tuple[list[float], list[float]]] = {technique: ([], []) for technique in TECHNIQUES}
    articles = []
    for _ in range(n_dev):
        cells = {technique: [0, 0, 0, 0] for technique in TECHNIQUES}
        its_share = rng.beta(10 * share, 10 * (1 - share))
        for _ in range(20):
            for technique in TECHNIQUES:
                has_it = rng.random() < its_share
                score = score_of(rng, has_it)
                found[technique][not has_it].append(score)
                cells[technique][(0 if has_it else 1) if score >= THRESHOLD else (2 if has_it else 3)] += 1
        articles.append([cells[technique] for technique in TECHNIQUES])
    counts = np.array(articles).reshape(-1, len(TECHNIQUES), 4).sum(axis=0)
    dev = {
        technique: {
            "threshold": THRESHOLD, "n_positive": len(found[technique][0]), "n_negative": len(found[technique][1]),
            "true_positive": int(counts[t, 0]), "false_positive": int(counts[t, 1]),
            "score_deciles_positive": deciles(found[technique][0]), "score_deciles_negative": deciles(found[technique][1]),
        }
        for t, technique in enumerate(TECHNIQUES)
    }  # fmt: skip
    known = (
        {"counts": {"n_articles": len({one["article"] for one in lines}), "n_sentences": len(lines)}} if lines else {}
    )
    return {
        "kind": "scores", "checkpoint": "made", "checkpoint_sha256": CHECKPOINT, "techniques": list(TECHNIQUES),
        "taxonomy": {"name": "core", "sha256": "7a"}, "thresholds": [THRESHOLD] * len(TECHNIQUES), "engine": "torch",
        "dev": dev, "dev_articles": articles, **known,
    }  # fmt: skip


def deciles(values: Sequence[float]) -> list[float]:
    """Eleven quantiles, as manifests hold them."""
    return [round(float(value), 6) for value in np.quantile(values, np.linspace(0, 1, 11))] if len(values) else []


def write_scores(path: Path, lines: Sequence[Mapping[str, Any]], **facts: Any) -> Path:
    """Writes a JSONL file of scores and the manifest beside it, `facts` in place of the manifest's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(path, lines)
    write_json(path.with_suffix(".manifest.json"), manifest(lines) | facts)
    return path


def write_shards(folder: Path, lines: Sequence[Mapping[str, Any]], *, n_shards: int) -> Path:
    """Writes the same lines as a folder of shards with a manifest, cut anywhere, articles too."""
    folder.mkdir(parents=True)
    edges = [len(lines) * number // n_shards for number in range(n_shards + 1)]
    files = []
    for number in range(n_shards):
        file = folder / f"part-{number:05d}.jsonl"
        write_jsonl(file, lines[edges[number] : edges[number + 1]])
        files.append({"name": file.name, "sha256": sha256_of_file(file)})
    write_json(folder / "manifest.json", manifest(lines) | {"files": files})
    return folder
