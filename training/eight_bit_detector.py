# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the detector of the package that computes with 8 bits.

Usage: python training/eight_bit_detector.py TYPESET LINES… [--model MODEL] [--output FOLDER]

MODEL is the detector of the catalogue. TYPESET has typeset pages, one folder for each kind, such as
`tests/bench/synthetic.py` makes; every LINES has scanned lines and a table of them (`lines.tsv`),
of which pages are composed (`composed_pages`). Squares of all these pages show what values become,
and the second convolution of every pair is solved anew, by least squares, on some of them, as
`eight_bits` does for recognizers. The network is written with cheaper operations
(`detector_graph`); the map of probabilities, and the convolution before it, stay float. On the same
machine, the same files give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from composed_pages import composed_page
from detector_graph import reduced
from eight_bits import THREADS, finished, ranges_of, with_32_bits
from graph_network import GraphNetwork
from graph_steps import read_graph
from packaged_models import MODELS, OUTPUT, PACKAGED, packaged, write_hashes
from printed_lines import read_image, read_rows
from pruning import prune
from quantization import quantized
from quantized_network import QuantizedNetwork
from torch import Tensor

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.ocr.detection.detector import input_size, normalize
from ocrd_rapid.ocr.detection.strips import STRIDE
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rasters.load_image import load_image
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import check_file

SEED = 7
#: Pages that are composed; lines that each is composed of.
COMPOSED, LINES_OF_A_PAGE = 24, 40
#: Longest side of a square of a page, in pixels of the network's input.
SIDE = 640
#: Factors of the usual size of the input, from and to.
SCALES = (0.75, 1.1)
#: Of all squares, every so many is used to solve convolutions, which takes most of the time.
SOLVED = 2
NAME = "PP-OCRv6_det_small_8bit.onnx"


def typeset_pages(folder: Path) -> Iterator[BgrImage]:
    """Yield the pages of a folder of folders.

    Raises:
        InputError: it has none.
        ImageError: one cannot be read.
    """
    paths = sorted(folder.glob("*/*.png"))
    if not paths:
        raise InputError(
            f"{folder} has no typeset pages; make them with: python tests/bench/synthetic.py"
            f" {folder} --kinds all --count 2 --seed 500 --spread 1.25"
        )
    for path in paths:
        yield load_image(path)


def composed_pages(folders: Sequence[Path], rng: np.random.Generator) -> Iterator[BgrImage]:
    """Yield pages of lines, each of one work, from the folders in turn."""
    tables = [read_rows(folder) for folder in folders]
    for number in range(COMPOSED):
        folder, rows = folders[number % len(folders)], tables[number % len(folders)]
        work = rows[int(rng.integers(len(rows)))]["work"]
        own = [row for row in rows if row["work"] == work]
        drawn = [own[place] for place in rng.permutation(len(own))[:LINES_OF_A_PAGE]]
        yield composed_page([read_image(folder, row) for row in drawn], rng)


def square_of(page: BgrImage, rng: np.random.Generator) -> Tensor:
    """Return a square of a page as the network gets it, drawn by lot."""
    height, width = page.shape[:2]
    size = input_size(height, width, 0, float(rng.uniform(*SCALES)))
    method = cv2.INTER_AREA if size[0] < height else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(page, size[::-1], interpolation=method), dtype=np.uint8)
    sides = [min(SIDE, side // STRIDE * STRIDE) for side in size]
    top, left = (int(rng.integers(all_ - side + 1)) for all_, side in zip(size, sides, strict=True))
    cut = scaled[top : top + sides[0], left : left + sides[1]]
    return torch.from_numpy(normalize(np.ascontiguousarray(cut)))


def eight_bits(source: onnx.ModelProto, squares: Sequence[Tensor]) -> bytes:
    """Return the content of the file.

    Args:
        source: the detector of the package, whose weights have 16 bits.
        squares: of pages, each of shape (1, 3, height, width).

    Raises:
        ModelError: it is another kind of network.
    """
    graph = reduced(read_graph(with_32_bits(source)))
    teacher = GraphNetwork(graph)
    ranges = ranges_of(teacher, squares)
    network = QuantizedNetwork(graph, ranges)
    solved = squares[::SOLVED]
    prune(network, teacher, solved, 1.0, lambda pair: print(f"left {pair.left:.4f}", flush=True))
    weights = {name: value.numpy() for name, value in network.weights().items()}
    made = replace(graph, arrays={**graph.arrays, **weights})
    return finished(quantized(source, ranges, made), source)


def make(model: Path, typeset: Path, lines: Sequence[Path], output: Path) -> None:
    """Write the file, and renew its line in SHA256SUMS.

    Raises:
        InputError: the model is none of the catalogue, or a folder has no pages.
        IntegrityError: the file is not that model of the catalogue.
        ImageError: a page cannot be read.
    """
    (own,) = (each for each in PACKAGED if each.name == NAME.replace("8bit", "16bit"))
    entry = catalogue.find(own.executable, model.name)
    if entry is None or model.name != own.original:
        raise InputError(f"{model} is not {own.original} of the catalogue")
    check_file(model, entry, origin=str(model.parent))
    source = onnx.load_from_string(packaged(model, entry, reads=False))
    rng = np.random.default_rng(SEED)
    pages = (*typeset_pages(typeset), *composed_pages(lines, rng))
    content = eight_bits(source, [square_of(page, rng) for page in pages])
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
    parser.add_argument("lines", type=Path, nargs="+")
    parser.add_argument(
        "--model", type=Path, default=MODELS / "ocrd-rapid-detect/PP-OCRv6_det_small.onnx"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        make(arguments.model, arguments.typeset, arguments.lines, arguments.output)
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"eight_bit_detector: {error}")


if __name__ == "__main__":
    main()
