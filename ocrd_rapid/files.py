# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files: read only if they are regular, written whole or not at all; the order of names."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from .processes import process_lives

_TEMPORARY = ".ocrd-tmp"

#: Linux's folder of the open files of a process.
_OPEN_FILES = "/proc/self/fd"

#: Longest part of a file name, in characters, that a temporary name has of it.
_LONG = 60

#: Characters that are not allowed in file names, here or on other systems.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]')

_DIGITS = re.compile(r"(\d+)")

#: The temporary files that this process is writing. Any other with its number was left by a process
#: that had the same: in a container, every run has.
_WRITING: set[Path] = set()


def open_regular(path: Path) -> BinaryIO:
    """Open a file that somebody else named for reading; reject anything but a regular file.

    A device may have no end, and opening a pipe waits for somebody to write into it.

    Raises:
        OSError: it cannot be opened, is not a regular file, or its name is not valid.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except ValueError as error:  # a null byte, or half of a character
        raise OSError(errno.EINVAL, "its name is not that of a file", str(path)) from error
    try:
        kind = os.fstat(handle).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(kind):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path) -> bytes:
    """Return the content of a file that somebody else named; see `open_regular`."""
    with open_regular(path) as stream:
        return stream.read()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file by one rename; a reader sees the old content or the new one, nothing else.

    The content is forced to the disk, and survives a power failure. A replaced file keeps its
    permissions, a link stays a link. Missing parent directories are made.
    """
    with writing_atomically(path) as stream:
        stream.write(data)


@contextlib.contextmanager
def writing_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write, which gets its name when it is complete; see `write_atomically`.

    After an exception, the old content stays. Where the system has files without a name, even a
    killed process leaves nothing.
    """
    path = Path(os.path.realpath(path))
    make_directory(path.parent)
    nameless = _nameless(path.parent)
    if nameless is not None:
        with nameless:
            yield nameless
            _settle(nameless, path)
            _give_name(nameless, path)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:_LONG]}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            _settle(stream, path)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _nameless(folder: Path) -> BinaryIO | None:
    """Return a file without a name, or ``None`` if the system or the file system has none."""
    kind = getattr(os, "O_TMPFILE", 0)
    if not kind or not Path(_OPEN_FILES).is_dir():
        return None
    try:
        return os.fdopen(os.open(folder, kind | os.O_RDWR, 0o600), "w+b")
    except OSError:
        return None


def _give_name(stream: BinaryIO, path: Path) -> None:
    """Give a file without a name its name; replace a file that has it, by one rename."""
    files = os.open(_OPEN_FILES, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Only with a folder given does Python let the system follow the link.
        link = partial(os.link, str(stream.fileno()), src_dir_fd=files, follow_symlinks=True)
        try:
            link(path)
        except FileExistsError:
            number = f"{os.getpid()}.{stream.fileno()}"
            temporary = path.with_name(f".{path.name[:_LONG]}.{number}.tmp")
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            try:
                link(temporary)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    finally:
        os.close(files)


def _settle(stream: BinaryIO, path: Path) -> None:
    """Force a file to the disk, and give it the permissions that it will have."""
    stream.flush()
    os.fsync(stream.fileno())
    if hasattr(os, "fchmod"):
        os.fchmod(stream.fileno(), _permissions(path))


def make_directory(path: Path) -> None:
    """Make a directory and its missing parents; who may write above may write in it.

    A umask of 022 would take away that right, and shut out others who share a place.
    """
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    share_as(path.parent, path)


def share_as(directory: Path, path: Path) -> None:
    """Let a group, or all, write to a file or directory if they may write to another directory.

    In a directory like ``/tmp``, where all may make files but remove only their own, all may not.
    """
    with contextlib.suppress(OSError):  # it is somebody else's
        mode = directory.stat().st_mode
        shared = stat.S_IWGRP if mode & stat.S_ISVTX else stat.S_IWGRP | stat.S_IWOTH
        if mode & shared:
            # The system itself sets the bit that passes on the group where it is set above.
            path.chmod(stat.S_IMODE(path.stat().st_mode) | mode & shared)


def replace_quickly(path: Path, data: bytes) -> None:
    """Write one of many files by one rename, without waiting for the disk.

    A killed process leaves the old content or the new one, and maybe a temporary file, see
    `remove_leftovers`. A link is replaced, not followed. The directory must exist.
    """
    with replacing_quickly(path) as stream:
        stream.write(data)


@contextlib.contextmanager
def replacing_quickly(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write, which gets its name when it is complete; see `replace_quickly`.

    After an exception, the old content stays.
    """
    temporary = _temporary_for(path)
    _WRITING.add(temporary)
    try:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        with os.fdopen(handle, "w+b") as stream:
            yield stream
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    finally:
        _WRITING.discard(temporary)


def replace_together(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write files: none gets its name before all are on the disk, with the disk's word for it.

    A full disk so leaves all as it was. A killed process may leave some with the new content and
    others with the old one, each whole, and temporary files, see `remove_leftovers`.

    Args:
        files: paths and contents; the directories must exist.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, data in files:
            temporary = _temporary_for(path)
            _WRITING.add(temporary)
            written.append((temporary, path))
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, path in written:
            temporary.replace(path)
    finally:
        for temporary, _ in written:
            with contextlib.suppress(OSError):
                temporary.unlink()
            _WRITING.discard(temporary)


def _temporary_for(path: Path) -> Path:
    """Return the name of the temporary file of one of many files."""
    writer = f"{threading.get_ident()}.{os.getpid()}"  # two threads may write the same file
    return path.with_name(f".{path.name}.{writer}{_TEMPORARY}")


def remove_leftovers(directory: Path) -> None:
    """Remove the temporary files of `replace_quickly` whose process is gone."""
    for path in directory.glob(f".*{_TEMPORARY}"):
        pid = path.name.removesuffix(_TEMPORARY).rpartition(".")[2]
        if pid.isdecimal() and not _is_written(path, int(pid)):
            with contextlib.suppress(OSError):
                path.unlink()


def _is_written(temporary: Path, pid: int) -> bool:
    return temporary in _WRITING if pid == os.getpid() else process_lives(pid)


def _permissions(path: Path) -> int:
    """Return the permissions of an existing file, else what the umask leaves of 0666."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def valid_text(name: str) -> str:
    """Return a file name that any encoding of Unicode can have; bytes that are no text become ?."""
    return name.encode("utf-8", "replace").decode("utf-8")


def natural_key(text: str) -> tuple[tuple[str, int, str], ...]:
    """Return a case-insensitive key that sorts ``page2`` before ``page10``."""
    parts = _DIGITS.split(text)
    numbers = [int(digits[:4000]) for digits in parts[1::2]]
    words = zip(parts[::2], [*numbers, -1], parts[::2], strict=True)
    return tuple((word.casefold(), number, exact) for word, number, exact in words)


def file_name(text: str) -> str:
    """Return a text as the name of a file: what names may not have becomes an underscore."""
    return _NOT_IN_NAMES.sub("_", text)
