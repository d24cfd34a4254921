# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The engine OpenVINO."""

from __future__ import annotations

import logging
import os
import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ..cache import OPENVINO
from ..config.directories import expanded
from ..errors import EngineError, ModelError, StorageError
from . import forking, memory, prepared, reports, stopping
from .libraries import import_openvino
from .model import End, EngineConfig, FloatArray, NumberArray
from .options import OpenVinoOptions
from .ov_devices import properties, resolve
from .prepared import Facts, Prepared, Slot
from .stopping import StoppedError

LOG = logging.getLogger(__name__)

#: OpenVINO's exceptions: ValueError if one of its own messages is invalid text.
_FAILURES = (RuntimeError, ValueError)

#: How often a call checks whether it must stop, and how long it may take to do so.
_POLL_MILLISECONDS = 200
_PATIENCE_MILLISECONDS = 2000


class OpenVinoModel:
    """A model loaded with OpenVINO.

    It runs in float32 unless the options say otherwise: OpenVINO's own default is bfloat16 where
    the CPU has it, which changes up to 0.9 % of the characters.
    """

    def __init__(self, path: Path, config: EngineConfig, *, named: bool = False) -> None:
        """Load ``path``; see `engines.load_model` for the errors.

        Args:
            path: the model's file.
            config: how to run it.
            named: whether it may have several inputs, see `NamedModel`.
        """
        openvino = import_openvino()
        self._path = path
        options = _options(config)
        _check_may_load(path)
        core = openvino.Core()
        device = _device(core, options.device_name or config.device, strict=config.strict)
        if options.cache_dir is not None:
            options = replace(options, cache_dir=str(_cache_directory(options.cache_dir)))
        elif device != "CPU":
            options = replace(options, cache_dir=_own_cache_directory())
        start = time.perf_counter()
        self._loaded = _load(core, device, path, config, options, named=named)
        _report_precision(self._loaded.compiled, self._loaded.device, options)
        # OpenVINO fills this table on first use and releases the interpreter's lock meanwhile: two
        # threads that arrive first at the same time would wait for each other for ever.
        openvino.Type.f32.to_dtype()
        # Requests are created once and lent to the threads of every page.
        # Nothing may be released while another request runs.
        self._process = os.getpid() if config.parallel_calls > 1 else None
        self._gives_back = config.reuse_memory and config.parallel_calls == 1
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._calls = max(1, config.parallel_calls)
        self._given_up: list[Any] = []
        for _ in range(self._calls):
            self._requests.put(self._loaded.compiled.create_infer_request())
        reports.loaded(self._loaded.device, time.perf_counter() - start)

    @property
    def device(self) -> str:
        """See `Model.device`."""
        return self._loaded.device

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        return self._loaded.facts.metadata

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return self._loaded.facts.input_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return self._loaded.facts.output_shape

    @property
    def inputs(self) -> tuple[End, ...]:
        """See `NamedModel.inputs`."""
        return _ends(self._loaded.compiled.inputs)

    @property
    def outputs(self) -> tuple[End, ...]:
        """See `NamedModel.outputs`."""
        return _ends(self._loaded.compiled.outputs)

    def run(self, batch: FloatArray) -> FloatArray:
        """See `Model.run`.

        Raises:
            EngineError: this process was forked when OpenVINO had threads for several calls.
        """
        (output,) = self._run([batch], 1)
        return cast("FloatArray", output)

    def run_named(self, batches: Mapping[str, FloatArray]) -> list[NumberArray]:
        """See `NamedModel.run_named`; it raises what `run` does."""
        return self._run([batches[end.name] for end in self.inputs], len(self.outputs))

    def _run(self, batches: list[FloatArray], count: int) -> list[NumberArray]:
        """Return the first outputs for the inputs, in the order of the file."""
        if self._process not in (None, os.getpid()):
            raise _forked(self._path)
        with forking.call():
            return self._lent(batches, count)

    def _lent(self, batches: list[FloatArray], count: int) -> list[NumberArray]:
        request = self._requests.get()
        try:
            if request is None:
                raise ModelError(
                    f"model {self._path} can no longer be used: a call was stopped, but is still"
                    " computing; start a new process"
                )
            if not self._finish(request, batches):
                stopping.give_up((self._loaded, request, batches))
                # It cannot be replaced: OpenVINO would wait for the end of this request.
                self._given_up.append(request)
                request = None
                raise StoppedError(f"model {self._path} was stopped")
            outputs = [request.get_output_tensor(i).data.copy() for i in range(count)]
            if self._gives_back and max(batch.nbytes for batch in batches) > memory.KEPT_INPUT:
                self._loaded.compiled.release_memory()
                memory.trim()
        except _FAILURES as error:
            raise ModelError(
                f"model {self._path} failed on input"
                f" {', '.join(str(batch.shape) for batch in batches)}: {reports.last_line(error)}"
            ) from error
        finally:
            if request is not None or len(self._given_up) == self._calls:
                self._requests.put(request)  # None: wakes those who wait in vain
        return outputs

    def _finish(self, request: Any, batches: list[FloatArray]) -> bool:
        """Compute; return whether the computation has ended.

        OpenVINO stops between two layers of a network, but not in a loop inside a layer.

        Raises:
            StoppedError: the computation was stopped and has ended.
        """
        stopper = stopping.current()
        if stopper is None:
            request.infer(batches, share_inputs=True)
            return True
        try:
            with stopper.watch(request.cancel):
                request.start_async(batches, share_inputs=True)
                while not request.wait_for(_POLL_MILLISECONDS):
                    if stopper.stopped:
                        return bool(request.wait_for(_PATIENCE_MILLISECONDS))
                request.wait()
        except _FAILURES as error:
            if stopper.stopped:
                raise StoppedError(f"model {self._path} was stopped") from error
            raise
        return True


#: The first process that loaded a model; OpenVINO has threads from then on.
_first_process: int | None = None


def _check_may_load(path: Path) -> None:
    """Check that OpenVINO would not end the process on loading a model.

    Raises:
        EngineError: this process was forked after a model had been loaded.
    """
    global _first_process
    if _first_process is None:
        _first_process = os.getpid()
    if _first_process != os.getpid():
        raise _forked(path)


def _forked(path: Path) -> EngineError:
    """Return the error for a process that lacks OpenVINO's threads since a fork."""
    return EngineError(
        f"model {path}: OpenVINO does not work in a process forked after it loaded a model;"
        " load models in each process (gunicorn: without --preload), start processes with"
        " multiprocessing.get_context('spawn'), or use engine onnxruntime"
    )


def known_facts(path: Path, config: EngineConfig) -> Facts | None:
    """Return the facts about a model that was loaded before in the same way, on the CPU.

    Raises:
        EngineError: OpenVINO is not installed.
    """
    options = _options(config)
    if (options.device_name or config.device).upper() != "CPU":
        return None
    place = _place(path, properties("CPU", config, options), options)
    found = place.find() if place is not None else None
    return found.facts if found is not None else None


def _options(config: EngineConfig) -> OpenVinoOptions:
    return config.options if isinstance(config.options, OpenVinoOptions) else OpenVinoOptions()


def _metadata(network: Any) -> dict[str, str]:
    """Return the metadata of an ONNX file, which OpenVINO keeps under ``framework``."""
    info = network.get_rt_info()
    if "framework" not in info:
        return {}
    # A plain dictionary in some versions of OpenVINO, wrapped in others; so are its values.
    framework: Any = _unwrap(info["framework"])
    return {str(key): str(_unwrap(value)) for key, value in framework.items()}


def _unwrap(value: Any) -> Any:
    return getattr(value, "value", value)


def _device(core: Any, wanted: str, *, strict: bool) -> str:
    """Return the device to use: the wanted one if it is available, else the CPU."""
    LOG.info("Requested device: %s", wanted)
    if wanted.upper() == "CPU":  # always available; looking for others loads their drivers
        return "CPU"
    here = core.available_devices
    LOG.info("Available OpenVINO devices: %s", here)
    device, missing = resolve(wanted, here)
    for name in missing:
        reports.missing(name, "openvino", here, strict=strict)
    return device


@dataclass(frozen=True)
class _Loaded:
    """A compiled network.

    Attributes:
        compiled: the network.
        device: the device that it was compiled for.
        facts: facts about it.
        memory: memory that it may refer to, kept as long as the network.
    """

    compiled: Any
    device: str
    facts: Facts
    memory: Any = None


def _load(
    core: Any, device: str, path: Path, config: EngineConfig, options: OpenVinoOptions,
    *, named: bool,
) -> _Loaded:  # fmt: skip
    """Return the compiled network, for the CPU if the requested device fails."""
    wanted = properties("CPU", config, options)
    place = _place(path, wanted, options)
    found = place.find() if place is not None and device == "CPU" else None
    if place is not None and found is not None:
        imported = _import(core, wanted, place, found)
        if imported is not None:
            compiled, content = imported
            reports.check_ends(path, len(compiled.inputs), len(compiled.outputs), named=named)
            return _Loaded(compiled, device, found.facts, content)
    try:
        network = core.read_model(str(path))
        metadata = _metadata(network)
    except _FAILURES as error:
        raise ModelError(f"model {path} cannot be loaded: {reports.last_line(error)}") from error
    if device != "CPU":
        try:
            compiled = core.compile_model(network, device, properties(device, config, options))
        except _FAILURES as error:
            reports.failed(device, path, reports.last_line(error), strict=config.strict)
        else:
            return _Loaded(compiled, device, _facts(compiled, metadata, path, named=named))
    try:
        compiled = core.compile_model(network, "CPU", wanted)
    except _FAILURES as error:
        raise ModelError(f"model {path} cannot be loaded: {reports.last_line(error)}") from error
    facts = _facts(compiled, metadata, path, named=named)
    if place is not None:
        place.store(lambda target: _export(compiled, target), facts)
    return _Loaded(compiled, "CPU", facts)


def _place(path: Path, wanted: dict[str, Any], options: OpenVinoOptions) -> Slot | None:
    """Return the place of the model compiled for the CPU.

    ``None`` with a ``cache_dir``, which replaces this cache: it makes OpenVINO read the network
    again at every start, which takes as long as the rest of loading it.
    """
    if options.cache_dir is not None:
        return None
    return prepared.slot(
        path, "openvino", import_openvino().__version__, f"CPU {sorted(wanted.items())}"
    )


def _import(
    core: Any, wanted: dict[str, Any], place: Slot, found: Prepared
) -> tuple[Any, Any] | None:
    """Return a model compiled at an earlier start, and the memory that it may refer to.

    ``None`` if it is not usable.
    """
    import numpy as np

    openvino = import_openvino()
    try:
        # Mapped, not read: weights that OpenVINO rearranges are copied only once. Nothing writes
        # to the file; mode "c", as OpenVINO rejects read-only memory.
        content = np.memmap(found.path, dtype=np.uint8, mode="c")
        tensor = openvino.Tensor(content, shared_memory=True)
        return core.import_model(tensor, "CPU", wanted), content
    except (*_FAILURES, OSError) as error:
        place.discard(reports.last_line(error))
        return None


def _export(compiled: Any, target: Path) -> None:
    """Write a compiled model.

    Raises:
        OSError: it cannot be exported or written.
    """
    try:
        content = compiled.export_model()
    except _FAILURES as error:
        raise OSError(reports.last_line(error)) from error
    target.write_bytes(content.getbuffer())


def _facts(compiled: Any, metadata: Mapping[str, str], path: Path, *, named: bool) -> Facts:
    inputs, outputs = compiled.inputs, compiled.outputs
    reports.check_ends(path, len(inputs), len(outputs), named=named)
    return Facts(_shape(inputs[0].partial_shape), _shape(outputs[0].partial_shape), metadata)


def _ends(nodes: Any) -> tuple[End, ...]:
    return tuple(End(node.get_any_name(), _shape(node.partial_shape)) for node in nodes)


def _cache_directory(name: str) -> Path:
    directory = expanded(name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cache_dir {directory} cannot be created ({error.strerror}); name another folder"
        ) from error
    return directory


def _own_cache_directory() -> str | None:
    """Return the folder for models compiled for devices other than the CPU."""
    OPENVINO.tidy()
    return next(map(str, OPENVINO.writable_folders()), None)


def _report_precision(compiled: Any, device: str, options: OpenVinoOptions) -> None:
    """Log a CPU's precision if it is less than float32 or not the requested one."""
    if device != "CPU":
        return
    used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    if options.inference_precision not in (None, "auto", used):
        LOG.warning("This CPU does not support %s: %s is used", options.inference_precision, used)
    elif used != "f32":
        LOG.info("Precision: %s", used)


def _shape(dimensions: Any) -> tuple[int | None, ...]:
    return tuple(d.get_length() if d.is_static else None for d in dimensions)
