"""Cut the output layer of a recognition model to an alphabet, for good."""

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
from ..ocr.recognition.recognizer import LINE_HEIGHT
from .load import load_network
from .request import ModelRequest

#: The largest difference of probabilities that is allowed.
TOLERANCE = 1e-4
_WIDTH = 320


@dataclass(frozen=True)
class Cut:
    """A model that was cut.

    Attributes:
        path: of the new file.
        classes_before: of the model, the blank and the space among them.
        classes_after: of the new one.
        difference: the largest between the probabilities that the new model gives and those of
            the old one, divided by the sum of those that were kept.
    """

    path: Path
    classes_before: int
    classes_after: int
    difference: float


def cut_model(source: Path, alphabet: Alphabet, target: Path) -> Cut:
    """Write a recognition model with only the characters of an alphabet.

    Its scores are those of the whole model, and it carries its characters in its metadata.

    Args:
        source: an ONNX file that carries its characters.
        alphabet: what is kept.
        target: the new file; it is replaced if it is there.

    Raises:
        ModelError: it is not a recognition model, carries no characters, or cannot be cut.
        ConfigurationError: it can read none of the alphabet.
        EngineError: onnx or onnxruntime is not installed.
        StorageError: the file cannot be written.
    """
    model = load_network(ModelRequest(RECOGNITION, source, EngineConfig()))
    keys = keys_from_metadata(model.metadata)
    if keys is None:
        raise ModelError(
            f"model {source} carries no characters, so it is not known which classes an alphabet"
            " needs; only recognition models that carry them can be cut"
        )
    characters = class_characters(keys, model.output_shape[-1])
    kept = kept_classes(characters, alphabet)
    # Written so that blank and space are added again when it is read.
    inner = [characters[number] for number in kept if characters[number] not in ("", " ")]
    space = [number for number, character in enumerate(characters) if character == " "]
    classes = [0, *(n for n in kept if characters[n] not in ("", " ")), *space[-1:]]
    if not space:
        raise ModelError(f"model {source} has no class for the space and cannot be cut")
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
            f"model {source} computes something else when it is cut: its output differs by"
            f" {difference:.1e} (allowed is {TOLERANCE:.0e})"
        )
    return Cut(target, len(characters), len(classes), difference)
