# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Cut the output layer of a recognition model to an alphabet, in a new file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import ModelError, StorageError
from ..files import write_atomically
from ..inference.derive import cut
from ..inference.model import EngineConfig
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.alphabets import Alphabet, kept_classes
from ..ocr.recognition.characters import METADATA_KEY, class_characters, keys_from_metadata
from ..ocr.recognition.line_input import LINE_HEIGHT
from .load import load_network
from .request import ModelRequest

#: Largest difference allowed between probabilities.
TOLERANCE = 1e-4
_WIDTH = 320


@dataclass(frozen=True)
class Cut:
    """The result of cutting a model.

    Attributes:
        path: path of the new file.
        classes_before: number of classes of the model, including blank and space.
        classes_after: number of classes of the new model.
        difference: largest difference between the probabilities of the new model and those of the
            old one, the latter divided by the sum over the classes that were kept.
    """

    path: Path
    classes_before: int
    classes_after: int
    difference: float


def cut_model(source: Path, alphabet: Alphabet, target: Path) -> Cut:
    """Write a recognition model with only the characters of an alphabet.

    Its scores are those of the whole model, and its metadata have its characters.

    Args:
        source: an ONNX file with its characters in its metadata.
        alphabet: the characters to keep.
        target: the new file; replaced if it exists.

    Raises:
        ModelError: it is not a recognition model, has no characters, or cannot be cut.
        ConfigurationError: it has no character of the alphabet.
        EngineError: onnx or onnxruntime is not installed.
        StorageError: the file cannot be written.
    """
    model = load_network(ModelRequest(RECOGNITION, source, EngineConfig()))
    keys = keys_from_metadata(model.metadata)
    if keys is None:
        raise ModelError(
            f"model {source} cannot be cut: its metadata do not name its characters, so the classes"
            " for an alphabet are unknown"
        )
    characters = class_characters(keys, model.output_shape[-1])
    kept = kept_classes(characters, alphabet)
    # Reading the keys adds blank and space again.
    inner = [characters[number] for number in kept if characters[number] not in ("", " ")]
    space = [number for number, character in enumerate(characters) if character == " "]
    classes = [0, *(n for n in kept if characters[n] not in ("", " ")), *space[-1:]]
    if not space:
        raise ModelError(f"model {source} cannot be cut: it has no class for the space")
    data = cut(source, tuple(classes), {METADATA_KEY: "\n".join(inner)})
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror})") from error
    batch = np.random.default_rng(0).uniform(-1, 1, (1, 3, LINE_HEIGHT, _WIDTH)).astype(np.float32)
    whole = model.run(batch)[:, :, classes]
    expected = whole / whole.sum(axis=-1, keepdims=True)
    part = load_network(ModelRequest(RECOGNITION, target, EngineConfig())).run(batch)
    difference = float(np.abs(part - expected).max(initial=0))
    if not difference <= TOLERANCE:
        target.unlink(missing_ok=True)
        raise ModelError(
            f"model {source} cannot be cut: its output would differ by {difference:.1e} (at most"
            f" {TOLERANCE:.0e} is allowed)"
        )
    return Cut(target, len(characters), len(classes), difference)
