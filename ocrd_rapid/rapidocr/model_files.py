# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Find the model file of a stage.

The order is RapidOCR HKMC's: ``model_path``, else ``model_dir``, else the catalogue's model for
version, language and type, looked up in ``Global.model_root_dir``, in ``$OCR_MODEL_DIR``, in the
package (`catalogue.stand_in`), among the installed resources, and in RapidOCR's own cache. Nothing
is ever downloaded.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from ..config.directories import expanded
from ..errors import ConfigurationError, IntegrityError, ModelError, ResourceNotFoundError
from ..inference.traits import engine_for, traits_of
from ..loading import finding
from ..loading.executables import PROCESSORS
from ..loading.quality_sizes import size_parameters
from ..ocr.model_kinds import DETECTION, ORIENTATION, RECOGNITION
from ..resmgr import catalogue
from ..resmgr.integrity import check_file, check_installed
from ..resmgr.locations import find, missing_message, resolve
from ..resmgr.resource import MODEL_TYPES, Resource
from .hkmc import HkmcConfig
from .hkmc_schema import StageSection

LOG = logging.getLogger(__name__)

#: The stages, by the names of their sections in the configuration, and the kind of their models.
KINDS = {"Det": DETECTION, "Cls": ORIENTATION, "Rec": RECOGNITION}
#: The processor that the models of each stage are resources of.
EXECUTABLES = {stage: PROCESSORS[kind] for stage, kind in KINDS.items()}
STAGES = tuple(KINDS)

#: Variable with a directory of models for all stages, from HKMC's guide.
MODEL_DIR_VARIABLE = "OCR_MODEL_DIR"
#: RapidOCR's folder for downloads, from HKMC's guide; it is only read.
RAPIDOCR_CACHE = Path("~/.rapidocr/models")

#: Keys of a section that choose among the models of the catalogue.
_CHOOSING = ("ocr_version", "lang_type", "model_type")

_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def section_of(config: HkmcConfig, stage: str) -> StageSection:
    """Return the section of a stage: ``Det``, ``Cls`` or ``Rec``."""
    return {"Det": config.det, "Cls": config.cls, "Rec": config.rec}[stage]


def find_model(config: HkmcConfig, stage: str) -> Path:
    """Return the path of the model of a stage, an existing file.

    Raises:
        ResourceNotFoundError: it does not exist (a `FileNotFoundError`, too).
        ConfigurationError: the catalogue has no model of this version, language and type, or a
            directory has several.
        ModelError: it is a directory, or a file that the engine does not read.
        IntegrityError: it does not match the catalogue.
    """
    section = section_of(config, stage)
    if finding.is_automatic(KINDS[stage], section.model_path or ""):
        path = finding.find_model(KINDS[stage], finding.AUTOMATIC, section.engine_type)
    elif section.model_path is not None:
        suffixes = traits_of(section.engine_type).suffixes
        key = f"{stage}.model_path"
        path = existing_file(key, section.model_path, EXECUTABLES[stage], suffixes)
    elif section.model_dir is not None:
        path = _in_model_dir(stage, section)
    else:
        path = _known_model(config, stage)
    _check_kind(stage, section, path)
    return path


def catalogue_entry(section: StageSection, stage: str) -> Resource:
    """Return the catalogue's model for version, language and type.

    Raises:
        ConfigurationError: there is no such model; the message names those that exist.
    """
    entries = [e for e in catalogue.bundled()[EXECUTABLES[stage]] if e.model_type]  # no key files
    speaking = [e for e in entries if section.lang_type in e.languages]
    fitting = [e for e in speaking if e.version == section.ocr_version]
    if section.model_type is not None:
        fitting = [e for e in fitting if e.model_type == section.model_type]
    if fitting:
        return min(fitting, key=lambda e: MODEL_TYPES.index(e.model_type))
    there = ", ".join(sorted({f"{e.version} {e.model_type}" for e in speaking})) or "none"
    wanted = " ".join(filter(None, (section.ocr_version, section.model_type)))
    raise ConfigurationError(
        f"{stage}: there is no {wanted} model for lang_type '{section.lang_type}'"
        f" (available: {there}); change {stage}.ocr_version or {stage}.model_type,"
        f" or name a file with {stage}.model_path"
    )


def existing_file(key: str, text: str, executable: str, suffixes: Sequence[str] = ()) -> Path:
    """Return the file that a key of the configuration names: a path, or an installed resource.

    Args:
        key: the key.
        text: its value.
        executable: the processor that it may be a resource of.
        suffixes: suffixes that the name of a resource may lack.

    Raises:
        ResourceNotFoundError: it does not exist.
        ModelError: it is a directory.
    """
    path = _as_path(text)
    if not path.is_file() and text and not re.search(r"[\\/]", text):
        try:
            path = resolve(text, executable, suffixes)
        except ResourceNotFoundError as error:
            message = f"{key} not found: {path.absolute()} ({error})"
            raise ResourceNotFoundError(message) from None
    if not path.exists():
        hint = ""
        if os.name == "posix" and _WINDOWS_DRIVE.match(text):
            hint = " (a Windows path, taken as relative to the current directory)"
        raise ResourceNotFoundError(f"{key} not found: {path.absolute()}{hint}")
    if not path.is_file():
        raise ModelError(
            f"{key} is not a file: {path.absolute()}; name the file in it, or set model_dir"
        )
    return path


def _as_path(text: str) -> Path:
    """Return a path; Windows' separators are understood on other systems, too."""
    path = expanded(text)
    if "\\" in text and os.sep == "/" and not path.exists():
        return expanded(text.replace("\\", "/"))
    return path


def _in_model_dir(stage: str, section: StageSection) -> Path:
    key = f"{stage}.model_dir"
    directory = _as_path(str(section.model_dir))
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "not found"
        raise ResourceNotFoundError(f"{key} {what}: {directory.absolute()}")
    suffixes = traits_of(section.engine_type).suffixes
    found = [path for suffix in suffixes for path in sorted(directory.glob(f"*{suffix}"))]
    if not found:
        raise ResourceNotFoundError(
            f"{key} has no {' or '.join(suffixes)} file: {directory.absolute()}"
        )
    # A model and its conversion count as one model.
    if len({path.stem for path in found}) == 1:
        return found[0]
    try:
        entry: Resource | None = catalogue_entry(section, stage)
    except ConfigurationError:  # a user's own model
        entry = None
    chosen = _by_name(directory, stage, section, entry, ("inference",))
    if chosen is None:
        names = ", ".join(path.name for path in found)
        raise ConfigurationError(
            f"{key} {directory.absolute()} has several models ({names});"
            f" name one with {stage}.model_path"
        )
    return chosen


def _by_name(
    directory: Path,
    stage: str,
    section: StageSection,
    entry: Resource | None,
    generic: Sequence[str] = (),
) -> Path | None:
    """Return the model in a directory with one of the expected names."""
    names = [] if entry is None else catalogue.file_names(entry)
    for stem in (*(PurePosixPath(name).stem for name in names), stage.lower(), *generic):
        for suffix in traits_of(section.engine_type).suffixes:
            path = directory / f"{stem}{suffix}"
            if path.is_file():
                return path
    return None


def _model_of_size(config: HkmcConfig, stage: str) -> Resource | None:
    """Return the entry of the model that the size stands for.

    Returns:
        ``None`` if the section itself chooses one, or if all sizes have the same.
    """
    if any(f"{stage}.{key}" in config.given for key in _CHOOSING):
        return None
    name = size_parameters(config.general.quality, EXECUTABLES[stage]).get("model", "")
    return catalogue.find(EXECUTABLES[stage], name)


def _known_model(config: HkmcConfig, stage: str) -> Path:
    section, chosen = section_of(config, stage), _model_of_size(config, stage)
    entry = chosen if chosen is not None else catalogue_entry(section, stage)
    # A size that names an original wants no other.
    ours = entry if chosen is not None or entry.in_package else catalogue.stand_in(entry)
    # A folder of models may have what ours was made of.
    entry = catalogue.find(EXECUTABLES[stage], entry.original) or entry
    for directory in _model_directories(config):
        path = _by_name(directory, stage, section, entry)
        if path is not None:
            if path.name in catalogue.file_names(entry):
                check_installed(path, entry)
            return path
    for wanted in filter(None, (ours, entry)):
        path = _installed(wanted, section.engine_type)
        if path is not None:
            return path
    cached = _in_rapidocrs_cache(entry)
    if cached is not None:
        return cached
    raise ResourceNotFoundError(
        f"{stage}.model_path is not given, and {missing_message(entry.name, EXECUTABLES[stage])}"
    )


def _installed(entry: Resource, engine: str) -> Path | None:
    """Return the file of a model that is installed, or in the package, or a conversion of it."""
    for name in _installed_names(entry, engine):
        path = find(name, entry.executable)
        if path is None:
            continue
        if path.name == entry.name:
            check_installed(path, entry)
        return path
    return None


def _installed_names(entry: Resource, engine: str) -> list[str]:
    stem = PurePosixPath(entry.name).stem
    return [f"{stem}{suffix}" for suffix in traits_of(engine).suffixes]


def _model_directories(config: HkmcConfig) -> Iterator[Path]:
    for name in (config.general.model_root_dir, os.environ.get(MODEL_DIR_VARIABLE)):
        if name:
            yield _as_path(name)


def _in_rapidocrs_cache(entry: Resource) -> Path | None:
    """Return the model from RapidOCR's cache, if it is intact."""
    for name in catalogue.file_names(entry):
        path = expanded(RAPIDOCR_CACHE) / name
        if path.is_file():
            try:
                check_file(path, entry, origin=str(path.parent))
            except IntegrityError as error:
                LOG.warning("%s; it is not used", error)
            else:
                return path
    return None


def _check_kind(stage: str, section: StageSection, path: Path) -> None:
    suffixes = traits_of(section.engine_type).suffixes
    if path.suffix.lower() not in suffixes:
        other = engine_for(path.name)
        mend = f"set {stage}.engine_type to {other}" if other else "name another file"
        raise ModelError(
            f"{stage}: engine {section.engine_type} reads {' and '.join(suffixes)} files,"
            f" not {path.absolute()}; {mend}"
        )
    weights = path.with_suffix(".bin")
    if path.suffix.lower() == ".xml" and not weights.is_file():
        raise ResourceNotFoundError(
            f"{stage}: model {path.absolute()} needs its weights beside it, but there is no"
            f" {weights.name}; copy both files"
        )
