# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The operations of the networks in torch, as ONNX (opset 11) defines them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from graph_steps import GELU, LAYER_NORM
from torch import Tensor
from torch.nn import functional

Attributes = Mapping[str, Any]
Operation = Callable[[Sequence[Tensor], Attributes], Tensor]


def _padding(size: Sequence[int], attributes: Attributes) -> list[int]:
    """Return the padding of a window: above, left, below, right."""
    kind = attributes.get("auto_pad", b"NOTSET")
    if kind in (b"NOTSET", b"VALID"):
        return list(attributes.get("pads", (0, 0, 0, 0)))
    if kind != b"SAME_UPPER":
        raise ValueError(f"auto_pad is {kind!r}")
    before, behind = [], []
    for length, kernel, stride in zip(
        size, attributes["kernel_shape"], attributes.get("strides", (1, 1)), strict=True
    ):
        missing = max(0, (-(-length // stride) - 1) * stride + kernel - length)
        before.append(missing // 2)
        behind.append(missing - missing // 2)
    return [*before, *behind]


def _padded(x: Tensor, attributes: Attributes, value: float = 0) -> tuple[Tensor, list[int]]:
    """Return an image as padded as torch cannot pad it, and the padding that is left to do."""
    top, left, bottom, right = _padding(x.shape[2:], attributes)
    if (top, left) == (bottom, right):
        return x, [top, left]
    return functional.pad(x, (left, right, top, bottom), value=value), [0, 0]


def _convolution(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    x, padding = _padded(values[0], attributes)
    bias = values[2].reshape(-1) if len(values) > 2 else None
    return functional.conv2d(
        x,
        values[1],
        bias,
        tuple(attributes.get("strides", (1, 1))),
        tuple(padding),
        tuple(attributes.get("dilations", (1, 1))),
        attributes.get("group", 1),
    )


def _max_pool(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    x, padding = _padded(values[0], attributes, float("-inf"))
    strides = attributes.get("strides", (1, 1))
    return functional.max_pool2d(x, attributes["kernel_shape"], strides, padding)


def _average_pool(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    if any(_padding(values[0].shape[2:], attributes)):
        raise ValueError("an average over padding")
    strides = attributes.get("strides", (1, 1))
    return functional.avg_pool2d(values[0], attributes["kernel_shape"], strides)


def _batch_norm(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    x, weight, bias, mean, variance = values
    epsilon = attributes.get("epsilon", 1e-5)
    return functional.batch_norm(x, mean, variance, weight, bias, False, 0, epsilon)


def _layer_norm(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    x, weight, bias = values
    return functional.layer_norm(x, weight.shape, weight, bias, attributes["epsilon"])


def _mean(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    return values[0].mean(tuple(attributes["axes"]), bool(attributes.get("keepdims", 1)))


def _hard_sigmoid(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    slope, start = attributes.get("alpha", 0.2), attributes.get("beta", 0.5)
    return (values[0] * slope + start).clamp(0, 1)


def _overall_mean(values: Sequence[Tensor], _: Attributes) -> Tensor:
    return values[0].mean((2, 3), keepdim=True)


def _resize(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    *same, down, across = values[2].tolist()
    if attributes["mode"] != b"nearest" or same != [1, 1] or down % 1 or across % 1:
        raise ValueError("an image that is not repeated a whole number of times")
    x = values[0].repeat_interleave(round(down), 2)
    return x.repeat_interleave(round(across), 3)


def _depth_to_space(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    side, x = attributes["blocksize"], values[0]
    if attributes.get("mode", b"DCR") != b"DCR":
        raise ValueError("channels of pixels in another order")
    count, channels, height, width = x.shape
    pixels = x.reshape(count, side, side, channels // side**2, height, width)
    return pixels.permute(0, 3, 4, 1, 5, 2).reshape(count, -1, height * side, width * side)


def _transposed_convolution(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    if any(attributes.get("pads", ())) or any(one != 1 for one in attributes.get("dilations", ())):
        raise ValueError("a transposed convolution with padding or dilations")
    bias = values[2].reshape(-1) if len(values) > 2 else None
    strides = tuple(attributes.get("strides", (1, 1)))
    return functional.conv_transpose2d(values[0], values[1], bias, strides)


def _reshape(values: Sequence[Tensor], _: Attributes) -> Tensor:
    x = values[0]
    # Zero stands for the length that is there.
    return x.reshape([n or x.shape[axis] for axis, n in enumerate(values[1].tolist())])


def _slice(values: Sequence[Tensor], _: Attributes) -> Tensor:
    x, starts, ends = values[:3]
    axes = values[3].tolist() if len(values) > 3 else range(len(starts))
    steps = values[4].tolist() if len(values) > 4 else [1] * len(starts)
    where = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps, strict=True):
        where[axis] = slice(start, end, step)
    return x[tuple(where)]


def _squeeze(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    return values[0].squeeze(tuple(attributes["axes"]))


def _unsqueeze(values: Sequence[Tensor], attributes: Attributes) -> Tensor:
    x = values[0]
    for axis in sorted(attributes["axes"]):
        x = x.unsqueeze(axis)
    return x


OPERATIONS: Mapping[str, Operation] = {
    "Add": lambda values, _: values[0] + values[1],
    "Sub": lambda values, _: values[0] - values[1],
    "Mul": lambda values, _: values[0] * values[1],
    "Div": lambda values, _: values[0] / values[1],
    "Pow": lambda values, _: values[0] ** values[1],
    "Sqrt": lambda values, _: values[0].sqrt(),
    "Erf": lambda values, _: torch.erf(values[0]),
    "Relu": lambda values, _: functional.relu(values[0]),
    "Sigmoid": lambda values, _: torch.sigmoid(values[0]),
    "MatMul": lambda values, _: values[0] @ values[1],
    "Shape": lambda values, _: torch.tensor(values[0].shape),
    "Concat": lambda values, attributes: torch.cat(list(values), attributes["axis"]),
    "Softmax": lambda values, attributes: values[0].softmax(attributes.get("axis", 1)),
    "Transpose": lambda values, attributes: values[0].permute(attributes["perm"]),
    "HardSigmoid": _hard_sigmoid,
    "ReduceMean": _mean,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "GlobalAveragePool": _overall_mean,
    "Resize": _resize,
    "DepthToSpace": _depth_to_space,
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    GELU: lambda values, _: functional.gelu(values[0]),
    LAYER_NORM: _layer_norm,
}
