# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Unpack archives that may be hostile.

Only plain files and directories come out, with plain permissions, inside the target, and no more
of them than is reasonable. Links, devices, absolute names and names with ``..`` are not skipped:
an archive with any of them is not what it claims to be, and is rejected.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import shutil
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..errors import IntegrityError, ResourceError

MAX_ENTRIES = 100_000
MAX_BYTES = 32 << 30
#: An archive that grows by more than this, beyond a megabyte, is a bomb.
MAX_RATIO = 200
_FREE_BYTES = 1 << 20
_CHUNK = 1 << 20
#: Chunks of padding that may follow the end of a tar archive.
_MOST_PADDING = 64

#: First bytes of compressed files, and the module that reads them.
_SINGLE: dict[bytes, Any] = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ\x00": lzma}

_Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class _Entry:
    """One member of an archive."""

    name: str
    is_directory: bool
    open: _Opener


def unpack(archive: Path, target: Path, path_in_archive: str = ".") -> None:
    """Unpack an archive, or a part of it, to ``target``.

    Args:
        archive: zip, tar, or tar with gzip, bzip2, xz or zstandard; or a single file compressed
            with gzip, bzip2 or xz.
        target: a path that does not exist yet; ``path_in_archive`` becomes this file or directory.
        path_in_archive: a member; ``.`` for all.

    Raises:
        IntegrityError: the archive is damaged, hostile, or too large.
        ResourceError: its format is unknown, or it has no such member.
    """
    wanted = PurePosixPath(path_in_archive)
    budget = _Budget(max(_FREE_BYTES, archive.stat().st_size * MAX_RATIO), archive)
    found = False
    entries = _entries(archive)
    while True:
        with _reading(archive):
            entry = next(entries, None)
        if entry is None:
            break
        budget.count_entry()
        path = _checked(entry.name, archive)
        if not path.is_relative_to(wanted):
            continue
        found = True
        _write(entry, target / Path(*path.relative_to(wanted).parts), budget, archive)
    if not found:
        raise ResourceError(f"archive {archive.name} has no member '{path_in_archive}'")


@contextlib.contextmanager
def _reading(archive: Path) -> Iterator[None]:
    """Turn the readers' exceptions for damaged archives into an error of ours."""
    try:
        yield
    except (
        tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, struct.error,
        EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
    ) as error:  # fmt: skip
        raise IntegrityError(f"archive {archive.name} is damaged: {error}") from error


def _checked(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    drive = bool(path.parts) and ":" in path.parts[0]
    if path.is_absolute() or ".." in path.parts or drive or "\0" in name:
        raise IntegrityError(
            f"archive {archive.name} is rejected: member '{name}' leads out of the directory"
        )
    return path


class _Budget:
    """Counts entries and bytes against the limits."""

    def __init__(self, limit: int, archive: Path) -> None:
        self._bytes = min(limit, MAX_BYTES)
        self._entries = MAX_ENTRIES
        self._name = archive.name

    def count_entry(self) -> None:
        self._entries -= 1
        if self._entries < 0:
            raise IntegrityError(
                f"archive {self._name} is rejected: more than {MAX_ENTRIES} entries"
            )

    def count_bytes(self, number: int) -> None:
        self._bytes -= number
        if self._bytes < 0:
            raise IntegrityError(f"archive {self._name} is rejected: its content is too large")


def _write(entry: _Entry, path: Path, budget: _Budget, archive: Path) -> None:
    try:
        if entry.is_directory:
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        output = path.open("xb")
    except (FileExistsError, NotADirectoryError) as error:
        raise IntegrityError(
            f"archive {archive.name} is rejected: member '{entry.name}' is in the way of another"
        ) from error
    with output:
        with _reading(archive):
            source = entry.open()
        with source:
            while True:
                with _reading(archive):
                    chunk = source.read(_CHUNK)
                if not chunk:
                    return
                budget.count_bytes(len(chunk))
                output.write(chunk)


def _entries(archive: Path) -> Iterator[_Entry]:
    with archive.open("rb") as stream:
        magic = stream.read(6)
    if magic.startswith(b"PK"):
        yield from _zip_entries(archive)
    elif magic.startswith(b"\x28\xb5\x2f\xfd"):
        with tempfile.TemporaryFile(dir=archive.parent) as plain:
            _decompress_zstandard(archive, plain)
            with tarfile.open(fileobj=plain) as tar:
                yield from _tar_entries(tar, archive)
    else:
        try:
            tar = tarfile.open(archive)  # noqa: SIM115 (closed below)
        except tarfile.ReadError:
            yield _single_file(archive, magic)
            return
        with tar:
            if tar.next() is None and any(map(magic.startswith, _SINGLE)):
                # Compressed zeros look like an empty tar.
                yield _single_file(archive, magic)
                return
            yield from _tar_entries(tar, archive)


def _zip_entries(archive: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            if (info.external_attr >> 28) == 0o12:
                raise IntegrityError(
                    f"archive {archive.name} is rejected: member '{info.filename}' is a link"
                )
            yield _Entry(info.filename, info.is_dir(), partial(content.open, info))


def _tar_entries(tar: tarfile.TarFile, archive: Path) -> Iterator[_Entry]:
    for member in tar:
        if not (member.isfile() or member.isdir()):
            raise IntegrityError(
                f"archive {archive.name} is rejected: member '{member.name}' is a link or device"
            )

        def opened(member: tarfile.TarInfo = member) -> IO[bytes]:
            stream = tar.extractfile(member)
            assert stream is not None  # it is a file
            return stream

        yield _Entry(member.name, member.isdir(), opened)
    # Python takes a broken header for the end; a real end is a block of zeros.
    assert tar.fileobj is not None
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise IntegrityError(f"archive {archive.name} is damaged or incomplete")
    # The checksums of gzip, bzip2 and xz come last.
    for _ in range(_MOST_PADDING):
        if not tar.fileobj.read(_CHUNK):
            return
    raise IntegrityError(f"archive {archive.name} is rejected: there is too much after its end")


def _single_file(archive: Path, magic: bytes) -> _Entry:
    """Return the content of a compressed file that is not a tar archive."""
    for prefix, module in _SINGLE.items():
        if magic.startswith(prefix):
            return _Entry(".", False, partial(module.open, archive, "rb"))
    raise ResourceError(
        f"{archive.name} is not in a known archive format (zip, tar, gzip, bzip2, xz, zstandard)"
    )


def _decompress_zstandard(archive: Path, output: IO[bytes]) -> None:
    try:
        import zstandard
    except ImportError as error:
        raise ResourceError(
            f"{archive.name} is compressed with zstandard; install the package that reads it:"
            " pip install zstandard"
        ) from error
    size, limit = 0, min(MAX_BYTES, max(_FREE_BYTES, archive.stat().st_size * MAX_RATIO))
    with zstandard.open(archive, "rb") as source:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise IntegrityError(
                    f"archive {archive.name} is rejected: its content is too large"
                )
            output.write(chunk)
    output.seek(0)


def is_archive(path: Path, name: str) -> bool:
    """Return whether a file is an archive of files: a tar, or a zip by the name it had.

    Many models are zip files themselves, so the content alone does not tell.
    """
    if name.lower().endswith(".zip"):
        return zipfile.is_zipfile(path)
    try:
        with tarfile.open(path) as tar:
            return tar.next() is not None
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError):
        return False


def copy_tree(source: Path, target: Path) -> None:
    """Copy a directory; links are followed, devices rejected.

    Raises:
        ResourceError: something in it is neither a file nor a directory.
    """

    def ignore_nothing(directory: str, names: list[str]) -> list[str]:
        for name in names:
            path = Path(directory) / name
            if not (path.is_file() or path.is_dir()):
                raise ResourceError(f"{path} is neither a file nor a directory")
        return []

    shutil.copytree(source, target, ignore=ignore_nothing)
