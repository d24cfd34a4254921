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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from ..config import environment
from ..errors import (
    DownloadError,
    IntegrityError,
    OfflineError,
    ResourceError,
    StorageError,
    UnknownResourceError,
)
from . import catalogue, database
from .integrity import check_file, sha256_of
from .locations import PRIVATE_DIR, Location, resource_dir, resource_root
from .resource import Resource
from .sources import Progress, no_progress, parse_source

LOG = logging.getLogger(__name__)


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


def look_up(executable: str, name: str) -> Resource:
    """Return the entry of a resource from the bundled or the user's database.

    Raises:
        UnknownResourceError: names the most similar entries.
    """
    known = database.entries(executable)
    for entry in known.values():
        if name in (entry.name, entry.parameter_value):
            return entry
    similar = catalogue.nearest(name, known)
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    if not known:
        executables = ", ".join(catalogue.bundled())
        hint = f"; there are resources for {executables}"
    raise UnknownResourceError(
        f"no resource '{name}' is known for {executable}{hint}"
        " ('ocrd-rapid resmgr list-available' lists them; --any-url installs others)"
    )


def unregistered(executable: str, name: str, url: str) -> Resource:
    """Return the entry for a file from anywhere (``--any-url``).

    A hash in the URL's fragment (``#sha256=…``) is checked.

    Raises:
        ResourceError: the name would lead out of the resource directory.
    """
    resource = Resource.from_mapping(executable, {"url": url, "name": name})
    if Path(resource.name).name != resource.name or resource.name in ("", ".", ".."):
        raise ResourceError(f"'{name}' is not a file name: a resource name has no directories")
    known = catalogue.find(executable, resource.name)
    if known is not None:
        # A registered name stands for registered content, wherever it comes from.
        return replace(known, url=resource.url, mirrors=())
    return replace(resource, description=f"Downloaded from {resource.url}")


def download(
    resource: Resource,
    *,
    location: Location = Location.DATA,
    overwrite: bool = False,
    progress: Progress = no_progress,
) -> Outcome:
    """Install a resource and register it in the user's database.

    Raises:
        IntegrityError: no source gave the right content, or another file has its name.
        DownloadError: no source could be reached.
        StorageError: the location cannot be written to, or is full.
    """
    target = resource_dir(location, resource.executable) / resource.name
    exists = target.exists()
    action = decide(
        exists=exists,
        overwrite=overwrite,
        actual_sha256=sha256_of(target) if exists and resource.sha256 else "",
        expected_sha256=resource.sha256,
    )
    if action is Action.REFUSE:
        raise IntegrityError(
            f"{target} exists, but is not {resource.name} as the catalogue knows it"
            " (a broken download, or a model of your own?); replace it with --overwrite"
        )
    if action is Action.FETCH:
        _install(resource, target, staging_root(location), progress)
    database.register(replace(resource, size=target.stat().st_size))
    return Outcome(resource, target, action)


def staging_root(location: Location) -> Path:
    """Return where downloads for a location wait: on the same file system as their target."""
    return resource_root(location) / PRIVATE_DIR / "staging"


def _install(resource: Resource, target: Path, staging: Path, progress: Progress) -> None:
    try:
        with _staging_directory(staging) as directory:
            fetched = directory / resource.name
            _fetch_from_any(resource, fetched, progress)
            target.parent.mkdir(parents=True, exist_ok=True)
            _publish(fetched, target)
    except OSError as error:
        raise StorageError(f"cannot install {target}: {error.strerror or error}") from error


@contextlib.contextmanager
def _staging_directory(staging: Path) -> Iterator[Path]:
    """Give a directory of our own in the staging area, and leave no empty ones behind."""
    staging.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=staging))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        for parent in (staging, staging.parent):
            with contextlib.suppress(OSError):  # another download is using it
                parent.rmdir()


def _fetch_from_any(resource: Resource, fetched: Path, progress: Progress) -> None:
    """Try the sources of a resource in their order until one gives the right content."""
    problems: list[ResourceError] = []
    for url in resource.sources:
        LOG.info("Downloading %s from %s", resource.name, url)
        try:
            parse_source(url).fetch(fetched, progress)
            check_file(fetched, resource, origin=url)
        except ResourceError as error:
            if len(resource.sources) > 1:
                LOG.info("%s", error)
            problems.append(error)
            fetched.unlink(missing_ok=True)
        else:
            return
    raise _failure(resource, problems)


def _failure(resource: Resource, problems: list[ResourceError]) -> ResourceError:
    if environment.offline() and any(isinstance(p, OfflineError) for p in problems):
        return OfflineError(
            f"{resource.name} is not installed and OCRD_RAPID_OFFLINE forbids to download it;"
            " fetch it elsewhere and install it with: ocrd-rapid resmgr download"
            f" --any-url FILE {resource.executable} {resource.name}"
        )
    wrong = next((p for p in problems if isinstance(p, IntegrityError)), None)
    if wrong is not None:
        return wrong
    if not problems:
        return DownloadError(f"no source is known for {resource.name}")
    return DownloadError(f"cannot download {resource.name}: {'; '.join(map(str, problems))}")


def _publish(fetched: Path, target: Path) -> None:
    with fetched.open("rb") as stream:
        os.fsync(stream.fileno())
    fetched.chmod(0o644)
    fetched.replace(target)
