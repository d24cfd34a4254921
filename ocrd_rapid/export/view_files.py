# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The file of a view, and the folder beside it for the pictures of a large document."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ..files import writing_atomically
from ..processes import process_lives
from .export_options import ExportOptions

#: What the name of the folder ends in.
_BESIDE = "_files"

_TEMPORARY = ".tmp"

#: The names of the pictures in it.
_PICTURE = re.compile(r"[0-9]{4,}\.jpg")

#: Characters of the name of the file that the temporary name of the folder has.
_NAME_LENGTH = 60


def folder_beside(path: Path) -> Path:
    """Return the folder that the pictures of a view are in if it is too large for one file."""
    return path.with_name(f"{path.stem}{_BESIDE}")


def pictures_of(path: Path) -> list[Path]:
    """Return the folder with the pictures of a view as a list, empty if they are in the file."""
    beside = folder_beside(path)
    has_pictures = beside.is_dir() and any(_PICTURE.fullmatch(p.name) for p in beside.iterdir())
    return [beside] if has_pictures else []


@contextlib.contextmanager
def writing_view(path: Path, options: ExportOptions) -> Iterator[tuple[BinaryIO, ExportOptions]]:
    """Open the file of a view; it and its folder appear whole or not at all.

    Args:
        path: the file; one of that name is replaced, with its folder.
        options: the choices of the writer.

    Yields:
        The stream to write to, and the options for its writer.

    Raises:
        OSError: they cannot be written.
    """
    beside = folder_beside(path)
    begin = f".{path.stem[:_NAME_LENGTH]}{_BESIDE}."
    _remove_leftovers(path.parent, begin)
    files = path.with_name(f"{begin}{os.getpid()}{_TEMPORARY}")
    try:
        with writing_atomically(path) as stream:
            yield stream, replace(options, side_folder=files, side_name=beside.name)
            _remove_pictures(beside)  # of the file that is replaced
            if files.exists():
                beside.mkdir(exist_ok=True)
                for picture in files.iterdir():
                    picture.rename(beside / picture.name)
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _remove_leftovers(folder: Path, begin: str) -> None:
    """Remove the temporary folders of views, of processes that were killed."""
    for left in folder.glob(f"{glob.escape(begin)}*{_TEMPORARY}"):
        number = left.name.removeprefix(begin).removesuffix(_TEMPORARY)
        if number.isdecimal() and not process_lives(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _remove_pictures(folder: Path) -> None:
    """Remove the pictures of a view, and their folder if it has nothing else.

    Browsers put the pictures of pages that they save into folders of the same name.
    """
    if folder.is_dir() and not folder.is_symlink():
        for path in folder.iterdir():
            if _PICTURE.fullmatch(path.name):
                path.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()
