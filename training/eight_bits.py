# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the recognizers of the package: networks that compute with 8 bits.

Usage: python training/eight_bits.py make CACHE MODEL [--output FOLDER] [--heads FOLDER]
                                   [--steps N] [--minutes N]
       python training/eight_bits.py evaluate CACHE MODEL [--heads FOLDER] [--engine ENGINE]

MODEL is a recognizer of the catalogue, or a smaller one that `smaller_model.py` writes; CACHE has
the lines of `backbone.py lines`. What values become is measured on some of the lines to learn from.
Then the second convolution of every pair is solved anew, by least squares, for what the network
gives there in float (`pruning`): that makes up for much of what rounding, and the function in place
of GELU, have changed. With steps, the network is taught by itself in float, too (`distillation`),
so many of them or as many as there is time for. On the same machine, the same files and steps give
the same bytes. `evaluate` prints what a model misreads of the lines to choose by; see
`backbone_errors`.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from backbone import heads_of
from backbone_errors import as_rows, errors_of
from distillation import Batches, Heads, Training
from graph_network import GraphNetwork, with_weights
from line_shards import KeptLine, read_shards
from onnx import numpy_helper
from packaged_models import OUTPUT, packaged, with_16_bits, write_hashes
from pruning import prune
from quantization import Ranges, plan_of, quantized
from quantized_network import QuantizedNetwork
from scanned_heads import HEADS
from torch import Tensor

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.inference.derive import derive
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.ocr.model_kinds import RECOGNITION
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import check_file

SEED = 1
THREADS = 1
#: Lines that are measured are in so many batches.
CALIBRATION = 40
#: The highest learning rate. Weights are steps apart, and gradients do not see these: at 1e-4, what
#: least squares have found is lost.
RATE = 1e-5
#: Steps between two reports.
_REPORT = 100
#: In every batch, so many values in a hundred are outside of the range; they are cut off.
OUTSIDE = 0.01
#: Operations that give the integers that they read; with another scale, they would be computed in
#: float.
_KEEPING = {"Resize", "MaxPool"}
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
    for step in network.graph.steps:
        if step.operation in _KEEPING and step.output in names:
            low[step.output], high[step.output] = low[step.inputs[0]], high[step.inputs[0]]
    return {name: (low[name], high[name]) for name in sorted(names)}


def eight_bits(
    smaller: Path,
    lines: Sequence[KeptLine],
    heads: Sequence[Head] = (),
    steps: int = 0,
    minutes: float = math.inf,
) -> bytes:
    """Return the content of the file.

    Args:
        smaller: a model of 16 bits.
        lines: to learn from.
        heads: that read the features, see `distillation.loss_of`.
        steps: to teach, over which the learning rate falls.
        minutes: after which teaching ends anyway.
    """
    source = onnx.load(str(smaller))
    model = with_32_bits(onnx.load(str(derive(smaller, []))))
    batches = Batches(lines)
    drawn = batches.samples(CALIBRATION, SEED)
    teacher = GraphNetwork(model)
    ranges = ranges_of(teacher, drawn)
    network = QuantizedNetwork(model, ranges)
    prune(network, teacher, drawn, 1.0, lambda pair: print(f"left {pair.left:.4f}", flush=True))
    _teach(network, batches, Heads(heads), steps, minutes)
    whole = with_32_bits(source)
    weights = {name: value.numpy() for name, value in GraphNetwork(whole).weights().items()}
    weights |= {name: value.numpy() for name, value in network.weights().items()}
    return finished(quantized(with_weights(whole, weights), ranges), source)


def finished(model: onnx.ModelProto, source: onnx.ModelProto) -> bytes:
    """Return the content of the file of a network of 8 bits.

    Args:
        model: the network.
        source: the one of 16 bits, whose metadata it gets.
    """
    made = with_16_bits(model)
    for node in made.graph.node:
        # Old releases of onnxruntime take nodes without a name for one.
        node.name = node.output[0]
    onnx.helper.set_model_props(made, {each.key: each.value for each in source.metadata_props})
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def _teach(
    network: QuantizedNetwork, batches: Batches, heads: Heads, steps: int, minutes: float
) -> None:
    """Teach a network what the one in float gives."""
    training, lost = Training(network, steps, half=True, rate=RATE), []
    end = time.monotonic() + 60 * minutes
    while training.step < steps and time.monotonic() < end:
        lost.append(training.learn(batches, heads).square)
        if training.step % _REPORT == 0:
            print(f"step {training.step} of {steps}: features {np.mean(lost):.4f}", flush=True)
            lost = []


@contextmanager
def _of_16_bits(model: Path) -> Iterator[Path]:
    """Give the model of 16 bits for one that is that, or one of the catalogue.

    Raises:
        InputError: it is neither.
        IntegrityError: the file is not that model of the catalogue.
    """
    entry = catalogue.find(PROCESSORS[RECOGNITION], model.name)
    if model.name.endswith(_OLD):
        yield model
    elif entry is None:
        raise InputError(
            f"{model} is no model of 16 bits (its name does not end in {_OLD}),"
            " and none of the catalogue"
        )
    else:
        check_file(model, entry, origin=str(model.parent))
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / f"{model.stem}{_OLD}"
            made.write_bytes(packaged(model, entry, reads=True))
            yield made


def make(
    cache: Path, model: Path, output: Path, heads: Path, steps: int, minutes: float = math.inf
) -> None:
    """Write the file, and renew its line in SHA256SUMS.

    Raises:
        InputError: it is no model that gets 8 bits, or there are no lines, or no heads.
        IntegrityError: the file is not that model of the catalogue.
    """
    with _of_16_bits(model) as smaller:
        lines = read_shards(cache / "learn", features_identity(smaller))
        readers = heads_of(smaller, heads) if steps else ()
        content = eight_bits(smaller, lines, readers, steps, minutes)
        target = output / PROCESSORS[RECOGNITION] / f"{smaller.name.removesuffix(_OLD)}{_NEW}"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    write_hashes(output)
    print(f"{target}: {len(content)} bytes, {model.stat().st_size} before")


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
    for command in (write, judge):
        command.add_argument("cache", type=Path)
        command.add_argument("model", type=Path)
        command.add_argument("--heads", type=Path, default=HEADS)
    write.add_argument("--output", type=Path, default=OUTPUT)
    write.add_argument("--steps", type=int, default=0)
    write.add_argument("--minutes", type=float, default=math.inf)
    judge.add_argument("--engine", default="onnxruntime")
    return parser


def main() -> None:
    """Read the command line."""
    torch.set_num_threads(THREADS)
    arguments = _parser().parse_args()
    try:
        if arguments.command == "make":
            make(
                arguments.cache,
                arguments.model,
                arguments.output,
                arguments.heads,
                arguments.steps,
                arguments.minutes,
            )
        else:
            evaluate(arguments.cache, arguments.model, arguments.heads, arguments.engine)
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"eight_bits: {error}")


if __name__ == "__main__":
    main()
