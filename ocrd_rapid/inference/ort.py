# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The engine onnxruntime."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import EngineError, ModelError
from . import forking, memory, prepared, reports, stopping
from .libraries import import_onnxruntime
from .model import End, EngineConfig, FloatArray, NumberArray
from .options import OrtOptions
from .ort_providers import PROVIDERS, provider_options, requested_devices, session_options
from .prepared import Facts, Slot, WithFacts
from .stopping import StoppedError


class OnnxRuntimeModel(WithFacts):
    """A model loaded with onnxruntime.

    Its last device is always the CPU, which computes whatever the others cannot.
    """

    def __init__(self, path: Path, config: EngineConfig, *, named: bool = False) -> None:
        """Load ``path``; see `engines.load_model` for the errors.

        Args:
            path: the model's file.
            config: how to run it.
            named: whether it may have several inputs, see `NamedModel`.
        """
        if path.suffix.lower() == ".xml":
            raise ModelError(
                f"model {path}: an OpenVINO model cannot be run by onnxruntime; use engine openvino"
            )
        onnxruntime = import_onnxruntime()
        onnxruntime.set_default_logger_severity(3)
        self._path = path
        start = time.perf_counter()
        self._session = _session(onnxruntime, path, config, named=named)
        self._facts = _facts(self._session, path, named=named)
        self.inputs = _ends(self._session.get_inputs())
        self.outputs = _ends(self._session.get_outputs())
        self._gives_back = config.reuse_memory
        self._run_options = onnxruntime.RunOptions
        # Two threads must not call a session of DirectML at the same time. Reused memory would
        # have to suffice for all simultaneous calls.
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock()
            if config.reuse_memory or PROVIDERS["DML"] in self._session.get_providers()
            else contextlib.nullcontext()
        )
        reports.loaded(self.device, time.perf_counter() - start)

    @property
    def device(self) -> str:
        """See `Model.device`."""
        first = self._session.get_providers()[0]
        return next((name for name, provider in PROVIDERS.items() if provider == first), first)

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`."""
        name = self.inputs[0].name
        large = self._gives_back and batch.nbytes > memory.KEPT_INPUT
        with self._guarded(batch.shape):
            if large and self.input_shape[2:] == (None, None):
                # The memory that is kept is too small, and would only be an extra load.
                small = np.ascontiguousarray(batch[..., :32, :32])
                self._call({name: small}, self.outputs[:1], gives_back=True)
            (output,) = self._call({name: batch}, self.outputs[:1], gives_back=large)
        if large:
            memory.trim()
        return cast("FloatArray", output)

    def run_named(self, batches: Mapping[str, FloatArray]) -> list[NumberArray]:
        """See `NamedModel.run_named`."""
        with self._guarded(*(batch.shape for batch in batches.values())):
            return self._call(batches, self.outputs, gives_back=False)

    @contextlib.contextmanager
    def _guarded(self, *shapes: tuple[int, ...]) -> Iterator[None]:
        """Wait for the turn of a call, and give its failures the errors of `Model.run`."""
        try:
            with forking.call(), self._turn:
                yield
        except (EngineError, StoppedError):
            raise
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ModelError(
                f"model {self._path} failed on input {', '.join(map(str, shapes))}:"
                f" {reports.first_line(error)}"
            ) from error

    def _call(
        self, batches: Mapping[str, FloatArray], outputs: Sequence[End], *, gives_back: bool
    ) -> list[NumberArray]:
        stopper = stopping.current()
        options: Any = None
        if gives_back or stopper is not None:
            options = self._run_options()
        if gives_back:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        if stopper is None:
            return self._compute(batches, outputs, options)
        options.log_severity_level = 4  # else it would print on stderr that it was stopped
        try:
            with stopper.watch(lambda: setattr(options, "terminate", True)):
                return self._compute(batches, outputs, options)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            if stopper.stopped:
                raise StoppedError(f"model {self._path} was stopped") from error
            raise

    def _compute(
        self, batches: Mapping[str, FloatArray], outputs: Sequence[End], options: Any
    ) -> list[NumberArray]:
        names = [output.name for output in outputs]
        found: list[NumberArray] = self._session.run(names, dict(batches), options)
        return found


def known_facts(path: Path, config: EngineConfig) -> Facts | None:
    """Return the facts about a model that was loaded before in the same way, on the CPU.

    Raises:
        EngineError: onnxruntime is not installed, or does not know the device.
    """
    options = config.options if isinstance(config.options, OrtOptions) else OrtOptions()
    if requested_devices(config.device, options):
        return None
    place = _place(import_onnxruntime(), path)
    found = place.find() if place is not None else None
    return found.facts if found is not None else None


def _place(onnxruntime: Any, path: Path) -> Slot | None:
    return prepared.slot(path, "onnxruntime", onnxruntime.__version__, "CPU, all optimisations")


def _session(onnxruntime: Any, path: Path, config: EngineConfig, *, named: bool) -> Any:
    """Create a session on the requested devices, or on the CPU.

    A device may be missing in three ways: this build of onnxruntime lacks it, creating the session
    fails, or the session silently omits it, as with CUDA if its libraries are missing.
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
    return _cpu_session(onnxruntime, path, config, options, named=named)


def _cpu_session(
    onnxruntime: Any, path: Path, config: EngineConfig, options: OrtOptions, *, named: bool
) -> Any:
    """Create a session on the CPU, with the graph optimised at an earlier start if possible."""
    place = _place(onnxruntime, path)
    found = place.find() if place is not None else None
    if place is not None and found is not None:
        try:
            return _make(onnxruntime, found.path, config, options, [], optimised=True)
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            place.discard(reports.first_line(error))
    try:
        session = _make(onnxruntime, path, config, options, [])
    except Exception as error:
        raise ModelError(f"model {path} cannot be loaded: {reports.first_line(error)}") from error
    if place is not None:
        facts = _facts(session, path, named=named)
        place.store(lambda target: _optimise(onnxruntime, path, target), facts)
    return session


def _facts(session: Any, path: Path, *, named: bool) -> Facts:
    """Return the facts about a model.

    Raises:
        ModelEndsError: see `reports.check_ends`.
        ModelError: it has invalid text.
    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    reports.check_ends(path, len(inputs), len(outputs), named=named)
    try:
        metadata = dict(session.get_modelmeta().custom_metadata_map)
        # The names are read here as well: they may be invalid text, too.
        _ = [end.name for end in (*inputs, *outputs)]
        return Facts(_shape(inputs[0].shape), _shape(outputs[0].shape), metadata)
    except UnicodeDecodeError as error:
        raise ModelError(f"model {path} cannot be loaded: {error}") from error


def _ends(nodes: Any) -> tuple[End, ...]:
    return tuple(End(node.name, _shape(node.shape)) for node in nodes)


def _optimise(onnxruntime: Any, path: Path, target: Path) -> None:
    """Write a model that onnxruntime has optimised for this CPU.

    Raises:
        OSError: it cannot be written.
    """
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    settings.intra_op_num_threads = 1
    settings.optimized_model_filepath = str(target)
    settings.add_session_config_entry("session.save_model_format", "ORT")
    providers = [PROVIDERS["CPU"]]
    try:
        onnxruntime.InferenceSession(str(path), settings, providers=providers, enable_fallback=0)
    except Exception as error:  # onnxruntime's exceptions have no common base of their own
        raise OSError(reports.first_line(error)) from error


def _make(
    onnxruntime: Any,
    path: Path,
    config: EngineConfig,
    options: OrtOptions,
    devices: list[str],
    *,
    optimised: bool = False,
) -> Any:
    providers = [(PROVIDERS[d], provider_options(d, options)) for d in [*devices, "CPU"]]
    settings = session_options(onnxruntime, config, options, devices)
    if optimised:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        settings.add_session_config_entry("session.load_model_format", "ORT")
    # onnxruntime's own fallback would print on stdout.
    return onnxruntime.InferenceSession(str(path), settings, providers=providers, enable_fallback=0)


def _shape(dimensions: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(d if isinstance(d, int) and d > 0 else None for d in dimensions)
