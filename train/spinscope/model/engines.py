"""The engines that compute logits, and how a checkpoint's exports are found, verified and opened."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from spinscope.errors import UserError, did_you_mean
from spinscope.files import sha256_of_file
from spinscope.model.scorers import EncoderScorer, WindowScorer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from spinscope.model.source_heads import SourceHeads

ENGINES = ("torch", "torch-bf16", "onnx", "onnx-int8", "openvino", "openvino-bf16")
EXACT = ("torch", "onnx", "openvino")
"""Float32: probabilities within 1e-5 of torch's, and the same decisions."""

TORCH_BF16 = "torch-bf16"
FP32 = "fp32"
"""The fastest exact engine there is for a checkpoint: see `fastest_exact`."""

EXPORTS = "exports"
FOLDERS = {"onnx": "onnx", "onnx-int8": "onnx-int8", "openvino": "openvino", "openvino-bf16": "openvino"}
"""Where an engine's files lie, below `exports/` in the checkpoint folder; OpenVINO computes both from the same."""

EXTRAS = {"openvino": "openvino", "openvino-bf16": "openvino"}
"""Engines that need an extra of the package."""

TOKENS_PER_BATCH = {TORCH_BF16: 2048, "onnx": 512, "onnx-int8": 512, "openvino": 512, "openvino-bf16": 512}
"""Measured on two cores: larger batches leave the processor's caches, smaller ones pay too often for each call."""


GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""What the drivers of NVIDIA and AMD, and those under Windows' Linux, put there."""


def fastest_exact(manifest: Mapping[str, Any]) -> str:
    """`onnx` where the checkpoint has that export and no GPU is there, else `torch`.

    ONNX Runtime is the faster of the two on processors (tests/benchmarks/scoring.py).
    """
    if "onnx" not in manifest.get(EXPORTS, {}):
        return "torch"
    return "torch" if gpu_is_there() else "onnx"


def gpu_is_there() -> bool:
    """Whether torch would compute on a GPU; torch is asked, which takes a second, only where a driver is loaded."""
    if sys.platform == "linux" and not any(Path(name).exists() for name in GPU_DEVICES):
        return False
    import torch

    return torch.cuda.is_available()


def default_threads() -> int:
    """OMP_NUM_THREADS where it is set, else the processors this process may use."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """What the operating system calls the processor: which engine is fast, and how bf16 rounds, depend on it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    named = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def require_engine(name: str, *, where: str = "--engine", more: Sequence[str] = ()) -> None:
    """Raises UserError where there is no such engine; `more` are the other words that are taken there."""
    if name not in (*ENGINES, *more):
        known = (FP32, *(word for word in more if word != FP32), *ENGINES)
        raise UserError(
            f"engine '{name}'", where=where, expected=f"one of: {', '.join(known)}", remedy=did_you_mean(name, known)
        )


def verified_export(path: Path, manifest: Mapping[str, Any], engine: str) -> Mapping[str, Any]:
    """The manifest's entry of an export, once its files were found unaltered and its weights those of the checkpoint.

    Raises:
        UserError: not exported, exported from other weights, or altered.
    """
    target = "openvino" if engine == "openvino-bf16" else engine
    entry: Mapping[str, Any] | None = manifest.get(EXPORTS, {}).get(engine)
    again = f"spinscope export {path} --to {target}"
    if entry is None:
        raise UserError(
            f"no export for engine {engine}", where=str(path),
            expected="one that agrees with torch on the checkpoint's dev sentences", remedy=f"run: {again}",
        )  # fmt: skip
    if entry["identity"] != manifest["identity"]:
        raise UserError(f"the {engine} export is of other weights", where=str(path), remedy=f"run: {again}")
    for name, expected in entry["files"].items():
        file = path / name
        if not file.is_file():
            raise UserError(f"the file {name} is missing", where=str(path), remedy=f"run: {again}")
        if sha256_of_file(file) != expected:
            raise UserError("altered since it was exported", where=str(file), remedy=f"run: {again}")
    return entry


@contextmanager
def needs_package(name: str, *, extra: str) -> Iterator[None]:
    """Turns a missing package into a UserError that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UserError(
            f"the package {name} is not installed", where=f"engine {name}", remedy=f'pip install "spinscope[{extra}]"'
        ) from None


def engine_scorer(
    engine: str,
    folder: Path,
    *,
    tokenizer: PreTrainedTokenizerBase,
    max_tokens: int,
    n_techniques: int,
    threads: int,
    tokens_per_batch: int | None = None,
    heads: SourceHeads | None = None,
) -> WindowScorer:
    """A scorer on the files of an export, which were verified before.

    Args:
        engine: an engine with files.
        folder: of these files.
        tokenizer: of the checkpoint.
        max_tokens: of a window.
        n_techniques: logits per text.
        threads: of the engine.
        tokens_per_batch: most tokens of a batch; None: what was measured to be fast.
        heads: rows of the head that follow the techniques, each of one source.
    """
    settings: dict[str, Any] = {
        "tokenizer": tokenizer, "max_tokens": max_tokens, "n_techniques": n_techniques, "heads": heads,
        "tokens_per_batch": tokens_per_batch or TOKENS_PER_BATCH[engine],
    }  # fmt: skip
    if engine.startswith("onnx"):
        return OnnxScorer(folder / "model.onnx", threads=threads, **settings)
    precision = "bf16" if engine == "openvino-bf16" else "f32"
    return OpenvinoScorer(folder / "model.xml", threads=threads, precision=precision, **settings)


class OnnxScorer(WindowScorer):
    """ONNX Runtime on the processor.

    Each thread computes a batch of its own: no thread waits for another, and no figure depends on how many there are.
    """

    def __init__(self, file: Path, *, threads: int, tokenizer: PreTrainedTokenizerBase, **settings: Any) -> None:
        import onnxruntime

        super().__init__(tokenizer, n_parallel=threads, **settings)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Batches differ in shape: a plan of memory for each shape would only pile up.
        options.enable_mem_pattern = False
        # The fused kernel works value by value, the two that it replaces are vectorised: five times as fast.
        self._session = onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )
        self._names = [value.name for value in self._session.get_inputs()]

    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits."""
        return np.asarray(self._session.run(["logits"], {name: inputs[name] for name in self._names})[0])


class OpenvinoScorer(WindowScorer):
    """OpenVINO on the processor, each thread with a batch of its own.

    Args:
        file: model.xml.
        precision: `f32`, or `bf16` where the processor multiplies in it; without a word OpenVINO chooses by itself.
    """

    def __init__(
        self, file: Path, *, threads: int, precision: str, tokenizer: PreTrainedTokenizerBase, **settings: Any
    ) -> None:
        with needs_package("openvino", extra="openvino"):
            import openvino

        super().__init__(tokenizer, n_parallel=threads, **settings)
        model = openvino.Core().compile_model(
            file, "CPU",
            {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": threads},
        )  # fmt: skip
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(threads):
            self._requests.put(model.create_infer_request())
        self._output = model.output(0)
        self._names = [value.get_any_name() for value in model.inputs]

    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits."""
        request = self._requests.get()
        try:
            found = request.infer({name: inputs[name] for name in self._names}, share_inputs=True)
            return np.array(found[self._output], dtype=np.float32)  # a copy: the request's memory is used again
        finally:
            self._requests.put(request)


class Bf16Scorer(WindowScorer):
    """The torch model with its encoder in bfloat16 and its head in float32: the engine `torch-bf16`."""

    def __init__(self, scorer: EncoderScorer, *, tokens_per_batch: int | None = None) -> None:
        import torch

        super().__init__(
            scorer.tokenizer, max_tokens=scorer.max_tokens, n_techniques=scorer.n_techniques, heads=scorer.heads,
            tokens_per_batch=tokens_per_batch or TOKENS_PER_BATCH[TORCH_BF16],
        )  # fmt: skip
        self._scorer = scorer
        scorer.model.encoder.to(torch.bfloat16)

    def compute(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """(n, n_techniques) float32 logits."""
        return self._scorer.compute(inputs)
