"""The engine OpenVINO."""

from __future__ import annotations

import logging
import queue
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import EngineError, ModelError
from .model import EngineConfig, FloatArray

LOG = logging.getLogger(__name__)


class OpenVinoModel:
    """A model loaded with OpenVINO.

    It runs in float32: OpenVINO's own default is bfloat16 where the CPU has it, which changes
    about one character in a hundred.
    """

    def __init__(self, path: Path, config: EngineConfig) -> None:
        """Load ``path``; see `engines.load_model` for the errors."""
        weights = path.with_suffix(".bin")
        if path.suffix.lower() == ".xml" and not weights.is_file():
            raise ModelError(f"model {path}: its weights {weights} do not exist")
        if path.suffix.lower() == ".onnx" and not _looks_like_onnx(path):
            # OpenVINO would try all its other formats, loudly.
            raise ModelError(f"model {path} cannot be loaded: it is not an ONNX file")
        try:
            import openvino
        except ImportError as error:
            raise EngineError(
                f"engine openvino is not usable ({error}); install it with: pip install openvino"
            ) from error
        self._path = path
        core = openvino.Core()
        device = _device(config.device, core.available_devices)
        options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
        if device == "CPU":
            options |= {
                "INFERENCE_NUM_THREADS": config.intra_op_threads * config.parallel_calls,
                "NUM_STREAMS": config.parallel_calls,
                # Pinned threads of several processes would all be pinned to the same cores.
                "ENABLE_CPU_PINNING": False,
            }
        try:
            self._network = core.read_model(str(path))
            self._compiled = core.compile_model(self._network, device, options)
        except RuntimeError as error:
            raise ModelError(f"model {path} cannot be loaded: {_reason(error)}") from error
        if len(self._compiled.inputs) != 1:
            raise ModelError(f"model {path} has {len(self._compiled.inputs)} inputs, expected one")
        # OpenVINO fills this table on first use, and gives up the interpreter's lock meanwhile: two
        # threads that are the first at the same time would wait for each other for ever.
        openvino.Type.f32.to_dtype()
        # Requests are made once and lent, not made anew by the threads of every page.
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(max(1, config.parallel_calls)):
            self._requests.put(self._compiled.create_infer_request())

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        info = self._network.get_rt_info()
        if "framework" not in info:
            return {}
        # A plain dictionary in some versions of OpenVINO, wrapped in others; so are its values.
        framework: Any = _unwrap(info["framework"])
        return {str(key): str(_unwrap(value)) for key, value in framework.items()}

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return _shape(self._compiled.input(0).partial_shape)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return _shape(self._compiled.output(0).partial_shape)

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        request = self._requests.get()
        try:
            request.infer([batch], share_inputs=True)
            output: FloatArray = request.get_output_tensor(0).data.copy()
        except RuntimeError as error:
            raise ModelError(
                f"model {self._path} failed on input {batch.shape}: {_reason(error)}"
            ) from error
        finally:
            self._requests.put(request)
        return output


def _unwrap(value: Any) -> Any:
    return getattr(value, "value", value)


def _looks_like_onnx(path: Path) -> bool:
    """Return whether a file begins as ONNX files do: with the field ``ir_version``."""
    with path.open("rb") as stream:
        return stream.read(1) == b"\x08"


def _device(wanted: str, available: list[str]) -> str:
    """Return the device to use: the wanted one if it is there, else the CPU."""
    kind = wanted.upper()
    if kind == "AUTO" or kind in available or any(d.startswith(f"{kind}.") for d in available):
        return kind
    LOG.warning("Requested device '%s' is not available. Falling back to CPU.", wanted)
    return "CPU"


def _shape(dimensions: Any) -> tuple[int | None, ...]:
    return tuple(d.get_length() if d.is_static else None for d in dimensions)


def _reason(error: Exception) -> str:
    """Return the last line of OpenVINO's message: those before it name its source files."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
