# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The choice among the installed recognition models: ``-P model auto``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..config.tools import tool_description
from ..inference.feature_identity import features_identity
from ..inference.traits import traits_of
from ..ocr.model_kinds import RECOGNITION
from ..ocr.recognition.automatic_recognizer import (
    AutomaticRecognizer,
    ModelCandidate,
    TextRecognizer,
)
from ..resmgr import catalogue, installed
from ..resmgr.integrity import known_sha256
from .executables import PROCESSORS
from .finding import find_model
from .heads import AUTO, readable_scripts
from .keys import KeyRequest
from .load import LoadedRecognizer, load_recognizer, model_characters
from .once import Once
from .request import ModelRequest


def load_reader(request: ModelRequest) -> LoadedRecognizer:
    """Load a recognizer, with a choice among the installed models if the request asks for it.

    The other models are loaded when a page needs them. Their heads are those that they use by
    default; engine and alphabet are those of the request.

    Raises:
        ModelError, EngineError, ConfigurationError, ResourceNotFoundError, IntegrityError: see
            `load_recognizer`.
    """
    first = load_recognizer(request)
    if not request.automatic:
        return first
    others = list(_others(request))
    candidates = [ModelCandidate(first.path.name, lambda: first.part, frozenset), *others]
    names = ", ".join(candidate.name for candidate in candidates)
    return replace(
        first, part=AutomaticRecognizer(candidates), versions={"model": f"one of {names}"}
    )


def _others(request: ModelRequest) -> Iterator[ModelCandidate]:
    """Yield the other installed recognition models that the engine reads, the newest first.

    Another file with the same features would read the same.
    """
    executable = PROCESSORS[RECOGNITION]
    suffixes = traits_of(request.engine.engine).suffixes
    versions = {entry.name: entry.version for entry in catalogue.bundled().get(executable, ())}
    found = {
        path.stem: path
        for _, path in reversed(installed.list_files(executable, tool_description(executable)))
        if path.suffix in suffixes and path.stem != request.path.stem
    }
    for path in sorted(found.values(), key=lambda p: (versions.get(p.name, ""), p.name))[::-1]:
        if _reads_the_same(path, request.path):
            continue
        other = replace(
            request,
            path=path,
            keys=KeyRequest(),
            heads=replace(request.heads, heads=AUTO),
            automatic=False,
        )
        yield ModelCandidate(path.name, partial(_load, other), Once(partial(_scripts, other)))


def _reads_the_same(path: Path, other: Path) -> bool:
    """Return whether two files have the same features, but are not the same."""
    try:
        same = features_identity(path) == features_identity(other)
        return same and known_sha256(path) != known_sha256(other)
    except OSError:  # told when it is loaded
        return False


def _load(request: ModelRequest) -> TextRecognizer:
    find_model(RECOGNITION, str(request.path), request.engine.engine)  # checks its hash
    return load_recognizer(request).part


def _scripts(request: ModelRequest) -> frozenset[str]:
    return readable_scripts(model_characters(request))
