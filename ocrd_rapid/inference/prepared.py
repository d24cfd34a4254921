"""Models as an engine has prepared them, kept in the user's cache.

Optimising and compiling a network takes longer than loading the result. A prepared model is a
folder with two files: what the engine wrote, and what there is to know of the model (`Facts`).
Its name holds all that the result depends on: the content of the model, the engine and its
version, how it is to be run, and the CPU, as engines arrange the weights for one kind of CPU.

A folder appears by one rename, complete or not at all, and is not changed afterwards. What
cannot be read is removed and made anew; where there is no place for it, models are prepared at
every start.
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

#: Part of the name of every prepared model: to be raised when they are to be made anew.
_VERSION = "1"

_MODEL, _FACTS = "model", "facts.json"

#: What tells kinds of CPUs apart in Linux's ``/proc/cpuinfo``.
_OF_THE_CPU = (
    "vendor_id", "cpu family", "model", "model name", "flags",
    "Features", "CPU implementer", "CPU architecture", "CPU variant", "CPU part",
    "isa", "uarch",
)  # fmt: skip

#: How a protobuf names the file that holds the weights of an ONNX model beside it.
_EXTERNAL_WEIGHTS = b"\x0a\x08location"


@dataclass(frozen=True)
class Facts:
    """What there is to know of a model without loading it.

    Attributes:
        input_shape: see `Model.input_shape`.
        output_shape: see `Model.output_shape`.
        metadata: see `Model.metadata`.
        size: of the file that the engine wrote, in bytes.
    """

    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    metadata: Mapping[str, str]
    size: int = 0


class WithFacts:
    """The properties of a `Model` that are known as `Facts`."""

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
        facts: what is known of the model.
    """

    path: Path
    facts: Facts


@dataclass(frozen=True)
class Slot:
    """The place of one prepared model, whether or not it is there.

    Attributes:
        source: the model's file.
        folder: the place.
        engine: the beginning of the names of all that this engine has prepared.
        version: of the engine.
    """

    source: Path
    folder: Path
    engine: str
    version: str

    def find(self) -> Prepared | None:
        """Return the prepared model if it is there and whole as far as can be told quickly."""
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
        LOG.debug("prepared model %s is made anew: %s", self.folder, reason)
        PREPARED.discard(self.folder)

    def store(self, write: Callable[[Path], None], facts: Facts) -> None:
        """Keep a prepared model; that it cannot be kept is no error.

        Args:
            write: writes the model to a path that it is given.
            facts: what is known of it; ``size`` is filled in.

        Raises:
            Whatever ``write`` raises but `OSError`.
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
        # Where another process was faster, this fails, and its result is as good.
        publish(staged, self.folder)

    def _is_outdated(self, name: str) -> bool:
        """Return whether another version of the engine has prepared the model of a name."""
        own = f"{self.engine}-{self.version}-"
        return name.startswith(f"{self.engine}-") and not name.startswith(own)


def slot(source: Path, engine: str, version: str, settings: str) -> Slot | None:
    """Return the place for a model as an engine prepares it.

    Args:
        source: the model's file; with ``.xml``, the ``.bin`` beside it belongs to it.
        engine: its name.
        version: its version.
        settings: all that is set for it and may change the result.

    Returns:
        ``None`` if the model cannot be read, or there is no home directory.
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
    version = re.split(r"[^\w.]", version)[0]  # without the commit and branch of OpenVINO's
    return Slot(source, folders[0] / f"{engine}-{version}-{key}", engine, version)


@lru_cache(maxsize=1)
def cpu() -> str:
    """Return what tells this machine's CPU from those that need models prepared otherwise."""
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
    """Return whether an ONNX model may be more than its file, which alone is hashed."""
    return source.suffix.lower() == ".onnx" and _EXTERNAL_WEIGHTS in source.read_bytes()
