"""Features of line images: what the output layer of a recogniser is given.

They are computed once for every image and kept in the user's cache, under a name that depends on
the network and on the pixels.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..arrays import read_array
from ..cache import FEATURES
from ..errors import ModelError
from ..inference.cores import available_cores
from ..inference.derive import derive
from ..inference.devices import available
from ..inference.engines import load_model
from ..inference.model import EngineConfig
from ..ocr.recognition.recognizer import prepare_line
from ..pixels import BgrImage
from ..resmgr.integrity import sha256_of
from .samples import Features

#: Part of the name of every file: to be raised when features are computed in another way.
_VERSION = b"1"

Progress = Callable[[int, int], None]


class FeatureExtractor:
    """Gives the features of line images, several at a time."""

    def __init__(self, backbone: Path, threads: int = 0, *, device: str = "CPU") -> None:
        """Load a recognition network without its output layer.

        Args:
            backbone: the ONNX file of the network.
            threads: how many images are worked on at the same time; 0 for one per core.
            device: where, see `EngineConfig`.

        Raises:
            ModelError: it cannot be read, or its last layer is not linear.
        """
        self.threads = threads or available_cores()
        self.backbone = sha256_of(backbone)
        config = EngineConfig(
            device=device, intra_op_threads=1, parallel_calls=self.threads, strict=False
        )
        self._model = load_model(derive(backbone, []), config)
        if self._model.input_shape[1:2] != (3,) or len(self._model.output_shape) != 3:
            raise ModelError(f"model {backbone} is not a text recognition model")

    def extract(
        self, images: Sequence[BgrImage], progress: Progress | None = None
    ) -> list[Features]:
        """Return the features of images, each of shape (T, features), in the order given.

        Args:
            images: lines, upright, BGR.
            progress: called with how many are done, and how many there are.
        """
        found: list[Features] = []
        with ThreadPoolExecutor(self.threads) as pool:
            for number, features in enumerate(pool.map(self._features, images), start=1):
                found.append(features)
                if progress is not None:
                    progress(number, len(images))
        return found

    def _features(self, image: BgrImage) -> Features:
        digest = hashlib.sha256(_VERSION + repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).tobytes())
        name = f"{self.backbone[:16]}/{digest.hexdigest()[:40]}.npy"
        known = _read(name)
        if known is not None:
            return known
        batch, _ = prepare_line(image)
        features: Features = self._model.run(batch)[0].astype(np.float16)
        _write(name, features)
        return features


def fastest_device() -> str:
    """Return the device of onnxruntime that features are computed on: a GPU where there is one."""
    for engine in available():
        if engine.name == "onnxruntime" and any(device.name == "CUDA" for device in engine.devices):
            return "CUDA"
    return "CPU"


def tidy() -> None:
    """Remove the features that were not used for longest, as far as there are too many."""
    FEATURES.tidy(at_once=True)


def _read(name: str) -> Features | None:
    path = FEATURES.find(name)
    if path is None:
        return None
    try:
        features: Features = read_array(path)
    except (OSError, ValueError):
        return None
    usable = features.ndim == 2 and features.dtype == np.float16
    return features if usable else None


def _write(name: str, features: Features) -> None:
    stream = io.BytesIO()
    np.save(stream, features, allow_pickle=False)
    FEATURES.keep(name, stream.getvalue())
