# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the name of a resource to an installed file: decide, fetch, verify, publish, register.

A resource appears at its final place by one rename, after its size and hash were checked.
Until then it is in a staging area on the same file system that neither we nor OCR-D core
list. A process that is killed leaves nothing but a file there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from ..addresses import redact, storable
from ..config import environment
from ..errors import (
    DownloadError,
    IntegrityError,
    OfflineError,
    ResourceError,
    StorageError,
)
from ..files import make_directory, share_as
from ..transfer.fetching import Progress
from ..transfer.partial_files import STALE_SECONDS
from . import catalogue, database, records
from .archives import unpack
from .integrity import check_file, check_installed, sha256_of
from .locations import PRIVATE_DIR, Location, module_file, resource_dir, resource_root
from .resource import Resource, check_name
from .sources import FileSource, no_progress, parse_source

LOG = logging.getLogger(__name__)

_LOCK_TIMEOUT = 3600


class Action(Enum):
    """What a request to download needs."""

    FETCH = "fetch"
    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Outcome:
    """What became of a request: the installed file, and whether it was fetched now."""

    resource: Resource
    path: Path
    action: Action


def decide(*, exists: bool, overwrite: bool, actual_sha256: str, expected_sha256: str) -> Action:
    """Decide what a request to download needs.

    A file that is there and is not the right one is never replaced unasked: it may be a model
    of the user's own.
    """
    if not exists or overwrite:
        return Action.FETCH
    if expected_sha256 and actual_sha256 != expected_sha256:
        return Action.REFUSE
    return Action.KEEP


def unregistered(
    executable: str,
    name: str,
    url: str,
    *,
    kind: str = "file",
    path_in_archive: str = ".",
    sha256: str = "",
) -> Resource:
    """Return the entry for a file from anywhere (``--any-url``).

    Args:
        executable: whose resource it will be.
        name: its name; empty to take the last part of the URL.
        url: where it is; a hash in its fragment (``#sha256=…``) is checked.
        kind: ``file``, ``directory`` or ``archive``.
        path_in_archive: what to take out of an archive.
        sha256: the hash, if it is known.

    Raises:
        ConfigurationError: there is no URL.
    """
    resource = Resource.from_mapping(
        executable,
        {
            "url": url,
            "name": name,
            "type": kind,
            "path_in_archive": path_in_archive,
            "sha256": sha256,
        },
    )
    address = resource.url
    plain, left_out = storable(address)
    if left_out:
        LOG.info(
            "%s is registered without what may be secret in its address (%s)",
            resource.name, ", ".join(left_out),
        )  # fmt: skip
    known = catalogue.find(executable, resource.name)
    if known is not None and kind == "file":
        # A registered name stands for registered content, wherever it comes from.
        return replace(known, url=plain, address=address, mirrors=())
    described = f"Downloaded from {redact(address)}"
    return replace(resource, url=plain, address=address, description=described)


def download(
    resource: Resource,
    *,
    location: Location = Location.DATA,
    overwrite: bool = False,
    sources: Sequence[str] | None = None,
    origin: str = "",
    progress: Progress = no_progress,
) -> Outcome:
    """Install a resource and register it in the user's database.

    Of several processes that want the same resource one downloads it; the others wait and then
    find it. A file of the package is there already, and stays where it is.

    Args:
        resource: what to install, and how it is registered.
        location: where to.
        overwrite: replace what is there.
        sources: where to get it from, instead of the sources that the entry has.
        origin: what to call these sources in messages.
        progress: told about the bytes that arrive.

    Raises:
        IntegrityError: no source gave the right content, or another file has its name.
        DownloadError: no source could be reached.
        StorageError: the location cannot be written to, or is full.
        ConfigurationError: it has a name that cannot be one, see `check_name`.
        ResourceError: the executable is not a processor.
        ResourceNotFoundError: a file of the package is missing.
    """
    check_name(resource.executable, "an OCR-D processor")
    check_name(resource.name)
    if not resource.executable.startswith("ocrd-"):
        raise ResourceError(
            f"'{resource.executable}' is not the name of an OCR-D processor:"
            " those begin with 'ocrd-'"
        )
    if resource.in_package:
        path = module_file(resource)
        check_installed(path, resource)
        return Outcome(resource, path, Action.KEEP)
    target = resource_dir(location, resource.executable) / resource.name
    with _private(location, resource) as private, _exclusive(resource, private):
        action = _decide_for(resource, target, overwrite)
        if action is Action.REFUSE:
            raise IntegrityError(
                f"{target} exists, but is not {resource.name} as the catalogue knows it"
                " (a broken download, or a model of your own?); replace it with --overwrite"
            )
        if action is Action.FETCH:
            urls = resource.sources if sources is None else sources
            _install(resource, urls, target, private, origin, progress)
        if action is Action.FETCH or resource.sha256:
            installed = _as_installed(resource, target)
            _register(installed)
            if installed.sha256 and location in (Location.DATA, Location.SYSTEM):
                records.record(target.parent, installed)
    return Outcome(resource, target, action)


def _register(resource: Resource) -> None:
    """Note what is installed in the user's database, if there is a place for it.

    It is OCR-D core that wants to know; ours is found without.
    """
    try:
        database.register(resource)
    except StorageError as error:
        LOG.warning("%s is installed, but not entered for OCR-D core: %s", resource.name, error)


def _decide_for(resource: Resource, target: Path, overwrite: bool) -> Action:
    comparable = target.is_file() and resource.type == "file"
    return decide(
        exists=target.exists(),
        overwrite=overwrite,
        actual_sha256=sha256_of(target) if comparable and resource.sha256 else "",
        expected_sha256=resource.sha256 if comparable else "",
    )


def _as_installed(resource: Resource, target: Path) -> Resource:
    """Return the entry with the size and, for a single file, the hash of what is there now."""
    if target.is_dir():
        files = [path for path in target.rglob("*") if path.is_file()]
        kind = "archive" if resource.type == "archive" else "directory"
        return replace(resource, type=kind, size=sum(path.stat().st_size for path in files))
    if resource.type == "archive":
        return resource
    digest = resource.sha256 or sha256_of(target)
    return replace(resource, size=target.stat().st_size, sha256=digest)


@contextlib.contextmanager
def _private(location: Location, resource: Resource) -> Iterator[Path]:
    """Give our own directory at a location, on the same file system as its resources.

    In directories that are not ours, nothing of it is left behind.
    """
    in_root = location in (Location.DATA, Location.SYSTEM)
    base = resource_root(location) if in_root else resource_dir(location, resource.executable)
    private = base / PRIVATE_DIR
    try:
        yield private
    finally:
        if location in (Location.CWD, Location.MODULE):
            _lock_file(private, resource).unlink(missing_ok=True)
            for directory in (*private.glob("*"), private):
                with contextlib.suppress(OSError):  # another process is using it
                    directory.rmdir()


def _lock_file(private: Path, resource: Resource) -> Path:
    return private / "locks" / f"{resource.executable}.{resource.name}.lock"


@contextlib.contextmanager
def _exclusive(resource: Resource, private: Path) -> Iterator[None]:
    """Hold the lock of a resource, as far as the file system has locks.

    The lock saves work and is not needed for correctness: partial files belong to one process
    at a time, and what is published is whole.
    """
    from filelock import FileLock, Timeout

    path = _lock_file(private, resource)
    try:
        make_directory(path.parent)
    except OSError as error:
        raise StorageError(f"cannot write to {private.parent}: {error.strerror}") from error
    lock = FileLock(path, mode=0o666)  # other users of a shared volume need it too
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            LOG.info("Another process is downloading %s; waiting for it", resource.name)
            lock.acquire(timeout=_LOCK_TIMEOUT)
    except (Timeout, OSError, NotImplementedError) as error:
        LOG.warning("continuing without a lock for %s: %s", resource.name, error)
    try:
        yield
    finally:
        lock.release()


def _install(
    resource: Resource, urls: Sequence[str], target: Path, private: Path, origin: str,
    progress: Progress,
) -> None:  # fmt: skip
    try:
        with _staging_directory(private / "staging") as directory:
            _require_space(directory, resource.size)
            fetched = directory / "fetched"
            _fetch_from_any(resource, urls, fetched, private / "parts", origin, progress)
            content = fetched
            if resource.type == "archive" and fetched.is_file():
                content = directory / "content"
                unpack(fetched, content, resource.path_in_archive)
            make_directory(target.parent)
            _publish(content, target, aside=directory / "replaced")
    except OSError as error:
        hint = ""
        if isinstance(error, PermissionError):
            hint = "; set XDG_DATA_HOME to a directory of your own, or choose a place with -l"
        raise StorageError(f"cannot install {target}: {error.strerror or error}{hint}") from error


def _require_space(directory: Path, size: int) -> None:
    free = shutil.disk_usage(directory).free
    if size > free:
        raise StorageError(
            f"{directory} has {free // 1_000_000} MB free,"
            f" but {size // 1_000_000 + 1} MB are needed"
        )


@contextlib.contextmanager
def _staging_directory(staging: Path) -> Iterator[Path]:
    """Give a directory of our own in the staging area; remove what killed processes left."""
    make_directory(staging)
    for old in staging.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
    try:
        directory = Path(tempfile.mkdtemp(dir=staging))
    except FileNotFoundError:  # another download has just tidied up
        make_directory(staging)
        directory = Path(tempfile.mkdtemp(dir=staging))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _fetch_from_any(
    resource: Resource, urls: Sequence[str], fetched: Path, parts: Path, origin: str,
    progress: Progress,
) -> None:  # fmt: skip
    """Try the sources of a resource in their order until one gives the right content."""
    problems: list[ResourceError] = []
    # The size of an archive is that of what is in it, once it was installed.
    size = resource.size if resource.type == "file" else 0
    for url in urls:
        shown = origin or redact(url)
        try:
            source = parse_source(url, parts, size)
            verb = "Copying" if isinstance(source, FileSource) else "Downloading"
            LOG.info("%s %s from %s", verb, resource.name, shown)
            source.fetch(fetched, progress)
            if fetched.is_file():
                check_file(fetched, resource, origin=shown)
        except ResourceError as error:
            if len(urls) > 1:
                LOG.info("%s", error)
            problems.append(error)
            _remove(fetched)
        else:
            return
    raise _failure(resource, problems)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _failure(resource: Resource, problems: list[ResourceError]) -> ResourceError:
    if environment.offline() and any(isinstance(p, OfflineError) for p in problems):
        return OfflineError(
            f"{resource.name} is not installed and OCRD_RAPID_OFFLINE forbids downloading it;"
            " fetch it elsewhere and install it with: ocrd-rapid resmgr download"
            f" --any-url FILE {resource.executable} {resource.name}"
        )
    wrong = next((p for p in problems if isinstance(p, IntegrityError)), None)
    if wrong is not None:
        return wrong
    if not problems:
        return DownloadError(f"no source is known for {resource.name}")
    return DownloadError(f"cannot download {resource.name}: {'; '.join(map(str, problems))}")


def _publish(content: Path, target: Path, aside: Path) -> None:
    """Put content in its place: by one rename, or two where a directory is replaced."""
    if content.is_dir():
        for path in content.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
            share_as(target.parent, path)
        content.chmod(0o755)
    else:
        with content.open("rb") as stream:
            os.fsync(stream.fileno())
        content.chmod(0o644)
    share_as(target.parent, content)
    if not target.is_dir() and not (content.is_dir() and target.exists()):
        content.replace(target)
        return
    target.replace(aside)
    try:
        content.replace(target)
    except OSError:
        aside.replace(target)
        raise
