# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Checks of the outputs before work begins: nothing is in the way, and there is room for them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ..errors import OutputExistsError, StorageError, UsageError
from ..export.view_files import pictures_of

#: Maximum number of files named in a message.
_NAMED = 3


def check_outputs(
    targets: Sequence[Sequence[Path]], inputs: Sequence[Collection[Path]], *, replace: bool
) -> None:
    """Check that outputs overwrite nothing that is needed.

    Args:
        targets: the files to write, by document.
        inputs: the files of each document.
        replace: whether existing files may be replaced.

    Raises:
        OutputExistsError: a file exists.
        UsageError: an output is the input of another document, a folder, or a device.
    """
    paths = [path for document in targets for path in document]
    for path in paths:
        if path.is_dir():
            raise UsageError(f"{path} is to be written, and is a folder; name another output")
        if path.exists() and not path.is_file():
            raise UsageError(
                f"{path} is a device or a pipe, which -o cannot replace; -o - writes to standard"
                " output"
            )
    views = (path for path in paths if path.suffix == ".html")
    existing = [path for path in paths if os.path.lexists(path)]
    existing += [folder for path in views for folder in pictures_of(path)]
    if existing and not replace:
        more = f" and {len(existing) - _NAMED} more" if len(existing) > _NAMED else ""
        names = ", ".join(map(str, existing[:_NAMED]))
        plural = "" if len(existing) == 1 else "s"
        raise OutputExistsError(
            f"the output file{plural} {names}{more} already exist{'' if plural else 's'};"
            " replace with --force, or name another output"
        )
    owners = {_real(path): number for number, files in enumerate(inputs) for path in files}
    for number, document in enumerate(targets):
        for path in document:
            if owners.get(_real(path), number) != number:
                raise UsageError(f"{path} is both an input and the output of another input")


def _real(path: Path) -> str:
    return os.path.realpath(path)


def check_room(targets: Iterable[Path], needed: int) -> None:
    """Check that the folders of files can be written to, and have some space left.

    Args:
        targets: the files to write; their folders need not exist.
        needed: bytes that should be free.

    Raises:
        StorageError: a folder cannot be made or written to, or its disk is too full.
    """
    for folder, path in _folders(targets).items():
        if not folder.is_dir():
            raise StorageError(f"{path} cannot be written: {folder} is not a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StorageError(f"{path} cannot be written: no permission to write to {folder}")
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise StorageError(
                f"no space left for {path}: {folder} has {_megabytes(free)} free, the inputs have"
                f" {_megabytes(needed)}"
            )


def _folders(targets: Iterable[Path]) -> Mapping[Path, Path]:
    """Return the existing folders that files will be written below, each with one of them."""
    found: dict[Path, Path] = {}
    for path in targets:
        folder = path.absolute().parent
        while not os.path.lexists(folder):
            folder = folder.parent
        found.setdefault(folder, path)
    return found


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
