"""Features of line images: the input of the output layer of a recognizer.

They are computed once for every image and kept in the user's cache (``features`` in that of
ocrd-rapid), under a name that depends on the network and on the pixels.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..arrays import read_array
from ..config.directories import writable_cache
from ..errors import ModelError
from ..files import replace_quickly
from ..inference.cores import available_cores
from ..inference.derive import derive
from ..inference.devices import available
from ..inference.engines import load_model
from ..inference.model import EngineConfig
from ..ocr.recognition.recognizer import prepare_line
from ..pixels import BgrImage
from .samples import Features

LOG = logging.getLogger(__name__)

#: Part of the name of every file: raise it when features are computed in another way.
_VERSION = b"1"
#: Largest size of the cache, in bytes; the least recently used features are removed first.
_CACHE_SIZE = 2 << 30

Progress = Callable[[int, int], None]


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, which a head calls its backbone."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


class FeatureExtractor:
    """Computes the features of line images, several at a time."""

    def __init__(
        self, backbone: Path, threads: int = 0, *, device: str = "CPU", cache: Path | None = None
    ) -> None:
        """Load a recognition network without its output layer.

        Args:
            backbone: the ONNX file of the network.
            threads: number of images computed at the same time; 0 for one per core.
            device: of onnxruntime, see `EngineConfig`.
            cache: directory of the features, by default that of the user.

        Raises:
            ModelError: it cannot be read, or its last layer is not linear.
        """
        self.threads = threads or available_cores()
        self.backbone = file_hash(backbone)
        config = EngineConfig(
            device=device, intra_op_threads=1, parallel_calls=self.threads, strict=False
        )
        self._model = load_model(derive(backbone, []), config)
        if self._model.input_shape[1:2] != (3,) or len(self._model.output_shape) != 3:
            raise ModelError(f"model {backbone} is not a text recognition model")
        self._folder = (cache or cache_folder()) / self.backbone[:16]

    def extract(
        self, images: Sequence[BgrImage], progress: Progress | None = None
    ) -> list[Features]:
        """Return the features of images, each of shape (T, features), in the order given.

        Args:
            images: lines, upright, BGR.
            progress: called with the number of images done, and that of all.
        """
        self._make_folder()
        found: list[Features] = []
        with ThreadPoolExecutor(self.threads) as pool:
            for done, features in enumerate(pool.map(self._features, images), start=1):
                found.append(features)
                if progress is not None:
                    progress(done, len(images))
        return found

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            LOG.debug("features are not kept: %s", error)

    def _features(self, image: BgrImage) -> Features:
        digest = hashlib.sha256(_VERSION + repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).tobytes())
        path = self._folder / f"{digest.hexdigest()[:40]}.npy"
        known = _read(path)
        if known is not None:
            return known
        batch, _ = prepare_line(image)
        features: Features = self._model.run(batch)[0].astype(np.float16)
        _write(path, features)
        return features


def fastest_device() -> str:
    """Return the device of onnxruntime for features: a GPU if there is one."""
    for engine in available():
        if engine.name == "onnxruntime" and any(device.name == "CUDA" for device in engine.devices):
            return "CUDA"
    return "CPU"


def cache_folder() -> Path:
    """Return the directory that holds features.

    Raises:
        StorageError: it cannot be written to.
    """
    return writable_cache("features")


def tidy(folder: Path | None = None, size: int = _CACHE_SIZE) -> None:
    """Remove the least recently used features until the others fit into a size."""
    found = []
    for path in (folder or cache_folder()).glob("*/*.npy"):
        try:
            status = path.stat()
        except OSError:  # somebody else removed it
            continue
        found.append((status.st_mtime, status.st_size, path))
    total = sum(length for _, length, _ in found)
    for _, length, path in sorted(found):
        if total <= size:
            return
        path.unlink(missing_ok=True)
        total -= length


def _read(path: Path) -> Features | None:
    try:
        features: Features = read_array(path)
        os.utime(path)
    except (OSError, ValueError):
        return None
    usable = features.ndim == 2 and features.dtype == np.float16
    return features if usable else None


def _write(path: Path, features: Features) -> None:
    from io import BytesIO

    stream = BytesIO()
    np.save(stream, features, allow_pickle=False)
    try:
        replace_quickly(path, stream.getvalue())
    except OSError as error:
        LOG.debug("%s is not kept: %s", path, error)
