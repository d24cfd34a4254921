"""The user's cache: its parts, and how each is read, written and kept small.

Everything in the cache can be made again. A part is a folder of entries (files or folders) whose
names only we give; anything else in it is left alone. An entry appears by one rename, complete or
not at all, and several processes may read, write and tidy a part at once. The time of its last
change is the time of its last use, to the day: who finds an entry touches it, and who writes one
removes what nobody has used for long (`CachePart.tidy`). No link is followed on the way to what
is removed.

Where a cache cannot be written to, or there is no home, what only saves time is not kept. What
has to be kept somewhere goes to a folder of the user's own among the temporary files.
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

#: What killed processes leave: folders and files that were to be renamed, and downloads in progress
#: (see `transfer.partial_files`).
_LEFTOVER = r"\.staging-.+|\..+\.(tmp|ocrd-tmp)|[0-9a-f]{20}\.\w+\.[0-9]+\.[0-9a-f]{8}(\.json)?"
_LEFTOVER_DAYS = 1


@dataclass(frozen=True)
class Entry:
    """What is kept under one name.

    Attributes:
        path: a file or a folder.
        used: when it was used last, in seconds since the epoch.
        size: of it and all that is in it, in bytes.
        left: a killed process left it, incomplete.
    """

    path: Path
    used: float
    size: int
    left: bool = False

    def older_than(self, days: float) -> bool:
        """Return whether it has not been used for so many days."""
        return self.used <= time.time() - days * DAY


@dataclass(frozen=True)
class CachePart:
    """A folder in the user's cache.

    Attributes:
        name: of the folder.
        holds: what is in it, for people.
        entries_are: regular expressions of the paths of its entries, relative to the folder, level
            by level. What fits none of them is not ours.
        unused_days: after how many days without use an entry is removed; ``None``: never.
        outdated_days: the same for an entry that is outdated, see `tidy`.
        most_bytes: how much it may hold; what was not used for longest goes first. 0: no bound.
        needed: it is kept among the temporary files if there is no other place.
        read_by_others: another program reads the entries, and does not touch them: the time of the
            last access counts, too.
        precious: making it again takes a person's time, so it is removed only if it is named.
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
        """Return where this part may be, the best first; none need exist."""
        return [place / self.name for place in self.places()]

    def writable_folders(self) -> Iterator[Path]:
        """Make the folder in each of `places` that can be written to, and yield it."""
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
        """Write an entry that only saves time; where it cannot be kept, it is not.

        It is not forced to the disk: who reads it checks it.
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
        """Write an entry that has to be kept, and return its path.

        It is on the disk then, and survives a power failure.

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
        """Yield what is kept, in all places, and what killed processes left there."""
        for folder in self.folders():
            yield from self._entries(folder)

    def tidy(
        self, *, at_once: bool = False, outdated: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Remove what was not used for long or is too much, and what killed processes left.

        What cannot be removed stays.

        Args:
            at_once: do it even if it was done within the last day.
            outdated: whether the entry of a name is outdated.
        """
        for place in self.places():
            folder = place / self.name
            if _is_folder(folder) and (at_once or _is_due(place / f".tidied-{self.name}")):
                self._tidy(folder, outdated)

    def discard(self, entry: Path) -> bool:
        """Remove an entry, and the folders that are empty then; return whether it is gone.

        Of a link, the link is removed, not what it leads to.
        """
        try:
            if _is_folder(entry):
                # It gets out of sight first, so that nobody finds a part of it.
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
        """Return the folders that may be between an entry and the folder of this part."""
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
        tried = " and ".join(map(str, self.places())) or "a home directory, which there is not"
        return StorageError(
            f"there is no place for {self.holds} (cache '{self.name}'): {tried} cannot be written"
            " to; set XDG_CACHE_HOME or TMPDIR"
        )


def touch(entry: Path) -> None:
    """Note that an entry is used, at most once a day."""
    with contextlib.suppress(OSError):
        if entry.stat().st_mtime < time.time() - DAY:
            os.utime(entry)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Make a folder for what is not yet complete, beside the entries; it is removed at the end.

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
    """Put a file or a folder of files into its place, when it is on the disk.

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
    """Return whether a part is to be tidied now, and note that it is."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        with contextlib.suppress(FileNotFoundError):
            if 0 <= time.time() - marker.lstat().st_mtime < DAY:
                return False
        os.close(os.open(marker, flags, 0o666))
        os.utime(marker)
    except OSError as error:
        # A full disk is what tidying helps against; who may not write here may not remove, either.
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return True


def _matching(folder: Path, levels: Sequence[str]) -> Iterator[Path]:
    """Yield the paths in a folder whose names fit, level by level; no link is followed."""
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
    """Return the bytes of a file, or of all files in a folder; a link has none of its own."""
    if _is_folder(path):
        return sum(_size(Path(inside.path)) for inside in _listed(path))
    with contextlib.suppress(OSError):
        state = path.lstat()
        return state.st_size if stat.S_ISREG(state.st_mode) else 0
    return 0


PREPARED = CachePart(
    "prepared", "models as the engines have prepared them",
    (r"[a-z]+-[\w.]+-[0-9a-f]{32}",), unused_days=90, outdated_days=7,
)  # fmt: skip
DERIVED = CachePart(
    "derived", "models with heads joined to them",
    (r".+\.[0-9a-f]{32}\.onnx",), unused_days=90, needed=True,
)  # fmt: skip
OPENVINO = CachePart(
    "openvino", "models that OpenVINO has compiled for devices other than the CPU",
    (r"[^.].*",), unused_days=90, read_by_others=True,
)  # fmt: skip
FEATURES = CachePart(
    "features", "features of training lines",
    (r"[0-9a-f]{16}/[0-9a-f]{40}\.npy",), most_bytes=2 << 30, needed=True,
)  # fmt: skip
TRAINING = CachePart(
    "training", "trainings, to be resumed", (r"[^.].*",), needed=True, precious=True
)
URLS = CachePart(
    "urls", "files that parameters name by URL",
    (r"[0-9a-f]{20}", r"parts/[0-9a-f]{20}\.[0-9a-f]{32}\.free(\.json)?"), needed=True,
)  # fmt: skip
EXECUTABLES = CachePart(
    "executables", "what the processors on the PATH say of themselves",
    (r"[0-9a-f]{32}\.json",), unused_days=90,
)  # fmt: skip
HASHES = CachePart("hashes", "hashes of model files", ("[0-9a-f]{32}",), unused_days=90)

#: All parts of the cache.
PARTS = (PREPARED, DERIVED, OPENVINO, FEATURES, TRAINING, URLS, EXECUTABLES, HASHES)
