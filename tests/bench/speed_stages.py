# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where the time of our engine goes: functions of ours are wrapped from outside, nothing else.

Every wrapped function is charged with its own time, without that of wrapped ones inside it. Wall
time is summed over threads. CPU time is that of the thread that runs the function; the engines
have threads of their own, too, whose CPU time is all that is left of the process's.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import machine

INFERENCE = ": inference"
ENGINE_THREADS = "threads of the engine" + INFERENCE

#: Function, as ``module:name``, and the stage that its own time belongs to. Calls of a model
#: belong to the inference of the stage around them.
_PLACES = {
    "rasters.load_image:load_image": "decode",
    "workspace.decoding:image_header": "decode",
    "workspace.decoding:ImageStore.pixels": "decode",
    "pixels:to_bgr": "decode",
    "ocr.detection.detector:Detector.detect": "detection: scale",
    "ocr.detection.detector:normalize": "detection: normalize",
    "ocr.detection.detector:boxes_from_probabilities": "detection: boxes",
    "ocr.layout.printed_rules:find_rules": "layout: rules",
    "ocr.layout.fused_lines:cut_fused": "layout: cut fused lines",
    "ocr.layout.arrangement:arrange": "layout: regions and order",
    "ocr.geometry:cut_box": "crop",
    "processors.line_images:cut_lines": "crop",
    "ocr.lines.crops:cut_line": "crop",
    "ocr.lines.neighbours:hide_neighbours": "crop: hide neighbours",
    "ocr.lines.curves:course_of": "crop: curves",
    "ocr.lines.curves:straighten": "crop: curves",
    "ocr.orientation:OrientationClassifier.upside_down": "orientation: prepare",
    "ocr.recognition.head_reader:HeadReader.first": "recognition: other",
    "ocr.recognition.line_input:prepare_line": "recognition: prepare",
    "ocr.recognition.line_model:HeadedModel.probabilities": "recognition: other",
    "ocr.recognition.ctc_decoding:Decoder.add": "recognition: decode",
    "ocr.recognition.ctc_decoding:Decoder.line": "recognition: decode",
    "ocr.recognition.head_choice:choose_heads": "recognition: choose head",
    "processors.detect:DetectProcessor.process": "detection: write PAGE",
    "processors.classify:ClassifyProcessor.process": "orientation: read and write PAGE",
    "processors.recognize:RecognizeProcessor.process": "recognition: write PAGE",
    "ocr.page_reading:read_page": "other",
    "rapidocr.interface:RapidOCR.__call__": "other",
    "runtime.page_runner:PageRunner.__call__": "runtime",
    "workspace.workspace:Workspace.read_page": "PAGE: read",
    "workspace.page:PageDocument.to_bytes": "PAGE: serialise",
    "workspace.workspace:Workspace.write_file": "files: write",
    "workspace.workspace:Workspace.save": "METS: save",
    "workspace.workspace:Workspace.open": "METS: open",
}
_MODELS = ("inference.ort:OnnxRuntimeModel.run", "inference.ov:OpenVinoModel.run")


@dataclass
class Spent:
    """What a stage has used: calls, and seconds of wall and CPU."""

    calls: int = 0
    wall: float = 0.0
    cpu: float = 0.0


class _Open:
    """A call under way."""

    __slots__ = ("cpu", "inner_cpu", "inner_wall", "stage", "wall")

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.inner_wall = self.inner_cpu = 0.0
        self.wall, self.cpu = time.perf_counter(), time.thread_time()


class Stages:
    """Measures the stages."""

    def __init__(self) -> None:
        """Measure nothing yet."""
        self._spent: dict[str, Spent] = {}
        self._local = threading.local()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Wrap the functions, wherever they have been imported to."""
        import ocrd_rapid

        for module in pkgutil.walk_packages(ocrd_rapid.__path__, "ocrd_rapid."):
            if module.name.split(".")[1] in (
                "rapidocr",
                "loading",
                "processors",
                "ocr",
                "inference",
            ):
                importlib.import_module(module.name)
        for place, stage in _PLACES.items():
            self._wrap(place, functools.partial(_named, stage))
        for place in _MODELS:
            self._wrap(place, _inference)

    def _wrap(self, place: str, stage: Callable[[list[_Open]], str]) -> None:
        module_name, _, path = place.partition(":")
        module = importlib.import_module(f"ocrd_rapid.{module_name}")
        owner_name, _, name = path.rpartition(".")
        if owner_name:
            owner = getattr(module, owner_name)
            found = owner.__dict__[name]
            inner = found.__func__ if isinstance(found, classmethod) else found
            made = self._measured(inner, stage)
            setattr(owner, name, classmethod(made) if isinstance(found, classmethod) else made)
            return
        original = getattr(module, name)
        made = self._measured(original, stage)
        for key, other in list(sys.modules.items()):
            if key.startswith("ocrd_rapid") and getattr(other, name, None) is original:
                setattr(other, name, made)

    def _measured(
        self, function: Callable[..., Any], stage: Callable[[list[_Open]], str]
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def measured(*args: Any, **kwargs: Any) -> Any:
            calls: list[_Open] = self._local.__dict__.setdefault("calls", [])
            own = _Open(stage(calls))
            calls.append(own)
            try:
                return function(*args, **kwargs)
            finally:
                wall, cpu = time.perf_counter() - own.wall, time.thread_time() - own.cpu
                calls.pop()
                if calls:
                    calls[-1].inner_wall += wall
                    calls[-1].inner_cpu += cpu
                self._add(own.stage, wall - own.inner_wall, cpu - own.inner_cpu)

        return measured

    def _add(self, stage: str, wall: float, cpu: float) -> None:
        with self._lock:
            spent = self._spent.setdefault(stage, Spent())
            spent.calls += 1
            spent.wall += wall
            spent.cpu += cpu

    def report(self, wall: float, cpu: float, foreign: float) -> dict[str, Any]:
        """Return what was measured.

        Args:
            wall: seconds of the whole run.
            cpu: CPU seconds of the process meanwhile.
            foreign: the share of the machine that others used.

        Returns:
            ``spent``: by stage calls, wall and CPU seconds; ``of_cpu``: the share of the CPU time
            that is inference; ``of_cores``: its share of wall time times cores, without what
            others used of these.
        """
        rest = max(0.0, cpu - sum(spent.cpu for spent in self._spent.values()))
        spent = {name: (s.calls, s.wall, s.cpu) for name, s in self._spent.items()}
        spent[ENGINE_THREADS] = (0, 0.0, rest)
        inference = sum(s[2] for name, s in spent.items() if name.endswith(INFERENCE))
        available = wall * (machine.cores() - foreign * machine.machine_cores())
        return {
            "spent": spent,
            "of_cpu": inference / cpu,
            "of_cores": min(1.0, inference / max(available, 1e-9)),
        }


def _named(stage: str, calls: list[_Open]) -> str:
    return stage


def _inference(calls: list[_Open]) -> str:
    """Return the inference of the stage that is under way."""
    return (calls[-1].stage.split(":")[0] if calls else "other") + INFERENCE
