# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make a recognizer from a smaller network that was trained (`backbone.py export`).

Usage: python training/smaller_model.py EXPORTED [--model ONNX] [--output FOLDER]

Of the output layer, classes of Latin script stay, of numbers and signs: with the others, nearly
all of them Chinese, it would be larger than all the rest. Heads read the features as those of the
large network. Weights get 16 bits (`packaged_models`); `eight_bits` makes the model of the package
of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from packaged_models import LICENCE_KEY, ORIGIN_KEY, with_16_bits
from scanned_heads import HEADS, MODEL

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.files import write_atomically
from ocrd_rapid.inference.feature_identity import facts_of_features
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.ocr.model_kinds import RECOGNITION
from ocrd_rapid.ocr.recognition.characters import (
    METADATA_KEY,
    class_characters,
    keys_from_metadata,
)
from ocrd_rapid.ocr.recognition.head_files import read_head
from ocrd_rapid.resmgr import catalogue

#: What it is called besides the name of the large network.
NAME = "half"
#: Binary digits of its weights after the first one: it was taught with fewer (bfloat16).
TAUGHT_DIGITS = 7


def smaller_model(exported: Path, large: Path) -> bytes:
    """Return the content of the file.

    Args:
        exported: see `backbone.export`.
        large: the network whose features it gives.

    Raises:
        InputError: the large network is none of the catalogue.
    """
    model = onnx.load(str(exported))
    facts = {each.key: each.value for each in model.metadata_props}
    keys = keys_from_metadata(facts) or []
    size = model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    characters = class_characters(keys, size or None)
    wanted = set(read_head(HEADS / f"{large.stem}_latin.npz").characters)
    classes = [n for n, text in enumerate(characters) if n == 0 or text in wanted]
    keep_classes(model, classes)
    executable = PROCESSORS[RECOGNITION]
    entry = catalogue.find(executable, large.name)
    if entry is None:
        raise InputError(f"{large.name} is none of the models for {executable}")
    facts |= facts_of_features(large) | {
        METADATA_KEY: "\n".join(characters[n] for n in classes[1:]),
        ORIGIN_KEY: f"training/backbone.py, taught by {entry.url_with_hash}",
        LICENCE_KEY: entry.licence,
    }
    short = with_16_bits(model, usual=TAUGHT_DIGITS)
    onnx.helper.set_model_props(short, facts)
    onnx.checker.check_model(short)
    content: bytes = short.SerializeToString(deterministic=True)
    return content


def keep_classes(model: onnx.ModelProto, classes: Sequence[int]) -> None:
    """Leave only some of the classes of a network that ends in a linear layer and softmax.

    Raises:
        InputError: it ends in another way.
    """
    graph = model.graph
    tail = [node for node in graph.node if node.op_type in ("MatMul", "Add", "Softmax")][-3:]
    if [node.op_type for node in tail] != ["MatMul", "Add", "Softmax"]:
        raise InputError("the network does not end in a linear layer and softmax")
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].HasField("t"):
            tensors[node.output[0]] = node.attribute[0].t
    names = [name for node in tail[:2] for name in node.input if name in tensors]
    for name in names:
        array = numpy_helper.to_array(tensors[name])
        kept = np.ascontiguousarray(array[..., list(classes)])
        tensors[name].CopyFrom(numpy_helper.from_array(kept, tensors[name].name))
    del graph.value_info[:]
    for each in graph.output:
        each.type.tensor_type.shape.dim[-1].dim_value = len(classes)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("exported", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=Path())
    arguments = parser.parse_args()
    try:
        content = smaller_model(arguments.exported, arguments.model)
        name = f"{arguments.model.stem}_{NAME}_16bit.onnx"
        target = arguments.output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
        print(f"{target}: {len(content)} bytes")
    except (OcrdRapidError, OSError) as error:
        sys.exit(f"smaller_model: {error}")


if __name__ == "__main__":
    main()
