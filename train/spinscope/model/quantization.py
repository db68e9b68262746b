"""An ONNX graph with its linear layers in int8: weights per output channel, activations per token, as they come.

ONNX Runtime's own dynamic quantisation takes one scale for all activations of a batch. Encoders have a few channels and
tokens of some ten times the usual size, which then leave the others three or four bits, and a sentence's score depends
on the sentences beside it. Here each token has its own scale, as in Dettmers et al. (2022, LLM.int8, section 2.1), and
the channels that are always large are made smaller where they come from, as in Xiao et al. (2023, SmoothQuant, equation 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SMALLEST_SIDE = 16
"""Of a weight that is quantised; smaller products are no work."""

USUAL_CHANNELS = 0.95
"""Share of the channels after a normalisation that keep their size; the largest are divided down to theirs."""

GELU_LOWEST = 0.17
"""Gelu's minimum is -0.16997."""

CLIPS = np.linspace(0.7, 1.0, 16)
"""Shares of a channel's largest weight that are tried as the end of its int8 range."""

Ranges = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Value name -> its (channels,) lowest and highest values."""


@dataclass(frozen=True, slots=True)
class Code:
    """How a value becomes uint8: zero stands at `zero`, the token's largest size at `zero + steps`."""

    zero: int
    steps: int
    smallest: float
    """Size that is assumed at least, so that what lies below zero is not cut off."""


SYMMETRIC = Code(128, 127, 1e-12)
ONE_SIDED = Code(16, 239, GELU_LOWEST * 239 / 16)
"""For values after Gelu: nearly all codes are left for what is above zero."""


def quantised(
    model: ModelProto, batches: Iterable[Mapping[str, np.ndarray]], *, float_fraction: float = 0.0
) -> ModelProto:
    """The graph with its linear layers in int8.

    Args:
        model: in float32, as `exporting` writes it; changed in place.
        batches: inputs of usual sentences, from which the sizes of channels are read.
        float_fraction: of the linear layers, counted from the input, that stay as they are: their errors grow most.
    """
    graph = _Graph(model)
    found = graph.linear_layers()
    chosen = found[round(len(found) * float_fraction) :]
    normalised = {node.input[0] for node in chosen if graph.is_normalised(node.input[0])}
    ranges = _ranges(model, sorted(normalised), batches) if normalised else {}
    graph.rewrite(chosen, ranges)
    return model


def int8_weights(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(inputs, outputs) weights as int8 and (outputs,) scales: of the clips tried, each channel has its best."""
    largest = np.maximum(np.abs(weights).max(axis=0), 1e-12)
    best = np.full(largest.shape, np.inf)
    codes, scales = np.zeros(weights.shape, np.int8), np.ones(largest.shape, np.float32)
    for clip in CLIPS:
        scale = (largest * clip / 127).astype(np.float32)
        tried = np.clip(np.rint(weights / scale), -127, 127)
        error = ((tried * scale - weights) ** 2).sum(axis=0)
        better = error < best
        best[better], scales[better] = error[better], scale[better]
        codes[:, better] = tried[:, better].astype(np.int8)
    return codes, scales


def _ranges(model: ModelProto, names: list[str], batches: Iterable[Mapping[str, np.ndarray]]) -> Ranges:
    """What values reach per channel, padding left out."""
    import onnx
    import onnxruntime

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs = [value.name for value in session.get_inputs()]
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for batch in batches:
        known = batch["attention_mask"].astype(bool)
        for name, values in zip(names, session.run(names, {each: batch[each] for each in inputs}), strict=True):
            tokens = values[known] if values.shape[:2] == known.shape else values.reshape(-1, values.shape[-1])
            low, high = tokens.min(axis=0), tokens.max(axis=0)
            if name in found:
                low, high = np.minimum(low, found[name][0]), np.maximum(high, found[name][1])
            found[name] = (low, high)
    return found


@dataclass
class _Graph:
    """A graph that is being rewritten."""

    model: ModelProto
    nodes: list[NodeProto] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.model.graph
        self.weights = {tensor.name: tensor for tensor in graph.initializer}
        self.made_by = {name: node for node in graph.node for name in node.output}
        self.used_by: dict[str, list[NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self.used_by[name].append(node)
        self.coded: dict[str, tuple[str, str, Code]] = {}
        self.moved: dict[str, tuple[str, np.ndarray, np.ndarray]] = {}

    def linear_layers(self) -> list[NodeProto]:
        """Products with a constant matrix, in the order of the graph. The head, a Gemm, is none of them."""
        return [node for node in self.model.graph.node if node.op_type == "MatMul" and self._is_large(node.input[1])]

    def is_normalised(self, name: str) -> bool:
        """Whether a value comes from a layer normalisation with constant factors."""
        node = self.made_by.get(name)
        return (
            node is not None
            and node.op_type == "LayerNormalization"
            and all(given in self.weights for given in node.input[1:])
        )

    def rewrite(self, chosen: list[NodeProto], ranges: Ranges) -> None:
        """Puts int8 products in the place of the chosen ones."""
        import onnx

        names = {node.output[0] for node in chosen}
        for node in list(self.model.graph.node):
            if node.output[0] in names:
                self._product(node, ranges)
            else:
                self.nodes.append(node)
        used = {name for node in self.nodes for name in node.input}
        tensors = [tensor for name, tensor in self.weights.items() if name in used]
        del self.model.graph.node[:], self.model.graph.initializer[:], self.model.graph.value_info[:]
        self.model.graph.node.extend(self.nodes)
        self.model.graph.initializer.extend(tensors)
        if not any(known.domain == "com.microsoft" for known in self.model.opset_import):
            self.model.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))

    def _product(self, node: NodeProto, ranges: Ranges) -> None:
        from onnx import numpy_helper

        source, name = node.input[0], node.output[0]
        weights = numpy_helper.to_array(self.weights[node.input[1]]).astype(np.float32)
        shift = None
        if source in ranges:
            source, middle, size = self._evened(source, *ranges[source])
            shift = middle @ weights
            weights = weights * size[:, None]
        codes, size_of_token, code = self._coded(source)
        int8, scales = int8_weights(weights)
        n_outputs = weights.shape[1]
        product = self._node(
            "MatMulIntegerToFloat",
            codes, self._tensor(f"{name}_int8", int8), self._tensor("one", np.float32(1.0)),
            self._tensor(f"{name}_scales", scales / np.float32(code.steps)), self._tensor(f"zero_{code.zero}", np.uint8(code.zero)),
            self._tensor(f"zeros_{n_outputs}", np.zeros(n_outputs, np.int8)),
            output=f"{name}_product", domain="com.microsoft",
        )  # fmt: skip
        self._node("Mul", product, size_of_token, output=name)
        if shift is not None:
            self._add(name, shift.astype(np.float32))

    def _add(self, name: str, shift: np.ndarray) -> None:
        """Adds (channels,) values to a product: to the bias that follows, where there is one."""
        from onnx import numpy_helper

        users = self.used_by[name]
        bias = next((each for each in users[0].input if each in self.weights), None) if len(users) == 1 else None
        if bias is not None and users[0].op_type == "Add" and list(self.weights[bias].dims) == list(shift.shape):
            moved = numpy_helper.to_array(self.weights[bias]).astype(np.float32) + shift
            inputs = [self._tensor(f"{name}_bias", moved) if each == bias else each for each in users[0].input]
            del users[0].input[:]
            users[0].input.extend(inputs)
            return
        node = self.nodes[-1]
        plain = f"{name}_unshifted"
        node.name = node.output[0] = plain
        self._node("Add", plain, self._tensor(f"{name}_shift", shift), output=name)

    def _evened(self, source: str, low: np.ndarray, high: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
        """The normalised value once more, with each channel around 0 and none far larger than the others.

        Returns:
            its name, and the (channels,) middles and sizes by which it was shifted and divided.
        """
        from onnx import numpy_helper

        if source not in self.moved:
            middle, half = (low + high) / 2, (high - low) / 2
            size = np.maximum(half / np.quantile(half, USUAL_CHANNELS), 1.0).astype(np.float32)
            node = self.made_by[source]
            factors = [numpy_helper.to_array(self.weights[name]).astype(np.float32) for name in node.input[1:]]
            added = factors[1] if len(factors) > 1 else np.zeros_like(factors[0])
            again = type(node)()
            again.CopyFrom(node)
            del again.input[:], again.output[:]
            again.name = f"{source}_evened"
            again.input.extend(
                [
                    node.input[0],
                    self._tensor(f"{source}_factor", factors[0] / size),
                    self._tensor(f"{source}_added", ((added - middle) / size).astype(np.float32)),
                ]
            )
            again.output.append(again.name)
            self.nodes.append(again)
            self.moved[source] = (again.name, middle, size)
        return self.moved[source]

    def _coded(self, source: str) -> tuple[str, str, Code]:
        """The value as uint8, and the (.., 1) size of each token, which stands for `steps` codes."""
        if source not in self.coded:
            maker = self.made_by.get(source)
            code = ONE_SIDED if maker is not None and maker.op_type == "Gelu" else SYMMETRIC
            last = self._tensor("last_axis", np.array([-1], dtype=np.int64))
            sizes = [self._node("ReduceMax", source, last, output=f"{source}_highest")]
            if code is SYMMETRIC:
                lowest = self._node("ReduceMin", source, last, output=f"{source}_lowest")
                sizes.append(self._node("Neg", lowest, output=f"{source}_depth"))
            floor = self._tensor(f"smallest_{code.zero}", np.float32(code.smallest))
            size = self._node("Max", *sizes, floor, output=f"{source}_size")
            codes = self._node(
                "QuantizeLinear", self._node("Div", source, size, output=f"{source}_of_size"),
                self._tensor(f"step_{code.steps}", np.float32(1 / code.steps)),
                self._tensor(f"zero_{code.zero}", np.uint8(code.zero)), output=f"{source}_codes",
            )  # fmt: skip
            self.coded[source] = (codes, size, code)
        return self.coded[source]

    def _is_large(self, name: str) -> bool:
        tensor = self.weights.get(name)
        return tensor is not None and len(tensor.dims) == 2 and min(tensor.dims) >= SMALLEST_SIDE

    def _tensor(self, name: str, values: Any) -> str:
        from onnx import numpy_helper

        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def _node(self, kind: str, *inputs: str, output: str, domain: str = "") -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, domain=domain))
        return output
