"""Download a file over HTTP so that interruptions cost as little as possible.

What a response means for the bytes that are here already is decided by a pure function
(`interpret`), after RFC 9110, sections 13.1.5 (If-Range) and 14 (Range): resume only with a
validator that the server itself gave, and believe only what the response says.

A partial file belongs to one process at a time, which claims it by renaming it; this needs no
locks, so it is right on network file systems too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import random
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from .. import __version__
from ..errors import DownloadError
from ..files import process_lives

if TYPE_CHECKING:
    import requests

LOG = logging.getLogger(__name__)

#: Called with the number of bytes that have arrived so far and the total (0: unknown).
Progress = Callable[[int, int], None]

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
#: Attempts without a single new byte before giving up.
ATTEMPTS = 5
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
#: Partial files that nobody has written to for so long are removed.
STALE_SECONDS = 7 * 24 * 3600
#: An orphan of another machine may be taken over after this time without a write.
_FOREIGN_SECONDS = 3600
_CHUNK = 1 << 18
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Step(Enum):
    """What to do with a response."""

    WRITE_ANEW = "write anew"
    APPEND = "append"
    COMPLETE = "complete"
    ASK_ANEW = "ask anew, for the whole file"
    TRY_AGAIN = "try again"
    GIVE_UP = "give up"


@dataclass(frozen=True)
class Partial:
    """What is here of a file.

    Attributes:
        size: bytes received so far.
        validator: the server's strong ETag or its Last-Modified; empty if it gave neither.
    """

    size: int = 0
    validator: str = ""

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest, or for all if nothing can be resumed."""
        # A compressed transfer could not be resumed, nor compared with the length.
        headers = {"Accept-Encoding": "identity"}
        if self.size and self.validator:
            headers["Range"] = f"bytes={self.size}-"
            headers["If-Range"] = self.validator
        return headers


@dataclass(frozen=True)
class Verdict:
    """What a response means.

    Attributes:
        step: what to do.
        total: size of the whole file; 0 if unknown.
    """

    step: Step
    total: int = 0


def interpret(status: int, headers: Mapping[str, str], partial: Partial) -> Verdict:
    """Decide what a response means for the bytes that are here."""
    if status == 206:
        start, total = parse_content_range(headers.get("Content-Range", ""))
        # A server that does not know If-Range may send the rest of another version.
        kind = "ETag" if partial.validator.startswith('"') else "Last-Modified"
        other = headers.get(kind, partial.validator) != partial.validator
        if start is None or start != partial.size or other:
            return Verdict(Step.ASK_ANEW)
        return Verdict(Step.APPEND, total)
    if status == 200:
        return Verdict(Step.WRITE_ANEW, _number(headers.get("Content-Length")))
    if status == 416:
        _, total = parse_content_range(headers.get("Content-Range", ""))
        return Verdict(Step.COMPLETE if total and total == partial.size else Step.ASK_ANEW, total)
    return Verdict(Step.TRY_AGAIN if status in _TRY_AGAIN else Step.GIVE_UP)


def parse_content_range(value: str) -> tuple[int | None, int]:
    """Return first byte and total of a ``Content-Range``: ``bytes 5-9/10``, ``bytes */10``."""
    match = re.fullmatch(r"bytes (?:([0-9]{1,18})-[0-9]+|\*)/([0-9]+|\*)", value.strip())
    if match is None:
        return None, 0
    return (None if match[1] is None else int(match[1])), _number(match[2])


def _number(text: str | None) -> int:
    """Return a number of bytes or seconds; 0 for what is none or beyond belief."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,18}", text) else 0


def validator_of(headers: Mapping[str, str]) -> str:
    """Return what can be sent as ``If-Range``: a strong ETag, else the date of change."""
    etag = headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("Last-Modified", "")


def delay_before(attempt: int, retry_after: str | None = None) -> float:
    """Return the seconds to wait before attempt 1, 2, …: doubling, with some randomness."""
    if retry_after and re.fullmatch(r"[0-9]{1,18}", retry_after):
        return min(float(retry_after), _LONGEST_DELAY)
    return min(_FIRST_DELAY * 2.0**attempt, _LONGEST_DELAY) * random.uniform(0.5, 1.0)


def redact(url: str) -> str:
    """Return a URL without user name, password, query and fragment, for messages."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def download(
    url: str,
    target: Path,
    progress: Progress,
    *,
    parts: Path | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Download a file.

    Args:
        url: ``http:`` or ``https:``.
        target: where to write it; not there yet.
        progress: told about every chunk.
        parts: directory that keeps what an interrupted download has received; on the same file
            system as ``target``. ``None``: nothing is kept.
        sleep: waits between attempts.

    Raises:
        DownloadError: it cannot be had.
        OSError: it cannot be written.
    """
    with _partial_file(url, target, parts) as part, _session() as session:
        attempt, most = 0, part.state.size
        while True:
            outcome = _attempt(session, url, part, progress)
            if outcome is None:
                part.path.replace(target)
                return
            advanced = part.state.size > most
            most = max(most, part.state.size)
            attempt = 0 if advanced else attempt + 1
            if not outcome.again or attempt >= ATTEMPTS:
                raise DownloadError(f"{redact(url)}: {outcome.reason}") from outcome.cause
            wait = 0.0 if advanced else delay_before(attempt, outcome.retry_after)
            LOG.info("%s: %s; trying again", redact(url), outcome.reason)
            sleep(wait)


@dataclass(frozen=True)
class _Problem:
    """Why an attempt did not complete, and whether another one makes sense."""

    reason: str
    again: bool
    retry_after: str | None = None
    cause: Exception | None = None


def _attempt(
    session: requests.Session, url: str, part: _Part, progress: Progress
) -> _Problem | None:
    """Make one request; return ``None`` if the file is complete."""
    import requests
    import urllib3.exceptions

    try:
        with session.get(
            url,
            headers=part.state.request_headers(),
            stream=True,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        ) as response:
            verdict = interpret(response.status_code, response.headers, part.state)
            if verdict.step is Step.COMPLETE:
                return None
            if verdict.step is Step.ASK_ANEW:
                part.reset()
                return _Problem("the server cannot resume", again=True)
            if verdict.step in (Step.TRY_AGAIN, Step.GIVE_UP):
                reason = f"{response.status_code} {response.reason or 'error'}"
                again = verdict.step is Step.TRY_AGAIN
                return _Problem(reason, again, response.headers.get("Retry-After"))
            if verdict.step is Step.WRITE_ANEW:
                part.reset(validator_of(response.headers))
            part.append(_received(response), verdict.total, progress)
    except requests.exceptions.ConnectionError as error:
        # A name that is not known, or a port where nobody listens, stays so; a connection that
        # was there and broke may come back.
        return _Problem(_reason(error), again=not _hopeless(error), cause=error)
    except (requests.exceptions.Timeout, urllib3.exceptions.HTTPError) as error:
        return _Problem(_reason(error), again=True, cause=error)
    except (requests.RequestException, ValueError) as error:  # ValueError: a redirect to nowhere
        return _Problem(_reason(error), again=False, cause=error)
    if verdict.total and part.state.size != verdict.total:
        return _Problem(f"only {part.state.size} of {verdict.total} bytes arrived", again=True)
    return None


def _received(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it comes, as it was sent: nothing is held back, nothing is unpacked.

    A server that says ``Content-Encoding: gzip`` of an archive means the archive itself.
    """
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        yield chunk


def _hopeless(error: Exception) -> bool:
    text = str(error)
    return "NameResolutionError" in text or "NewConnectionError" in text


def _reason(error: Exception) -> str:
    """Return the innermost, most telling part of an exception of requests."""
    text = str(error)
    match = re.search(r"(?:NameResolutionError|NewConnectionError)\(.*?: (.+?)['\"]?\)+$", text)
    return match.group(1).strip("'\"") if match else text


@contextlib.contextmanager
def _session() -> Iterator[requests.Session]:
    import requests

    class Session(requests.Session):
        """A session that does not follow a redirect from https to http."""

        def get_redirect_target(self, resp: Any) -> str | None:
            found: str | None = super().get_redirect_target(resp)
            secure = urlsplit(resp.url).scheme == "https"
            if found and secure and urlsplit(found).scheme == "http":
                raise DownloadError(
                    f"{redact(resp.url)} redirects to the unprotected {redact(found)}: refused"
                )
            return found

    with Session() as session:
        session.headers["User-Agent"] = f"ocrd-rapid/{__version__}"
        yield session


class _Part:
    """A partial file that this process has claimed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._validator = _read_validator(path)

    @property
    def state(self) -> Partial:
        """Size and validator, as they are now."""
        try:
            return Partial(self.path.stat().st_size, self._validator)
        except FileNotFoundError:
            return Partial()

    def reset(self, validator: str = "") -> None:
        """Forget what has been received; remember the validator of what is to come."""
        self.path.parent.mkdir(parents=True, exist_ok=True)  # somebody may have tidied up
        self.path.write_bytes(b"")
        self._validator = validator
        _note(self.path).write_text(json.dumps({"validator": validator}), encoding="utf-8")

    def append(self, chunks: Iterator[bytes], total: int, progress: Progress) -> None:
        """Append chunks as they arrive."""
        with self.path.open("ab") as stream:
            for chunk in chunks:
                stream.write(chunk)
                progress(stream.tell(), total)


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_validator(path: Path) -> str:
    try:
        return str(json.loads(_note(path).read_text(encoding="utf-8"))["validator"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextlib.contextmanager
def _partial_file(url: str, target: Path, parts: Path | None) -> Iterator[_Part]:
    """Claim what an earlier download left, or begin; keep it for a later one if it fails."""
    key = hashlib.sha256(url.encode("utf-8")).hexdigest()[:20]
    if parts is None:
        mine = target.with_name(target.name + ".part")
    else:
        parts.mkdir(parents=True, exist_ok=True)
        _remove_stale(parts)
        mine = parts / f"{key}.{_owner()}"
        _claim(parts, key, mine)
    part = _Part(mine)
    try:
        yield part
    finally:
        with contextlib.suppress(OSError):
            if parts is None or not mine.exists() or mine.stat().st_size == 0:
                mine.unlink(missing_ok=True)
                _note(mine).unlink(missing_ok=True)
            else:
                free = parts / f"{key}.{uuid.uuid4().hex}.free"
                mine.replace(free)
                _note(mine).replace(_note(free))


def _owner() -> str:
    host = re.sub(r"\W", "_", socket.gethostname())
    return f"{host}.{os.getpid()}.{uuid.uuid4().hex[:8]}"


def _claim(parts: Path, key: str, mine: Path) -> None:
    """Take over the largest partial file of this key that belongs to nobody who lives."""
    candidates = [p for p in parts.glob(f"{key}.*") if p.suffix != ".json" and _is_free(p)]
    for path in sorted(candidates, key=_size, reverse=True):
        try:
            path.replace(mine)
        except FileNotFoundError:  # somebody else was faster
            continue
        with contextlib.suppress(FileNotFoundError):  # without it, it begins anew
            _note(path).replace(_note(mine))
        return


def _is_free(path: Path) -> bool:
    if path.suffix == ".free":
        return True
    try:
        _, host, pid, _ = path.name.split(".")
        age = time.time() - path.stat().st_mtime
    except (ValueError, OSError):
        return False
    if host != re.sub(r"\W", "_", socket.gethostname()):
        return age > _FOREIGN_SECONDS
    return not process_lives(int(pid))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove_stale(parts: Path) -> None:
    for path in parts.iterdir():
        # A note lives as long as what it is about.
        about = path.with_name(path.name.removesuffix(".json"))
        with contextlib.suppress(OSError):
            times = [p.stat().st_mtime for p in {path, about} if p.exists()]
            if times and time.time() - max(times) > STALE_SECONDS:
                path.unlink()
