"""The sentence model as an ONNX graph, built from the weights that its package carries.

The package brings safetensors and a tokenizer but no graph that runs without torch. The graph is the BERT
encoder (Devlin et al. 2018), mean pooling over the tokens that are not padding, and L2 normalisation (Reimers
and Gurevych 2019).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Weights = Mapping[str, npt.NDArray[Any]]
OPSET: Final = 17
IR_VERSION: Final = 9
EPSILON: Final = 1e-12
FAR_BELOW: Final = -1e9


@dataclass
class _Graph:
    """Nodes and constants, gathered in the order in which they run."""

    weights: Weights
    heads: int
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def const(self, name: str, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def ints(self, name: str, *values: int) -> str:
        return self.const(name, np.array(values, dtype=np.int64))

    def scalar(self, name: str, value: float) -> str:
        return self.const(name, np.array(value, dtype=np.float32))

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def linear(self, source: str, prefix: str, output: str) -> str:
        weight = self.const(f"{prefix}.w", self.weights[f"{prefix}.weight"].T)
        product = self.node("MatMul", [source, weight], f"{output}_product")
        bias = self.const(f"{prefix}.b", self.weights[f"{prefix}.bias"])
        return self.node("Add", [product, bias], output)

    def norm(self, source: str, prefix: str, output: str) -> str:
        gain = self.const(f"{prefix}.gain", self.weights[f"{prefix}.weight"])
        bias = self.const(f"{prefix}.shift", self.weights[f"{prefix}.bias"])
        return self.node("LayerNormalization", [source, gain, bias], output, axis=-1, epsilon=EPSILON)


def build(weights: Weights, *, layers: int, heads: int, width: int) -> Any:
    """An ONNX model: input_ids and attention_mask in; out `embedding`, a row of unit length a text, and `tokens`.

    A row of `tokens` is what one piece of a word means where it stands: the last layer but one, since the last is
    bent towards the whole text (Zhang et al. 2020 found the same of other models).
    """
    from onnx import TensorProto, checker, helper

    graph = _Graph(weights, heads)
    _shared(graph, width)
    states = [_embed(graph)]
    for number in range(layers):
        states.append(_layer(graph, states[-1], number))
    graph.node("LpNormalization", [states[-2]], "tokens", axis=-1, p=2)
    _pool(graph, states[-1])
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", width]),
        helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "length", width]),
    ]
    drawn = helper.make_graph(graph.nodes, "sentences", inputs, outputs, graph.constants)
    model = helper.make_model(drawn, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model


@dataclass(frozen=True)
class Bent:
    """What `training/marker.py` learned: for layers from `low` on matrices beside those of the model, what is added
    to a word for the part that it stands in, and how the mean over the answer's words becomes a grade.
    """

    low: int
    beside: Mapping[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]
    parts: npt.NDArray[Any]
    weight: npt.NDArray[Any]
    bias: npt.NDArray[Any]


def build_marker(weights: Weights, bent: Bent, *, layers: int, heads: int, width: int) -> Any:
    """An ONNX model: input_ids, attention_mask and parts (0, 1; 2 for the answer's words) in; `grade` out."""
    from onnx import TensorProto, checker, helper

    graph = _Graph({**weights, **_merged(weights, bent.beside)}, heads)
    _shared(graph, width)
    state = _embed(graph)
    for number in range(bent.low):
        state = _layer(graph, state, number)
    part = graph.node("Gather", [graph.const("part_table", bent.parts), "parts"], "part", axis=0)
    state = graph.node("Add", [state, part], "parted")
    for number in range(bent.low, layers):
        state = _layer(graph, state, number)
    graph.ints("answer_part", 2)
    graph.node("Cast", [graph.node("Equal", ["parts", "answer_part"], "is_answer")], "answer", to=TensorProto.FLOAT)
    mean = _mean(graph, state, "answer")
    product = graph.node("MatMul", [mean, graph.const("grade_weight", bent.weight[:, None])], "grade_product")
    summed = graph.node("Add", [product, graph.const("grade_bias", bent.bias[None])], "grade_column")
    graph.node("Squeeze", [summed, "axis_one"], "grade")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "parts")
    ]
    outputs = [helper.make_tensor_value_info("grade", TensorProto.FLOAT, ["batch"])]
    drawn = helper.make_graph(graph.nodes, "grades", inputs, outputs, graph.constants)
    model = helper.make_model(drawn, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model


def _merged(
    weights: Weights, beside: Mapping[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]
) -> dict[str, npt.NDArray[Any]]:
    names = {f"encoder.layer.{name}.weight": pair for name, pair in beside.items()}
    return {name: weights[name] + (into @ out).T for name, (into, out) in names.items()}


def _shared(graph: _Graph, width: int) -> None:
    size = width // graph.heads
    graph.ints("axis_zero", 0)
    graph.ints("axis_one", 1)
    graph.ints("mask_axes", 1, 2)
    graph.ints("last_axis", 2)
    graph.ints("split_heads", 0, 0, graph.heads, size)
    graph.ints("join_heads", 0, 0, width)
    graph.scalar("head_scale", 1 / float(np.sqrt(size)))
    graph.scalar("root_two", float(np.sqrt(2)))
    graph.scalar("half", 0.5)
    graph.scalar("unit", 1.0)
    graph.scalar("far_below", FAR_BELOW)


def _embed(graph: _Graph) -> str:
    """Word, position and token type, and the bias that keeps attention off the padding."""
    from onnx import TensorProto

    weights = graph.weights
    words = graph.const("words", weights["embeddings.word_embeddings.weight"])
    places = graph.const("places", weights["embeddings.position_embeddings.weight"])
    kind = graph.const("kind", weights["embeddings.token_type_embeddings.weight"][0])
    graph.node("Shape", ["input_ids"], "shape")
    graph.node("Gather", ["shape", "axis_one"], "length", axis=0)
    found = graph.node("Gather", [words, "input_ids"], "word", axis=0)
    place = graph.node("Slice", [places, "axis_zero", "length", "axis_zero"], "place")
    summed = graph.node("Add", [graph.node("Add", [found, place], "word_place"), kind], "word_place_kind")
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask", "mask_axes"], "mask_rows")
    graph.node("Sub", ["unit", "mask_rows"], "padding")
    graph.node("Mul", ["padding", "far_below"], "keep_off")
    return graph.norm(summed, "embeddings.LayerNorm", "state_0")


def _layer(graph: _Graph, state: str, number: int) -> str:
    prefix = f"encoder.layer.{number}."
    mixed = _attention(graph, state, number)
    out = graph.linear(mixed, f"{prefix}attention.output.dense", f"attention_out_{number}")
    summed = graph.node("Add", [out, state], f"attention_sum_{number}")
    state = graph.norm(summed, f"{prefix}attention.output.LayerNorm", f"attended_{number}")
    wide = _gelu(graph, graph.linear(state, f"{prefix}intermediate.dense", f"wide_{number}"), number)
    narrow = graph.linear(wide, f"{prefix}output.dense", f"narrow_{number}")
    summed = graph.node("Add", [narrow, state], f"layer_sum_{number}")
    return graph.norm(summed, f"{prefix}output.LayerNorm", f"state_{number + 1}")


def _attention(graph: _Graph, state: str, number: int) -> str:
    heads = {}
    for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
        prefix = f"encoder.layer.{number}.attention.self.{part}"
        flat = graph.linear(state, prefix, f"{part}_{number}")
        split = graph.node("Reshape", [flat, "split_heads"], f"{part}_split_{number}")
        heads[part] = graph.node("Transpose", [split], f"{part}_heads_{number}", perm=order)
    product = graph.node("MatMul", [heads["query"], heads["key"]], f"match_{number}")
    scaled = graph.node("Mul", [product, "head_scale"], f"match_scaled_{number}")
    kept = graph.node("Add", [scaled, "keep_off"], f"match_kept_{number}")
    share = graph.node("Softmax", [kept], f"share_{number}", axis=-1)
    mixed = graph.node("MatMul", [share, heads["value"]], f"mixed_{number}")
    turned = graph.node("Transpose", [mixed], f"mixed_turned_{number}", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [turned, "join_heads"], f"mixed_joined_{number}")


def _gelu(graph: _Graph, source: str, number: int) -> str:
    """Gaussian error linear unit, exact: x · (1 + erf(x / √2)) / 2 (Hendrycks and Gimpel 2016)."""
    scaled = graph.node("Div", [source, "root_two"], f"gelu_scaled_{number}")
    raised = graph.node("Add", [graph.node("Erf", [scaled], f"gelu_erf_{number}"), "unit"], f"gelu_raised_{number}")
    halved = graph.node("Mul", [source, "half"], f"gelu_half_{number}")
    return graph.node("Mul", [halved, raised], f"gelu_{number}")


def _pool(graph: _Graph, state: str) -> None:
    graph.node("LpNormalization", [_mean(graph, state, "mask")], "embedding", axis=-1, p=2)


def _mean(graph: _Graph, state: str, which: str) -> str:
    """Over the words for which `which` is 1."""
    graph.node("Unsqueeze", [which, "last_axis"], "mask_columns")
    graph.node("Mul", [state, "mask_columns"], "unpadded")
    graph.node("ReduceSum", ["unpadded", "axis_one"], "total", keepdims=0)
    graph.node("ReduceSum", [which, "axis_one"], "count", keepdims=1)
    return graph.node("Div", ["total", "count"], "mean")
