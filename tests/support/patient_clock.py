# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A clock for tests of time limits, which no machine is too slow for.

Time stands still while a page is worked on. It goes on only when nothing moves any more: when
every thread that has a page is stuck, because the test wants it so.
"""

from __future__ import annotations

import queue
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from ocrd_rapid.runtime import parallel

#: A guard against hanging, no more.
LONG = 600.0

_STEP = 1000.0


class PatientClock:
    """Takes the place of the clock in `ocrd_rapid.runtime.parallel`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._lock = threading.Lock()
        self._now = 0.0
        #: How often the time was asked for by who waits for a page.
        self.asked = 0
        self._busy: set[threading.Thread] = set()
        self._stuck: set[threading.Thread] = set()
        clock = self

        class Queue(queue.SimpleQueue):  # type: ignore[type-arg]
            """Tells when a worker has finished a page: it asks for the next one."""

            def get(self, *arguments: Any) -> Any:
                with clock._lock:
                    clock._busy.discard(threading.current_thread())
                return super().get(*arguments)

        monkeypatch.setattr(parallel, "queue", SimpleNamespace(SimpleQueue=Queue))
        monkeypatch.setattr(
            parallel, "time", SimpleNamespace(**vars(time) | {"monotonic": self.monotonic})
        )

    def monotonic(self) -> float:
        """Return the time: of a worker that begins a page, or of who waits for one."""
        me = threading.current_thread()
        with self._lock:
            if me.name == parallel.THREAD_NAME:
                self._busy.add(me)
                return self._now
            self.asked += 1
            if self._busy and self._busy <= self._stuck:
                self._now += _STEP
            return self._now

    def forward(self, seconds: float) -> None:
        """Let time go by."""
        with self._lock:
            self._now += seconds

    def event(self) -> threading.Event:
        """Return an event; who waits for it is stuck."""
        clock = self

        class Stuck(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                me = threading.current_thread()
                with clock._lock:
                    clock._stuck.add(me)
                try:
                    return super().wait(LONG)
                finally:
                    with clock._lock:
                        clock._stuck.discard(me)
                        clock._busy.discard(me)

        return Stuck()
