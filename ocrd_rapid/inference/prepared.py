# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Models prepared by an engine, kept in the user's cache.

Optimising and compiling a network takes longer than loading the result. A prepared model is a
folder with two files: the engine's result, and the facts about the model (`Facts`). Its name holds
all that the result depends on: the content of the model, the engine, its version and settings, and
the CPU, as engines arrange the weights for one kind of CPU.

A folder appears by one rename, complete or not at all, and never changes afterwards. An unreadable
one is removed and created again; without a place to keep them, models are prepared at every start.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from ..cache import PREPARED, publish, staging, touch
from ..resmgr.integrity import known_sha256

LOG = logging.getLogger(__name__)

#: Part of the name of every prepared model. Raise it when the files must be created again.
_VERSION = "1"

_MODEL, _FACTS = "model", "facts.json"

#: Keys in Linux's ``/proc/cpuinfo`` that tell kinds of CPUs apart.
_OF_THE_CPU = (
    "vendor_id", "cpu family", "model", "model name", "flags",
    "Features", "CPU implementer", "CPU architecture", "CPU variant", "CPU part",
    "isa", "uarch",
)  # fmt: skip

#: The field of a protobuf that names a file with an ONNX model's weights.
_EXTERNAL_WEIGHTS = b"\x0a\x08location"


@dataclass(frozen=True)
class Facts:
    """Facts about a model that are known without loading it.

    Attributes:
        input_shape: see `Model.input_shape`.
        output_shape: see `Model.output_shape`.
        metadata: see `Model.metadata`.
        size: size of the file that the engine wrote, in bytes.
    """

    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    metadata: Mapping[str, str]
    size: int = 0


class WithFacts:
    """The properties of a `Model` that its `Facts` give."""

    _facts: Facts

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `Model.metadata`."""
        return self._facts.metadata

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """See `Model.input_shape`."""
        return self._facts.input_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """See `Model.output_shape`."""
        return self._facts.output_shape


@dataclass(frozen=True)
class Prepared:
    """A prepared model.

    Attributes:
        path: the file that the engine wrote.
        facts: facts about the model.
    """

    path: Path
    facts: Facts


@dataclass(frozen=True)
class Slot:
    """The place of one prepared model, which need not exist yet.

    Attributes:
        source: the model's file.
        folder: the place.
        engine: name of the engine, with which the names of its prepared models begin.
        version: version of the engine.
    """

    source: Path
    folder: Path
    engine: str
    version: str

    def find(self) -> Prepared | None:
        """Return the prepared model if it exists and passes a quick check of completeness."""
        path = self.folder / _MODEL
        try:
            facts = _parse((self.folder / _FACTS).read_text(encoding="utf-8"))
            if path.stat().st_size != facts.size:
                raise ValueError("its size is wrong")
        except FileNotFoundError:
            if self.folder.is_dir():
                self.discard("it is not complete")
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            self.discard(str(error))
            return None
        touch(self.folder)
        return Prepared(path, facts)

    def discard(self, reason: str) -> None:
        """Remove a prepared model that is damaged."""
        LOG.debug("prepared model %s is created again: %s", self.folder, reason)
        PREPARED.discard(self.folder)

    def store(self, write: Callable[[Path], None], facts: Facts) -> None:
        """Keep a prepared model; failing to do so is not an error.

        Args:
            write: function that writes the model to a path.
            facts: facts about the model; ``size`` is filled in.

        Raises:
            Whatever ``write`` raises, except `OSError`.
        """
        try:
            if _has_external_weights(self.source):
                return
            PREPARED.tidy(outdated=self._is_outdated)
            with staging(self.folder.parent) as place:
                write(place / _MODEL)
                self._publish(place, facts)
        except OSError as error:
            LOG.debug("prepared model %s is not kept: %s", self.folder, error)

    def _publish(self, staged: Path, facts: Facts) -> None:
        content = {**asdict(facts), "size": (staged / _MODEL).stat().st_size}
        (staged / _FACTS).write_text(json.dumps(content), encoding="utf-8")
        # If another process was faster, this fails, and the other's result is as good.
        publish(staged, self.folder)

    def _is_outdated(self, name: str) -> bool:
        """Return whether another version of the engine has prepared the model of a name."""
        own = f"{self.engine}-{self.version}-"
        return name.startswith(f"{self.engine}-") and not name.startswith(own)


def slot(source: Path, engine: str, version: str, settings: str) -> Slot | None:
    """Return the place for a model prepared by an engine.

    Args:
        source: the model's file; an ``.xml`` includes the ``.bin`` beside it.
        engine: name of the engine.
        version: version of the engine.
        settings: all settings that may change the result.

    Returns:
        ``None`` if the model is unreadable, or there is no home directory.
    """
    folders = PREPARED.folders()
    if not folders:
        return None
    files = [source, source.with_suffix(".bin")] if source.suffix.lower() == ".xml" else [source]
    try:
        hashes = [known_sha256(file) for file in files]
    except OSError:
        return None
    parts = [_VERSION, *hashes, engine, version, settings, cpu()]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    version = re.split(r"[^\w.]", version)[0]  # without OpenVINO's commit and branch
    return Slot(source, folders[0] / f"{engine}-{version}-{key}", engine, version)


@lru_cache(maxsize=1)
def cpu() -> str:
    """Return a text that is the same on CPUs that can share prepared models."""
    facts = [platform.system(), platform.machine()]
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                key, _, value = line.partition(":")
                if not line.strip() and len(facts) > 2:
                    break  # the next core; reading on would take long on machines with hundreds
                if key.strip() in _OF_THE_CPU:
                    facts.append(value.strip())
    except OSError:
        facts.append(platform.processor())
    return "\n".join(facts)


def _parse(text: str) -> Facts:
    content = json.loads(text)
    return Facts(
        input_shape=tuple(content["input_shape"]),
        output_shape=tuple(content["output_shape"]),
        metadata={str(key): str(value) for key, value in content["metadata"].items()},
        size=int(content["size"]),
    )


def _has_external_weights(source: Path) -> bool:
    """Return whether an ONNX model may have further files, which are not hashed."""
    return source.suffix.lower() == ".onnx" and _EXTERNAL_WEIGHTS in source.read_bytes()
