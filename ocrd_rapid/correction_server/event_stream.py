# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Events for browsers (Server-Sent Events), and how long nobody has watched."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

#: Seconds between two signs of life, which tell us whether the browser is still there.
_BEAT = 10.0

#: Most events that wait for a browser that does not read them; then it has to begin anew.
_WAITING = 1000


class EventStream:
    """Sends events to all that watch; `publish` may be called by any thread."""

    def __init__(self) -> None:
        """Make a stream that nobody watches."""
        self._watchers: set[asyncio.Queue[str]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seen = time.monotonic()
        self._closed = False

    def publish(self, kind: str, content: dict[str, Any]) -> None:
        """Send an event to all that watch."""
        data = f"event: {kind}\ndata: {json.dumps(content, ensure_ascii=True)}\n\n"
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send, data)

    def _send(self, data: str) -> None:
        for queue in list(self._watchers):
            if queue.qsize() >= _WAITING:
                self._watchers.discard(queue)
            else:
                queue.put_nowait(data)

    async def watch(self) -> AsyncIterator[str]:
        """Yield events as they come, until the stream is closed."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield "retry: 2000\n\n"
            while not self._closed and queue in self._watchers:
                try:
                    yield await asyncio.wait_for(queue.get(), _BEAT)
                except asyncio.TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._watchers.discard(queue)
            self._seen = time.monotonic()

    def touch(self) -> None:
        """Note that a browser has asked for something."""
        self._seen = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds for which no browser was there."""
        return 0.0 if self._watchers else time.monotonic() - self._seen

    def close(self) -> None:
        """End the streams of all that watch; to be called in the thread of the loop."""
        self._closed = True
        for queue in self._watchers:
            queue.put_nowait(": end\n\n")
