"""Files: written so that they are there whole or not at all; YAML read safely."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

_TEMPORARY = ".ocrd-tmp"


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file by one rename; a reader sees the old content or the new one, nothing else.

    The content is on the disk then, and survives a power failure. A file that is replaced keeps
    its permissions, a link stays a link. Missing parent directories are made.
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


def replace_quickly(path: Path, data: bytes) -> None:
    """Write one of many files by one rename, without waiting for the disk.

    A process that is killed leaves the old content or the new one, and maybe a temporary file,
    see `remove_leftovers`. A link is replaced, not followed. The directory must be there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def remove_leftovers(directory: Path) -> None:
    """Remove the temporary files of `replace_quickly` whose process is no more."""
    for path in directory.glob(f".*{_TEMPORARY}"):
        pid = path.name.removesuffix(_TEMPORARY).rpartition(".")[2]
        if pid.isdecimal() and not process_lives(int(pid)):
            with contextlib.suppress(OSError):
                path.unlink()


def exists(path: Path) -> bool:
    """Return whether there is a file or folder; there is none whose name is too long to be one."""
    try:
        return path.exists()
    except OSError:
        return False


def process_lives(pid: int) -> bool:
    """Return whether there is a process of this number on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


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
