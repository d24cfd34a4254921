# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Copies of a document's files that last as long as it is open."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable
from pathlib import Path

from ..temporary_folders import temporary_folder


class TemporaryFolder:
    """A folder that is made when the first file is put into it."""

    def __init__(self) -> None:
        """Make no folder yet."""
        self._folder: Path | None = None
        self._stack = contextlib.ExitStack()
        self._files: dict[Hashable, Path] = {}
        self._lock = threading.RLock()

    def once(self, name: str, key: Hashable, write: Callable[[Path], object]) -> Path:
        """Return a file of the folder; it is written when it is first asked for.

        Args:
            name: its name; files of one name lie in folders of their own.
            key: what tells it from others.
            write: writes it.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            if key not in self._files:
                if self._folder is None:
                    self._folder = self._stack.enter_context(temporary_folder())
                place = self._folder / str(len(self._files))
                place.mkdir(exist_ok=True)
                write(place / name)
                self._files[key] = place / name
            return self._files[key]

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        with self._lock:
            self._stack.close()
            self._folder = None
            self._files.clear()
