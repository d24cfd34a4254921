# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Download a file over HTTP so that interruptions cost as little as possible.

`responses` decides what a response means for the bytes received so far. However a server behaves,
a download ends: attempts, bytes and time without progress are limited.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..addresses import redact, scrub
from ..errors import DownloadError, IntegrityError, StorageError
from ..version import __version__
from .partial_files import Part, Partial, claimed
from .responses import NextStep, Verdict, delay_before, interpret, validator_of

if TYPE_CHECKING:
    import requests

LOG = logging.getLogger(__name__)

#: Called with the number of bytes that have arrived so far and the total (0: unknown).
Progress = Callable[[int, int], None]

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
#: Seconds within which the headers of a response must arrive, redirects included.
ANSWER_TIMEOUT = 120.0
#: Fewer bytes than this in this many seconds count as a standstill.
STALL_BYTES, STALL_SECONDS = 1 << 14, 60.0
#: Longest file, whatever a server sends.
MOST_BYTES = 32 << 30
#: Attempts without a single new byte before giving up.
ATTEMPTS = 5
_CHUNK = 1 << 18


def download(
    url: str,
    target: Path,
    progress: Progress,
    *,
    parts: Path | None = None,
    size: int = 0,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Download a file.

    Args:
        url: ``http:`` or ``https:``.
        target: the file to write; it must not exist yet.
        progress: told about every chunk.
        parts: directory for the partial files of interrupted downloads, on the same file system as
            ``target``. ``None``: they are not kept.
        size: of the file in bytes, and the most that is accepted; 0 if unknown.
        sleep: the function that waits between attempts.

    Raises:
        DownloadError: it cannot be fetched.
        IntegrityError: it has more than ``size`` bytes.
        StorageError: there is no room for it.
        OSError: it cannot be written.
    """
    with claimed(url, target, parts) as part, _session() as session:
        attempt, most = 0, part.state.size
        while True:
            outcome = _attempt(session, url, part, progress, size)
            if outcome is None:
                part.path.replace(target)
                return
            advanced = part.state.size > most
            most = max(most, part.state.size)
            attempt = 0 if advanced else attempt + 1
            if not outcome.again or attempt >= ATTEMPTS:
                # The cause is not chained: exceptions of requests contain whole addresses.
                raise DownloadError(f"{redact(url)}: {outcome.reason}")
            wait = 0.0 if advanced else delay_before(attempt, outcome.retry_after)
            LOG.info("%s: %s; trying again", redact(url), outcome.reason)
            sleep(wait)


@dataclass(frozen=True)
class _Problem:
    """Why an attempt did not complete, and whether another one makes sense."""

    reason: str
    again: bool
    retry_after: str | None = None


def _attempt(
    session: requests.Session, url: str, part: Part, progress: Progress, size: int
) -> _Problem | None:
    """Make one request; return ``None`` if the file is complete."""
    import requests
    import urllib3.exceptions

    try:
        with _answer(session, url, part.state) as response:
            verdict = interpret(response.status_code, response.headers, part.state)
            if verdict.step is NextStep.COMPLETE:
                return None
            if verdict.step is NextStep.ASK_ANEW:
                part.reset()
                return _Problem("the server cannot resume", again=True)
            if verdict.step in (NextStep.TRY_AGAIN, NextStep.GIVE_UP):
                status = f"{response.status_code} {response.reason or 'error'}"
                again = verdict.step is NextStep.TRY_AGAIN
                reason = verdict.reason or scrub(status)
                return _Problem(reason, again, response.headers.get("Retry-After"))
            if verdict.step is NextStep.WRITE_ANEW:
                part.reset(validator_of(response.headers))
            _check_size(url, verdict, size, part.path.parent)
            problem = _append(response, part, verdict, progress, size)
    except requests.exceptions.ConnectionError as error:
        # An unknown name or a port where nobody listens stays so; a connection that broke may
        # come back.
        return _Problem(_reason(error), again=not _hopeless(error))
    except (requests.exceptions.Timeout, urllib3.exceptions.HTTPError) as error:
        return _Problem(_reason(error), again=True)
    except (requests.RequestException, ValueError) as error:  # ValueError: a redirect to nowhere
        return _Problem(_reason(error), again=False)
    if problem is not None:
        return problem
    if verdict.total and part.state.size != verdict.total:
        return _Problem(f"only {part.state.size} of {verdict.total} bytes arrived", again=True)
    return None


def _answer(session: requests.Session, url: str, state: Partial) -> requests.Response:
    """Return the response to a request once its headers have arrived.

    The timeouts of requests apply to each read, and a server that sends a byte a minute would
    never reach them. So another thread waits, and is abandoned when the time is up.

    Raises:
        DownloadError: the time is up.
        requests.RequestException, ValueError: the request failed.
    """
    done: queue.SimpleQueue[requests.Response | BaseException] = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        try:
            response = session.get(
                url,
                headers=state.request_headers(),
                stream=True,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            )
        except BaseException as error:
            done.put(error)
            return
        done.put(response)
        if given_up.is_set():
            response.close()

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = done.get(timeout=ANSWER_TIMEOUT)
    except queue.Empty:
        given_up.set()
        # Not tried again: a server that is only slow or gone reaches the shorter timeouts.
        raise DownloadError(
            f"{redact(url)}: the server has not answered within {ANSWER_TIMEOUT:g} s; given up"
        ) from None
    except BaseException:  # Ctrl-C
        given_up.set()
        raise
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _check_size(url: str, verdict: Verdict, size: int, directory: Path) -> None:
    """Reject a file that is announced as too large, before it is fetched."""
    if size and max(verdict.total, verdict.end) > size:
        raise _too_much(url, size)
    free = shutil.disk_usage(directory).free
    if verdict.total > free:
        raise StorageError(
            f"{redact(url)} has {verdict.total // 1_000_000} MB,"
            f" but {directory} has only {free // 1_000_000} MB free"
        )


def _too_much(url: str, size: int) -> IntegrityError:
    return IntegrityError(f"{redact(url)} has more than the expected {size} bytes")


def _append(
    response: requests.Response, part: Part, verdict: Verdict, progress: Progress, size: int
) -> _Problem | None:
    """Append the body as it arrives, but no more than was announced or is allowed.

    Raises:
        IntegrityError: more arrives than the file may have.
    """
    end = verdict.end or size or MOST_BYTES
    watch = _Watch()
    with part.path.open("ab") as stream:
        for chunk in _received(response):
            room = end - stream.tell()
            stream.write(chunk[:room])
            progress(stream.tell(), verdict.total)
            if len(chunk) > room:
                break
            if watch.stands_still(len(chunk)):
                return _Problem(
                    f"fewer than {STALL_BYTES} bytes arrived in {STALL_SECONDS:g} s; given up",
                    again=False,
                )
        else:
            return None
    part.reset()
    if verdict.end:
        return _Problem(f"the server sends more than the {end} bytes that it announced", again=True)
    raise _too_much(response.url, end)


class _Watch:
    """Notices when next to nothing arrives."""

    def __init__(self) -> None:
        self._since, self._bytes = time.monotonic(), 0

    def stands_still(self, arrived: int) -> bool:
        """Count bytes; return whether they are too few for the time."""
        self._bytes += arrived
        if time.monotonic() - self._since < STALL_SECONDS:
            return False
        still = self._bytes < STALL_BYTES
        self._since, self._bytes = time.monotonic(), 0
        return still


def _received(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it arrives and as it was sent, neither held back nor decompressed.

    A server that declares ``Content-Encoding: gzip`` for an archive means the archive itself.
    """
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        yield chunk


def _hopeless(error: Exception) -> bool:
    text = str(error)
    return any(kind in text for kind in ("NameResolutionError", "NewConnectionError", "SSLError"))


def _reason(error: Exception) -> str:
    """Return the innermost, most telling part of an exception of requests, without secrets."""
    text = str(error)
    match = re.search(r"(?:NameResolutionError|NewConnectionError)\(.*?: (.+?)['\"]?\)+$", text)
    if match is not None:
        return scrub(match[1].strip("'\""))
    inner: Any = error
    while True:
        further = getattr(inner, "reason", None) or next(iter(getattr(inner, "args", ())), None)
        if not isinstance(further, Exception):
            break
        inner = further
    if type(inner).__name__ in ("InvalidURL", "LocationParseError", "UnicodeError"):
        return "the address is malformed"  # the exceptions quote it, in whatever form
    return scrub(str(inner)) or type(inner).__name__


@contextlib.contextmanager
def _session() -> Iterator[requests.Session]:
    import requests

    class Session(requests.Session):
        """A session that does not follow a redirect from https to http, nor read its body."""

        def get_redirect_target(self, resp: Any) -> str | None:
            found: str | None = super().get_redirect_target(resp)
            secure = urlsplit(resp.url).scheme == "https"
            if found and secure and urlsplit(found).scheme == "http":
                raise DownloadError(
                    f"{redact(resp.url)} redirects to the unprotected {redact(found)}: not allowed"
                )
            if found:
                # requests would read the whole body, even if it has no end.
                resp._content = b""
                resp.raw.close()
            return found

    with Session() as session:
        session.headers["User-Agent"] = f"ocrd-rapid/{__version__}"
        yield session
