"""The engine onnxruntime."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import EngineError, ModelError
from . import reports
from .model import EngineConfig, FloatArray
from .options import OrtOptions
from .ort_providers import PROVIDERS, provider_options, requested_devices, session_options


class OnnxRuntimeModel:
    """A model loaded with onnxruntime.

    The CPU is always the last of its devices: it computes what the others cannot.
    """

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
        start = time.perf_counter()
        self._session = _session(onnxruntime, path, config)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or not outputs:
            raise ModelError(reports.wrong_ends(path, len(inputs), len(outputs)))
        try:
            self._input, self._output = inputs[0].name, outputs[0].name
            self._shapes = _shape(inputs[0].shape), _shape(outputs[0].shape)
            self._metadata: Mapping[str, str] = dict(
                self._session.get_modelmeta().custom_metadata_map
            )
        except UnicodeDecodeError as error:
            raise ModelError(f"model {path} cannot be loaded: {error}") from error
        # DirectML's sessions must not be called by two threads at the same time.
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock()
            if PROVIDERS["DML"] in self._session.get_providers()
            else contextlib.nullcontext()
        )
        reports.loaded(self.device, time.perf_counter() - start)

    @property
    def device(self) -> str:
        """See `Model.device`."""
        first = self._session.get_providers()[0]
        return next((name for name, provider in PROVIDERS.items() if provider == first), first)

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        return self._metadata

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return self._shapes[0]

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return self._shapes[1]

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        try:
            with self._turn:
                outputs = self._session.run([self._output], {self._input: batch})
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ModelError(
                f"model {self._path} failed on input {batch.shape}: {reports.first_line(error)}"
            ) from error
        output: FloatArray = outputs[0]
        return output


def _session(onnxruntime: Any, path: Path, config: EngineConfig) -> Any:
    """Make a session on the devices asked for, or on the CPU.

    A device may be missing in three ways: this build of onnxruntime lacks it, making the session
    fails, or the session quietly leaves it out, as with CUDA where its libraries are missing.
    """
    options = config.options if isinstance(config.options, OrtOptions) else OrtOptions()
    names = onnxruntime.get_available_providers()
    here = [device for device, provider in PROVIDERS.items() if provider in names]
    wanted = requested_devices(config.device, options)
    for device in wanted:
        if device not in here:
            reports.missing(device, "onnxruntime", here, strict=config.strict)
    usable = [device for device in wanted if device in here]
    if usable:
        try:
            session = _make(onnxruntime, path, config, options, usable)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            reports.failed(", ".join(usable), path, reports.first_line(error), strict=config.strict)
        else:
            for device in usable:
                if PROVIDERS[device] not in session.get_providers():
                    here.remove(device)
                    reports.missing(device, "onnxruntime", here, strict=config.strict)
            return session
    try:
        return _make(onnxruntime, path, config, options, [])
    except Exception as error:
        raise ModelError(f"model {path} cannot be loaded: {reports.first_line(error)}") from error


def _make(
    onnxruntime: Any, path: Path, config: EngineConfig, options: OrtOptions, devices: list[str]
) -> Any:
    providers = [(PROVIDERS[d], provider_options(d, options)) for d in [*devices, "CPU"]]
    settings = session_options(onnxruntime, config, options, devices)
    # Its own fallback would be told on stdout.
    return onnxruntime.InferenceSession(str(path), settings, providers=providers, enable_fallback=0)


def _shape(dimensions: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(d if isinstance(d, int) and d > 0 else None for d in dimensions)
