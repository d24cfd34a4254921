"""The engine onnxruntime."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import EngineError, ModelError
from .model import EngineConfig, FloatArray

LOG = logging.getLogger(__name__)

#: Devices by the name that users write, and onnxruntime's name of the execution provider.
_PROVIDERS = {"CPU": "CPUExecutionProvider", "CUDA": "CUDAExecutionProvider"}


class OnnxRuntimeModel:
    """A model loaded with onnxruntime."""

    def __init__(self, path: Path, config: EngineConfig) -> None:
        """Load ``path``; see `engines.load_model` for the errors."""
        if path.suffix.lower() == ".xml":
            raise ModelError(
                f"model {path}: an OpenVINO model cannot be run by onnxruntime; use engine openvino"
            )
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineError(
                f"engine onnxruntime is not usable ({error});"
                " install it with: pip install onnxruntime"
            ) from error
        onnxruntime.set_default_logger_severity(3)
        self._path = path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = config.intra_op_threads
        options.inter_op_num_threads = 1
        # The arena keeps the largest tensors ever seen; with changing widths memory grows.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        providers = _providers(config.device, onnxruntime)
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ModelError(f"model {path} cannot be loaded: {_first_line(error)}") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or not outputs:
            raise ModelError(f"model {path} has {len(inputs)} inputs, expected one")
        self._input, self._output = inputs[0], outputs[0]

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        found: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return _shape(self._input.shape)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return _shape(self._output.shape)

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        try:
            output: FloatArray = self._session.run([self._output.name], {self._input.name: batch})[
                0
            ]
        except Exception as error:
            raise ModelError(
                f"model {self._path} failed on input {batch.shape}: {_first_line(error)}"
            ) from error
        return output


def _providers(device: str, onnxruntime: Any) -> list[str]:
    """Return the execution providers for a device; the CPU comes last, as it can do all."""
    cpu = _PROVIDERS["CPU"]
    provider = _PROVIDERS.get(device.upper())
    if provider is None:
        raise EngineError(
            f"engine onnxruntime has no device '{device}' (it has: {', '.join(_PROVIDERS)})"
        )
    if provider not in onnxruntime.get_available_providers():
        LOG.warning("Requested device '%s' is not available. Falling back to CPU.", device)
        return [cpu]
    return [cpu] if provider == cpu else [provider, cpu]


def _shape(dimensions: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(d if isinstance(d, int) and d > 0 else None for d in dimensions)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
