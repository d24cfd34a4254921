# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the detector of the package that computes with 8 bits.

Usage: python training/eight_bit_detector.py TYPESET CACHE [--steps N] [--minutes N]
                                           [--model MODEL] [--output FOLDER]

MODEL is the detector of the catalogue. TYPESET has typeset pages, one folder for each kind, such
as `tests/bench/synthetic.py` makes; CACHE has the lines of `backbone.py lines`, of which more pages
are composed. Squares of all these pages (`page_squares`) show what values become, and the second
convolution of every pair is solved anew, by least squares, on some of them, as `eight_bits` does
for recognizers. With steps, the network learns the map that the one in float gives
(`detector_teaching`), so many of them or as many as there is time for. The network is written with
cheaper operations (`detector_graph`); the map of probabilities, and the convolution before it, stay
float. On the same machine, the same files and steps give the same bytes.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from detector_graph import reduced
from detector_teaching import teach
from eight_bits import THREADS, finished, ranges_of, with_32_bits
from graph_network import GraphNetwork
from graph_steps import read_graph
from line_shards import read_shards
from packaged_models import MODELS, OUTPUT, PACKAGED, packaged, write_hashes
from page_squares import as_input, squares_of
from pruning import prune
from quantization import quantized
from quantized_network import QuantizedNetwork
from scanned_heads import MODEL

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import check_file, sha256_of

SEED = 7
#: Squares that are measured; every so many of them is used to solve convolutions, which takes most
#: of the time.
CALIBRATION, SOLVED = 100, 2
NAME = "PP-OCRv6_det_small_8bit.onnx"


def eight_bits(
    source: onnx.ModelProto,
    squares: Sequence[BgrImage],
    steps: int = 0,
    minutes: float = math.inf,
) -> bytes:
    """Return the content of the file.

    Args:
        source: the detector of the package, whose weights have 16 bits.
        squares: of pages, in random order.
        steps: to teach, over which the learning rate falls.
        minutes: after which teaching ends anyway.

    Raises:
        ModelError: it is another kind of network.
    """
    graph = reduced(read_graph(with_32_bits(source)))
    teacher = GraphNetwork(graph)
    measured = [as_input(square) for square in squares[:CALIBRATION]]
    ranges = ranges_of(teacher, measured)
    network = QuantizedNetwork(graph, ranges)
    solved = measured[::SOLVED]
    prune(network, teacher, solved, 1.0, lambda pair: print(f"left {pair.left:.4f}", flush=True))
    teach(network, teacher, squares, steps, minutes)
    weights = {name: value.numpy() for name, value in network.weights().items()}
    made = replace(graph, arrays={**graph.arrays, **weights})
    return finished(quantized(source, ranges, made), source)


def make(model: Path, typeset: Path, cache: Path, output: Path) -> None:
    """Write the file, and renew its line in SHA256SUMS.

    Raises:
        InputError: the model is none of the catalogue, or there are no pages, or no lines.
        IntegrityError: the file is not that model of the catalogue.
        ImageError: a page cannot be read.
    """
    (own,) = (each for each in PACKAGED if each.name == NAME.replace("8bit", "16bit"))
    entry = catalogue.find(own.executable, model.name)
    if entry is None or model.name != own.original:
        raise InputError(f"{model} is not {own.original} of the catalogue")
    check_file(model, entry, origin=str(model.parent))
    source = onnx.load_from_string(packaged(model, entry, reads=False))
    lines = read_shards(cache / "learn", sha256_of(MODEL))
    squares = squares_of(typeset, lines, np.random.default_rng(SEED))
    content = eight_bits(source, squares, steps, minutes)
    target = output / own.executable / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    write_hashes(output)
    print(f"{target}: {len(content)} bytes, {model.stat().st_size} before")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("typeset", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument(
        "--model", type=Path, default=MODELS / "ocrd-rapid-detect/PP-OCRv6_det_small.onnx"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        make(
            arguments.model,
            arguments.typeset,
            arguments.cache,
            arguments.output,
            arguments.steps,
            arguments.minutes,
        )
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"eight_bit_detector: {error}")


if __name__ == "__main__":
    main()
