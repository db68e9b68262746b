"""Speed of every engine beside transformers' pipeline: one process, the same weights and sentences, sides interleaved.

    python tests/benchmarks/scoring.py models/quickstart

The 5,000 sentences are different word sequences of `data/core` with the lengths of news: `WORDS` are 21 quantiles of
words per sentence in 371 English news articles (PTC v2; 28.6 MiniLM tokens on average). All sides get texts and give
probabilities, tokenising included. The first is `transformers.pipeline(batch_size=32)`; the second pads every batch of
32 to 128 tokens, as transformers' example script for text classification does. Engines that the checkpoint has no
export for are exported into a copy first, gate included; `--engine auto` then chooses among them as `spinscope score`
does.

Beside each figure: the arithmetic that the sentences need (two operations for each weight of a linear layer and token,
and attention; no padding) as a share of the peak of the same two cores, which is the best rate of large square matrix
products in the same number format, measured here in torch and in ONNX Runtime.

`--whole 50000` also runs the whole command on a folder of plain text: the articles of `data/core`, again and again with
another word put into each sentence, so that none is computed once for two. Its rate, start-up included, stands beside
the rate of the model alone on the first tenth of the same sentences, measured before and after it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "train"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np  # noqa: E402

from spinscope.data.articles import find_files, read_articles  # noqa: E402
from spinscope.data.shards import shards  # noqa: E402
from spinscope.files import read_json, read_jsonl  # noqa: E402
from spinscope.jobs.engine_choice import choose_engine  # noqa: E402
from spinscope.jobs.exporting import TARGETS, export  # noqa: E402
from spinscope.model.article_scoring import prepare_articles  # noqa: E402
from spinscope.model.checkpoint import open_checkpoint  # noqa: E402
from spinscope.model.engines import ENGINES, EXACT, processor_name  # noqa: E402
from spinscope.model.prediction import Classifier, sigmoid  # noqa: E402
from spinscope.records import Sentence  # noqa: E402

CORE = ROOT / "data/core/sentences.jsonl"
WORDS = (1, 3, 5, 7, 9, 10, 12, 13, 14, 16, 18, 20, 21, 23, 26, 28, 31, 35, 39, 47, 129)
PIPELINE, EXAMPLE = "transformers.pipeline, batches of 32", "example script, padded to 128"
FORMATS = {"torch-bf16": "bf16", "openvino-bf16": "bf16", "onnx-int8": "int8"}
Side = Callable[[Sequence[str]], np.ndarray]


def made_sentences(n: int, *, seed: int = 0) -> list[str]:
    """Different word sequences of the corpus, with the lengths of news."""
    chance = random.Random(seed)
    words = [word.rstrip('.!?"”’') for _, record in read_jsonl(CORE) for word in record["text"].split()]
    words = [word for word in words if word]
    made: dict[str, None] = {}
    while len(made) < n:
        place = chance.random() * (len(WORDS) - 1)
        low = int(place)
        length = round(WORDS[low] + (place - low) * (WORDS[low + 1] - WORDS[low]))
        start = chance.randrange(len(words) - length)
        text = " ".join(words[start : start + length]) + "."
        made[text[0].upper() + text[1:]] = None
    return list(made)


def write_articles(folder: Path, n_sentences: int, *, seed: int = 0) -> None:
    """Plain text files of corpus articles with a word of each sentence exchanged, until there are so many sentences."""
    chance = random.Random(seed)
    articles: dict[str, list[str]] = {}
    for _, record in read_jsonl(CORE):
        articles.setdefault(record["article"], []).append(record["text"])
    vocabulary = sorted(
        {word for texts in articles.values() for text in texts for word in text.split() if word.islower()}
    )
    folder.mkdir(parents=True)
    n_written = number = 0
    while n_written < n_sentences:
        for name, texts in articles.items():
            changed = [_exchanged(text, vocabulary, chance) for text in texts[: n_sentences - n_written]]
            title, *body = changed or [""]
            if changed:
                (folder / f"{number:02d}-{name}.txt").write_text(f"{title}\n\n{' '.join(body)}\n", encoding="utf-8")
            n_written += len(changed)
        number += 1


def _exchanged(text: str, vocabulary: Sequence[str], chance: random.Random) -> str:
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if word.isalpha() and word.islower()]
    if places:
        words[chance.choice(places)] = chance.choice(vocabulary)
    return " ".join(words)


def with_exports(checkpoint: Path, folder: Path, engines: Sequence[str]) -> Path:
    """A copy of the checkpoint with exports for the engines, as far as they keep their bounds."""
    copied = Path(shutil.copytree(checkpoint, folder / checkpoint.name))
    for target, needed in TARGETS.items():
        there = read_json(copied / "manifest.json").get("exports", {})
        if set(needed) & set(engines) and not set(needed) & set(there):
            export(copied, to=target)
    return copied


def plain_sides(checkpoint: Path) -> tuple[dict[str, Side], Any]:
    """What users of transformers write, and the model, for its sizes."""
    import torch
    import transformers

    import spinscope.auto  # noqa: F401

    pipe = transformers.pipeline("text-classification", str(checkpoint), top_k=None, device=-1)
    tokenizer, model = pipe.tokenizer, pipe.model.eval()
    names = [model.config.id2label[number] for number in range(model.config.num_labels)]

    def pipeline(texts: Sequence[str]) -> np.ndarray:
        found = pipe(list(texts), batch_size=32, truncation=True, max_length=128)
        return np.array([[{one["label"]: one["score"] for one in row}[name] for name in names] for row in found])

    def example(texts: Sequence[str]) -> np.ndarray:
        rows = []
        for begin in range(0, len(texts), 32):
            batch = list(texts[begin : begin + 32])
            inputs = tokenizer(batch, padding="max_length", truncation=True, max_length=128, return_tensors="pt")
            with torch.inference_mode():
                rows.append(model(**inputs).logits.numpy())
        return sigmoid(np.concatenate(rows))

    return {PIPELINE: pipeline, EXAMPLE: example}, model


def own_side(classifier: Classifier) -> Side:
    """Texts to probabilities through spinscope, tokenising included."""

    def side(texts: Sequence[str]) -> np.ndarray:
        found = [Sentence("a", number, 0, len(text), text) for number, text in enumerate(texts)]
        return classifier.probabilities(found).probabilities

    return side


def operations(model: Any, lengths: Sequence[int]) -> float:
    """Multiplications and additions that sentences of so many tokens need, without padding."""
    import torch

    weights = sum(part.weight.numel() for part in model.encoder.modules() if isinstance(part, torch.nn.Linear))
    config = model.config.encoder_config()
    attention = 4 * config.num_hidden_layers * config.hidden_size
    return float(sum(2 * weights * n + attention * n * n for n in lengths))


def measured(sides: Mapping[str, Side], texts: Sequence[str], *, rounds: int) -> tuple[dict[str, list[float]], dict]:
    """Seconds of each side in each round, another one first each time; and its probabilities."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    answers: dict[str, np.ndarray] = {}
    for side in sides.values():  # lazy initialisation is nobody's round
        side(texts[:64])
    names = list(sides)
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            start = time.perf_counter()
            answers[name] = sides[name](texts)
            seconds[name].append(time.perf_counter() - start)
            print(f"round {number + 1}: {name}: {len(texts) / seconds[name][-1]:,.0f}/s", file=sys.stderr, flush=True)
    return seconds, answers


def peaks(threads: int) -> dict[str, float]:
    """Operations per second of the best large product in each number format."""
    import torch

    torch.set_num_threads(threads)
    found: dict[str, float] = {"fp32": 0.0, "bf16": 0.0, "int8": 0.0}
    for size in (512, 1024, 2048):
        plain = torch.rand(size, size)
        half, whole = plain.bfloat16(), torch.randint(-100, 100, (size, size), dtype=torch.int8)
        for kind, product in (
            ("fp32", lambda a=plain: a @ a), ("bf16", lambda a=half: a @ a), ("int8", lambda a=whole: torch._int_mm(a, a)),
        ):  # fmt: skip
            found[kind] = max(found[kind], 2 * size**3 / _best(product))
        for kind in ("fp32", "int8"):
            found[kind] = max(found[kind], 2 * size**3 / _best(_ort_product(size, kind, threads)))
    return found


def _best(product: Callable[[], Any], *, seconds: float = 0.4) -> float:
    product()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        product()
        best = min(best, time.perf_counter() - start)
    return best


def _ort_product(size: int, kind: str, threads: int) -> Callable[[], Any]:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    is_float = kind == "fp32"
    right = np.random.default_rng(0).integers(-100, 100, (size, size)).astype(np.float32 if is_float else np.int8)
    left = right if is_float else (right.astype(np.int16) + 128).astype(np.uint8)
    types = (TensorProto.FLOAT, TensorProto.FLOAT) if is_float else (TensorProto.UINT8, TensorProto.INT32)
    node = helper.make_node("MatMul" if is_float else "MatMulInteger", ["a", "b"], ["c"])
    graph = helper.make_graph(
        [node], "product", [helper.make_tensor_value_info("a", types[0], [size, size])],
        [helper.make_tensor_value_info("c", types[1], [size, size])], [numpy_helper.from_array(right, "b")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"a": left})


def model_rate(classifier: Classifier, folder: Path, *, share: float = 0.1) -> float:
    """Sentences per second of the model alone, on shards of the first articles."""
    files = sorted(find_files([str(folder)]))
    n_sentences, seconds = 0, 0.0
    for shard in shards(read_articles(files[: max(1, int(len(files) * share))])):
        prepared = prepare_articles(classifier, shard.items)
        start = time.perf_counter()
        classifier.run(prepared.texts)
        seconds += time.perf_counter() - start
        n_sentences += sum(map(len, prepared.sentences))
    return n_sentences / seconds


def whole_command(checkpoint: Path, folder: Path, out: Path, *, engine: str, threads: int) -> dict[str, Any]:
    """The command from its start to its end, beside the model alone."""
    classifier = open_checkpoint(checkpoint, engine=engine, threads=threads)
    rates = [model_rate(classifier, folder)]
    words = ["score", str(folder), "--checkpoint", str(checkpoint), "--out", str(out), "--engine", engine]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "spinscope", *words, "--threads", str(threads)], check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "train")},
    )  # fmt: skip
    seconds = time.perf_counter() - start
    rates.append(model_rate(classifier, folder))
    manifest = read_json(out.with_name(f"{out.stem}.manifest.json"))
    rate, model = manifest["counts"]["n_sentences"] / seconds, statistics.mean(rates)
    return {
        "engine": engine, "n_sentences": manifest["counts"]["n_sentences"], "n_computed": manifest["n_computed"],
        "seconds": round(seconds, 2), "sentences_per_second": round(rate, 1),
        "model_alone": [round(one, 1) for one in rates], "share_of_model_alone": round(rate / model, 3),
    }  # fmt: skip


def flags() -> list[str]:
    """What of the processor's instructions matters here."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    words = set(text.split())
    return [name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16") if name in words]


def compared(checkpoint: Path, chosen: argparse.Namespace, engines: Sequence[str]) -> dict[str, Any]:
    """All sides on the same sentences."""
    import torch

    texts = made_sentences(chosen.sentences)
    torch.set_num_threads(chosen.threads)
    sides, model = plain_sides(checkpoint)
    if chosen.without_example:
        del sides[EXAMPLE]
    exports = read_json(checkpoint / "manifest.json").get("exports", {})
    opened = {
        engine: open_checkpoint(checkpoint, engine=engine, threads=chosen.threads, device="cpu")
        for engine in engines if engine == "torch" or engine in exports
    }  # fmt: skip
    sides |= {engine: own_side(classifier) for engine, classifier in opened.items()}
    choice = choose_engine(
        checkpoint, [Sentence("a", n, 0, len(text), text) for n, text in enumerate(texts)], threads=chosen.threads,
        candidates=list(opened),
    )  # fmt: skip
    top = peaks(chosen.threads)
    seconds, answers = measured(sides, texts, rounds=chosen.rounds)
    classifier = next(iter(opened.values()))
    prepared = classifier.scorer.prepare(texts, [""] * len(texts))
    needed = operations(model, prepared.lengths.tolist())
    truth = classifier.decide(answers[PIPELINE])
    whole = prepared.n_windows[prepared.rows] == 1  # of longer ones the pipeline reads the first window alone
    rows = {}
    for name, times in seconds.items():
        differ = (classifier.decide(answers[name]) != truth)[whole]
        best, median = min(times), statistics.median(times)
        rows[name] = {
            "best": round(len(texts) / best, 1), "median": round(len(texts) / median, 1),
            "times_pipeline_best": round(min(seconds[PIPELINE]) / best, 2),
            "times_pipeline_median": round(statistics.median(seconds[PIPELINE]) / median, 2),
            "share_of_peak": round(needed / best / top[FORMATS.get(name, "fp32")], 3),
            "n_differ": int(differ.sum()), "n_decisions": int(differ.size), "n_positive": int(truth[whole].sum()),
            "positive_differ": int((differ & truth[whole]).sum()), "seconds": [round(one, 3) for one in times],
        }  # fmt: skip
    return {
        "n_sentences": len(texts), "n_windowed": int((~whole).sum()), "mean_tokens": round(float(prepared.lengths.mean()), 2), "rounds": chosen.rounds,
        "padded_share": round(prepared.padded_fraction, 4), "giga_operations": round(needed / 1e9, 1),
        "peaks": {kind: round(rate / 1e9, 1) for kind, rate in top.items()}, "rows": rows, "auto": choice.to_dict(),
    }  # fmt: skip


def lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """The figures as a table."""
    yield f"{facts['processor']}, {facts['threads']} threads; {', '.join(facts['flags']) or 'no AVX known'}; torch {facts['torch']}"
    vnni = "has" if "avx512_vnni" in facts["flags"] else "has not"
    yield f"the processor {vnni} AVX-512 VNNI"
    found = facts.get("engines")
    if found:
        yield (
            f"{found['n_sentences']:,} sentences, {found['mean_tokens']} tokens each, {found['padded_share']:.1%} of "
            f"spinscope's tokens are padding; {found['rounds']} rounds; peak in G operations/s: {found['peaks']}"
        )
        yield f"{'':<38}{'best/s':>8}{'x':>7}{'median/s':>10}{'x':>7}{'peak':>7}  decisions that differ, of those positive"
        for name, row in found["rows"].items():
            yield (
                f"{name:<38}{row['best']:>8,.0f}{row['times_pipeline_best']:>7.2f}{row['median']:>10,.0f}"
                f"{row['times_pipeline_median']:>7.2f}{row['share_of_peak']:>7.1%}  {row['n_differ']} of {row['n_decisions']:,}, "
                f"{row['positive_differ']} of {row['n_positive']:,}"
            )
        yield f"decisions beside the pipeline's; {found['n_windowed']} sentences left out there, of which it reads the first window alone"
        choice = found["auto"]
        row = found["rows"][choice["engine"]]
        refused = {name: one["refused"] for name, one in choice["measured"].items() if one["refused"]}
        yield f"--engine auto takes {choice['engine']}: {row['times_pipeline_best']:.2f} (best), {row['times_pipeline_median']:.2f} (median); refused: {refused or 'none'}"
    for whole in facts.get("whole", []):
        yield (
            f"whole command, {whole['engine']}: {whole['n_sentences']:,} sentences ({whole['n_computed']:,} computed) in "
            f"{whole['seconds']:.1f} s, {whole['sentences_per_second']:,.0f}/s; the model alone "
            f"{'/s and '.join(f'{rate:,.0f}' for rate in whole['model_alone'])}/s: {whole['share_of_model_alone']:.1%}"
        )


def main() -> None:
    """Prints the figures, as text or JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("checkpoint", type=Path, help="folder; it is copied, and the copy gets the exports")
    options.add_argument("--sentences", type=int, default=5000, help="0: only the whole command")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--engines", default=",".join(ENGINES), help="engines to measure, with commas")
    options.add_argument("--without-example", action="store_true", help="leave the example script's padding out")
    options.add_argument("--whole", type=int, default=0, metavar="SENTENCES", help="also the whole command on so many")
    options.add_argument("--whole-engines", default="fp32", help="engines of the whole command, with commas")
    options.add_argument("--json", action="store_true", help="print JSON")
    chosen = options.parse_args()
    engines = [name for name in chosen.engines.split(",") if name]
    import torch

    facts: dict[str, Any] = {
        "processor": processor_name(), "flags": flags(), "threads": chosen.threads, "torch": torch.__version__,
        "exact": [name for name in EXACT if name in engines],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = with_exports(chosen.checkpoint, folder, [*engines, *chosen.whole_engines.split(",")])
        if chosen.sentences:
            facts["engines"] = compared(checkpoint, chosen, engines)
        if chosen.whole:
            write_articles(folder / "articles", chosen.whole)
            facts["whole"] = [
                whole_command(checkpoint, folder / "articles", folder / f"{engine}.parquet", engine=engine, threads=chosen.threads)
                for engine in chosen.whole_engines.split(",")
            ]  # fmt: skip
    print(json.dumps(facts, indent=2) if chosen.json else "\n".join(lines(facts)))


if __name__ == "__main__":
    main()
