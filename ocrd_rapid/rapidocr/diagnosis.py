# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Check everything that a configuration needs: engines, models, keys, and a trial."""

from __future__ import annotations

import difflib
import io
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ..errors import ExitCode, IntegrityError, OcrdRapidError
from ..inference import devices
from ..loading.finding import find_model
from ..loading.keys import IN_THE_MODEL
from ..loading.layout_files import load_layout_model
from ..loading.load import LoadedRecognizer
from ..ocr.model_kinds import LAYOUT
from ..ocr.recognition.line_model import BASE
from ..rasters import opening
from ..rasters.load_image import load_image
from ..resmgr import catalogue
from ..resmgr.integrity import check_file, sha256_of
from . import model_files, stages
from .engine_options import configured_engine, requested_device
from .hkmc import HkmcConfig, load_config
from .interface import RapidOCR

#: The built-in image ``check.png``, and the text on it.
IMAGE = "check.png"
TEXT = ("Offline reading works", "without a network")
#: Least similarity (difflib's ratio) of the result to the text, if the model has its characters.
_LIKENESS = 0.8

#: Devices of onnxruntime besides the CPU.
ORT_DEVICES = ("CUDA", "DML", "CANN", "COREML")

OK, WARNING, ERROR, UNUSED = "ok", "warning", "error", "not used"


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: the thing checked, such as ``engine openvino`` or ``model Rec``.
        state: one of `OK`, `WARNING`, `ERROR`, `UNUSED`.
        detail: one line for people.
        facts: the same for scripts.
        exit_code: exit code for the shell, if ``state`` is `ERROR`.
    """

    name: str
    state: str
    detail: str
    facts: dict[str, object]
    exit_code: int = ExitCode.OK


def examine(
    config_path: str | os.PathLike[str] | None = None, layout_model: str = ""
) -> list[CheckResult]:
    """Check everything that a configuration needs.

    Args:
        config_path: a YAML file; ``None`` for the defaults.
        layout_model: name or file of a layout model, checked as well, with the engine of text
            detection; empty for none.

    Returns:
        Results for the engines, the models, and a trial on the built-in image, in
        this order. The trial is left out after an error.

    Raises:
        ResourceNotFoundError: the file does not exist.
        ConfigurationError: the configuration is wrong.
    """
    config = load_config(config_path)
    loaded = stages.Stages(config)
    used = stages.stages_in_use(config)
    findings = _engines(config, used)
    findings += [_stage(loaded, stage, stage in used) for stage in model_files.STAGES]
    if layout_model:
        findings.append(_layout(config, layout_model))
    if not any(finding.state == ERROR for finding in findings):
        findings.append(_trial(loaded))
    return findings


def _engines(config: HkmcConfig, used: list[str]) -> list[CheckResult]:
    needed = {model_files.section_of(config, stage).engine_type for stage in used}
    findings = []
    for engine in devices.available():
        names = [device.name for device in engine.devices]
        facts: dict[str, object] = {
            "version": engine.version,
            "devices": {device.name: device.description for device in engine.devices},
            "needed": engine.name in needed,
        }
        name = f"engine {engine.name}"
        if engine.error is None:
            detail = f"{engine.version}, devices: {', '.join(names)}"
            findings.append(CheckResult(name, OK, detail, facts))
        elif engine.name in needed:
            findings.append(CheckResult(name, ERROR, engine.error, facts, ExitCode.MODEL))
        else:
            findings.append(CheckResult(name, UNUSED, engine.error, facts))
    return findings


def _stage(loaded: stages.Stages, stage: str, used: bool) -> CheckResult:
    name = f"model {stage}"
    if not used:
        return CheckResult(name, UNUSED, f"Global.use_{stage.lower()} is false", {})
    try:
        found = loaded.loaded(stage)
    except OcrdRapidError as error:
        return CheckResult(name, ERROR, str(error), {}, error.exit_code)
    facts: dict[str, object] = {
        "path": str(found.path),
        "engine": found.engine.engine,
        "device": found.device,
        "requested_device": requested_device(loaded.config, stage),
        **_hash_state(stage, found.path),
    }
    if isinstance(found, LoadedRecognizer):
        characters, heads = found.characters, list(found.heads)
        facts |= {"classes": len(characters), "keys": found.keys, "heads": heads}
    return _judge(name, facts)


def _layout(config: HkmcConfig, name: str) -> CheckResult:
    """Load a layout model, and let it look at the built-in image."""
    engine = configured_engine(config, "Det")
    image = (resources.files(__package__) / IMAGE).read_bytes()
    try:
        path = find_model(LAYOUT, name, engine.engine)
        found = load_layout_model(path, engine, min_score=0)
        found.part.find(load_image(image))
    except OcrdRapidError as error:
        return CheckResult("model layout", ERROR, str(error), {}, error.exit_code)
    facts: dict[str, object] = {
        "path": str(found.path),
        "engine": engine.engine,
        "device": found.device,
        "requested_device": requested_device(config, "Det"),
        **_hash_state("Det", found.path),
        "labels": list(found.part.labels),
    }
    return _judge("model layout", facts)


def _judge(name: str, facts: dict[str, object]) -> CheckResult:
    """Return the result for a model that works."""
    asked, used = str(facts["requested_device"]), str(facts["device"])
    replaced = used == "CPU" and asked.partition(".")[0] in ("GPU", "NPU", *ORT_DEVICES)
    detail = [
        str(facts["path"]),
        f"{facts['engine']} on {used}" + (f", as {asked} is not available" if replaced else ""),
        f"hash {facts['hash']}",
    ]
    if "classes" in facts:
        origin = "in the model" if facts["keys"] == IN_THE_MODEL else facts["keys"]
        detail.append(f"{facts['classes']} classes, keys {origin}")
    if isinstance(labels := facts.get("labels"), list):
        detail.append(f"labels {', '.join(labels)}")
    if isinstance(heads := facts.get("heads"), list) and heads != [BASE]:
        detail.append(f"heads {', '.join(heads)}")
    state = WARNING if replaced or facts["hash"] == _DIFFERS else OK
    return CheckResult(name, state, "; ".join(detail), facts)


_DIFFERS = "not that of the catalogue's model of this name"


def _hash_state(stage: str, path: Path) -> dict[str, object]:
    """Return the SHA-256 of a model, and how it compares with the catalogue."""
    digest = sha256_of(path)
    entry = catalogue.find_file(model_files.EXECUTABLES[stage], path.name)
    if entry is None or not entry.sha256:
        return {"sha256": digest, "hash": "not in the catalogue"}
    try:
        check_file(path, entry, origin=str(path.parent))
    except IntegrityError:
        return {"sha256": digest, "hash": _DIFFERS}
    return {"sha256": digest, "hash": "as in the catalogue"}


def _trial(loaded: stages.Stages) -> CheckResult:
    """Read the built-in image with the configured stages."""
    general = loaded.config.general
    image = (resources.files(__package__) / IMAGE).read_bytes()
    expected: tuple[str, ...] = TEXT
    if not general.use_det:
        image, expected = _first_line(image), TEXT[:1]
    try:
        result, elapse = RapidOCR.of_stages(loaded)(image)
    except OcrdRapidError as error:
        return CheckResult(
            "trial", ERROR, str(error), {"expected": list(expected)}, error.exit_code
        )
    facts: dict[str, object] = {
        "expected": list(expected),
        "text": [line[1] for line in result],
        "scores": [round(line[2], 4) for line in result],
        "seconds": dict(elapse.items()),
    }
    text = " / ".join(line[1] for line in result)
    if not general.use_rec:
        good = len(result) >= len(expected) or not general.use_det
        detail = f"{len(result)} lines found, in {elapse:.2f} s"
    else:
        likeness = difflib.SequenceMatcher(None, " / ".join(expected), text).ratio()
        good = likeness >= _LIKENESS or not _reads_latin(loaded)
        detail = f"'{text}' read in {elapse:.2f} s"
    if good:
        return CheckResult("trial", OK, detail, facts)
    detail += f", expected '{' / '.join(expected)}'"
    return CheckResult("trial", ERROR, detail, facts, ExitCode.MODEL)


def _first_line(png: bytes) -> bytes:
    with opening.opened(io.BytesIO(png), "the built-in image") as image:
        half = image.convert("L").crop((0, 0, image.width, image.height // 2))
    stream = io.BytesIO()
    half.save(stream, "PNG")
    return stream.getvalue()


def _reads_latin(loaded: stages.Stages) -> bool:
    """Return whether the recognition model has all characters of the built-in image."""
    return set("".join(TEXT)) <= set(loaded.recognition().characters)
