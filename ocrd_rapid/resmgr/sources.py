# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where bytes come from: web servers, files, wheels of a package index.

All sources of one resource are interchangeable, because its hash decides (`integrity`).
A source writes one file; it knows nothing of names, places and databases.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ..addresses import redact, scrub
from ..config import environment
from ..config.directories import expanded
from ..errors import DownloadError, OfflineError, ResourceError
from ..transfer import fetching
from ..transfer.fetching import Progress
from . import archives

_CHUNK = 1 << 18
_PIP_TIMEOUT = 600
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*==[A-Za-z0-9][\w.!+-]*", re.ASCII)


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


class Source(Protocol):
    """Something that a resource can be fetched from."""

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """Write the content to ``target``, which does not exist yet.

        Raises:
            DownloadError: the content could not be fetched.
        """
        ...


@dataclass(frozen=True)
class HttpSource:
    """A file on a web server; see `transfer` for how it is fetched.

    Attributes:
        url: its address.
        parts: directory for the partial files of interrupted downloads; ``None``: not kept.
        size: of the file in bytes; 0 if unknown.
    """

    url: str
    parts: Path | None = None
    size: int = 0

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """See `Source.fetch`."""
        _forbid_when_offline(redact(self.url))
        fetching.download(self.url, target, progress, parts=self.parts, size=self.size)


@dataclass(frozen=True)
class FileSource:
    """A file or directory on this machine."""

    path: Path

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """See `Source.fetch`."""
        if self.path.is_dir():
            archives.copy_tree(self.path, target)
            return
        if not self.path.is_file():
            what = "is not a file" if self.path.exists() else "does not exist"
            raise DownloadError(f"{self.path} {what}")
        try:
            self.path.open("rb").close()
        except OSError as error:  # an error while copying may be about the target
            raise DownloadError(f"{self.path}: {error.strerror}") from error
        shutil.copyfile(self.path, target)
        size = target.stat().st_size
        progress(size, size)


@dataclass(frozen=True)
class WheelSource:
    """A file in a wheel, fetched with the user's own ``pip`` and its configured index.

    Written ``pypi:NAME==VERSION/path/in/wheel``. A wheel is a zip archive; nothing is
    installed and none of its code is run.
    """

    requirement: str
    member: str

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """See `Source.fetch`."""
        origin = f"pypi:{self.requirement}/{self.member}"
        _forbid_when_offline(origin)
        with tempfile.TemporaryDirectory(prefix="wheel-", dir=target.parent) as directory:
            wheel = self._download(Path(directory))
            try:
                with zipfile.ZipFile(wheel) as archive, archive.open(self.member) as stream:
                    total = archive.getinfo(self.member).file_size
                    with target.open("wb") as output:
                        shutil.copyfileobj(stream, output, _CHUNK)
            except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise DownloadError(f"{origin}: {error}") from error
        progress(total, total)

    def _download(self, directory: Path) -> Path:
        # The wheel only serves as an archive: its Python version and platform do not matter,
        # and its dependencies are not wanted.
        command = [
            *_pip(),
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "--ignore-requires-python",
            "--dest",
            str(directory),
            self.requirement,
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PIP_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DownloadError(
                f"pypi:{self.requirement}: pip did not answer within {_PIP_TIMEOUT} s"
            ) from error
        wheels = list(directory.glob("*.whl"))
        if done.returncode or not wheels:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = (
                lines[-1].removeprefix("ERROR: ") if lines else f"pip exited with {done.returncode}"
            )
            raise DownloadError(f"pypi:{self.requirement}: {scrub(reason)}")
        return wheels[0]


def _pip() -> list[str]:
    """Return the command that runs pip: this environment's, else the one on the PATH."""
    from importlib.util import find_spec

    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip") or shutil.which("pip3")
    if found:
        return [found]
    raise DownloadError(
        "pip is not installed, but is needed to fetch from a package index;"
        f" install it with: {sys.executable} -m ensurepip"
    )


def _forbid_when_offline(what: str) -> None:
    if environment.offline():
        raise OfflineError(
            f"OCRD_RAPID_OFFLINE is set: not fetching {what};"
            " unset it, or install from a local file with: ocrd-rapid resmgr download"
            " --any-url FILE EXECUTABLE NAME"
        )


def parse_source(url: str, parts: Path | None = None, size: int = 0) -> Source:
    """Return the source that a URL or path stands for.

    Args:
        url: see `Resource.url`.
        parts: directory for interrupted downloads, see `HttpSource`.
        size: of the file in bytes; 0 if unknown.

    Raises:
        ResourceError: the URL is malformed or its scheme is not supported.
    """
    try:
        split = urlsplit(url)
    except ValueError as error:
        raise ResourceError(f"malformed address {redact(url)}: {scrub(str(error))}") from None
    scheme = split.scheme.lower()
    if scheme in ("http", "https"):
        return HttpSource(url, parts, size)
    if scheme == "file":
        return FileSource(Path(unquote(split.path)))
    if scheme == "pypi":
        requirement, _, member = url.partition(":")[2].partition("/")
        if not _REQUIREMENT.fullmatch(requirement) or not member:
            raise ResourceError(f"{redact(url)}: expected pypi:NAME==VERSION/path/in/wheel")
        return WheelSource(requirement, member)
    if scheme and len(scheme) > 1 and "://" in url:  # one letter is a drive of Windows
        raise ResourceError(f"{redact(url)}: sources of the kind '{scheme}:' are not supported")
    path = expanded(url).absolute()
    if redact(url) != url and not path.exists():
        raise ResourceError(f"{redact(url)}: a web address begins with http:// or https://")
    return FileSource(path)
