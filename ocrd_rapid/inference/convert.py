# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Convert ONNX files to OpenVINO's own format, and prove that they compute the same.

OpenVINO reads ONNX files, too; its own format takes half the space with 16-bit weights, and
configurations made for OpenVINO name it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import EngineError, ModelError, OutputExistsError, StorageError
from . import reports
from .engines import load_model
from .libraries import import_openvino
from .model import EngineConfig, FloatArray, Model
from .modelfile import check_model_file

#: Largest difference allowed between the outputs, which are probabilities for the models of this
#: package. Measured on ten of PaddleOCR's models: 1e-5 with 32-bit weights, 7e-2 with 16-bit
#: weights.
TOLERANCE_FP32 = 1e-3
TOLERANCE_FP16 = 0.1

#: Sizes for inputs that a model leaves open. Heights and widths of detection models must be
#: multiples of 32 pixels; recognition and orientation models expect lines of 48 pixels.
_WIDTHS = (64, 160, 320, 640)
_PAGE_HEIGHT, _LINE_HEIGHT = 64, 48


@dataclass(frozen=True)
class OutputComparison:
    """The outputs of both files for one input.

    Attributes:
        shape: shape of the input.
        difference: largest absolute difference.
    """

    shape: tuple[int, ...]
    difference: float


@dataclass(frozen=True)
class Conversion:
    """The result of a conversion.

    Attributes:
        source: the ONNX file.
        xml: the network.
        weights: the ``.bin`` beside it.
        fp16: whether the weights have 16 bits.
        bytes_before: size of the ONNX file.
        bytes_after: size of both new files.
        metadata: the keys of the metadata, which both have.
        comparisons: comparisons of the outputs.
        tolerance: the difference that was allowed.
    """

    source: Path
    xml: Path
    weights: Path
    fp16: bool
    bytes_before: int
    bytes_after: int
    metadata: tuple[str, ...]
    comparisons: tuple[OutputComparison, ...]
    tolerance: float

    @property
    def difference(self) -> float:
        """Largest difference of all comparisons."""
        return max(comparison.difference for comparison in self.comparisons)


def convert(
    source: Path, directory: Path, *, name: str = "", fp16: bool = False, overwrite: bool = False
) -> Conversion:
    """Convert an ONNX file; leave nothing in ``directory`` if anything fails.

    Args:
        source: an ``.onnx`` file.
        directory: the folder for ``NAME.xml`` and ``NAME.bin``; created if it does not exist.
        name: name of the new files, without suffix; that of ``source`` if empty.
        fp16: store the weights with 16 bits.
        overwrite: replace existing files.

    Raises:
        OutputExistsError: a file exists, and ``overwrite`` is not set.
        ModelError: the model cannot be converted, or its output differs afterwards.
        EngineError: OpenVINO is not installed.
        StorageError: ``directory`` cannot be written to.
    """
    if source.suffix.lower() != ".onnx":
        raise ModelError(f"model {source} is not an ONNX file (its name does not end in .onnx)")
    check_model_file(source)
    xml = directory / f"{name or source.stem}.xml"
    weights = xml.with_name(f"{name or source.stem}.bin")
    existing = [path for path in (xml, weights) if path.exists()]
    if existing and not overwrite:
        raise OutputExistsError(
            f"{existing[0]} already exists; replace it with --overwrite, or choose --name NAME"
        )
    tolerance = TOLERANCE_FP16 if fp16 else TOLERANCE_FP32
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=f".{xml.stem}.") as folder:
            made = Path(folder) / "model.xml"
            _save(source, made, fp16=fp16)
            metadata, comparisons = _compare(source, made, tolerance)
            sizes = made.stat().st_size + made.with_suffix(".bin").stat().st_size
            # No network may ever stand beside the weights of another.
            xml.unlink(missing_ok=True)
            made.with_suffix(".bin").replace(weights)
            made.replace(xml)
    except OSError as error:
        raise StorageError(f"{directory} cannot be written to ({error.strerror})") from error
    return Conversion(
        source,
        xml,
        weights,
        fp16,
        source.stat().st_size,
        sizes,
        metadata,
        comparisons,
        tolerance,
    )


def _save(source: Path, target: Path, *, fp16: bool) -> None:
    openvino = import_openvino()
    try:
        # openvino.convert_model does the same for ONNX, but reports to its makers over the network.
        network = openvino.Core().read_model(str(source))
        openvino.save_model(network, str(target), compress_to_fp16=fp16)
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"model {source} cannot be converted: {reports.last_line(error)}"
        ) from error


def _compare(
    source: Path, made: Path, tolerance: float
) -> tuple[tuple[str, ...], tuple[OutputComparison, ...]]:
    """Return the keys of the metadata and the comparisons; raise if anything differs."""
    old, new = _original(source), load_model(made, EngineConfig("openvino"))
    lost = [key for key, value in old.metadata.items() if new.metadata.get(key) != value]
    if lost:
        raise ModelError(f"model {source} cannot be converted: its {', '.join(lost)} would be lost")
    comparisons = []
    for batch in _batches(old):
        expected, output = old.run(batch), new.run(batch)
        if expected.shape != output.shape:
            raise ModelError(
                f"model {source} cannot be converted: its output for input {batch.shape} would"
                f" have shape {output.shape} instead of {expected.shape}"
            )
        difference = float(np.abs(expected - output).max(initial=0))
        # Written so that NaN is rejected.
        if not difference <= tolerance:
            raise ModelError(
                f"model {source} cannot be converted: its output for input {batch.shape} would"
                f" differ by {difference:.1e} (at most {tolerance:.0e} is allowed)"
            )
        comparisons.append(OutputComparison(batch.shape, difference))
    return tuple(sorted(old.metadata)), tuple(comparisons)


def _original(source: Path) -> Model:
    """Load the ONNX file with onnxruntime, or with OpenVINO if that is not installed."""
    try:
        return load_model(source, EngineConfig("onnxruntime"))
    except EngineError:
        return load_model(source, EngineConfig("openvino"))


def _batches(model: Model) -> list[FloatArray]:
    """Return inputs of several widths, and a batch of two, as far as the model allows.

    Raises:
        ModelError: the model's input is not a batch of images.
    """
    if len(model.input_shape) != 4:
        raise ModelError(f"a model with input shape {model.input_shape} cannot be tested")
    count, channels, height, width = model.input_shape
    if height is None:
        height = _PAGE_HEIGHT if len(model.output_shape) == 4 else _LINE_HEIGHT
    shapes = [(count or 1, channels or 3, height, one) for one in ((width,) if width else _WIDTHS)]
    if count is None:
        shapes.append((2, *shapes[0][1:]))
    random = np.random.default_rng(0)
    return [random.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]
