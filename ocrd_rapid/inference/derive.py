# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Give a recognition network other output layers, or take its own away.

The last layer of a PP-OCR recognizer is linear: it turns every column of features (120 numbers)
into one score per character. Several such layers can share the features of one backbone, which
costs next to nothing, and a layer with fewer characters costs less than the full one. A layer with
context looks at neighbouring columns, too: a small network of its own on the same features.

A derived model is an ONNX file, made once and kept in the user's cache under a name that depends
on everything that went into it. Both engines read it like any other.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..cache import DERIVED
from ..errors import EngineError, ModelError
from ..resmgr.integrity import known_sha256
from .feature_identity import FEATURES_KEY, NETWORK_KEY
from .model import FloatArray
from .modelfile import check_model_file
from .output_layers import (
    ContextLayer,
    Convolution,
    FeaturesLayer,
    LinearLayer,
    OutputLayer,
    OwnLayer,
    TrainedLayer,
    check_layer,
    classes_of,
    with_classes,
)

LOG = logging.getLogger(__name__)

#: Part of the name of every derived file. Raise it when the files for the same input change.
_VERSION = b"3"

_PREFIX = "ocrd_rapid"


def own_layer(source: Path) -> LinearLayer:
    """Return the output layer that a model was trained with.

    Raises:
        ModelError: the file cannot be read, or its last layer is not linear.
        EngineError: the package onnx is not installed.
    """
    _, tail = _open(source)
    return tail.layer


def derive(source: Path, layers: Sequence[OutputLayer]) -> Path:
    """Return the file of a model with other output layers; create it if it does not exist.

    The output of the derived model has shape (N, T, classes of all layers): the distributions of
    every layer (the softmax of its scores), side by side. No layers mean the same as one
    `FeaturesLayer`: the features, shape (N, T, features).

    Args:
        source: the ONNX file of a network that ends in a linear layer and softmax.
        layers: the output layers.

    Raises:
        ModelFileNotFoundError: ``source`` does not exist.
        ModelError: it cannot be read, its last layer is not linear, or a layer does not fit it.
        EngineError: the package onnx is not installed.
        StorageError: there is no place to store the derived model.
    """
    check_model_file(source)
    layers = layers or [FeaturesLayer()]
    return _kept(source, _key(source, layers), lambda: _derived(source, layers))


def derive_layer(source: Path, layer: OwnLayer | TrainedLayer) -> Path:
    """Return the file of a model that has only an output layer of another; see `derive`.

    The model turns features of shape (N, T, features) into distributions of shape (N, T, classes).
    """
    check_model_file(source)
    key = _digest(source, b"alone", *_parts(layer))
    return _kept(source, key, lambda: _layer_alone(source, layer))


def cut(source: Path, classes: tuple[int, ...], metadata: Mapping[str, str]) -> bytes:
    """Return the content of an ONNX file: the model with only some of its classes.

    Args:
        source: see `derive`.
        classes: indices of the classes to keep, in their new order.
        metadata: entries that replace those of the model.

    Raises:
        ModelError, ModelFileNotFoundError, EngineError: see `derive`.
    """
    import onnx

    model = onnx.load_from_string(_derived(source, [OwnLayer(classes)]))
    entries = {entry.key: entry.value for entry in model.metadata_props} | dict(metadata)
    # Heads would read the characters that were left out.
    for key in (FEATURES_KEY, NETWORK_KEY):
        entries.pop(key, None)
    onnx.helper.set_model_props(model, entries)
    data: bytes = model.SerializeToString()
    return data


def _kept(source: Path, key: str, make: Callable[[], bytes]) -> Path:
    """Return the file kept under a key; create it if it does not exist."""
    name = f"{source.stem}.{key}.onnx"
    found = DERIVED.find(name)
    if found is None:
        found = DERIVED.store(name, make())
        LOG.info("derived %s from %s", found, source)
    return found


def _key(source: Path, layers: Sequence[OutputLayer]) -> str:
    return _digest(source, *(part for layer in layers for part in _parts(layer)))


def _parts(layer: OutputLayer) -> Iterator[bytes]:
    """Yield what tells a layer from all others."""
    if isinstance(layer, OwnLayer):
        yield f"own {layer.classes}".encode()
    elif isinstance(layer, FeaturesLayer):
        yield b"features"
    elif isinstance(layer, ContextLayer):
        for convolution in layer.hidden:
            yield f"convolution {convolution.weights.shape}".encode()
            yield from map(_bytes, (convolution.weights, convolution.bias))
        yield from _parts(layer.output)
    else:
        yield f"linear {layer.weights.shape}".encode()
        yield from map(_bytes, (layer.weights, layer.bias))


def _bytes(array: FloatArray) -> bytes:
    return np.ascontiguousarray(array).tobytes()


def _digest(source: Path, *parts: bytes) -> str:
    """Return the key that tells a derived model from all others."""
    digest = hashlib.sha256(_VERSION + known_sha256(source).encode("ascii"))
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:32]


@dataclass(frozen=True)
class _Tail:
    """The end of a network: ``softmax(features @ weights + bias)``."""

    layer: LinearLayer
    features: str
    first: int


def _open(source: Path) -> tuple[Any, _Tail]:
    """Return the parsed model and its tail."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise EngineError(
            f"other output layers need the package onnx ({error});"
            " install it with: pip install onnx"
        ) from error
    if source.suffix.lower() != ".onnx":
        raise ModelError(
            f"model {source}: other output layers need an ONNX file; use the one that this model"
            " was converted from"
        )
    check_model_file(source)
    try:
        model = onnx.load(str(source))
    except (DecodeError, OSError, ValueError) as error:
        raise ModelError(f"model {source} cannot be loaded: {error}") from error
    return model, _find_tail(model, source)


def _find_tail(model: Any, source: Path) -> _Tail:
    """Walk back from the output: softmax, sum, product, with identities between."""
    from onnx import numpy_helper

    graph = model.graph
    makers = {name: i for i, node in enumerate(graph.node) for name in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    constants |= {node.output[0]: constants[node.input[0]] for node in _casts(graph, constants)}
    names = [graph.output[0].name]
    found: list[FloatArray] = []
    position = len(graph.node)
    for wanted in ("Softmax", "Add", "MatMul"):
        position, node = _maker(graph, makers, names[0])
        if node is None or node.op_type != wanted:
            kind = node.op_type if node is not None else "nothing"
            raise ModelError(
                f"model {source} has no output layer that can be replaced:"
                f" {kind} where {wanted} was expected"
            )
        found += [numpy_helper.to_array(constants[n]) for n in node.input if n in constants]
        names = [name for name in node.input if name not in constants]
    if len(found) != 2 or found[0].ndim != 1 or found[1].ndim != 2:
        raise ModelError(f"model {source} has no linear output layer that can be replaced")
    bias, weights = (np.asarray(array, dtype=np.float32) for array in found)
    return _Tail(LinearLayer(weights, bias), names[0], position)


def _casts(graph: Any, constants: Collection[str]) -> list[Any]:
    """Return the nodes that do nothing but give weights another type, such as 32 bits for 16."""
    return [node for node in graph.node if node.op_type == "Cast" and node.input[0] in constants]


def _maker(graph: Any, makers: dict[str, int], name: str) -> tuple[int, Any]:
    """Return the node that computes a tensor, skipping identities, and its index."""
    while name in makers:
        node = graph.node[makers[name]]
        if node.op_type != "Identity":
            return makers[name], node
        name = node.input[0]
    return -1, None


def _derived(source: Path, layers: Sequence[OutputLayer]) -> bytes:
    import onnx
    from onnx import helper

    model, tail = _open(source)
    graph = model.graph
    del graph.node[tail.first :]
    outputs = []
    for index, layer in enumerate(layers):
        if isinstance(layer, FeaturesLayer):
            outputs.append(tail.features)
            continue
        trained = _trained(layer, tail, source)
        outputs.append(_append(graph, f"{_PREFIX}.{index}", trained, tail.features))
    end = f"{_PREFIX}.output"
    graph.node.append(helper.make_node("Concat", outputs, [end], axis=2))
    _drop_unused(graph)
    shape = ["N", "T", sum(_width(layer, tail) for layer in layers)]
    del graph.output[:], graph.value_info[:]
    graph.output.append(helper.make_tensor_value_info(end, onnx.TensorProto.FLOAT, shape))
    data: bytes = model.SerializeToString()
    return data


def _drop_unused(graph: Any) -> None:
    """Remove the weights that nothing reads any more."""
    used = {name for node in graph.node for name in node.input}
    for node in _casts(graph, {tensor.name for tensor in graph.initializer}):
        if node.output[0] not in used:
            graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _layer_alone(source: Path, layer: OwnLayer | TrainedLayer) -> bytes:
    import onnx
    from onnx import helper

    model, tail = _open(source)
    features, classes = tail.layer.weights.shape[0], _width(layer, tail)
    name, kind = f"{_PREFIX}.features", onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [],
        _PREFIX,
        [helper.make_tensor_value_info(name, kind, ["N", "T", features])],
        [],
    )
    end = _append(graph, f"{_PREFIX}.alone", _trained(layer, tail, source), name)
    graph.output.append(helper.make_tensor_value_info(end, kind, ["N", "T", classes]))
    alone = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    data: bytes = alone.SerializeToString()
    return data


def _append(graph: Any, name: str, layer: TrainedLayer, features: str) -> str:
    """Append an output layer to a graph; return the name of its distributions."""
    from onnx import helper

    if isinstance(layer, ContextLayer):
        features = _append_hidden(graph, name, layer.hidden, features)
        layer = layer.output
    _append_array(graph, f"{name}.weights", layer.weights)
    _append_array(graph, f"{name}.bias", layer.bias)
    graph.node.extend(
        [
            helper.make_node("MatMul", [features, f"{name}.weights"], [f"{name}.product"]),
            helper.make_node("Add", [f"{name}.product", f"{name}.bias"], [f"{name}.scores"]),
            helper.make_node("Softmax", [f"{name}.scores"], [f"{name}.softmax"], axis=2),
        ]
    )
    return f"{name}.softmax"


def _append_hidden(graph: Any, name: str, hidden: Sequence[Convolution], features: str) -> str:
    """Append convolutions to a graph; return the name of their output, (N, T, outputs)."""
    from onnx import helper

    # Convolutions take the columns last.
    graph.node.append(
        helper.make_node("Transpose", [features], [f"{name}.columns"], perm=[0, 2, 1])
    )
    last = f"{name}.columns"
    for index, convolution in enumerate(hidden):
        own = f"{name}.hidden{index}"
        reach = convolution.weights.shape[0] // 2
        kernel = np.ascontiguousarray(convolution.weights.transpose(2, 1, 0))
        _append_array(graph, f"{own}.weights", kernel)
        _append_array(graph, f"{own}.bias", convolution.bias)
        graph.node.extend(
            [
                helper.make_node(
                    "Conv",
                    [last, f"{own}.weights", f"{own}.bias"],
                    [f"{own}.sum"],
                    pads=[reach, reach],
                ),
                helper.make_node("Relu", [f"{own}.sum"], [f"{own}.output"]),
            ]
        )
        last = f"{own}.output"
    graph.node.append(helper.make_node("Transpose", [last], [f"{name}.rows"], perm=[0, 2, 1]))
    return f"{name}.rows"


def _append_array(graph: Any, name: str, array: FloatArray) -> None:
    from onnx import numpy_helper

    graph.initializer.append(numpy_helper.from_array(array, name))


def _width(layer: OutputLayer, tail: _Tail) -> int:
    if isinstance(layer, (ContextLayer, LinearLayer)):
        return classes_of(layer)
    if isinstance(layer, FeaturesLayer):
        return int(tail.layer.weights.shape[0])
    return len(tail.layer.bias) if layer.classes is None else len(layer.classes)


def _trained(layer: OwnLayer | TrainedLayer, tail: _Tail, source: Path) -> TrainedLayer:
    if isinstance(layer, OwnLayer):
        if layer.classes is None:
            return tail.layer
        return with_classes(tail.layer, layer.classes)
    features = tail.layer.weights.shape[0]
    try:
        check_layer(layer, features)
    except ValueError as error:
        raise ModelError(f"model {source}: a layer does not fit it: {error}") from error
    return layer
