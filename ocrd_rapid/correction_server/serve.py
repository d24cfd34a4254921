# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Serve a book to a browser until somebody ends it, or nobody is there for a while."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import uvicorn

from ..errors import UsageError
from .book_jobs import BookJobs, JobOptions
from .event_stream import EventStream
from .http_api import CorrectionApi
from .open_book import OpenBook
from .request_guard import ANYWHERE, RequestGuard, is_loopback, new_token
from .session_folder import held, last_port, note_owner, session_folder
from .working_pages import BookChoice, WorkingPages

LOG = logging.getLogger(__name__)

#: Seconds between two looks at whether anybody is there.
_LOOK = 1.0

#: Seconds for answers that are on their way when the server ends.
_ENDING = 3


@dataclass(frozen=True)
class ServerOptions:
    """How a book is served.

    Attributes:
        host: the address to bind to.
        port: the port; 0 for the one before, or any that is free.
        idle: minutes without a browser after which the server ends; 0 for never.
        jobs: how heads are taught.
    """

    host: str = "127.0.0.1"
    port: int = 0
    idle: float = 60.0
    jobs: JobOptions = field(default_factory=JobOptions)


class _Server(uvicorn.Server):
    """Ends the streams of events first, which would else go on."""

    events: EventStream

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the server."""
        self.events.close()
        await super().shutdown(sockets)


def serve(choice: BookChoice, options: ServerOptions, opened: Callable[[str], None]) -> None:
    """Serve a book.

    Args:
        choice: what is corrected.
        options: how.
        opened: told the address with the token, once the server answers.

    Raises:
        StorageError: somebody else corrects this workspace.
        UsageError: the address cannot be used.
        OcrdRapidError: the workspace cannot be opened, see `WorkingPages`.
        OSError: nothing can be written there.
    """
    if not is_loopback(options.host):
        LOG.warning(
            "everybody who reaches %s and knows the token can read and change this book; what is"
            " sent is not encrypted",
            options.host,
        )
    folder = session_folder(choice.mets.parent)
    with held(folder), _bound(options, last_port(folder)) as listening:
        port = listening.getsockname()[1]
        host = socket.gethostname() if options.host in ANYWHERE else options.host
        host = f"[{host}]" if ":" in host else host
        note_owner(folder, f"http://{host}:{port}/", port)
        token = new_token()
        events = EventStream()
        book = OpenBook(WorkingPages(choice), folder)
        jobs = BookJobs(book, folder, events.publish, options.jobs)
        app = CorrectionApi(book, jobs, events).application()
        guard = RequestGuard(app, options.host, port, token, events.touch)

        def tell(done: int, total: int) -> None:
            if done == total or done % 20 == 0:
                events.publish("indexed", {"done": done, "total": total})

        threading.Thread(target=book.look_at_all, args=(tell,), name="index", daemon=True).start()
        server = _Server(
            uvicorn.Config(
                guard, log_level="warning", access_log=False, lifespan="off", server_header=False,
                timeout_graceful_shutdown=_ENDING, ws="none", log_config=None,
            )
        )  # fmt: skip
        server.events = events
        address = f"http://{host}:{port}/?token={token}"
        try:
            asyncio.run(_run(server, listening, events, options.idle, lambda: opened(address)))
        finally:
            book.stop()
            jobs.close()


async def _run(
    server: _Server, listening: socket.socket, events: EventStream, idle: float,
    opened: Callable[[], None],
) -> None:  # fmt: skip
    """Run the server until it ends; tell once it answers."""
    watching = asyncio.create_task(_watch(server, events, idle, opened))
    try:
        await server.serve(sockets=[listening])
    finally:
        watching.cancel()


async def _watch(
    server: _Server, events: EventStream, idle: float, opened: Callable[[], None]
) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(opened)
    events.touch()
    while True:
        await asyncio.sleep(_LOOK)
        if idle and events.idle > 60 * idle:
            LOG.info("nobody was there for %g minutes: the server ends", idle)
            server.should_exit = True
            return


@contextlib.contextmanager
def _bound(options: ServerOptions, last: int) -> Iterator[socket.socket]:
    """Yield a socket that is bound to the address; without a port, to the last one if it is free.

    Raises:
        UsageError: it cannot be.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = None
    try:
        if not options.port and last:
            with contextlib.suppress(OSError):
                listening = socket.create_server((options.host, last), family=family)
        if listening is None:
            listening = socket.create_server((options.host, options.port), family=family)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"--host {options.host} --port {options.port}: {reason}; name another port, or none"
        ) from error
    with listening:
        yield listening
