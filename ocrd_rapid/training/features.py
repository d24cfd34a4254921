# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Features of line images: the input of the output layer of a recognizer.

They are computed once for every image and kept in the user's cache, under a name that depends on
the network, on the pixels, and on how wide the line is drawn.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from ..arrays import read_array
from ..cache import FEATURES
from ..inference.cores import available_cores
from ..inference.derive import derive
from ..inference.devices import available
from ..inference.feature_identity import features_identity
from ..inference.options import OpenVinoOptions
from ..loading.load import load_network
from ..loading.request import ModelRequest
from ..loading.running import Calls, engine_config
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.line_input import prepare_line
from ..pixels import BgrImage
from ..resmgr.integrity import known_sha256
from .samples import Features

#: Part of the name of every file: raise it when features are computed in another way.
_VERSION = b"1"

Progress = Callable[[int, int], None]


class FeatureExtractor:
    """Computes the features of line images, several at a time."""

    def __init__(
        self,
        backbone: Path,
        threads: int = 0,
        *,
        engine: str = "onnxruntime",
        device: str = "CPU",
    ) -> None:
        """Load a recognition network without its output layer.

        Args:
            backbone: the ONNX file of the network.
            threads: number of images computed at the same time; 0 for one per core.
            engine: ``openvino`` computes in bfloat16 where the processor does that faster: features
                are less exact then, but on one with AMX computed in a fifth of the time.
            device: of the engine, see `EngineConfig`.

        Raises:
            ModelError: it cannot be read, or its last layer is not linear.
        """
        self.threads = threads or available_cores()
        #: What heads of the network are bound to.
        self.backbone = features_identity(backbone)
        #: Files with nearly the same features share heads, but no stored features.
        self._file = known_sha256(backbone)
        self._engine = engine
        options = OpenVinoOptions(inference_precision="auto") if engine == "openvino" else None
        config = engine_config(
            engine, Calls.LINES, threads=self.threads, device=device, options=options
        )
        self._model = load_network(ModelRequest(RECOGNITION, derive(backbone, []), config))

    def extract(
        self,
        images: Sequence[BgrImage],
        progress: Progress | None = None,
        *,
        stretch: float = 1.0,
    ) -> list[Features]:
        """Return the features of images, each of shape (T, features), in the order given.

        Args:
            images: lines, upright, BGR.
            progress: called with the number of images done, and that of all.
            stretch: see `Head`.
        """
        found: list[Features] = []
        compute = partial(self._features, stretch=stretch)
        with ThreadPoolExecutor(self.threads) as pool:
            for done, features in enumerate(pool.map(compute, images), start=1):
                found.append(features)
                if progress is not None:
                    progress(done, len(images))
        return found

    def _features(self, image: BgrImage, stretch: float) -> Features:
        digest = hashlib.sha256(_VERSION + repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).tobytes())
        if stretch != 1:
            digest.update(repr(stretch).encode())
        if self._engine != "onnxruntime":
            digest.update(self._engine.encode())
        name = f"{self._file[:16]}/{digest.hexdigest()[:40]}.npy"
        known = _read(name)
        if known is not None:
            return known
        features = self.compute(image, stretch)
        _write(name, features)
        return features

    def compute(self, image: BgrImage, stretch: float = 1.0) -> Features:
        """Return the features of an image, whether or not they are kept, and keep none."""
        batch, _ = prepare_line(image, stretch=stretch)
        features: Features = self._model.run(batch)[0].astype(np.float16)
        return features


def fastest_device() -> str:
    """Return the device of onnxruntime for features: a GPU if there is one."""
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
