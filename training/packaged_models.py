# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make the detector and the classifier of the package: those of the catalogue, with 16 bits.

Usage: python training/packaged_models.py [--models FOLDER] [--output FOLDER]

Of every model of `PACKAGED`, the file of the catalogue is taken from FOLDER (its hash is checked),
and weights are rounded to 16 bits where there are many: the file becomes half as large. From
there, `eight_bits` goes on with the recognizer. Most of its weights are those of its output layer;
they get fewer digits, which compress better. The graph stays what it is, but that these weights are
cast to 32 bits before anything reads them, which engines do once, when they load the model. The
metadata say where the model is from, and which network gives the same features
(`ocrd_rapid.inference.feature_identity`). The same models give the same bytes; the lines of the
files in SHA256SUMS are renewed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.inference.feature_identity import facts_of_features
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.ocr.model_kinds import DETECTION, ORIENTATION
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.integrity import check_file, sha256_of
from ocrd_rapid.resmgr.records import SHIPPED
from ocrd_rapid.resmgr.resource import Resource

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / ".models/ocrd-resources"
OUTPUT = ROOT / "ocrd_rapid/models"

#: Weights with fewer numbers stay as they are: biases, and what normalization has measured.
FEWEST = 1024
#: The largest number of 16 bits.
LARGEST = float(np.finfo(np.float16).max)
#: Binary digits of a number of 16 bits after the first one; and so many of a recognizer's output
#: layer: in one of 1 700 columns another character is the likeliest then.
DIGITS, OUTPUT_DIGITS = 10, 6
#: Metadata that say where a model is from.
ORIGIN_KEY, LICENCE_KEY = "ocrd-rapid.origin", "ocrd-rapid.licence"


@dataclass(frozen=True)
class PackagedModel:
    """A model of the package: its kind, and the name of the model that it is made of."""

    kind: str
    original: str

    @property
    def executable(self) -> str:
        """The processor that it is a resource of."""
        return PROCESSORS[self.kind]

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{Path(self.original).stem}_16bit.onnx"


PACKAGED = (
    PackagedModel(DETECTION, "PP-OCRv6_det_small.onnx"),
    PackagedModel(ORIENTATION, "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
)


def with_16_bits(
    model: onnx.ModelProto, digits: Mapping[str, int] = MappingProxyType({}), usual: int = DIGITS
) -> onnx.ModelProto:
    """Return a model whose large weights have 16 bits, and are cast to 32 before use.

    Args:
        model: the model.
        digits: numbers of digits by the names of weights, see `DIGITS`.
        usual: the number for all others.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph, casts = made.graph, []
    for tensor in _weights(graph):
        array = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or array.size < FEWEST:
            continue
        if not np.abs(array).max() <= LARGEST:
            continue
        name, short = tensor.name, f"{tensor.name}.16bit"
        rounded = with_digits(array.astype(np.float16), digits.get(name, usual))
        tensor.CopyFrom(numpy_helper.from_array(rounded, short))
        casts.append(helper.make_node("Cast", [short], [name], to=TensorProto.FLOAT))
    _set_nodes(graph, [*casts, *graph.node])
    return made


def with_digits(array: NDArray[np.float16], digits: int) -> NDArray[np.float16]:
    """Return numbers rounded to so many binary digits after the first; the others are 0."""
    drop = DIGITS - digits
    if not drop:
        return array
    bits = array.view(np.uint16).astype(np.uint32) + (1 << (drop - 1))
    return (bits >> drop << drop).astype(np.uint16).view(np.float16)


def output_weights(model: onnx.ModelProto) -> str:
    """Return the name of the weights of the linear layer that a network ends in."""
    product = [node for node in model.graph.node if node.op_type == "MatMul"][-1]
    return str(product.input[1])


def _weights(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Yield the weights of a graph; those that are nodes become initializers first."""
    kept = []
    for node in graph.node:
        values = [each.t for each in node.attribute if each.name == "value"]
        if node.op_type != "Constant" or not values:
            kept.append(node)
            continue
        values[0].name = node.output[0]
        graph.initializer.append(values[0])
    _set_nodes(graph, kept)
    yield from graph.initializer


def _set_nodes(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    others = onnx.GraphProto(node=nodes)  # copies: the old ones go with their list
    del graph.node[:]
    graph.node.extend(others.node)


def packaged(path: Path, entry: Resource, *, reads: bool) -> bytes:
    """Return the content of the file that is made of a model of the catalogue.

    Args:
        path: the file of that model.
        entry: its entry.
        reads: whether it is a recognition model, which has features.
    """
    source = onnx.load(str(path))
    model = with_16_bits(source, {output_weights(source): OUTPUT_DIGITS} if reads else {})
    facts = {each.key: each.value for each in model.metadata_props}
    facts |= {ORIGIN_KEY: entry.url_with_hash, LICENCE_KEY: entry.licence}
    if reads:
        facts |= facts_of_features(path)
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def write_hashes(folder: Path) -> None:
    """Renew the lines of all models in SHA256SUMS; those of other files stay."""
    path = folder / SHIPPED
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    kept = [line for line in lines if not line.endswith(".onnx")]
    made = [
        f"{sha256_of(file)}  {file.relative_to(folder).as_posix()}"
        for file in folder.glob("*/*.onnx")
    ]
    ordered = sorted([*kept, *made], key=lambda line: line.partition("  ")[2])
    write_atomically(path, "".join(f"{line}\n" for line in ordered).encode("utf-8"))


def make(models: Path, output: Path) -> None:
    """Write all files of `PACKAGED`.

    Raises:
        InputError: a model of the catalogue is not there.
        IntegrityError: a file is not that model.
    """
    for each in PACKAGED:
        path = models / each.executable / each.original
        entry = catalogue.find(each.executable, each.original)
        if entry is None or not path.is_file():
            raise InputError(f"{path} is not there; fetch it with: make models")
        check_file(path, entry, origin=str(path.parent))
        target = output / each.executable / each.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, packaged(path, entry, reads=False))
        print(f"{target}: {target.stat().st_size} bytes, {path.stat().st_size} before")
    write_hashes(output)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    try:
        make(arguments.models, arguments.output)
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"packaged_models: {error}")


if __name__ == "__main__":
    main()
