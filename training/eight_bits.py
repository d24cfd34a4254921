# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the recognizer of the size `fast`: a smaller network that computes with 8 bits.

Usage: python training/eight_bits.py make CACHE SMALLER [--output FOLDER]
       python training/eight_bits.py evaluate CACHE MODEL [--heads FOLDER] [--engine ENGINE]

SMALLER is the file that `smaller_model.py` writes, CACHE the lines of `backbone.py lines`. What
values become is measured on some of the lines to learn from. Then the second convolution of every
pair is solved anew, by least squares, for what the network gives there in float (`pruning`): that
makes up for much of what rounding, and the function in place of GELU, have changed. On the same
machine, the same files give the same bytes. `evaluate` prints what a model misreads of the lines to
choose by; see `backbone_errors`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from backbone import heads_of
from backbone_errors import as_rows, errors_of
from distillation import Batches, as_batch
from graph_network import GraphNetwork, with_weights
from line_shards import read_shards
from onnx import numpy_helper
from packaged_models import OUTPUT, with_16_bits, write_hashes
from pruning import prune
from quantization import Ranges, plan_of, quantized
from quantized_network import QuantizedNetwork
from scanned_heads import HEADS
from smaller_model import TAUGHT_DIGITS
from torch import Tensor

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.ocr.model_kinds import RECOGNITION

SEED = 1
THREADS = 1
#: Lines that are measured are in so many batches.
CALIBRATION = 8
#: In every batch, so many values in a hundred are outside of the range; they are cut off.
OUTSIDE = 0.01
#: Of larger values, so many numbers are measured.
MEASURED = 100_000
_OLD, _NEW = "_16bit.onnx", "_8bit.onnx"


def with_32_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model whose weights have 32 bits, of one whose weights are cast to 32 bits."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    tensors = {tensor.name: tensor for tensor in made.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type != "Cast" or node.input[0] not in tensors:
            nodes.append(node)
            continue
        array = numpy_helper.to_array(tensors[node.input[0]]).astype(np.float32)
        tensors[node.input[0]].CopyFrom(numpy_helper.from_array(array, node.output[0]))
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    return made


@torch.no_grad()
def ranges_of(network: GraphNetwork, batches: Sequence[Tensor]) -> Ranges:
    """Return what the values that get 8 bits become, see `OUTSIDE`."""
    names = plan_of(network.graph).values
    low, high = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for batch in batches:
        values = network.values({network.graph.input: batch}, names)
        values[network.graph.input] = batch
        for name, value in values.items():
            numbers = value.reshape(-1)
            numbers = numbers[:: max(1, len(numbers) // MEASURED)].numpy()
            ends = np.percentile(numbers, [OUTSIDE, 100 - OUTSIDE])
            low[name] = min(low[name], float(ends[0]))
            high[name] = max(high[name], float(ends[1]))
    return {name: (low[name], high[name]) for name in sorted(names)}


def eight_bits(smaller: Path, batches: Sequence[Tensor]) -> bytes:
    """Return the content of the file.

    Args:
        smaller: the network, see above.
        batches: lines, each of shape (N, 3, 48, W).
    """
    source = onnx.load(str(smaller))
    model = with_32_bits(source)
    teacher = GraphNetwork(model)
    ranges = ranges_of(teacher, batches)
    network = QuantizedNetwork(model, ranges)
    prune(network, teacher, batches, 1.0, lambda pair: print(f"left {pair.left:.4f}", flush=True))
    weights = {name: value.numpy() for name, value in network.weights().items()}
    made = with_16_bits(quantized(with_weights(model, weights), ranges), usual=TAUGHT_DIGITS)
    onnx.helper.set_model_props(made, {each.key: each.value for each in source.metadata_props})
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def make(cache: Path, smaller: Path, output: Path) -> None:
    """Write the file, and renew its line in SHA256SUMS.

    Raises:
        InputError: the network has another name than `smaller_model.py` gives, or there are no
            lines.
    """
    if not smaller.name.endswith(_OLD):
        raise InputError(f"{smaller} is no model of 16 bits (its name does not end in {_OLD})")
    lines = read_shards(cache / "learn", features_identity(smaller))
    batches, chance = Batches(lines), np.random.default_rng(SEED)
    drawn = [batches.draw(chance) for _ in range(CALIBRATION)]
    content = eight_bits(smaller, [as_batch(each.lines, each.width) for each in drawn])
    target = output / PROCESSORS[RECOGNITION] / f"{smaller.name.removesuffix(_OLD)}{_NEW}"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    write_hashes(output)
    print(f"{target}: {len(content)} bytes, {smaller.stat().st_size} before")


def evaluate(cache: Path, model: Path, heads: Path, engine: str) -> None:
    """Print what a model misreads.

    Raises:
        InputError: there are no lines, or no heads for it.
    """
    lines = read_shards(cache / "choose", features_identity(model))
    features = load_model(derive(model, []), EngineConfig(engine, intra_op_threads=THREADS))

    def network(batch: Tensor) -> Tensor:
        return torch.from_numpy(features.run(np.ascontiguousarray(batch.numpy())))

    print(*as_rows(errors_of(network, lines, heads_of(model, heads))), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    write, judge = map(commands.add_parser, ("make", "evaluate"))
    for command, name in ((write, "smaller"), (judge, "model")):
        command.add_argument("cache", type=Path)
        command.add_argument(name, type=Path)
    write.add_argument("--output", type=Path, default=OUTPUT)
    judge.add_argument("--heads", type=Path, default=HEADS)
    judge.add_argument("--engine", default="onnxruntime")
    return parser


def main() -> None:
    """Read the command line."""
    torch.set_num_threads(THREADS)
    arguments = _parser().parse_args()
    try:
        if arguments.command == "make":
            make(arguments.cache, arguments.smaller, arguments.output)
        else:
            evaluate(arguments.cache, arguments.model, arguments.heads, arguments.engine)
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"eight_bits: {error}")


if __name__ == "__main__":
    main()
