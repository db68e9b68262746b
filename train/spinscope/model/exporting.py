"""A classifier as files for another engine: an ONNX graph in float32 or int8, or OpenVINO's own form."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinscope.model.batching import TokenBatch
from spinscope.model.engines import needs_package
from spinscope.model.scorers import EncoderScorer

if TYPE_CHECKING:
    import torch
    from onnx import ModelProto

ONNX_FILE = "model.onnx"
OPENVINO_FILE = "model.xml"
OPSET = 20
"""The first with Gelu as one operator."""

ONE_FILE_BYTES = 1_500_000_000
"""A protocol buffer ends at 2 GB: larger weights lie in a file beside the graph."""


def write_onnx(scorer: EncoderScorer, folder: Path) -> None:
    """Writes the graph from token ids to logits, in float32, for batches and texts of any size."""
    import onnx
    import torch

    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in _inputs(scorer)]
    # Exporters take a dimension of 1, or one that equals another, for a constant.
    example = {name: torch.ones((3, 11), dtype=torch.int64, device=scorer.model.device) for name in names}
    example["attention_mask"][1:, 7:] = 0
    dimensions = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens")}
    n_bytes = sum(weight.numel() * weight.element_size() for weight in scorer.model.parameters())
    with _eager_attention(scorer.model), _quiet(), torch.no_grad():
        torch.onnx.export(
            _logits_alone(scorer, names), tuple(example.values()), folder / ONNX_FILE, dynamo=True, verbose=False,
            opset_version=OPSET, input_names=names, output_names=["logits"],
            dynamic_shapes=(tuple(dimensions for _ in names),), external_data=n_bytes > ONE_FILE_BYTES,
        )  # fmt: skip
    graph = onnx.load(folder / ONNX_FILE, load_external_data=False)
    _forget_origins(graph)
    onnx.save(graph, folder / ONNX_FILE)


def float_graph(scorer: EncoderScorer) -> ModelProto:
    """The graph that `write_onnx` writes, in memory."""
    from tempfile import TemporaryDirectory

    import onnx

    with TemporaryDirectory() as place:
        write_onnx(scorer, Path(place))
        return onnx.load(Path(place) / ONNX_FILE)


def write_int8(graph: ModelProto, folder: Path, *, batches: Sequence[TokenBatch], float_fraction: float) -> None:
    """Writes a graph with its linear layers in int8: see `quantization`.

    Args:
        graph: in float32; it stays as it is.
        folder: where model.onnx goes.
        batches: of usual sentences.
        float_fraction: of the linear layers, counted from the input, that stay in float32.
    """
    import onnx

    from spinscope.model.quantization import quantised

    copied = onnx.ModelProto()
    copied.CopyFrom(graph)
    quantised(copied, [batch.inputs for batch in batches], float_fraction=float_fraction)
    onnx.save(copied, folder / ONNX_FILE)


def write_openvino(scorer: EncoderScorer, folder: Path) -> None:
    """Writes OpenVINO's model.xml and model.bin, in float32. Raises UserError where OpenVINO is not installed."""
    from tempfile import TemporaryDirectory

    with needs_package("openvino", extra="openvino"):
        import openvino
    with TemporaryDirectory() as place:
        write_onnx(scorer, Path(place))
        model = openvino.Core().read_model(Path(place) / ONNX_FILE)
        openvino.save_model(model, folder / OPENVINO_FILE, compress_to_fp16=False)


def _inputs(scorer: EncoderScorer) -> set[str]:
    return {"input_ids", "attention_mask", *scorer.tokenizer.model_input_names}


def _logits_alone(scorer: EncoderScorer, names: Sequence[str]) -> torch.nn.Module:
    """The model with its inputs by place and nothing but logits."""
    import torch

    class Logits(torch.nn.Module):
        """What is exported."""

        def __init__(self) -> None:
            super().__init__()
            self.model = scorer.model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            return self.model(**dict(zip(names, tensors, strict=True))).logits

    return Logits().eval()


@contextmanager
def _eager_attention(model: Any) -> Iterator[None]:
    """Attention as plain products: the fused one of torch brings checks for rows without a token into the graph."""
    encoder = model.encoder
    usual = encoder.config._attn_implementation
    encoder.set_attn_implementation("eager")
    try:
        yield
    finally:
        encoder.set_attn_implementation(usual)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's notes on packages that nothing here needs."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _forget_origins(graph: Any) -> None:
    """Drops stack traces, which hold paths of this machine and make the file differ from another machine's."""
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*graph.graph.value_info, *graph.graph.input, *graph.graph.output, *graph.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del graph.metadata_props[:], graph.graph.metadata_props[:]
    graph.doc_string = graph.graph.doc_string = ""
