"""Files: written so that they are there whole or not at all; YAML read safely."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file by one rename; a reader sees the old content or the new one, nothing else.

    A file that is replaced keeps its permissions, a link stays a link. Missing parent directories
    are made.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_permissions(path))
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def parse_yaml(text: str) -> Any:
    """Parse YAML with plain values only, by the fast parser where PyYAML has it.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _permissions(path: Path) -> int:
    """Return those of the file that is there, else what the umask leaves of 0666."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
