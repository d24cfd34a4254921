# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The user's cache: its parts, and how each is read, written and kept small.

Everything in the cache can be made again. A part is a folder of entries (files or folders) whose
names only we give; anything else in it is left alone. An entry appears by one rename, complete or
not at all, and several processes may read, write and tidy a part at once. The time of its last
change is the time of its last use, to the day: finding an entry touches it, and writing one
removes those unused for long (`CachePart.tidy`). Removal follows no links.

Without a home or a writable cache, entries that only save time are not kept. Those that must be
kept go to a folder of the user's own among the temporary files.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from .config.directories import cache_home, temporary_cache
from .errors import StorageError
from .files import replace_quickly

LOG = logging.getLogger(__name__)

DAY = 86400

_STAGING = ".staging-"

#: Leftovers of killed processes: folders and files that were not yet renamed, and downloads in
#: progress (see `transfer.partial_files`).
_LEFTOVER = r"\.staging-.+|\..+\.(tmp|ocrd-tmp)|[0-9a-f]{20}\.\w+\.[0-9]+\.[0-9a-f]{8}(\.json)?"
_LEFTOVER_DAYS = 1


@dataclass(frozen=True)
class Entry:
    """A file or folder kept under one name.

    Attributes:
        path: a file or a folder.
        used: time of its last use, in seconds since the epoch.
        size: size of its whole content, in bytes.
        left: a killed process left it, incomplete.
    """

    path: Path
    used: float
    size: int
    left: bool = False

    def older_than(self, days: float) -> bool:
        """Return whether it was last used more than this many days ago."""
        return self.used <= time.time() - days * DAY


@dataclass(frozen=True)
class CachePart:
    """A folder in the user's cache.

    Attributes:
        name: name of the folder.
        holds: its contents, in words for people.
        entries_are: regular expressions of the paths of its entries, relative to the folder, level
            by level. A path that does not match is not ours.
        unused_days: days without use after which an entry is removed; ``None``: never.
        outdated_days: the same for an outdated entry, see `tidy`.
        most_bytes: largest size; the entries unused for longest go first. 0: no limit.
        needed: it is kept among the temporary files if there is no other place.
        read_by_others: another program reads the entries without touching them: the time of the
            last access counts, too.
        precious: making it again takes a person's time, so it is removed only if named.
    """

    name: str
    holds: str
    entries_are: tuple[str, ...]
    unused_days: int | None = None
    outdated_days: int | None = None
    most_bytes: int = 0
    needed: bool = False
    read_by_others: bool = False
    precious: bool = False

    def places(self) -> list[Path]:
        """Return the caches that may have this part, the best first; none need exist."""
        places = [cache_home(), temporary_cache() if self.needed else None]
        return [place for place in places if place is not None]

    def folders(self) -> list[Path]:
        """Return the possible folders of this part, the best first; none need exist."""
        return [place / self.name for place in self.places()]

    def writable_folders(self) -> Iterator[Path]:
        """Make and yield the folder in each of `places` that can be written to."""
        for place in self.places():
            folder = place / self.name
            try:
                if place == temporary_cache():
                    place.mkdir(mode=0o700, exist_ok=True)
                    if temporary_cache() is None:  # somebody else was faster
                        continue
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                LOG.debug("%s cannot be made: %s", folder, error)
                continue
            if os.access(folder, os.W_OK | os.X_OK):
                yield folder

    def writable_folder(self) -> Path:
        """Return the first of `writable_folders`.

        Raises:
            StorageError: there is no such folder.
        """
        for folder in self.writable_folders():
            return folder
        raise self._no_place()

    def find(self, name: str) -> Path | None:
        """Return the path of an entry, and note its use; ``None`` if it is not there."""
        for folder in self.folders():
            entry = folder / name
            with contextlib.suppress(OSError):
                entry.stat()
                touch(entry)
                return entry
        return None

    def read(self, name: str) -> bytes | None:
        """Return the content of an entry, and note its use; ``None`` if it cannot be read."""
        with contextlib.suppress(OSError):
            found = self.find(name)
            return found.read_bytes() if found is not None else None
        return None

    def keep(self, name: str, data: bytes) -> None:
        """Write an entry that only saves time, where that is possible.

        It is not forced to the disk: its readers check it.
        """
        self.tidy()
        for folder in self.writable_folders():
            target = folder / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                replace_quickly(target, data)
            except OSError as error:
                LOG.debug("%s is not kept: %s", target, error)
                continue
            return

    def store(self, name: str, data: bytes) -> Path:
        """Write an entry that must be kept, and return its path.

        It is forced to the disk, and survives a power failure.

        Raises:
            StorageError: there is no place for it.
        """
        self.tidy()
        for folder in self.writable_folders():
            try:
                with staging(folder) as place:
                    staged = place / Path(name).name
                    staged.write_bytes(data)
                    publish(staged, folder / name)
            except OSError as error:
                LOG.debug("%s cannot be written to: %s", folder, error)
                continue
            return folder / name
        raise self._no_place()

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in all places, and the leftovers of killed processes there."""
        for folder in self.folders():
            yield from self._entries(folder)

    def tidy(
        self, *, at_once: bool = False, outdated: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Remove entries unused for long or in excess, and the leftovers of killed processes.

        Entries that cannot be removed stay.

        Args:
            at_once: do it even if it was done within the last day.
            outdated: tells whether the entry of a name is outdated.
        """
        for place in self.places():
            folder = place / self.name
            if _is_folder(folder) and (at_once or _is_due(place / f".tidied-{self.name}")):
                self._tidy(folder, outdated)

    def discard(self, entry: Path) -> bool:
        """Remove an entry and the folders emptied by that; return whether it is gone.

        A link is removed, not its target.
        """
        try:
            if _is_folder(entry):
                # Moved out of sight first, so that nobody finds a part of it.
                hidden = entry.with_name(f"{_STAGING}{uuid.uuid4().hex}")
                entry.rename(hidden)
                shutil.rmtree(hidden, ignore_errors=True)
            else:
                entry.unlink()
        except FileNotFoundError:
            return True
        except OSError as error:
            LOG.debug("%s cannot be removed: %s", entry, error)
            return False
        with contextlib.suppress(OSError):
            for above in takewhile(lambda above: above.name != self.name, self._above(entry)):
                above.rmdir()
        return True

    def _above(self, entry: Path) -> list[Path]:
        """Return the folders between an entry and the folder of this part."""
        return list(entry.parents)[: self._levels - 1]

    @property
    def _levels(self) -> int:
        return max(pattern.count("/") + 1 for pattern in self.entries_are)

    def _entries(self, folder: Path) -> Iterator[Entry]:
        for pattern in self.entries_are:
            for path in _matching(folder, pattern.split("/")):
                yield from self._described(path)
        for levels in range(self._levels):
            for path in _matching(folder, [*["[^.].*"] * levels, _LEFTOVER]):
                for entry in self._described(path):
                    if entry.older_than(_LEFTOVER_DAYS):
                        yield replace(entry, left=True)

    def _described(self, path: Path) -> Iterator[Entry]:
        with contextlib.suppress(OSError):  # somebody else has removed it
            state = path.lstat()
            read = state.st_atime if self.read_by_others else 0.0
            yield Entry(path, max(state.st_mtime, read), _size(path))

    def _tidy(self, folder: Path, outdated: Callable[[str], bool]) -> None:
        kept = []
        for entry in self._entries(folder):
            days = self.outdated_days if outdated(entry.path.name) else self.unused_days
            old = entry.left or (days is not None and entry.older_than(days))
            if not (old and self.discard(entry.path)):
                kept.append(entry)
        total = sum(entry.size for entry in kept)
        for entry in sorted(kept, key=lambda entry: entry.used):
            if total <= (self.most_bytes or total):
                break
            if self.discard(entry.path):
                total -= entry.size

    def _no_place(self) -> StorageError:
        tried = " and ".join(map(str, self.places()))
        why = f"{tried} cannot be written to" if tried else "there is no home directory"
        return StorageError(
            f"there is no place for {self.holds} (cache '{self.name}'): {why};"
            " set XDG_CACHE_HOME or TMPDIR"
        )


def touch(entry: Path) -> None:
    """Record the use of an entry, at most once a day."""
    with contextlib.suppress(OSError):
        if entry.stat().st_mtime < time.time() - DAY:
            os.utime(entry)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Make a folder for incomplete entries, beside the others; it is removed at the end.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder, prefix=_STAGING))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def publish(staged: Path, target: Path) -> None:
    """Put a file or a folder of files into its place, once it is on the disk.

    A file replaces what is there; a folder does not replace one with files in it.

    Raises:
        OSError: it cannot be written, or another process was faster with a folder.
    """
    for path in staged.iterdir() if staged.is_dir() else (staged,):
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)


def _is_due(marker: Path) -> bool:
    """Return whether it is time to tidy a part, and record that if so."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        with contextlib.suppress(FileNotFoundError):
            if 0 <= time.time() - marker.lstat().st_mtime < DAY:
                return False
        os.close(os.open(marker, flags, 0o666))
        os.utime(marker)
    except OSError as error:
        # Tidying helps against a full disk; who may not write here may not remove, either.
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return True


def _matching(folder: Path, levels: Sequence[str]) -> Iterator[Path]:
    """Yield the paths in a folder whose names match, level by level; no link is followed."""
    if not _is_folder(folder):
        return
    for found in _listed(folder):
        if re.fullmatch(levels[0], found.name):
            if len(levels) == 1:
                yield Path(found.path)
            else:
                yield from _matching(Path(found.path), levels[1:])


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    """Return whether a path is a folder, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _size(path: Path) -> int:
    """Return the size of a file, or of all files in a folder, in bytes; a link counts as 0."""
    if _is_folder(path):
        return sum(_size(Path(inside.path)) for inside in _listed(path))
    with contextlib.suppress(OSError):
        state = path.lstat()
        return state.st_size if stat.S_ISREG(state.st_mode) else 0
    return 0


PREPARED = CachePart(
    "prepared", "models prepared by the engines",
    (r"[a-z]+-[\w.]+-[0-9a-f]{32}",), unused_days=90, outdated_days=7,
)  # fmt: skip
DERIVED = CachePart(
    "derived", "models with heads joined to them",
    (r".+\.[0-9a-f]{32}\.onnx",), unused_days=90, needed=True,
)  # fmt: skip
OPENVINO = CachePart(
    "openvino", "models compiled by OpenVINO for devices other than the CPU",
    (r"[^.].*",), unused_days=90, read_by_others=True,
)  # fmt: skip
FEATURES = CachePart(
    "features", "features of training lines",
    (r"[0-9a-f]{16}/[0-9a-f]{40}\.npy",), most_bytes=2 << 30, needed=True,
)  # fmt: skip
TRAINING = CachePart(
    "training", "training runs that can be resumed", (r"[^.].*",), needed=True, precious=True
)
URLS = CachePart(
    "urls", "files that parameters name by URL",
    (r"[0-9a-f]{20}", r"parts/[0-9a-f]{20}\.[0-9a-f]{32}\.free(\.json)?"), needed=True,
)  # fmt: skip
EXECUTABLES = CachePart(
    "executables", "descriptions of the processors on the PATH",
    (r"[0-9a-f]{32}\.json",), unused_days=90,
)  # fmt: skip
HASHES = CachePart("hashes", "hashes of model files", ("[0-9a-f]{32}",), unused_days=90)

#: All parts of the cache.
PARTS = (PREPARED, DERIVED, OPENVINO, FEATURES, TRAINING, URLS, EXECUTABLES, HASHES)
